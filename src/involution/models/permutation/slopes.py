r"""Slopes of a treatment with clustered standard errors, for many paths of it at once, exactly.

With W the other regressors (controls, and the dummies of effects that cross units) and everything else taken out of
all columns (Frisch, Waugh and Lovell), :math:`b = x'M_Wy / x'M_Wx`. The products of x with W, y and itself by unit are
those of the years' dummies times the path; those of W and y do not depend on it. The variance is that of the clusters'
scores (crv1), or of the slopes with a cluster left out, for which :math:`(W'W - W_g'W_g)^{-1}` is made once (crv3;
MacKinnon, Nielsen and Webb 2023, *Journal of Applied Econometrics* 38: 671-694).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from involution.models.groupings import Codes, Floats
from involution.models.permutation.products import UnitProducts

_SINGULAR = 1e-10
_PINV = 1e-11
_ABSORBED = 1e-10
"""Share of a treatment's sum of squares below which what effects leave of it may be rounding in its products."""


@dataclass(frozen=True)
class Slopes:
    """Slopes and their standard errors.

    Attributes
    ----------
    estimate, std_error : array of float, shape (B, outcomes)
        Missing where a path leaves no variation of its own.
    """

    estimate: Floats
    std_error: Floats

    @property
    def statistic(self) -> Floats:
        """t statistics."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.estimate / np.where(self.std_error > 0, self.std_error, np.nan))


@dataclass(frozen=True)
class Rest:
    """A regression but for its treatment: one set of other regressors, one or more outcomes.

    Attributes
    ----------
    products : UnitProducts
    others : array of int
        Columns of W.
    outcomes : array of int
    factor : float
        Small-sample factor of crv1.
    jackknife : bool
        Whether the variance is crv3; crv1 otherwise.
    """

    products: UnitProducts
    others: Codes
    outcomes: Codes
    factor: float
    jackknife: bool

    @cached_property
    def ww(self) -> Floats:
        """W'W by cluster, (G, p, p)."""
        return np.asarray(self.products.by_cluster(self.products.values[:, self.others[:, None], self.others]))

    @cached_property
    def wy(self) -> Floats:
        """W'y by cluster, (G, p, outcomes)."""
        return np.asarray(self.products.by_cluster(self.products.values[:, self.others[:, None], self.outcomes]))

    @cached_property
    def inverse(self) -> Floats:
        """Of W'W, (p, p)."""
        return np.asarray(_inverses(self.ww.sum(axis=0)[None])[0])

    @cached_property
    def delta(self) -> Floats:
        """Coefficients of the outcomes on W alone, (p, outcomes)."""
        return np.asarray(self.inverse @ self.wy.sum(axis=0))

    @cached_property
    def left_wy(self) -> Floats:
        """W'(y - W delta) by cluster, (G, p, outcomes)."""
        return np.asarray(self.wy - self.ww @ self.delta)

    @cached_property
    def inverses_without(self) -> Floats:
        """Of W'W with each cluster left out, (G, p, p)."""
        return _inverses(self.ww.sum(axis=0) - self.ww)

    @cached_property
    def deltas_without(self) -> Floats:
        """`delta` with each cluster left out, (G, p, outcomes)."""
        return np.asarray(self.inverses_without @ (self.wy.sum(axis=0) - self.wy))

    def slopes(
        self, means: Floats, own: Sequence[int] | Codes, kept: np.ndarray | None = None, squares: Floats | float = 0.0
    ) -> Slopes:
        """Slopes of several treatments, or of one under several permutations.

        Parameters
        ----------
        means : array of float, shape (B, U, T)
            Path of each of the products' units.
        own : sequence of int, length B or 1
            Column of what each treatment holds beside its path.
        kept : array of bool, shape (B, U), optional
            Units that keep what they hold beside their path; all unless given.
        squares : array of float, shape (B,), optional
            Sum of squares of each treatment before any effect is taken out, against which what is left is held.
        """
        found = self._with_treatment(means, np.asarray(own, dtype=np.intp), kept)
        xw, xy, xx = (array.sum(axis=0) for array in found)
        gamma = xw @ self.inverse
        square = xx - (xw * gamma).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            square = np.where((square > _SINGULAR * xx) & (xx > _ABSORBED * squares), square, np.nan)
            estimate = (xy - xw @ self.delta) / square[:, None]
            variance = (self._crv3 if self.jackknife else self._crv1)(*found, gamma, square, estimate)
        return Slopes(estimate, np.sqrt(variance))

    def _with_treatment(self, means: Floats, own: Codes, kept: np.ndarray | None) -> tuple[Floats, Floats, Floats]:
        """x'W (G, B, p), x'y (G, B, outcomes) and x'x (G, B) by cluster."""
        products, t = self.products.values, self.products.n_years
        m = np.ascontiguousarray(np.swapaxes(means, 0, 1))
        columns = np.concatenate([self.others, self.outcomes])
        x = m @ products[:, :t, columns]
        square = _rowwise(m @ products[:, :t, :t], m)
        if kept is None:
            x += products[:, own[:, None], columns]
            square += 2 * _rowwise(np.broadcast_to(products[:, own, :t], m.shape), m) + products[:, own, own]
        else:
            # Few keep what they hold beside their path: those that got their own.
            u, b = np.nonzero(kept.T)
            held = np.broadcast_to(own, len(kept))[b]
            x[u, b] += products[u[:, None], held[:, None], columns]
            square[u, b] += 2 * (products[u, held, :t] * m[u, b]).sum(axis=1) + products[u, held, held]
        p = len(self.others)
        summed = self.products.by_cluster(x)
        return summed[:, :, :p], summed[:, :, p:], self.products.by_cluster(square)

    def _crv1(self, xw: Floats, xy: Floats, xx: Floats, gamma: Floats, square: Floats, estimate: Floats) -> Floats:
        of_outcome = xy - xw @ self.delta - gamma @ self.left_wy
        of_square = xx + _rowwise(gamma @ self.ww - 2 * xw, np.broadcast_to(gamma, xw.shape))
        scores = of_outcome - of_square[:, :, None] * estimate
        return np.asarray((scores**2).sum(axis=0) / square[:, None] ** 2 * self.factor)

    def _crv3(self, xw: Floats, xy: Floats, xx: Floats, gamma: Floats, square: Floats, estimate: Floats) -> Floats:
        whole = xx.sum(axis=0)
        xw, xy, xx = (array.sum(axis=0) - array for array in (xw, xy, xx))
        left = xx - _rowwise(xw @ self.inverses_without, xw)
        # What is left is held against all that there was: without a cluster that has all of it, rounding is left.
        left = np.where(left > _SINGULAR * whole, left, np.nan)
        moved = (xy - xw @ self.deltas_without) / left[:, :, None] - estimate
        g = len(xx)
        return np.asarray((g - 1) / g * (moved**2).sum(axis=0))


def _rowwise(left: Floats, right: Floats) -> Floats:
    """Products of vectors along the last axis."""
    return np.asarray(np.einsum("gbk,gbk->gb", left, right))


def _inverses(grams: Floats) -> Floats:
    """Inverses of cross-products; where columns depend on each other, those that give the same fitted values."""
    if not grams.shape[1]:
        return grams
    size = np.sqrt(np.einsum("gii->gi", grams))
    full = size.max(axis=0)
    size = np.where(size > 1e-9 * full, size, np.inf)
    scaled = grams / (size[:, :, None] * size[:, None, :])
    inverses = np.empty_like(scaled)
    try:
        pivots = np.einsum("gii->gi", np.linalg.cholesky(scaled))
        regular = pivots.min(axis=1) > 1e-5
    except np.linalg.LinAlgError:
        regular = np.zeros(len(grams), dtype=bool)
    if regular.any():
        inverses[regular] = np.linalg.inv(scaled[regular])
    if not regular.all():
        inverses[~regular] = np.linalg.pinv(scaled[~regular], rcond=_PINV, hermitian=True)
    return np.asarray(inverses / (size[:, :, None] * size[:, None, :]))
