"""Markdown: one pipe table per panel, every text escaped."""

from __future__ import annotations

import re

from involution.exhibits.content import Header, Part, Row, TableContent

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$&])")


def escape(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return _SPECIAL.sub(r"\\\1", text.replace("\n", " "))


def render(table: TableContent) -> bytes:
    """Headers that span columns are repeated, since a pipe table has no spans."""
    blocks = [f"**{escape(table.title)}**", *(_part(part) for part in table.parts)]
    blocks.append("\n".join(f"- {escape(note)}" for note in table.notes))
    return ("\n\n".join(blocks) + "\n").encode()


def _part(part: Part) -> str:
    rows = [_cells(header) for header in part.headers]
    width = len(rows[0])
    lines = [_line(rows[0]), _line([":---", *[":---:"] * (width - 1)], raw=True)]
    lines += [_line(cells) for cells in rows[1:]]
    lines += [_body(row) for row in part.rows]
    heading = f"*{escape(part.title)}*\n\n" if part.title else ""
    return heading + "\n".join(lines)


def _cells(header: Header) -> list[str]:
    return [header.label, *(text for text, span in header.cells for _ in range(span))]


def _line(cells: list[str], *, raw: bool = False) -> str:
    return "| " + " | ".join(cell if raw else escape(cell) for cell in cells) + " |"


def _body(row: Row) -> str:
    return _line([row.label, *(cell.text + cell.stars for cell in row.cells)])
