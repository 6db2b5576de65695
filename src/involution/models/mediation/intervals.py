"""Intervals and tests of one effect at a time, and their table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.distributions import LEVEL, critical_value, t_p_values
from involution.models.groupings import Floats


@dataclass(frozen=True)
class Found:
    """Standard error, p-value of zero and interval of one effect."""

    std_error: float
    p_value: float
    low: float
    high: float


def t_interval(estimate: float, std_error: float, degrees: float) -> Found:
    """Interval and test of an effect from its standard error."""
    if not std_error > 0:
        return Found(std_error, np.nan, np.nan, np.nan)
    width = critical_value(degrees) * std_error
    p_value = float(t_p_values(estimate / std_error, degrees))
    return Found(std_error, p_value, estimate - width, estimate + width)


def by_quantiles(values: Floats, std_error: float) -> Found:
    """Percentile interval and the two-sided p-value of zero that goes with it."""
    known = values[np.isfinite(values)]
    if len(known) < 2 or np.ptp(known) == 0:
        return Found(std_error, np.nan, np.nan, np.nan)
    low, high = quantiles(known, (1 - LEVEL) / 2, (1 + LEVEL) / 2)
    return Found(std_error, two_sided(float((known <= 0).sum()), len(known)), low, high)


def quantiles(values: Floats, *shares: float) -> list[float]:
    """Quantiles by linear interpolation: those of numpy, which take several times as long for so few."""
    places = np.array(shares) * (len(values) - 1)
    return [float(value) for value in np.interp(places, np.arange(len(values)), np.sort(values))]


def two_sided(below: float, total: int) -> float:
    """Twice the smaller tail, with the sample itself counted, at most one."""
    return min(1.0, 2 * (1 + min(below, total - below)) / (total + 1))


def tidied(estimates: Mapping[str, float], found: Mapping[str, Found]) -> pd.DataFrame:
    """Columns term, estimate, std_error, statistic, p_value, ci_low, ci_high."""
    rows = []
    for term, estimate in estimates.items():
        by = found[term]
        statistic = estimate / by.std_error if by.std_error > 0 else np.nan
        rows.append((term, estimate, by.std_error, statistic, by.p_value, by.low, by.high))
    names = ["term", "estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=names)
