"""CSV laid out as the table, safe to open in a spreadsheet.

A second column says what a row holds, so that no number stands in parentheses (spreadsheets read ``(0.01)`` as
minus 0.01); a text that a spreadsheet would take for a formula is preceded by an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re

from involution.exhibits.content import Row, TableContent

_NUMBER = re.compile(r"^-?[\d,]*\.?\d+[*+†]*$|^-?∞$")


def neutral(text: str) -> str:
    """Text that a spreadsheet shows and does not calculate."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.match(text) else text


def render(table: TableContent) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([neutral(table.title)])
    for part in table.parts:
        if part.title:
            writer.writerow([neutral(part.title)])
        for header in part.headers:
            cells = [text for text, span in header.cells for _ in range(span)]
            writer.writerow([neutral(header.label), "", *map(neutral, cells)])
        label = ""
        for row in part.rows:
            label = row.label or label
            writer.writerow([neutral(label), row.what, *_cells(row)])
    for note in table.notes:
        writer.writerow([neutral(note)])
    return ("\ufeff" + stream.getvalue()).encode()


def _cells(row: Row) -> list[str]:
    texts = [cell.text + cell.stars for cell in row.cells]
    if row.kind == "uncertainty":
        texts = [text.removeprefix("(").removesuffix(")") for text in texts]
    return [neutral(text) for text in texts]
