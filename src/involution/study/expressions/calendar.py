"""A panel's rows by firm and calendar year: where a firm's row of another year stands, and growth between years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


_ROOM = 12
"""Places a row, up to which the rows are looked up in a table of every firm and year."""


@dataclass(frozen=True)
class Calendar:
    """The firm and the year of every row; a gap in a firm's years is a gap, never the previous row.

    Attributes
    ----------
    firm : array of int, shape (n,)
        Number of the row's firm, -1 where it is missing.
    year : array of int or float, shape (n,)
        Whole calendar years; may be missing.

    Notes
    -----
    Each firm has its years side by side among places for all years of the panel and as many empty ones before them: a
    shift by fewer years than the panel has leads to a place of the firm's own or to an empty one.
    """

    firm: Codes
    year: Codes | Floats

    @cached_property
    def _known(self) -> NDArray[np.bool_]:
        return (self.firm >= 0) & ~np.isnan(self.year)

    @cached_property
    def _span(self) -> tuple[int, int]:
        """First year, and number of years to the last."""
        known = self.year[self._known]
        return (int(known.min()), int(known.max() - known.min()) + 1) if len(known) else (0, 1)

    def _place(self, firm: Codes, year: Codes | Floats) -> Codes:
        first, span = self._span
        places = firm * (2 * span)
        places += year.astype(np.intp, copy=False)
        places += span - first
        return places

    @cached_property
    def _places(self) -> Codes:
        """Place of each row; zero, which is empty, where its firm or year is missing."""
        if self._known.all():
            return self._place(self.firm, self.year)
        places = np.zeros(len(self.firm), dtype=np.intp)
        places[self._known] = self._place(self.firm[self._known], self.year[self._known])
        return places

    @cached_property
    def _table(self) -> Codes | None:
        """Row of each place, -1 of an empty one; None where there would be too many places."""
        size = (int(self.firm.max(initial=-1)) + 2) * 2 * self._span[1]
        if size > _ROOM * len(self.firm) + 1_000:
            return None
        table = np.full(size, -1, dtype=np.intp)
        table[self._places] = np.arange(len(self.firm))
        table[0] = -1
        return table

    @cached_property
    def _by_place(self) -> tuple[Codes, Codes]:
        """Rows by their place, and the places in order."""
        order = np.argsort(self._places, kind="stable")
        return order, self._places[order]

    def _rows(self, places: Codes) -> Codes:
        """Row that stands at each place, -1 where there is none."""
        if self._table is not None:
            return self._table.take(places)
        order, known = self._by_place
        at = np.minimum(np.searchsorted(known, places), len(known) - 1)
        return np.where((known[at] == places) & (places > 0), order[at], -1)

    @cached_property
    def repeated(self) -> bool:
        """Whether a firm has two rows of one year."""
        return bool((self.before(0) != np.arange(len(self.firm)))[self._known].any())

    @cached_property
    def first_rows(self) -> Codes:
        """Row of each firm's first year, in the order of the firms' numbers; rows without a firm are left out."""
        first = np.full(int(self.firm.max(initial=-1)) + 1, np.iinfo(np.intp).max)
        np.minimum.at(first, self.firm[self._known], self.year[self._known].astype(np.intp))
        firms = np.flatnonzero(first < np.iinfo(np.intp).max)
        return self._rows(self._place(firms, first[firms]))

    def before(self, years: int) -> Codes:
        """Position of the firm's row `years` calendar years earlier (later when negative), -1 where there is none.

        Parameters
        ----------
        years : int

        Returns
        -------
        array of int, shape (n,)
            Rows without a firm or a year have none. Keys must not be repeated.
        """
        if abs(years) >= self._span[1]:
            return np.full(len(self.firm), -1, dtype=np.intp)
        return self._rows(self._places - years)


def growth_rate(now: Floats, before: Floats) -> Floats:
    """``ln x_t - ln x_{t-1}`` where both are positive, else ``2 (x_t - x_{t-1}) / (|x_t| + |x_{t-1}|)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.asarray(np.log(now) - np.log(before))
        rest = np.flatnonzero(~((now > 0) & (before > 0)))
        x, earlier = now[rest], before[rest]
        growth[rest] = 2 * (x - earlier) / (np.abs(x) + np.abs(earlier))
    return growth
