"""Putting items on one scale before they are averaged: winsorised within the year, standardised over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.measures.view import Floats, View


def winsorised(panel: View, values: Floats, limits: tuple[float, float] = (0.01, 0.99)) -> Floats:
    """Values beyond the quantiles of their year set to these.

    Parameters
    ----------
    panel : View
    values : array, shape (n,)
    limits : pair of float
        Quantiles by linear interpolation, over the known values of the year.

    Returns
    -------
    array, shape (n,)
        Missing values stay missing.
    """
    out = np.full(len(values), np.nan)
    for rows in panel.years.rows:
        year = values[rows]
        known = year[~np.isnan(year)]
        if len(known):
            out[rows] = np.clip(year, *np.quantile(known, limits, overwrite_input=True))
    return out


@dataclass(frozen=True)
class Moments:
    """The known values of an array: how many, the least and the largest, mean, standard deviation with n - 1."""

    count: int
    least: float
    largest: float
    mean: float
    deviation: float


def moments(values: Floats) -> Moments:
    """Moments of the known values; missing ones of none, a deviation of zero of values that are all the same."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Moments(0, np.nan, np.nan, np.nan, np.nan)
    least, largest, mean = known.min(), known.max(), known.mean()
    if least == largest:
        return Moments(len(known), least, largest, mean, 0.0)
    known -= mean
    known *= known
    return Moments(len(known), least, largest, mean, np.sqrt(known.sum() / (len(known) - 1)))


def zscore(values: Floats, of: Moments | None = None) -> Floats:
    """Values less their mean, over their standard deviation with n - 1; missing where they do not vary.

    Parameters
    ----------
    values : array, shape (n,)
    of : Moments, optional
        Those of the values, where they are known already.

    Notes
    -----
    Mean and standard deviation are those of all known values, of all years together, so that one unit means the same
    in every year.
    """
    of = moments(values) if of is None else of
    if not of.deviation > 0:
        return np.full(len(values), np.nan)
    out = values - of.mean
    out /= of.deviation
    return out


def mean_of(parts: Sequence[Floats]) -> Floats:
    """Mean of the parts, row by row; missing where any part is.

    Parameters
    ----------
    parts : sequence of arrays, each of shape (n,)
    """
    return np.asarray(sum(parts[1:], start=parts[0]) / len(parts))


def mean_of_zscores(panel: View, names: Sequence[str]) -> Floats:
    """Mean of the standardised items that the panel has; missing where one of these is.

    Parameters
    ----------
    panel : View
    names : sequence of str
        Columns or measures. Those that the panel lacks, or that never vary, are left out of the whole run, never of
        single rows: else what is on record would decide what is measured.
    """
    return mean_of(zscores(panel, names) or [np.full(len(panel), np.nan)])


def zscores(panel: View, names: Sequence[str]) -> list[Floats]:
    """Winsorised and standardised items, without those that the panel lacks or that never vary."""
    made = [zscore(winsorised(panel, panel[name])) for name in names if name in panel]
    return [item for item in made if not np.isnan(item).all()]


def mean_before(panel: View, values: Floats) -> Floats:
    """Mean over the calendar years t-3..t-1, of which at least two are known."""
    total, known = np.zeros(len(values)), np.zeros(len(values), dtype=np.int8)
    for years in (1, 2, 3):
        earlier = panel.lag(values, years)
        there = ~np.isnan(earlier)
        total += np.where(there, earlier, 0.0)
        known += there
    return np.where(known >= 2, total / np.maximum(known, 1), np.nan)
