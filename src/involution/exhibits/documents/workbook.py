"""A workbook with a sheet for each table: numbers are numbers, texts are never formulas."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from involution.exhibits.content import Cell, Part, Row, TableContent, with_minus
from involution.exhibits.documents.outline import Outline
from involution.exhibits.render.archive import fixed_times
from involution.exhibits.render.wrap import width
from involution.study.styles import STYLES

_NUMBER = re.compile(r"^(?P<open>[(\[]?)(?P<number>-?[\d,]+(?:\.(?P<decimals>\d+))?)(?P<close>[)\]]?)$")
_LONGEST = 31
"""Letters of the name of a sheet."""
_CONTENTS = {"en": "(contents)", "zh": "（目录）"}
"""No table can have that name."""
_LABEL_WIDTH, _CELL_WIDTH, _NOTE_LETTERS = 42, 14, 110


def workbook(outline: Outline) -> bytes:
    """The workbook as bytes, the same every time: a first sheet with links, then a sheet for each table."""
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook()
    named = _names([table.name for table in outline.tables])
    _contents(book.active, outline, named)
    for content, name in zip(outline.tables, named, strict=True):
        _sheet(book.create_sheet(name), content)
    stream = io.BytesIO()
    book.save(stream)
    return fixed_times(stream.getvalue())


def as_number(cell: Cell) -> tuple[float, str] | None:
    """The value of a cell that is one number, with the format that shows it as the table does; None for a text.

    Examples
    --------
    >>> as_number(Cell("-0.120", "**")), as_number(Cell("(0.01)")), as_number(Cell("1,234"))
    ((-0.12, '0.000"**"'), (0.01, '"("0.00")";"(-"0.00")"'), (1234.0, '#,##0'))
    """
    found = _NUMBER.match(cell.text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    whole = "#,##0" if "," in found["number"] else "0"
    shown = whole + (f".{'0' * len(found['decimals'])}" if found["decimals"] else "")
    if found["open"]:
        before, behind = found["open"], found["close"]
        shown = f'"{before}"{shown}"{behind}";"{before}-"{shown}"{behind}"'
    elif cell.stars:
        shown += '"{}"'.format(cell.stars.replace('"', ""))
    return float(found["number"].replace(",", "")), shown


def _names(tables: Sequence[str]) -> list[str]:
    """Names of sheets: at most 31 letters, no two alike."""
    taken: set[str] = set()
    names = []
    for table in tables:
        name, number = table[:_LONGEST], 1
        while name.lower() in taken:
            number += 1
            name = f"{table[: _LONGEST - len(str(number)) - 1]}_{number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _contents(sheet: Any, outline: Outline, names: Sequence[str]) -> None:
    sheet.title = _CONTENTS[outline.language]
    _text(sheet.cell(1, 1), outline.title, outline, bold=True)
    tables = iter(zip(outline.tables, names, strict=True))
    line = 2
    for chapter in outline.chapters:
        if not chapter.tables:
            continue
        line += 1
        _text(sheet.cell(line, 1), chapter.heading, outline, italic=True)
        for table in chapter.tables:
            _, name = next(tables)
            line += 1
            cell = sheet.cell(line, 1)
            _text(cell, table.caption.text, outline)
            cell.hyperlink = f"#'{name}'!A1"
    sheet.column_dimensions["A"].width = 2 * _LABEL_WIDTH


def _sheet(sheet: Any, table: TableContent) -> None:
    _text(sheet.cell(1, 1), table.title, table, bold=True)
    line = 2
    for part in table.parts:
        line = _part(sheet, part, table, line)
    _line_below(sheet, line - 1, table.n_columns + 1, "medium")
    for note in table.notes:
        cell = sheet.cell(line, 1)
        _text(cell, note, table, wrapped=True)
        sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=table.n_columns + 1)
        letters = _LABEL_WIDTH + _CELL_WIDTH * table.n_columns
        sheet.row_dimensions[line].height = 15 * (1 + width(note) // letters)
        line += 1
    _widths(sheet, table)


def _part(sheet: Any, part: Part, table: TableContent, line: int) -> int:
    """A part from a line on; the line below it."""
    _line_above(sheet, line, table.n_columns + 1)
    if part.title:
        _text(sheet.cell(line, 1), part.title, table, italic=True)
        line += 1
    for header in part.headers:
        _text(sheet.cell(line, 1), header.label, table)
        column = 2
        for text, span in header.cells:
            _text(sheet.cell(line, column), text, table, centred=True, wrapped=True)
            if span > 1:
                end = column + span - 1
                sheet.merge_cells(start_row=line, start_column=column, end_row=line, end_column=end)
            column += span
        line += 1
    _line_below(sheet, line - 1, table.n_columns + 1, "thin")
    for row in part.rows:
        _row(sheet, row, table, line)
        line += 1
    return line


def _row(sheet: Any, row: Row, table: TableContent, line: int) -> None:
    _text(sheet.cell(line, 1), row.label, table, italic=row.kind == "heading")
    for column, cell in enumerate(row.cells, 2):
        target = sheet.cell(line, column)
        number = as_number(cell)
        _text(target, "" if number else with_minus(cell.text) + cell.stars, table, centred=True)
        if number:
            target.value, target.number_format = number


def _text(
    cell: Any, text: str, where: TableContent | Outline, *, bold: bool = False, italic: bool = False,
    centred: bool = False, wrapped: bool = False,
) -> None:  # fmt: skip
    """A text as a text, whatever it begins with: a spreadsheet calculates nothing of it, now or when it is edited."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]

    style = STYLES[where.style]
    font = style.east_asian if where.language == "zh" else style.latin
    cell.font = Font(name=font, size=10, bold=bold, italic=italic)
    cell.alignment = Alignment(horizontal="center" if centred else None, vertical="top", wrap_text=wrapped or None)
    if text:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@\t\r"


def _line_above(sheet: Any, line: int, columns: int) -> None:
    _rule(sheet, line, columns, top="medium" if line == 2 else "thin")


def _line_below(sheet: Any, line: int, columns: int, kind: str) -> None:
    _rule(sheet, line, columns, bottom=kind)


def _rule(sheet: Any, line: int, columns: int, **sides: str) -> None:
    """A line on a side of each cell of a row; the other side keeps what it has."""
    from openpyxl.styles import Border, Side

    for column in range(1, columns + 1):
        cell = sheet.cell(line, column)
        kept = {"top": cell.border.top, "bottom": cell.border.bottom}
        cell.border = Border(**{**kept, **{side: Side(style=kind) for side, kind in sides.items()}})


def _widths(sheet: Any, table: TableContent) -> None:
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    rows = [row for part in table.parts for row in part.rows]
    longest = max((width(row.label) for row in rows if row.kind != "heading"), default=10)
    sheet.column_dimensions["A"].width = min(_LABEL_WIDTH, longest + 2)
    for column in range(table.n_columns):
        letters = max((width(row.cells[column].text) + 3 for row in rows if column < len(row.cells)), default=8)
        sheet.column_dimensions[get_column_letter(column + 2)].width = min(2 * _CELL_WIDTH, max(11, letters))
    heads = len(table.parts[0].headers) if table.parts else 0
    sheet.freeze_panes = sheet.cell(2 + bool(table.parts and table.parts[0].title) + heads, 2)
