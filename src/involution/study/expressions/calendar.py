"""A panel's rows by firm and calendar year: where a firm's row of another year stands, and growth between years."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Calendar:
    """The firm and the year of every row; a gap in a firm's years is a gap, never the previous row.

    Attributes
    ----------
    firm : array of int, shape (n,)
        Number of the row's firm, -1 where it is missing.
    year : array of int or float, shape (n,)
        Whole calendar years; may be missing.
    """

    firm: Codes
    year: Codes | Floats

    @cached_property
    def _order(self) -> Codes | None:
        """Rows by firm and year; None where they stand so."""
        step = np.diff(self.firm)
        if ((step > 0) | ((step == 0) & (np.diff(self.year) > 0))).all():
            return None
        return np.lexsort((self.year, self.firm))

    @cached_property
    def _sorted(self) -> tuple[Codes, Codes | Floats]:
        """Firm and year of the rows in that order."""
        order = self._order
        return (self.firm, self.year) if order is None else (self.firm[order], self.year[order])

    def _rows(self, places: Codes) -> Codes:
        """Rows of the panel that stand at these places of the order."""
        return places if self._order is None else self._order[places]

    @cached_property
    def repeated(self) -> bool:
        """Whether a firm has two rows of one year."""
        firm, year = self._sorted
        return bool(((firm[1:] == firm[:-1]) & (firm[1:] >= 0) & (year[1:] == year[:-1])).any())

    @cached_property
    def first_rows(self) -> Codes:
        """Row of each firm's first year, in the order of the firms' numbers; rows without a firm are left out."""
        firm, _ = self._sorted
        return self._rows(np.flatnonzero(np.diff(firm, prepend=-1) > 0))

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
        firm, year = self._sorted
        if not years:
            return np.where((self.firm >= 0) & ~np.isnan(self.year), np.arange(len(firm)), -1)
        found = np.full(len(firm), -1, dtype=np.intp)
        # Years rise within a firm: the row lies at most |years| places away.
        for places in range(1, abs(years) + 1):
            same = firm[places:] == firm[:-places]
            if not same.any():
                break
            same &= (firm[places:] >= 0) & (year[places:] - year[:-places] == abs(years))
            early = np.flatnonzero(same)
            pair = (early + places, early) if years > 0 else (early, early + places)
            target, source = map(self._rows, pair)
            found[target] = source
        return found


def growth_rate(now: Floats, before: Floats) -> Floats:
    """``ln x_t - ln x_{t-1}`` where both are positive, else ``2 (x_t - x_{t-1}) / (|x_t| + |x_{t-1}|)``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.asarray(np.log(now) - np.log(before))
        rest = np.flatnonzero(~((now > 0) & (before > 0)))
        x, earlier = now[rest], before[rest]
        growth[rest] = 2 * (x - earlier) / (np.abs(x) + np.abs(earlier))
    return growth
