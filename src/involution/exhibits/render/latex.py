"""LaTeX: booktabs, dcolumn and graphicx, every text escaped.

Numbers stand in line by their decimal point. Long labels and texts are broken into lines; a table that is still wider
than the text is scaled down to it, one that is longer than a page goes on in a further float with its headers. The
notes stand below in a box as wide as the text, however narrow the table is.
"""

from __future__ import annotations

import math

from involution.exhibits.content import Cell, Header, Part, Row, TableContent, with_minus
from involution.exhibits.render.align import aligned, rooms
from involution.exhibits.render.pieces import Piece, pieces
from involution.exhibits.render.wrap import width, wrapped

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"{\char34}", "²": r"\textsuperscript{2}", "×": r"$\times$",
    "∞": r"$\infty$", "✓": r"\checkmark{}", "—": "---", "→": r"$\rightarrow$", "−": r"$-$", "ρ": r"$\rho$",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi", "χ": "chi", "ω": "omega",
    "Δ": "Delta", "Σ": "Sigma", "≤": "le", "≥": "ge", "≠": "ne", "±": "pm", "·": "cdot", "≈": "approx", "∅": "emptyset",
}  # fmt: skip
_ESCAPES |= {symbol: rf"$\{name}$" for symbol, name in _GREEK.items()}
_MATH = {"−": "-", ",": "{,}", "{": r"\{", "}": r"\}", "%": r"\%"}
_NARROW, _TEXT, _PAIR, _LONG = 5, 14, 2, 900
_LINES = {("en", False): 48, ("en", True): 30, ("zh", False): 41, ("zh", True): 26}
"""Lines of a page by language and orientation: ctex has more space between them."""
_CONTINUED = {"en": "{} (continued)", "zh": "{}（续）"}


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(_ESCAPES.get(symbol, symbol) for symbol in text.replace("\n", " "))


def render(table: TableContent) -> bytes:
    r"""Floats to \input; they need amssymb, booktabs, dcolumn and graphicx (and ctex or xeCJK for Chinese)."""
    return ("% needs \\usepackage{amssymb,booktabs,dcolumn,graphicx}\n" + floats(table)).encode()


def floats(table: TableContent, caption: str = "", *, landscape: bool = False) -> str:
    """The table, in several floats where it is longer than a page.

    Parameters
    ----------
    table : TableContent
    caption : str
        Its title unless given, as plain text.
    landscape : bool
        Whether the page is, which is less high.
    """
    lines = list[str]()
    made = pieces(table, _LINES[table.language, landscape])
    for number, piece in enumerate(made):
        lines += _float(table, piece, caption or table.title, number, landscape=landscape)
    return "\n".join([*lines, ""])


def _float(table: TableContent, piece: Piece, caption: str, number: int, *, landscape: bool) -> list[str]:
    size, gap = (r"\small", 4) if table.n_columns <= _NARROW else (r"\footnotesize", 3)
    shown = caption if not number else _CONTINUED[table.language].format(caption)
    lines = [
        rf"\begin{{table}}[{'p' if landscape else 'htbp'}]",
        *([r"\addtocounter{table}{-1}"] if number else []),
        rf"\centering{size}",
        rf"\caption{{{escape(shown)}}}" + ("" if number else rf"\label{{tab:{table.name}}}"),
    ]
    if piece.parts:
        lines += [
            rf"\setlength{{\tabcolsep}}{{{gap}pt}}",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{l{''.join(_column(table, k) for k in range(table.n_columns))}}}",
            r"\toprule",
        ]
        for position, part in enumerate(piece.parts):
            lines += _part(part, table.n_columns, first=position == 0)
        lines += [r"\bottomrule", r"\end{tabular}}\par\smallskip"]
    return [*lines, *_notes(table.notes if piece.notes else ()), r"\end{table}"]


def _column(table: TableContent, column: int) -> str:
    """A column with room for the digits on both sides of the decimal point; centred where none has any."""
    room = rooms(table)[column]
    if not room.before:
        return "c"
    return rf"D{{.}}{{.}}{{{math.ceil(room.before / 0.5)}.{math.ceil(room.behind / 0.5)}}}"


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
        lines.append(_line([label, *(_cell(row, cell) for cell in row.cells)]))
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
        cells.append(rf"\multicolumn{{{span}}}{{c}}{{{shown}}}" if shown else "&" * (span - 1))
        if span > 1 and text:
            rules.append(rf"\cmidrule(lr){{{column}-{column + span - 1}}}")
        column += span
    return [_line(cells), *(["".join(rules)] if rules else [])]


def _cell(row: Row, cell: Cell) -> str:
    """A number in math mode, as columns with a decimal point have it; other texts centred."""
    found = aligned(row, cell)
    if found is None:
        text = _stacked(wrapped(with_minus(cell.text), _TEXT), "c").replace("−∞", r"$-\infty$")
        stars = rf"\textsuperscript{{{escape(cell.stars)}}}" if cell.stars else ""
        return rf"\multicolumn{{1}}{{c}}{{{text}{stars}}}" if text else ""
    number = "".join(_MATH.get(symbol, symbol) for symbol in "".join(found))
    return number + (f"^{{{cell.stars}}}" if cell.stars else "")
