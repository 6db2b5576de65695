"""What can go wrong for a user, said once and said well.

Two kinds of failure exist. A mistake in what the user supplied stops the run with one clear message
(`InputError`); a model that the data cannot support is reported in its own row and stops nothing
(`NotEstimable`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar


@dataclass(frozen=True)
class Problem:
    """One mistake in the input: where it stands, what it is, the rows that show it, how to mend it.

    Parameters
    ----------
    where : str
        File, and the column or key in it, as the user wrote them.
    what : str
        What was found and what was expected.
    rows : tuple of str
        The first offending rows, each already written out.
    mend : str
        What to do about it.
    """

    where: str
    what: str
    rows: tuple[str, ...] = ()
    mend: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        lines += [f"    {row}" for row in self.rows]
        if self.mend:
            lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)

    def within(self, where: str) -> Problem:
        """The same of a section or model, named before the place unless it is there already."""
        if self.where.startswith(where):
            return self
        return replace(self, where=f"{where}, {self.where}" if self.where else where)


def nearest(name: str, known: Iterable[str]) -> str:
    """``; the nearest is 'x'`` where a known name resembles this one, else nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; the nearest is '{near[0]}'" if near else ""


class InputError(Exception):
    """The user's input cannot be used; `str()` is the whole message, every problem in it.

    Parameters
    ----------
    problems : Problem, str, or an iterable of them
        All problems found, reported together.
    """

    def __init__(self, problems: Problem | str | Iterable[Problem | str]) -> None:
        found = [problems] if isinstance(problems, (Problem, str)) else list(problems)
        self.problems = tuple(p if isinstance(p, Problem) else Problem("", p) for p in found)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return InputError, (self.problems,)


Item = TypeVar("Item")
Made = TypeVar("Made")


def each(items: Iterable[Item], make: Callable[[Item], Made], where: Callable[[Item], str]) -> list[Made]:
    """What is made of every item; the mistakes of all of them in one error.

    Parameters
    ----------
    items : iterable
    make : callable
    where : callable
        What a mistake of an item is said to be of, such as ``moderation: finance``.

    Raises
    ------
    InputError
    """
    out, problems = list[Made](), list[Problem]()
    for item in items:
        try:
            out.append(make(item))
        except InputError as error:
            problems += [problem.within(where(item)) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return out


class NotEstimable(Exception):
    """A model that these data cannot support; `str()` is the reason printed in its table cell."""
