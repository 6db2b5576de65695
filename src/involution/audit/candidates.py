"""What a printed number may be: an index of all numbers of the results by their size."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from involution.audit.document import Passage
from involution.audit.numbers import Token, agrees, agrees_without_sign, tokens
from involution.audit.reference import ReferenceTable, provenance
from involution.audit.skipped import skipped
from involution.exhibits.numbers import Number, Numbers


@dataclass(frozen=True)
class Candidate:
    """A number of the results that a printed one may be.

    Attributes
    ----------
    value : float
    spread : float
        Half a unit of the last digit where only a printed number is known; else 0.
    number : Number or None
        The row and column of ``estimates.csv`` or ``statistics.csv``; none for a cell of a table alone.
    table, row, column : str
        Of a cell of a table.
    """

    value: float
    spread: float = 0.0
    number: Number | None = None
    table: str = ""
    row: str = ""
    column: str = ""

    def agrees(self, token: Token, *, sign: bool = True) -> bool:
        """Whether the printed number may be this one."""
        if not self.spread:
            return (agrees if sign else agrees_without_sign)(token, self.value)
        # Both are printed: they are the same if some number is rounded to both.
        signs = (1.0,) if sign or token.signed else (1.0, -1.0)
        factors = (1.0, 100.0) if token.percent else (1.0,)
        return any(
            abs(token.value - side * factor * self.value) < (0.5 * token.step + factor * self.spread) * (1 - 1e-9)
            for side in signs
            for factor in factors
        )


class Index:
    """Numbers of the results by the size of their value."""

    def __init__(self, numbers: Numbers, cells: Iterable[Candidate] = ()) -> None:
        every = [Candidate(number.value, number=number) for number in numbers.every]
        every += cells
        self._every = sorted(every, key=lambda candidate: abs(candidate.value))
        self._sizes = [abs(candidate.value) for candidate in self._every]
        self._widest = max((candidate.spread for candidate in self._every), default=0.0)

    def find(self, token: Token, *, sign: bool = True) -> list[Candidate]:
        """All that agree with a printed number.

        Parameters
        ----------
        token : Token
        sign : bool
            Whether the sign has to agree; in prose it may be said in words.
        """
        out: list[Candidate] = []
        for factor in (1.0, 0.01) if token.percent else (1.0,):
            low, high = ((abs(token.value) + side * token.step) * factor for side in (-0.51, 0.51))
            reach = self._widest + 1e-12
            start, end = bisect_left(self._sizes, low - reach), bisect_right(self._sizes, high + reach)
            out += [one for one in self._every[start:end] if one.agrees(token, sign=sign) and one not in out]
        return out

    def has(self, one: Candidate) -> bool:
        """Whether some number may be the same as one that a note prints."""
        reach = one.spread + self._widest + 1e-9 * abs(one.value)
        start, end = (
            cut(self._sizes, abs(one.value) + side * reach) for cut, side in ((bisect_left, -1), (bisect_right, 1))
        )
        return any(
            abs(abs(other.value) - abs(one.value)) <= one.spread + other.spread for other in self._every[start:end]
        )

    def numbers(self, token: Token) -> list[Number]:
        """Rows of the estimates and statistics that agree with a printed number."""
        return [one.number for one in self.find(token) if one.number is not None]


def cells_of(tables: Sequence[ReferenceTable], index: Index) -> list[Candidate]:
    """Cells of tables that show no row of the estimates or statistics: descriptive statistics, correlations."""
    out = []
    for table in tables:
        if "/" in table.name:
            continue
        known = provenance(table, index.numbers)
        heads = [row.cells for row in table.rows if not any(row.tokens)]
        for i, row in enumerate(table.rows):
            for j, cell in enumerate(row.tokens):
                column = " ".join(dict.fromkeys(head[j] for head in heads if j < len(head) and head[j]))
                out += [
                    Candidate(token.value, token.step / 2, None, table.name, row.label, column)
                    for k, token in enumerate(cell)
                    if (i, j, k) not in known
                ]
    return out


def notes_of(tables: Sequence[ReferenceTable]) -> list[Candidate]:
    """What the notes of tables count: rows and firms of the sample, rows left out."""
    out: dict[tuple[float, float], Candidate] = {}
    for table in tables:
        for note in table.notes:
            found = tokens(note)
            away = skipped(Passage("", note), found)
            for place, token in enumerate(found):
                if place not in away:
                    spread = 0.0 if token.whole else token.step / 2
                    out.setdefault((token.value, spread), Candidate(token.value, spread, None, table.name, note, ""))
    return list(out.values())


def different(candidates: Sequence[Candidate]) -> int:
    """How many different values candidates have: the observations of five models may be one number."""
    values = sorted((candidate.value, candidate.spread) for candidate in candidates)
    count, last = 0, None
    for value, spread in values:
        if last is None or value - last > max(spread, 1e-9 * abs(value)) * 1.000001:
            count += 1
        last = value
    return count
