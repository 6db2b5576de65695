"""Groups of a panel's rows, such as industry-years: sums, means of others, quantiles, largest values by group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.measures.arithmetic import ratio
from involution.study.expressions.calendar import Codes, Floats


@dataclass(frozen=True)
class Ordered:
    """Known values by cell and, within it, by size.

    Attributes
    ----------
    values : array of float, shape (known values,)
    bounds : array of int, shape (n_cells + 1,)
        Where each cell begins.
    """

    values: Floats
    bounds: Codes

    @cached_property
    def count(self) -> Codes:
        """Number of the known values of each cell."""
        return np.diff(self.bounds)

    def quantile(self, at: float) -> Floats:
        """Quantile of each cell by linear interpolation, shape (n_cells,); missing where nothing is known."""
        shown = np.append(self.values, np.nan)
        last = np.maximum(self.count - 1, 0)
        place = last * at
        low = np.floor(place).astype(np.intp)
        high = np.minimum(low + 1, last)
        a, b = (shown[np.where(self.count > 0, self.bounds[:-1] + part, -1)] for part in (low, high))
        return np.asarray(a + (b - a) * (place - low))

    def sum_of_largest(self, largest: int) -> Floats:
        """Sum of the so many largest values of each cell, or of all that it has; missing where nothing is known."""
        shown = np.append(self.values, 0.0)
        total = np.zeros(len(self.count))
        for rank in range(1, largest + 1):
            total += shown[np.where(self.count >= rank, self.bounds[1:] - rank, -1)]
        return np.where(self.count > 0, total, np.nan)


@dataclass(frozen=True)
class Cells:
    """Groups of rows, such as industry-years; a row of no group has code -1 and gets missing values.

    Attributes
    ----------
    codes : array of int, shape (n,)
    n_cells : int
    """

    codes: Codes
    n_cells: int

    @cached_property
    def member(self) -> NDArray[np.bool_]:
        """Rows that belong to a cell."""
        return self.codes >= 0

    @cached_property
    def whole(self) -> bool:
        """Whether every row belongs to a cell."""
        return bool(self.member.all())

    @cached_property
    def rows(self) -> list[Codes]:
        """Rows of each cell, in order; for few cells, such as years."""
        # Unsigned, rows of no cell come last; small integers are ordered by counting.
        order = np.argsort(self.codes.astype(np.min_scalar_type(self.n_cells)), kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.codes[self.member], minlength=self.n_cells)))[:-1]

    @cached_property
    def _slots(self) -> Codes:
        """Cell of each row, one beyond the last for rows of none."""
        return self.codes if self.whole else np.where(self.member, self.codes, self.n_cells)

    def _known(self, values: Floats) -> NDArray[np.bool_]:
        known = ~np.isnan(values)
        return known if self.whole else known & self.member

    def spread(self, by_cell: NDArray[Any]) -> Floats:
        """Each row's value of its cell, from one value a cell."""
        # The code -1 takes the last element.
        return np.append(by_cell, np.nan).take(self.codes)

    @cached_property
    def _size(self) -> Codes:
        """Number of the rows of each cell, and last of none."""
        return np.bincount(self._slots, minlength=self.n_cells + 1)

    def totals(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum and number of the known values of each cell, shape (n_cells,) both."""
        return self._totals(*_filled(values))

    def _totals(self, filled: Floats, absent: Codes) -> tuple[Floats, Floats]:
        """The same of values that have zeros where they are absent."""
        count = self._size - np.bincount(self._slots[absent], minlength=self.n_cells + 1)
        total = np.bincount(self._slots, filled, self.n_cells + 1)
        return total[:-1].astype(float, copy=False), count[:-1].astype(float)

    def sum(self, values: Floats) -> Floats:
        """Sum of the cell's known values, on every row of it; missing where none is known."""
        total, count = self.totals(values)
        return self.spread(np.where(count > 0, total, np.nan))

    def count(self, values: Floats) -> Floats:
        """Number of the cell's known values, on every row of it."""
        return self.spread(self.totals(values)[1])

    def mean(self, values: Floats) -> Floats:
        """Mean of the cell's known values, on every row of it."""
        return self.spread(ratio(*self.totals(values)))

    def mean_of_others(self, values: Floats, least: int = 1) -> Floats:
        """Mean over the *other* rows of the cell that have a value; missing with fewer than `least` of them."""
        filled, absent = _filled(values)
        rest, others = (self.spread(part) for part in self._totals(filled, absent))
        rest -= filled
        others -= 1
        others[absent] += 1
        others[others < max(1, least)] = np.nan
        rest /= others
        return rest

    def ordered(self, values: Floats) -> Ordered:
        """The known values by cell and, within it, by size."""
        known = self._known(values)
        codes = self.codes[known]
        # Complex numbers are ordered by their real part, then by the imaginary one.
        pairs = np.empty(len(codes), dtype=complex)
        pairs.real, pairs.imag = codes, values[known]
        pairs.sort()
        bounds = np.cumsum(np.bincount(codes + 1, minlength=self.n_cells + 1))
        return Ordered(pairs.imag.copy(), bounds)

    def median(self, values: Floats) -> Floats:
        """Median of the cell's known values, on every row of it."""
        return self.spread(self.ordered(values).quantile(0.5))

    def first_largest(self, values: Floats) -> Codes:
        """Row of the largest known value of each cell that has one, the first of equals."""
        known = self._known(values)
        largest = np.full(self.n_cells, -np.inf)
        np.maximum.at(largest, self.codes[known], values[known])
        rows = np.flatnonzero(known & (values == self.spread(largest)))
        return rows[np.unique(self.codes[rows], return_index=True)[1]]


def _filled(values: Floats) -> tuple[Floats, Codes]:
    """Values with zeros where they are missing, and the rows where they are."""
    absent = np.flatnonzero(np.isnan(values))
    if not len(absent):
        return values, absent
    filled = values.copy()
    filled[absent] = 0.0
    return filled, absent


def coded(column: pd.Series) -> Cells:
    """Rows that agree in a column, numbered in the order of appearance."""
    # A firm's rows mostly stand together: one of each run is then enough to number them all.
    starts = np.flatnonzero(np.append(True, _differs_from_last(column))) if len(column) else np.zeros(0, dtype=np.intp)
    if 2 * len(starts) > len(column):
        codes, levels = pd.factorize(column)
        return Cells(codes.astype(np.intp, copy=False), len(levels))
    codes, levels = pd.factorize(column.iloc[starts])
    return Cells(np.repeat(codes.astype(np.intp, copy=False), np.diff(starts, append=len(column))), len(levels))


def _differs_from_last(column: pd.Series) -> NDArray[np.bool_]:
    """Whether each value but the first differs from the one above it; one that is missing does."""
    values = column.array
    return np.asarray(pd.array(values[1:] != values[:-1], dtype="boolean").to_numpy(dtype=bool, na_value=True))


def crossed(first: Cells, second: Cells) -> Cells:
    """Rows of one cell of both groupings, numbered without the pairs that no row has."""
    pairs = first.codes * second.n_cells
    pairs += second.codes
    if not (first.whole and second.whole):
        pairs[~(first.member & second.member)] = -1
    return compacted(pairs, first.n_cells * second.n_cells)


def compacted(codes: Codes, levels: int) -> Cells:
    """Codes renumbered in their order, without those that no row has; -1 stays.

    Parameters
    ----------
    codes : array of int, shape (n,)
    levels : int
        Beyond the largest code.
    """
    if levels > 20 * len(codes) + 1_000:
        present, inverse = np.unique(codes, return_inverse=True)
        missing = int((present < 0).any())
        return Cells(inverse - missing, len(present) - missing)
    there = np.bincount(codes + 1, minlength=levels + 1)[1:] > 0
    return Cells(np.append(np.cumsum(there) - 1, -1).take(codes), int(there.sum()))
