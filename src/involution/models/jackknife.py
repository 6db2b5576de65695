"""Leaving one cluster out of a linear model: the replicates behind CRV3.

The estimator is the cluster jackknife of MacKinnon, Nielsen and Webb (2023, *Journal of Applied Econometrics*
38: 671-694): ``(G-1)/G * sum_g (b(g) - b)(b(g) - b)'``. A replicate is a subtraction of cross-products and a
small solve; effects that cross the clusters are estimated anew in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.crossproducts import ClusterColumns, cluster_columns, explicit_is_possible
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.notes import Note, note
from involution.models.solution import Jackknife
from involution.models.solve import independent

if TYPE_CHECKING:
    from involution.models.linear import Linear

_BATCH_BYTES = 64_000_000
_PIVOT = 1e-5


def leave_one_cluster_out(linear: Linear, cluster: Grouping) -> Jackknife:
    """Coefficients of a linear model with each cluster left out, exactly.

    Parameters
    ----------
    linear : Linear
    cluster : Grouping

    Returns
    -------
    Jackknife
        The first column is the intercept where the model has one.
    """
    if explicit_is_possible(linear.sample, cluster):
        columns = cluster_columns(linear, cluster)
        coefficients = np.vstack(list(_replicates(columns)))
    else:
        coefficients = _reabsorbed(linear, cluster)
        columns = None
    slopes = coefficients[:, : len(linear.names)]
    notes = _unidentified(linear, slopes)
    if not linear.sample.intercept:
        return Jackknife(slopes, notes)
    assert columns is not None
    return Jackknife(np.column_stack([_intercepts(linear, coefficients), slopes]), notes)


def _unidentified(linear: Linear, slopes: Floats) -> tuple[Note, ...]:
    lost = [name for name, column in zip(linear.names, slopes.T, strict=True) if np.isnan(column).any()]
    return (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ()


def _intercepts(linear: Linear, coefficients: Floats) -> Floats:
    """Constants of the replicates, from the coefficients of the centred regression and its column of ones."""
    weights = np.ones(linear.sample.n) if linear.sample.weights is None else linear.sample.weights
    total = weights.sum()
    means = weights @ linear.raw_regressors / total
    constant = coefficients[:, len(linear.names)]
    return np.asarray(weights @ linear.raw_outcome / total + constant - coefficients[:, : len(means)] @ means)


def _replicates(columns: ClusterColumns) -> Iterator[Floats]:
    """Solves of all columns' coefficients with a cluster left out, in batches that fit in memory."""
    p = columns.values.shape[1]
    total = columns.values.T @ columns.values
    size = max(1, int(_BATCH_BYTES // (8 * p * p)))
    for start in range(0, columns.n_clusters, size):
        clusters = range(start, min(start + size, columns.n_clusters))
        left = total[None] - np.stack([columns.products(g) for g in clusters])
        yield _solve_batch(columns, left, clusters)


def _solve_batch(columns: ClusterColumns, left: Floats, clusters: range) -> Floats:
    regressors, instruments, y = columns.regressors, columns.instruments, columns.outcome
    scale = np.sqrt(np.maximum(np.einsum("gii->gi", left), 0))
    full_scale = np.sqrt(np.einsum("ij,ij->j", columns.values, columns.values))
    # A dummy column whose rows all lie in the cluster left out is gone with it.
    gone = scale <= 1e-9 * full_scale
    scale = np.where(gone, 1.0, scale)
    scaled = left / (scale[:, :, None] * scale[:, None, :])
    unit = np.zeros_like(scaled)
    index = np.arange(scaled.shape[1])
    unit[:, index, index] = gone
    scaled = np.where(gone[:, :, None] | gone[:, None, :], unit, scaled)
    try:
        gram, right = _second_stage(scaled, regressors, instruments, y)
        regular = _well_conditioned(gram) & ~gone[:, : columns.n_slopes].any(axis=1)
    except np.linalg.LinAlgError:
        regular = np.zeros(len(left), dtype=bool)
    out = np.empty((len(left), len(regressors)))
    if regular.any():
        solved = np.linalg.solve(gram[regular], right[regular][:, :, None])[:, :, 0]
        out[regular] = solved / scale[regular][:, regressors] * scale[regular][:, [y]]
    for g in np.flatnonzero(~regular):
        out[g] = _solve_reduced(columns, clusters[g])
    return out


def _second_stage(products: Floats, regressors: list[int], instruments: list[int], y: int) -> tuple[Floats, Floats]:
    """Normal equations of the second stage; of least squares where the instruments are the regressors."""
    if regressors == instruments:
        return products[:, regressors][:, :, regressors], products[:, regressors, y]
    inner = products[:, instruments][:, :, instruments]
    cross = products[:, instruments][:, :, regressors]
    first = np.linalg.solve(inner, cross)
    return np.swapaxes(cross, 1, 2) @ first, np.einsum("gqr,gq->gr", first, products[:, instruments, y])


def _well_conditioned(gram: Floats) -> np.ndarray:
    """Replicates whose scaled Cholesky pivots stay away from zero."""
    out = np.zeros(len(gram), dtype=bool)
    try:
        pivots = np.einsum("gii->gi", np.linalg.cholesky(gram))
        return np.asarray(pivots.min(axis=1) > _PIVOT)
    except np.linalg.LinAlgError:
        for g, matrix in enumerate(gram):
            try:
                out[g] = np.diag(np.linalg.cholesky(matrix)).min() > _PIVOT
            except np.linalg.LinAlgError:
                out[g] = False
        return out


def _solve_reduced(columns: ClusterColumns, g: int) -> Floats:
    """One replicate whose columns are no longer independent: dummies first, then what is left of the slopes."""
    keep = np.ones(len(columns.values), dtype=bool)
    keep[columns.bounds[g] : columns.bounds[g + 1]] = False
    values = columns.values[keep]
    k = columns.n_slopes
    dummies = [j for j in columns.regressors if j >= k]
    excluded = [j for j in columns.instruments if j not in columns.regressors]
    order = [*dummies, *range(k), *excluded]
    scales = np.linalg.norm(columns.values[:, order], axis=0)
    kept = {order[j] for j in independent([str(j) for j in order], values[:, order], scales).positions}
    regressors = [j for j in columns.regressors if j in kept]
    instruments = [j for j in columns.instruments if j in kept]
    out = np.full(len(columns.regressors), np.nan)
    if len(instruments) < len(regressors):
        return out
    products = (values.T @ values)[None]
    gram, right = _second_stage(products, regressors, instruments, columns.outcome)
    solved = np.linalg.lstsq(gram[0], right[0], rcond=None)[0]
    out[[columns.regressors.index(j) for j in regressors]] = solved
    out[[columns.regressors.index(j) for j in dummies if j not in kept]] = 0.0
    return out


def _reabsorbed(linear: Linear, cluster: Grouping) -> Floats:
    """Replicates by absorbing the effects anew without each cluster, where they are too many for columns."""
    out = np.empty((cluster.n_levels, len(linear.names)))
    for g in range(cluster.n_levels):
        out[g] = _reabsorbed_once(linear, np.flatnonzero(cluster.codes != g))
    return out


def _reabsorbed_once(linear: Linear, rows: Codes) -> Floats:
    sample = linear.sample
    weights = None if sample.weights is None else sample.weights[rows]
    absorber = Absorber([effect.take(rows) for effect in sample.effects], weights)
    core = np.column_stack([linear.regressors, linear.excluded.values, linear.outcome])[rows]
    if weights is not None:
        core = core / np.sqrt(weights)[:, None]
    values = absorber.residuals(core)
    if weights is not None:
        values *= np.sqrt(weights)[:, None]
    k, m, e = len(linear.names), len(linear.excluded.names), len(linear.endogenous.names)
    columns = ClusterColumns(values, np.array([0, 0]), list(range(k)), [*range(k, k + m), *range(e, k)], k + m, k)
    if (np.linalg.norm(values[:, :k], axis=0) == 0).all():
        raise NotEstimable("leaving one cluster out leaves no variation in any regressor")
    return _solve_reduced(columns, 0)
