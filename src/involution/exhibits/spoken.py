"""Sentences about models in the words of a language: names of columns give way to their labels."""

from __future__ import annotations

import re
from typing import Protocol

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TERM = re.compile(
    rf"(?<![\w.'/\[=])(?:I\({_NAME}\^2\)|{_NAME} ?\[[^\[\]]+\]|{_NAME}(?:(?::|\^){_NAME}|::-?\w+)*)"
    r"(?![\w'/\[=]|\.\w|\((?![\u4e00-\u9fff]))",
    re.ASCII,
)
_VARIANCE = re.compile(r"\b(?P<kind>crv1|crv3|wild)\((?P<names>[^()]+)\)", re.ASCII)
_BRACKET = re.compile(rf"(?P<name>{_NAME}) ?(?P<inside>\[[^\[\]]+\])", re.ASCII)
_SHIFTED = re.compile(r"^(?P<stem>.+)_(?P<kind>[lf])(?P<years>\d+)$")
_SHORTEST = 3
"""Letters of the shortest name that is replaced: p, t and the like are symbols."""


class Names(Protocol):
    """What `in_words` needs of labels."""

    @property
    def language(self) -> str: ...
    def text(self, key: str, **values: object) -> str: ...
    def known(self, key: str) -> bool: ...
    def column(self, name: str) -> str: ...
    def term(self, term: str) -> str: ...
    def statistic(self, name: str) -> str: ...
    def effect(self, effect: str) -> str: ...


def in_words(text: str, labels: Names) -> str:
    """A sentence with the labels of the columns and terms it names.

    In English only names that are no words are replaced (``ln_sales_l1``), in Chinese all, and the words that settings
    and groups are called by (``crv3``, ``low``).
    """
    told = _VARIANCE.sub(lambda found: _variance(found, labels), text) if labels.language == "zh" else text
    return _TERM.sub(lambda found: _label(found[0], labels), told)


def _variance(found: re.Match[str], labels: Names) -> str:
    """``crv3(industry+year)`` with the labels of the clusters."""
    clusters = " + ".join(labels.column(name) for name in found["names"].split("+"))
    return f"{labels.text('said_' + found['kind'])}({clusters})"


def _label(name: str, labels: Names) -> str:
    if labels.known(f"said_{name}"):
        return labels.text(f"said_{name}")
    if labels.language == "en" and "_" not in name:
        return name
    bracket = _BRACKET.fullmatch(name)
    if bracket:
        term = bracket["name"] + bracket["inside"]
        return next((told for told in (labels.term(term), labels.statistic(term)) if told != term), name)
    parts = re.split(r"::?|\^2?", name.removeprefix("I(").removesuffix(")"))
    named = [part for part in parts if part and not part.lstrip("-").isdigit()]
    if any(len(part) < _SHORTEST or labels.column(part) == part for part in named[: 1 if "::" in name else None]):
        if len(parts) > 1:
            return ":".join(_label(part, labels) for part in name.split(":")) if ":" in name else name
        return name if len(name) < _SHORTEST else labels.term(name)
    if "^" in name and not name.startswith("I("):
        return labels.effect(name)
    return _column(name, labels) if len(parts) == 1 else labels.term(name)


def _column(name: str, labels: Names) -> str:
    """A column's label; the year of a shifted one in parentheses, since commas part the names of a list."""
    shifted = _SHIFTED.match(name)
    if shifted is None or labels.column(shifted["stem"]) == shifted["stem"]:
        return labels.column(name)
    key = "lag_in_text" if shifted["kind"] == "l" else "lead_in_text"
    return labels.text(key, name=labels.column(shifted["stem"]), years=shifted["years"])
