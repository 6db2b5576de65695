"""What was done about a threat, one thing at a time: a statistic with its test, an estimate with its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import decimal, shown_p_value
from involution.exhibits.labels import Labels

DIGITS = 3
LEVEL = 0.05
_MEANING = ("leads_f", "ar2", "hansen_j")
"""Tests of which it is said what they come to at this level."""


@dataclass(frozen=True)
class Evidence:
    """One thing done about a threat.

    Attributes
    ----------
    done : str
        What, and in which model.
    shown : str
        What it came to.
    counts : bool
        Whether it says anything: not where a test was asked for and could not be made.
    """

    done: str
    shown: str
    counts: bool = True


Read = Callable[[Results, Labels], list[Evidence]]


def of_statistic(name: str, results: Results, labels: Labels, block: str = "") -> list[Evidence]:
    """Every model, of one block where it is named, that has a statistic: its value, and its p-value where it tests."""
    base = results.statistics["statistic"].astype(str).str.split("[").str[0]
    wanted = (base == name) & ((results.statistics["block"] == block) if block else True)
    rows = results.statistics[wanted].drop_duplicates("model")
    out = []
    for row in rows.to_dict("records"):
        value, p_value = float(row["value"]), float(row["p_value"])
        shown = _value(name, value, p_value, labels) if value == value else labels.text("threat_not_computed")
        out.append(Evidence(labels.text(f"threat_{name}", model=str(row["model"])), shown, value == value))
    return out


def _value(name: str, value: float, p_value: float, labels: Labels) -> str:
    """A value; of a test its p-value too, and what it means where it rejects or does not."""
    shown = decimal(value, DIGITS)
    if p_value != p_value or p_value == value:
        return shown if p_value != p_value else labels.text("threat_p", p=shown_p_value(value, DIGITS))
    told = labels.text("threat_tested", value=shown, p=shown_p_value(p_value, DIGITS))
    if name not in _MEANING:
        return told
    return labels.text("threat_meant", shown=told, meaning=labels.text(f"threat_{name}_{p_value < LEVEL}".lower()))


def estimate_of(column: Column, labels: Labels) -> str:
    """A model's first estimate with its interval; that there is none where it failed."""
    if column.failed:
        return labels.text("not_estimated")
    return interval(column.headline)


def interval(row: pd.Series) -> str:
    """An estimate with its 95 % interval, where it has one."""
    low, high = (decimal(float(row[name]), DIGITS) for name in ("ci_low", "ci_high"))
    shown = decimal(float(row["estimate"]), DIGITS)
    return f"{shown} [{low}, {high}]" if low and high else shown


def of_models(key: str, models: Iterable[str], results: Results, labels: Labels) -> list[Evidence]:
    """The first estimate of each model, under one kind of evidence."""
    return [
        Evidence(labels.text(f"threat_{key}", model=column.model), estimate_of(column, labels), not column.failed)
        for column in map(results.column, models)
    ]
