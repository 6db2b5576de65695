"""Word: a real, editable three-line table with its title above and its notes below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from involution.exhibits.content import Cell, Header, Part, Row, TableContent, with_minus
from involution.exhibits.render.align import Room, aligned, rooms
from involution.exhibits.render.archive import fixed_times
from involution.exhibits.render.word_parts import (
    border,
    decimal_tab,
    keep_with_next,
    new_document,
    repeat,
    unbroken,
    whole,
    write,
)
from involution.exhibits.render.wrap import width, wrapped
from involution.study.styles import STYLES

_THICK, _THIN = 12, 6
_WIDE = 6
_SIZES = (9.5, 8.5, 7.5, 7.0, 6.5, 6.0)
_LETTER, _LEAST_LABEL = 0.55, 2.5
_NOTE = 8.5
_ONE_LINE, _HEAD = 26, 12
"""Letters up to which a cell is given one line, and a word of a header is kept whole."""
_PAGE = {False: (17.0, 24.6), True: (25.7, 15.9)}
"""Width and height of the text in cm, upright and in landscape."""
_LINE = 1.22
"""Height of a line, in sizes of its letters."""


@dataclass(frozen=True)
class _Grid:
    """How the columns of a table are laid out, lengths in EMU; `points` are where decimal points stand."""

    size: float
    widths: tuple[int, ...]
    points: tuple[int, ...]
    together: bool


def render(table: TableContent) -> bytes:
    """A document of one table; landscape where it has more than six columns; the same bytes every time."""
    style = STYLES[table.style]
    document = new_document(landscape=is_wide(table), latin=style.latin, east_asian=style.east_asian)
    title = document.add_paragraph()
    write(title, table.title, bold=True, size=11, centred=True)
    title.paragraph_format.keep_with_next = True
    put_table(document, table)
    stream = io.BytesIO()
    document.save(stream)
    return fixed_times(stream.getvalue())


def is_wide(table: TableContent) -> bool:
    """Whether a table needs a page in landscape."""
    return table.n_columns > _WIDE


def put_table(document: Any, table: TableContent) -> None:
    """The grid and its notes at the end of a document, on a page in landscape where it is wide."""
    from docx.enum.table import WD_TABLE_ALIGNMENT

    layout = _layout(table, together=not is_long(table))
    row = None
    for number, part in enumerate(table.parts):
        if number:
            _gap(document)
        height = bool(part.title) + len(part.headers) + len(part.rows)
        grid = document.add_table(rows=height, cols=table.n_columns + 1)
        grid.alignment = WD_TABLE_ALIGNMENT.CENTER
        grid.autofit = False
        _set_widths(grid, layout.widths)
        rows = list(grid.rows)
        last = number == len(table.parts) - 1
        _part(rows, part, layout, first=number == 0, last=last)
        row = rows[-1]
    if row is not None:
        border(row, "bottom", _THICK)
    for note in table.notes:
        write(document.add_paragraph(), note, size=_NOTE)


def is_long(table: TableContent) -> bool:
    """Whether the rows of a table do not fit on one page."""
    from docx.shared import Cm, Pt

    layout = _layout(table, together=True)
    letters = [wide / (Pt(layout.size) * _LETTER) for wide in layout.widths]
    lines = sum(
        max(
            len(wrapped(text, max(4, int(letters[k]) - 2)))
            for k, text in enumerate([row.label, *(cell.text for cell in row.cells)])
        )
        for part in table.parts
        for row in part.rows
    )
    heads = sum(1.6 * len(part.headers) + bool(part.title) for part in table.parts)
    return bool((lines + heads) * (Pt(layout.size) * _LINE + Pt(1)) + Pt(40) > Cm(_PAGE[is_wide(table)][1]))


def _gap(document: Any) -> None:
    """The least that keeps two tables apart: as one table, Word would repeat the first one's headers over both."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(1)
    paragraph.paragraph_format.keep_with_next = True


def _layout(table: TableContent, *, together: bool) -> _Grid:
    """Columns wide enough for their longest number; the labels get what is left, as far as they need it."""
    from docx.shared import Cm, Pt

    page = int(Cm(_PAGE[is_wide(table)][0]))
    size = _size(table, page)
    letter = Pt(size) * _LETTER
    least, wanted = _needs(table, letter)
    rows = [row for part in table.parts for row in part.rows]
    longest = int(Cm(0.6) + letter * max((width(row.label) for row in rows if row.kind != "heading"), default=10))
    # Columns come to what their cells want on one line, then labels to theirs, then columns to an even width.
    label = max(min(longest, int(page * 0.3), page - sum(least)), int(Cm(_LEAST_LABEL)))
    others = _towards(least, wanted, page - label)
    label += max(0, min(longest - label, page - label - sum(others), int(page * 0.45)))
    others = _towards(others, [max(wide, int(Cm(2.6))) for wide in others], page - label)
    points = [_point(room, wide, int(Pt(size))) for room, wide in zip(rooms(table), others, strict=True)]
    return _Grid(size, (label, *others), tuple(points), together)


