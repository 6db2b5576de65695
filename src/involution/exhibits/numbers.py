"""Every number of the results under a name, so that a paper's text cites the number itself.

The rule for names: ``\\involution``, then study, model and term or statistic in camel case, digits as words,
punctuation left out; ``SE`` at the end for the standard error, ``T`` for the test statistic, ``P`` for the p-value,
``Low`` and ``High`` for the bounds of the interval, ``Df`` for degrees of freedom. ``us_listed``, ``table1_col3`` and
``institutions`` give ``\\involutionUsListedTableOneColThreeInstitutions``.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from involution.exhibits.content import decimal, integer, shown_p_value, split_group, stars_for
from involution.exhibits.exposure_terms import spelled_variant
from involution.exhibits.mediation_terms import spelled_term
from involution.exhibits.surface_terms import spelled_surface
from involution.study.tables import default_stars

DEFAULT_DIGITS = 3
_OF_ESTIMATE = {"statistic": "T", "p_value": "P", "ci_low": "Low", "ci_high": "High"}
_OF_STATISTIC = {"p_value": "P", "df": "Df"}
_COUNTS = ("n_", "dropped_")
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_OTHER = re.compile(r"(?:(?![A-Za-z0-9_])\w)+")


@dataclass(frozen=True)
class Number:
    """A number of the results.

    Attributes
    ----------
    key : str
        The macro's name, without its backslash.
    value : float
    shown : str
        As the first table that shows its model prints it, with three decimals where none does.
    stars : str
        Of an estimate, by that table's levels.
    study, block, model : str
    term : str
        Of ``estimates.csv``; empty for a statistic.
    statistic : str
        Of ``statistics.csv``; empty for an estimate.
    what : str
        The column of that file: estimate, std_error, statistic, p_value, ci_low, ci_high; value, df, p_value.
    """

    key: str
    value: float
    shown: str
    stars: str
    study: str
    block: str
    model: str
    term: str
    statistic: str
    what: str


@dataclass(frozen=True)
class Numbers:
    """All numbers of a study in the order of its results, and what names stand for that are no Latin letters."""

    every: tuple[Number, ...]
    legend: Mapping[str, str] = field(default_factory=dict)


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


def numbered(
    estimates: pd.DataFrame,
    digits: Mapping[str, int],
    statistics: pd.DataFrame | None = None,
    stars: Mapping[str, Mapping[str, float]] | None = None,
) -> Numbers:
    """Every number of the results with its name.

    Parameters
    ----------
    estimates : DataFrame
        Columns study, block, model, term, estimate, std_error; statistic, p_value, ci_low, ci_high where there are any.
    digits : mapping of str to int
        Decimals by model, as the first table that shows it has them; three otherwise.
    statistics : DataFrame, optional
        Columns study, block, model, statistic, value, df, p_value.
    stars : mapping of str to mapping, optional
        Levels of the stars by model; the usual ones otherwise.
    """
    names = _Names(estimates["model"].astype(str).tolist())
    known = estimates.dropna(subset=["estimate"])
    used: set[str] = set()
    rows = [
        (
            _unused(
                _name(row, spelled_surface(spelled_variant(row["term"]) or spelled_term(row["term"])), names), used
            ),
            row,
        )
        for row in _records(known)
    ]
    levels = stars or {}
    every: list[Number] = []
    for key, row in rows:
        places = digits.get(row["model"], DEFAULT_DIGITS)
        every += _of_estimate(key, row, places, levels.get(row["model"], default_stars()), used)
    if statistics is not None:
        for row in _records(statistics.dropna(subset=["value"])):
            every += _of_statistic(row, digits.get(row["model"], DEFAULT_DIGITS), names, used)
    return Numbers(tuple(every), names.legend)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows whose names are text."""
    named = (
        ("study", "block", "model", "term", "statistic") if "term" not in frame else ("study", "block", "model", "term")
    )
    return [
        {str(key): value for key, value in row.items()} | {name: str(row.get(name, "")) for name in named}
        for row in frame.to_dict("records")
    ]


