r"""Two groups in two periods: the change of the treated less that of the others, with each firm's influence.

Without covariates the difference of two means. With them, X with a constant, D treatment, :math:`\Delta` the change of
the outcome, p the probability of treatment by a logit and m the change that least squares on the untreated predict:

.. math::
   \text{regression: } E[\Delta - m \mid D = 1], \qquad
   \text{weighting: } E[\Delta \mid D = 1] - \frac{E[w \Delta]}{E[w]}, \; w = \frac{p(1 - D)}{1 - p}, \qquad
   \text{doubly robust: } E[\Delta - m \mid D = 1] - \frac{E[w (\Delta - m)]}{E[w]}

(Sant'Anna and Zhao 2020, *Journal of Econometrics* 219: 101-122, eqs. 2.2-2.7 and theorem A.1; Callaway and Sant'Anna
2021, *Journal of Econometrics* 225: 200-230). Influence counts what estimating m and p adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats

METHODS = ("doubly_robust", "regression", "weighting")
TRIMMED = 0.995
"""Probability of treatment from which an untreated firm is left out, as the R package DRDID has it."""
_STEPS, _CONVERGED, _CERTAIN = 50, 1e-10, 1e-7


class NoComparison(Exception):
    """Why two groups cannot be compared."""


@dataclass(frozen=True)
class Compared:
    """An effect, the influence of each firm, and untreated firms left out for their probability of treatment."""

    effect: float
    influence: Floats
    trimmed: int = 0


def compared(change: Floats, treated: np.ndarray, covariates: Floats, weights: Floats, method: str) -> Compared:
    """The effect on the treated.

    Parameters
    ----------
    change : array of float, shape (n,)
        Of the outcome between the two periods.
    treated : array of bool, shape (n,)
    covariates : array of float, shape (n, k)
        Before treatment, without a constant.
    weights : array of float, shape (n,)
    method : str
        One of `METHODS`; without covariates all are the same.

    Raises
    ------
    NoComparison
        When the covariates are collinear among the untreated, or tell the groups apart.
    """
    if not covariates.shape[1]:
        return _means(change, treated, weights)
    x = np.column_stack([np.ones(len(change)), covariates])
    n, d, w = len(change), treated.astype(float), weights / weights.mean()
    left, of_slopes = change, np.zeros_like(x)
    if method != "weighting":
        left, of_slopes = _outcome_model(change, x, w * (1 - d))
    on_treated, from_treated = _weighted_mean(left, w * d)
    from_treated = from_treated - of_slopes @ (x.T @ (w * d) / (w * d).sum())
    if method == "regression":
        return Compared(on_treated, from_treated / n)
    p, of_scores = _probability(d, x, w)
    kept = (p < TRIMMED) | treated
    odds = np.where(kept, w * (1 - d) * p / (1 - np.where(kept & ~treated, p, 0.0)), 0.0)
    if not odds.sum() > 0:
        raise NoComparison("no untreated firm has a probability of treatment below its limit")
    on_others, from_others = _weighted_mean(left, odds)
    moved = x.T @ (odds * (left - on_others)) / odds.sum()
    from_others = from_others + of_scores @ moved - of_slopes @ (x.T @ odds / odds.sum())
    return Compared(on_treated - on_others, (from_treated - from_others) / n, int((~kept).sum()))


def _means(change: Floats, treated: np.ndarray, weights: Floats) -> Compared:
    influence, effect = np.empty(len(change)), 0.0
    for sign, group in ((1.0, treated), (-1.0, ~treated)):
        share = weights[group] / weights[group].sum()
        mean = share @ change[group]
        effect += sign * mean
        influence[group] = sign * share * (change[group] - mean)
    return Compared(float(effect), influence)


def _weighted_mean(values: Floats, weights: Floats) -> tuple[float, Floats]:
    """A mean, and n times the influence of each row on it."""
    mean = float(weights @ values / weights.sum())
    return mean, weights * (values - mean) * (len(values) / weights.sum())


def _outcome_model(change: Floats, x: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """What the untreated firms' least squares leave of each change, and n times the influence on the slopes."""
    inverse = _inverse((x * weights[:, None]).T @ x, "the covariates are collinear among the untreated firms")
    slopes = inverse @ (x.T @ (weights * change))
    left = change - x @ slopes
    return left, (x * (weights * left)[:, None]) @ inverse * len(change)


def _probability(d: Floats, x: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Fitted probabilities of a logit, and n times the influence on its coefficients."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log((weights @ d) / (weights @ (1 - d)))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        if (weights * p * (1 - p)).sum() < _CERTAIN * len(d):
            break
        inverse = _inverse((x * (weights * p * (1 - p))[:, None]).T @ x, "the covariates tell the groups apart")
        step = inverse @ (x.T @ (weights * (d - p)))
        beta = beta + step
        if np.abs(x @ step).max() < _CONVERGED:
            p = 1 / (1 + np.exp(-(x @ beta)))
            return p, (x * (weights * (d - p))[:, None]) @ inverse * len(d)
    raise NoComparison("the covariates tell the groups apart: no probability of treatment can be estimated")


def _inverse(products: Floats, why: str) -> Floats:
    """Inverse of cross-products; scaled first, so that units do not decide whether there is one."""
    size = np.sqrt(np.diag(products))
    if not (np.isfinite(size) & (size > 0)).all():
        raise NoComparison(why)
    scaled = products / np.outer(size, size)
    if np.linalg.cond(scaled) > 1e12:
        raise NoComparison(why)
    return np.asarray(np.linalg.inv(scaled) / np.outer(size, size))
