"""Cross-products by cluster: from them every equation, every leave-out and every bootstrap draw is a small solve.

Effects nested in the clusters are absorbed, those that cross them stay as dummy columns that are taken out anew for
every draw: a draw equals the estimation of the resampled data to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from involution.models.absorb import Absorber
from involution.models.crossproducts import explicit_is_possible, sorted_columns
from involution.models.groupings import Floats, Grouping
from involution.models.sample import Sample

_CHUNK_BYTES = 48_000_000
_PIVOT = 1e-6
_GONE = 1e-6


@dataclass(frozen=True)
class ClusterProducts:
    """Sums of products of columns over the rows of each cluster.

    Attributes
    ----------
    packed : array of float, shape (G, P (P + 1) / 2)
        Upper triangles; the core columns first, then the dummies of the crossing effects.
    size : int
        P, the number of columns.
    core : int
        Columns that are not dummies.
    """

    packed: Floats
    size: int
    core: int

    @property
    def n_clusters(self) -> int:
        """Clusters."""
        return len(self.packed)

    @cached_property
    def whole(self) -> Floats:
        """Products over all rows, dummies taken out, shape (core, core)."""
        return np.asarray(self._reduced(self.packed.sum(axis=0)[None])[0])

    def left_out(self) -> Iterator[Floats]:
        """Products with each cluster left out in turn, in chunks of shape (c, core, core)."""
        total = self.packed.sum(axis=0)
        for chunk in self._chunks(self.n_clusters):
            yield self._reduced(total - self.packed[chunk])

    def weighted(self, weights: NDArray[np.integer] | Floats) -> Iterator[Floats]:
        """Products with each cluster counted as often as its weight says, in chunks of shape (c, core, core).

        Parameters
        ----------
        weights : array, shape (draws, G)
        """
        for chunk in self._chunks(len(weights)):
            yield self._reduced(np.asarray(weights[chunk], dtype=float) @ self.packed)

    def _chunks(self, count: int) -> Iterator[slice]:
        """Slices of a fixed size, so that no digit depends on how much memory there is."""
        rows = max(1, _CHUNK_BYTES // (8 * self.size * self.size))
        return (slice(start, min(start + rows, count)) for start in range(0, count, rows))

    @cached_property
    def _triangle(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows, columns = np.triu_indices(self.size)
        return rows, columns

    def _reduced(self, packed: Floats) -> Floats:
        rows, columns = self._triangle
        full = np.empty((len(packed), self.size, self.size))
        full[:, rows, columns] = packed
        full[:, columns, rows] = packed
        return without_dummies(full, self.core)


def cluster_products(sample: Sample, columns: Floats, cluster: Grouping) -> ClusterProducts:
    """Products of absorbed columns by cluster.

    Parameters
    ----------
    sample : Sample
    columns : array of float, shape (n, p)
        With every effect out, times root weights.
    cluster : Grouping
    """
    values, bounds = sorted_columns(sample, columns, cluster)
    size = values.shape[1]
    triangle = np.triu_indices(size)
    packed = np.empty((cluster.n_levels, len(triangle[0])))
    for g in range(cluster.n_levels):
        block = values[bounds[g] : bounds[g + 1]]
        packed[g] = (block.T @ block)[triangle]
    return ClusterProducts(packed, size, columns.shape[1])


def without_dummies(products: Floats, core: int) -> Floats:
    """Products of the core columns' residuals from the dummies: ``S_cc - S_cd S_dd^- S_dc``.

    Parameters
    ----------
    products : array of float, shape (b, P, P)
    core : int

    Returns
    -------
    array of float, shape (b, core, core)

    Notes
    -----
    A dummy whose rows have no weight is gone; dummies that have become redundant are left out by a pivoted
    decomposition.
    """
    if products.shape[1] == core:
        return products
    inner, cross = products[:, core:, core:], products[:, core:, :core]
    size = np.sqrt(np.maximum(np.einsum("bii->bi", inner), 0.0))
    gone = size <= _GONE * size.max(axis=1, keepdims=True)
    scale = np.where(gone, 1.0, size)
    scaled = inner / (scale[:, :, None] * scale[:, None, :])
    index = np.arange(scaled.shape[1])
    scaled[gone[:, :, None] | gone[:, None, :]] = 0.0
    scaled[:, index, index] = 1.0
    right = np.where(gone[:, :, None], 0.0, cross / scale[:, :, None])
    return products[:, :core, :core] - np.stack(
        [_explained(matrix, target) for matrix, target in zip(scaled, right, strict=True)]
    )


def _explained(scaled: Floats, right: Floats) -> Floats:
    """``right' scaled^- right`` for one draw."""
    from scipy.linalg import solve_triangular
    from scipy.linalg.lapack import dpotrf, dpstrf

    lower, info = dpotrf(scaled, lower=1)
    if info == 0 and np.diag(lower).min() > _PIVOT:
        half = solve_triangular(lower, right, lower=True, check_finite=False)
        return np.asarray(half.T @ half)
    lower, pivots, rank, _ = dpstrf(scaled, lower=1, tol=_PIVOT**2)
    kept = pivots[:rank] - 1
    half = solve_triangular(lower[:rank, :rank], right[kept], lower=True, check_finite=False)
    return np.asarray(half.T @ half)


@dataclass(frozen=True)
class AbsorbedAnew:
    """The same products where the crossing effects are too many for columns: they are absorbed anew for every draw.

    Attributes
    ----------
    sample : Sample
    columns : array of float, shape (n, p)
        Before absorption and weighting.
    cluster : Grouping
    """

    sample: Sample
    columns: Floats
    cluster: Grouping

    @property
    def n_clusters(self) -> int:
        """Clusters."""
        return self.cluster.n_levels

    @property
    def size(self) -> int:
        """Columns."""
        return int(self.columns.shape[1])

    @cached_property
    def whole(self) -> Floats:
        """Products over all rows, shape (p, p)."""
        return self._products(np.ones(self.n_clusters))

    def left_out(self) -> Iterator[Floats]:
        """Products with each cluster left out in turn."""
        return self.weighted(1.0 - np.eye(self.n_clusters))

    def weighted(self, weights: NDArray[np.integer] | Floats) -> Iterator[Floats]:
        """Products with each cluster counted as often as its weight says, one draw at a time."""
        for row in weights:
            yield self._products(np.asarray(row, dtype=float))[None]

    def _products(self, weights: Floats) -> Floats:
        by_row = weights[self.cluster.codes] * (1.0 if self.sample.weights is None else self.sample.weights)
        rows = np.flatnonzero(by_row > 0)
        absorber = Absorber([effect.take(rows) for effect in self.sample.effects], by_row[rows])
        values = absorber.residuals(self.columns[rows]) * np.sqrt(by_row[rows])[:, None]
        return np.asarray(values.T @ values)


Products = ClusterProducts | AbsorbedAnew


def products_of(sample: Sample, raw: Floats, absorbed: Floats, cluster: Grouping) -> Products:
    """Cross-products by cluster, with the crossing effects as columns where they are few enough.

    Parameters
    ----------
    sample : Sample
    raw, absorbed : array of float, shape (n, p)
    cluster : Grouping
    """
    if explicit_is_possible(sample, cluster):
        return cluster_products(sample, absorbed, cluster)
    return AbsorbedAnew(sample, raw, cluster)
