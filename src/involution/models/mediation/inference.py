"""Uncertainty of effects that are products of coefficients from several equations on the same clusters.

=============  =====================================================================================
monte_carlo    draws of all coefficients from a multivariate t(G - 1) with their joint CRV3 covariance
               (MacKinnon, Lockwood and Williams 2004, *Multivariate Behavioral Research* 39: 99-128)
delta          first-order standard error from the same covariance, t(G - 1)
jackknife      standard error of the effect itself over the clusters left out in turn, t(G - 1)
bootstrap      clusters drawn with replacement; percentile interval
bca            the same draws, bias-corrected and accelerated (Efron 1987, *JASA* 82: 171-185)
studentized    the same draws, each with its own standard error by the jackknife within the draw
wild           Monte Carlo; coefficients by the wild cluster bootstrap (`involution.models.mediation.few_clusters`)
=============  =====================================================================================

Coefficients themselves (a, b, direct, total) have t(G - 1) intervals in the first three: they are what a regression
with the cluster jackknife prints. How often each holds the truth stands in docs/mediation-intervals.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.distributions import LEVEL
from involution.models.groupings import Floats
from involution.models.mediation.effects import Effects, coefficients
from involution.models.mediation.intervals import Found, by_quantiles, quantiles, t_interval, tidied, two_sided
from involution.models.mediation.products import ClusterProducts, Products

METHODS = ("monte_carlo", "delta", "jackknife", "bootstrap", "bca", "studentized", "wild")
_STEP = 1e-30
_MOST_SOLVES = 4_000_000
_LEFT_OUT_AT_ONCE = 4_000
_PART_BYTES = 1_000_000
"""Weights of as many draws are held at a time as stay near the processor."""


@dataclass(frozen=True)
class Sampled:
    """Coefficients with what their sampling variation is known from.

    Attributes
    ----------
    theta : array of float, shape (q,)
    covariance : array of float, shape (q, q)
    degrees : float
        Of the t distribution.
    left_out : array of float, shape (G, q), or None
        Coefficients without each cluster; None with two-way clusters.
    products : ClusterProducts, AbsorbedAnew or None
    """

    theta: Floats
    covariance: Floats
    degrees: float
    left_out: Floats | None
    products: Products | None

    @property
    def scale(self) -> float:
        """The root of (G - 1)/G: squares of deviations times it sum to the jackknife variance."""
        assert self.left_out is not None
        g = len(self.left_out)
        return float(np.sqrt((g - 1) / g))


def gradients(effects: Effects, theta: Floats) -> dict[str, Floats]:
    """Derivatives of every effect by the coefficients, shape (q,) each, exact to rounding (complex steps)."""
    moved = theta[None] + 1j * _STEP * np.eye(len(theta))
    return {term: np.asarray(values.imag / _STEP) for term, values in effects(moved).items()}


def standard_errors(effects: Effects, sampled: Sampled) -> dict[str, float]:
    """First-order standard errors."""
    return {
        term: float(np.sqrt(np.maximum(gradient @ sampled.covariance @ gradient, 0.0)))
        for term, gradient in gradients(effects, sampled.theta).items()
    }


def moves(effects: Effects, sampled: Sampled, method: str) -> dict[str, Floats]:
    """How much each cluster moves each effect, shape (G,) each; empty where clusters are none or two.

    Parameters
    ----------
    effects : Effects
    sampled : Sampled
    method : str
        With ``jackknife`` the effects themselves without each cluster, of first order otherwise.
    """
    if sampled.left_out is None:
        return {}
    if method == "jackknife":
        estimates, left_out = effects(sampled.theta[None]), effects(sampled.left_out)
        return {term: sampled.scale * (estimates[term] - values) for term, values in left_out.items()}
    deviations = sampled.scale * (sampled.theta - sampled.left_out)
    return {term: deviations @ gradient for term, gradient in gradients(effects, sampled.theta).items()}


def is_linear(term: str) -> bool:
    """Whether an effect is a coefficient, or a sum of coefficients of one equation."""
    return term in ("total", "direct") or term.startswith(("a[", "d[", "b[", "direct"))


def infer_effects(
    effects: Effects, sampled: Sampled, method: str, draws: int, rng: np.random.Generator, *, sum_total: bool = False
) -> pd.DataFrame:
    """Estimates with standard errors, tests and intervals.

    Parameters
    ----------
    effects : Effects
    sampled : Sampled
    method : str
        One of `METHODS`.
    draws : int
    rng : Generator
    sum_total : bool
        The total effect is a sum of products, not a coefficient.

    Returns
    -------
    DataFrame
        Columns term, estimate, std_error, statistic, p_value, ci_low, ci_high.
    """
    estimates = {term: float(value[0]) for term, value in effects(sampled.theta[None]).items()}
    made = {
        "monte_carlo": _monte_carlo,
        "delta": _delta,
        "jackknife": _jackknife,
        "bootstrap": _percentile,
        "bca": _bca,
        "studentized": _studentized,
        "wild": _monte_carlo,
    }[method](effects, sampled, estimates, draws, rng)
    if method in ("monte_carlo", "wild"):
        linear = _delta(effects, sampled, estimates, draws, rng)
        made |= {term: linear[term] for term in estimates if is_linear(term) and not (sum_total and term == "total")}
    return tidied(estimates, made)


_Estimates = Mapping[str, float]


def _delta(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    errors = standard_errors(effects, sampled)
    return {term: t_interval(value, errors[term], sampled.degrees) for term, value in estimates.items()}


def _jackknife(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    assert sampled.left_out is not None
    g = len(sampled.left_out)
    return {
        term: t_interval(
            estimates[term], float(np.sqrt((g - 1) / g * np.sum((values - estimates[term]) ** 2))), sampled.degrees
        )
        for term, values in effects(sampled.left_out).items()
    }


def _monte_carlo(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    errors = standard_errors(effects, sampled)
    drawn = drawn_coefficients(sampled, draws, rng)
    return {term: by_quantiles(values, errors[term]) for term, values in effects(drawn).items()}


def drawn_coefficients(sampled: Sampled, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of all coefficients from their multivariate t distribution, shape (draws, q)."""
    # Of correlations, so that the same draws come whatever the units.
    size = np.sqrt(np.maximum(np.diag(sampled.covariance), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(sampled.covariance / np.outer(size, size))
    root = size[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    normal = rng.standard_normal((draws, len(values)))
    stretch = np.sqrt(sampled.degrees / rng.chisquare(sampled.degrees, draws)) if np.isfinite(sampled.degrees) else 1.0
    return np.asarray(sampled.theta + (normal * np.reshape(stretch, (-1, 1))) @ root.T)


def resampled(products: Products, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Weights of the cluster bootstrap, in parts: how often each cluster is drawn, shape (draws, G)."""
    g = products.n_clusters
    part = max(1, _PART_BYTES // (8 * g))
    for start in range(0, draws, part):
        size = min(part, draws - start)
        places = rng.integers(0, g, size=(size, g)) + g * np.arange(size)[:, None]
        yield np.bincount(places.ravel(), minlength=size * g).reshape(size, g)


def bootstrap_coefficients(effects: Effects, products: Products, weights: np.ndarray) -> Floats:
    """Coefficients of bootstrap samples, each equal to the estimation of its resampled data, shape (draws, q)."""
    return np.concatenate([coefficients(part, effects.layout) for part in products.weighted(weights)])


def _bootstrap(effects: Effects, sampled: Sampled, draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    assert sampled.products is not None
    parts = resampled(sampled.products, draws, rng)
    return effects(np.concatenate([bootstrap_coefficients(effects, sampled.products, weights) for weights in parts]))


def _percentile(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    drawn = _bootstrap(effects, sampled, draws, rng)
    return {term: by_quantiles(values, _deviation(values)) for term, values in drawn.items()}


def _deviation(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else np.nan


def _bca(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    assert sampled.left_out is not None
    drawn = _bootstrap(effects, sampled, draws, rng)
    left_out = effects(sampled.left_out)
    return {term: _accelerated(estimates[term], values, left_out[term]) for term, values in drawn.items()}


def _accelerated(estimate: float, drawn: Floats, left_out: Floats) -> Found:
    from scipy.special import ndtr, ndtri

    known = np.sort(drawn[np.isfinite(drawn)])
    deviation = _deviation(drawn)
    below = float((known < estimate).sum() + 0.5 * (known == estimate).sum())
    influence = left_out.mean() - left_out
    spread = float(np.sum(influence**2))
    if not 0 < below < len(known) or not spread > 0:
        return Found(deviation, np.nan, np.nan, np.nan)
    bias, acceleration = float(ndtri(below / len(known))), float(np.sum(influence**3) / (6 * spread**1.5))

    def place(z: float) -> float:
        return float(ndtr(bias + (bias + z) / (1 - acceleration * (bias + z))))

    tail = float(ndtri((1 + LEVEL) / 2))
    low, high = quantiles(known, place(-tail), place(tail))
    # The level of the interval that zero just leaves.
    zero = min(max(float((known <= 0).sum()), 0.5), len(known) - 0.5) / len(known)
    shifted = float(ndtri(zero)) - bias
    z = shifted / (1 + acceleration * shifted) - bias
    return Found(deviation, float(2 * ndtr(-abs(z))), low, high)


def _studentized(
    effects: Effects, sampled: Sampled, estimates: _Estimates, draws: int, rng: np.random.Generator
) -> dict[str, Found]:
    products = sampled.products
    assert isinstance(products, ClusterProducts)
    weights = np.concatenate(list(resampled(products, draws, rng)))
    drawn = effects(bootstrap_coefficients(effects, products, weights))
    errors = _errors_within(effects, products, weights)
    own = _jackknife(effects, sampled, estimates, draws, rng)
    out = {}
    for term, values in drawn.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (values - estimates[term]) / errors[term]
        t = t[np.isfinite(t)]
        error = own[term].std_error
        if len(t) < 2 or not error > 0:
            out[term] = Found(error, np.nan, np.nan, np.nan)
            continue
        low, high = quantiles(t, (1 - LEVEL) / 2, (1 + LEVEL) / 2)
        p_value = two_sided(float((t <= estimates[term] / error).sum()), len(t))
        out[term] = Found(error, p_value, estimates[term] - high * error, estimates[term] - low * error)
    return out


def studentized_is_possible(products: Products, draws: int) -> bool:
    """Whether the jackknife within every draw is few enough solves, of small enough systems."""
    return (
        isinstance(products, ClusterProducts)
        and draws * products.n_clusters * (products.size / 32) ** 2 <= _MOST_SOLVES
    )


def _errors_within(effects: Effects, products: ClusterProducts, weights: np.ndarray) -> dict[str, Floats]:
    """Standard errors of each draw's effects by leaving out one of its clusters at a time, shape (draws,) each."""
    rows = max(1, _LEFT_OUT_AT_ONCE // products.n_clusters)
    parts = [_errors_of(effects, products, weights[start : start + rows]) for start in range(0, len(weights), rows)]
    return {term: np.concatenate([part[term] for part in parts]) for term in parts[0]}


def _errors_of(effects: Effects, products: ClusterProducts, weights: np.ndarray) -> dict[str, Floats]:
    draw, cluster = np.nonzero(weights)
    count, g = weights[draw, cluster], products.n_clusters
    whole = weights.astype(float) @ products.packed
    estimates = effects(coefficients(products.reduced(whole), effects.layout))
    left_out = effects(coefficients(products.reduced(whole[draw] - products.packed[cluster]), effects.layout))
    return {
        term: np.sqrt((g - 1) / g * np.bincount(draw, count * (values - estimates[term][draw]) ** 2))
        for term, values in left_out.items()
    }
