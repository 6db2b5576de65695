"""One Word document of all exhibits: headings, numbered captions, tables, figures."""

from __future__ import annotations

import io
from typing import Any

from involution.exhibits.documents.outline import Caption, NumberedFigure, NumberedTable, Outline
from involution.exhibits.render.archive import fixed_times
from involution.exhibits.render.word import is_long, is_wide, put_table
from involution.exhibits.render.word_parts import field, new_document, set_page, write
from involution.study.styles import STYLES

_FIGURE_CM, _FIGURE_HIGH_CM = 15.5, 19.0
_NOTE = 8.5


def word_document(outline: Outline) -> bytes:
    """The document as bytes, the same every time.

    Tables with more than six columns stand on pages in landscape. A table that is longer than a page has a section of
    its own, whose further pages say at their head that it goes on; each page repeats the headers of the columns.
    """
    style = STYLES[outline.style]
    document = new_document(latin=style.latin, east_asian=style.east_asian)
    document.core_properties.title = outline.title
    _page_numbers(document.sections[0])
    document.add_paragraph(outline.title, style="Title")
    for chapter in outline.chapters:
        exhibits: list[NumberedTable | NumberedFigure] = [*chapter.tables, *chapter.figures]
        for position, exhibit in enumerate(exhibits):
            _open(document, exhibit)
            if position == 0:
                document.add_paragraph(chapter.heading, style="Heading 1")
            if isinstance(exhibit, NumberedTable):
                _table(document, exhibit)
            else:
                _figure(document, exhibit)
    stream = io.BytesIO()
    document.save(stream)
    return fixed_times(stream.getvalue())


def _open(document: Any, exhibit: NumberedTable | NumberedFigure) -> None:
    """Begin the pages that an exhibit needs."""
    if isinstance(exhibit, NumberedFigure):
        _section(document, landscape=False)
        return
    continued = exhibit.continued if is_long(exhibit.content) else ""
    _section(document, landscape=is_wide(exhibit.content), continued=continued)


def _section(document: Any, *, landscape: bool, continued: str = "") -> None:
    """Make sure that what follows stands on pages of that orientation; a long table begins a section of its own."""
    from docx.enum.section import WD_SECTION

    last = document.sections[-1]
    is_landscape = last.page_width > last.page_height
    if landscape == is_landscape and not continued and not last.different_first_page_header_footer:
        return
    section = document.add_section(WD_SECTION.NEW_PAGE)
    set_page(section, landscape=landscape)
    section.different_first_page_header_footer = bool(continued)
    section.header.is_linked_to_previous = False
    section.header.paragraphs[0].text = ""
    if continued:
        write(section.header.paragraphs[0], continued, size=_NOTE, centred=True)
        section.first_page_header.is_linked_to_previous = False
        section.first_page_footer.is_linked_to_previous = False
        _number(section.first_page_footer.paragraphs[0])


def _page_numbers(section: Any) -> None:
    _number(section.footer.paragraphs[0])


def _number(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field(paragraph, "PAGE", "1", size=9)


def _table(document: Any, table: NumberedTable) -> None:
    caption = document.add_paragraph(style="Caption")
    _caption(caption, table.caption, "Table")
    caption.paragraph_format.keep_with_next = True
    put_table(document, table.content)
    document.add_paragraph()


def _caption(paragraph: Any, caption: Caption, counter: str) -> None:
    """A caption whose number Word counts: a list of tables can be made of it."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    numerals = "ROMAN" if caption.roman else "ARABIC"
    for text in (caption.before, None, caption.after):
        if text is None:
            field(paragraph, f"SEQ {counter} \\* {numerals}", caption.number, size=10.5, bold=True)
            continue
        for position, line in enumerate(text.split("\n")):
            run = paragraph.add_run()
            if position:
                run.add_break()
            run.add_text(line)
            run.bold, run.font.size = True, Pt(10.5)


def _figure(document: Any, figure: NumberedFigure) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(io.BytesIO(figure.png), width=Cm(_FIGURE_CM))
    if picture.height > Cm(_FIGURE_HIGH_CM):
        picture.width, picture.height = int(picture.width * Cm(_FIGURE_HIGH_CM) / picture.height), Cm(_FIGURE_HIGH_CM)
    picture._inline.docPr.set("descr", figure.words)
    caption = document.add_paragraph(style="Caption")
    _caption(caption, figure.caption, "Figure")
    if figure.notes:
        caption.paragraph_format.keep_with_next = True
        write(document.add_paragraph(), figure.notes, size=_NOTE)
    document.add_paragraph()
