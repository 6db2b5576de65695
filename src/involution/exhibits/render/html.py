"""HTML: a fragment for the report, a page of its own as a file; every text escaped."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from involution.exhibits.content import Cell, Header, Part, Row, TableContent, with_minus
from involution.exhibits.render.align import Room, aligned, rooms

_DIGIT_EM, _MOST = 0.5, 24
STYLE = """
table.exhibit { border-collapse: collapse; margin: 0 auto; font-variant-numeric: tabular-nums; }
table.exhibit caption { font-weight: 600; padding: .4em 0; text-align: center; }
table.exhibit th, table.exhibit td { padding: .12em .7em; text-align: center; white-space: nowrap; font-weight: 400; }
table.exhibit th:first-child { text-align: left; }
table.exhibit th[scope=row] { white-space: normal; min-width: 9em; max-width: 16em; }
table.exhibit tr.mark td { white-space: normal; }
table.exhibit thead tr:first-child > *, table.exhibit tbody tr.part > * { border-top: 2px solid currentColor; }
table.exhibit thead tr:last-child > *, table.exhibit tr.last > * { border-bottom: 1px solid currentColor; }
table.exhibit th.span { border-bottom: 1px solid currentColor; white-space: normal; }
table.exhibit tr.rule > * { border-top: 1px solid currentColor; padding-top: .3em; }
table.exhibit tbody:last-of-type tr:last-child > * { border-bottom: 2px solid currentColor; }
table.exhibit tr.uncertainty > * { padding-top: 0; padding-bottom: .35em; }
table.exhibit tr.heading th { font-style: italic; text-align: left; border-top: 1px solid currentColor; }
table.exhibit tr.section th { font-style: italic; text-align: left; padding-top: .5em; }
table.exhibit td > span { display: inline-block; text-align: right; }
table.exhibit td > span + span { text-align: left; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
ul.notes { font-size: .85em; max-width: 46em; margin: .5em auto 0; padding-left: 1.2em; }
"""

# Halves of a number as wide as the widest of their column, in digits: the points of a column stand in line.
STYLE += "".join(f"table.exhibit .w{k} {{ min-width: {k}ch; }}\n" for k in range(1, _MOST + 1))

_NAMING = ("estimate", "plain")
"""Kinds of rows whose label may name a variable; a statistic may be called as one and is none."""

_PAGE_STYLE = """
body { font-family: Georgia, 'Noto Serif CJK SC', SimSun, serif; margin: 1.5em; color: #111; background: #fff; }
.wide { overflow-x: auto; }"""


def render(table: TableContent) -> bytes:
    """A page that stands alone."""
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{"zh-CN" if table.language == "zh" else "en"}">',
        '<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(table.title)}</title>",
        f"<style>{_PAGE_STYLE}{STYLE}</style>\n</head>",
        f"<body>\n{fragment(table)}</body>\n</html>\n",
    ]
    return "\n".join(lines).encode()


def fragment(
    table: TableContent, *, heading: str = "", label: Callable[[str], str] = escape, sortable: bool = False
) -> str:
    """The table and its notes, to stand inside a page.

    Parameters
    ----------
    table : TableContent
    heading : str
        Identifier of an element that already shows the title; the table then has no caption of its own.
    label : callable
        HTML of what may name a variable: a label of a row, the head of a column.
    sortable : bool
        Marked for a page whose script sorts it.
    """
    named = f' aria-labelledby="{escape(heading)}"' if heading else ""
    told = named or f' aria-label="{escape(table.title)}"'
    marked = " data-sortable" if sortable else ""
    caption = [] if heading else [f"<caption>{escape(table.title)}</caption>"]
    lines = [f'<div class="wide" role="group" tabindex="0"{told}>', f'<table class="exhibit"{named}{marked}>', *caption]
    for number, part in enumerate(table.parts):
        lines += _part(part, rooms(table), label, first=number == 0)
    lines += ["</table>", "</div>", '<ul class="notes">']
    lines += [f"<li>{escape(note)}</li>" for note in table.notes]
    return "\n".join([*lines, "</ul>", ""])


def _part(part: Part, columns: list[Room], label: Callable[[str], str], *, first: bool) -> list[str]:
    last = len(part.headers) - 1
    marks = ["part" if not (first or k or part.title) else "" for k in range(last)] + ["" if first else "last"]
    heads = [_header(header, mark, label) for header, mark in zip(part.headers, marks, strict=False)]
    title = [f'<tr class="heading"><th colspan="{len(columns) + 1}" scope="colgroup">{escape(part.title)}</th></tr>']
    if first:
        lines = ["<thead>", *heads, "</thead>", "<tbody>", *(title if part.title else [])]
    else:
        lines = ["<tbody>", *(title if part.title else []), *heads]
    return [*lines, *(_row(row, columns, row is part.rows[0], label) for row in part.rows), "</tbody>"]


def _header(header: Header, mark: str, label: Callable[[str], str]) -> str:
    """A row of heads; a cell without text is no head of anything."""
    cells = [f'<th scope="col">{label(header.label)}</th>' if header.label else "<td></td>"]
    for text, span in header.cells:
        tag, attributes = ("th", ' scope="col"') if text else ("td", "")
        if span > 1:
            attributes += f' colspan="{span}"' + (' class="span"' if text else "")
        cells.append(f"<{tag}{attributes}>{label(text)}</{tag}>")
    named = f' class="{mark}"' if mark else ""
    return f"<tr{named}>{''.join(cells)}</tr>"


def _row(row: Row, columns: list[Room], first: bool, label: Callable[[str], str]) -> str:
    if row.kind == "heading":
        return f'<tr class="section"><th colspan="{len(row.cells) + 1}" scope="rowgroup">{label(row.label)}</th></tr>'
    classes = [row.kind, *(["rule"] if row.rule_above and not first else [])]
    cells = "".join(f"<td>{_cell(row, cell, room)}</td>" for cell, room in zip(row.cells, columns, strict=True))
    return f'<tr class="{" ".join(classes)}">{_head(row, label)}{cells}</tr>'


def _head(row: Row, label: Callable[[str], str]) -> str:
    """The head of a row; of one below another without a label, what its numbers are, for those who hear the table."""
    if row.label:
        return f'<th scope="row">{(label if row.kind in _NAMING else escape)(row.label)}</th>'
    return f'<th scope="row"><span class="quiet">{escape(row.what)}</span></th>' if row.what else "<td></td>"


def _cell(row: Row, cell: Cell, room: Room) -> str:
    stars = f"<sup>{escape(cell.stars)}</sup>" if cell.stars else ""
    found = aligned(row, cell)
    if found is None:
        return escape(with_minus(cell.text)) + stars
    before, behind = found
    pair = ((escape(before), room.before), (escape(behind) + stars, room.behind))
    return "".join(f'<span class="w{_digits(ems)}">{text}</span>' for text, ems in pair if ems)


def _digits(ems: float) -> int:
    """A width in whole digits."""
    return min(_MOST, max(1, math.ceil(ems / _DIGIT_EM)))