def _point(room: Room, wide: int, em: int) -> int:
    """Where the decimal point stands so that the numbers are in the middle of their cell."""
    from docx.shared import Cm

    inner = wide - int(Cm(0.38))
    return int(max(0.0, (inner - (room.before + room.behind) * em) / 2) + room.before * em)


def _set_widths(grid: Any, widths: Sequence[int]) -> None:
    from docx.shared import Length

    for column, wide in zip(grid.columns, widths, strict=True):
        column.width = Length(wide)
        for cell in column.cells:
            cell.width = Length(wide)


def _needs(table: TableContent, letter: float) -> tuple[list[int], list[int]]:
    """By column, the width at which no number or word breaks, and that at which no cell takes a second line."""
    from docx.shared import Cm

    margin = int(Cm(0.42))
    least, wanted = [4.0] * table.n_columns, [4.0] * table.n_columns
    for part in table.parts:
        for row in part.rows:
            for k, cell in enumerate(row.cells):
                text = cell.text if row.kind != "mark" else ""
                raised = 0.7 * len(cell.stars)
                least[k] = max(least[k], _longest_word(text) + raised)
                wanted[k] = max(wanted[k], min(width(text), _ONE_LINE) + raised)
        for header in part.headers:
            for k, (text, span) in _starts(header):
                if span == 1:
                    least[k] = max(least[k], min(_longest_word(text), _HEAD))
    return [margin + int(letter * wide) for wide in least], [margin + int(letter * wide) for wide in wanted]


def _starts(header: Header) -> list[tuple[int, tuple[str, int]]]:
    """The cells of a header with the column that each begins at."""
    at, out = 0, []
    for cell in header.cells:
        out.append((at, cell))
        at += cell[1]
    return out


def _longest_word(text: str) -> int:
    """Letters of the longest piece that no line break divides."""
    return width(text) if _is_number(text) else max(map(width, wrapped(text, 1)), default=0)


def _towards(least: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Widths that grow from the least to what is wanted as far as there is room, all by the same share."""
    missing = [max(0, want - have) for have, want in zip(least, wanted, strict=True)]
    spare = max(0, room - sum(least))
    share = min(1.0, spare / sum(missing)) if sum(missing) else 0.0
    return [have + int(more * share) for have, more in zip(least, missing, strict=True)]


def _is_number(text: str) -> bool:
    return bool(text) and all(symbol in "0123456789.,()-∞" for symbol in text)


def _size(table: TableContent, page: int) -> float:
    """Points of the table's text: the largest of `_SIZES` at which no number of the table has to break."""
    from docx.shared import Cm, Pt

    room = page - int(Cm(_LEAST_LABEL))
    sizes = _SIZES if table.n_columns <= _WIDE else _SIZES[1:]
    fitting = (size for size in sizes if sum(_needs(table, Pt(size) * _LETTER)[0]) <= room)
    return next(fitting, sizes[-1])


def _part(rows: list[Any], part: Part, layout: _Grid, *, first: bool, last: bool) -> None:
    line = 0
    border(rows[line], "top", _THICK if first else _THIN)
    if part.title:
        cells = rows[line].cells
        write(cells[0].merge(cells[-1]).paragraphs[0], part.title, italic=True, size=layout.size)
        repeat(rows[line])
        keep_with_next(cells[:1])
        line += 1
    for header in part.headers:
        _header(rows[line], header, layout.size)
        repeat(rows[line])
        keep_with_next(rows[line].cells)
        line += 1
    border(rows[max(0, line - 1)], "bottom", _THIN)
    for row in part.rows:
        whole(rows[line])
        cells = _row(rows[line], row, layout)
        # A table that fits on a page stays on one; in a longer one no standard error and no count stands alone.
        ends = row is part.rows[-1]
        if row.kind == "heading" or (layout.together and not (ends and last)) or (_leads(row) and not ends):
            keep_with_next(cells)
        line += 1


def _leads(row: Row) -> bool:
    return row.kind in ("estimate", "mark", "statistic")


def _row(line: Any, row: Row, layout: _Grid) -> Any:
    """One row of the body; its cells."""
    cells = line.cells
    if row.kind == "heading":
        write(cells[0].merge(cells[-1]).paragraphs[0], row.label, italic=True, size=layout.size)
        return cells[:1]
    write(cells[0].paragraphs[0], row.label, size=layout.size)
    for target, cell, point in zip(cells[1:], row.cells, layout.points, strict=True):
        _number(target, row, cell, point, layout.size)
    return cells


def _number(target: Any, row: Row, cell: Cell, point: int, size: float) -> None:
    paragraph = target.paragraphs[0]
    in_line = aligned(row, cell) is not None
    write(paragraph, with_minus(cell.text), size=size, centred=not in_line, stars=cell.stars)
    if in_line:
        decimal_tab(paragraph, point)
    if in_line or _is_number(cell.text):
        unbroken(target)


def _header(row: Any, header: Header, size: float) -> None:
    cells = row.cells
    write(cells[0].paragraphs[0], header.label, size=size)
    column = 1
    for text, span in header.cells:
        target = cells[column] if span == 1 else cells[column].merge(cells[column + span - 1])
        write(target.paragraphs[0], text, size=size, centred=True)
        column += span
