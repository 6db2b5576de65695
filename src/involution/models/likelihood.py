"""Estimation of generalised linear models: 0/1 outcomes, hazards, shares, other families.

Scores and observed information are put together here, so that every variance estimator of
`involution.models.inference` serves, and the cluster jackknife estimates anew without each cluster.

A share has the quasi-likelihood of a 0/1 outcome (Papke and Wooldridge 1996, *JAE* 11: 619-632): the estimate is
consistent when the mean is right, whatever the variance, hence only sandwich variances are valid for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.glm import Maximum, Model, assembled, check_range, family_of, maximise, scores_and_bread
from involution.models.groupings import Floats, Grouping
from involution.models.margins import average_effects
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.separation import perfectly_predicted
from involution.models.solution import Jackknife, Solution
from involution.models.solve import column_scales, independent, least_squares

_CERTAIN = 6e-6
"""Distance of a fitted probability from 0 or 1 below which separation is looked for."""


def fit_likelihood(
    estimator: str, sample: Sample, outcome_name: str, regressors: Columns, means: Floats, y: Floats, alone: list[str]
) -> Solution:
    """Estimate a generalised linear model.

    Parameters
    ----------
    estimator : str
        ``logit``, ``probit`` or ``cloglog`` of a 0/1 outcome, ``fractional_logit`` or ``fractional_probit`` of a
        share, or ``glm:<family>``.
    sample : Sample
    outcome_name : str
    regressors : Columns
        Over the sample's rows; independent of each other and of the fixed effects.
    means : array of float, shape (n, q)
        Columns that stand for the firm effects, if any; those that the others explain are left out.
    y : array of float, shape (n,)
    alone : list of str
        Regressors that enter by themselves alone: average marginal effects are told of them.

    Raises
    ------
    NotEstimable
        For an outcome outside its range, more indicators than `MAXIMUM_DUMMIES`, or a likelihood without maximum.
    """
    check_range(estimator, outcome_name, y)
    model = assembled(estimator, sample, regressors, means, y)
    maximum = maximise(model)
    scores, bread = scores_and_bread(model, maximum)
    # Reweighted least squares stops while its last digits still move; one step of Newton's method settles them.
    maximum = replace(maximum, params=maximum.params + bread @ scores.sum(axis=0))
    scores, bread = scores_and_bread(model, maximum)
    k, p = len(model.names), model.design.shape[1]
    reported = [*range(k), *range(p, len(maximum.params))]
    fitted = np.asarray(maximum.fit.model.predict(maximum.params, model.design))
    solution = Solution(
        names=(*model.names, *(("alpha",) if len(reported) > k else ())),
        beta=maximum.params[reported],
        bread=bread[np.ix_(reported, reported)],
        influence=scores @ bread[:, reported],
        sample=sample,
        sum_of_squares=float(sample.n),
        likelihood=True,
        jackknife=None,
        statistics=_statistics(model, maximum, fitted),
        notes=_separated(model, fitted),
        fitted=fitted,
        residuals=y - fitted,
        unreported=model.beside,
    )
    if model.family == "negative_binomial":
        return solution
    leaving_out = _LeavingOut(model, sample, regressors, means, model.design @ maximum.params, alone)
    solution = replace(solution, jackknife=leaving_out.coefficients)
    return _with_margins(solution, model, maximum, scores, bread, leaving_out)


def _statistics(model: Model, maximum: Maximum, fitted: Floats) -> dict[str, tuple[float, float, float]]:
    """The (quasi-)log likelihood and McFadden's pseudo R2 against a constant alone."""
    if model.family == "binomial":
        mean = np.full(len(model.y), np.average(model.y, weights=model.weights))
        full, null = (_log_likelihood(model, at) for at in (fitted, mean))
    else:
        full = float(maximum.fit.llf)
        null = float(maximise(replace(model, design=np.ones((len(model.y), 1)))).fit.llf)
    return {"log_likelihood": (full, np.nan, np.nan), "pseudo_r2": (1 - full / null, np.nan, np.nan)}


