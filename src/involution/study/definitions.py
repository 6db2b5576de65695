"""What the columns of a study are made of: its own expressions and shifts, followed to the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from involution.study.expressions import parse_expression

_SHIFT = re.compile(r"_[lf]\d+$")


def unshifted(name: str) -> str:
    """``x`` for ``x_l1`` and ``x_f2``, any other name as it is."""
    return _SHIFT.sub("", name)


def followed(columns: Sequence[str], definitions: Mapping[str, str]) -> Iterator[str]:
    """The columns, without their shifts, and those that they are made of, each once.

    Parameters
    ----------
    columns : sequence of str
    definitions : mapping of str to str
        Expressions of the columns that the study makes.
    """

    def parts(name: str) -> Iterable[str]:
        return parse_expression(definitions[name]).columns if name in definitions else [unshifted(name)]

    return reached(columns, parts)


def reached(columns: Iterable[str], parts: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """The columns and all that they are made of, nearest first, each once.

    Parameters
    ----------
    columns : iterable of str
    parts : callable
        What a column is made of, one step on.
    """
    pending, seen = list(columns), set()
    while pending:
        name = pending.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name
        pending += parts(name)
