"""Which units a permutation moves group labels between, and the labels of each draw.

A unit is what has one label: a firm, or a cluster where all its firms are in one group. Labels are permuted among units
of one block: all units, or the firms of one cluster. A firm that changes group keeps its path of labels together, and
paths are permuted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from involution.errors import NotEstimable
from involution.models.groupings import Codes, Floats, Grouping

Labels = NDArray[np.bool_]
_BATCH_LABELS = 16_000_000


@dataclass(frozen=True)
class Units:
    """Units of a permutation.

    Attributes
    ----------
    grouping : Grouping
        Unit of each row.
    block : array of int, shape (U,)
        Block of each unit, among whose units labels move.
    cluster : array of int, shape (U,)
        Cluster of each unit, over which the statistic's standard error is summed.
    paths : array of bool, shape (U, T)
        Whether a unit is in the second of two groups, by year; one column where labels do not change.
    year : array of int, shape (n,)
        Column of `paths` of each row.
    kind : str
        cluster, within_cluster or firm.
    level : str
        What units are called in the data.
    movers : int
        Firms, counted once for each further cluster, that have rows in several; they count in that of most of theirs.
    """

    grouping: Grouping
    block: Codes
    cluster: Codes
    paths: Labels
    year: Codes
    kind: str
    level: str
    movers: int = 0

    @property
    def constant(self) -> bool:
        """Whether no unit changes its label."""
        return bool(self.paths.shape[1] == 1)

    def by_row(self, paths: Labels) -> Labels:
        """The label of each row when units have these paths, (n,)."""
        return np.asarray(paths[self.grouping.codes, self.year])

    def draws(self, count: int, seed: int) -> Iterator[Codes]:
        """Permutations in batches, (draws, U): the unit whose path each unit is given."""
        generator = np.random.default_rng(seed)
        base = np.argsort(self.block, kind="stable")
        size = max(1, _BATCH_LABELS // len(base))
        for start in range(0, count, size):
            keys = self.block + generator.random((min(size, count - start), len(base)))
            order = np.argsort(keys, axis=1, kind="stable")
            given = np.empty_like(order)
            given[:, base] = order
            yield given

    @property
    def distinct(self) -> float:
        """How many assignments of labels differ, where labels do not change; infinite beyond counting."""
        total = 0.0
        for block in np.unique(self.block):
            _, counts = np.unique(self.paths[self.block == block], axis=0, return_counts=True)
            total += gammaln(counts.sum() + 1) - gammaln(counts + 1).sum()
        return float(np.round(np.exp(total))) if total < 30 else np.inf


def units_of(kind: str, label: Labels, firm: Grouping | None, clusters: list[Grouping], year: Grouping | None) -> Units:
    """The units of a permutation.

    Parameters
    ----------
    kind : str
        auto, cluster, within_cluster or firm.
    label : array of bool, shape (n,)
        Rows of the second of two groups.
    firm, year : Grouping or None
    clusters : list of Grouping
        With `auto` the first in which no cluster has rows of both groups, else within those of the first.

    Raises
    ------
    NotEstimable
        Where there is no firm, or labels differ inside clusters that are to be permuted whole.
    """
    whole = [cluster for cluster in clusters if _constant(label, cluster)]
    if kind == "cluster" and not whole:
        raise NotEstimable("clusters cannot be permuted: some have rows of both groups")
    if whole and kind in ("auto", "cluster"):
        own, paths = np.arange(whole[0].n_levels), _firsts(label, whole[0])[:, None]
        column, name = np.zeros(len(label), np.intp), whole[0].name
        return Units(whole[0], _one_block(whole[0]), own, paths, column, "cluster", name)
    if firm is None:
        raise NotEstimable("groups cannot be permuted over firms: the rows have no firm")
    within = clusters and kind != "firm" and clusters[0].n_levels < firm.n_levels
    home = _most(clusters[0], firm) if clusters else np.arange(firm.n_levels)
    block = home if within else _one_block(firm)
    if _constant(label, firm):
        paths, column = _firsts(label, firm)[:, None], np.zeros(len(label), np.intp)
    elif year is None:
        raise NotEstimable("firms change group, and the rows have no year to permute their paths by")
    else:
        paths, column = _paths(label, firm, year), year.codes
    movers = (
        int(len(np.unique(firm.codes * clusters[0].n_levels + clusters[0].codes)) - firm.n_levels) if clusters else 0
    )
    return Units(firm, block, home, paths, column, "within_cluster" if within else "firm", firm.name, movers)


def _constant(label: Labels, grouping: Grouping) -> bool:
    sums = grouping.sums(label.astype(float))
    return bool(((sums == 0) | (sums == grouping.counts)).all())


def _firsts(values: NDArray[Any], grouping: Grouping) -> NDArray[Any]:
    """The first row's value of each level."""
    out = np.empty(grouping.n_levels, dtype=values.dtype)
    out[grouping.codes[::-1]] = values[::-1]
    return out


def _most(cluster: Grouping, firm: Grouping) -> Codes:
    """The cluster in which each firm has most of its rows, the first by value of several."""
    pairs, counts = np.unique(firm.codes * cluster.n_levels + cluster.codes, return_counts=True)
    order = np.lexsort((-counts, pairs // cluster.n_levels))
    firms, first = np.unique(pairs[order] // cluster.n_levels, return_index=True)
    out = np.zeros(firm.n_levels, dtype=np.intp)
    out[firms] = pairs[order][first] % cluster.n_levels
    return out


def _one_block(grouping: Grouping) -> Codes:
    return np.zeros(grouping.n_levels, dtype=np.intp)


def _paths(label: Labels, firm: Grouping, year: Grouping) -> Labels:
    """Labels by firm and year; years without a row have the label of the last one before, else of the first after."""
    table = np.full((firm.n_levels, year.n_levels), -1, dtype=np.int8)
    table[firm.codes, year.codes] = label
    for columns in (range(1, table.shape[1]), range(table.shape[1] - 2, -1, -1)):
        step = -1 if columns.step == 1 else 1
        for t in columns:
            missing = table[:, t] < 0
            table[missing, t] = table[missing, t + step]
    return np.asarray(table == 1)


def floats(paths: Labels) -> Floats:
    """Labels as zeros and ones."""
    return np.asarray(paths, dtype=float)
