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
        Lower triangles, row by row; the dummies of the crossing effects first, then the core columns.
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
        return np.asarray(self.reduced(self.packed.sum(axis=0)[None])[0])

    def left_out(self) -> Iterator[Floats]:
        """Products with each cluster left out in turn, in chunks of shape (c, core, core)."""
        total = self.packed.sum(axis=0)
        for chunk in self._chunks(self.n_clusters):
            yield self.reduced(total - self.packed[chunk])

    def weighted(self, weights: NDArray[np.integer] | Floats) -> Iterator[Floats]:
        """Products with each cluster counted as often as its weight says, in chunks of shape (c, core, core).

        Parameters
        ----------
        weights : array, shape (draws, G)
        """
        for chunk in self._chunks(len(weights)):
            yield self.reduced(np.asarray(weights[chunk], dtype=float) @ self.packed)

    def _chunks(self, count: int) -> Iterator[slice]:
        """Slices of a fixed size, so that no digit depends on how much memory there is."""
        rows = max(1, _CHUNK_BYTES // (8 * self.size * self.size))
        return (slice(start, min(start + rows, count)) for start in range(0, count, rows))

    def reduced(self, packed: Floats) -> Floats:
        """Products with the dummies taken out, shape (c, core, core), of packed ones, shape (c, P (P + 1) / 2)."""
        full = np.zeros((len(packed), self.size, self.size))
        for row in range(self.size):
            start = row * (row + 1) // 2
            full[:, row, : row + 1] = packed[:, start : start + row + 1]
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
    size, core = values.shape[1], columns.shape[1]
    place = np.roll(np.arange(size), -core)
    rows, others = np.tril_indices(size)
    triangle = place[rows] * size + place[others]
    packed = np.empty((cluster.n_levels, len(triangle)))
    for g in range(cluster.n_levels):
        block = values[bounds[g] : bounds[g + 1]]
        np.take(block.T @ block, triangle, out=packed[g], mode="clip")
    return ClusterProducts(packed, size, core)


def without_dummies(products: Floats, core: int) -> Floats:
    """Products of the core columns' residuals from the dummies: ``S_cc - S_cd S_dd^- S_dc``.

    Parameters
    ----------
    products : array of float, shape (b, P, P)
        The dummies first; only the lower triangles are read.
    core : int

    Returns
    -------
    array of float, shape (b, core, core)

    Notes
    -----
    With ``L`` the Cholesky factor of the products, the last block of ``L`` times its transpose. A draw in which a dummy
    has no weight or has become redundant, or a core column has lost its variation, is solved on its own.
    """
    dummies = products.shape[1] - core
    if not dummies:
        return _symmetric(products)
    factor, sound = _factorised(products)
    size = np.sqrt(np.maximum(np.einsum("bii->bi", products)[:, :dummies], 0.0))
    sound &= (size > _GONE * size.max(axis=1, keepdims=True)).all(axis=1)
    sound &= (np.einsum("bii->bi", factor)[:, :dummies] > _PIVOT * size).all(axis=1)
    last = factor[:, dummies:, dummies:]
    out = last @ np.swapaxes(last, 1, 2)
    for draw in np.flatnonzero(~sound):
        out[draw] = _with_redundant(products[draw], dummies)
    return np.asarray(out)


def _symmetric(lower: Floats) -> Floats:
    """Symmetric matrices of their lower triangles, shape (..., p, p)."""
    return np.asarray(np.tril(lower) + np.swapaxes(np.tril(lower, -1), -1, -2))


def _factorised(products: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Cholesky factors, and which of them there are; each the same whatever the others are."""
    try:
        return np.asarray(np.linalg.cholesky(products)), np.ones(len(products), dtype=bool)
    except np.linalg.LinAlgError:
        pass
    factor, sound = np.zeros_like(products), np.zeros(len(products), dtype=bool)
    for draw, matrix in enumerate(products):
        try:
            factor[draw], sound[draw] = np.linalg.cholesky(matrix), True
        except np.linalg.LinAlgError:
            continue
    return factor, sound


def _with_redundant(lower: Floats, dummies: int) -> Floats:
    """The same for one draw: dummies without weight are gone, redundant ones found by a pivoted decomposition."""
    from scipy.linalg import solve_triangular
    from scipy.linalg.lapack import dpstrf

    inner, cross, core = lower[:dummies, :dummies], lower[dummies:, :dummies], lower[dummies:, dummies:]
    size = np.sqrt(np.maximum(np.diag(inner), 0.0))
    there = np.flatnonzero(size > _GONE * size.max())
    whole = _symmetric(core)
    if not len(there):
        return whole
    scaled = inner[np.ix_(there, there)] / np.outer(size[there], size[there])
    factor, pivots, rank, _ = dpstrf(scaled, lower=1, tol=_PIVOT**2)
    kept = pivots[:rank] - 1
    right = (cross[:, there] / size[there]).T[kept]
    half = solve_triangular(factor[:rank, :rank], right, lower=True, check_finite=False)
    return np.asarray(whole - half.T @ half)


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
