"""Where the moderator has observations: percentiles, histogram, and how far the treatment varies there."""

from __future__ import annotations

import numpy as np

from involution.models.groupings import Floats
from involution.models.weighted import quantiles

PERCENTILES = (10, 25, 50, 75, 90)
CONTRASTS = ((75, 25), (90, 10))
"""Percentiles of the moderator between which a difference of effects is given."""
POINTS, BINS = 41, 30
RANGE = (0.01, 0.99)
"""Quantiles of the moderator between which curves run."""


def grid_of(values: Floats, weights: Floats | None, points: int = POINTS) -> Floats:
    """Values at which curves are computed, evenly spaced between the 1 % and 99 % quantiles."""
    low, high = quantiles(values, weights, RANGE)
    return np.linspace(low, high, points)


def histogram(values: Floats) -> tuple[Floats, Floats]:
    """Middles of `BINS` bins of equal width and the rows in each, which are counted whatever their weights."""
    counts, edges = np.histogram(values, bins=BINS)
    return (edges[:-1] + edges[1:]) / 2, counts.astype(float)


def outside_common_support(treatment: Floats, moderator: Floats, weights: Floats | None = None) -> float:
    """(Weighted) share of rows whose moderator is outside the 1-99 % range of either half of the treatment.

    The halves are below and above the treatment's median; a moderator that goes with the treatment so far that the
    halves have little of it in common gives an interaction by extrapolation (Hainmueller, Mummolo and Xu 2019,
    *Political Analysis* 27: 163-192).
    """
    middle = float(quantiles(treatment, weights, (0.5,))[0])
    halves = [treatment <= middle, treatment > middle]
    if not all(half.any() for half in halves):
        halves = [treatment < middle, treatment >= middle]
    if not all(half.any() for half in halves):
        return 0.0
    ranges = np.array([quantiles(moderator[h], None if weights is None else weights[h], RANGE) for h in halves])
    low, high = ranges[:, 0].max(), ranges[:, 1].min()
    return float(np.average((moderator < low) | (moderator > high), weights=weights))
