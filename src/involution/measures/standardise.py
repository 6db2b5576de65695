"""Putting items on one scale before they are averaged: winsorised within the year, standardised over all rows."""

from __future__ import annotations

from collections.abc import Sequence

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

    Notes
    -----
    Selection within each of a panel's few years is twenty times faster than sorting all rows by year and value.
    """
    codes = panel.years.codes
    bounds = np.full((panel.years.n_cells, 2), np.nan)
    for year in range(len(bounds)):
        known = values[codes == year]
        known = known[~np.isnan(known)]
        if len(known):
            bounds[year] = np.quantile(known, limits)
    low, high = (panel.years.spread(bound) for bound in bounds.T)
    return np.clip(values, low, high)


def zscore(values: Floats) -> Floats:
    """Values less their mean, over their standard deviation with n - 1; missing where they do not vary.

    Parameters
    ----------
    values : array, shape (n,)

    Notes
    -----
    Mean and standard deviation are those of all known values, of all years together, so that one unit means the same
    in every year.
    """
    known = values[~np.isnan(values)]
    if not len(known) or known.min() == known.max():
        return np.full(len(values), np.nan)
    return np.asarray((values - known.mean()) / known.std(ddof=1))


def mean_of(parts: Sequence[Floats]) -> Floats:
    """Mean of the parts, row by row; missing where any part is.

    Parameters
    ----------
    parts : sequence of arrays, each of shape (n,)
    """
    return np.asarray(np.stack(parts).mean(axis=0))


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
        np.add(total, earlier, out=total, where=there)
        known += there
    return np.where(known >= 2, total / np.maximum(known, 1), np.nan)
