"""Word: a real, editable three-line table with its title above and its notes below."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

from involution.exhibits.content import Header, Part, Row, TableContent, with_minus
from involution.exhibits.render.wrap import width

LATIN, EAST_ASIAN = "Times New Roman", "SimSun"
_FIXED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_THICK, _THIN = 12, 6
_WIDE = 6
_SIZES = (9.5, 8.5, 7.5, 7.0, 6.5, 6.0)
_LETTER, _LEAST_LABEL = 0.55, 2.5


def render(table: TableContent) -> bytes:
    """A document of one table; landscape where it has more than six columns; the same bytes every time."""
    import docx

    document = docx.Document()
    page(document, landscape=table.n_columns > _WIDE)
    _paragraph(document.add_paragraph(), table.title, bold=True, size=11, centred=True)
    _grid(document, table)
    for note in table.notes:
        _paragraph(document.add_paragraph(), note, size=8.5)
    stream = io.BytesIO()
    document.save(stream)
    return fixed_times(stream.getvalue())


def fixed_times(raw: bytes) -> bytes:
    """The same archive with constant times, so that equal contents are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            target.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def page(document: Any, *, landscape: bool) -> None:
    """A4 with the fonts of the tables; nothing in the properties differs from run to run."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    properties = document.core_properties
    properties.author, properties.comments, properties.title = "", "", ""
    properties.created = properties.modified = _FIXED
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), EAST_ASIAN)
    # Chinese punctuation is set as on the mainland.
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    style.paragraph_format.space_after = Pt(2)
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(2)
    width, height = Cm(21), Cm(29.7)
    section.page_width, section.page_height = (height, width) if landscape else (width, height)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT


def _paragraph(
    paragraph: Any, text: str, *, bold: bool = False, italic: bool = False, size: float = 10, centred: bool = False,
    stars: str = "",
) -> None:  # fmt: skip
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.space_before = Pt(0)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece, raised in ((text, False), (stars, True)):
        if not piece:
            continue
        run = paragraph.add_run(piece)
        run.bold, run.italic, run.font.size = bold, italic, Pt(size)
        run.font.superscript = raised or None
        run.font.name = LATIN
        run._element.rPr.rFonts.set(qn("w:eastAsia"), EAST_ASIAN)


def _grid(document: Any, table: TableContent) -> None:
    """A Word table for each part, all of the same widths, so that each repeats its own headers on further pages."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Pt

    section = document.sections[0]
    page = int(section.page_width - section.left_margin - section.right_margin)
    size = _size(table, page)
    # Of empty cells, which would else make their row taller than the others.
    document.styles["Normal"].font.size = Pt(size)
    for number, part in enumerate(table.parts):
        if number:
            _gap(document)
        height = bool(part.title) + len(part.headers) + len(part.rows)
        grid = document.add_table(rows=height, cols=table.n_columns + 1)
        grid.alignment = WD_TABLE_ALIGNMENT.CENTER
        grid.autofit = False
        _widths(grid, table, size, page)
        rows = list(grid.rows)
        _part(rows, part, size, first=number == 0)
    _border(rows[-1], "bottom", _THICK)


def _gap(document: Any) -> None:
    """The least that keeps two tables apart: as one table, Word would repeat the first one's headers over both."""
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(1)
    paragraph.paragraph_format.keep_with_next = True


def _widths(grid: Any, table: TableContent, size: float, page: int) -> None:
    """Columns wide enough for their longest number; the labels get what is left, as far as they need it."""
    from docx.shared import Cm, Length, Pt

    rows = [row for part in table.parts for row in part.rows]
    letter = Pt(size) * _LETTER
    needed = [_needed(rows, k, letter) for k in range(table.n_columns)]
    longest = int(Cm(0.6) + letter * max((width(row.label) for row in rows if row.kind != "heading"), default=10))
    label = max(min(longest, max(int(page * 0.45), page - table.n_columns * int(Cm(2.6)))), int(Cm(_LEAST_LABEL)))
    label = max(min(label, page - sum(needed)), int(Cm(_LEAST_LABEL)))
    spare = max(0, page - label - sum(needed)) // table.n_columns
    others = [need + min(spare, max(0, int(Cm(2.6)) - need)) for need in needed]
    for column, wide in zip(grid.columns, [label, *others], strict=True):
        column.width = Length(wide)
        for cell in column.cells:
            cell.width = Length(wide)


