"""LaTeX: booktabs and threeparttable, every text escaped."""

from __future__ import annotations

import re

from involution.exhibits.content import Cell, Header, Part, Row, TableContent

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "²": r"\textsuperscript{2}", "×": r"$\times$",
    "∞": r"$\infty$", "—": "---",
}  # fmt: skip
_NUMBER = re.compile(r"^\(?-?[\d,.]+\)?$|^\(?-∞\)?$")


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(_ESCAPES.get(symbol, symbol) for symbol in text.replace("\n", " "))


def render(table: TableContent) -> bytes:
    """A table environment to \\input; needs booktabs and threeparttable (and ctex or xeCJK for Chinese)."""
    align = "l" + "c" * table.n_columns
    size = r"\small" if table.n_columns <= 5 else r"\footnotesize"
    lines = [
        r"% needs \usepackage{booktabs,threeparttable}",
        r"\begin{table}[htbp]",
        rf"\centering{size}",
        r"\begin{threeparttable}",
        rf"\caption{{{escape(table.title)}}}\label{{tab:{table.name}}}",
        r"\setlength{\tabcolsep}{4pt}",
        rf"\begin{{tabular}}{{{align}}}",
        r"\toprule",
    ]
    for number, part in enumerate(table.parts):
        lines += _part(part, table.n_columns, first=number == 0)
    lines += [r"\bottomrule", r"\end{tabular}", r"\begin{tablenotes}[flushleft]\footnotesize"]
    lines += [rf"\item {escape(note)}" for note in table.notes]
    lines += [r"\end{tablenotes}", r"\end{threeparttable}", r"\end{table}", ""]
    return "\n".join(lines).encode()


def _part(part: Part, columns: int, *, first: bool) -> list[str]:
    lines = [] if first else [r"\midrule"]
    if part.title:
        lines.append(rf"\multicolumn{{{columns + 1}}}{{l}}{{\textit{{{escape(part.title)}}}}} \\")
    for header in part.headers:
        lines += _header(header)
    lines.append(r"\midrule")
    for row in part.rows:
        if row.rule_above and row is not part.rows[0]:
            lines.append(r"\midrule" if row.kind == "mark" or row.kind == "statistic" else r"\addlinespace")
        lines.append(_row(row))
    return lines


def _header(header: Header) -> list[str]:
    cells, rules, column = [escape(header.label)], [], 2
    for text, span in header.cells:
        shown = escape(text)
        cells.append(shown if span == 1 else rf"\multicolumn{{{span}}}{{c}}{{{shown}}}")
        if span > 1 and text:
            rules.append(rf"\cmidrule(lr){{{column}-{column + span - 1}}}")
        column += span
    return [" & ".join(cells) + r" \\", *(["".join(rules)] if rules else [])]


def _row(row: Row) -> str:
    return " & ".join([escape(row.label), *(_cell(cell) for cell in row.cells)]) + r" \\"


def _cell(cell: Cell) -> str:
    if not _NUMBER.match(cell.text):
        return escape(cell.text)
    text = cell.text.replace("-∞", r"$-\infty$").replace("-", "$-$", 1) if "$" not in cell.text else cell.text
    return text + (rf"\textsuperscript{{{escape(cell.stars)}}}" if cell.stars else "")
