"""Values at which a slope may change, and the products that every search and every bootstrap draw rests on.

A candidate value t adds the columns ``x 1{w <= t}`` (and ``1{w <= t}`` where the level may change too). With M taking
out fixed effects and common regressors, the sum of squares at t depends on the data through ``z(t)'My`` and
``z(s)'Mz(t)`` alone; both are formed once, in batches that fit in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.sample import Sample
from involution.models.solve import inverse

_BATCH_BYTES = 64_000_000
_NO_VARIATION = 1e-8


@dataclass(frozen=True)
class Candidates:
    """The values searched.

    Attributes
    ----------
    values : array of float, shape (T,)
        Ascending; each is a value of the threshold column.
    below : array of int, shape (T,)
        Rows at or below each value.
    least : int
        Rows that every regime must have.
    n : int
        Rows of the sample.
    """

    values: Floats
    below: Codes
    least: int
    n: int

    def __len__(self) -> int:
        return len(self.values)

    def beside(self, k: int) -> np.ndarray:
        """Candidates that leave enough rows between themselves and candidate k, shape (T,)."""
        return np.asarray(np.abs(self.below - self.below[k]) >= self.least)


def candidates(w: Floats, *, trim: float, grid: int | None) -> Candidates:
    """Values of w that leave at least a share `trim` of the rows on either side.

    Parameters
    ----------
    w : array of float, shape (n,)
    trim : float
    grid : int or None
        At most this many quantiles of w; every value where None.

    Raises
    ------
    NotEstimable
        When no value leaves enough rows on both sides.
    """
    values, counts = np.unique(w, return_counts=True)
    below, n = np.cumsum(counts), len(w)
    least = max(1, int(np.ceil(trim * n)))
    inside = (below >= least) & (n - below >= least)
    if not inside.any():
        raise NotEstimable(
            f"no value of the threshold variable leaves {trim:.0%} of the {n:,} rows on either side; it has "
            f"{len(values):,} values"
        )
    chosen = _quantiles(below[inside], grid)
    return Candidates(values[inside][chosen], below[inside][chosen].astype(np.intp), least, n)


def _quantiles(below: Codes, grid: int | None) -> Codes:
    """Positions of at most `grid` values that divide the rows evenly; of all where that is None."""
    if grid is None or len(below) <= grid:
        return np.arange(len(below))
    return np.unique(np.searchsorted(below, np.linspace(below[0], below[-1], grid)))


def refined(searched: Candidates, w: Floats, brackets: Sequence[tuple[float, float]], grid: int | None) -> Candidates:
    """The values searched, with those between that lie in brackets around the thresholds found so far.

    Parameters
    ----------
    searched : Candidates
    w : array of float, shape (n,)
    brackets : sequence of (float, float)
        Lowest and highest value.
    grid : int or None
        At most this many quantiles in each bracket.
    """
    values, counts = np.unique(w, return_counts=True)
    below = np.cumsum(counts)
    wanted = np.isin(values, searched.values)
    for low, high in brackets:
        inside = np.flatnonzero((values >= low) & (values <= high))
        wanted[inside[_quantiles(below[inside], grid)]] = True
    return Candidates(values[wanted], below[wanted].astype(np.intp), searched.least, searched.n)


@dataclass(frozen=True)
class Null:
    """The model without a threshold.

    Attributes
    ----------
    sample : Sample
    common : array of float, shape (n, k)
        Regressors common to all regimes, the treatment among them; absorbed, times root weights.
    bread : array of float, shape (k, k)
    residual : array of float, shape (n,)
    changing : array of float, shape (n, p)
        What changes at a threshold, before absorption: the treatment, a column of ones where the level may change.
    w : array of float, shape (n,)
        The threshold variable.
    """

    sample: Sample
    common: Floats
    bread: Floats
    residual: Floats
    changing: Floats
    w: Floats

    def annihilated(self, raw: Floats) -> Floats:
        """Columns without fixed effects and common regressors, times root weights, shape (n, m)."""
        out = self.sample.absorber.residuals(raw)
        if self.sample.root_weights is not None:
            out *= self.sample.root_weights[:, None]
        if self.common.shape[1]:
            out -= self.common @ (self.bread @ (self.common.T @ out))
        return out


def null_model(sample: Sample, common: Floats, outcome: Floats, changing: Floats, w: Floats) -> Null:
    """The model without a threshold from absorbed columns; parameters as the attributes of `Null`."""
    bread = inverse(common.T @ common) if common.shape[1] else np.zeros((0, 0))
    residual = outcome - common @ (bread @ (common.T @ outcome))
    return Null(sample, common, bread, residual, changing, w)


@dataclass(frozen=True)
class Products:
    """What the sums of squares of all candidates depend on.

    Attributes
    ----------
    candidates : Candidates
        Those at which the slope is identified.
    gram : array of float, shape (T, p, T, p)
        ``z(s)'Mz(t)``.
    cross : array of float, shape (T, p)
        ``z(t)'My``.
    total : float
        Sum of squared residuals of the model without a threshold.
    """

    candidates: Candidates
    gram: Floats
    cross: Floats
    total: float

    @property
    def width(self) -> int:
        """Columns that a threshold adds."""
        return int(self.cross.shape[1])


def products(null: Null, searched: Candidates) -> Products:
    """Form the products of all candidates.

    Parameters
    ----------
    null : Null
    searched : Candidates

    Raises
    ------
    NotEstimable
        When the fixed effects and the common regressors leave no candidate's columns any variation.
    """
    count, width = len(searched), null.changing.shape[1]
    order = np.argsort(null.w, kind="stable")
    starts = np.concatenate([[0], searched.below[:-1]])
    weighted = null.changing if null.sample.root_weights is None else null.changing * null.sample.root_weights[:, None]
    weighted = weighted[order]
    gram = np.empty((count, width, count, width))
    cross = np.empty((count, width))
    for part, columns in _annihilated(null, searched):
        cross[part] = (columns.T @ null.residual).reshape(-1, width)
        ordered = columns[order]
        for i in range(width):
            # z(s) is zero above s: its products are cumulated sums over the rows in the order of w.
            sums = np.add.reduceat(ordered * weighted[:, [i]], starts, axis=0)
            sums[-1] = (ordered[starts[-1] : searched.below[-1]] * weighted[starts[-1] : searched.below[-1], [i]]).sum(
                0
            )
            gram[:, i, part, :] = np.cumsum(sums, axis=0).reshape(count, -1, width)
    kept = _identified(gram, weighted, searched)
    if not kept.any():
        raise NotEstimable("fixed effects and regressors leave no variation in the slope below any threshold")
    chosen = Candidates(searched.values[kept], searched.below[kept], searched.least, searched.n)
    total = float(null.residual @ null.residual)
    return Products(chosen, gram[kept][:, :, kept], cross[kept], total)


def _annihilated(null: Null, searched: Candidates) -> Iterator[tuple[slice, Floats]]:
    """Columns of the candidates in batches, fixed effects and common regressors taken out."""
    n, width = null.changing.shape
    size = max(1, int(_BATCH_BYTES // (8 * n * width)))
    for start in range(0, len(searched), size):
        part = slice(start, min(start + size, len(searched)))
        values = searched.values[part]
        raw = np.empty((n, len(values) * width), order="F")
        for k, value in enumerate(values):
            raw[:, k * width : (k + 1) * width] = null.changing * (null.w <= value)[:, None]
        yield part, null.annihilated(raw)


def _identified(gram: Floats, weighted: Floats, searched: Candidates) -> np.ndarray:
    """Candidates whose columns keep variation of their own, shape (T,)."""
    raw = np.cumsum(weighted**2, axis=0)[searched.below - 1]
    own = np.stack([gram[t, :, t, :] for t in range(len(searched))])
    size = np.sqrt(np.maximum(np.diagonal(own, axis1=1, axis2=2), 0))
    alive = (size > _NO_VARIATION * np.sqrt(np.maximum(raw, np.finfo(float).tiny))).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = own / (size[:, :, None] * size[:, None, :])
    correlation[~alive] = np.eye(own.shape[1])
    return np.asarray(alive & (np.linalg.eigvalsh(correlation)[:, 0] > _NO_VARIATION))


def cluster_scores(null: Null, searched: Candidates, residual: Floats, cluster: Grouping) -> Floats:
    """``z(t)'M`` times each cluster's part of a residual: a bootstrap draw is a weighted sum of them.

    Parameters
    ----------
    null : Null
    searched : Candidates
    residual : array of float, shape (n,)
    cluster : Grouping

    Returns
    -------
    array of float, shape (T, p, G)
    """
    width = null.changing.shape[1]
    out = np.empty((len(searched), width, cluster.n_levels))
    for part, columns in _annihilated(null, searched):
        out[part] = cluster.sums(columns * residual[:, None]).T.reshape(-1, width, cluster.n_levels)
    return out