def _needed(rows: list[Row], column: int, letter: float) -> int:
    """Room for the widest number of a column, stars and cell margins included."""
    from docx.shared import Cm

    cells = [row.cells[column] for row in rows if column < len(row.cells) and row.kind != "mark"]
    numbers = [width(cell.text) + 0.7 * len(cell.stars) for cell in cells if _is_number(cell.text)]
    return int(Cm(0.42) + letter * max(numbers, default=4.0))


def _is_number(text: str) -> bool:
    return bool(text) and all(symbol in "0123456789.,()-∞" for symbol in text)


def _size(table: TableContent, page: int) -> float:
    """Points of the table's text: the largest of `_SIZES` at which no number of the table has to break."""
    from docx.shared import Cm, Pt

    rows = [row for part in table.parts for row in part.rows]
    room = page - int(Cm(_LEAST_LABEL))
    sizes = _SIZES if table.n_columns <= _WIDE else _SIZES[1:]
    fitting = (s for s in sizes if sum(_needed(rows, k, Pt(s) * _LETTER) for k in range(table.n_columns)) <= room)
    return next(fitting, sizes[-1])


def _part(rows: list[Any], part: Part, size: float, *, first: bool) -> None:
    line = 0
    _border(rows[line], "top", _THICK if first else _THIN)
    if part.title:
        cells = rows[line].cells
        merged = cells[0].merge(cells[-1])
        _paragraph(merged.paragraphs[0], part.title, italic=True, size=size)
        _repeat(rows[line])
        line += 1
    for header in part.headers:
        _header(rows[line], header, size)
        _repeat(rows[line])
        _keep_with_next(rows[line].cells)
        line += 1
    _border(rows[line - 1], "bottom", _THIN)
    for row in part.rows:
        cells = rows[line].cells
        if row.kind == "heading":
            _paragraph(cells[0].merge(cells[-1]).paragraphs[0], row.label, italic=True, size=size)
            _keep_with_next(cells[:1])
            line += 1
            continue
        _paragraph(cells[0].paragraphs[0], row.label, size=size)
        for target, cell in zip(cells[1:], row.cells, strict=True):
            _paragraph(target.paragraphs[0], with_minus(cell.text), size=size, centred=True, stars=cell.stars)
            if _is_number(cell.text):
                _unbroken(target)
        # No standard error and no count stands alone on a new page.
        if row.kind in ("estimate", "mark", "statistic") and row is not part.rows[-1]:
            _keep_with_next(cells)
        line += 1


def _header(row: Any, header: Header, size: float) -> None:
    cells = row.cells
    _paragraph(cells[0].paragraphs[0], header.label, size=size)
    column = 1
    for text, span in header.cells:
        target = cells[column] if span == 1 else cells[column].merge(cells[column + span - 1])
        _paragraph(target.paragraphs[0], text, size=size, centred=True)
        column += span


def _unbroken(cell: Any) -> None:
    """A number stands on one line."""
    from docx.oxml import OxmlElement

    cell._tc.get_or_add_tcPr().append(OxmlElement("w:noWrap"))


def _keep_with_next(cells: Any) -> None:
    for cell in cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def _repeat(row: Any) -> None:
    """Repeat the row at the top of each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:tblHeader")
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def _border(row: Any, side: str, size: int) -> None:
    """A horizontal line on every cell of the row; cells merged across a row are one element and get one line."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for cell in row._tr.tc_lst:
        properties = cell.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            unbroken = properties.find(qn("w:noWrap"))
            # The schema wants borders before noWrap.
            properties.append(borders) if unbroken is None else unbroken.addprevious(borders)
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
