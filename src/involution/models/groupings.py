"""Categorical variables over the rows of a sample: fixed effects, clusters, panel keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

_MANY_ROWS = 5_000
"""Rows from which a matrix that sums pays for itself."""
_WIDEST = 20
"""Whole numbers are coded by counting while their range is at most this many times the rows."""


@dataclass(frozen=True)
class Grouping:
    """One categorical variable over the rows of a sample.

    Attributes
    ----------
    name : str
    codes : array of int, shape (n,)
        Level of each row, ``0 .. n_levels - 1``, every level present.
    n_levels : int
    """

    name: str
    codes: Codes
    n_levels: int

    def take(self, rows: NDArray[np.bool_] | Codes) -> Grouping:
        """The grouping of a subset of rows, its levels renumbered in their order."""
        return renumbered(self.name, self.codes[rows], self.n_levels)

    @cached_property
    def counts(self) -> Codes:
        """Rows of each level, shape (n_levels,)."""
        return np.bincount(self.codes, minlength=self.n_levels)

    def prepare_sums(self) -> None:
        """Make many sums quicker where rows are sorted by level: by a matrix, which adds in the same order."""
        if len(self.codes) < _MANY_ROWS or not bool((self.codes[1:] >= self.codes[:-1]).all()):
            return
        from scipy.sparse import csr_matrix

        n = len(self.codes)
        index = np.arange(n, dtype=np.int32 if n < 2**31 else np.int64)
        bounds = np.concatenate([[0], np.cumsum(self.counts)]).astype(index.dtype)
        self.__dict__["_summing"] = csr_matrix((np.ones(n), index, bounds), shape=(self.n_levels, n))

    def sums(self, values: Floats) -> Floats:
        """Sum of `values` (n,) or (n, p) by level: (n_levels,) or (n_levels, p)."""
        if values.ndim == 1:
            summing: csr_matrix | None = self.__dict__.get("_summing")
            if summing is not None:
                return np.asarray(summing @ values, dtype=float)
            return np.asarray(np.bincount(self.codes, values, self.n_levels), dtype=float)
        out = np.empty((self.n_levels, values.shape[1]), order="F")
        for j in range(values.shape[1]):
            out[:, j] = self.sums(values[:, j])
        return out

    def spread(self, values: Floats, out: Floats | None = None) -> Floats:
        """Each row's value of its level, (n,); into `out` where given."""
        return np.take(values, self.codes, out=out, mode="clip")

    def nested_in(self, other: Grouping) -> bool:
        """Whether each level lies within a single level of `other`."""
        owner = np.empty(self.n_levels, dtype=np.intp)
        owner[self.codes] = other.codes
        return bool(np.array_equal(owner[self.codes], other.codes))


def coded(column: pd.Series) -> tuple[Codes, int, NDArray[np.bool_] | None]:
    """Codes of a column's values, the number of levels, and the rows that have one (None: all of them).

    Codes are in the order of the values, so that draws by level do not depend on that of the rows; in that of
    appearance only where values of several types cannot be compared.

    Parameters
    ----------
    column : Series
        Of any type; missing values get code 0.
    """
    if column.dtype == np.int64 and len(column):
        values = column.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low < _WIDEST * len(values):
            shifted = values - low if low else values
            compact = renumbered("", shifted.astype(np.intp, copy=False), high - low + 1)
            return compact.codes, compact.n_levels, None
    try:
        codes, levels = pd.factorize(column, sort=True)
    except TypeError:
        codes, levels = pd.factorize(column)
    known = codes >= 0
    if known.all():
        return codes.astype(np.intp, copy=False), max(1, len(levels)), None
    return np.where(known, codes, 0).astype(np.intp, copy=False), max(1, len(levels)), known


def rows_of(values: Floats, rows: Codes) -> Floats:
    """Rows of an array (n, p), in Fortran order."""
    out = np.empty((len(rows), values.shape[1]), order="F")
    for j in range(values.shape[1]):
        np.take(values[:, j], rows, out=out[:, j], mode="clip")
    return out


def taken(groupings: Sequence[Grouping | None], rows: Codes) -> list[Grouping | None]:
    """Groupings of a subset of rows; one that stands in the list twice is made once."""
    made: dict[int, Grouping] = {}
    for grouping in groupings:
        if grouping is not None and id(grouping) not in made:
            made[id(grouping)] = grouping.take(rows)
    return [None if grouping is None else made[id(grouping)] for grouping in groupings]


def renumbered(name: str, codes: Codes, n_levels: int) -> Grouping:
    """A grouping of `codes` in which absent levels are removed and order is kept."""
    present = np.bincount(codes, minlength=n_levels) > 0
    if present.all():
        return Grouping(name, codes, n_levels)
    return Grouping(name, (np.cumsum(present) - 1)[codes], int(present.sum()))


def crossed(name: str, groupings: Sequence[Grouping]) -> Grouping:
    """The combination of several groupings, as one."""
    combined = groupings[0]
    for grouping in groupings[1:]:
        codes = combined.codes * grouping.n_levels + grouping.codes
        n_cells = combined.n_levels * grouping.n_levels
        if n_cells <= 20 * len(codes) + 1_000:
            combined = renumbered(name, codes, n_cells)
        else:
            levels, inverse = np.unique(codes, return_inverse=True)
            combined = Grouping(name, inverse, len(levels))
    return Grouping(name, combined.codes, combined.n_levels)


def keep_without_singletons(groupings: Sequence[Grouping]) -> NDArray[np.bool_]:
    """Rows left when levels observed once are removed, again and again, until none is left (Correia 2015)."""
    n = len(groupings[0].codes) if groupings else 0
    keep = np.ones(n, dtype=bool)
    counts = [grouping.counts.copy() for grouping in groupings]
    while True:
        drop = np.zeros(n, dtype=bool)
        for grouping, count in zip(groupings, counts, strict=True):
            alone = count == 1
            if alone.any():
                drop |= alone[grouping.codes]
        gone = np.flatnonzero(drop & keep)
        if not len(gone):
            return keep
        keep[gone] = False
        for grouping, count in zip(groupings, counts, strict=True):
            np.subtract.at(count, grouping.codes[gone], 1)
