"""Tables cell by cell: beside the table of the results that each is, so that a chance agreement excuses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from involution.audit.align import Aligned, same
from involution.audit.candidates import Candidate
from involution.audit.document import Grid
from involution.audit.findings import Finding, Status, around, printed
from involution.audit.numbers import Token, agrees, cut_off, is_half, rounded_twice
from involution.audit.reference import Place, ReferenceTable, cell_tokens
from involution.exhibits.numbers import Number


@dataclass(frozen=True)
class Cell:
    """A number of a paper's table and the one that it should be."""

    place: str
    text: str
    token: Token
    table: ReferenceTable
    row: int
    column: int
    turn: int

    @property
    def reference(self) -> Token:
        """The number in the table of the results."""
        return self.table.rows[self.row].tokens[self.column][self.turn]


def judge_grid(
    grid: Grid, beside: Aligned, known: Mapping[Place, Number], previous: Mapping[str, Number]
) -> tuple[list[Finding], set[tuple[int, int]]]:
    """What is found of the cells that have one beside them, and the places of those cells.

    Parameters
    ----------
    grid : Grid
    beside : Aligned
    known : mapping
        Which numbers of the results the cells of the table beside it show.
    previous : mapping of str to Number
        Numbers of an earlier run by key; empty where none was given.
    """
    findings: list[Finding] = []
    done: set[tuple[int, int]] = set()
    for i, m in beside.rows.items():
        for j, k in beside.columns.items():
            if j + 1 >= len(grid.rows[i]) or k >= len(beside.table.rows[m].tokens):
                continue
            cell = grid.rows[i][j + 1]
            ours, theirs = cell_tokens(cell.text), beside.table.rows[m].tokens[k]
            if not ours or cell.cited:
                continue
            done.add((i, j + 1))
            if len(ours) != len(theirs):
                expected = beside.table.rows[m].cells[k]
                findings += [_other_count(cell.place, cell.text, token, beside.table, m, k, expected) for token in ours]
                continue
            for turn, token in enumerate(ours):
                one = Cell(cell.place, cell.text, token, beside.table, m, k, turn)
                findings.append(judge_cell(one, known, previous))
    return findings, done


def candidate(cell: Cell, known: Mapping[Place, Number]) -> Candidate:
    """What should stand in a cell: a row of the estimates or statistics, or what the table prints."""
    number = known.get((cell.row, cell.column, cell.turn))
    row = cell.table.rows[cell.row]
    value, spread = (number.value, 0.0) if number else (cell.reference.value, cell.reference.step / 2)
    column = " ".join(
        dict.fromkeys(
            head.cells[cell.column]
            for head in cell.table.rows
            if not any(head.tokens) and cell.column < len(head.cells) and head.cells[cell.column]
        )
    )
    label = f"{row.label}, {row.what}" if row.what else row.label
    return Candidate(value, spread, number, cell.table.name, label, column)


def judge_cell(cell: Cell, known: Mapping[Place, Number], previous: Mapping[str, Number]) -> Finding:
    """A number beside the one that should stand there."""
    token, right = cell.token, candidate(cell, known)
    if not _agrees(cell, right):
        return _wrong(cell, right, known, previous)
    if token.stars != cell.reference.stars:
        expected = printed(right.value, token) + cell.reference.stars
        return _finding(cell, "stars", right, expected, "stars_of_table", **_stars(token, cell.reference.stars))
    half = right.number is not None and is_half(token, right.value)
    return _finding(cell, "matched", right, why="half" if half else "")


def _agrees(cell: Cell, right: Candidate) -> bool:
    """Whether the printed number is the right one; where the table prints the same, it is right as it stands."""
    token, reference = cell.token, cell.reference
    if token.decimals == reference.decimals and token.percent == reference.percent:
        if abs(token.value - reference.value) < 1e-6 * token.step:
            return True
        return right.number is not None and right.agrees(token)
    return right.agrees(token)


def _wrong(cell: Cell, right: Candidate, known: Mapping[Place, Number], previous: Mapping[str, Number]) -> Finding:
    """Why a number is not what should stand there."""
    token, value = cell.token, right.value
    expected = printed(value, token) + cell.reference.stars
    before = previous.get(right.number.key) if right.number else None
    if before is not None and agrees(token, before.value):
        return _finding(cell, "stale", right, expected, "stale_key")
    if right.number is not None and cut_off(token, value):
        return _finding(cell, "misrounded", right, expected, "cut_off", full=f"{value:.{token.decimals + 3}f}")
    if right.number is not None and rounded_twice(token, value):
        return _finding(cell, "misrounded", right, expected, "rounded_twice", full=f"{value:.{token.decimals + 3}f}")
    other = _elsewhere(cell)
    if other is not None:
        said = candidate(other, known)
        values = {"row": said.row, "column": said.column}
        return _finding(cell, "misplaced", right, expected, "belongs_to", **values)
    if agrees(token, -value):
        return _finding(cell, "unmatched", right, expected, "sign")
    return _finding(cell, "unmatched", right, expected, "another_number")


def _elsewhere(cell: Cell) -> Cell | None:
    """The cell of the same row, else of the same kind of row, to which a number of at least two digits belongs."""
    rows = cell.table.rows
    own = rows[cell.row]
    order = [cell.row, *(m for m, row in enumerate(rows) if row.what == own.what and row.what and m != cell.row)]
    if cell.token.digits < 2:
        return None
    for m in order:
        for k, tokens in enumerate(rows[m].tokens):
            other = tokens[cell.turn : cell.turn + 1]
            if (m, k) != (cell.row, cell.column) and same([cell.token], other):
                return Cell(cell.place, cell.text, cell.token, cell.table, m, k, cell.turn)
    return None


def _other_count(place: str, text: str, token: Token, table: ReferenceTable, m: int, k: int, expected: str) -> Finding:
    row = table.rows[m]
    right = Candidate(float("nan"), 0.0, None, table.name, row.label, str(k + 1))
    why = "another_number" if expected else "empty_in_results"
    return Finding(place, token.text, "unmatched", why, right, 0, expected, around(text, token))


def _stars(token: Token, right: str) -> dict[str, str]:
    return {"stars": token.stars or "–", "due": right or "–"}


def _finding(cell: Cell, status: Status, right: Candidate, expected: str = "", why: str = "", **values: str) -> Finding:
    return Finding(cell.place, cell.token.text, status, why, right, 1, expected, _beside(cell), values)


def _beside(cell: Cell) -> str:
    return f"{cell.table.rows[cell.row].label} ({cell.column + 1})"


def loose(grid: Grid, done: set[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Cells with numbers that no cell of the results stands beside, column by column."""
    width = max((len(row) for row in grid.rows), default=0)
    return [
        (i, j)
        for j in range(1, width)
        for i, row in enumerate(grid.rows)
        if j < len(row) and (i, j) not in done and cell_tokens(row[j].text)
    ]
