"""Bands that cover all of several effects at once.

A pointwise interval covers its own effect with 95 % probability, and of a dozen of them one misses every second time.
A sup-t band widens all of them by one critical value, the quantile of the largest absolute t statistic, so that they
hold together. Montiel Olea and Plagborg-Møller (2019, *Journal of Applied Econometrics* 34: 1-17) take normal draws;
t draws with a common denominator keep the band of few clusters from being narrower than its pointwise t intervals.
"""

from __future__ import annotations

import numpy as np

from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.threads import single_threaded

_BATCH = 4_000_000


def uniform_critical_value(
    covariance: Floats, level: float = 0.95, degrees_of_freedom: float = np.inf, draws: int = 9_999, seed: int = 0
) -> float:
    """Number of standard errors on each side that makes the intervals of all effects hold together.

    Parameters
    ----------
    covariance : array of float, shape (k, k)
        Of the estimates; only their correlation matters. Effects without a variance (zero or missing) are left out.
    level : float
        Probability that the band covers all effects.
    degrees_of_freedom : float
        Of the t statistics; infinite for normal ones.
    draws, seed : int

    Returns
    -------
    float
        Never below the critical value of a single effect nor above Šidák's of as many as there are (a band for
        elliptical statistics needs no more); NaN where no effect has a variance.

    Examples
    --------
    >>> round(uniform_critical_value([[4.0]], 0.95), 3)
    1.96
    >>> round(uniform_critical_value([[1.0, 0.5], [0.5, 1.0]], 0.95), 1)
    2.2
    """
    matrix = np.asarray(covariance, dtype=float)
    kept = np.flatnonzero(np.diag(matrix) > 0)
    if not len(kept):
        return np.nan
    root = _correlation_root(matrix[np.ix_(kept, kept)])
    single = critical_value(degrees_of_freedom, level)
    if len(kept) == 1:
        return single
    largest = _largest_statistics(root, degrees_of_freedom, draws, seed)
    return float(
        np.clip(np.quantile(largest, level), single, critical_value(degrees_of_freedom, level ** (1 / len(kept))))
    )


def _correlation_root(covariance: Floats) -> Floats:
    """The symmetric root of the correlation matrix, unique even where the matrix is singular."""
    scale = np.sqrt(np.diag(covariance))
    with single_threaded():
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def _largest_statistics(root: Floats, degrees_of_freedom: float, draws: int, seed: int) -> Floats:
    """The largest absolute t statistic of each draw, shape (draws,)."""
    generator = np.random.default_rng(seed)
    tails = np.random.default_rng([seed, 1])
    rows = max(1, _BATCH // len(root))
    parts = []
    for start in range(0, draws, rows):
        count = min(rows, draws - start)
        with single_threaded():
            largest = np.abs(generator.standard_normal((count, len(root))) @ root).max(axis=1)
        if not np.isinf(degrees_of_freedom):
            largest /= np.sqrt(tails.chisquare(degrees_of_freedom, count) / degrees_of_freedom)
        parts.append(largest)
    return np.concatenate(parts)
