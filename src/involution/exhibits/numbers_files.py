"""The numbers of the results as files: for LaTeX, for other programs, and as fields of a Word document."""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from involution.errors import InputError, Problem
from involution.exhibits.content import with_minus
from involution.exhibits.labels import Labels
from involution.exhibits.numbers import Number, Numbers, as_macros
from involution.exhibits.properties import with_properties
from involution.exhibits.render.archive import fixed_times
from involution.exhibits.render.word_parts import new_document
from involution.files import read_bytes
from involution.study.tables import NUMBERS

DIGEST = "involutionNumbers"
"""The property that says from which numbers a document was last refreshed."""
_ATTRIBUTES = tuple(field.name for field in fields(Number) if field.name != "key")
_IN_WORD = ("estimate", "std_error", "p_value", "value")
"""What stands in the Word document; the others are a search in the JSON file away."""


def number_files(numbers: Numbers, labels: Labels, formats: tuple[str, ...]) -> dict[str, bytes]:
    """The files that hold the numbers, by name: JSON always, the others with the formats of the tables.

    Parameters
    ----------
    numbers : Numbers
    labels : Labels
        Of the study's first language, for the headings in Word.
    formats : tuple of str
    """
    files = {f"{NUMBERS}.tex": as_macros(numbers), f"{NUMBERS}.json": as_json(numbers)}
    if "docx" in formats:
        files[f"{NUMBERS}.docx"] = as_document(numbers, labels)
    return files


def as_json(numbers: Numbers) -> bytes:
    """By key: value with all its digits (null where infinite), shown text, stars, and which row and column it is."""
    every = {number.key: {name: getattr(number, name) for name in _ATTRIBUTES} for number in numbers.every}
    for entry in every.values():
        entry["value"] = None if math.isinf(entry["value"]) else entry["value"]
    lines = ",\n".join(f"{_plain(key)}: {_plain(entry)}" for key, entry in every.items())
    return f'{{"legend": {_plain(dict(numbers.legend))},\n"numbers": {{\n{lines}\n}}}}\n'.encode()


def _plain(value: object) -> str:
    """JSON on one line; a float has the digits that it takes to read it back as it was, seventeen at most."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_numbers(content: bytes, where: str) -> Numbers:
    """Numbers from their JSON file.

    Raises
    ------
    InputError
        When the file is none of numbers.
    """
    try:
        loaded = json.loads(content.decode("utf-8-sig"))
        every = tuple(_number(key, entry) for key, entry in loaded["numbers"].items())
        return Numbers(every, loaded["legend"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            Problem(where, "expected the numbers of a study (numbers.json), found something else")
        ) from None


def numbers_in(folder: str | Path) -> Numbers:
    """The numbers in a folder of results.

    Raises
    ------
    InputError
        When there are none: the folder is another one, or its results are of an earlier version.
    """
    path = Path(folder) / "tables" / f"{NUMBERS}.json"
    if not path.is_file():
        mend = "give the folder of a study's results, such as results/NAME, and run the study first"
        raise InputError(Problem(str(folder), f"there is no tables/{NUMBERS}.json", mend=mend))
    return read_numbers(read_bytes(path), str(path))


def _number(key: str, entry: Mapping[str, Any]) -> Number:
    value = entry["value"]
    infinite = math.inf * (-1 if str(entry["shown"]).startswith("-") else 1)
    return Number(
        key, **{**{name: entry[name] for name in _ATTRIBUTES}, "value": infinite if value is None else float(value)}
    )


def digest(numbers: Numbers) -> str:
    """What tells two runs apart: the first digits of SHA-256 of the JSON file."""
    return hashlib.sha256(as_json(numbers)).hexdigest()[:16]


def shown_in_word(number: Number) -> str:
    """A number as Word has it."""
    return with_minus(number.shown)


def as_document(numbers: Numbers, labels: Labels) -> bytes:
    """A Word document of one property per number and, model by model, a table of fields to copy into a paper."""
    shown = [number for number in numbers.every if number.what in _IN_WORD]
    document = new_document()
    document.add_heading(labels.text("numbers_title"), 1)
    document.add_paragraph(labels.text("numbers_use"))
    body = document.element.body
    for model, entries in groupby(sorted(shown, key=_order(shown)), key=lambda number: number.model):
        document.add_heading(model, 2)
        body.insert(len(body) - 1, _table(list(entries), labels))
    stream = io.BytesIO()
    document.save(stream)
    values = {number.key: shown_in_word(number) for number in shown} | {DIGEST: digest(numbers)}
    return fixed_times(with_properties(stream.getvalue(), values))


def _order(shown: list[Number]) -> Any:
    """Models in the order in which they first appear, each with its estimates before its statistics."""
    place = {model: k for k, model in enumerate(dict.fromkeys(number.model for number in shown))}
    return lambda number: place[number.model]


def _table(entries: list[Number], labels: Labels) -> Any:
    """A model's numbers: what each is, its field, its name."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    heads = [labels.text(f"numbers_{name}") for name in ("term", "what", "shown", "name")]
    rows = ["".join(_cell(_run(head)) for head in heads)]
    for number in entries:
        term = labels.term(number.term) if number.term else labels.statistic_or_count(number.statistic)
        what = labels.text("numbers_of_value" if number.what == "value" else number.what)
        cells = [
            _run(term),
            _run(what),
            _field(number.key, shown_in_word(number)) + _run(number.stars),
            _run(number.key),
        ]
        rows.append("".join(map(_cell, cells)))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in (2800, 1400, 1600, 3800))
    properties = '<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
    body = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    return parse_xml(f"<w:tbl {nsdecls('w')}>{properties}<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>")


def _cell(content: str) -> str:
    return f"<w:tc><w:p>{content}</w:p></w:tc>"


def _run(text: str) -> str:
    return f'<w:r><w:rPr><w:sz w:val="17"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


def _field(name: str, shown: str) -> str:
    """A field that shows a property; it takes the letters of the text into which it is copied."""
    instruction = quoteattr(f" DOCPROPERTY {name} \\* MERGEFORMAT ")
    return f"<w:fldSimple w:instr={instruction}>{_run(shown)}</w:fldSimple>"
