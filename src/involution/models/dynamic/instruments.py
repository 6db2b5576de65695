"""Instruments of a dynamic panel: the columns of Z over transformed and level rows, without repetitions.

For the transformed equation a variable's earlier levels, one column for each year and lag (Holtz-Eakin, Newey and Rosen
1988, *Econometrica* 56: 1371-1395; Arellano and Bond 1991) or, collapsed, one for each lag (Roodman 2009, *Oxford
Bulletin of Economics and Statistics* 71: 135-158); for the level equation the change at the lag before the first
(Arellano and Bover 1995; Blundell and Bond 1998, *Journal of Econometrics* 87: 115-143). What is missing is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from involution.models.dynamic.layout import Calendar
from involution.models.groupings import Codes, Floats

Equation = Literal["transformed", "level", "both"]
_COLLINEAR = 1e-9


@dataclass(frozen=True)
class Lagged:
    """Instruments of the style of Arellano and Bond.

    Attributes
    ----------
    column : str
        Whose lags they are.
    first : int
    last : int or None
        Lags in years before the row's own, negative ones being later years; None: all that there are.
    """

    column: str
    first: int
    last: int | None = None

    def lags(self, n_years: int) -> range:
        """The lags of a panel of so many years."""
        return range(self.first, (n_years if self.last is None else self.last) + 1)


@dataclass(frozen=True)
class Standard:
    """A column that is its own instrument, in one column for the equations named."""

    column: str
    equation: Equation = "transformed"


@dataclass(frozen=True)
class Instruments:
    """Instruments over the stacked rows.

    Attributes
    ----------
    values : array of float, shape (r, m)
    of_level : array of bool, shape (m,)
        Which are lagged changes in the level equation: what system GMM adds and the difference-in-Hansen test is of.
    """

    values: Floats
    of_level: np.ndarray


def lagged_columns(
    asked: Lagged, values: Floats, known: Calendar, rows: tuple[Codes, Codes], *, collapse: bool
) -> list[Floats]:
    """Earlier levels for the transformed equation, over its rows."""
    out = []
    for lag in asked.lags(known.place.shape[1]):
        found = np.nan_to_num(known.earlier(values, *rows, lag))
        out += _by_year(found, rows[1], collapse)
    return out


def changed_columns(
    asked: Lagged, values: Floats, known: Calendar, rows: tuple[Codes, Codes], *, collapse: bool
) -> list[Floats]:
    """The change at the lag before the first, for the level equation, over its rows."""
    lag = asked.first - 1
    found = known.earlier(values, *rows, lag) - known.earlier(values, *rows, lag + 1)
    return _by_year(np.nan_to_num(found), rows[1], collapse)


def _by_year(found: Floats, year: Codes, collapse: bool) -> list[Floats]:
    columns = [found] if collapse else [np.where(year == one, found, 0.0) for one in np.unique(year)]
    return [column for column in columns if column.any()]


def side_by_side(
    transformed: Sequence[Floats], both: Sequence[tuple[Floats, Floats]], changes: Sequence[Floats], n_transformed: int
) -> Instruments:
    """Instruments over the stacked rows, those that repeat others left out.

    Parameters
    ----------
    transformed : sequence of array, shape (m,)
        Zero in the level equation.
    both : sequence of pairs of arrays
        Values in the transformed and in the level equation.
    changes : sequence of array, shape (n,)
        Zero in the transformed equation.
    n_transformed : int
        Transformed rows, m.
    """
    n = len(both[0][1]) if both else len(changes[0]) if changes else 0
    columns = [np.concatenate([own, np.zeros(n)]) for own in transformed]
    columns += [np.concatenate(pair) for pair in both]
    columns += [np.concatenate([np.zeros(n_transformed), own]) for own in changes]
    values = np.column_stack(columns) if columns else np.zeros((n_transformed + n, 0))
    kept = independent(values)
    return Instruments(values[:, kept], kept >= len(transformed) + len(both))


def independent(values: Floats) -> Codes:
    """Columns that are no combination of those before them (zero ones are)."""
    size = np.sqrt((values**2).sum(axis=0))
    kept: list[int] = []
    basis = np.empty((len(values), values.shape[1]), order="F")
    for j in np.flatnonzero(size > 0):
        column = values[:, j] / size[j]
        own = basis[:, : len(kept)]
        for _ in range(2):  # twice, for what rounding leaves of the first
            column = column - own @ (own.T @ column)
        length = float(np.sqrt(column @ column))
        if length > _COLLINEAR:
            basis[:, len(kept)] = column / length
            kept.append(int(j))
    return np.asarray(kept, dtype=np.intp)