def _name(row: Mapping[str, Any], spelled: str, names: _Names) -> str:
    return "involution" + names.camel(row["study"]) + names.model(row["model"]) + names.camel(spelled)


def _of_estimate(
    key: str, row: Mapping[str, Any], places: int, levels: Mapping[str, float], used: set[str]
) -> Iterator[Number]:
    """The estimate, its error, and the rest of its row."""
    named = (row["study"], row["block"], row["model"], row["term"], "")
    p_value = _number(row, "p_value")
    marks = "" if math.isnan(p_value) else stars_for(p_value, levels)
    estimate, std_error = _number(row, "estimate"), _number(row, "std_error")
    yield Number(key, estimate, decimal(estimate, places), marks, *named, "estimate")
    if not math.isnan(std_error):
        yield Number(f"{key}SE", std_error, decimal(std_error, places), "", *named, "std_error")
    for what, ending in _OF_ESTIMATE.items():
        value = _number(row, what)
        if not math.isnan(value):
            yield Number(_free(f"{key}{ending}", used), value, _shown(what, value, places), "", *named, what)


def _of_statistic(row: Mapping[str, Any], places: int, names: _Names, used: set[str]) -> Iterator[Number]:
    """A statistic, its degrees of freedom and its p-value."""
    statistic, value = row["statistic"], _number(row, "value")
    named = (row["study"], row["block"], row["model"], "", statistic)
    key = _free(_name(row, spelled_surface(spelled_term(statistic)), names), used)
    count = statistic.startswith(_COUNTS) and value == round(value)
    yield Number(key, value, integer(value) if count else decimal(value, places), "", *named, "value")
    for what, ending in _OF_STATISTIC.items():
        value = _number(row, what)
        if not math.isnan(value):
            yield Number(_free(f"{key}{ending}", used), value, _shown(what, value, places), "", *named, what)


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _shown(what: str, value: float, places: int) -> str:
    if what == "p_value":
        return shown_p_value(value, places)
    return integer(value) if what == "df" and value == round(value) else decimal(value, places)


def macros(
    estimates: pd.DataFrame,
    digits: Mapping[str, int],
    statistics: pd.DataFrame | None = None,
    stars: Mapping[str, Mapping[str, float]] | None = None,
) -> bytes:
    """One macro per number; the parameters are those of `numbered`."""
    return as_macros(numbered(estimates, digits, statistics, stars))


def as_macros(numbers: Numbers) -> bytes:
    """The file that a LaTeX document reads before it begins."""
    head = ["% one macro per number of the results; to be \\input before \\begin{document}"]
    head += [f"% {name}: {' '.join(word.split())}" for name, word in numbers.legend.items()]
    lines = [f"\\newcommand{{\\{number.key}}}{{{in_tex(number.shown)}}}" for number in numbers.every]
    return ("\n".join([*head, *lines]) + "\n").encode()


def in_tex(text: str) -> str:
    """A number as LaTeX sets it: what is no digit in maths."""
    if text.startswith("<"):
        return f"\\ensuremath{{<}}{text[1:]}"
    shown = text.replace("∞", r"\infty")
    return f"\\ensuremath{{{shown}}}" if text.startswith("-") or "∞" in text else text


def _unused(name: str, used: set[str]) -> str:
    """A name that is free with the ending of a standard error."""
    candidate, number = name, 1
    while candidate in used or f"{candidate}SE" in used:
        candidate = f"{name}{_letters(number)}"
        number += 1
    used |= {candidate, f"{candidate}SE"}
    return candidate


def _letters(number: int) -> str:
    """B for 1, C for 2, Z for 25, AA for 26."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _free(name: str, used: set[str]) -> str:
    """A name that is free, and used from now on."""
    candidate, number = name, 1
    while candidate in used:
        candidate = f"{name}{_letters(number)}"
        number += 1
    used.add(candidate)
    return candidate
