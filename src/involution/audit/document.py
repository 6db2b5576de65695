"""What a paper says, whatever its format: passages of text and tables of passages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "heading", "contents", "code"]


@dataclass(frozen=True)
class Cited:
    """A stretch of a passage that stands there by the name of a number: a macro, a field.

    Attributes
    ----------
    key : str
    start, end : int
        In the passage's text.
    """

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A paragraph, or a cell of a table.

    Attributes
    ----------
    place : str
        For people: ``paragraph 12``, ``paper.tex:40``.
    text : str
    cited : tuple of Cited
    kind : {"text", "heading", "contents", "code"}
    """

    place: str
    text: str
    cited: tuple[Cited, ...] = ()
    kind: Kind = "text"


@dataclass(frozen=True)
class Grid:
    """A table: rows of cells, the first of a row being its label; a cell over several columns comes first of them.

    Attributes
    ----------
    place : str
    title : str
        The text above it.
    rows : tuple of tuple of Passage
    """

    place: str
    title: str
    rows: tuple[tuple[Passage, ...], ...]


@dataclass(frozen=True)
class Paper:
    """A whole paper.

    Attributes
    ----------
    passages : tuple of Passage
    grids : tuple of Grid
    left_out : tuple of str
        Files it names that were not read, and why.
    properties : tuple of (str, str)
        A Word document's properties by name.
    """

    passages: tuple[Passage, ...]
    grids: tuple[Grid, ...]
    left_out: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()


def unfolded(rows: list[list[Passage]]) -> tuple[tuple[Passage, ...], ...]:
    """Rows in which no cell holds several lines: an estimate and its error in one cell become two rows."""
    out: list[tuple[Passage, ...]] = []
    for row in rows:
        height = max((cell.text.count("\n") + 1 for cell in row[1:]), default=1)
        if height == 1 or any(cell.cited for cell in row):
            out.append(tuple(row))
            continue
        pieces = [cell.text.split("\n") for cell in row]
        for line in range(height):
            texts = [piece[line] if line < len(piece) else "" for piece in pieces]
            out.append(tuple(Passage(cell.place, text, (), cell.kind) for cell, text in zip(row, texts, strict=True)))
    return tuple(out)
