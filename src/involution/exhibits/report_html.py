"""Pieces of HTML that the sections of the report are made of; every text escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from involution.exhibits.labels import Labels


def anchor(kind: str, name: str) -> str:
    """The identifier of a thing, without spaces: letters, digits, ``_``, ``.`` and ``-``; other names, others.

    Examples
    --------
    >>> anchor("model", "base[国有]"), anchor("variable", "a b")
    ('model-base-5b-国有-5d-', 'variable-a-20-b')
    """
    return f"{kind}-" + re.sub(r"[^\w.]", lambda found: f"-{ord(found[0]):x}-", name)


def link_to(identifier: str) -> str:
    """A link's target on this page, ready for an attribute."""
    return escape(f"#{quote(identifier)}")


@dataclass(frozen=True)
class PlainRow:
    """A row of a simple table: texts, a few of which may be links or code already written as HTML.

    Attributes
    ----------
    cells : tuple of str
        HTML.
    name : str
        Identifier of the row; none where empty.
    found_as : str
        What a search calls it; not found where empty.
    """

    cells: tuple[str, ...]
    name: str = ""
    found_as: str = ""
    names: tuple[str, ...] = field(default=())


def row_of(values: Sequence[object], *, code: int | None = None) -> PlainRow:
    """Values as escaped cells; that of column `code` is set as code."""
    cells = [escape("" if value is None else str(value)) for value in values]
    return PlainRow(tuple(f"<code>{cell}</code>" if k == code and cell else cell for k, cell in enumerate(cells)))


def listing(pairs: Sequence[tuple[str, object]]) -> str:
    """Names and values as a definition list; those without a value are left out, and a list without any is none."""
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs if value not in ("", None)
    )
    return f"<dl>{items}</dl>\n" if items else ""


def plain_table(name: str, title: str, heads: Sequence[str], rows: Sequence[PlainRow], labels: Labels) -> str:
    """A simple table that sorts by its columns and can be copied.

    Parameters
    ----------
    name : str
        Identifier, after ``data-``.
    title : str
        What the table is called where it is not seen.
    heads : sequence of str
    rows : sequence of PlainRow
        With as many cells; `names` are identifiers of cells.
    labels : Labels
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' if text else "<td></td>" for text in heads)
    body = "".join(_plain_row(row) for row in rows)
    place = f"data-{name}"
    return (
        f'<div id="{place}">\n{tools("", title, place, labels)}'
        f'<div class="wide" role="group" tabindex="0" aria-label="{escape(title)}">'
        f'<table class="plain" data-sortable><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>\n</div>\n"
    )


def _plain_row(row: PlainRow) -> str:
    named = f' id="{escape(row.name)}"' if row.name else ""
    found = f' data-find="{escape(row.found_as)}"' if row.found_as else ""
    names = [*row.names, *[""] * (len(row.cells) - len(row.names))]
    cells = [
        f'<td id="{escape(name)}">{cell}</td>' if name else f"<td>{cell}</td>"
        for name, cell in zip(names, row.cells, strict=True)
    ]
    return f"<tr{named}{found}>{''.join(cells)}</tr>"


def tools(link: str, title: str, copied: str, labels: Labels) -> str:
    """What stands above an exhibit: a link to it, and a button that copies its numbers.

    Parameters
    ----------
    link : str
        Identifier that the link leads to; no link where empty.
    title : str
    copied : str
        Identifier of the element that holds the table; no button where empty.
    labels : Labels
    """
    quiet = f'<span class="quiet">: {escape(title)}</span>'
    parts = []
    if link:
        parts.append(f'<a href="{link_to(link)}">{escape(labels.text("report_permalink"))}{quiet}</a>')
    if copied:
        said = escape(labels.text("report_copy"))
        parts.append(
            f'<button type="button" class="copy" data-of="{escape(copied)}" data-scripted hidden>{said}{quiet}</button>'
        )
    return f'<div class="tools">{"".join(parts)}</div>\n'
