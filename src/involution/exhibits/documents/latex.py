"""One LaTeX document of all exhibits that compiles as it stands, beside the folder of the figures."""

from __future__ import annotations

from involution.exhibits.documents.outline import NumberedFigure, NumberedTable, Outline
from involution.exhibits.render.latex import escape, floats
from involution.exhibits.render.word import is_wide
from involution.study.styles import STYLES

_CLASSES = {
    "en": r"""\documentclass[11pt]{article}
\usepackage{iftex}
\ifpdftex\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\fi""",
    "zh": r"""% !TeX program = xelatex
\documentclass[UTF8,a4paper]{ctexart}""",
}
_PREAMBLE = r"""\usepackage[a4paper,margin=2.2cm]{geometry}
\usepackage{amssymb,booktabs,dcolumn,graphicx,pdflscape}
\extrafloats{300}"""


def latex_document(outline: Outline, figures: str) -> bytes:
    """The document as bytes.

    Parameters
    ----------
    outline : Outline
    figures : str
        Folder of the figures as seen from the document: ``../figures``.
    """
    lines = [_class(outline), _PREAMBLE]
    if STYLES[outline.style].roman:
        lines.append(r"\renewcommand{\thetable}{\Roman{table}}")
    lines += [rf"\title{{{escape(outline.title)}}}", r"\date{}", r"\begin{document}", r"\maketitle"]
    for chapter in outline.chapters:
        lines += [r"\clearpage", rf"\section*{{{escape(chapter.heading)}}}"]
        lines += [_table(table) for table in chapter.tables]
        lines += [_figure(figure, figures) for figure in chapter.figures]
    return "\n".join([*lines, r"\end{document}", ""]).encode()


def _class(outline: Outline) -> str:
    """The class by language; one for Chinese as well where an English document has Chinese names."""
    texts = [outline.title, *(repr(table) for table in outline.tables)]
    texts += [figure.caption.text + figure.notes for chapter in outline.chapters for figure in chapter.figures]
    chinese = any("\u2e80" <= symbol <= "\uffef" for text in texts for symbol in text)
    if outline.language == "en" and chinese:
        return "% !TeX program = xelatex\n" + r"\documentclass[UTF8,scheme=plain,a4paper,11pt]{ctexart}"
    return _CLASSES[outline.language]


def _table(table: NumberedTable) -> str:
    wide = is_wide(table.content)
    text = floats(table.content, landscape=wide)
    return f"\\begin{{landscape}}\n{text}\\end{{landscape}}" if wide else text


def _figure(figure: NumberedFigure, folder: str) -> str:
    notes = rf"\par\smallskip{{\footnotesize {escape(figure.notes)}\par}}" if figure.notes else ""
    title = figure.caption.after.lstrip(".—\u3000\n ")
    return "\n".join(
        [
            r"\begin{figure}[htbp]",
            rf"\centering\includegraphics[width=\linewidth,height=.75\textheight,keepaspectratio]{{{folder}/{figure.name}.pdf}}",
            rf"\caption{{{escape(title)}}}\label{{fig:{figure.name}}}{notes}",
            r"\end{figure}",
        ]
    )
