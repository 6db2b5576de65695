"""Outcome and endogenous regressors on the instruments, with clusters: what Anderson-Rubin statistics are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.parameters import counted
from involution.models.solve import least_squares

if TYPE_CHECKING:
    from involution.models.linear import Linear

_ANGLES = 181
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class ReducedForm:
    """Outcome and endogenous regressors on the instruments, the exogenous regressors taken out of all of them.

    A vector t = (1, -b) of the columns (y, Y) has coefficients ``pi t`` with covariance ``sum_ab t_a t_b meat_ab``;
    their Wald statistic does not depend on the length of t, so that infinite coefficients are directions like others.

    Attributes
    ----------
    names : tuple of str
        Endogenous regressors.
    pi : array of float, shape (k, 1 + p)
        For orthonormal instruments and columns of norm one.
    meat : array of float, shape (1 + p, 1 + p, k, k)
    scales : array of float, shape (1 + p,)
        Norms of the columns.
    degrees : float
        Of the F distribution's denominator.
    """

    names: tuple[str, ...]
    pi: Floats
    meat: Floats
    scales: Floats
    degrees: float

    @property
    def count(self) -> int:
        """Instruments."""
        return len(self.pi)

    def wald(self, t: Floats) -> Floats:
        """Wald statistic of each vector, shape of `t` (..., 1 + p) without its last axis."""
        pi = t @ self.pi.T
        vcov = np.einsum("...a,...b,abij->...ij", t, t, self.meat, optimize=True)
        # A pseudo-inverse in effect: with fewer clusters than instruments the covariance is singular.
        size = np.sqrt(np.maximum(np.diagonal(vcov, axis1=-2, axis2=-1), np.finfo(float).tiny))
        scaled = vcov / size[..., :, None] / size[..., None, :] + _TOLERANCE * np.eye(self.count)
        solved = np.linalg.solve(scaled, (pi / size)[..., None])[..., 0]
        return np.asarray((pi / size * solved).sum(axis=-1))

    def bound(self, level: float) -> float:
        """Wald statistic up to which values are not rejected."""
        from scipy import stats

        return float(self.count * stats.f.ppf(level, self.count, self.degrees))

    def p_value(self, wald: float) -> float:
        from scipy import stats

        return float(stats.f.sf(wald / self.count, self.count, self.degrees))


def reduced_form(linear: Linear) -> ReducedForm:
    sample, names = linear.sample, tuple(linear.endogenous.names)
    if not names:
        raise NotEstimable("no endogenous regressor: there is no instrument to test")

    def partialled(columns: Floats) -> Floats:
        return least_squares(linear.exogenous.values, columns)[2] if linear.exogenous.names else columns

    columns = partialled(np.column_stack([linear.outcome, linear.endogenous.values]))
    scales = np.linalg.norm(columns, axis=0)
    columns = columns / scales
    raw = partialled(linear.excluded.values)
    instruments = np.linalg.qr(raw / np.linalg.norm(raw, axis=0))[0]
    pi = instruments.T @ columns
    errors = columns - instruments @ pi
    k, q = pi.shape
    clusters = sample.clusters[:1]
    scores = (instruments[:, :, None] * errors[:, None, :]).reshape(sample.n, k * q)
    if clusters:
        if clusters[0].n_levels <= k:
            raise NotEstimable(
                f"{clusters[0].n_levels} clusters for {k} instruments: no test with clusters is possible"
            )
        scores = clusters[0].sums(scores)
    scores = scores.reshape(len(scores), k, q)
    residual = sample.n - sample.absorber.rank - k - len(linear.exogenous.names)
    # As the factor of the model's own variance: effects nested in the clusters count once.
    constant = 1 if sample.intercept else 0
    left = sample.n - counted(sample, k + len(linear.exogenous.names) + constant, "nonnested", clusters)
    groups = len(scores)
    factor = (sample.n - 1) / left * (groups / (groups - 1) if clusters else 1.0)
    meat = np.einsum("gia,gjb->abij", scores, scores, optimize=True) * factor
    # Only the symmetric part enters.
    meat = (meat + np.swapaxes(meat, 0, 1)) / 2
    return ReducedForm(names, pi, meat, scales, float(groups - 1 if clusters else residual))


@dataclass(frozen=True)
class Line:
    """The values ``centre + step tan(angle)`` of one coefficient, infinite ones included.

    Attributes
    ----------
    form : ReducedForm
    place : int
        Of the coefficient among the columns.
    centre, step : float
        For columns of norm one.
    """

    form: ReducedForm
    place: int
    centre: float
    step: float

    def value(self, angle: float) -> float:
        """The coefficient."""
        if abs(angle) >= np.pi / 2 - 1e-9:
            return float(np.sign(angle) * np.inf)
        return float(self.centre + self.step * np.tan(angle))

    def vectors(self, angles: Floats, turns: Floats) -> Floats:
        """Directions with this coefficient, the other one running through all values as `turns` do half a turn."""
        fixed = np.zeros((*np.shape(angles), 1 + len(self.form.names)))
        fixed[..., 0] = np.cos(angles)
        fixed[..., self.place] = -(self.centre * np.cos(angles) + self.step * np.sin(angles))
        if len(self.form.names) == 1:
            return fixed
        fixed /= np.linalg.norm(fixed, axis=-1, keepdims=True)
        free = np.zeros(3)
        free[3 - self.place] = 1.0
        return np.asarray(np.cos(turns)[..., None] * fixed + np.sin(turns)[..., None] * free)

    def coarse(self, angles: Floats) -> Floats:
        """Least Wald statistic over a grid of the other coefficient, at most a little above the least of all."""
        if len(self.form.names) == 1:
            return self.form.wald(self.vectors(angles, np.zeros_like(angles)))
        turns = np.linspace(-np.pi / 2, np.pi / 2, _ANGLES)
        return np.asarray(self.form.wald(self.vectors(angles[:, None], turns[None, :])).min(axis=1))

    def least(self, angle: float) -> float:
        """Least Wald statistic over the other coefficient."""
        if len(self.form.names) == 1:
            return float(self.form.wald(self.vectors(np.array(angle), np.array(0.0))))
        return least_over_turns(lambda turn: self.form.wald(self.vectors(np.array(angle), turn)))


def least_over_turns(along: Callable[[Floats], Floats]) -> float:
    """Least value of a smooth function of a direction, over half a turn."""
    from scipy.optimize import minimize_scalar

    turns = np.linspace(-np.pi / 2, np.pi / 2, _ANGLES)
    values = along(turns)
    best = int(np.argmin(values))
    width = turns[1] - turns[0]
    bracket = (turns[best] - width, turns[best] + width)
    refined = minimize_scalar(
        lambda turn: float(along(np.array(turn))), bounds=bracket, method="bounded", options={"xatol": 1e-9}
    )
    return min(float(values[best]), float(refined.fun))
