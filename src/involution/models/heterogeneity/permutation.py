r"""Fisher's permutation test that two groups share a slope, every draw estimated exactly.

The statistic is the difference :math:`d` of the slopes of two groups' own regressions. Under the hypothesis that labels
are exchangeable among the units of a block, the differences :math:`d_1, ..., d_B` under permuted labels have the same
distribution, and with :math:`m` the mean of all :math:`B + 1`

.. math:: p = \frac{1 + \#\{|d_b - m| \ge |d - m|\}}{1 + B}

is valid whatever the number of draws. The mean is not zero where labels move inside clusters only: a group with more
firms in some clusters keeps them, and what that does to the difference is the same in every draw.

Where no unit changes its label and few columns of effects cross the units, a draw is a sum of the units' cross-products
and a small solve; else effects are absorbed anew in every draw. Both give what re-estimation gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.crossproducts import ClusterColumns, cluster_columns, explicit_is_possible
from involution.models.groupings import Floats
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
    observed : float
    draws : array of float, shape (B,)
        Those that could be estimated.
    lost : int
        Draws that left a group without variation in the treatment.
    exact_products : bool
        Whether draws are sums of cross-products; else effects were absorbed anew in each.
    """

    observed: float
    draws: Floats
    lost: int
    exact_products: bool

    @property
    def p_value(self) -> float:
        """Two-sided, about the mean of the differences."""
        middle = np.mean([self.observed, *self.draws])
        far = abs(self.observed - middle) * (1 - _TIES)
        return float((1 + (np.abs(self.draws - middle) >= far).sum()) / (1 + len(self.draws)))

    @property
    def one_sided(self) -> float:
        """Share of the draws at least as large as the observed difference, or as small where it is negative."""
        sign = 1.0 if self.observed >= 0 else -1.0
        beyond = sign * self.draws >= sign * self.observed - _TIES * abs(self.observed)
        return float((1 + beyond.sum()) / (1 + len(self.draws)))


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
    parts: list[Floats] = []
    if products is None:
        observed = _absorbed(linear, place, units.by_row(units.paths))
        for given in units.draws(draws, seed):
            parts += [np.array([_absorbed(linear, place, units.by_row(units.paths[order])) for order in given])]
    else:
        label = floats(units.paths[:, 0])
        observed = float(products.differences(label[None], place)[0])
        for given in units.draws(draws, seed):
            parts.append(products.differences(label[given], place))
    every = np.concatenate(parts)
    known = every[~np.isnan(every)]
    if np.isnan(observed) or not len(known):
        raise NotEstimable(f"the slope of {treatment} is not identified in both groups")
    return Permuted(observed, known, len(every) - len(known), products is not None)


@dataclass(frozen=True)
class _Products:
    """Cross-products of each unit, (U, p (p + 1) / 2), and where columns stand in them."""

    columns: ClusterColumns
    values: Floats
    upper: tuple[np.ndarray, np.ndarray]

    def differences(self, labels: Floats, place: int) -> Floats:
        """Slope in the units with label one less that in the others, for labels (draws, U)."""
        total = self.values.sum(axis=0)
        size = max(1, _BATCH_NUMBERS // self.columns.values.shape[1] ** 2)
        out = []
        for start in range(0, len(labels), size):
            second = labels[start : start + size] @ self.values
            out.append(self._slopes(second, place) - self._slopes(total - second, place))
        return np.concatenate(out)

    def _slopes(self, packed: Floats, place: int) -> Floats:
        p = self.columns.values.shape[1]
        whole = np.empty((len(packed), p, p))
        whole[:, self.upper[0], self.upper[1]] = packed
        whole[:, self.upper[1], self.upper[0]] = packed
        regressors, y = self.columns.regressors, self.columns.outcome
        return _solved(whole[:, regressors][:, :, regressors], whole[:, regressors, y], place)


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
    return _Products(columns, values, upper)


def _solved(gram: Floats, right: Floats, place: int) -> Floats:
    """One coefficient of each of many normal equations, (draws, k, k) and (draws, k); missing where not identified."""
    scale = np.sqrt(np.maximum(np.einsum("dii->di", gram), 0))
    largest = scale.max(axis=0)
    empty = scale <= 1e-9 * np.where(largest > 0, largest, 1.0)
    scale = np.where(empty, 1.0, scale)
    scaled = gram / (scale[:, :, None] * scale[:, None, :])
    index = np.arange(gram.shape[1])
    scaled[empty] = 0.0
    scaled = np.where(empty[:, None, :], 0.0, scaled)
    scaled[:, index, index] = 1.0
    right = np.where(empty, 0.0, right) / scale
    least = np.linalg.eigvalsh(scaled)[:, 0]
    regular = least > _RANK * gram.shape[1]
    out = np.full(len(gram), np.nan)
    if regular.any():
        out[regular] = np.linalg.solve(scaled[regular], right[regular][:, :, None])[:, place, 0]
    for draw in np.flatnonzero(~regular):
        out[draw] = _minimum_norm(scaled[draw], right[draw], place)
    return np.where(empty[:, place], np.nan, out / scale[:, place])


def _minimum_norm(gram: Floats, right: Floats, place: int) -> float:
    """A coefficient of equations of less than full rank; missing where they do not identify it."""
    values, vectors = np.linalg.eigh(gram)
    kept = vectors[:, values > _RANK * len(values)]
    unit = kept @ kept[place]
    identified = abs(unit[place] - 1) < 1e-7
    return float(kept[place] @ ((kept.T @ right) / values[values > _RANK * len(values)])) if identified else np.nan


def _absorbed(linear: Linear, place: int, label: Labels) -> float:
    """The difference of slopes with the effects of each group absorbed anew."""
    found = []
    for rows in (np.flatnonzero(label), np.flatnonzero(~label)):
        sample = linear.sample
        weights = None if sample.weights is None else sample.weights[rows]
        columns = np.column_stack([linear.regressors, linear.outcome])[rows]
        if weights is not None:
            columns = columns / np.sqrt(weights)[:, None]
        before = np.linalg.norm(columns, axis=0)
        columns = Absorber([effect.take(rows) for effect in sample.effects], weights).residuals(columns)
        columns[:, np.linalg.norm(columns, axis=0) <= _TIES * before] = 0.0
        if weights is not None:
            columns = columns * np.sqrt(weights)[:, None]
        gram = columns[:, :-1].T @ columns[:, :-1]
        found.append(float(_solved(gram[None], (columns[:, :-1].T @ columns[:, -1])[None], place)[0]))
    return found[0] - found[1]
