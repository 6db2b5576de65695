"""Tests of the treatment on drawn outcomes, all from products by cluster: a draw is a weighted sum of scores.

With v the signs, the outcome drawn is ``y = v e + t x``. The estimate is ``t + B sum_g v_g Z_g'e_g``, and no variance
depends on t: what a draw without effect says of every effect follows from its estimate and standard error alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from involution.errors import NotEstimable
from involution.models.distributions import critical_value
from involution.models.groupings import Floats, Grouping
from involution.models.rehearsal.structure import MOST_CELLS, Structure
from involution.models.wild import multipliers, p_values, wild_draws

_GONE = 1e-9
_NOT_ALONE = 1e-6
LEVEL = 0.05


class Tests(Protocol):
    """Tests of no effect over draws."""

    @property
    def std_errors(self) -> Floats: ...

    def rejects(self, effect: float) -> np.ndarray:
        """The draws in which the test rejects when the outcome has this effect, shape (draws,)."""
        ...


@dataclass(frozen=True)
class Studentised:
    """Estimates over standard errors.

    Attributes
    ----------
    estimates, std_errors : array of float, shape (draws,)
        Of outcomes without effect.
    critical : float
    """

    estimates: Floats
    std_errors: Floats
    critical: float

    def rejects(self, effect: float) -> np.ndarray:
        """The draws in which the test rejects when the outcome has this effect, shape (draws,)."""
        return np.asarray(np.abs(self.estimates + effect) > self.critical * self.std_errors)


@dataclass(frozen=True)
class Wild:
    """Restricted wild cluster bootstraps, one a draw.

    Attributes
    ----------
    estimates, std_errors : array of float, shape (draws,)
        Of outcomes without effect; without factor.
    numbers : array of float, shape (5, draws, bootstraps)
        As of `models.wild.WildDraws`.
    """

    estimates: Floats
    std_errors: Floats
    numbers: Floats

    def rejects(self, effect: float) -> np.ndarray:
        """The draws in which the test rejects when the outcome has this effect, shape (draws,)."""
        return np.asarray(p_values(self.numbers, self.estimates + effect, self.std_errors) <= LEVEL)


def coefficients(structure: Structure, drawn: Floats) -> Floats:
    """All coefficients of drawn outcomes, shape (draws, k).

    Parameters
    ----------
    structure : Structure
    drawn : array of float, shape (draws, G)
        Signs.
    """
    return np.asarray((drawn @ structure.scores) @ structure.bread)


def sandwich(structure: Structure, drawn: Floats, groups: Grouping, factor: float, degrees: float) -> Studentised:
    """Tests by the sums of the scores over groups of rows.

    Parameters
    ----------
    structure : Structure
    drawn : array of float, shape (draws, G)
    groups : Grouping
        Over the structure's rows, each within one cluster.
    factor : float
        Of small samples, on the variance.
    degrees : float

    Notes
    -----
    With p the groups' sums of ``w e`` and q of ``w Z``, w the weight of a row in the estimate, the variance is the sum
    of ``(v p - q'b)^2``: three sums over the groups of a cluster serve all draws.
    """
    own, beta = structure.own, coefficients(structure, drawn)
    p = groups.sums(own * structure.residual)
    q = groups.sums(own[:, None] * structure.regressors)
    cross = Grouping("", _owners(structure, groups), structure.n_clusters).sums(p[:, None] * q)
    variance = p @ p - 2 * np.einsum("bk,bk->b", beta, drawn @ cross) + np.einsum("bk,bk->b", beta @ (q.T @ q), beta)
    errors = np.sqrt(np.maximum(variance * factor, 0.0))
    return Studentised(beta[:, structure.place], errors, critical_value(degrees))


def jackknife(structure: Structure, drawn: Floats, groups: Grouping | None = None) -> Studentised:
    """Tests by the cluster jackknife (crv3) with t(G - 1).

    Parameters
    ----------
    structure : Structure
    drawn : array of float, shape (draws, G)
    groups : Grouping, optional
        Over the structure's rows, each within one cluster; the clusters themselves unless given.
    """
    gram, scores, owner = structure.gram, structure.scores, np.arange(structure.n_clusters)
    rows = [np.arange(low, high) for low, high in pairwise(structure.bounds)]
    if groups is not None:
        rows = _rows(groups)
        gram, scores, owner = *_products(structure, groups, rows), _owners(structure, groups)
    left = without_each(structure, gram, rows)
    sums = drawn @ structure.scores
    replicates = sums @ left.T - drawn[:, owner] * np.einsum("gk,gk->g", left, scores)
    estimates = sums @ structure.bread[structure.place]
    g = len(gram)
    variance = (g - 1) / g * np.sum((replicates - estimates[:, None]) ** 2, axis=1)
    return Studentised(estimates, np.sqrt(variance), critical_value(g - 1))


def _rows(groups: Grouping) -> list[np.ndarray]:
    """The rows of each group."""
    order = np.argsort(groups.codes, kind="stable")
    return list(np.split(order, np.cumsum(groups.counts)[:-1]))


def _products(structure: Structure, groups: Grouping, rows: Sequence[np.ndarray]) -> tuple[Floats, Floats]:
    """Products of the regressors, and of regressors and residual, by group."""
    width = structure.regressors.shape[1]
    if groups.n_levels * width * width > MOST_CELLS:
        raise NotEstimable(f"{groups.n_levels:,} clusters and {width:,} columns are too many to be rehearsed with")
    gram = np.stack([structure.regressors[part].T @ structure.regressors[part] for part in rows])
    return gram, groups.sums(structure.regressors * structure.residual[:, None])


def _owners(structure: Structure, groups: Grouping) -> np.ndarray:
    """The cluster that each group lies in, shape (groups,)."""
    owner = np.empty(groups.n_levels, dtype=np.intp)
    owner[groups.codes] = np.repeat(np.arange(structure.n_clusters), np.diff(structure.bounds))
    return owner


def without_each(structure: Structure, gram: Floats, rows: Sequence[np.ndarray]) -> Floats:
    """Row of the treatment in the inverse products without each group, shape (G, k); missing where not identified.

    Parameters
    ----------
    structure : Structure
    gram : array of float, shape (G, k, k)
        Products of the regressors by group.
    rows : sequence of array of int
        Rows of each group.
    """
    total, bread, place = structure.gram.sum(axis=0), structure.bread, structure.place
    out = np.empty((len(gram), len(total)))
    for g, (inner, part) in enumerate(zip(gram, rows, strict=True)):
        found = _without_rows(structure.regressors[part], bread, place) if len(part) < len(total) else None
        out[g] = _without_products(total, inner, place) if found is None else found
    return out


def _without_rows(block: Floats, bread: Floats, place: int) -> Floats | None:
    """The row without fewer rows than there are columns (Woodbury); None where these alone tell some coefficient."""
    moved = block @ bread
    leverage, directions = np.linalg.eigh(moved @ block.T)
    if leverage[-1] > 1 - _NOT_ALONE:
        return None
    turned = directions.T @ moved
    return np.asarray(bread[place] + (turned[:, place] / (1 - leverage)) @ turned)


def _without_products(total: Floats, inner: Floats, place: int) -> Floats:
    """The row by eigenvalues: what the group alone tells of other columns is left out; of this one it must not be."""
    scale = np.sqrt(np.diag(total))
    values, vectors = np.linalg.eigh((total - inner) / np.outer(scale, scale))
    there = values > _GONE
    shown = vectors[place, there]
    if shown @ shown <= 1 - _NOT_ALONE:
        return np.full(len(total), np.nan)
    return np.asarray(vectors[:, there] @ (shown / values[there]) / scale / scale[place])


def bootstrap(structure: Structure, drawn: Floats, draws: int, seed: int) -> Wild:
    """The restricted wild cluster bootstrap of each drawn outcome.

    Parameters
    ----------
    structure : Structure
    drawn : array of float, shape (outcomes, G)
    draws : int
        Of each bootstrap; all have the same multipliers.
    seed : int
    """
    weights = multipliers(structure.n_clusters, draws, seed)
    beta = coefficients(structure, drawn)
    found = [
        wild_draws(structure.bread, structure.gram, row[:, None] * structure.scores, theta, structure.place, weights)
        for row, theta in zip(drawn, beta, strict=True)
    ]
    errors = np.array([one.std_error for one in found])
    return Wild(beta[:, structure.place], errors, np.stack([one.numbers for one in found], axis=1))