def _log_likelihood(model: Model, probability: Floats) -> float:
    from scipy.special import xlog1py, xlogy

    rows = xlogy(model.y, probability) + xlog1py(1 - model.y, -probability)
    return float(rows.sum() if model.weights is None else model.weights @ rows)


def _separated(model: Model, fitted: Floats) -> tuple[Note, ...]:
    """Say so where a combination of columns predicts rows perfectly: no maximum exists along it."""
    if model.family != "binomial" or np.minimum(fitted, 1 - fitted).min() > _CERTAIN:
        return ()
    count = int(perfectly_predicted(model.design, model.y).sum())
    return (note("perfectly_predicted", count=count),) if count else ()


def _with_margins(
    solution: Solution, model: Model, maximum: Maximum, scores: Floats, bread: Floats, leaving_out: _LeavingOut
) -> Solution:
    """The solution with the average marginal effects of a probability or share as a second one, by the delta method."""
    names = tuple(name for name in leaving_out.alone if name in model.names)
    if model.family != "binomial" or not names:
        return solution
    effects = average_effects(
        family_of(model).link, model.design, maximum.params, model.weights, [model.names.index(name) for name in names]
    )
    margins = replace(
        solution,
        names=names,
        beta=effects.values,
        bread=effects.jacobian @ bread @ effects.jacobian.T,
        influence=scores @ (bread @ effects.jacobian.T),
        jackknife=leaving_out.effects,
        unreported=solution.unreported + len(solution.names) - len(names),
    )
    return replace(solution, margins=margins)


class _LeavingOut:
    """Coefficients and average marginal effects with each cluster left out, estimated anew, once a clustering."""

    def __init__(
        self, model: Model, sample: Sample, regressors: Columns, means: Floats, index: Floats, alone: Sequence[str]
    ) -> None:
        self.model, self.sample, self.regressors, self.means = model, sample, regressors, means
        self.index, self.alone = index, tuple(alone)
        self._made: dict[str, tuple[Jackknife, Jackknife]] = {}

    def coefficients(self, cluster: Grouping) -> Jackknife:
        """Replicates of the reported coefficients."""
        return self._both(cluster)[0]

    def effects(self, cluster: Grouping) -> Jackknife:
        """Replicates of the average marginal effects."""
        return self._both(cluster)[1]

    def _both(self, cluster: Grouping) -> tuple[Jackknife, Jackknife]:
        if cluster.name not in self._made:
            parts = [self._replicate(cluster.codes != g) for g in range(cluster.n_levels)]
            coefficients, effects = (np.array(part) for part in zip(*parts, strict=True))
            lost = [
                name for name, column in zip(self.model.names, coefficients.T, strict=True) if np.isnan(column).any()
            ]
            said = (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ()
            self._made[cluster.name] = Jackknife(coefficients, said), Jackknife(effects, said)
        return self._made[cluster.name]

    def _replicate(self, keep: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Coefficients and effects without some rows; missing where these do not identify them."""
        names = self.model.names
        coefficients, effects = np.full(len(names), np.nan), np.full(len(self.alone), np.nan)
        part, x = self.sample.subset(keep), self.regressors.values[keep]
        scales = column_scales(x, None, bool(part.effects))
        kept = independent(self.regressors.names, part.unweighted.residuals(x), scales).positions
        columns = Columns(tuple(self.regressors.names[j] for j in kept), x[:, kept])
        left = assembled(self.model.estimator, part, columns, self.means[keep], self.model.y[keep])
        try:
            params = maximise(left, least_squares(left.design, self.index[keep])[0]).params
        except NotEstimable:
            return coefficients, effects
        coefficients[[names.index(name) for name in left.names]] = params[: len(left.names)]
        shown = [j for j, name in enumerate(self.alone) if name in left.names]
        at = [left.names.index(self.alone[j]) for j in shown]
        effects[shown] = average_effects(family_of(left).link, left.design, params, left.weights, at).values
        return coefficients, effects
