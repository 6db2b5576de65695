"""What the results hold, arranged for questions about a printed number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from involution.audit.candidates import Candidate, Index, cells_of, notes_of
from involution.audit.numbers import Token, agrees, alike, tokens
from involution.audit.reference import ReferenceTable, comparable
from involution.exhibits.numbers import Number, Numbers

_LETTERS = 12
"""Letters that a note needs, so that a passage of the same letters is that note."""


@dataclass(frozen=True)
class Known:
    """Results and, where one was given, those of an earlier run.

    Attributes
    ----------
    numbers : Numbers
    tables : tuple of ReferenceTable
    earlier : Numbers or None
    """

    numbers: Numbers
    tables: tuple[ReferenceTable, ...]
    earlier: Numbers | None = None

    @cached_property
    def rows_only(self) -> Index:
        """Rows of the estimates and statistics."""
        return Index(self.numbers)

    @cached_property
    def index(self) -> Index:
        """The same, the cells of tables that show no such row, and what their notes count."""
        cells = cells_of(self.tables, self.rows_only)
        # A note repeats what the statistics have; it counts where nothing else has it.
        held = Index(self.numbers, cells)
        further = [one for one in notes_of(self.tables) if not held.has(one)]
        return Index(self.numbers, [*cells, *further])

    @cached_property
    def previous(self) -> Index | None:
        """Numbers of the earlier run."""
        return None if self.earlier is None else Index(self.earlier)

    @cached_property
    def by_key(self) -> Mapping[str, Number]:
        """Numbers by their names."""
        return {number.key: number for number in self.numbers.every}

    @cached_property
    def before(self) -> Mapping[str, Number]:
        """Numbers of the earlier run by their names."""
        return {} if self.earlier is None else {number.key: number for number in self.earlier.every}

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str, str], list[Number]]:
        rows: defaultdict[tuple[str, str, str], list[Number]] = defaultdict(list)
        for number in self.numbers.every:
            rows[number.model, number.term, number.statistic].append(number)
        return rows

    def row(self, number: Number) -> Sequence[Number]:
        """All numbers of the same row: estimate, error, p-value, bounds."""
        return self._rows[number.model, number.term, number.statistic]

    def row_has(self, number: Number, token: Token) -> bool:
        """Whether another number of the row agrees with a printed one."""
        return any(one.what != number.what and agrees(token, one.value) for one in self.row(number))

    def near(self, token: Token) -> list[Candidate]:
        """Numbers of the results at most one unit of the last digit away."""
        found: list[Candidate] = []
        for shift in (-1, 1):
            found += self.rows_only.find(replace(token, value=token.value + shift * token.step), sign=False)
        return found

    @cached_property
    def _notes(self) -> Mapping[str, list[list[Token]]]:
        notes: defaultdict[str, list[list[Token]]] = defaultdict(list)
        for table in self.tables:
            for note in (*table.notes, table.title):
                shape = _shape(note)
                if sum(symbol.isalpha() for symbol in shape) >= _LETTERS:
                    notes[shape].append(tokens(note))
        return notes

    def note(self, text: str, found: Sequence[Token]) -> list[Token] | None:
        """The numbers of the table's note that a passage repeats, letter by letter; None where it repeats none."""
        notes = [note for note in self._notes.get(_shape(text), []) if len(note) == len(found)]
        return max(notes, key=lambda note: sum(alike(a, b) for a, b in zip(note, found, strict=True)), default=None)


def _shape(text: str) -> str:
    """A text without its numbers, spaces and marks."""
    kept, position = [], 0
    for token in tokens(text):
        kept.append(text[position : token.start])
        position = token.end
    return comparable("".join([*kept, text[position:]]).replace("−", ""))
