r"""What a test of leads would not have seen.

Leads that are not significant say little where the test has no power against the drift that would matter (Roth 2022,
"Pretest with caution", *American Economic Review: Insights* 4: 305-322). The slope of the straight drift that a test
finds with a given probability tells how large a violation may hide behind it, and what it would add to the effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from involution.errors import InputError, Problem
from involution.models.distributions import critical_value
from involution.models.groupings import Floats

Test = Literal["joint", "any"]
TESTS: tuple[Test, ...] = ("joint", "any")
POWERS = (0.5, 0.8)
_RANK = 1e-9
_LARGEST = 60.0


def detectable_slope(
    covariance: Floats,
    times: Sequence[float],
    reference: float = -1.0,
    power: float = 0.5,
    *,
    test: Test = "joint",
    degrees_of_freedom: float = np.inf,
    level: float = 0.95,
) -> float:
    """Slope per year of the straight drift that a test of leads finds with a given probability.

    Parameters
    ----------
    covariance : array of float, shape (k, k)
        Of the leads.
    times : sequence of float
        Their years since adoption.
    reference : float
        The year that they are relative to.
    power : float
        Probability of a rejection.
    test : {"joint", "any"}
        The Wald test of all leads together, or whether any of them is significant by itself (Roth 2022).
    degrees_of_freedom : float
        Of the joint test's F; infinite for a chi-squared one. Single leads are judged by the normal.
    level : float
        One less the size of the test.

    Returns
    -------
    float
        In units of the outcome per year; NaN where clusters are too few for the joint test, and zero where single leads
        are significant that often without any drift.

    Raises
    ------
    InputError
        For shapes that do not fit, no lead, a power not above the size, or a lead without variance.

    Examples
    --------
    >>> round(detectable_slope([[0.01]], [-2], power=0.5, test="any"), 3)
    0.196
    """
    matrix, distance = np.asarray(covariance, dtype=float), np.asarray(times, dtype=float) - reference
    wrong = _wrong(matrix, distance, power, test, level)
    if wrong:
        raise InputError(Problem("leads", wrong))
    if test == "joint":
        return _joint(matrix, distance, power, degrees_of_freedom, level)
    return _any(matrix, distance, power, level)


def _wrong(matrix: Floats, distance: Floats, power: float, test: str, level: float) -> str:
    if test not in TESTS:
        return f"found test '{test}'; expected one of {', '.join(TESTS)}"
    if not len(distance) or matrix.shape != (len(distance), len(distance)):
        return f"{len(distance)} years beside a covariance of {matrix.shape}"
    if not (np.diag(matrix) > 0).all() or not distance.any():
        return "a lead has no variance, or all lie in the year of reference"
    if not 1 - level < power < 1:
        return f"a power of {power} is not between the size of the test and one"
    return ""


def _joint(matrix: Floats, distance: Floats, power: float, degrees: float, level: float) -> float:
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncf, ncx2
    from scipy.stats import f as f_distribution

    size = np.sqrt(np.diag(matrix))
    values, vectors = np.linalg.eigh(matrix / np.outer(size, size))
    kept = values > _RANK * values[-1]
    rank = int(kept.sum())
    turned = vectors[:, kept].T @ (distance / size)
    signal = float((turned**2 / values[kept]).sum())
    if signal <= 0 or (np.isfinite(degrees) and degrees + 1 <= rank):
        return np.nan

    def found(noncentrality: float) -> float:
        if np.isinf(degrees):
            return float(ncx2.sf(chi2.ppf(level, rank), rank, noncentrality))
        return float(ncf.sf(f_distribution.ppf(level, rank, degrees), rank, degrees, noncentrality))

    return float(np.sqrt(brentq(lambda value: found(value) - power, 1e-9, _LARGEST**2, xtol=1e-10) / signal))


def _any(matrix: Floats, distance: Floats, power: float, level: float) -> float:
    from scipy.optimize import brentq
    from scipy.stats import multivariate_normal

    size = np.sqrt(np.diag(matrix))
    correlation, shift = matrix / np.outer(size, size), distance / size
    critical = critical_value(np.inf, level)

    def found(slope: float) -> float:
        inside = multivariate_normal.cdf(
            critical - slope * shift,
            cov=correlation,
            allow_singular=True,
            lower_limit=-critical - slope * shift,
            rng=np.random.default_rng(0),
        )
        return 1 - float(inside)

    if found(0.0) >= power:
        return 0.0
    highest = _LARGEST / float(np.abs(shift).max())
    return float(brentq(lambda slope: found(slope) - power, 0.0, highest, xtol=1e-8 * highest))
