"""A Word document as passages and tables: body, text boxes, notes; what is deleted is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from involution.audit.document import Cited, Grid, Kind, Paper, Passage, unfolded
from involution.exhibits.properties import W, opened, parsed, properties, property_named

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOTES = {"word/footnotes.xml": "footnote", "word/endnotes.xml": "endnote"}
_DELETED = (f"{W}del", f"{W}moveFrom")
_REFERENCES = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*\W*)?(?:references|bibliography|works cited|参考文献)\W*$", re.IGNORECASE
)


def read_word(content: bytes, where: str) -> Paper:
    """What a Word document says.

    Raises
    ------
    InputError
        When it is none.
    """
    archive = opened(content, where)
    reader = _Reader()
    reader.body(parsed(archive.read("word/document.xml")).find(f"{W}body"))
    for name, what in _NOTES.items():
        if name in archive.namelist():
            for number, note in enumerate(parsed(archive.read(name)), start=-1):
                reader.note(note, f"{what} {number}")
    return Paper(tuple(reader.passages), tuple(reader.grids), properties=tuple(sorted(properties(archive).items())))


@dataclass
class _Reader:
    passages: list[Passage] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    paragraphs: int = 0
    references: bool = False

    def body(self, parent: Any) -> None:
        """Paragraphs and tables in order, those of text boxes after the paragraph they hang on."""
        for element in _blocks(parent):
            if element.tag == f"{W}tbl":
                title = next((p.text for p in reversed(self.passages) if p.text.strip()), "")
                place = f"table {len(self.grids) + 1}"
                self.grids.append(Grid(place, title, unfolded(_rows(element, place))))
                continue
            self.paragraphs += 1
            self._paragraph(element, f"paragraph {self.paragraphs}")

    def note(self, note: Any, place: str) -> None:
        """A footnote or an endnote."""
        for paragraph in note.iter(f"{W}p"):
            self._paragraph(paragraph, place)

    def _paragraph(self, element: Any, place: str) -> None:
        text, cited = _text(element)
        if not text.strip():
            return
        kind = _kind(element)
        if _REFERENCES.match(text):
            self.references = True
        elif kind == "heading":
            self.references = False
        self.passages.append(Passage(place, text, cited, "contents" if self.references else kind))
        for box in element.iter(f"{W}txbxContent"):
            if not any(ancestor.tag == _FALLBACK for ancestor in box.iterancestors()):
                self.body(box)


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below an element, also inside content controls."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _blocks(child)


def _kind(paragraph: Any) -> Kind:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    name = "" if style is None else str(style.get(f"{W}val", ""))
    if re.match(r"toc|tableoffigures|index|bibliography", name, re.IGNORECASE):
        return "contents"
    return "heading" if re.match(r"heading|title|\d$", name, re.IGNORECASE) else "text"


def _text(paragraph: Any) -> tuple[str, tuple[Cited, ...]]:
    """The text of a paragraph, and where fields show numbers of results."""
    pieces: list[str] = []
    cited: list[Cited] = []
    stack: list[dict[str, Any]] = []

    def length() -> int:
        return sum(map(len, pieces))

    def visit(element: Any) -> None:
        if element.tag in (*_DELETED, _FALLBACK, f"{W}txbxContent", f"{W}pPr"):
            return
        simple = property_named(element.get(f"{W}instr", "")) if element.tag == f"{W}fldSimple" else ""
        start = length()
        if element.tag == f"{W}fldChar":
            _mark(element.get(f"{W}fldCharType"), stack, cited, length())
        elif element.tag == f"{W}instrText" and stack:
            stack[-1]["instruction"] += element.text or ""
        elif element.tag in (f"{W}t", _MATH):
            pieces.append(("^" if _raised_digit(element) else "") + (element.text or ""))
        elif element.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            pieces.append(" ")
        elif element.tag == f"{W}noBreakHyphen":
            pieces.append("-")
        for child in element:
            visit(child)
        if simple.startswith("involution"):
            cited.append(Cited(simple, start, length()))

    visit(paragraph)
    return "".join(pieces), tuple(cited)


def _mark(kind: str, stack: list[dict[str, Any]], cited: list[Cited], position: int) -> None:
    """The begin, the separation and the end of a field."""
    if kind == "begin":
        stack.append({"instruction": "", "start": position})
    elif stack and kind == "separate":
        stack[-1]["start"] = position
    elif stack and kind == "end":
        ended = stack.pop()
        name = property_named(ended["instruction"])
        if name.startswith("involution"):
            cited.append(Cited(name, ended["start"], position))


def _raised_digit(element: Any) -> bool:
    """Whether a text is an exponent, or the number of a note."""
    raised = element.getparent().find(f"{W}rPr/{W}vertAlign")
    return raised is not None and raised.get(f"{W}val") == "superscript" and (element.text or "")[:1].isdigit()


def _rows(table: Any, place: str) -> list[list[Passage]]:
    rows = []
    for number, row in enumerate(table.iter(f"{W}tr"), start=1):
        if next(row.iterancestors(f"{W}tbl")) is not table:
            continue
        cells: list[Passage] = []
        for cell in row.iterchildren(f"{W}tc", f"{W}sdt"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            lines = [_text(paragraph) for paragraph in cell.iter(f"{W}p")]
            text = "\n".join(line for line, _ in lines).strip("\n")
            cited = lines[0][1] if len(lines) == 1 else ()
            cells.append(Passage(f"{place}, row {number}", text, cited))
            cells += [Passage(f"{place}, row {number}", "")] * (int(span.get(f"{W}val")) - 1 if span is not None else 0)
        rows.append(cells)
    return rows
