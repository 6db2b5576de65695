"""Cross-products by unit: all that a regression needs of its rows, whoever's path each unit has.

Effects nested in the units (firm in industry) are absorbed; those that cross them (year) stay as explicit columns. A
unit's treatment is then ``D m + own`` with D the unit's dummies of the years and m a path, so that its products with
every other column are those of D times the path: a permutation touches units by years, never rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.crossproducts import level_means, not_redundant
from involution.models.groupings import Codes, Floats, Grouping, renumbered
from involution.models.permutation.paths import Paths
from involution.models.sample import Sample

_MOST_NUMBERS = 60_000_000
"""Numbers that cross-products (units x columns x columns), or explicit columns over the rows, may take up."""


@dataclass(frozen=True)
class UnitProducts:
    """Cross-products of the columns of a sample by unit.

    Attributes
    ----------
    values : array of float, shape (U, q, q)
        The first T columns are the dummies of the paths' years.
    units : array of int, shape (U,)
        The paths' units that have rows in the sample.
    n_years : int
        T.
    places : mapping of str to int
        Where named columns stand.
    crossing : array of int
        Columns that span the effects that cross units.
    clusters : array of int, shape (U,)
        Cluster of each unit.
    n_clusters : int
    """

    values: Floats
    units: Codes
    n_years: int
    places: Mapping[str, int]
    crossing: Codes
    clusters: Codes
    n_clusters: int

    def by_cluster(self, of_units: Floats) -> Floats:
        """Sums over the units of each cluster along the first axis."""
        if self.n_clusters == len(self.clusters):
            return of_units
        out = np.zeros((self.n_clusters, *of_units.shape[1:]))
        np.add.at(out, self.clusters, of_units)
        return out


def is_possible(sample: Sample, paths: Paths, columns: int) -> bool:
    """Whether clusters are made of whole units and the effects that cross units are few enough for columns."""
    if len(sample.clusters) != 1 or (paths.units[sample.rows] < 0).any():
        return False
    unit = renumbered(paths.level, paths.units[sample.rows], paths.n_units)
    extra = sum(effect.n_levels for effect in sample.effects if not effect.nested_in(unit))
    width = paths.n_years + extra + columns
    few = unit.n_levels * width**2 <= _MOST_NUMBERS and sample.n * width <= _MOST_NUMBERS
    return few and unit.nested_in(sample.clusters[0])


def unit_products(sample: Sample, paths: Paths, columns: Mapping[str, Floats], year: str) -> UnitProducts:
    """Cross-products by unit of a sample's columns.

    Parameters
    ----------
    sample : Sample
        With one clustering, whose clusters are made of whole units.
    paths : Paths
    columns : mapping of str to array of float, shape (N,)
        Named columns over the rows of the data; a constant is absorbed always, so that columns about their means keep
        the products of large numbers exact.
    year : str
        Column of the years.
    """
    rows = _by_order(sample, paths)
    nested = [effect for effect in rows.effects if effect.nested_in(rows.unit)]
    crossing = [effect for effect in rows.effects if effect not in nested]
    others = [effect for effect in crossing if effect.name != year]
    raw = np.empty((sample.n, len(columns)), order="F")
    for k, column in enumerate(columns.values()):
        np.take(column, rows.rows, out=raw[:, k])
    if np.isnan(raw).any():
        raise NotEstimable("a column has no value in a row of the sample")
    absorbed = Absorber(nested, rows.weights).residuals(raw) if nested else raw
    if rows.weights is not None:
        absorbed = absorbed * np.sqrt(rows.weights)[:, None]
    years = Grouping(year, paths.years[rows.rows], paths.n_years)
    if others or len(nested) > 1:
        dummies = _dummies([years, *others], nested, rows.weights)
        products, start = _by_unit(np.hstack([dummies, absorbed]), rows.unit), dummies.shape[1]
    else:
        products, start = _with_years(absorbed, years, nested, rows), paths.n_years
    spans = [*(range(paths.n_years) if len(others) < len(crossing) else ()), *range(paths.n_years, start)]
    crossed = np.array(spans, dtype=np.intp)
    crossed = crossed[not_redundant(products[:, crossed[:, None], crossed].sum(axis=0))] if len(crossed) else crossed
    named = {name: start + k for k, name in enumerate(columns)}
    present = np.flatnonzero(np.bincount(paths.units[sample.rows]))
    return UnitProducts(
        products, present, paths.n_years, named, crossed, _owners(rows.unit, rows.cluster), rows.cluster.n_levels
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of a sample sorted by unit, and what they have."""

    rows: Codes
    unit: Grouping
    effects: list[Grouping]
    cluster: Grouping
    weights: Floats | None


