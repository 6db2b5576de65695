"""Moments and quantiles of one column, weighted as a model is; without weights the usual ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.models.groupings import Floats


def mean(values: Floats, weights: Floats | None) -> float:
    """The (weighted) mean."""
    return float(np.average(values, weights=weights))


def deviation(values: Floats, weights: Floats | None) -> float:
    """The (weighted) standard deviation, over the rows themselves."""
    return float(np.sqrt(mean((values - mean(values, weights)) ** 2, weights)))


def quantiles(values: Floats, weights: Floats | None, shares: Sequence[float]) -> Floats:
    """Quantiles by linear interpolation; with weights by the middles of the rows' shares."""
    if weights is None:
        return np.asarray(np.quantile(values, shares))
    order = np.argsort(values, kind="stable")
    middles = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return np.interp(shares, middles, values[order])


def percentiles(values: Floats, weights: Floats | None, of: Sequence[int]) -> dict[str, float]:
    """Percentiles by name: ``p10``."""
    found = quantiles(values, weights, [share / 100 for share in of])
    return {f"p{share}": float(value) for share, value in zip(of, found, strict=True)}
