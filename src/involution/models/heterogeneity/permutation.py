r"""Fisher's permutation test that two groups share a slope, every draw estimated exactly.

Under the hypothesis that labels are exchangeable among the units of a block, the differences :math:`d_1, ..., d_B` of
the slopes of two groups' own regressions under permuted labels have the distribution of the observed one, :math:`d`.
With :math:`m` the mean of all :math:`B + 1` and :math:`s` the clustered standard error of each

.. math:: p = \frac{1 + \#\{|d_b - m| / s_b \ge |d - m| / s\}}{1 + B}

is valid whatever the number of draws. The mean is not zero where labels move inside clusters only: a group with more
firms in some clusters keeps them, and what that does to the difference is the same in every draw. Dividing by the
standard error keeps the test valid, in large samples, where groups share the slope but not the variance of their errors
(Chung and Romano 2013, *Annals of Statistics* 41: 484-507); the plain difference is not.

Where no unit changes its label and few columns of effects cross the units, a draw is a sum of the units' cross-products
and a small solve; else effects are absorbed anew in every draw. Both give what re-estimation gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.crossproducts import ClusterColumns, cluster_columns, explicit_is_possible
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.heterogeneity.labels import Labels, Units, floats
from involution.models.linear import Linear

_MOST_PRODUCTS = 25_000_000
"""Numbers of all units' cross-products that are held at once."""
_BATCH_NUMBERS = 8_000_000
_TIES = 1e-9
_RANK = 1e-10


@dataclass(frozen=True)
class Permuted:
    """Differences of two groups' slopes under permuted labels.

    Attributes
    ----------
    observed, error : float
        Of the labels as they are, with its clustered standard error (no small-sample factor).
    draws, errors : array of float, shape (B,)
        Those that could be estimated.
    lost : int
        Draws that left a group without variation in the treatment.
    exact_products : bool
        Whether draws are sums of cross-products; else effects were absorbed anew in each.
    """

    observed: float
    error: float
    draws: Floats
    errors: Floats
    lost: int
    exact_products: bool

    @property
    def middle(self) -> float:
        """The mean of all differences, the observed one among them."""
        return float(np.mean([self.observed, *self.draws]))

    @property
    def p_value(self) -> float:
        """Two-sided, of the difference in standard errors from the mean; missing where it has none."""
        if np.isnan(self.error):
            return float("nan")
        return self._share(
            np.abs(self.draws - self.middle) / self.errors, abs(self.observed - self.middle) / self.error
        )

    @property
    def plain(self) -> float:
        """Two-sided, of the difference itself from the mean."""
        return self._share(np.abs(self.draws - self.middle), abs(self.observed - self.middle))

    @property
    def one_sided(self) -> float:
        """Share of the draws at least as large as the observed difference, or as small where it is negative."""
        sign = 1.0 if self.observed >= 0 else -1.0
        return self._share(sign * self.draws, sign * self.observed)

    def _share(self, drawn: Floats, observed: float) -> float:
        least = observed - _TIES * abs(observed)
        return float((1 + (drawn >= least).sum()) / (1 + len(drawn)))


def permuted(linear: Linear, treatment: str, units: Units, draws: int, seed: int) -> Permuted:
    """Differences of the slope of `treatment`, second group less first, under permuted labels.

    Parameters
    ----------
    linear : Linear
        The regression of both groups together, whose rows and columns are used.
    treatment : str
    units : Units
    draws, seed : int

    Raises
    ------
    NotEstimable
        When no draw, or the data themselves, identify the slope in both groups.
    """
    place = linear.names.index(treatment)
    products = _products(linear, units)
    found = [np.array([_absorbed(linear, place, units, units.paths)])]
    if products is None:
        for given in units.draws(draws, seed):
            found.append(np.array([_absorbed(linear, place, units, units.paths[order]) for order in given]))
    else:
        label = floats(units.paths[:, 0])
        for given in units.draws(draws, seed):
            found += products.differences(label[given], place)
    observed, *every = np.concatenate(found)
    drawn = np.array(every)
    known = drawn[(drawn[:, 1] > 0) & ~np.isnan(drawn[:, 0])]
    if np.isnan(observed).any() or not len(known):
        raise NotEstimable(f"the slope of {treatment} is not identified in both groups")
    lost = len(drawn) - len(known)
    return Permuted(float(observed[0]), float(observed[1]), known[:, 0], known[:, 1], lost, products is not None)


