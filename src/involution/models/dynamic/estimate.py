"""Difference and system GMM for a panel in which the outcome depends on its own past.

Firm effects make the lagged outcome endogenous: least squares has its coefficient too high, the within estimator too
low (Nickell 1981, *Econometrica* 49: 1417-1426). Differences (or forward orthogonal deviations) remove the effects,
earlier levels are instruments for them (Arellano and Bond 1991, *Review of Economic Studies* 58: 277-297; Arellano and
Bover 1995, *Journal of Econometrics* 68: 29-51); system GMM adds the equation in levels with earlier changes as
instruments, which holds if these are unrelated to the firm effects (Blundell and Bond 1998, *Journal of Econometrics*
87: 115-143).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.dynamic.described import fitted
from involution.models.dynamic.gmm import Moments, one_step, two_steps
from involution.models.dynamic.instruments import (
    Instruments,
    Lagged,
    Standard,
    changed_columns,
    independent,
    lagged_columns,
    side_by_side,
)
from involution.models.dynamic.layout import Calendar, Layout, Transform, calendar, layout
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.notes import Note
from involution.models.result import Fit
from involution.models.threads import single_threaded


@dataclass(frozen=True)
class DynamicPanel:
    """A dynamic panel.

    Attributes
    ----------
    outcome : str
    regressors : tuple of str
        Columns, the lagged outcomes among them.
    lagged : tuple of Lagged
        Columns whose earlier values are instruments: what is not strictly exogenous.
    standard : tuple of Standard
        Columns that are their own instruments.
    years : bool
        Year effects: instruments of themselves, in the level equation where there is one.
    system : bool
        Add the equation in levels.
    collapse : bool
        One instrument for each lag, not for each lag and year.
    steps : {1, 2}
    transform : {"difference", "orthogonal"}
    """

    outcome: str
    regressors: tuple[str, ...]
    lagged: tuple[Lagged, ...]
    standard: tuple[Standard, ...] = ()
    years: bool = True
    system: bool = False
    collapse: bool = True
    steps: Literal[1, 2] = 2
    transform: Transform = "difference"


@dataclass(frozen=True)
class Prepared:
    """A dynamic panel in arrays.

    Attributes
    ----------
    asked : DynamicPanel
    known : Calendar
    place : Layout
    missing : int
        Rows that lack a column of the model.
    y : array of float, shape (n,)
        Over the level rows.
    x : array of float, shape (n, k)
        The regressors, then year effects and the constant, those that repeat others left out.
    names : tuple of str
        Of the regressors.
    dropped : tuple of str
        Regressors that repeat others.
    instruments : Instruments
    cluster : array of int, shape (n_firms,)
        Of each firm.
    labels : list
        Names of the clusters.
    unknown : dict of str to int
        Columns that are their own instruments and have missing values, and in how many level rows.
    """

    asked: DynamicPanel
    known: Calendar
    place: Layout
    missing: int
    y: Floats
    x: Floats
    names: tuple[str, ...]
    dropped: tuple[str, ...]
    instruments: Instruments
    cluster: np.ndarray
    labels: list[object]
    unknown: dict[str, int]

    def sums(self, values: Floats, firm: np.ndarray) -> Floats:
        """Sums by cluster of values by row, (r,) or (r, p)."""
        codes, g = self.cluster[firm], len(self.labels)
        if values.ndim == 1:
            return np.bincount(codes, values, g).astype(float)
        return np.column_stack([np.bincount(codes, values[:, j], g) for j in range(values.shape[1])])


def estimate_dynamic(
    asked: DynamicPanel,
    data: pd.DataFrame,
    *,
    cluster: str | None = None,
    rows: np.ndarray | None = None,
    firm: str = "firm",
    year: str = "year",
    remarks: Sequence[Note] = (),
) -> Fit:
    """Estimate a dynamic panel.

    Parameters
    ----------
    asked : DynamicPanel
    data : DataFrame
        One row per firm-year; years that are not there are gaps.
    cluster : str, optional
        By what moments are summed for the second step's weight and all errors: the firm, or a column in which each
        firm has one value, such as the industry where the treatment varies by industry.
    rows : array of bool, optional
        Rows that may be used; instruments see the others.
    firm, year : str
    remarks : sequence of Note

    Returns
    -------
    Fit
        Two steps have the errors of Windmeijer (2005), one step those robust within clusters; both with t of one less
        than the clusters and no further factor. Statistics: n_instruments, ar1, ar2 (z), sargan, hansen_j,
        difference_hansen, each with its p-value.

    Raises
    ------
    NotEstimable
        For firms in several clusters, and with two steps for more instruments than clusters: the weight would not
        exist.
    """
    with single_threaded():
        made = _prepared(asked, data, cluster or firm, rows, firm, year)
        moments = _moments(made)
        m, g = moments.z.shape[1], len(made.labels)
        if asked.steps == 2 and m > g:
            raise NotEstimable(
                f"{m} instruments for {g} clusters of {cluster or firm}: the second step has no weight for them; "
                "collapse them, limit their lags, or take one step"
            )
        first = one_step(moments)
        second = two_steps(moments, first) if m <= g else None
        return fitted(made, moments, first, second, cluster or firm, remarks)


def _prepared(
    asked: DynamicPanel, data: pd.DataFrame, cluster: str, rows: np.ndarray | None, firm: str, year: str
) -> Prepared:
    known = calendar(data[firm], data[year])
    y = numbers(data, asked.outcome)
    x = np.column_stack([numbers(data, name) for name in asked.regressors])
    complete = ~np.isnan(y) & ~np.isnan(x).any(axis=1) & data[cluster].notna().to_numpy()
    allowed = np.ones(len(data), dtype=bool) if rows is None else rows
    place = layout(known, complete & allowed, asked.transform)
    if not place.transformation.shape[0]:
        raise NotEstimable("no firm has all columns of the model in two years in a row")
    used = x[place.rows]
    wide = np.column_stack([used, *_effects(asked, place)])
    stacked = np.vstack([place.transformation @ wide, wide]) if asked.system else place.transformation @ wide
    kept = independent(stacked)
    k = used.shape[1]
    names = tuple(asked.regressors[j] for j in kept if j < k)
    dropped = tuple(name for j, name in enumerate(asked.regressors) if j not in kept)
    if not names:
        raise NotEstimable("no regressor varies over the firms' years")
    by_firm, labels = _clusters(known, place, data[cluster])
    made = _instruments(asked, known, place, data)
    missing = int(allowed.sum()) - place.n
    lost = {own.column: int(np.isnan(numbers(data, own.column)[place.rows]).sum()) for own in asked.standard}
    unknown = {name: count for name, count in lost.items() if count}
    return Prepared(
        asked, known, place, missing, y[place.rows], wide[:, kept], names, dropped, made, by_firm, labels, unknown
    )


def _effects(asked: DynamicPanel, place: Layout) -> list[Floats]:
    """The constant of the level equation and indicators of the years, over the level rows."""
    constant = [np.ones(place.n)] if asked.system else []
    years = np.unique(place.year) if asked.years else np.zeros(0)
    return [*constant, *((place.year == one).astype(float) for one in years)]


def _instruments(asked: DynamicPanel, known: Calendar, place: Layout, data: pd.DataFrame) -> Instruments:
    """Every instrument; forward deviations of the columns that are their own are taken as those of the regressors."""
    d, level = place.transformation, (place.firm, place.year)
    transformed: list[Floats] = []
    both: list[tuple[Floats, Floats]] = []
    changes: list[Floats] = []
    none, nothing = np.zeros(d.shape[0]), np.zeros(place.n)
    for part in asked.lagged:
        values = numbers(data, part.column)
        transformed += lagged_columns(part, values, known, place.transformed, collapse=asked.collapse)
        if asked.system:
            changes += changed_columns(part, values, known, level, collapse=asked.collapse)
    for own in asked.standard:
        column = numbers(data, own.column)[place.rows]
        moved = none if own.equation == "level" else np.nan_to_num(d @ column)
        both.append((moved, np.nan_to_num(column) if own.equation != "transformed" else nothing))
    for effect in _effects(asked, place):
        both.append((none, effect) if asked.system else (d @ effect, nothing))
    found = side_by_side(transformed, both, changes, d.shape[0])
    return found if asked.system else Instruments(found.values[: d.shape[0]], found.of_level)


def _clusters(known: Calendar, place: Layout, column: pd.Series) -> tuple[np.ndarray, list[object]]:
    """The cluster of each firm that is in the rows, and the names of the clusters."""
    codes, labels = pd.factorize(column.iloc[place.rows], sort=True)
    by_firm = np.zeros(known.place.shape[0], dtype=np.intp)
    by_firm[place.firm] = codes
    several = np.unique(place.firm[by_firm[place.firm] != codes])
    if len(several):
        raise NotEstimable(
            f"{len(several):,} firms are in more than one cluster of {column.name}: a firm's moments are one sum"
        )
    if len(labels) < 2:
        raise NotEstimable(f"{len(labels)} cluster of {column.name}: at least two are needed")
    return by_firm, list(labels)


def _moments(made: Prepared) -> Moments:
    """Stacked rows; H is the covariance of what the transformation makes of independent errors of equal variance."""
    from scipy.sparse import identity, vstack

    d, n = made.place.transformation, made.place.n
    change = vstack([d, identity(n)]).tocsr() if made.asked.system else d
    z = made.instruments.values
    weighted = change.T @ z
    firm = made.place.transformed[0]
    firms = np.concatenate([firm, made.place.firm]) if made.asked.system else firm
    return Moments(change @ made.y, change @ made.x, z, weighted.T @ weighted, lambda values: made.sums(values, firms))
