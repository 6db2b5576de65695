"""Custom properties of a Word document and the fields that show them: ``DOCPROPERTY name``.

A document is changed in these alone: every other part of the archive stays as it is, byte for byte.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree  # type: ignore[import-untyped]

from involution.errors import InputError, Problem

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CONTENT = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
PART, CONTENT_TYPES, RELATIONS = "docProps/custom.xml", "[Content_Types].xml", "_rels/.rels"
_SHOWS_TEXT = re.compile(r"^word/(document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml$")
_INSTRUCTION = re.compile(r'^\s*DOCPROPERTY\s+(?:"([^"]+)"|(\S+))', re.IGNORECASE)
_NO_ENTITIES = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def parsed(content: bytes) -> Any:
    """The root of an XML part; entities stay what they are."""
    return etree.fromstring(content, _NO_ENTITIES)


def opened(content: bytes, where: str) -> zipfile.ZipFile:
    """A Word document as an archive.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        for name in ("word/document.xml", *parts_with_text(archive), *({PART} & {*archive.namelist()})):
            parsed(archive.read(name))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, RuntimeError, zlib.error):
        what = "expected a Word document (.docx), found something else"
        raise InputError(Problem(where, what, mend="save it as .docx; an older .doc cannot be read")) from None
    return archive


@dataclass(frozen=True)
class Field:
    """A field that shows a property: its name, and the elements that hold what it shows."""

    name: str
    texts: tuple[Any, ...]
    last: Any
    """The element after which a first result has to be put."""

    @property
    def shown(self) -> str:
        """What the document shows now."""
        return "".join(element.text or "" for element in self.texts)


def property_named(instruction: str) -> str:
    """The property that a field's instruction names; empty for another field."""
    found = _INSTRUCTION.match(instruction)
    return (found[1] or found[2]) if found else ""


def fields(root: Any) -> Iterator[Field]:
    """The fields of a part that show properties, in order; those of deleted text are left out."""
    for simple in root.iter(f"{W}fldSimple"):
        name = property_named(simple.get(f"{W}instr", ""))
        if name:
            yield Field(name, tuple(simple.iter(f"{W}t")), simple)
    yield from _complex_fields(root)


def _complex_fields(root: Any) -> Iterator[Field]:
    """Fields between marks, which may stand within one another; each text belongs to the innermost."""
    stack: list[dict[str, Any]] = []
    for element in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}t"):
        if element.tag == f"{W}fldChar":
            kind = element.get(f"{W}fldCharType")
            if kind == "begin":
                stack.append({"instruction": "", "texts": [], "result": False, "last": None})
            elif stack and kind == "separate":
                stack[-1] |= {"result": True, "last": element.getparent()}
            elif stack and kind == "end":
                ended = stack.pop()
                name = property_named(ended["instruction"])
                if name and ended["last"] is not None:
                    yield Field(name, tuple(ended["texts"]), ended["last"])
        elif stack and element.tag == f"{W}instrText":
            stack[-1]["instruction"] += element.text or ""
        elif stack and stack[-1]["result"]:
            stack[-1]["texts"].append(element)


def _show(field: Field, text: str) -> None:
    """Put a text where the field's result stands, in the form of its first letters."""
    if field.texts:
        field.texts[0].text = text
        for other in field.texts[1:]:
            other.text = ""
        return
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = text
    if field.last.tag == f"{W}fldSimple":
        field.last.append(run)
    else:
        field.last.addnext(run)


def parts_with_text(archive: zipfile.ZipFile) -> list[str]:
    """The parts that hold text: body, notes, comments, headers, footers."""
    return [name for name in archive.namelist() if _SHOWS_TEXT.match(name)]


def properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """The document's custom properties as texts."""
    if PART not in archive.namelist():
        return {}
    root = parsed(archive.read(PART))
    return {entry.get("name"): "".join(entry.itertext()) for entry in root.iter(f"{{{_CUSTOM}}}property")}


def fields_of(archive: zipfile.ZipFile) -> list[Field]:
    """All fields of a document that show properties."""
    return [field for name in parts_with_text(archive) for field in fields(parsed(archive.read(name)))]


def with_properties(content: bytes, values: Mapping[str, str], where: str = "") -> bytes:
    """A document with these properties set, and with their fields showing them.

    Parameters
    ----------
    content : bytes
        The document.
    values : mapping of str to str
        By name; properties and fields of other names stay as they are.
    where : str
        The document's name, for messages.
    """
    source = opened(content, where)
    changed: dict[str, bytes] = {}
    for name in parts_with_text(source):
        part = _updated(source.read(name), values)
        changed |= {} if part is None else {name: part}
    changed[PART] = _custom(source.read(PART) if PART in source.namelist() else None, values)
    if PART not in source.namelist():
        changed[CONTENT_TYPES] = _announced(source.read(CONTENT_TYPES))
        changed[RELATIONS] = _related(source.read(RELATIONS))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry, changed.pop(entry.filename, b"") or source.read(entry.filename))
        for name, part in changed.items():
            target.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _updated(part: bytes, values: Mapping[str, str]) -> bytes | None:
    """A part whose fields show these values; None where nothing has to change."""
    root = parsed(part)
    stale = [field for field in fields(root) if field.name in values and field.shown != values[field.name]]
    for field in stale:
        _show(field, values[field.name])
    return _written(root) if stale else None


def _written(root: Any) -> bytes:
    written: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


def _custom(part: bytes | None, values: Mapping[str, str]) -> bytes:
    """The part of the properties with these set; their identifiers start at 2, as Word has it."""
    empty = f"<Properties xmlns={quoteattr(_CUSTOM)} xmlns:vt={quoteattr(_TYPES)}/>"
    root = parsed(part or empty.encode())
    known = {entry.get("name"): entry for entry in root.iter(f"{{{_CUSTOM}}}property")}
    number = max([1, *(int(entry.get("pid")) for entry in known.values())])
    for name, value in values.items():
        entry = known.get(name)
        if entry is None:
            number += 1
            entry = etree.SubElement(root, f"{{{_CUSTOM}}}property", fmtid=_FORMAT, pid=str(number), name=name)
        for child in list(entry):
            entry.remove(child)
        etree.SubElement(entry, f"{{{_TYPES}}}lpwstr").text = value
    return _written(root)


def _announced(part: bytes) -> bytes:
    root = parsed(part)
    namespace = etree.QName(root).namespace
    etree.SubElement(root, f"{{{namespace}}}Override", PartName=f"/{PART}", ContentType=_CONTENT)
    return _written(root)


def _related(part: bytes) -> bytes:
    root = parsed(part)
    namespace = etree.QName(root).namespace
    taken = {entry.get("Id") for entry in root}
    name = next(f"rId{k}" for k in range(1, len(taken) + 2) if f"rId{k}" not in taken)
    etree.SubElement(root, f"{{{namespace}}}Relationship", Id=name, Type=_RELATION, Target=PART)
    return _written(root)
