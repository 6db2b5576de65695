"""Least squares on columns from which fixed effects are already absorbed; collinear columns found and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats

_ABSORBED = 1e-9
_COLLINEAR = 1e-10


@dataclass(frozen=True)
class Kept:
    """Which columns can be estimated.

    Attributes
    ----------
    positions : list of int
        Kept columns, in order.
    absorbed : list of str
        Columns that the fixed effects leave without variation.
    collinear : list of str
        Columns that are linear combinations of earlier ones.
    """

    positions: list[int]
    absorbed: list[str]
    collinear: list[str]


def independent(names: Sequence[str], columns: Floats, scales: Floats) -> Kept:
    """Find the columns that are neither absorbed nor collinear with earlier ones.

    Parameters
    ----------
    names : sequence of str
    columns : array of float, shape (n, p)
        After absorption.
    scales : array of float, shape (p,)
        Norm of each column about its mean before absorption; what is left below 1e-9 of it is rounding.
    """
    return independent_of(names, columns.T @ columns, scales)


def independent_of(names: Sequence[str], products: Floats, scales: Floats) -> Kept:
    """The same from the columns' cross-products, shape (p, p)."""
    norms = np.sqrt(np.diag(products))
    alive = [j for j in range(len(names)) if norms[j] > _ABSORBED * scales[j] and norms[j] > 0]
    gram = products[np.ix_(alive, alive)]
    size = norms[alive]
    gram = gram / np.outer(size, size)
    keep: list[int] = []
    lower = np.zeros((len(alive), len(alive)))
    for j in range(len(alive)):
        row = np.zeros(len(keep))
        for m, k in enumerate(keep):
            row[m] = (gram[j, k] - row[:m] @ lower[k, :m]) / lower[k, m]
        left = gram[j, j] - row @ row
        if left > _COLLINEAR:
            lower[j, : len(keep)] = row
            lower[j, len(keep)] = np.sqrt(left)
            keep.append(j)
    positions = [alive[j] for j in keep]
    absorbed = [names[j] for j in range(len(names)) if j not in alive]
    collinear = [names[j] for j in alive if j not in positions]
    return Kept(positions, absorbed, collinear)


def column_scales(values: Floats, weights: Floats | None, centred: bool) -> Floats:
    """Norm of each raw column, about its mean when a constant is absorbed; shape (p,).

    A column whose variation is rounding beside its level counts as having none, hence the floor.
    """
    scales = np.empty(values.shape[1])
    for j in range(values.shape[1]):
        column = values[:, j]
        weighted = column if weights is None else column * weights
        raw = np.sqrt(column @ weighted)
        if centred:
            mean = weighted.sum() / (len(column) if weights is None else weights.sum())
            deviation = column - mean
            about = deviation @ (deviation if weights is None else deviation * weights)
            raw = max(np.sqrt(about), 1e-4 * raw)
        scales[j] = raw
    return scales


def inverse(gram: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix, scaled to unit diagonal first."""
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    size = np.sqrt(np.diag(gram))
    if not np.isfinite(size).all() or (size <= 0).any():
        raise NotEstimable("the cross-products of the regressors are not positive definite")
    try:
        factor = cho_factor(gram / np.outer(size, size), lower=True)
    except LinAlgError:
        raise NotEstimable("the cross-products of the regressors are not positive definite") from None
    out = cho_solve(factor, np.eye(len(gram))) / np.outer(size, size)
    return np.asarray((out + out.T) / 2)


def least_squares(regressors: Floats, outcome: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients, ``(X'X)^-1`` and residuals; one step of refinement removes what the first solve left.

    Parameters
    ----------
    regressors : array of float, shape (n, k)
    outcome : array of float, shape (n,)
    """
    bread = inverse(regressors.T @ regressors)
    beta = bread @ (regressors.T @ outcome)
    fitted = regressors @ beta
    residual = np.subtract(outcome, fitted, out=fitted)
    beta = beta + bread @ (regressors.T @ residual)
    np.matmul(regressors, beta, out=fitted)
    return beta, bread, np.subtract(outcome, fitted, out=fitted)
