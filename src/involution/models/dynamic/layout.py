"""Rows of a dynamic panel: levels, the transformation that removes the firm effects, values of other calendar years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from involution.models.groupings import Codes, Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Transform = Literal["difference", "orthogonal"]


@dataclass(frozen=True)
class Calendar:
    """Where each firm's calendar years stand in the data.

    Attributes
    ----------
    firm : array of int, shape (n,)
        Code of the firm of each row.
    year : array of int, shape (n,)
    place : array of int, shape (n_firms, n_years)
        Position in the data of a firm's year; -1 where the firm has no such row.
    first : int
        The first year.
    """

    firm: Codes
    year: Codes
    place: Codes
    first: int

    def earlier(self, values: Floats, firm: Codes, year: Codes, lag: int) -> Floats:
        """Values `lag` calendar years before the years named, a negative lag being later; missing across gaps.

        Parameters
        ----------
        values : array of float, shape (n,)
            Over the rows of the data.
        firm, year : array of int, shape (r,)
            Of the rows for which the earlier value is wanted.
        lag : int
        """
        column = year - lag - self.first
        inside = (column >= 0) & (column < self.place.shape[1])
        at = self.place[firm, np.where(inside, column, 0)]
        found = inside & (at >= 0)
        return np.where(found, values[np.where(found, at, 0)], np.nan)


def calendar(firm: pd.Series, year: pd.Series) -> Calendar:
    """The calendar of a panel in which a firm has each year once at most."""
    codes = pd.factorize(firm)[0].astype(np.intp)
    years = year.to_numpy(dtype=np.intp)
    first = int(years.min()) if len(years) else 0
    place = np.full((codes.max(initial=0) + 1, int(years.max(initial=first)) - first + 1), -1, dtype=np.intp)
    place[codes, years - first] = np.arange(len(years))
    return Calendar(codes, years, place, first)


@dataclass(frozen=True)
class Layout:
    """The rows of a dynamic panel.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Positions in the data of the level rows, by firm and year.
    firm, year : array of int, shape (n,)
        Of the level rows.
    transformation : csr_matrix, shape (m, n)
        From levels to first differences or forward orthogonal deviations.
    differencing : csr_matrix, shape (d, n)
        From levels to first differences, whatever the transformation is.
    """

    rows: Codes
    firm: Codes
    year: Codes
    transformation: csr_matrix
    differencing: csr_matrix
    transform: Transform

    @property
    def n(self) -> int:
        """Level rows."""
        return len(self.rows)

    @cached_property
    def transformed(self) -> tuple[Codes, Codes]:
        """Firm and year of the transformed rows: forward deviations stand in the year after the row they are of."""
        own = _leading(self.transformation, self.transform)
        return self.firm[own], self.year[own] + (self.transform == "orthogonal")

    @cached_property
    def differenced(self) -> tuple[Codes, Codes]:
        """Firm and year of the differenced rows."""
        own = _leading(self.differencing, "difference")
        return self.firm[own], self.year[own]


def layout(known: Calendar, complete: np.ndarray, transform: Transform) -> Layout:
    """Level rows and their transformation.

    Parameters
    ----------
    known : Calendar
    complete : array of bool, shape (n,)
        Rows with a value in every column of the model.
    transform : {"difference", "orthogonal"}
    """
    rows = np.flatnonzero(complete)
    rows = rows[np.lexsort((known.year[rows], known.firm[rows]))]
    firm, year = known.firm[rows], known.year[rows]
    differences = _differences(firm, year)
    chosen = differences if transform == "difference" else _forward_deviations(firm)
    return Layout(rows, firm, year, chosen, differences, transform)


def _differences(firm: Codes, year: Codes) -> csr_matrix:
    """Each row less that of the calendar year before; a row without one has no difference."""
    later = np.flatnonzero((firm[1:] == firm[:-1]) & (year[1:] == year[:-1] + 1)) + 1
    return _sparse([(later, 1.0), (later - 1, -1.0)], len(firm))


def _forward_deviations(firm: Codes) -> csr_matrix:
    """Each row less the mean of the firm's later ones, times the root of r/(r + 1) with r of these.

    Arellano and Bover (1995, *Journal of Econometrics* 68: 29-51): errors of equal variance without correlation stay
    so.
    """
    from scipy.sparse import csr_matrix

    counts = np.bincount(firm, minlength=firm.max(initial=0) + 1)
    ends = np.cumsum(counts)[firm]
    later = ends - np.arange(len(firm)) - 1
    own = np.flatnonzero(later > 0)
    after = later[own]
    scale = np.sqrt(after / (after + 1))
    row = np.repeat(np.arange(len(own)), after + 1)
    within = np.arange(len(row)) - np.repeat(np.cumsum(after + 1) - (after + 1), after + 1)
    value = np.where(within == 0, scale[row], -scale[row] / after[row])
    return csr_matrix((value, (row, own[row] + within)), shape=(len(own), len(firm)))


def _sparse(parts: Sequence[tuple[Codes, float]], width: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    count = len(parts[0][0])
    rows = np.tile(np.arange(count), len(parts))
    columns = np.concatenate([place for place, _ in parts])
    values = np.concatenate([np.full(count, value) for _, value in parts])
    return csr_matrix((values, (rows, columns)), shape=(count, width))


def _leading(matrix: csr_matrix, transform: Transform) -> Codes:
    """The level row that each transformed row is of: the last of a difference, the first of a forward deviation."""
    if not matrix.shape[0]:
        return np.zeros(0, dtype=np.intp)
    matrix.sort_indices()
    ends = matrix.indptr[1:] - 1 if transform == "difference" else matrix.indptr[:-1]
    return np.asarray(matrix.indices[ends], dtype=np.intp)
