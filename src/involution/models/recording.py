"""From a fit to the regression that it is, for programs that repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.groupings import Floats, Grouping
from involution.models.inference import Choice, infer
from involution.models.matrix import expand, numbers, outcome_values
from involution.models.recorded import Absorbed, Origin, Recorded, Regressor
from involution.models.solution import Solution
from involution.study.formulas import Column, Computed, Indicator, Term

if TYPE_CHECKING:
    from involution.models.result import Fit

REPEATED = ("ols", "iv", "poisson")
"""Estimators that other programs are told to repeat."""
_SANDWICHES = ("iid", "hetero", "crv1")


def recorded(name: str, fit: Fit) -> Recorded:
    """A fit under the name of its model; with the reason where it is no regression that other programs repeat."""
    origin = fit.origin
    plain = Recorded(name, fit.formula, fit.estimator, fit.outcome)
    if origin is None:
        return replace(plain, reason="several")
    reason = _reason(fit, origin)
    return replace(plain, reason=reason) if reason else _repeatable(plain, fit, origin)


def _reason(fit: Fit, origin: Origin) -> str:
    if origin.estimator not in REPEATED:
        return f"estimator:{origin.estimator}"
    if origin.mundlak:
        return "means"
    if fit.terms != origin.terms or not np.array_equal(fit.estimate, origin.estimate, equal_nan=True):
        return "combined"
    return ""


def _repeatable(plain: Recorded, fit: Fit, origin: Origin) -> Recorded:
    formula, solution, choice = origin.formula, origin.solution, origin.choice
    sample, columns = solution.sample, dict[str, Floats]()
    outcome = formula.outcome.label
    columns[outcome] = outcome_values(formula.outcome, origin.data, origin.panel)
    parts = [_regressors(terms, origin, columns) for terms in (formula.terms, formula.endogenous, formula.instruments)]
    effects = [] if sample.intercept else sample.effects
    for named in (
        *(name.split("^") for name in (effect.name for effect in effects)),
        *([c.name] for c in sample.clusters),
    ):
        for name in named:
            columns.setdefault(name, codes_of(origin.data[name]))
    if origin.weights is not None:
        columns[origin.weights] = numbers(origin.data, origin.weights)
    kind, error, factor = _sandwich(solution, choice, fit)
    return replace(
        plain,
        outcome=outcome,
        exogenous=parts[0],
        endogenous=parts[1],
        instruments=parts[2],
        intercept=sample.intercept,
        singletons=sample.drop_singletons,
        effects=tuple(_absorbed(effect, sample.clusters) for effect in effects),
        redundant=_redundant(effects, sample.clusters),
        cluster=tuple(cluster.name for cluster in sample.clusters),
        clusters=tuple(cluster.n_levels for cluster in sample.clusters),
        weights=origin.weights,
        vcov=choice.kind,
        small=asdict(choice.small),
        n_obs=fit.n_obs,
        n_missing=sample.drops.missing,
        n_singletons=sample.drops.singletons,
        n_separated=sample.drops.separated,
        parameters=len(solution.names) + solution.unreported,
        terms=fit.terms,
        estimate=_known(fit.estimate),
        std_error=_known(fit.std_error),
        sandwich=kind,
        sandwich_error=error,
        sandwich_factor=factor,
        repaired=any(remark.code in ("not_positive", "not_subtracted") for remark in fit.remarks),
        columns=columns,
        allowed=origin.allowed,
        used=sample.mask(len(origin.data)),
    )


def _regressors(terms: Sequence[Term], origin: Origin, columns: dict[str, Floats]) -> tuple[Regressor, ...]:
    """Terms as products of columns, which are put into the mapping; of an i() each column stands by itself."""
    out: dict[str, Regressor] = {}
    for term in terms:
        if any(isinstance(factor, Indicator) for factor in term.factors):
            made = expand([term], origin.data, origin.panel, origin.allowed)
            for j, name in enumerate(made.names):
                columns.setdefault(name, made.values[:, j])
                out.setdefault(name, Regressor(name, (name,)))
            continue
        factors = [factor for factor in term.factors if isinstance(factor, Column | Computed)]
        for factor in factors:
            if factor.label not in columns:
                columns[factor.label] = outcome_values(factor, origin.data, origin.panel)
        out.setdefault(term.label, Regressor(term.label, tuple(factor.label for factor in factors)))
    return tuple(out.values())


def codes_of(column: pd.Series) -> Floats:
    """Whole numbers as they are, anything else numbered from one in the order of its values."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        known = values[~np.isnan(values)]
        if (known == np.floor(known)).all():
            return values
    codes, _ = pd.factorize(column, sort=True)
    return np.where(codes >= 0, codes + 1.0, np.nan)


def _absorbed(effect: Grouping, clusters: Sequence[Grouping]) -> Absorbed:
    nested = any(effect.nested_in(cluster) for cluster in clusters)
    return Absorbed(tuple(effect.name.split("^")), effect.n_levels, nested)


def _redundant(effects: Sequence[Grouping], clusters: Sequence[Grouping]) -> int:
    """Levels without need of the effects that are not nested: the most connected parts with any one before them."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rest = [effect for effect in effects if not any(effect.nested_in(cluster) for cluster in clusters)]
    parts = dict.fromkeys(range(1, len(rest)), 1)
    for one, other in combinations(range(len(rest)), 2):
        a, b = rest[one], rest[other]
        size = a.n_levels + b.n_levels
        graph = coo_matrix((np.ones(len(a.codes)), (a.codes, b.codes + a.n_levels)), shape=(size, size))
        parts[other] = max(parts[other], int(connected_components(graph, directed=False)[0]))
    return sum(parts.values())


def _sandwich(solution: Solution, choice: Choice, fit: Fit) -> tuple[str, tuple[float | None, ...], float]:
    """The variance that every program has: the model's own where it is one, else crv1 of its clusters."""
    own = next((float(value) for name, value, *_ in fit.details if name == "small_sample_factor"), 1.0)
    if choice.kind in _SANDWICHES or choice.kind == "wild":
        return "crv1" if choice.kind == "wild" else choice.kind, _known(fit.std_error), own
    if choice.kind != "crv3":
        return "", (), 1.0
    try:
        inference = infer(solution, Choice("crv1", choice.small))
    except NotEstimable:
        return "", (), 1.0
    return "crv1", _known(np.sqrt(np.maximum(np.diag(inference.vcov), 0))), inference.factor


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
