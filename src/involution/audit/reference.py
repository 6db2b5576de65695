"""The tables of the results as their CSV files have them, and which number of the results each cell shows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from involution.audit.numbers import Token, tokens
from involution.exhibits.numbers import Number

Place = tuple[int, int, int]
"""Row, column and place within the cell."""
_SHARE = 0.6
Finder = Callable[[Token], list[Number]]


@dataclass(frozen=True)
class ReferenceRow:
    """A row of a table: its label, what its numbers are, how many rows of the same label stand above it."""

    label: str
    what: str
    turn: int
    cells: tuple[str, ...]
    tokens: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True)
class ReferenceTable:
    """A table of the results in one language.

    Attributes
    ----------
    name : str
        ``scrap`` or ``zh/scrap``.
    title : str
    rows : tuple of ReferenceRow
        Header rows as well; they have no numbers but those of columns.
    notes : tuple of str
    """

    name: str
    title: str
    rows: tuple[ReferenceRow, ...]
    notes: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns of numbers."""
        return max((len(row.cells) for row in self.rows), default=0)

    def labels(self) -> set[str]:
        """Labels of the rows with numbers, as they are compared."""
        return {comparable(row.label) for row in self.rows if any(row.tokens)} - {""}


def comparable(text: str) -> str:
    """A label without what differs between formats: letters and digits in lower case."""
    return "".join(symbol for symbol in text.lower() if symbol.isalnum() or symbol == "−")


def read_tables(folder: Path) -> list[ReferenceTable]:
    """All tables in a folder of results, those of further languages in folders below it."""
    files = sorted([*folder.glob("*.csv"), *folder.glob("??/*.csv")])
    return [
        read_table(file.relative_to(folder).with_suffix("").as_posix(), file.read_text("utf-8-sig")) for file in files
    ]


def read_table(name: str, text: str) -> ReferenceTable:
    """A table from its CSV file."""
    lines = list(csv.reader(io.StringIO(text)))
    title, single, rows = "", [], []
    turn, before = 0, None
    for number, line in enumerate(lines):
        cells = [cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell for cell in line]
        if len(cells) == 1:
            title = cells[0] if number == 0 else title
            single += cells if number else []
            continue
        if len(cells) < 3:
            continue
        label, what, *values = cells
        turn = turn + 1 if label == before and what else 0
        before = label
        found = tuple(tuple(cell_tokens(value)) for value in values)
        rows.append(ReferenceRow(label, what, turn, tuple(values), found))
    return ReferenceTable(name, title, tuple(rows), tuple(single))


def cell_tokens(text: str) -> list[Token]:
    """The numbers of a cell; none where the cell is a text that holds digits, or the number of a column."""
    found = [token for token in tokens(text) if not token.word]
    if (
        len(found) == 1
        and found[0].bracket == "("
        and found[0].whole
        and not found[0].stars
        and text.strip().endswith(")")
    ):
        return []
    letters = sum(symbol.isalpha() for symbol in text)
    return [] if letters > 2 else found


def provenance(table: ReferenceTable, find: Finder) -> dict[Place, Number]:
    """Which number of the results a cell shows, where its column or its row points to one model.

    Notes
    -----
    A printed number is rounded and agrees with many. Those of the model that most cells of the same column or row
    agree with are taken, and among them those of the term and kind that most of the row agree with.
    """
    found: dict[Place, list[Number]] = {
        (i, j, k): find(token)
        for i, row in enumerate(table.rows)
        for j, cell in enumerate(row.tokens)
        for k, token in enumerate(cell)
    }
    by_column, by_row, by_kind = Counter[tuple[int, str]](), Counter[tuple[int, str]](), Counter[tuple[int, int, str]]()
    cells = Counter[tuple[str, int]]()
    for (i, j, k), numbers in found.items():
        cells.update([("column", j), ("row", i)])
        by_column.update((j, model) for model in {number.model for number in numbers})
        by_row.update((i, model) for model in {number.model for number in numbers})
        by_kind.update((i, k, kind) for kind in {_kind(number) for number in numbers})
    out: dict[Place, Number] = {}
    for (i, j, k), numbers in found.items():
        held = [
            number
            for number in numbers
            if 2 * by_column[j, number.model] >= cells["column", j] or 2 * by_row[i, number.model] >= cells["row", i]
        ]
        if held:
            out[i, j, k] = max(
                held,
                key=lambda number: (
                    by_column[j, number.model] / cells["column", j]
                    + by_row[i, number.model] / cells["row", i]
                    + by_kind[i, k, _kind(number)] / len(table.rows[i].cells)
                ),
            )
    # A table of which fewer cells are found is of something else, and what is found there is chance.
    return out if len(out) >= _SHARE * len(found) else {}


def _kind(number: Number) -> str:
    return f"{number.term}|{number.statistic}|{number.what}"