@dataclass(frozen=True)
class _Products:
    """Cross-products of each unit, (U, p (p + 1) / 2), where columns stand in them, and each unit's cluster."""

    columns: ClusterColumns
    values: Floats
    upper: tuple[np.ndarray, np.ndarray]
    cluster: Codes

    def differences(self, labels: Floats, place: int) -> Iterator[Floats]:
        """Slope where the label is one less that where it is zero, and its error: (draws, 2), of labels (draws, U)."""
        total = self.values.sum(axis=0)
        widest = max(self.columns.values.shape[1] ** 2, len(self.values))
        size = max(1, _BATCH_NUMBERS // widest)
        for start in range(0, len(labels), size):
            label = labels[start : start + size]
            second = label @ self.values
            slope, moves = self._slopes(second, place)
            other, others = self._slopes(total - second, place)
            moves = label * moves - (1 - label) * others
            yield np.column_stack([slope - other, self._error(moves)])

    def _slopes(self, packed: Floats, place: int) -> tuple[Floats, Floats]:
        """The slope for each of many sums of products, (draws,), and how much each unit moves it, (draws, U)."""
        p, k = self.columns.values.shape[1], len(self.columns.regressors)
        whole = np.empty((len(packed), p, p))
        whole[:, self.upper[0], self.upper[1]] = packed
        whole[:, self.upper[1], self.upper[0]] = packed
        regressors, y = self.columns.regressors, self.columns.outcome
        b, bread = _solved(whole[:, regressors][:, :, regressors], whole[:, regressors, y], place)
        # Unit u moves the slope by bread'(x_u'y_u - x_u'x_u b): a weighted sum of its products.
        weights = np.zeros((len(packed), p, p))
        weights[:, np.array(regressors)[:, None], np.array(regressors)] = -bread[:, :, None] * b[:, None, :]
        weights[:, np.array(regressors), np.full(k, y)] = bread
        weights = weights + np.swapaxes(weights, 1, 2)
        index = np.arange(p)
        weights[:, index, index] /= 2
        return b[:, place], weights[:, self.upper[0], self.upper[1]] @ self.values.T

    def _error(self, moves: Floats) -> Floats:
        sums = Grouping("", self.cluster, int(self.cluster.max()) + 1).sums(moves.T)
        return np.asarray(np.sqrt((sums**2).sum(axis=0)))


def _products(linear: Linear, units: Units) -> _Products | None:
    """Cross-products by unit; None where labels change inside a unit or the columns are too many."""
    if not units.constant or not explicit_is_possible(linear.sample, units.grouping):
        return None
    crossing = sum(e.n_levels for e in linear.sample.effects if not e.nested_in(units.grouping))
    p = crossing + len(linear.names) + 1
    if units.grouping.n_levels * p * (p + 1) // 2 > _MOST_PRODUCTS:
        return None
    columns = cluster_columns(linear, units.grouping)
    upper = np.triu_indices(columns.values.shape[1])
    values = np.stack([columns.products(g)[upper] for g in range(columns.n_clusters)])
    return _Products(columns, values, upper, units.cluster)


def _solved(gram: Floats, right: Floats, place: int) -> tuple[Floats, Floats]:
    """Coefficients of many normal equations, and the row of their inverse that belongs to one of them.

    Parameters
    ----------
    gram : array of float, shape (draws, k, k)
    right : array of float, shape (draws, k)
    place : int

    Returns
    -------
    array of float, shape (draws, k)
        Missing where the coefficient at `place` is not identified; of least norm where only others are not.
    array of float, shape (draws, k)
    """
    scale = np.sqrt(np.maximum(np.einsum("dii->di", gram), 0))
    largest = scale.max(axis=0)
    empty = scale <= 1e-9 * np.where(largest > 0, largest, 1.0)
    scale = np.where(empty, 1.0, scale)
    scaled = np.where(empty[:, :, None] | empty[:, None, :], 0.0, gram / (scale[:, :, None] * scale[:, None, :]))
    index = np.arange(gram.shape[1])
    scaled[:, index, index] = 1.0
    unit = np.zeros_like(right)
    unit[:, place] = 1.0
    sides = np.stack([np.where(empty, 0.0, right) / scale, unit], axis=2)
    least = np.linalg.eigvalsh(scaled)[:, 0]
    regular = least > _RANK * gram.shape[1]
    out = np.full(sides.shape, np.nan)
    if regular.any():
        out[regular] = np.linalg.solve(scaled[regular], sides[regular])
    for draw in np.flatnonzero(~regular):
        out[draw] = _least_norm(scaled[draw], sides[draw], place)
    out[empty[:, place]] = np.nan
    return out[:, :, 0] / scale, out[:, :, 1] / (scale * scale[:, [place]])


def _least_norm(gram: Floats, sides: Floats, place: int) -> Floats:
    """Solutions of least norm of equations of less than full rank; missing where they do not identify `place`."""
    values, vectors = np.linalg.eigh(gram)
    large = values > _RANK * len(values)
    kept = vectors[:, large]
    if abs((kept @ kept[place])[place] - 1) > 1e-7:
        return np.full(sides.shape, np.nan)
    return np.asarray(kept @ ((kept.T @ sides) / values[large][:, None]))


def _absorbed(linear: Linear, place: int, units: Units, paths: Labels) -> tuple[float, float]:
    """The difference of slopes and its error when units have these paths, effects of each group absorbed anew."""
    label, sample = units.by_row(paths), linear.sample
    slopes, moves = [], np.zeros(sample.n)
    for rows, sign in ((np.flatnonzero(label), 1.0), (np.flatnonzero(~label), -1.0)):
        weights = None if sample.weights is None else sample.weights[rows]
        columns = np.column_stack([linear.regressors, linear.outcome])[rows]
        if weights is not None:
            columns = columns / np.sqrt(weights)[:, None]
        before = np.linalg.norm(columns, axis=0)
        columns = Absorber([effect.take(rows) for effect in sample.effects], weights).residuals(columns)
        columns[:, np.linalg.norm(columns, axis=0) <= _TIES * before] = 0.0
        if weights is not None:
            columns = columns * np.sqrt(weights)[:, None]
        x, y = columns[:, :-1], columns[:, -1]
        b, bread = _solved((x.T @ x)[None], (x.T @ y)[None], place)
        slopes.append(float(b[0, place]))
        moves[rows] = sign * (x @ bread[0]) * (y - x @ b[0])
    cluster = units.cluster[units.grouping.codes]
    return slopes[0] - slopes[1], float(np.linalg.norm(np.bincount(cluster, moves)))
