"""Which canonical column each header stands for: exactly, or not at all; what resembles one is only suggested."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from involution.intake.dialects import DIALECTS, Name, comparable, known_names, names_of, unit_factor
from involution.panel.columns import canonical_columns

ALIKE = 0.75
"""Least likeness of a suggestion."""
CHOSEN = "chosen"


@dataclass(frozen=True)
class Column:
    """A column of a file.

    Attributes
    ----------
    header : str
    names : tuple of str
        Canonical columns that it is taken for; several where one line of the accounts serves two (R&D).
    dialect : str
        Whose name it is; ``chosen`` where the user said so.
    unit : float or None
        Factor that its header or the line of units below says.
    also : tuple of str
        Canonical columns that it is a name of, and for which another column was taken.
    suggestions : tuple of str
        Canonical columns that its name resembles; never used.
    """

    header: str
    names: tuple[str, ...] = ()
    dialect: str = ""
    unit: float | None = None
    also: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


def recognised(
    headers: Sequence[str], labels: Sequence[Mapping[str, str]] = (), chosen: Mapping[str, str] | None = None
) -> list[Column]:
    """The columns of a file, each with the canonical column it stands for.

    Parameters
    ----------
    headers : sequence of str
    labels : sequence of mapping of str to str
        Lines of labels and units under the header, by header.
    chosen : mapping of str to str, optional
        Canonical column: header, as the user says; it wins over every name.

    Notes
    -----
    Of several headers that name one canonical column the one whose name stands first in its dialect is taken; the
    others keep the column in `also`.
    """
    said = {header: column for column, header in (chosen or {}).items() if header in headers}
    found = {header: _names(header, labels) for header in headers}
    dialect = _dialect(found)
    taken: dict[str, tuple[tuple[int, int, int], str]] = {}
    for position, header in enumerate(headers):
        for name in found[header]:
            order = (name.dialect != dialect, name.rank, position)
            if name.column not in taken or order < taken[name.column][0]:
                taken[name.column] = (order, header)
    for header, column in said.items():
        taken[column] = ((False, 0, 0), header)
    winners = {column: header for column, (_, header) in taken.items()}
    columns = [_column(header, found[header], winners, labels, said.get(header), dialect) for header in headers]
    free = [str(name) for name in canonical_columns().index if name not in winners]
    return [column if column.names or column.also else replace(column, suggestions=alike(column.header, free))
            for column in columns]  # fmt: skip


def _names(header: str, labels: Sequence[Mapping[str, str]]) -> tuple[Name, ...]:
    """What the header says, else what a label below it says."""
    for text in (header, *(line.get(header, "") for line in labels)):
        names = known_names().get(comparable(text).key, ())
        if names:
            return names
    return ()


def _dialect(found: Mapping[str, tuple[Name, ...]]) -> str:
    """The dialect of most headers of the file."""
    counts = {
        dialect: sum(any(n.dialect == dialect for n in names) for names in found.values()) for dialect in DIALECTS
    }
    return max(DIALECTS, key=lambda dialect: counts[dialect])


def _column(
    header: str,
    names: tuple[Name, ...],
    winners: Mapping[str, str],
    labels: Sequence[Mapping[str, str]],
    said: str | None,
    dialect: str,
) -> Column:
    units = [comparable(header).unit, *(unit_factor(line.get(header, "")) for line in labels)]
    unit = next((factor for factor in units if factor is not None), None)
    if said is not None:
        return Column(header, (said,), CHOSEN, unit)
    mine = tuple(dict.fromkeys(name.column for name in names if winners[name.column] == header))
    also = tuple(dict.fromkeys(name.column for name in names if winners[name.column] != header))
    dialects = [name.dialect for name in names if name.column in mine]
    whose = dialect if dialect in dialects else next(iter(dialects), "")
    return Column(header, mine, whose, unit, also)


def alike(header: str, free: Sequence[str]) -> tuple[str, ...]:
    """Canonical columns one of whose names resembles a header, the likest first, at most two."""
    key = comparable(header).key
    if len(key) < 2:
        return ()
    likeness: dict[str, float] = {}
    for column in free:
        for dialect in DIALECTS:
            for name in names_of(column, dialect):
                ratio = _likeness(key, comparable(name).key)
                likeness[column] = max(ratio, likeness.get(column, 0.0))
    near = [column for column, ratio in likeness.items() if ratio >= ALIKE]
    return tuple(sorted(near, key=lambda column: -likeness[column])[:2])


def _likeness(one: str, other: str) -> float:
    """How alike two names are, from zero to one; codes of tables differ by a digit and are never alike."""
    if any(character.isdigit() for character in one + other):
        return 0.0
    chinese = any(unicodedata.category(character) == "Lo" for character in one)
    if chinese and len(one) > 2 and (one in other or other in one) and len(other) > 2:
        return 0.9
    matcher = difflib.SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0
