"""A planned regression as it is rehearsed: on which rows, with which clusters, in which units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models import weighted
from involution.models.design import Design
from involution.models.facts import Facts, varying_level
from involution.models.groupings import Floats, Grouping, coded
from involution.models.linear import Linear
from involution.models.matrix import INTERCEPT, Columns, in_sample, numbers
from involution.models.rehearsal.structure import Structure, structure_of
from involution.models.sample import Sample
from involution.models.solution import Solution
from involution.models.treatment_level import level_by_values
from involution.study.formulas import parse_formula
from involution.study.models import Model

REHEARSED = ("ols", "poisson")


@dataclass(frozen=True)
class Scale:
    """In which units effects are told.

    Attributes
    ----------
    mean_outcome, sd_outcome, sd_residual, sd_treatment : float
        Over the rows of the model, weighted as it is; the residual is the outcome's from fixed effects, treatment and
        controls.
    logarithmic : bool
        A coefficient moves the logarithm of the outcome's mean.
    """

    mean_outcome: float
    sd_outcome: float
    sd_residual: float
    sd_treatment: float
    logarithmic: bool

    @property
    def unit(self) -> float:
        """The coefficient that is one standard deviation of the residual per standard deviation of the treatment."""
        unit = self.sd_residual / self.sd_treatment
        return unit / self.mean_outcome if self.logarithmic else unit

    def in_outcome(self, coefficient: float) -> float:
        """What a standard deviation of the treatment moves the outcome by, in its units."""
        moved = coefficient * self.sd_treatment
        return float(np.expm1(moved)) * self.mean_outcome if self.logarithmic else moved

    def slope(self, coefficient: float) -> float:
        """The derivative of `in_outcome`, for the error of a coefficient."""
        slope = self.sd_treatment
        return slope * float(np.exp(coefficient * slope)) * self.mean_outcome if self.logarithmic else slope


@dataclass(frozen=True)
class Planned:
    """A planned regression.

    Attributes
    ----------
    model : Model
    treatment : str
        As the formula has it.
    solution : Solution
        Its coefficients are not looked at: what counts is the sample and the number of parameters.
    structure : Structure
    cluster : Grouping
        Over the structure's rows: the clusters whose signs are drawn.
    planned : Grouping
        Over the same rows: those that the model names.
    firm : Grouping or None
    scale : Scale
    """

    model: Model
    treatment: str
    solution: Solution
    structure: Structure
    cluster: Grouping
    planned: Grouping
    firm: Grouping | None
    scale: Scale

    @property
    def sample(self) -> Sample:
        """The rows of the model."""
        return self.solution.sample


def planned_model(model: Model, treatment: str, data: pd.DataFrame, known: Facts) -> Planned:
    """A planned regression on its rows.

    Parameters
    ----------
    model : Model
        Checked, its clusters named.
    treatment : str
        Among its regressors.
    data : DataFrame
        The analysis panel with dated columns and ``in_sample``.
    known : Facts

    Raises
    ------
    NotEstimable
        For estimators that are not rehearsed, and where the data do not support the model.
    """
    if model.estimator not in REHEARSED:
        raise NotEstimable(f"the estimator {model.estimator} is not rehearsed; {' and '.join(REHEARSED)} are")
    rows = in_sample(data)
    effects = ["^".join(effect) for effect in parse_formula(model.formula).fixed_effects]
    level = drawn_level(model.cluster, treatment, data, rows, known)
    clusters = list(dict.fromkeys([level, model.cluster[0]]))
    design = Design(data, effects, clusters, weights=model.weights, singletons=model.singletons, rows=rows)
    solution, _ = design.solution(model.formula, estimator=model.estimator)
    linear = solution.linear if model.estimator == "ols" else working(solution, data)
    assert linear is not None
    sample = linear.sample
    structure = structure_of(linear, treatment, sample.clusters[0])
    cluster, planned, firm = (
        None if grouping is None else Grouping(grouping.name, grouping.codes[structure.order], grouping.n_levels)
        for grouping in (sample.clusters[0], sample.clusters[-1], sample.firm)
    )
    assert cluster is not None
    assert planned is not None
    scale = _scale(solution, numbers(data, treatment), model.estimator == "poisson")
    return Planned(model, treatment, solution, structure, cluster, planned, firm, scale)


def _scale(solution: Solution, treatment: Floats, logarithmic: bool) -> Scale:
    sample = solution.sample
    assert solution.fitted is not None
    assert solution.residuals is not None
    outcome, weights = solution.fitted + solution.residuals, sample.weights
    return Scale(
        mean_outcome=weighted.mean(outcome, weights),
        sd_outcome=weighted.deviation(outcome, weights),
        sd_residual=weighted.deviation(solution.residuals, weights),
        sd_treatment=weighted.deviation(sample.raw(treatment), weights),
        logarithmic=logarithmic,
    )


def working(solution: Solution, data: pd.DataFrame) -> Linear:
    """A Poisson regression as the weighted least squares that its last step is, for tests of first order.

    Parameters
    ----------
    solution : Solution
    data : DataFrame

    Notes
    -----
    With mu the fitted means, the regressors are weighted by mu and the outcome is ``(y - mu) / mu``: its scores are
    those of the likelihood, and drawing their signs is the score bootstrap of Kline and Santos (2012, *Journal of
    Econometric Methods* 1: 23-41).
    """
    assert solution.fitted is not None
    assert solution.residuals is not None
    there = solution.fitted > 0
    inner = solution.sample if there.all() else solution.sample.subset(there)
    mu = solution.fitted[there]
    sample = replace(inner, weights=mu if inner.weights is None else mu * inner.weights, _absorbed={})
    names = tuple(name for name in solution.names if name != INTERCEPT)
    raw = np.column_stack([solution.residuals[there] / mu, *(numbers(data, name)[inner.rows] for name in names)])
    values = sample.absorbed([f"working outcome of {', '.join(names)}", *names], np.asfortranarray(raw))
    none = Columns((), np.zeros((sample.n, 0)))
    regressors = Columns(names, values[:, 1:])
    return Linear(sample, regressors, none, none, values[:, 0], raw, tuple(range(1, 1 + len(names))))


def drawn_level(planned: Sequence[str], treatment: str, data: pd.DataFrame, rows: np.ndarray, known: Facts) -> str:
    """The column whose clusters share a sign: the coarser of what is planned and where the treatment varies.

    Clusters below that level hide what the treatment shares among them, and a rehearsal with them would not show it.
    """
    level = planned[0]
    for other in (*planned[1:], varying_level(treatment, known), level_by_values(treatment, data, rows)):
        if other in data.columns and data.loc[rows, other].notna().all():
            level = _coarser(level, other, data.loc[rows])
    return level


def _coarser(first: str, second: str, data: pd.DataFrame) -> str:
    groupings = [Grouping(name, *coded(data[name])[:2]) for name in (first, second)]
    if groupings[0].nested_in(groupings[1]) or groupings[1].nested_in(groupings[0]):
        return min(groupings, key=lambda grouping: grouping.n_levels).name
    return first
