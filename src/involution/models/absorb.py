"""Absorption of fixed effects: the exact solve, and an iterative one where it does not fit in memory.

The effect with most levels is eliminated by its group means; what is left of the others is a small dense
system, the Schur complement ``S = D'WD - D'WA (A'WA)^-1 A'WD``, factorised once by a pivoted Cholesky
decomposition that also reveals its rank. No tolerance has to be chosen by the user and nothing iterates.
Where the other effects have more than `EXACT_LIMIT` levels, the same system is solved by conjugate
gradients (scipy).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.groupings import Codes, Floats, Grouping

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EXACT_LIMIT = 4_000
"""Levels beside the largest effect up to which the Schur complement is factorised (128 MB at the limit)."""
_DENSE_CELLS_PER_ROW = 8
_RANK_TOLERANCE = 1e-10
_CG_TOLERANCE = 1e-12


class Absorber:
    """Residuals from a set of fixed effects, weighted or not.

    Parameters
    ----------
    groupings : sequence of Grouping
        The effects; may be empty, then nothing is absorbed.
    weights : array of float, shape (n,), optional
        Positive weights; `reweight` replaces them without building the structure again.

    Attributes
    ----------
    main : Grouping or None
        The effect with most levels, eliminated by its means.
    others : list of Grouping
        The rest, whose stacked dummy variables are the columns of `D`.
    """

    def __init__(self, groupings: Sequence[Grouping], weights: Floats | None = None) -> None:
        order = sorted(range(len(groupings)), key=lambda k: (-groupings[k].n_levels, k))
        self.main = groupings[order[0]] if order else None
        self.others = [groupings[k] for k in order[1:]]
        sizes = [grouping.n_levels for grouping in self.others]
        self.offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
        self.n_other = int(self.offsets[-1])
        self.reweight(weights)

    def reweight(self, weights: Floats | None) -> None:
        """Replace the weights; what depends on them is computed again when needed."""
        self.weights = weights
        for name in ("main_weight", "root_weight", "other_weight", "cross", "schur", "factor", "_leading", "_scale"):
            self.__dict__.pop(name, None)

    @cached_property
    def main_weight(self) -> Floats:
        """Total weight of each level of the main effect."""
        assert self.main is not None
        return self.main.counts.astype(float) if self.weights is None else self.main.sums(self.weights)

    @property
    def dense(self) -> bool:
        """Whether the table of main against other levels is dense enough to hold in full."""
        return self.main is not None and self.main.n_levels * self.n_other <= _DENSE_CELLS_PER_ROW * len(
            self.main.codes
        )

    @cached_property
    def root_weight(self) -> Floats:
        """Square root of `main_weight`."""
        return np.sqrt(self.main_weight)

    @cached_property
    def cross(self) -> Floats | csr_matrix:
        """``(A'WA)^-1/2 A'WD``: main levels (rows) against other levels (columns); ``cross'cross`` is what the main
        effect takes from ``D'WD``."""
        assert self.main is not None
        if not self.others:
            return np.zeros((self.main.n_levels, 0))
        share = self.main.spread(1.0 / self.root_weight)
        if self.weights is not None:
            share *= self.weights
        if not self.dense:
            return self._sparse(share)
        tables = []
        for cells, grouping in zip(self._cells, self.others, strict=True):
            table = np.bincount(cells, share, self.main.n_levels * grouping.n_levels)
            tables.append(table.reshape(self.main.n_levels, grouping.n_levels))
        return tables[0] if len(tables) == 1 else np.hstack(tables)

    @cached_property
    def _cells(self) -> list[Codes]:
        """For each other effect: cell of each row in its table against the main effect."""
        assert self.main is not None
        return [self.main.codes * grouping.n_levels + grouping.codes for grouping in self.others]

    @cached_property
    def _layout(self) -> tuple[Codes | None, NDArray[np.int32], NDArray[np.int32]]:
        """Where the sparse table's entries stand, one per row of the sample and other effect: the rows' order by main
        level (None if they are in it), columns, and bounds of the table's rows. Entries of one cell are not added up.
        """
        assert self.main is not None
        codes = self.main.codes
        order = None if bool((codes[1:] >= codes[:-1]).all()) else np.argsort(codes, kind="stable")
        columns = np.empty((len(codes), len(self.others)), dtype=np.int32)
        for k, grouping in enumerate(self.others):
            columns[:, k] = (grouping.codes if order is None else grouping.codes[order]) + self.offsets[k]
        bounds = np.concatenate([[0], np.cumsum(self.main.counts)]) * len(self.others)
        return order, columns.ravel(), bounds.astype(np.int32)

    def _sparse(self, share: Floats) -> csr_matrix:
        from scipy.sparse import csr_matrix

        assert self.main is not None
        order, columns, bounds = self._layout
        data = np.repeat(share if order is None else share[order], len(self.others))
        return csr_matrix((data, columns, bounds), shape=(self.main.n_levels, self.n_other))

    def within_main(self, main_sums: Floats) -> Floats:
        """``D'WA (A'WA)^-1 sums``: what sums over main levels, (n_main,) or (n_main, p), hold of the other levels."""
        root = self.root_weight if main_sums.ndim == 1 else self.root_weight[:, None]
        return np.asarray(self.cross.T @ (main_sums / root))

    @cached_property
    def schur(self) -> Floats:
        """The Schur complement of the other effects, shape (n_other, n_other)."""
        inner = self.cross.T @ self.cross
        dense = inner if isinstance(inner, np.ndarray) else inner.toarray()
        return self._other_products() - dense

    def _other_products(self) -> Floats:
        """``D'WD``: diagonal blocks of level weights, tables of one effect against another beside them."""
        out = np.zeros((self.n_other, self.n_other))
        for k, left in enumerate(self.others):
            a, b = self.offsets[k], self.offsets[k + 1]
            out[np.arange(a, b), np.arange(a, b)] = self.other_weight[a:b]
            for m in range(k + 1, len(self.others)):
                right = self.others[m]
                c, d = self.offsets[m], self.offsets[m + 1]
                cells = left.codes * right.n_levels + right.codes
                table = np.bincount(cells, self.weights, left.n_levels * right.n_levels)
                out[a:b, c:d] = table.reshape(left.n_levels, right.n_levels)
                out[c:d, a:b] = out[a:b, c:d].T
        return out

    @cached_property
    def factor(self) -> tuple[Floats, Codes, int]:
        """Pivoted Cholesky factor of the Schur complement, scaled so that ``D'WD`` has a diagonal of one: upper factor
        (its first `rank` rows hold), pivots, rank."""
        from scipy.linalg.lapack import dpstrf

        scale = self._scale
        upper, pivots, rank, info = dpstrf(self.schur * np.outer(scale, scale), tol=_RANK_TOLERANCE)
        if info < 0:
            raise NotEstimable("the fixed effects' cross-products hold a value that is not finite")
        return np.asfortranarray(upper), pivots.astype(np.intp) - 1, int(rank)

    @cached_property
    def other_weight(self) -> Floats:
        """Total weight of each level of the other effects, shape (n_other,)."""
        totals = [g.counts.astype(float) if self.weights is None else g.sums(self.weights) for g in self.others]
        return np.concatenate(totals) if totals else np.zeros(0)

    @property
    def rank(self) -> int:
        """Dimensions that the effects take up, exactly (Schur complements above the limit: levels minus one each)."""
        if self.main is None:
            return 0
        if not self.others:
            return self.main.n_levels
        if self.n_other > EXACT_LIMIT:
            return self.main.n_levels + self.n_other - len(self.others)
        return self.main.n_levels + self.factor[2]

    def other_sums(self, values: Floats) -> Floats:
        """``D'values``, shape (n_other,) or (n_other, p)."""
        if not self.others:
            return np.zeros((0, *values.shape[1:]))
        return np.concatenate([grouping.sums(values) for grouping in self.others])

    def solve(self, right: Floats) -> Floats:
        """``S^- right`` for `right` of shape (n_other,) or (n_other, p)."""
        if self.n_other > EXACT_LIMIT:
            return self._solve_iteratively(right)
        from scipy.linalg.lapack import dpotrs

        upper, pivots, rank = self._leading
        out = np.zeros_like(right)
        if rank:
            scale = self._scale[pivots] if right.ndim == 1 else self._scale[pivots][:, None]
            out[pivots] = scale * dpotrs(upper, scale * right[pivots])[0]
        return out

    @cached_property
    def _scale(self) -> Floats:
        """One over the root of each other level's weight; one where it has none."""
        return 1.0 / np.sqrt(np.where(self.other_weight > 0, self.other_weight, 1.0))

    @cached_property
    def _leading(self) -> tuple[Floats, Codes, int]:
        """The part of `factor` that solves: upper factor and pivots of the first `rank` columns."""
        upper, pivots, rank = self.factor
        return np.asfortranarray(upper[:rank, :rank]), pivots[:rank], rank

    def null_values(self) -> Floats:
        """Values, row by row, of the combinations of effects that vanish on every row of positive weight; (n, m).

        Rows of weight zero take their levels' values. Empty above `EXACT_LIMIT`, where no factor is made.
        """
        if self.main is None or not self.others or self.n_other > EXACT_LIMIT:
            return np.zeros((0 if self.main is None else len(self.main.codes), 0))
        from scipy.linalg import solve_triangular

        upper, pivots, rank = self.factor
        free = self.n_other - rank
        vectors = np.zeros((self.n_other, free))
        vectors[pivots[rank:], np.arange(free)] = 1.0
        if rank:
            vectors[pivots[:rank]] = -solve_triangular(upper[:rank, :rank], upper[:rank, rank:])
        vectors *= self._scale[:, None]
        out = np.empty((len(self.main.codes), free), order="F")
        for j in range(free):
            # Rows of positive weight agree, within a main level, on the value that the main effect must take back.
            means = (self.cross @ vectors[:, j]) / self.root_weight
            out[:, j] = self.spread(vectors[:, j]) - self.main.spread(means)
        return out

    def _solve_iteratively(self, right: Floats) -> Floats:
        from scipy.sparse.linalg import LinearOperator, cg

        def product(vector: Floats) -> Floats:
            spread = self.spread(vector.ravel())
            weighted = spread if self.weights is None else spread * self.weights
            assert self.main is not None
            return self.other_sums(weighted) - self.within_main(self.main.sums(weighted))

        operator = LinearOperator((self.n_other, self.n_other), matvec=product, dtype=float)
        preconditioner = LinearOperator(
            (self.n_other, self.n_other), matvec=lambda v: v.ravel() / self.other_weight, dtype=float
        )
        columns = right.reshape(self.n_other, -1).copy()
        out = np.zeros_like(columns)
        for k in range(len(self.others)):
            # Each effect's levels sum to the constant, which the main effect holds: rounding in that null space stalls.
            block = columns[self.offsets[k] : self.offsets[k + 1]]
            block -= block.mean(axis=0)
        for j in range(columns.shape[1]):
            if np.any(columns[:, j]):
                out[:, j], info = cg(operator, columns[:, j], rtol=_CG_TOLERANCE, maxiter=5_000, M=preconditioner)
                if info > 0:
                    raise NotEstimable("the absorption of the fixed effects did not converge in 5,000 steps")
        return out.reshape(right.shape)

    def spread(self, effects: Floats) -> Floats:
        """``D effects``: each row's sum of its other levels' values, shape (n,)."""
        out = self.others[0].spread(effects[: self.offsets[1]])
        for k in range(1, len(self.others)):
            out += self.others[k].spread(effects[self.offsets[k] : self.offsets[k + 1]])
        return out

    def residuals(self, columns: Floats) -> Floats:
        """Residuals of `columns` from the effects.

        Parameters
        ----------
        columns : array of float, shape (n, p)
            No missing values.

        Returns
        -------
        array of float, shape (n, p), Fortran order
        """
        if self.main is None or not columns.shape[1]:
            return np.asfortranarray(columns, dtype=float)
        out = np.empty(columns.shape, order="F")
        # Centring first loses no generality (a constant is always absorbed) and keeps the sums of large numbers exact.
        for j in range(columns.shape[1]):
            np.subtract(columns[:, j], columns[:, j].mean(), out=out[:, j])
        self._subtract(out)
        return out

    def _subtract(self, columns: Floats) -> None:
        """Take the effects out in place, column by column: a column's digits never depend on its neighbours."""
        assert self.main is not None
        scratch = np.empty(len(columns))
        for j in range(columns.shape[1]):
            column = columns[:, j]
            weighted = column if self.weights is None else np.multiply(column, self.weights, out=scratch)
            means = self.main.sums(weighted) / self.main_weight
            if self.others:
                effects = self.solve(self.other_sums(weighted) - self.within_main(means * self.main_weight))
                means -= (self.cross @ effects) / self.root_weight
                for k, grouping in enumerate(self.others):
                    column -= grouping.spread(effects[self.offsets[k] : self.offsets[k + 1]], out=scratch)
            column -= self.main.spread(means, out=scratch)
