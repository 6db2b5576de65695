"""A population panel as measures see it: columns as numbers, lags by calendar year, sums over industry-years.

What several measures share (the firm's row of the year before, the industry-year of each row) is found once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from involution.measures.arithmetic import positive, ratio
from involution.measures.cells import Cells, coded, crossed
from involution.study.expressions.calendar import Calendar, Codes, Floats, growth_rate

__all__ = ["Cells", "Codes", "Floats", "View", "positive", "ratio", "shared"]

Shared = TypeVar("Shared")


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
        self.shared: dict[Callable[[View], Any], Any] = {}
        self._cells: dict[tuple[str, ...], Cells] = {}
        self._before: dict[int, tuple[Codes, Codes]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: object) -> bool:
        return name in self.made or name in self.frame.columns

    def __getitem__(self, name: str) -> Floats:
        """A column, or a measure made before, as floats; missing is NaN. Not to be changed in place."""
        return self.made[name] if name in self.made else _numbers(self.frame[name])

    @cached_property
    def calendar(self) -> Calendar:
        """The rows by firm and year."""
        return Calendar(self.cells("firm").codes, self.frame["year"].to_numpy(dtype=np.intp))

    @property
    def year(self) -> Codes:
        """Year of each row."""
        return self.calendar.year.astype(np.intp, copy=False)

    @property
    def firm(self) -> Codes:
        """Number of each row's firm, in the order of appearance."""
        return self.calendar.firm

    def before(self, years: int) -> Codes:
        """Position of the firm's row `years` calendar years earlier (later when negative), -1 where there is none."""
        return self._shift(years)[0]

    def lag(self, values: Floats, years: int = 1) -> Floats:
        """The firm's value `years` calendar years earlier; missing where it has no such row."""
        position, absent = self._shift(years)
        out = np.take(values, position)
        out[absent] = np.nan
        return out

    def _shift(self, years: int) -> tuple[Codes, Codes]:
        """Positions as of `before`, and the rows that have none."""
        if years not in self._before:
            position = self.calendar.before(years)
            self._before[years] = position, np.flatnonzero(position < 0)
        return self._before[years]

    def change(self, values: Floats) -> Floats:
        """Value less that of the calendar year before."""
        return values - self.lag(values)

    def growth(self, values: Floats) -> Floats:
        """Growth from the calendar year before, as `growth_rate` has it."""
        return growth_rate(values, self.lag(values))

    def cells(self, *names: str) -> Cells:
        """Groups of rows that agree in these columns; rows where one is missing belong to none."""
        if names not in self._cells:
            *others, last = names
            own = coded(self.frame[last]) if not others else crossed(self.cells(*others), self.cells(last))
            self._cells[names] = own
        return self._cells[names]

    def regrouped(self, level: str, columns: Mapping[str, Floats]) -> View:
        """The same firm-years with the column `level` as their industry and other values in some columns.

        Parameters
        ----------
        level : str
        columns : mapping of str to array
            The only columns that it has, beside its keys.
        """
        keys = self.frame[["firm", "year"]]
        other = View(keys.assign(industry=self.frame[level], **columns), self.options)
        other.calendar = self.calendar
        groups = {
            ("year",): self.years,
            ("industry",): self.cells(level),
            ("industry", "year"): self.cells(level, "year"),
        }
        other._cells.update(groups)
        return other

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


def shared(function: Callable[[View], Shared]) -> Callable[[View], Shared]:
    """Decorate what several measures are made of: worked out once for a panel, and not to be changed in place."""

    @wraps(function)
    def once(panel: View) -> Shared:
        if function not in panel.shared:
            panel.shared[function] = function(panel)
        found: Shared = panel.shared[function]
        return found

    return once


def _numbers(column: pd.Series) -> Floats:
    """A column as floats, without a copy where it holds floats."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub":
        return column.to_numpy(dtype=float)
    return column.to_numpy(dtype=float, na_value=np.nan)
