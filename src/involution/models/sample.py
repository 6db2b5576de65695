"""The rows a model is estimated on, with everything that is computed once for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.models.absorb import Absorber
from involution.models.groupings import Codes, Floats, Grouping, keep_without_singletons, rows_of, taken


@dataclass(frozen=True)
class Drops:
    """Rows that a model leaves out, and why."""

    missing: int = 0
    singletons: int = 0
    separated: int = 0


@dataclass
class Sample:
    """Rows of one estimation, their fixed effects, clusters and weights, and the columns absorbed so far.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Positions in the data.
    effects, clusters : list of Grouping
        Over these rows; levels that do not occur are gone.
    weights : array of float, shape (n,), or None
    drops : Drops
    firm, year : Grouping or None
    intercept : bool
        The model has a constant: it is held as the one effect, a single level, and put back by the estimators.
    drop_singletons : bool
        Whether rows that an effect explains alone are left out.
    columns : mapping of str to Series
        The data's columns that clusters are named in, over all its rows.
    """

    rows: Codes
    effects: list[Grouping]
    clusters: list[Grouping]
    weights: Floats | None
    drops: Drops
    firm: Grouping | None = None
    year: Grouping | None = None
    intercept: bool = False
    drop_singletons: bool = True
    columns: Mapping[str, pd.Series] = field(default_factory=dict)
    _absorbed: dict[str, Floats] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.rows)

    def mask(self, length: int) -> np.ndarray:
        """The rows as a mask over data of `length` rows."""
        out = np.zeros(length, dtype=bool)
        out[self.rows] = True
        return out

    @cached_property
    def absorber(self) -> Absorber:
        """Absorbs all fixed effects of the sample."""
        return Absorber(self.effects, self.weights)

    @cached_property
    def unweighted(self) -> Absorber:
        """The same effects without weights."""
        return Absorber(self.effects) if self.weights is not None else self.absorber

    @cached_property
    def root_weights(self) -> Floats | None:
        """Square roots of the weights: columns multiplied by them obey unweighted formulas."""
        return None if self.weights is None else np.sqrt(self.weights)

    def absorbed(self, names: Sequence[str], values: Floats) -> Floats:
        """Columns with the fixed effects taken out, times root weights; each is absorbed once and kept.

        Parameters
        ----------
        names : sequence of str
            Keys under which the columns are kept: one name must always mean one column.
        values : array of float, shape (N, p)
            Over all rows of the *data*; the sample takes its own.

        Returns
        -------
        array of float, shape (n, p), Fortran order
        """
        fresh = [j for j, name in enumerate(names) if name not in self._absorbed]
        if fresh:
            block = self.absorber.residuals(self.raw(values if len(fresh) == len(names) else values[:, fresh]))
            if self.root_weights is not None:
                block *= self.root_weights[:, None]
            block.flags.writeable = False
            for k, j in enumerate(fresh):
                self._absorbed[names[j]] = block[:, k]
            if len(fresh) == len(names):
                return block
        out = np.empty((self.n, len(names)), order="F")
        for j, name in enumerate(names):
            out[:, j] = self._absorbed[name]
        return out

    def raw(self, values: Floats) -> Floats:
        """The sample's rows of columns given over all rows of the data."""
        if len(values) == self.n:
            return values
        return values[self.rows] if values.ndim == 1 else rows_of(values, self.rows)

    def labels(self, cluster: Grouping) -> NDArray[np.object_]:
        """What the data call each level of one of the clusters, as text; its number where the column is not known.

        Models that name the same column agree on them, whatever rows each of them uses.
        """
        if cluster.name not in self.columns:
            return np.arange(cluster.n_levels).astype(str).astype(object)
        first = np.empty(cluster.n_levels, dtype=np.intp)
        first[cluster.codes[::-1]] = self.rows[::-1]
        values = self.columns[cluster.name].iloc[first]
        if values.dtype.kind == "f" and bool((values % 1 == 0).all()):
            values = values.astype(np.int64)
        return np.asarray(values.astype(str).to_numpy(dtype=object))

    def subset(self, keep: NDArray[np.bool_], **drops: int) -> Sample:
        """The sample restricted to `keep`, with further rows counted as dropped."""
        counted = {
            name: getattr(self.drops, name) + drops.get(name, 0) for name in ("missing", "singletons", "separated")
        }
        inner = np.flatnonzero(keep)
        firm, year, *rest = taken([self.firm, self.year, *self.effects, *self.clusters], inner)
        groupings = [grouping for grouping in rest if grouping is not None]
        return Sample(
            self.rows[inner],
            groupings[: len(self.effects)],
            groupings[len(self.effects) :],
            None if self.weights is None else self.weights[inner],
            Drops(**counted),
            firm,
            year,
            self.intercept,
            self.drop_singletons,
            self.columns,
        )

    def without_singletons(self) -> Sample:
        """The sample without rows that a fixed effect explains alone."""
        if self.intercept or not self.effects or not self.drop_singletons:
            return self
        keep = keep_without_singletons(self.effects)
        return self if keep.all() else self.subset(keep, singletons=int((~keep).sum()))
