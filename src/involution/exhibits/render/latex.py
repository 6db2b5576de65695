"""LaTeX: booktabs and graphicx, every text escaped.

Long labels and texts are broken into lines; a table that is still wider than the text is scaled down to it.
The notes stand below in a box as wide as the text, however narrow the table is.
"""

from __future__ import annotations

import re

from involution.exhibits.content import Cell, Header, Part, Row, TableContent, with_minus
from involution.exhibits.render.wrap import width, wrapped

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"{\char34}", "²": r"\textsuperscript{2}", "×": r"$\times$",
    "∞": r"$\infty$", "—": "---", "→": r"$\rightarrow$", "−": r"$-$", "ρ": r"$\rho$",
}  # fmt: skip
_NARROW, _TEXT, _PAIR, _LONG = 5, 14, 2, 900
_NUMBER = re.compile(r"^\(?-?[\d,.]+\)?$|^\(?-∞\)?$")


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(_ESCAPES.get(symbol, symbol) for symbol in text.replace("\n", " "))


def render(table: TableContent) -> bytes:
    r"""A table environment to \input; needs booktabs and graphicx (and ctex or xeCJK for Chinese)."""
    align = "l" + "c" * table.n_columns
    size, gap = (r"\small", 4) if table.n_columns <= _NARROW else (r"\footnotesize", 3)
    lines = [
        r"% needs \usepackage{booktabs,graphicx}",
        r"\begin{table}[htbp]",
        rf"\centering{size}",
        rf"\caption{{{escape(table.title)}}}\label{{tab:{table.name}}}",
        rf"\setlength{{\tabcolsep}}{{{gap}pt}}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{align}}}",
        r"\toprule",
    ]
    for number, part in enumerate(table.parts):
        lines += _part(part, table.n_columns, first=number == 0)
    lines += [r"\bottomrule", r"\end{tabular}}\par\smallskip", *_notes(table.notes), r"\end{table}", ""]
    return "\n".join(lines).encode()


def _notes(notes: tuple[str, ...]) -> list[str]:
    """A box as wide as the text, one paragraph a note; names may break after an underscore."""
    if not notes:
        return []
    paragraphs = [escape(note).replace(r"\_", r"\_\allowbreak{}") + r"\par" for note in notes]
    size = r"\footnotesize" if sum(map(width, notes)) <= _LONG else r"\scriptsize"
    begin = rf"\begin{{minipage}}{{\linewidth}}{size}\raggedright\parskip=1pt\emergencystretch=3em"
    return [begin, *paragraphs, r"\end{minipage}"]


def _part(part: Part, columns: int, *, first: bool) -> list[str]:
    lines = [] if first else [r"\midrule"]
    if part.title:
        lines.append(rf"\multicolumn{{{columns + 1}}}{{l}}{{\textit{{{escape(part.title)}}}}} \\")
    for header in part.headers:
        lines += _header(header)
    lines.append(r"\midrule")
    labels = _row_labels(part.rows, 38 if columns <= _NARROW else 26)
    for row, label in zip(part.rows, labels, strict=True):
        if row.rule_above and row is not part.rows[0]:
            lines.append(r"\midrule" if row.kind == "mark" or row.kind == "statistic" else r"\addlinespace")
        if row.kind == "heading":
            lines.append(rf"\multicolumn{{{columns + 1}}}{{l}}{{\textit{{{escape(row.label)}}}}} \\")
            continue
        lines.append(_line([label, *(_cell(cell) for cell in row.cells)]))
    return lines


def _row_labels(rows: tuple[Row, ...], limit: int) -> list[str]:
    """Labels in lines; the second line of an estimate's label stands beside its standard error."""
    labels = []
    below = ""
    for row, following in zip(rows, (*rows[1:], None), strict=True):
        pieces = [below] if below else wrapped(row.label, limit)
        below = ""
        free = row.kind == "estimate" and following is not None and not following.label
        if free and len(pieces) == _PAIR:
            below = pieces.pop()
        labels.append((r"\quad " if not row.label and pieces[0] else "") + _stacked(pieces, "l"))
    return labels


def _stacked(lines: list[str], align: str) -> str:
    """One line as it stands, several as a small table of lines."""
    if len(lines) == 1:
        return escape(lines[0])
    return rf"\begin{{tabular}}[t]{{@{{}}{align}@{{}}}}" + r"\\".join(map(_opening, lines)) + r"\end{tabular}"


def _opening(text: str) -> str:
    """A text that does not continue the line break before it: a bracket or a star would."""
    return ("{}" if text[:1] in ("[", "*") else "") + escape(text)


def _line(cells: list[str]) -> str:
    return ("{}" if cells[0][:1] in ("[", "*") else "") + " & ".join(cells) + r" \\"


def _header(header: Header) -> list[str]:
    cells, rules, column = [escape(header.label)], [], 2
    for text, span in header.cells:
        shown = _stacked(wrapped(text, _TEXT * span), "c")
        cells.append(shown if span == 1 else rf"\multicolumn{{{span}}}{{c}}{{{shown}}}")
        if span > 1 and text:
            rules.append(rf"\cmidrule(lr){{{column}-{column + span - 1}}}")
        column += span
    return [_line(cells), *(["".join(rules)] if rules else [])]


def _cell(cell: Cell) -> str:
    if not _NUMBER.match(cell.text):
        return _stacked(wrapped(with_minus(cell.text), _TEXT), "c")
    text = with_minus(cell.text).replace("−∞", r"$-\infty$").replace("−", "$-$")
    return text + (rf"\textsuperscript{{{escape(cell.stars)}}}" if cell.stars else "")
