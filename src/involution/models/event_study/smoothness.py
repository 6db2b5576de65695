r"""Intervals when the slope of the drift changes by at most M from one year to the next.

A linear estimator :math:`v'\hat\beta` whose weights v on the years after adoption are those asked for has, over all
such drifts, the largest bias :math:`M \sum_j |b_j'v|` if it is free of any straight trend (and an unbounded one if
not), where :math:`b_j` is the drift that bends once, in year j, by one. The interval of fixed length is shortest for
the weights on the years before adoption that minimise

.. math:: \sigma_v \, \mathrm{cv}(M \textstyle\sum_j |b_j'v| / \sigma_v),

cv(t) the quantile of the absolute value of a normal with mean t and variance one (Rambachan and Roth 2023, section 3.4;
Armstrong and Kolesár 2018, *Econometrica* 86: 655-683). The objective is convex, being a convex, increasing function,
homogeneous of degree one, of two convex ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats


@dataclass(frozen=True)
class _Problem:
    """Weights on the years before adoption as ``start + free @ x``: those that no straight trend moves."""

    start: Floats
    free: Floats
    bends: Floats
    covariance: Floats
    m: float
    size: float


def smoothness_interval(
    estimate: Floats, covariance: Floats, leads: int, target: Floats, m: float, level: float
) -> tuple[float, float]:
    """The shortest interval of fixed length.

    Parameters
    ----------
    estimate, covariance : arrays of float
        Leads, earliest first, then lags.
    leads : int
    target : array of float, shape (lags,)
    m : float
        Largest change of slope, units of the outcome per year and year.
    level : float
    """
    weights = shortest_weights(covariance, leads, target, m, level)
    half = _half_length(weights, _bends(leads, len(target)), covariance, m, 1 - level)
    centre = float(weights @ estimate)
    return centre - half, centre + half


def shortest_weights(covariance: Floats, leads: int, target: Floats, m: float, level: float) -> Floats:
    """The weights of the estimator in the middle of that interval, shape (leads + lags,)."""
    years = _years(leads, len(target))
    start = np.concatenate([np.zeros(leads), target])
    start[leads - 1] = target @ years[leads:]
    free = np.zeros((len(years), leads - 1))
    # A weight on an earlier lead is taken from the last one, in proportion to the years.
    free[np.arange(leads - 1), np.arange(leads - 1)] = 1.0
    free[leads - 1] = years[: leads - 1]
    problem = _Problem(start, free, _bends(leads, len(target)), covariance, m, 1 - level)
    if leads == 1:
        return start
    smooth = start - free @ np.linalg.solve(free.T @ covariance @ free, free.T @ covariance @ start)
    if m == 0:
        return smooth
    return min((_solved(problem, point) for point in (smooth, start)), key=lambda v: _length_of(problem, v))


def _years(leads: int, lags: int) -> Floats:
    """Distance from the year before adoption, which has no coefficient."""
    return np.concatenate([np.arange(-leads, 0.0), np.arange(1.0, lags + 1)])


def _bends(leads: int, lags: int) -> Floats:
    """Drifts that bend once by one, each flat on the side of the year before adoption, shape (bends, leads + lags)."""
    years = _years(leads, lags)
    after = [np.maximum(years - year, 0) for year in range(lags)]
    before = [np.maximum(-year - years, 0) for year in range(1, leads)]
    return np.array([*before, *after])


def _length_of(problem: _Problem, weights: Floats) -> float:
    return _half_length(weights, problem.bends, problem.covariance, problem.m, problem.size)


def _half_length(weights: Floats, bends: Floats, covariance: Floats, m: float, size: float) -> float:
    sd = float(np.sqrt(weights @ covariance @ weights))
    return sd * folded_quantile(m * float(np.abs(bends @ weights).sum()) / sd, size)


def folded_quantile(mean: float, size: float) -> float:
    """The value that the absolute value of a normal with this mean and variance one exceeds with probability `size`."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    if mean > 8:
        return float(mean + ndtri(1 - size))
    low, high = mean + float(ndtri(1 - size)), mean + float(ndtri(1 - size / 2))

    def excess(c: float) -> float:
        return float(ndtr(mean - c) + ndtr(-mean - c)) - size

    return low if excess(low) <= 0 else float(brentq(excess, low, high + 1e-9, xtol=1e-13))


def _solved(problem: _Problem, point: Floats) -> Floats:
    """The weights that minimise the length, by sequential quadratic programmes over weights and absolute bends."""
    from scipy.optimize import minimize

    k = problem.free.shape[1]
    scale = float(np.sqrt(problem.start @ problem.covariance @ problem.start))
    x0 = np.linalg.lstsq(problem.free, point - problem.start, rcond=None)[0]
    fixed, moved = problem.bends @ problem.start, problem.bends @ problem.free

    def value(z: Floats) -> tuple[float, Floats]:
        weights = problem.start + problem.free @ z[:k]
        pulled = problem.covariance @ weights
        sd = float(np.sqrt(weights @ pulled))
        ratio = problem.m * max(float(z[k:].sum()), 0.0) / sd
        critical = folded_quantile(ratio, problem.size)
        near, far = np.exp(-((critical - ratio) ** 2) / 2), np.exp(-((critical + ratio) ** 2) / 2)
        rise = (near - far) / (near + far)
        gradient = np.concatenate(
            [(critical - ratio * rise) * (problem.free.T @ pulled) / sd, np.full(len(fixed), problem.m * rise)]
        )
        return sd * critical / scale, gradient / scale

    sides = np.vstack([np.hstack([-moved, np.eye(len(fixed))]), np.hstack([moved, np.eye(len(fixed))])])
    offsets = np.concatenate([-fixed, fixed])
    found = minimize(
        value,
        np.concatenate([x0, np.abs(fixed + moved @ x0)]),
        jac=True,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda z: sides @ z + offsets, "jac": lambda _z: sides},
        options={"maxiter": 1_000, "ftol": 1e-14},
    )
    solution = problem.start + problem.free @ found.x[:k]
    return solution if _length_of(problem, solution) <= _length_of(problem, point) else point


def largest_bend(estimate: Floats, covariance: Floats, leads: int, level: float = 0.95) -> float:
    """The largest change of slope before adoption that the leads do not rule out: where a scale of M may end.

    The largest upper end of one-sided intervals for the absolute second differences of the leads (Rambachan and Roth's
    own scale). Missing with a single lead.

    Parameters
    ----------
    estimate, covariance : arrays of float
        Leads, earliest first, then lags.
    leads : int
    level : float
        Of each interval.
    """
    from scipy.special import ndtri

    if leads < 2:
        return np.nan
    twice = np.diff(np.insert(np.eye(leads), leads, 0.0, axis=0), n=2, axis=0)
    spread = np.sqrt(np.einsum("ij,jk,ik->i", twice, covariance[:leads, :leads], twice))
    return float((np.abs(twice @ estimate[:leads]) + ndtri(level) * spread).max())
