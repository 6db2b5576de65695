r"""The kernel estimator: the effect of the treatment at each value of the moderator, by local regressions.

At w0 rows are weighted by a normal density of ``(w - w0)/h`` and

.. math:: y = \mu + \alpha x + \eta (w - w_0) + \beta x (w - w_0) + z'\gamma + \text{effects}

is estimated; :math:`\alpha` is the effect there (Hainmueller, Mummolo and Xu 2019, *Political Analysis* 27: 163-192).
Rows further than four bandwidths away, whose weight would be below .0004 of the largest, are left out.
It assumes no form of the dependence, and has no effects of the treatment by year: far from the middle few years
are left.

The bandwidth is chosen by leaving clusters out in turn: with what the plain model attributes to effects and controls
taken out of the outcome, the local regressions on the treatment without a cluster predict its rows. The widest
bandwidth is taken whose squared error is larger than the smallest one by no more than a standard error of the
difference over clusters (the one-standard-error rule of Breiman, Friedman, Olshen and Stone 1984, section 3.4.3).
Intervals are those of the local regressions, bandwidth and moderator taken as given; they do not correct for the bias
of smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.inference import infer
from involution.models.matrix import INTERCEPT
from involution.models.moderation.bands import Effects
from involution.models.moderation.forms import Fitted, Options, formula_of
from involution.models.moderation.specification import Specification, product_term
from involution.models.moderation.support import PERCENTILES, grid_of
from involution.models.options import variance_choice
from involution.models.solution import Solution
from involution.models.threads import single_threaded
from involution.models.weighted import percentiles

POINTS = 21
BANDWIDTHS = (0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.8, 2.7)
"""Candidates, in standard deviations of the moderator."""
LEAST_VALUES = 10
"""Distinct values of a moderator below which bins say all that there is."""
_CV_POINTS = 25
_REACH = 4.0
_RIDGE = 1e-10
_WEIGHT = "kernel weight"


@dataclass(frozen=True)
class Smoothed:
    """Effects of the treatment over the moderator.

    Attributes
    ----------
    effects : Effects
        Terms ``effect[w=p10]`` and so on, then ``0``, ``1``, ... for the grid.
    grid : array of float
    bandwidth : float
        In units of the moderator.
    vcov_label : str
    lost : int
        Points of the grid at which no local regression could be estimated.
    """

    effects: Effects
    grid: Floats
    bandwidth: float
    vcov_label: str
    lost: int


def smoothed(
    specification: Specification, name: str, plain: Fitted, options: Options, bandwidth: float | None = None
) -> Smoothed:
    """Estimate the effect of the treatment over one moderator, the others linear.

    Parameters
    ----------
    specification : Specification
    name : str
        Column of the moderator.
    plain : Fitted
        The form with plain products and no effects by year, by least squares.
    options : Options
    bandwidth : float, optional
        In units of the moderator; chosen as above unless given.

    Raises
    ------
    NotEstimable
        For a moderator with few values.
    """
    values = plain.factors.columns[name] + plain.factors.about[name]
    distinct = len(np.unique(values))
    if distinct < LEAST_VALUES:
        raise NotEstimable(f"{name} has {distinct} values: the bins show the effect at each")
    with single_threaded():
        width = chosen_bandwidth(specification, name, plain) if bandwidth is None else bandwidth
        grid = grid_of(values, plain.sample.weights, POINTS)
        at = {
            f"effect[{name}={k}]": value for k, value in percentiles(values, plain.sample.weights, PERCENTILES).items()
        }
        places = {**at, **{str(k): float(value) for k, value in enumerate(grid)}}
        return _local(specification, name, plain, options, places, grid, width)


def _local(
    specification: Specification,
    name: str,
    plain: Fitted,
    options: Options,
    places: dict[str, float],
    grid: Floats,
    width: float,
) -> Smoothed:
    kind = "crv1" if options.vcov == "wild" else options.vcov
    choice = variance_choice(kind, plain.design.cluster, None, options.draws, options.seed)
    cluster = _whole(plain, min(plain.sample.clusters, key=lambda c: c.n_levels, default=None))
    estimates, errors = np.full(len(places), np.nan), np.full(len(places), np.nan)
    sums = np.zeros((cluster.n_levels, len(places)))
    degrees = np.inf
    for k, place in enumerate(places.values()):
        try:
            solution = _regression(specification, name, plain, place, width)
            inference = infer(solution, choice)
        except NotEstimable:
            continue
        j = solution.names.index(specification.treatment) if specification.treatment in solution.names else None
        if j is None:
            continue
        estimates[k], errors[k] = solution.beta[j], np.sqrt(inference.vcov[j, j])
        sums[:, k] = np.bincount(cluster.codes[solution.sample.rows], solution.influence[:, j], cluster.n_levels)
        degrees = min(degrees, inference.degrees_of_freedom)
    size = np.linalg.norm(sums, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = sums.T @ sums / np.outer(size, size)
    covariance = correlation * np.outer(errors, errors)
    label = (
        f"{choice.kind}({'+'.join(plain.design.cluster)})"
        if plain.design.cluster and choice.kind != "hetero"
        else choice.kind
    )
    lost = int(np.isnan(estimates[-len(grid) :]).sum())
    return Smoothed(Effects(tuple(places), estimates, covariance, degrees), grid, width, label, lost)


def _whole(plain: Fitted, cluster: Grouping | None) -> Grouping:
    """Codes over all rows of the data of the clusters, or of the rows themselves without any."""
    codes = np.zeros(len(plain.design.data), dtype=np.intp)
    own = np.arange(plain.sample.n) if cluster is None else cluster.codes
    codes[plain.sample.rows] = own
    return Grouping("", codes, plain.sample.n if cluster is None else cluster.n_levels)


def _regression(specification: Specification, name: str, plain: Fitted, place: float, width: float) -> Solution:
    """The local regression at a value of the moderator."""
    design, sample = plain.design, plain.sample
    away = np.full(len(design.data), np.inf)
    away[sample.rows] = plain.factors.columns[name] + plain.factors.about[name] - place
    near = np.abs(away) <= _REACH * width
    weights = np.where(near, np.exp(-0.5 * (np.where(near, away, 0.0) / width) ** 2), 0.0)
    if design.weights is not None:
        weights = weights * design.data[design.weights].to_numpy(dtype=float)
    distance = np.where(near, away, 0.0)
    treatment = design.data[specification.treatment].to_numpy(dtype=float)
    own = product_term((specification.treatment, name))
    moved = {name: distance, own: distance * treatment}
    rows = sample.mask(len(design.data)) & near
    local = design.on(design.data.assign(**{**moved, _WEIGHT: weights}), weights=_WEIGHT, rows=rows)
    terms = [term for term in plain.fit.terms if term != INTERCEPT]
    return local.solution(formula_of(specification.outcome, terms))[0]


def chosen_bandwidth(specification: Specification, name: str, plain: Fitted) -> float:
    """The widest candidate whose local regressions predict clusters that are left out as well as the best does.

    Parameters
    ----------
    specification : Specification
    name : str
    plain : Fitted
    """
    sample, fit = plain.sample, plain.fit
    w = plain.factors.columns[name] + plain.factors.about[name]
    x = sample.raw(plain.design.data[specification.treatment].to_numpy(dtype=float))
    coefficients = dict(zip(fit.terms, fit.estimate, strict=True))
    own = product_term((specification.treatment, name))
    assert fit.residuals is not None
    y = fit.residuals + coefficients[specification.treatment] * x + coefficients.get(name, 0.0) * w
    y = y + coefficients[own] * x * (w - plain.factors.about[name])
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    cluster = min(sample.clusters, key=lambda c: c.n_levels, default=sample.firm)
    spread = float(np.sqrt(np.cov(w, aweights=weights)))
    if cluster is None:
        return float(1.06 * spread * sample.n**-0.2)
    grid = np.linspace(w.min(), w.max(), _CV_POINTS)
    errors = [_left_out_errors(y, x, w, weights, cluster, grid, share * spread) for share in BANDWIDTHS]
    return float(BANDWIDTHS[_as_good_as_the_best(np.array(errors))] * spread)


def _as_good_as_the_best(errors: Floats) -> int:
    """The last candidate whose error exceeds the smallest by at most a standard error of the difference.

    Parameters
    ----------
    errors : array of float, shape (k, G)
        Sums of squared errors by candidate and cluster.
    """
    totals = errors.sum(axis=1)
    best = int(np.argmin(np.where(np.isfinite(totals), totals, np.inf)))
    excess = errors - errors[best]
    with np.errstate(invalid="ignore"):
        spread = np.std(excess, axis=1, ddof=1) * np.sqrt(errors.shape[1])
        close = excess.sum(axis=1) <= spread
    return int(np.flatnonzero(close)[-1]) if close.any() else best


def _left_out_errors(
    y: Floats, x: Floats, w: Floats, weights: Floats, cluster: Grouping, grid: Floats, width: float
) -> Floats:
    """Sum of squared errors of the rows of each cluster, predicted without it."""
    levels = np.empty((len(grid), cluster.n_levels))
    slopes = np.empty((len(grid), cluster.n_levels))
    for k, place in enumerate(grid):
        levels[k], slopes[k] = _without_each(y, x, (w - place) / width, weights, cluster)
    step = grid[1] - grid[0]
    left = np.clip(((w - grid[0]) / step).astype(np.intp), 0, len(grid) - 2)
    share = (w - grid[left]) / step
    predicted = _between(levels, left, share, cluster.codes) + x * _between(slopes, left, share, cluster.codes)
    return np.asarray(cluster.sums(weights * (y - predicted) ** 2))


def _between(values: Floats, left: Codes, share: Floats, codes: Codes) -> Floats:
    return np.asarray((1 - share) * values[left, codes] + share * values[left + 1, codes])


def _without_each(y: Floats, x: Floats, distance: Floats, weights: Floats, cluster: Grouping) -> tuple[Floats, Floats]:
    """Level and slope of the local regression at distance zero, without each cluster."""
    kernel = weights * np.exp(-0.5 * distance**2)
    columns = [np.ones(len(x)), x, distance, x * distance]
    count = len(columns)
    products = np.empty((cluster.n_levels, count, count))
    right = np.empty((cluster.n_levels, count))
    for i in range(count):
        weighted = kernel * columns[i]
        right[:, i] = cluster.sums(weighted * y)
        for j in range(i, count):
            products[:, i, j] = products[:, j, i] = cluster.sums(weighted * columns[j])
    left = products.sum(axis=0) - products
    # Far from all rows the regression has no determinate solution; a trace of a ridge gives it one.
    trace = np.einsum("gii->g", left)[:, None, None] / count
    solved = np.linalg.solve(
        left + np.eye(count) * (_RIDGE * trace + np.finfo(float).tiny), (right.sum(axis=0) - right)[:, :, None]
    )
    return solved[:, 0, 0], solved[:, 1, 0]
