"""Numbers in line by their decimal point: what stands before and behind it in each column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from involution.exhibits.content import Cell, Row, TableContent, with_minus

_NUMBER = re.compile(r"^(?P<before>[(\[{|<]*[−-]?[\d,]+)(?P<behind>(?:\.\d+)?[)\]}|%]*)$")
_EM: Mapping[str, float] = MappingProxyType(
    {".": 0.25, ",": 0.25, "(": 0.333, ")": 0.333, "[": 0.333, "]": 0.333, "{": 0.48, "}": 0.48, "|": 0.2, "−": 0.564,
     "<": 0.564, "%": 0.833}
)  # fmt: skip
"""Widths of Times New Roman, in ems."""
_DIGIT, _STAR = 0.5, 0.34
"""Of a digit, and of a raised star."""


@dataclass(frozen=True)
class Room:
    """What the numbers of a column need on both sides of the decimal point, in ems."""

    before: float = 0.0
    behind: float = 0.0


def halves(cell: Cell) -> tuple[str, str] | None:
    """The text up to the decimal point and from there on; None for what is not one number.

    Examples
    --------
    >>> halves(Cell("(-0.012)")), halves(Cell("1,234")), halves(Cell("0.1 [0.2]"))
    (('(−0', '.012)'), ('1,234', ''), None)
    """
    found = _NUMBER.match(with_minus(cell.text))
    return (found["before"], found["behind"]) if found else None


def aligned(row: Row, cell: Cell) -> tuple[str, str] | None:
    """Halves of a number that stands in line with the others; a count below coefficients stands in the middle."""
    found = halves(cell)
    return None if found is None or (row.kind == "statistic" and not found[1]) else found


def ems(text: str) -> float:
    """Width of a number's text."""
    return sum(_EM.get(symbol, _DIGIT) for symbol in text)


def rooms(table: TableContent) -> list[Room]:
    """What each column needs, over all parts of the table."""
    rows = [row for part in table.parts for row in part.rows]
    return [_room(rows, column) for column in range(table.n_columns)]


def _room(rows: Sequence[Row], column: int) -> Room:
    before = behind = 0.0
    for row in rows:
        if column >= len(row.cells):
            continue
        cell = row.cells[column]
        found = aligned(row, cell)
        if found is not None:
            before = max(before, ems(found[0]))
            behind = max(behind, ems(found[1]) + _STAR * len(cell.stars))
    return Room(before, behind)
