"""Which table of the results a table of a paper is, and which of its cells each cell is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from involution.audit.document import Grid
from involution.audit.numbers import Token
from involution.audit.reference import ReferenceTable, cell_tokens, comparable

_LEAST_VALUES, _LEAST_LABELS, _LEAST_CELLS = 0.5, 0.6, 3


@dataclass(frozen=True)
class PaperRow:
    """A row of a paper's table: its label, or that of the row above it; how many rows since that label."""

    label: str
    turn: int
    tokens: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True)
class Aligned:
    """A paper's table beside the one of the results that it is.

    Attributes
    ----------
    table : ReferenceTable
    rows, columns : dict of int to int
        Of the paper's table to those of the results.
    """

    table: ReferenceTable
    rows: dict[int, int]
    columns: dict[int, int]


def paper_rows(grid: Grid) -> list[PaperRow]:
    """The rows of a paper's table; the numbers of those above the first row of numbers are no results."""
    out: list[PaperRow] = []
    label, turn = "", 0
    for row in grid.rows:
        own = comparable(row[0].text) if row else ""
        label, turn = (own, 0) if own else (label, turn + 1)
        out.append(PaperRow(label, turn, tuple(tuple(cell_tokens(cell.text)) for cell in row[1:])))
    return out


def aligned(grid: Grid, tables: Sequence[ReferenceTable]) -> Aligned | None:
    """The table of the results that a paper's table is, rows and columns side by side; None where none is like it."""
    rows = paper_rows(grid)
    values = Counter(token.text for row in rows for cell in row.tokens for token in cell)
    if not values or not tables:
        return None
    best = max(tables, key=lambda table: _likeness(grid, rows, table))
    shared, labels = _shared(rows, best), _labels(rows, best)
    enough = sum(values.values()) >= _LEAST_CELLS
    if not (enough and (shared >= _LEAST_VALUES or (labels >= _LEAST_LABELS and len(best.labels()) > 1))):
        return None
    columns = _columns(grid, rows, best)
    return Aligned(best, _rows(rows, best, columns), columns)


def _likeness(grid: Grid, rows: Sequence[PaperRow], table: ReferenceTable) -> float:
    """How much a table of the results is like the paper's: numbers first, then labels, then the title, then width."""
    title = SequenceMatcher(None, comparable(grid.title), comparable(table.title)).quick_ratio()
    width = max((len(row.tokens) for row in rows), default=0) == table.width
    return 2 * _shared(rows, table) + _labels(rows, table) + 0.4 * title + 0.1 * width


def _shared(rows: Sequence[PaperRow], table: ReferenceTable) -> float:
    """Share of the paper's numbers that the table has, as often as it has them."""
    ours = [token for row in rows for cell in row.tokens for token in cell]
    held = Counter(_size(token, token.decimals) for row in table.rows for cell in row.tokens for token in cell)
    decimals = {token.decimals for row in table.rows for cell in row.tokens for token in cell}
    found = 0
    for token in ours:
        size = _size(token, token.decimals)
        if token.decimals not in decimals:
            near = [one for one in held if held[one] and abs(float(one) - abs(token.value)) <= token.step]
            size = near[0] if near else size
        if held[size] > 0:
            held[size] -= 1
            found += 1
    return found / len(ours) if ours else 0.0


def _size(token: Token, decimals: int) -> str:
    return f"{abs(token.value):.{max(0, decimals)}f}"


def _labels(rows: Sequence[PaperRow], table: ReferenceTable) -> float:
    """Share of the paper's labelled rows of numbers whose label the table has."""
    ours = {row.label for row in rows if any(row.tokens) and row.label}
    return len(ours & table.labels()) / len(ours) if ours else 0.0


def same(cell: Sequence[Token], other: Sequence[Token]) -> bool:
    """Whether two printed cells may show the same numbers."""
    return len(cell) == len(other) > 0 and all(_same(a, b) for a, b in zip(cell, other, strict=True))


def _same(a: Token, b: Token) -> bool:
    if a.decimals == b.decimals:
        return abs(a.value - b.value) < 1e-9 * max(1.0, abs(a.value))
    return abs(a.value - b.value) <= 0.5 * (a.step + b.step)


def _columns(grid: Grid, rows: Sequence[PaperRow], table: ReferenceTable) -> dict[int, int]:
    """Columns side by side: those that agree in most cells of rows with the same label, or in their numbers."""
    width = max(len(row.tokens) for row in rows)
    score = np.zeros((width, table.width))
    for ours in rows:
        for theirs in table.rows:
            weight = 1.0 if ours.label == comparable(theirs.label) and ours.turn == theirs.turn else 0.25
            for j, cell in enumerate(ours.tokens):
                for k, other in enumerate(theirs.tokens):
                    score[j, k] += weight * same(cell, other)
    heads = [
        [comparable(cell.text) for cell in row[1:]]
        for row, ours in zip(grid.rows, rows, strict=True)
        if not any(ours.tokens)
    ]
    known = [[comparable(cell) for cell in row.cells] for row in table.rows if not any(row.tokens)]
    for j in range(width):
        for k in range(table.width):
            ours_said = {head[j] for head in heads if j < len(head)} - {""}
            score[j, k] += 0.3 * len(ours_said & {head[k] for head in known if k < len(head)}) - 0.001 * abs(j - k)
    return _pairs(score)


def _rows(rows: Sequence[PaperRow], table: ReferenceTable, columns: dict[int, int]) -> dict[int, int]:
    """Rows side by side: those of the same label and turn, and those that agree in most cells."""
    score = np.zeros((len(rows), len(table.rows)))
    for i, ours in enumerate(rows):
        for m, theirs in enumerate(table.rows):
            if not any(ours.tokens) or not any(theirs.tokens):
                score[i, m] = -1.0
                continue
            label = ours.label == comparable(theirs.label)
            agree = sum(
                same(ours.tokens[j], theirs.tokens[k])
                for j, k in columns.items()
                if j < len(ours.tokens) and k < len(theirs.tokens)
            )
            filled = sum(bool(cell) for cell in ours.tokens)
            score[i, m] = 1.5 * label + 0.6 * (ours.turn == theirs.turn) + 2.0 * agree / filled
            score[i, m] -= 0.3 * abs(i / len(rows) - m / len(table.rows))
    # A row that shares neither label nor numbers is of something else.
    return {i: m for i, m in _pairs(score).items() if score[i, m] >= 1.2 and any(rows[i].tokens)}


def _pairs(score: np.ndarray) -> dict[int, int]:
    from scipy.optimize import linear_sum_assignment

    left, right = linear_sum_assignment(score, maximize=True)
    return {int(j): int(k) for j, k in zip(left, right, strict=True)}
