"""Specification curves as their table and their figure read them: which there are, what their choices are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import named_or_first

BLOCK = "specification_curve"
_LABELLED = re.compile(r"\w+\[(?P<factor>\w+)=(?P<choice>.*)\]")
_COLUMNS = ("outcome", "treatment")
_OWN = ("none", "all", "usual")


def curve_of(name: str, results: Results, where: str) -> Column:
    """A curve by its name; the study's first where that is empty.

    Raises
    ------
    InputError
        When the study has no such curve.
    """
    curves = results.estimates[(results.estimates["block"] == BLOCK) & ~is_specification(results.estimates)]
    known = list(dict.fromkeys(curves["model"].astype(str)))
    return results.column(named_or_first(name, known, "curve", BLOCK, where))


def is_specification(estimates: pd.DataFrame) -> pd.Series:
    """Rows of one specification of a curve, not of the curve itself."""
    return (estimates["block"] == BLOCK) & estimates["model"].astype(str).str.contains("[", regex=False)


def choices_in(names: Iterable[str], what: str) -> dict[str, list[str]]:
    """By factor, the choices that statistics or curves called ``what[factor=choice]`` are of, in their order."""
    out: dict[str, list[str]] = {}
    for name in names:
        found = _LABELLED.fullmatch(name) if name.startswith(f"{what}[") else None
        if found is not None:
            out.setdefault(found["factor"], []).append(found["choice"])
    return out


def factor_label(factor: str, labels: Labels) -> str:
    """What specifications differ in, in words."""
    return labels.text(f"curve_factor_{factor}")


def choice_label(factor: str, choice: str, labels: Labels) -> str:
    """One choice in words: a column's label, a year, or a name, for which a study may have a label."""
    if factor in _COLUMNS:
        return labels.column(choice)
    if factor == "years":
        return "t" if choice == "0" else f"t{int(choice):+d}".replace("-", "−")
    if choice in labels.study:
        return labels.value(choice)
    if choice in _OWN:
        return labels.text(f"curve_choice_{choice}")
    return choice.replace("_", " ")
