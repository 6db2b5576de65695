"""What a user of Stata or R meant, in the words of the study file."""

from __future__ import annotations

import re

_NAME = r"[^\W\d]\w*"
_OPERAND = rf"(?:(?P<{{0}}_kind>[ci])\.)?(?P<{{0}}>{_NAME})"
_PRODUCT = re.compile(rf"(?<![\w.]){_OPERAND.format('left')}\s*(?P<sign>##?)\s*{_OPERAND.format('right')}")
_SHIFT = re.compile(rf"(?<![\w.])(?P<operator>[LFDlfd])(?P<years>\d*)\.(?P<name>{_NAME})")
_PREFIX = re.compile(rf"(?<![\w.])(?P<kind>[ci])\.(?P<name>{_NAME})")
_FUNCTIONS = {"l": "lag", "f": "lead", "d": "diff"}
_EQUALS = re.compile(r"(?<![=!<>])=(?!=)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def formula_hint(text: str) -> str:
    """``; write x*z for c.x##c.z`` where a formula holds something of Stata's, or nothing."""
    product = _PRODUCT.search(text)
    if product is not None:
        return f"; write {_product(product, '|' in text[: product.start()])} for {product[0]}"
    return shift_hint(text) or _prefix_hint(text)


def shift_hint(text: str) -> str:
    """``; write lag(x) for L.x``, or nothing."""
    found = _SHIFT.search(text)
    if found is None:
        return ""
    years = f", {int(found['years'])}" if found["years"] not in ("", "1") else ""
    return f"; write {_FUNCTIONS[found['operator'].lower()]}({found['name']}{years}) for {found[0]}"


def _prefix_hint(text: str) -> str:
    found = _PREFIX.search(text)
    return f"; write {_operand(found['kind'], found['name'])} for {found[0]}" if found else ""


def _operand(kind: str | None, name: str) -> str:
    return f"i({name})" if kind == "i" else name


def _product(found: re.Match[str], is_effect: bool) -> str:
    if is_effect:
        return f"{found['left']}^{found['right']}"
    sign = "*" if found["sign"] == "##" else ":"
    return f"{_operand(found['left_kind'], found['left'])}{sign}{_operand(found['right_kind'], found['right'])}"


def equality_hint(text: str) -> str:
    """``; equality is written ==`` where an expression holds a single sign, or nothing."""
    return "; equality is written ==" if _EQUALS.search(_QUOTED.sub("", text)) else ""
