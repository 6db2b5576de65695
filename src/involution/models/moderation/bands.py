"""Effects that share a covariance: tests of each, and bands that hold for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.bands import uniform_critical_value
from involution.models.distributions import LEVEL, f_p_value
from involution.models.groupings import Floats
from involution.models.inference import Inference
from involution.models.result import TIDY, t_tests

_RANK = 1e-10


@dataclass(frozen=True)
class Effects:
    """Estimates with their joint covariance.

    Attributes
    ----------
    terms : tuple of str
    estimate : array of float, shape (m,)
    covariance : array of float, shape (m, m)
        Missing where a standard error is.
    degrees : float
        Of the t statistics; infinite for normal ones.
    """

    terms: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    degrees: float

    def tidy(self) -> pd.DataFrame:
        """Columns term, estimate, std_error, statistic, p_value, ci_low, ci_high; intervals hold pointwise."""
        columns = (self.terms, self.estimate, *t_tests(self.estimate, _inference(self)))
        return pd.DataFrame(dict(zip(TIDY, columns, strict=True)))

    def band(self, critical: float) -> pd.DataFrame:
        """Columns estimate, ci_low, ci_high: `critical` standard errors on each side."""
        width = critical * np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return pd.DataFrame(
            {"estimate": self.estimate, "ci_low": self.estimate - width, "ci_high": self.estimate + width}
        )

    def part(self, terms: Sequence[str]) -> Effects:
        """Some of the effects."""
        at = [self.terms.index(term) for term in terms]
        return Effects(tuple(terms), self.estimate[at], self.covariance[np.ix_(at, at)], self.degrees)


def _inference(effects: Effects) -> Inference:
    return Inference(effects.covariance, effects.degrees, 0, 1.0)


def uniform(effects: Effects, draws: int, seed: int) -> float:
    """Critical value of a band that holds for all effects at once; NaN where a standard error is missing."""
    if not np.isfinite(effects.covariance).all():
        return float("nan")
    return uniform_critical_value(effects.covariance, LEVEL, effects.degrees, draws, seed)


def wald(estimate: Floats, covariance: Floats, degrees: float) -> tuple[float, float, float]:
    """F of the hypothesis that all are zero, its numerator's degrees of freedom and p-value; NaN where singular."""
    count = len(estimate)
    size = np.sqrt(np.maximum(np.diag(covariance), 0.0)) if count else np.zeros(0)
    if not count or not np.isfinite(covariance).all() or not (size > 0).all():
        return float("nan"), float(count), float("nan")
    if np.linalg.matrix_rank(covariance / np.outer(size, size), tol=_RANK) < count:
        return float("nan"), float(count), float("nan")
    statistic = float(estimate @ np.linalg.solve(covariance, estimate)) / count
    return statistic, float(count), f_p_value(statistic, count, degrees)
