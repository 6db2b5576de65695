r"""Linear GMM in one and two steps, moments summed by clusters.

With stacked rows y = Xb + u, instruments Z and s_g = Z_g'u_g, the one-step estimator weighs the moments by
:math:`A_1 = (Z'HZ)^{-1}`, H the covariance of transformed errors that are independent with equal variance (Arellano and
Bond 1991, *Review of Economic Studies* 58: 277-297), the two-step estimator by the inverse of
:math:`\Omega = \sum_g s_g s_g'` at the residuals of the first. Its usual covariance takes :math:`\Omega` as known and
is too small; the correction is that of Windmeijer (2005, *Journal of Econometrics* 126: 25-51), equation 3.2 onwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats

Sums = Callable[[Floats], Floats]
_RANK = 1e-10


@dataclass(frozen=True)
class Moments:
    """Stacked rows and what the estimators need of them.

    Attributes
    ----------
    y : array of float, shape (r,)
    x : array of float, shape (r, k)
    z : array of float, shape (r, m)
    first : array of float, shape (m, m)
        Z'HZ.
    sums : callable
        From values by row, (r,) or (r, p), to their sums by cluster.
    """

    y: Floats
    x: Floats
    z: Floats
    first: Floats
    sums: Sums

    def scores(self, residuals: Floats) -> Floats:
        """Z_g'u_g by cluster, shape (G, m)."""
        return self.sums(self.z * residuals[:, None])


@dataclass(frozen=True)
class Step:
    """One estimate.

    Attributes
    ----------
    beta : array of float, shape (k,)
    residuals : array of float, shape (r,)
    weight : array of float, shape (m, m)
    rank : int
        Of what the weight is the (generalised) inverse of.
    linear : array of float, shape (k, m)
        From the moments Z'u to the estimate.
    influence : array of float, shape (G, k)
        How much each cluster moves the estimate; the sum of outer products is the robust covariance.
    """

    beta: Floats
    residuals: Floats
    weight: Floats
    rank: int
    linear: Floats
    influence: Floats

    @property
    def covariance(self) -> Floats:
        """Robust to correlation within clusters; with two steps corrected as by Windmeijer."""
        return np.asarray(self.influence.T @ self.influence)


def inverse(matrix: Floats) -> tuple[Floats, int]:
    """The inverse of a positive semi-definite matrix, generalised where it is singular, and the rank."""
    size = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(matrix / np.outer(size, size))
    kept = values > _RANK * values[-1]
    within = vectors[:, kept] / size[:, None]
    return np.asarray((within / values[kept]) @ within.T), int(kept.sum())


def one_step(moments: Moments) -> Step:
    """The estimate with the weight that errors of equal variance call for."""
    weight, rank = inverse(moments.first)
    beta, linear = _solved(moments, weight)
    residuals = moments.y - moments.x @ beta
    return Step(beta, residuals, weight, rank, linear, moments.scores(residuals) @ linear.T)


def two_steps(moments: Moments, first: Step) -> Step:
    """The estimate with the weight that the residuals of the first step call for, its covariance corrected."""
    scores = moments.scores(first.residuals)
    weight, rank = inverse(scores.T @ scores)
    beta, linear = _solved(moments, weight)
    residuals = moments.y - moments.x @ beta
    change = _change_of_weight(moments, scores, weight, linear, residuals)
    # V2 + D V2 + V2 D' + D V1 D' is the sum of outer products of these.
    influence = scores @ linear.T + first.influence @ change.T
    return Step(beta, residuals, weight, rank, linear, influence)


def hansen(moments: Moments, second: Step, columns: np.ndarray | None = None, scores: Floats | None = None) -> float:
    """Hansen's J of the second step; of some instruments alone with the part of the first step's covariance for them.

    Parameters
    ----------
    moments : Moments
    second : Step
    columns : array of bool, shape (m,), optional
        The instruments kept: the model is estimated anew with these.
    scores : array of float, shape (G, m), optional
        Of the first step; needed with `columns`.
    """
    if columns is None:
        total = moments.z.T @ second.residuals
        return float(total @ second.weight @ total)
    assert scores is not None
    kept = scores[:, columns]
    weight, _ = inverse(kept.T @ kept)
    fewer = Moments(moments.y, moments.x, moments.z[:, columns], moments.first[np.ix_(columns, columns)], moments.sums)
    beta, _ = _solved(fewer, weight)
    total = fewer.z.T @ (moments.y - moments.x @ beta)
    return float(total @ weight @ total)


def _solved(moments: Moments, weight: Floats) -> tuple[Floats, Floats]:
    """Coefficients, and the matrix that takes moments to them."""
    cross = moments.z.T @ moments.x
    bread, rank = inverse(cross.T @ weight @ cross)
    if rank < moments.x.shape[1]:
        raise NotEstimable(f"the instruments identify {rank} of {moments.x.shape[1]} coefficients")
    linear = bread @ cross.T @ weight
    return linear @ (moments.z.T @ moments.y), linear


def _change_of_weight(moments: Moments, scores: Floats, weight: Floats, linear: Floats, residuals: Floats) -> Floats:
    """Windmeijer's D: how the second estimate changes with the first, through the weight."""
    left = weight @ (moments.z.T @ residuals)
    columns = []
    for j in range(moments.x.shape[1]):
        moved = moments.sums(moments.z * moments.x[:, [j]])
        change = moved.T @ (scores @ left) + scores.T @ (moved @ left)
        columns.append(linear @ change)
    return np.column_stack(columns)
