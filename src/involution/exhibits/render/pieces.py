"""A long table in pieces that fit on a page each: broken where a reader would break it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from involution.exhibits.content import Part, Row, TableContent
from involution.exhibits.render.wrap import width, wrapped

_LABEL, _CELL = 34, 14
_NOTE, _NOTE_LINE = 125, 0.85
"""Letters of a line of notes, and its height in lines of the table."""
_LAST = 4
"""The fewest lines that stand alone at the end of a table."""


@dataclass(frozen=True)
class Piece:
    """Parts that stand together on a page, and whether the notes stand below them."""

    parts: tuple[Part, ...]
    notes: bool


def pieces(table: TableContent, limit: int) -> list[Piece]:
    """The table in pieces of at most `limit` lines; a part that goes on repeats its headers.

    No standard error is parted from its estimate, no heading from what it heads. Notes for which the last piece has no
    room stand in one of their own.
    """
    made: list[list[Part]] = [[]]
    room = float(limit)
    for part in table.parts:
        for block in _blocks(part, limit):
            size = _height(block)
            if made[-1] and size > room:
                made.append([])
                room = float(limit)
            made[-1].append(block)
            room -= size
    notes = sum(math.ceil(width(note) / _NOTE) for note in table.notes) * _NOTE_LINE
    own = notes > room and len(made[-1]) > 0 and notes > _LAST
    found = [Piece(tuple(parts), notes=not own and k == len(made) - 1) for k, parts in enumerate(made)]
    return [*found, Piece((), notes=True)] if own else found


def _blocks(part: Part, limit: int) -> Iterator[Part]:
    """A part that fits as a whole; else in pieces of rows that belong together, each with the headers."""
    if _height(part) <= limit:
        yield part
        return
    head = _height(Part(part.title, part.headers, ()))
    rows: list[Row] = []
    left = limit - head
    for group in _groups(part.rows):
        size = sum(map(_lines, group))
        if rows and size > left:
            yield Part(part.title, part.headers, tuple(rows))
            rows, left = [], limit - head
        rows += group
        left -= size
    yield Part(part.title, part.headers, tuple(rows))


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows with what stands below them, and after the headings above them."""
    groups: list[list[Row]] = []
    for row in rows:
        headed = bool(groups) and groups[-1][-1].kind == "heading"
        if groups and (headed or not row.label):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _height(part: Part) -> int:
    heads = sum(
        max(len(wrapped(text, _CELL * span)) for text, span in ((header.label, 2), *header.cells))
        for header in part.headers
    )
    return bool(part.title) + heads + sum(map(_lines, part.rows))


def _lines(row: Row) -> int:
    texts = [len(wrapped(cell.text, _CELL)) for cell in row.cells]
    return max([len(wrapped(row.label, _LABEL)), *texts])
