"""What a command says: results on standard output; progress and mistakes on standard error, in colour if wanted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console

    from involution.errors import InputError

Language = Literal["en", "zh"]
"""What a command may be asked to speak; `study.config` has the same for a run and is heavy to import."""


def say(text: str) -> None:
    """A result, as it is: what another program may read."""
    print(text)


def show(lines: Iterable[tuple[str, str]]) -> None:
    """A result line by line, each with its style, in colour on a terminal that wants it."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for style, text in lines:
        console.print(text, style=style or None)


def tell(text: str) -> None:
    """A line on what is being done."""
    _console().print(text, style="dim")


def written(paths: Iterable[object]) -> None:
    """A line for each file that was written."""
    say("\n".join(f"written: {path}" for path in paths))


def refuse(error: InputError) -> None:
    """A user's mistake: the whole message, its first word in red on a terminal."""
    console = _console()
    console.print("involution: ", style="bold red", end="")
    console.print(str(error))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is under way, on a terminal alone; nothing is left of it afterwards."""
    console = _console()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def _console() -> Console:
    """Standard error as it is now; ``NO_COLOR``, ``FORCE_COLOR`` and ``TERM=dumb`` are respected."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