def _by_order(sample: Sample, paths: Paths) -> _Rows:
    unit = renumbered(paths.level, paths.units[sample.rows], paths.n_units)
    if bool((unit.codes[1:] >= unit.codes[:-1]).all()):
        return _Rows(sample.rows, unit, sample.effects, sample.clusters[0], sample.weights)
    order = np.argsort(unit.codes.astype(np.min_scalar_type(unit.n_levels)), kind="stable")
    unit, cluster, *effects = (
        Grouping(grouping.name, grouping.codes[order], grouping.n_levels)
        for grouping in (unit, sample.clusters[0], *sample.effects)
    )
    weights = None if sample.weights is None else sample.weights[order]
    return _Rows(sample.rows[order], unit, effects, cluster, weights)


def _owners(unit: Grouping, cluster: Grouping) -> Codes:
    """The cluster of each unit; units are clusters where there are as many."""
    if cluster.n_levels == unit.n_levels:
        return np.arange(unit.n_levels)
    owner = np.empty(unit.n_levels, dtype=np.intp)
    owner[unit.codes] = cluster.codes
    return owner


def _dummies(effects: Sequence[Grouping], nested: Sequence[Grouping], weights: Floats | None) -> Floats:
    """Dummy columns of several effects side by side, the nested effects taken out, times root weights."""
    n, starts = len(effects[0].codes), np.cumsum([0, *(effect.n_levels for effect in effects)])
    places = [start + effect.codes for start, effect in zip(starts, effects, strict=False)]
    size = int(starts[-1])
    if len(nested) == 1:
        columns = -level_means(nested[0], places, size, np.ones(n) if weights is None else weights)[1][nested[0].codes]
    else:
        columns = np.zeros((n, size), order="F")
    for place in places:
        columns[np.arange(n), place] += 1.0
    if len(nested) > 1:
        columns = Absorber(nested, weights).residuals(columns)
    return columns if weights is None else np.asarray(columns * np.sqrt(weights)[:, None])


def _with_years(absorbed: Floats, years: Grouping, nested: Sequence[Grouping], rows: _Rows) -> Floats:
    """Products by unit of the dummies of the years and other columns: of the dummies they are sums over cells alone."""
    t, n_units = years.n_levels, rows.unit.n_levels
    cells = rows.unit.codes * t + years.codes
    weights = np.ones(len(cells)) if rows.weights is None else rows.weights
    out = np.zeros((n_units, t + absorbed.shape[1], t + absorbed.shape[1]))
    out[:, t:, t:] = _by_unit(np.ascontiguousarray(absorbed), rows.unit)
    for k, column in enumerate(absorbed.T):
        summed = column if rows.weights is None else column * np.sqrt(weights)
        out[:, :t, t + k] = out[:, t + k, :t] = np.bincount(cells, summed, n_units * t).reshape(n_units, t)
    own = np.bincount(cells, weights, n_units * t).reshape(n_units, t)
    out[:, np.arange(t), np.arange(t)] = own
    if nested:
        # What the nested effect takes away is a product over its levels, which are fewer than the rows.
        counts = level_means(nested[0], [years.codes], t, weights)[0]
        owner = np.empty(nested[0].n_levels, dtype=np.intp)
        owner[nested[0].codes] = rows.unit.codes
        order = np.argsort(owner, kind="stable")
        scaled = counts[order] / np.sqrt(counts[order].sum(axis=1, keepdims=True))
        out[:, :t, :t] -= _by_unit(scaled, Grouping("", owner[order], n_units))
    return out


def _by_unit(values: Floats, unit: Grouping) -> Floats:
    """Cross-products of the rows of each unit, which are sorted by it."""
    bounds = np.concatenate([[0], np.cumsum(unit.counts)])
    out = np.empty((unit.n_levels, values.shape[1], values.shape[1]))
    for u in range(unit.n_levels):
        block = values[bounds[u] : bounds[u + 1]]
        np.matmul(block.T, block, out=out[u])
    return out
