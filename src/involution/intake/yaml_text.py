"""Plain data as YAML that a person goes on to edit: short mappings in one line, long ones broken where they may be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 118
_PLAIN = re.compile(r"(?:\.{0,2}/)*[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff./*+^<>=()%&\u00d7 -]*", re.ASCII)
_TAKEN = re.compile(r"(?:true|false|null)", re.IGNORECASE)


def scalar(value: object) -> str:
    """A value as YAML 1.2 has it; text in quotes where it could be read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and not _TAKEN.fullmatch(text) and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def flow(value: object) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def entry(key: str, value: Any, indent: int = 0, lead: str = "") -> list[str]:
    """The lines of ``key: value``.

    Parameters
    ----------
    key : str
    value : mapping, list or scalar
    indent : int
        Columns before the key.
    lead : str
        What stands before the first key, such as ``- ``.
    """
    start = " " * indent + lead
    inside = indent + len(lead)
    line = f"{start}{scalar(key)}: {flow(value)}"
    if len(line) <= WIDTH or not isinstance(value, (Mapping, list)):
        return [line]
    if isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        return [f"{start}{scalar(key)}:", *items(value, inside + 2)]
    if isinstance(value, Mapping) and any(isinstance(item, (Mapping, list)) for item in value.values()):
        return [f"{start}{scalar(key)}:", *block(value, inside + 2)]
    return [f"{start}{scalar(key)}:", *_wrapped(value, inside + 2)]


def block(value: Mapping[str, Any], indent: int) -> list[str]:
    """The lines of a mapping, a key a line."""
    return [line for key, item in value.items() for line in entry(key, item, indent)]


def items(values: Sequence[Any], indent: int) -> list[str]:
    """The lines of a list: an item a line where it fits, its keys below each other where not."""
    lines: list[str] = []
    for value in values:
        line = f"{' ' * indent}- {flow(value)}"
        if len(line) <= WIDTH or not isinstance(value, Mapping):
            lines.append(line)
            continue
        keys = list(value)
        lines += entry(keys[0], value[keys[0]], indent, "- ")
        lines += [more for key in keys[1:] for more in entry(key, value[key], indent + 2)]
    return lines


def _wrapped(value: Mapping[str, Any] | list[Any], indent: int) -> list[str]:
    """A mapping or list of scalars in brackets over several lines."""
    pairs = isinstance(value, Mapping)
    parts = (
        [f"{scalar(k)}: {flow(v)}" for k, v in value.items()] if isinstance(value, Mapping) else list(map(flow, value))
    )
    lines, line = [], " " * indent + ("{" if pairs else "[")
    for place, part in enumerate(parts):
        piece = part + (("}" if pairs else "]") if place == len(parts) - 1 else ",")
        if len(line) + len(piece) > WIDTH:
            lines.append(line.rstrip())
            line = " " * (indent + 1)
        line += piece + " "
    return [*lines, line.rstrip()]
