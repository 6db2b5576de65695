"""Designs that must not be estimated, and those that may but have to say so.

The rules protect an index that leaves the firm itself out: with fixed effects at the level of the index it
would be identified off the firm's own share, and with clusters below that level its standard error would be
far too small. They apply to the main effect of an industry-level measure; pure interactions are free.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.facts import Facts, measures_of
from involution.models.groupings import Grouping, crossed
from involution.models.matrix import no_column
from involution.models.notes import Note, note
from involution.models.treatment_level import level_by_values
from involution.study.formulas import Column, Formula, effect_label

FEW_INDUSTRIES = 6
_UNCLUSTERED = ("iid", "hetero", "conley")
_SPATIAL = ("conley", "driscoll_kraay")
"""Variances with a dependence of their own in place of clusters."""
_LOG_OF_COUNT = re.compile(
    r"log1p\(\s*(\w+)\s*\)|log\(\s*1(?:\.0*)?\s*\+\s*(\w+)\s*\)|log\(\s*(\w+)\s*\+\s*1(?:\.0*)?\s*\)"
)


class Refused(InputError):
    """A design that one of the rules forbids."""


@dataclass(frozen=True)
class Subject:
    """A main effect that is, or is made of, an industry-level measure."""

    term: str
    measure: str
    leave_one_out: bool
    coverage: str


def subjects(formula: Formula, known: Facts) -> list[Subject]:
    """The main effects of the formula that are industry-level measures, shifted or not."""
    out = []
    for term in (*formula.terms, *formula.endogenous):
        if len(term.factors) > 1:
            continue
        for name in measures_of(term.factors[0].columns, known):
            row = known.measures.loc[name]
            if row["level"] == "industry":
                coverage = str(row.get("coverage", ""))
                out.append(Subject(term.label, name, bool(row["leave_one_out"]), coverage))
    return out


def check_design(
    formula: Formula,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    vcov: str | None,
    known: Facts,
    panel: Mapping[str, str],
    *,
    allow_low_cluster: bool = False,
) -> tuple[list[str], list[Note]]:
    """Apply the rules to a design.

    Parameters
    ----------
    formula : Formula
    data : DataFrame
    rows : array of bool, shape (n,)
        The rows that the model may use.
    cluster : sequence of str
    vcov : str or None
    known : Facts
    panel : mapping
        Names of the firm and year columns.
    allow_low_cluster : bool

    Returns
    -------
    tuple
        The clusters to use (the level of the measure where none is named) and what has to be said.

    Raises
    ------
    InputError
        For clusters and fixed effects that the data do not have.
    Refused
        For fixed effects at the level of a measure, and for clusters below it.
    """
    _check_names(formula, data, cluster, known)
    said: list[Note] = _log_of_count(formula, data, known)
    found = subjects(formula, known)
    partial = sorted({subject.term for subject in found if subject.coverage == "partial"})
    if partial:
        said.append(note("coverage_partial", names=", ".join(partial)))
    said += _below_by_values(formula, data, rows, cluster, vcov, panel["year"], {subject.term for subject in found})
    if not found or "industry" not in data.columns or not rows.any():
        return list(cluster), said
    groups = _Groups(data.loc[rows], panel["year"])
    for subject in found:
        for effect in formula.fixed_effects:
            said += _check_effect(subject, effect, groups)
    chosen, low = _check_clusters(found[0], cluster, vcov, groups, allow_low_cluster)
    return chosen, said + low


def _check_names(formula: Formula, data: pd.DataFrame, cluster: Sequence[str], known: Facts) -> None:
    named = [("cluster", name) for name in cluster]
    named += [("fixed_effects", name) for effect in formula.fixed_effects for name in effect]
    problems = [
        Problem(key, no_column(name, data.columns, known.unavailable))
        for key, name in dict.fromkeys(named)
        if name not in data.columns
    ]
    if problems:
        raise InputError(problems)


class _Groups:
    """Codes of columns over the rows of a design, made when asked for."""

    def __init__(self, data: pd.DataFrame, year: str) -> None:
        self.data, self.year = data, year
        self._made: dict[tuple[str, ...], Grouping] = {}

    def __call__(self, *names: str) -> Grouping:
        if names not in self._made:
            parts = []
            for name in names:
                codes, levels = pd.factorize(self.data[name], use_na_sentinel=False)
                parts.append(Grouping(name, codes.astype(np.intp), len(levels)))
            self._made[names] = crossed(effect_label(names), parts)
        return self._made[names]

    @property
    def cells(self) -> Grouping:
        """Industry-years."""
        return self("industry", self.year)


def _check_effect(subject: Subject, effect: tuple[str, ...], groups: _Groups) -> list[Note]:
    """Rules 1 and 6 for one fixed effect."""
    grouping, cells = groups(*effect), groups.cells
    label = effect_label(effect)
    if groups(groups.year).n_levels < 2:
        raise Refused(
            Problem(
                "sample",
                f"its rows that the model can use are of one year: the effect of {subject.term} cannot be told from "
                f"the fixed effect {label}",
                mend="widen years; a lag takes the first year away and a lead the last",
            )
        )
    if grouping.nested_in(cells):
        raise Refused(
            Problem(
                f"fixed effect {label}",
                f"it is at the level of {subject.term} (industry-year), whose main effect would be identified off "
                "the firm's own share",
                mend="use coarser effects (sector^year, province^year), or report only an interaction",
            )
        )
    if not subject.leave_one_out or len(effect) < 2 or not cells.nested_in(grouping):
        return []
    pairs = np.unique(np.column_stack([grouping.codes, groups("industry").codes]), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=grouping.n_levels)
    if counts.min() < 2:
        raise Refused(
            Problem(
                f"fixed effect {label}",
                f"{int((counts < 2).sum()):,} of its cells hold one industry, where {subject.term} would be "
                "identified off the firm's own share",
                mend="use coarser effects",
            )
        )
    said = [
        note(
            "cells",
            effect=label,
            least=int(counts.min()),
            most=int(counts.max()),
            median=f"{float(np.median(counts)):g}",
            term=subject.term,
        )
    ]
    few = int((counts < FEW_INDUSTRIES).sum())
    return said + ([note("few_per_cell", count=few, effect=label, term=subject.term)] if few else [])


def _check_clusters(
    subject: Subject, cluster: Sequence[str], vcov: str | None, groups: _Groups, allowed: bool
) -> tuple[list[str], list[Note]]:
    """Rule 3: clusters at the level of the measure or above."""
    if not cluster and vcov is None:
        return ["industry"], [note("default_cluster", level="industry", term=subject.term)]
    industry = groups("industry")
    if vcov not in _UNCLUSTERED and any(industry.nested_in(groups(name)) for name in cluster):
        return list(cluster), []
    shown = "+".join(cluster) if cluster and vcov not in _UNCLUSTERED else str(vcov)
    if vcov == "driscoll_kraay":
        return list(cluster), []
    if not allowed:
        raise Refused(
            Problem(
                "cluster",
                f"{shown} is below the level at which {subject.term} varies (industry): the standard error would "
                "be too small",
                mend="cluster: [industry], or allow_low_cluster: true, which the table's note then says",
            )
        )
    return list(cluster), [note("low_cluster", cluster=shown, level="industry", term=subject.term)]


def _below_by_values(
    formula: Formula,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    vcov: str | None,
    year: str,
    known: Collection[str],
) -> list[Note]:
    """That errors are clustered below the level at which the first regressor varies by its values.

    It is no measure of that level, and may have one value in each of its cells by chance: nothing is refused.
    """
    (first, *_) = (*formula.endogenous, *formula.terms, None)
    if first is None or len(first.factors) > 1 or not isinstance(first.factors[0], Column) or first.label in known:
        return []
    name = first.factors[0].name
    level = level_by_values(name, data, rows, year)
    groups = _Groups(data.loc[rows], year)
    clustered = vcov not in _UNCLUSTERED and bool(cluster)
    if not level or vcov in _SPATIAL or (clustered and any(groups(level).nested_in(groups(c)) for c in cluster)):
        return []
    shown = "+".join(cluster) if clustered else vcov or "hetero"
    return [note("cluster_below", treatment=name, level=level, cluster=shown)]


def _log_of_count(formula: Formula, data: pd.DataFrame, known: Facts) -> list[Note]:
    """Rule 4: the logarithm of one plus a count as the outcome."""
    outcome = formula.outcome
    text = known.definitions.get(outcome.name, "") if isinstance(outcome, Column) else outcome.source
    for match in _LOG_OF_COUNT.finditer(text):
        name = next(group for group in match.groups() if group)
        if name in data.columns and pd.api.types.is_numeric_dtype(data[name]):
            values = data[name].dropna().to_numpy(dtype=float)
            if len(values) and (values >= 0).all() and (values == np.floor(values)).all() and (values == 0).any():
                return [note("log_count", outcome=outcome.label)]
    return []
