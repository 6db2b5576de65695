"""A population panel as measures see it: columns as numbers, lags by calendar year, sums over industry-years.

What several measures share (the firm's row of the year before, the industry-year of each row) is found once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.study.expressions.functions import growth_rate

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


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

    def _known(self, values: Floats) -> NDArray[np.bool_]:
        return self.member & ~np.isnan(values)

    def spread(self, by_cell: NDArray[Any]) -> Floats:
        """Each row's value of its cell, from one value a cell."""
        if not self.n_cells:
            return np.full(len(self.codes), np.nan)
        return np.where(self.member, np.take(by_cell, self.codes, mode="clip"), np.nan)

    def totals(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum and number of the known values of each cell, shape (n_cells,) both."""
        known = self._known(values)
        codes = self.codes[known]
        count = np.bincount(codes, minlength=self.n_cells).astype(float)
        return np.bincount(codes, values[known], self.n_cells).astype(float), count

    def sum(self, values: Floats) -> Floats:
        """Sum of the cell's known values, on every row of it; missing where none is known."""
        total, count = self.totals(values)
        return self.spread(np.where(count > 0, total, np.nan))

    def count(self, values: Floats) -> Floats:
        """Number of the cell's known values, on every row of it."""
        return self.spread(self.totals(values)[1])

    def mean(self, values: Floats) -> Floats:
        """Mean of the cell's known values, on every row of it."""
        total, count = self.totals(values)
        return self.spread(ratio(total, count))

    def mean_of_others(self, values: Floats, least: int = 1) -> Floats:
        """Mean over the *other* rows of the cell that have a value; missing with fewer than `least` of them."""
        total, count = (self.spread(part) for part in self.totals(values))
        own = np.isnan(values)
        others = count - ~own
        rest = total - np.where(own, 0.0, values)
        return np.where(others >= max(1, least), ratio(rest, others), np.nan)

    def ordered(self, values: Floats) -> tuple[Codes, Codes]:
        """Rows with a value, by cell and within it by value (ties by row), and where each cell begins."""
        rows = np.flatnonzero(self._known(values))
        order = rows[np.lexsort((values[rows], self.codes[rows]))]
        return order, np.searchsorted(self.codes[order], np.arange(self.n_cells + 1))

    def quantile(self, values: Floats, at: float) -> Floats:
        """Quantile of each cell's known values by linear interpolation, shape (n_cells,)."""
        return self.quantiles(values, (at,))[0]

    def quantiles(self, values: Floats, at: Sequence[float]) -> list[Floats]:
        """Several quantiles from one ordering of the values."""
        order, bounds = self.ordered(values)
        first, count = bounds[:-1], np.diff(bounds)
        shown = np.append(values[order], np.nan)
        out = []
        for share in at:
            place = np.maximum(count - 1, 0) * share
            low = np.floor(place).astype(np.intp)
            high = np.minimum(low + 1, np.maximum(count - 1, 0))
            a, b = (shown[np.where(count > 0, first + part, len(order))] for part in (low, high))
            out.append(np.asarray(a + (b - a) * (place - low)))
        return out

    def median(self, values: Floats) -> Floats:
        """Median of the cell's known values, on every row of it."""
        return self.spread(self.quantile(values, 0.5))

    def rank_from_top(self, values: Floats) -> Floats:
        """One for the largest known value of the cell, two for the next (ties by row); missing elsewhere."""
        order, bounds = self.ordered(-values)
        out = np.full(len(values), np.nan)
        out[order] = np.arange(len(order)) - np.repeat(bounds[:-1], np.diff(bounds)) + 1.0
        return out


class View:
    """A panel, prepared for measuring.

    Parameters
    ----------
    frame : DataFrame
        One row per firm-year; not changed.
    options : mapping, optional
        Sections of the study that bear on measures, by name.
    """

    def __init__(self, frame: pd.DataFrame, options: Mapping[str, Any] | None = None) -> None:
        self.frame = frame
        self.options = dict(options or {})
        self.made: dict[str, Floats] = {}
        self._numbers: dict[str, Floats] = {}
        self._cells: dict[tuple[str, ...], Cells] = {}
        self._before: dict[int, Codes] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: object) -> bool:
        return name in self.made or name in self.frame.columns

    def __getitem__(self, name: str) -> Floats:
        """A column, or a measure made before, as floats; missing is NaN."""
        if name in self.made:
            return self.made[name]
        if name not in self._numbers:
            self._numbers[name] = self.frame[name].to_numpy(dtype=float, na_value=np.nan)
        return self._numbers[name]

    @cached_property
    def year(self) -> Codes:
        """Year of each row."""
        return self.frame["year"].to_numpy(dtype=np.intp)

    @cached_property
    def firm(self) -> Codes:
        """Number of each row's firm, in the order of appearance."""
        return _codes(self.frame["firm"])[0]

    @cached_property
    def _order(self) -> Codes | None:
        """Rows by firm and year; None where they stand so."""
        firm, year = self.firm, self.year
        step = np.diff(firm)
        if ((step > 0) | ((step == 0) & (np.diff(year) > 0))).all():
            return None
        return np.lexsort((year, firm))

    def before(self, years: int) -> Codes:
        """Position of the firm's row `years` calendar years earlier (later when negative), -1 where there is none."""
        if years not in self._before:
            order = np.arange(len(self)) if self._order is None else self._order
            firm, year = self.firm[order], self.year[order]
            found = np.full(len(self), -1, dtype=np.intp)
            # Years rise within a firm: the row lies at most |years| places away.
            for places in range(1, abs(years) + 1):
                late, early = slice(places, None), slice(None, -places)
                same = (firm[late] == firm[early]) & (year[late] - year[early] == abs(years))
                target, source = (late, early) if years > 0 else (early, late)
                found[order[target][same]] = order[source][same]
            self._before[years] = found
        return self._before[years]

    def lag(self, values: Floats, years: int = 1) -> Floats:
        """The firm's value `years` calendar years earlier; missing where it has no such row."""
        position = self.before(years)
        return np.where(position >= 0, np.take(values, position, mode="clip"), np.nan) if len(self) else values

    def change(self, values: Floats) -> Floats:
        """Value less that of the calendar year before."""
        return values - self.lag(values)

    def growth(self, values: Floats) -> Floats:
        """``ln x_t - ln x_{t-1}`` where both are positive, else ``2 (x_t - x_{t-1}) / (|x_t| + |x_{t-1}|)``."""
        return growth_rate(values, self.lag(values))

    def cells(self, *names: str) -> Cells:
        """Groups of rows that agree in these columns; rows where one is missing belong to none."""
        if names not in self._cells:
            codes, levels = _codes(self.frame[names[0]])
            for name in names[1:]:
                more, others = _codes(self.frame[name])
                joined = np.where((codes >= 0) & (more >= 0), codes * others + more, -1)
                codes, levels = _compact(joined, levels * others)
            self._cells[names] = Cells(codes, levels)
        return self._cells[names]

    def starting_with(self, prefix: str) -> list[str]:
        """Columns of numbers whose names begin so; one of text, such as a main class, is none."""
        types = self.frame.dtypes
        named = [name for name in types.index if str(name).startswith(prefix)]
        return [name for name in named if pd.api.types.is_numeric_dtype(types[name])]

    @property
    def industry_years(self) -> Cells:
        """Rows of one industry and year."""
        return self.cells("industry", "year")

    @property
    def years(self) -> Cells:
        """Rows of one year."""
        return self.cells("year")


def _codes(column: pd.Series) -> tuple[Codes, int]:
    codes, levels = pd.factorize(column)
    return codes.astype(np.intp, copy=False), len(levels)


def _compact(codes: Codes, levels: int) -> tuple[Codes, int]:
    """Codes without those that no row has; -1 stays."""
    known = codes >= 0
    if levels > 20 * len(codes) + 1_000:
        present, inverse = np.unique(codes[known], return_inverse=True)
        out = np.full(len(codes), -1, dtype=np.intp)
        out[known] = inverse
        return out, len(present)
    there = np.bincount(codes[known], minlength=levels) > 0
    renumber = np.cumsum(there) - 1
    return np.where(known, np.take(renumber, codes, mode="clip") if len(renumber) else -1, -1), int(there.sum())


def positive(values: Floats) -> Floats:
    """Values that are positive, missing elsewhere."""
    return np.where(values > 0, values, np.nan)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient where the denominator is positive, missing elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)
