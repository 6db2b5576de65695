"""What Word tables are made of: pages, paragraphs, borders, tab stops and fields."""

from __future__ import annotations

import datetime
from typing import Any

LATIN, EAST_ASIAN = "Times New Roman", "SimSun"
_FIXED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def new_document(*, landscape: bool = False, latin: str = LATIN, east_asian: str = EAST_ASIAN) -> Any:
    """An empty document on A4 with a pair of fonts, Latin and East Asian."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.comments, properties.title = "", "", ""
    properties.created = properties.modified = _FIXED
    for name in ("Normal", "Title", "Heading 1", "Caption", "Header", "Footer"):
        set_fonts(document.styles[name], latin, east_asian)
    document.styles["Normal"].font.size = Pt(10)
    # Chinese punctuation is set as on the mainland.
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Normal"].paragraph_format.space_after = Pt(2)
    set_page(document.sections[0], landscape=landscape)
    return document


def set_fonts(style: Any, latin: str, east_asian: str) -> None:
    """Both fonts of a style, in black, in place of those of the theme."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name = latin
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), east_asian)


def set_page(section: Any, *, landscape: bool) -> None:
    """A4 with margins of 2 cm at the sides."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section.left_margin = section.right_margin = Cm(2)
    width, height = Cm(21), Cm(29.7)
    section.page_width, section.page_height = (height, width) if landscape else (width, height)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT


def write(
    paragraph: Any, text: str, *, bold: bool | None = None, italic: bool | None = None, size: float = 10,
    centred: bool = False, stars: str = "",
) -> None:  # fmt: skip
    """A text and raised stars behind it; an empty paragraph is as low as its text would be."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
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
    if not text and not stars:
        properties = element("w:rPr")
        properties.append(element("w:sz", val=str(int(2 * size))))
        paragraph._p.get_or_add_pPr().append(properties)


def element(name: str, **values: str) -> Any:
    """An XML element with attributes of the namespace of Word."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def field(paragraph: Any, code: str, shown: str, *, size: float | None = None, bold: bool | None = None) -> None:
    """A field with the value that is shown until Word computes it anew."""
    from docx.shared import Pt

    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run(text if kind == "shown" else "")
        run.bold = bold
        run.font.size = None if size is None else Pt(size)
        if kind == "":
            instruction = element("w:instrText")
            instruction.text = f" {text} "
            run._r.append(instruction)
        elif kind != "shown":
            run._r.append(element("w:fldChar", fldCharType=kind))


def decimal_tab(paragraph: Any, position: int) -> None:
    """A tab stop that lines a cell's number up by its decimal point; in a cell it needs no tab before the number."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Length

    paragraph.paragraph_format.tab_stops.add_tab_stop(Length(position), WD_TAB_ALIGNMENT.DECIMAL)


def unbroken(cell: Any) -> None:
    """A number stands on one line."""
    cell._tc.get_or_add_tcPr().append(element("w:noWrap"))


def keep_with_next(cells: Any) -> None:
    """Rows that stay on the page of the one below them."""
    for cell in cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True


def whole(row: Any) -> None:
    """A row that no page break divides."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit", val="true"))


def repeat(row: Any) -> None:
    """Repeat the row at the top of each page."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader", val="true"))


def border(row: Any, side: str, size: int) -> None:
    """A horizontal line on every cell of the row; cells merged across a row are one element and get one line."""
    from docx.oxml.ns import qn

    for cell in row._tr.tc_lst:
        properties = cell.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = element("w:tcBorders")
            without_break = properties.find(qn("w:noWrap"))
            # The schema wants borders before noWrap.
            properties.append(borders) if without_break is None else without_break.addprevious(borders)
        borders.append(element(f"w:{side}", val="single", sz=str(size), space="0", color="000000"))
