"""Per-cluster cross-products: the sufficient statistics of the cluster jackknife and of the cluster bootstraps.

Effects nested in the clusters (firm in industry) are absorbed, since leaving a cluster out or weighting it
leaves the others' means alone. Effects that cross the clusters (year) stay as explicit columns, so that what
follows is exact, not an approximation that demeans once (which over-rejects).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from involution.models.absorb import Absorber
from involution.models.groupings import Codes, Floats, Grouping

if TYPE_CHECKING:
    from involution.models.linear import Linear
    from involution.models.sample import Sample

EXPLICIT_LIMIT = 2_000
"""Columns of effects crossing the clusters up to which cross-products are formed; beyond, effects are re-absorbed."""
_EXPLICIT_CELLS = 100_000_000
_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True)
class ClusterColumns:
    """The columns of a linear model with the effects nested in the clusters absorbed, rows sorted by cluster.

    Attributes
    ----------
    values : array of float, shape (n, p)
        Regressors, excluded instruments, outcome, dummy columns of the crossing effects.
    bounds : array of int, shape (G + 1,)
        Row g of the cross-products comes from rows ``bounds[g]:bounds[g + 1]``.
    regressors, instruments : list of int
        Columns of the second stage and of the first, the dummies among both.
    outcome : int
    n_slopes : int
        The first columns, whose coefficients are wanted.
    """

    values: Floats
    bounds: Codes
    regressors: list[int]
    instruments: list[int]
    outcome: int
    n_slopes: int

    @property
    def n_clusters(self) -> int:
        """Clusters."""
        return len(self.bounds) - 1

    def products(self, g: int) -> Floats:
        """Cross-products of cluster g, shape (p, p)."""
        block = self.values[self.bounds[g] : self.bounds[g + 1]]
        return np.asarray(block.T @ block)


def crossing_effects(sample: Sample, cluster: Grouping) -> tuple[list[Grouping], list[Grouping]]:
    """The sample's effects that are nested in the clusters, and those that cross them."""
    nested = [effect for effect in sample.effects if effect.nested_in(cluster)]
    return nested, [effect for effect in sample.effects if effect not in nested]


def explicit_is_possible(sample: Sample, cluster: Grouping) -> bool:
    """Whether the crossing effects are few enough to stand as columns."""
    _, crossing = crossing_effects(sample, cluster)
    columns = sum(effect.n_levels for effect in crossing)
    return columns <= EXPLICIT_LIMIT and columns * sample.n <= _EXPLICIT_CELLS


def sorted_columns(sample: Sample, core: Floats, cluster: Grouping) -> tuple[Floats, Codes]:
    """Absorbed columns and the dummies of crossing effects beside them, rows sorted by cluster.

    Parameters
    ----------
    sample : Sample
    core : array of float, shape (n, p)
        With every effect out: beside the dummies they span what residuals from the nested effects alone would.
    cluster : Grouping

    Returns
    -------
    array of float, shape (n, p + d)
    array of int, shape (G + 1,)
        Cluster g has the rows ``bounds[g]:bounds[g + 1]``.
    """
    # As few bytes as the codes need: the order of small integers is found by counting.
    order = np.argsort(cluster.codes.astype(np.min_scalar_type(cluster.n_levels)), kind="stable")
    bounds = np.concatenate([[0], np.cumsum(cluster.counts)]).astype(np.intp)
    nested, crossing = (
        [Grouping(effect.name, effect.codes[order], effect.n_levels) for effect in effects]
        for effects in crossing_effects(sample, cluster)
    )
    dummies = _dummies(sample.n, nested, crossing, None if sample.weights is None else sample.weights[order])
    values = np.empty((sample.n, core.shape[1] + dummies.shape[1]))
    for place, column in enumerate(core.T):
        values[:, place] = column[order]
    values[:, core.shape[1] :] = dummies
    return values, bounds


def cluster_columns(linear: Linear, cluster: Grouping) -> ClusterColumns:
    """Build the columns whose per-cluster cross-products determine every leave-out and every bootstrap draw."""
    core = np.column_stack([linear.regressors, linear.excluded.values, linear.outcome])
    values, bounds = sorted_columns(linear.sample, core, cluster)
    k, m = len(linear.names), len(linear.excluded.names)
    extra = list(range(k + m + 1, values.shape[1]))
    endogenous = len(linear.endogenous.names)
    return ClusterColumns(
        values=values,
        bounds=bounds,
        regressors=[*range(k), *extra],
        instruments=[*range(k, k + m), *range(endogenous, k), *extra],
        outcome=k + m,
        n_slopes=k,
    )


def _dummies(n: int, nested: list[Grouping], crossing: list[Grouping], weights: Floats | None) -> Floats:
    """Dummy columns of the crossing effects, nested ones absorbed, redundant ones left out, times root weights."""
    if not crossing:
        return np.zeros((n, 0))
    starts = np.cumsum([0, *(effect.n_levels for effect in crossing)])
    places = [start + effect.codes for start, effect in zip(starts, crossing, strict=False)]
    size = int(starts[-1])
    if len(nested) <= 1:
        columns = _about_means(n, nested, places, size, np.ones(n) if weights is None else weights)
    else:
        columns = np.zeros((n, size), order="F")
        for place in places:
            columns[np.arange(n), place] = 1.0
        columns = Absorber(nested, weights).residuals(columns)
        gram = columns.T @ (columns if weights is None else columns * weights[:, None])
        columns = columns[:, not_redundant(gram)]
    return columns if weights is None else columns * np.sqrt(weights)[:, None]


def _about_means(n: int, nested: list[Grouping], places: list[Codes], size: int, weights: Floats) -> Floats:
    """Dummy columns at `places` about their means by level of the nested effect, if there is one.

    Their cross-products are counts of cells, so that only the columns that are wanted are made.
    """
    pairs = [left * size + right for left in places for right in places]
    gram = np.sum([np.bincount(pair, weights, size * size) for pair in pairs], axis=0).reshape(size, size)
    if nested:
        counts, means = level_means(nested[0], places, size, weights)
        kept = not_redundant(gram - counts.T @ means)
        columns = (-means[:, kept])[nested[0].codes]
    else:
        kept = not_redundant(gram)
        columns = np.zeros((n, len(kept)))
    position = np.full(size, -1)
    position[kept] = np.arange(len(kept))
    for place in places:
        rows = np.flatnonzero(position[place] >= 0)
        columns[rows, position[place[rows]]] += 1.0
    return np.asarray(columns)


def level_means(effect: Grouping, places: list[Codes], size: int, weights: Floats) -> tuple[Floats, Floats]:
    """Weight and mean of dummy columns at `places` by level of an effect, both (n_levels, size)."""
    cells = [effect.codes * size + place for place in places]
    counts = np.sum([np.bincount(cell, weights, effect.n_levels * size) for cell in cells], axis=0)
    counts = counts.reshape(-1, size)
    return counts, counts / effect.sums(weights)[:, None]


def not_redundant(gram: Floats) -> Codes:
    """Columns, in order, that span the others."""
    from scipy.linalg.lapack import dpstrf

    size = float(np.diag(gram).max(initial=0.0))
    _, pivots, rank, _ = dpstrf(gram, tol=_RANK_TOLERANCE * max(size, 1.0))
    return np.asarray(np.sort(pivots[:rank] - 1))
