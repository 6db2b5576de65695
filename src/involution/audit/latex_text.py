"""A stretch of LaTeX as the words that it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from involution.audit.document import Cited

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Around what a macro printed; no text has these signs."""
_GONE = re.compile(
    r"\\(?:label|ref|eqref|pageref|autoref|cref|Cref|cite[a-zA-Z]*|[a-zA-Z]*cite|nocite|url|href|bibliography|"
    r"bibliographystyle|addbibresource|includegraphics|vspace|hspace|setlength|addtolength|setcounter|usepackage|"
    r"documentclass|geometry|linespread|fontsize|color|textcolor|rule|cmidrule|cline|hypersetup|pagestyle|"
    r"thispagestyle|sisetup|captionsetup|begin|end|arraystretch|renewcommand|newcommand|resizebox|scalebox|"
    r"rowcolor|cellcolor|input|include)\*?(?:\s*\([a-z]*\))?(?:\s*\[[^\]]*\])*(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})*"
)
_BEGUN = re.compile(r"\\begin\{[a-z*]+\}\s*\[[^\]]*\]")
_SPACES = re.compile(r"\\(?:quad|qquad|enspace|enskip|hfill|,|;|:|!| |/)|(?<!\\)~")
_LENGTH = re.compile(
    r"\\(?:addlinespace|\\|midrule|toprule|bottomrule)\s*(?:\[[^\]]*\])|[a-z]+skip\s*=?\s*-?[\d.]+[a-z]{2}"
)
_EXPANSIONS = 20


@dataclass(frozen=True)
class Marked:
    """Macros of a document.

    Attributes
    ----------
    defined : mapping of str to str
        By name, in the files of the paper.
    known : mapping of str to str
        Numbers of the results whose definitions are in a file elsewhere.
    """

    defined: Mapping[str, str]
    known: Mapping[str, str]


def said(text: str, macros: Marked) -> tuple[str, tuple[Cited, ...]]:
    """The words of a text, and where a macro printed a number of the results."""
    keys: list[str] = []
    text = _expanded(text, macros, keys)
    text = _plain(text)
    pieces: list[str] = []
    cited: list[Cited] = []
    position, begun, count = 0, 0, 0
    for found in re.finditer(f"[{_OPEN}{_CLOSE}]", text):
        pieces.append(text[position : found.start()])
        position = found.end()
        length = sum(map(len, pieces))
        if found.group() == _OPEN:
            begun = length
        else:
            cited.append(Cited(keys[count], begun, length))
            count += 1
    return "".join([*pieces, text[position:]]), tuple(cited)


def _expanded(text: str, macros: Marked, keys: list[str]) -> str:
    """A text with its macros put in; those of results between marks, their names in order."""

    def put(found: re.Match[str]) -> str:
        name = found[1]
        value = macros.defined.get(name, macros.known.get(name))
        if value is None:
            return found.group()
        return f"{_OPEN}{name}\ue002{value}{_CLOSE}" if name.startswith("involution") else value

    for _ in range(_EXPANSIONS):
        expanded = re.sub(r"\\([A-Za-z]+)(?:\{\})?", put, text)
        if expanded == text or len(expanded) > 1_000_000:
            break
        text = expanded
    keys += re.findall(f"{_OPEN}([A-Za-z]+)\ue002", text)
    return re.sub(f"{_OPEN}[A-Za-z]+\ue002", _OPEN, text)


def _plain(text: str) -> str:
    text = _GONE.sub(" ", _BEGUN.sub(" ", _LENGTH.sub(" ", text)))
    text = re.sub(r"(?<=\d)\\,(?=\d{3}(?!\d))", "\u2009", text)
    text = re.sub(r"\{,\}(?=\d{3})", ",", text)
    text = _SPACES.sub(" ", text)
    text = text.replace(r"\%", "%").replace(r"\times", "×").replace(r"\cdot", "×").replace(r"\infty", "∞")
    text = text.replace(r"\ast", "*").replace(r"\star", "*").replace(r"\leq", "≤").replace(r"\geq", "≥")
    text = re.sub(r"\\(?:le|lt)\b", "≤", re.sub(r"\\(?:ge|gt)\b", "≥", text))
    text = text.replace(r"\textasciicircum", "^")
    text = text.replace(r"\textless", "<").replace(r"\textgreater", ">").replace(r"\textasciitilde", "~")
    text = re.sub(r"\\(?:textsuperscript|sym|super)\s*\{\s*(\*+)\s*\}", r"\1", text)
    text = re.sub(r"\^\s*\{?\s*(\*+)\s*\}?", r"\1", text)
    text = re.sub(r"\\textsuperscript\s*\{(\d)", r"^{\1", text)
    text = re.sub(r"\\([&#_])", r"\1", text).replace(r"\$", "＄")
    text = re.sub(r"\\[A-Za-z]+\*?", "", text)
    text = text.replace("---", "—").replace("--", "–")
    # Braces and dollar signs print nothing; a minus in maths belongs to the number after it.
    text = re.sub(r"(?<=\^)\{|[{}]|(?<!\\)\$", "", text)
    return re.sub(r"[ \t\n]+", " ", text)
