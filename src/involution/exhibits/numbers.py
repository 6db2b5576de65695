"""LaTeX macros, so that a paper's text cites the number itself.

The rule for names: ``\\involution``, then study, model and term in camel case, digits as words, punctuation left
out; ``SE`` at the end for the standard error. ``us_listed``, ``table1_col3`` and ``institutions`` give
``\\involutionUsListedTableOneColThreeInstitutions``.

Letters outside a-z stand as a word and a number: the group of a model made by ``by:`` is ``GroupOne``, ``GroupTwo``
in the order of the model's groups; every other such word, of a model or a term, is ``NameOne``, ``NameTwo`` in the
order in which the words first appear. Signs in the terms of a mediation stand as words: ``indirect[m,w=p90-p10]`` is
``IndirectMAtWPNineZeroMinusPOneZero``, and ``x[w<=tau]`` is ``XWhereWAtMostTau``. A comment above the macros says which
is which. Should two names coincide, the later one ends in ``B``, ``C`` and so on.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from involution.exhibits.content import decimal, split_group
from involution.exhibits.exposure_terms import spelled_variant
from involution.exhibits.mediation_terms import spelled_term
from involution.exhibits.surface_terms import spelled_surface

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_OTHER = re.compile(r"(?:(?![A-Za-z0-9_])\w)+")


class _Names:
    """Words for what is not written in Latin letters and digits, numbered in the order in which they appear."""

    def __init__(self, models: Sequence[str]) -> None:
        self.legend: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for model in dict.fromkeys(models):
            base, value = split_group(model)
            if value is not None:
                counts[base] += 1
                if _OTHER.search(_plain(value)):
                    self._groups[model] = f"Group{in_words(counts[base])}"

    def model(self, model: str) -> str:
        """A model's name in camel case, its group by order where it is not Latin."""
        base, _ = split_group(model)
        if model not in self._groups:
            return self.camel(model)
        name = self.camel(base) + self._groups[model]
        self.legend.setdefault(name, model)
        return name

    def camel(self, text: str) -> str:
        """A text in camel case, other words by order."""
        return camel(text, self._word)

    def _word(self, word: str) -> str:
        name = self._words.setdefault(word, f"Name{in_words(len(self._words) + 1)}")
        self.legend.setdefault(name, word)
        return name


def camel(text: str, other: Callable[[str], str] | None = None) -> str:
    """Letters only: ``table1_col3`` is ``TableOneColThree``; `other` names words outside a-z, left out without it."""
    found = re.findall(rf"[A-Za-z]+|[0-9]|{_OTHER.pattern}|-(?=[0-9])", _plain(text))
    return "".join(_word(word, other) for word in found)


def in_words(number: int) -> str:
    """Digits as words: 12 is ``OneTwo``."""
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _word(word: str, other: Callable[[str], str] | None) -> str:
    if not word.isascii():
        return other(word) if other else ""
    if word == "-":
        return "Minus"
    return _DIGITS[int(word)] if word.isdigit() else word[0].upper() + word[1:]


def macros(estimates: pd.DataFrame, digits: Mapping[str, int]) -> bytes:
    """One macro per estimate and per standard error.

    Parameters
    ----------
    estimates : DataFrame
        Columns study, model, term, estimate, std_error.
    digits : mapping of str to int
        Decimals by model, as the first table that shows it has them; three otherwise.
    """
    lines: list[str] = []
    used: set[str] = set()
    names = _Names(estimates["model"].astype(str).tolist())
    known = estimates.dropna(subset=["estimate"])
    named = known[["study", "model", "term"]].astype(str).to_numpy()
    numbers = known[["estimate", "std_error"]].to_numpy(dtype=float)
    for (study, model, term), (estimate, std_error) in zip(named, numbers, strict=True):
        name = _unused(
            "involution"
            + names.camel(study)
            + names.model(model)
            + names.camel(spelled_surface(spelled_variant(term) or spelled_term(term))),
            used,
        )
        places = digits.get(model, 3)
        lines.append(f"\\newcommand{{\\{name}}}{{{_shown(estimate, places)}}}")
        if not math.isnan(std_error):
            lines.append(f"\\newcommand{{\\{name}SE}}{{{_shown(std_error, places)}}}")
    head = ["% one macro per estimate and standard error; to be \\input before \\begin{document}"]
    head += [f"% {name}: {' '.join(word.split())}" for name, word in names.legend.items()]
    return ("\n".join([*head, *lines]) + "\n").encode()


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
