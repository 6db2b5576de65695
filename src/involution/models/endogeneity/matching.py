"""Nearest neighbours by propensity score within strata, ties broken by rank and never by the order of rows.

Each treated row takes the k untreated rows of its stratum whose score is nearest, among those within the caliper
(Rosenbaum and Rubin 1983, *Biometrika* 70: 41-55). A treated row counts once, an untreated one the sum over the treated
rows that took it of one over the number that each of these took: the weights of the effect on the treated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Codes, Floats

AUSTIN = 0.2
"""Of Austin (2011, *Pharmaceutical Statistics* 10: 150-161), in standard deviations of the logit of the score."""


@dataclass(frozen=True)
class Matches:
    """Which rows were matched, and how they count.

    Attributes
    ----------
    weights : array of float, shape (n,)
        Zero for rows that were not matched.
    off_support : array of bool, shape (n,)
        Treated rows whose score lies outside the range of the untreated rows' of their stratum.
    beyond : array of bool, shape (n,)
        Treated rows inside it that found no untreated row left within the caliper.
    """

    weights: Floats
    off_support: np.ndarray
    beyond: np.ndarray


def nearest_neighbours(
    score: Floats,
    treated: np.ndarray,
    strata: Codes,
    rank: Codes,
    *,
    k: int = 1,
    caliper: float | None = None,
    replace: bool = True,
) -> Matches:
    """Match treated rows to untreated ones.

    Parameters
    ----------
    score : array of float, shape (n,)
        In the units of the caliper.
    treated : array of bool, shape (n,)
    strata, rank : array of int, shape (n,)
        Matches are within a stratum; of two untreated rows as near the one of lower rank is taken.
    k : int
    caliper : float, optional
        The greatest distance.
    replace : bool
        Whether an untreated row may be taken more than once; if not, treated rows choose in the order of their score,
        the highest first, equals by rank.

    Returns
    -------
    Matches
    """
    weights = np.zeros(len(score))
    off_support, beyond = np.zeros(len(score), dtype=bool), np.zeros(len(score), dtype=bool)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        own = rows[treated[rows]]
        others = rows[~treated[rows]]
        others = others[np.lexsort((rank[others], score[others]))]
        inside = _inside(score[own], score[others])
        off_support[own[~inside]] = True
        chosen = own[inside]
        chosen = chosen[np.lexsort((rank[chosen], -score[chosen]))]
        free = np.ones(len(others), dtype=bool)
        for row in chosen:
            taken = _taken(score[row], score[others], rank[others], free, k, caliper)
            if not len(taken):
                beyond[row] = True
                continue
            weights[row] = 1.0
            weights[others[taken]] += 1.0 / len(taken)
            if not replace:
                free[taken] = False
    return Matches(weights, off_support, beyond)


def _inside(own: Floats, others: Floats) -> np.ndarray:
    """Treated rows on the common support: within the range of the untreated rows' scores."""
    if not len(others):
        return np.zeros(len(own), dtype=bool)
    return np.asarray((own >= others[0]) & (own <= others[-1]))


def _taken(score: float, others: Floats, rank: Codes, free: np.ndarray, k: int, caliper: float | None) -> Codes:
    """Places of the k nearest of the sorted scores that are free and within the caliper."""
    reach = np.inf if caliper is None else caliper
    # A little wider, so that rounding in the sum takes no row away; the distance itself decides.
    low, high = np.searchsorted(others, [score - reach - 1e-9, score + reach + 1e-9], side="left")
    places = np.arange(low, high)
    places = places[free[low:high]]
    distance = np.abs(others[places] - score)
    near = distance <= reach
    if near.sum() > k:
        near &= distance <= np.partition(distance[near], k - 1)[k - 1]
    places, distance = places[near], distance[near]
    return np.asarray(places[np.lexsort((rank[places], distance))][:k])
