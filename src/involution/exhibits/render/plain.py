"""Plain text for a terminal: columns in line, long heads over several lines."""

from __future__ import annotations

from collections.abc import Sequence

from involution.exhibits.content import Part, TableContent
from involution.exhibits.render.wrap import fitted, width, wrapped

_LABEL, _CELL, _LINE = 44, 17, 110
_GAP = "  "


def render(table: TableContent) -> bytes:
    """Panels one below the other, each as wide as its own columns; notes in lines."""
    parts = [_part(part) for part in table.parts]
    notes = "\n".join("\n".join(wrapped(note, _LINE)) for note in table.notes)
    return ("\n\n".join([*wrapped(table.title, _LINE), *parts, notes]) + "\n").encode()


def _part(part: Part) -> str:
    lines = [[header.label, *(text for text, span in header.cells for _ in range(span))] for header in part.headers]
    heads = len(lines)
    lines += [[row.label, *(cell.text + cell.stars for cell in row.cells)] for row in part.rows]
    lines = [line[: _used(lines)] for line in lines]
    cells = [[fitted(text, _CELL if k else _LABEL) for k, text in enumerate(line)] for line in lines]
    widths = [max(width(piece) for line in cells for piece in line[k]) for k in range(len(cells[0]))]
    out = [text for line in cells[:heads] for text in _lines(line, widths)]
    out.append("-" * (sum(widths) + len(_GAP) * (len(widths) - 1)))
    out += [text for line in cells[heads:] for text in _lines(line, widths)]
    return "\n".join([*([part.title] if part.title else []), *out])


def _used(lines: Sequence[Sequence[str]]) -> int:
    """Columns up to the last that holds anything."""
    return 1 + max((k for line in lines for k, text in enumerate(line) if text), default=0)


def _lines(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """One row over as many lines as its tallest cell has; numbers to the right."""
    tall = max(len(cell) for cell in cells)
    rows = []
    for k in range(tall):
        pieces = [cell[k] if k < len(cell) else "" for cell in cells]
        spaces = [" " * (wide - width(piece)) for piece, wide in zip(pieces, widths, strict=True)]
        shown = [pieces[0] + spaces[0], *(space + piece for space, piece in zip(spaces[1:], pieces[1:], strict=True))]
        rows.append(_GAP.join(shown).rstrip())
    return rows
