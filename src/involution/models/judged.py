"""What one test of a hypothesis finds in the results of its model, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import pandas as pd

from involution.errors import nearest
from involution.models.families import Adjusted, sided_p_value
from involution.models.notes import Note, note
from involution.study.hypotheses import Evidence, Hypothesis

SUPPORTED, OPPOSITE, NOT_SUPPORTED, NOT_TESTABLE = "supported", "opposite", "not_supported", "not_testable"
_NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value")
_BOUNDS = {
    "at_least": ("at least", "不小于"),
    "at_most": ("at most", "不大于"),
    "p_below": ("p below", "p 值小于"),
    "p_above": ("p above", "p 值大于"),
}
_ORDERS = {"increasing": "递增", "decreasing": "递减"}
_P_VALUES = {
    "p_value": ("p =", "p ="),
    "romano_wolf": ("Romano-Wolf p =", "Romano-Wolf p ="),
    "holm": ("Holm p =", "Holm p ="),
}


@dataclass(frozen=True)
class Tidy:
    """The results that tests look into.

    Attributes
    ----------
    estimates, statistics, notes : DataFrame
        Columns as in `involution.models.tidy`, of all blocks.
    """

    estimates: pd.DataFrame
    statistics: pd.DataFrame
    notes: pd.DataFrame

    @cached_property
    def rows(self) -> dict[tuple[str, str], pd.Series]:
        """Estimates by model and term."""
        known = self.estimates[self.estimates["term"].notna() & (self.estimates["term"] != "")]
        return {(str(row["model"]), str(row["term"])): row for _, row in known.iterrows()}

    @cached_property
    def values(self) -> dict[tuple[str, str], pd.Series]:
        """Statistics by model and name."""
        return {(str(row["model"]), str(row["statistic"])): row for _, row in self.statistics.iterrows()}

    @cached_property
    def models(self) -> list[str]:
        """Names of the models, failed ones too."""
        return list(dict.fromkeys(self.estimates["model"].astype(str)))

    @cached_property
    def failures(self) -> dict[str, tuple[str, str]]:
        """Why models could not be estimated, in English and Chinese."""
        failed = self.notes[self.notes["code"] == "not_estimable"]
        texts = failed[["model", "text_en", "text_zh"]].astype(str).to_numpy().tolist()
        return {model: (en, zh) for model, en, zh in texts}

    def terms(self, model: str) -> list[str]:
        """Terms of a model; none of one that could not be estimated."""
        return [term for name, term in self.rows if name == model]

    def names(self, model: str) -> list[str]:
        """Statistics of a model."""
        return [name for of, name in self.values if of == model]


@dataclass(frozen=True)
class Judged:
    """The verdict of a test with its evidence.

    Attributes
    ----------
    verdict : str
    reasons : tuple of Note
    numbers : mapping of str to float
        estimate, std_error, ci_low, ci_high, p_value, p_romano_wolf, as far as there are any.
    """

    verdict: str
    reasons: tuple[Note, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)

    def reason(self, language: str) -> str:
        """The evidence in plain words."""
        return ("；" if language == "zh" else "; ").join(said.text(language) for said in self.reasons)


def judged(asked: Hypothesis, test: Evidence, found: Tidy, adjusted: Adjusted | None) -> Judged:
    """Judge one test.

    Parameters
    ----------
    asked : Hypothesis
    test : Evidence
        One of its tests.
    found : Tidy
    adjusted : Adjusted or None
        Its p-values among its family, where it has any.
    """
    if test.model in found.failures and not found.terms(test.model):
        en, zh = found.failures[test.model]
        return Judged(NOT_TESTABLE, (note("model_failed", reason=en, reason_zh=zh),))
    if test.model not in found.models:
        return _absent("no_model_rows", "model", test.model, found.models)
    if test.statistic is not None:
        return _of_statistic(test, found)
    missing = [term for term in test.named if (test.model, term) not in found.rows]
    if missing:
        return _absent("no_term", "term", missing[0], found.terms(test.model))
    rows = [found.rows[test.model, term] for term in test.named]
    return _of_order(test, rows) if test.monotone else _of_term(asked, test, rows[0], adjusted)


def _absent(code: str, key: str, name: str, known: Iterable[str]) -> Judged:
    near = nearest(name, known)
    near_zh = near.replace("; the nearest is ", "，最接近的是 ")
    return Judged(NOT_TESTABLE, (note(code, **{key: name}, nearest=near, nearest_zh=near_zh),))


def _undefined(term: str, what: str, what_zh: str, numbers: Mapping[str, float]) -> Judged:
    return Judged(NOT_TESTABLE, (note("undefined", term=term, what=what, what_zh=what_zh),), numbers)


def _of_term(asked: Hypothesis, test: Evidence, row: pd.Series, adjusted: Adjusted | None) -> Judged:
    numbers = {name: float(row[name]) for name in _NUMBERS}
    if math.isnan(numbers["estimate"]):
        return _undefined(str(test.term), "estimate", "估计值", numbers)
    if test.by == "sign":
        verdict = SUPPORTED if _agrees(test, numbers["estimate"]) else NOT_SUPPORTED
        return Judged(verdict, (note(f"sign_{verdict}", estimate=_shown(numbers["estimate"])),), numbers)
    if test.by == "interval":
        return _by_interval(test, numbers)
    if math.isnan(numbers["p_value"]):
        return _undefined(str(test.term), "p-value", " p 值", numbers)
    own = sided_p_value(asked, test, numbers["estimate"], numbers["p_value"])
    if adjusted is None:
        return _by_p_value(asked, test, numbers, own, numbers["p_value"], "p_value")
    numbers["p_romano_wolf"] = adjusted.p_value
    which = "romano_wolf" if adjusted.exact else "holm"
    found = _by_p_value(asked, test, numbers, adjusted.p_value, adjusted.two_sided, which)
    return found if adjusted.exact else Judged(found.verdict, (*found.reasons, note("holm")), numbers)


def _by_interval(test: Evidence, numbers: Mapping[str, float]) -> Judged:
    low, high = numbers["ci_low"], numbers["ci_high"]
    if math.isnan(low) or math.isnan(high):
        return _undefined(str(test.term), "interval", "置信区间", numbers)
    verdict = NOT_SUPPORTED
    if low > 0 or high < 0:
        verdict = SUPPORTED if _agrees(test, low) else OPPOSITE
    shown = {"estimate": _shown(numbers["estimate"]), "low": _shown(low), "high": _shown(high)}
    return Judged(verdict, (note(f"interval_{verdict}", **shown),), numbers)


def _by_p_value(
    asked: Hypothesis, test: Evidence, numbers: Mapping[str, float], p_value: float, two_sided: float, which: str
) -> Judged:
    """By a p-value on the side stated; against the statement by the two-sided one."""
    agrees, decisive, verdict = _agrees(test, numbers["estimate"]), p_value, NOT_SUPPORTED
    if agrees and p_value < asked.level:
        verdict = SUPPORTED
    elif not agrees and two_sided < asked.level:
        verdict, decisive = OPPOSITE, two_sided
    en, zh = _P_VALUES[which]
    shown = {"estimate": _shown(numbers["estimate"]), "p": _shown(decisive), "level": _shown(asked.level)}
    return Judged(verdict, (note(f"p_value_{verdict}", which=en, which_zh=zh, **shown),), numbers)


def _agrees(test: Evidence, value: float) -> bool:
    return test.sign == "nonzero" or (value > 0 if test.sign == "positive" else value < 0)


def _of_order(test: Evidence, rows: list[pd.Series]) -> Judged:
    values = [float(row["estimate"]) for row in rows]
    absent = [term for term, value in zip(test.named, values, strict=True) if math.isnan(value)]
    if absent:
        return _undefined(absent[0], "estimate", "估计值", {})
    steps = [later - earlier for earlier, later in pairwise(values)]
    met = all(step > 0 if test.monotone == "increasing" else step < 0 for step in steps)
    order = str(test.monotone)
    shown = {"values": ", ".join(map(_shown, values)), "order": order, "order_zh": _ORDERS[order]}
    return Judged(SUPPORTED if met else NOT_SUPPORTED, (note("ordered" if met else "not_ordered", **shown),))


def _of_statistic(test: Evidence, found: Tidy) -> Judged:
    name, (bound, limit) = str(test.statistic), test.bound
    row = found.values.get((test.model, name))
    if row is None:
        return _absent("no_statistic", "term", name, found.names(test.model))
    numbers = {"estimate": float(row["value"]), "p_value": float(row["p_value"])}
    by_p_value = bound.startswith("p_")
    value = numbers["p_value" if by_p_value else "estimate"]
    if math.isnan(value):
        return _undefined(name, *(("p-value", " p 值") if by_p_value else ("value", "取值")), numbers)
    met = {
        "at_least": value >= limit,
        "at_most": value <= limit,
        "p_below": value < limit,
        "p_above": value > limit,
    }[bound]
    en, zh = _BOUNDS[bound]
    value_shown = f"p = {_shown(value)}" if by_p_value else _shown(value)
    shown = {"statistic": name, "value": value_shown, "bound": en, "bound_zh": zh, "limit": _shown(limit)}
    said = note("bound_met" if met else "bound_not_met", **shown)
    return Judged(SUPPORTED if met else NOT_SUPPORTED, (said,), numbers)


def _shown(value: float) -> str:
    """Four significant digits, never minus zero."""
    return f"{value + 0.0:.4g}"
