"""LaTeX macros, so that a paper's text cites the number itself.

The rule for names: ``\\involution``, then study, model and term in camel case, digits as words, every other
character left out; ``SE`` at the end for the standard error. ``us_listed``, ``table1_col3`` and ``institutions``
give ``\\involutionUsListedTableOneColThreeInstitutions``. Letters outside a-z become their code point in words.
Should two names coincide, the later one ends in ``B``, ``C`` and so on.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from involution.exhibits.content import decimal

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def camel(text: str) -> str:
    """Letters only: ``table1_col3`` is ``TableOneColThree``."""
    words = re.findall(r"[A-Za-z]+|\d|[^\W\d_a-zA-Z]|-(?=\d)", unicodedata.normalize("NFKD", text))
    return "".join(_word(word) for word in words)


def _word(word: str) -> str:
    if word.isascii() and word.isalpha():
        return word[0].upper() + word[1:]
    if word == "-":
        return "Minus"
    if word.isascii() and word.isdigit():
        return _DIGITS[int(word)]
    return "U" + "".join(_DIGITS[int(digit)] for digit in str(ord(word)))


def macros(estimates: pd.DataFrame, digits: Mapping[str, int]) -> bytes:
    """One macro per estimate and per standard error.

    Parameters
    ----------
    estimates : DataFrame
        Columns study, model, term, estimate, std_error.
    digits : mapping of str to int
        Decimals by model, as the first table that shows it has them; three otherwise.
    """
    lines = ["% one macro per estimate and standard error; to be \\input before \\begin{document}"]
    used: set[str] = set()
    known = estimates.dropna(subset=["estimate"])
    named = known[["study", "model", "term"]].astype(str).to_numpy()
    numbers = known[["estimate", "std_error"]].to_numpy(dtype=float)
    for parts, (estimate, std_error) in zip(named, numbers, strict=True):
        name = _unused("involution" + "".join(camel(part) for part in parts), used)
        places = digits.get(parts[1], 3)
        lines.append(f"\\newcommand{{\\{name}}}{{{_shown(estimate, places)}}}")
        if not math.isnan(std_error):
            lines.append(f"\\newcommand{{\\{name}SE}}{{{_shown(std_error, places)}}}")
    return ("\n".join(lines) + "\n").encode()


def _shown(value: float, places: int) -> str:
    text = decimal(value, places)
    return f"\\ensuremath{{{text}}}" if text.startswith("-") else text


def _unused(name: str, used: set[str]) -> str:
    candidate, number = name, 1
    while candidate in used or f"{candidate}SE" in used:
        candidate = f"{name}{chr(ord('A') + number)}"
        number += 1
    used |= {candidate, f"{candidate}SE"}
    return candidate
