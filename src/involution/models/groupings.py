"""Categorical variables over the rows of a sample: fixed effects, clusters, panel keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


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
        if rows.dtype != bool and len(rows) == len(self.codes) and np.array_equal(rows, np.arange(len(rows))):
            return self
        return renumbered(self.name, self.codes[rows], self.n_levels)

    @cached_property
    def counts(self) -> Codes:
        """Rows of each level, shape (n_levels,)."""
        return np.bincount(self.codes, minlength=self.n_levels)

    def sums(self, values: Floats) -> Floats:
        """Sum of `values` (n,) or (n, p) by level: (n_levels,) or (n_levels, p)."""
        if values.ndim == 1:
            return np.asarray(np.bincount(self.codes, values, self.n_levels), dtype=float)
        out = np.empty((self.n_levels, values.shape[1]), order="F")
        for j in range(values.shape[1]):
            out[:, j] = np.bincount(self.codes, values[:, j], self.n_levels)
        return out

    def nested_in(self, other: Grouping) -> bool:
        """Whether each level lies within a single level of `other`."""
        owner = np.empty(self.n_levels, dtype=np.intp)
        owner[self.codes] = other.codes
        return bool(np.array_equal(owner[self.codes], other.codes))


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
    while True:
        drop = np.zeros(n, dtype=bool)
        for grouping in groupings:
            counts = np.bincount(grouping.codes[keep], minlength=grouping.n_levels)
            drop |= keep & (counts == 1)[grouping.codes]
        if not drop.any():
            return keep
        keep &= ~drop
