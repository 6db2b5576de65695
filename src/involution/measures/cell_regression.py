"""Least squares within every cell (industry-year) at once, by batched normal equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.measures.view import Cells, Codes, Floats

# Smallest eigenvalue of the scaled cross-products below which regressors count as collinear.
SINGULAR = 1e-10
# Share of its mean square that a regressor keeps, when demeaned, if it varies.
ROUNDING = 1e-20


@dataclass(frozen=True)
class CellFit:
    """Regressions of one response, one for each cell.

    Attributes
    ----------
    residuals : array, shape (n,)
        Missing where a variable is, and in cells that are too small or whose regressors are collinear.
    slopes : array, shape (n_cells, k)
        Missing in these cells.
    """

    residuals: Floats
    slopes: Floats


def regress_by_cell(
    cells: Cells, response: Floats, regressors: Sequence[Floats], *, intercept: bool, least: int = 15
) -> CellFit:
    """Regress the response on the regressors within each cell.

    Parameters
    ----------
    cells : Cells
    response : array, shape (n,)
    regressors : sequence of arrays, each of shape (n,)
    intercept : bool
    least : int
        Complete rows that a cell needs.

    Notes
    -----
    An intercept is taken out by demeaning, and the cross-products are scaled to a mean square of one in each cell, so
    that the units of the accounts do not decide how well the normal equations are conditioned.
    """
    rows = _complete(cells, (response, *regressors), least)
    codes = cells.codes[rows]
    count = np.maximum(np.bincount(codes, minlength=cells.n_cells), 1)
    y, *design = (values[rows] for values in (response, *regressors))
    means = np.zeros((cells.n_cells, len(design)))
    if intercept:
        y = y - _mean(y, codes, count)[codes]
        means = np.stack([_mean(x, codes, count) for x in design], axis=1)
        design = [x - mean[codes] for x, mean in zip(design, means.T, strict=True)]
    slopes = _solve(*_products(y, design, codes, count), means)
    for x, slope in zip(design, slopes.T, strict=True):
        y -= x * slope[codes]
    residuals = np.full(len(response), np.nan)
    residuals[rows] = y
    return CellFit(residuals, slopes)


def _complete(cells: Cells, variables: Sequence[Floats], least: int) -> Codes:
    """Rows that have every variable, in cells with at least so many of them."""
    known = cells.member.copy()
    for values in variables:
        known &= ~np.isnan(values)
    rows = np.flatnonzero(known)
    count = np.bincount(cells.codes[rows], minlength=cells.n_cells)
    return rows[count[cells.codes[rows]] >= least]


def _mean(values: Floats, codes: Codes, count: NDArray[np.intp]) -> Floats:
    return np.asarray(np.bincount(codes, values, len(count)) / count)


def _products(y: Floats, design: Sequence[Floats], codes: Codes, count: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Mean cross-products of the regressors, shape (n_cells, k, k), and with the response, shape (n_cells, k)."""
    n_cells, k = len(count), len(design)
    gram, moment = np.empty((n_cells, k, k)), np.empty((n_cells, k))
    for i, left in enumerate(design):
        moment[:, i] = _mean(left * y, codes, count)
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = _mean(left * design[j], codes, count)
    return gram, moment


def _solve(gram: Floats, moment: Floats, means: Floats) -> Floats:
    """Slopes of each cell, shape (n_cells, k), missing where its regressors are collinear."""
    square = np.diagonal(gram, axis1=1, axis2=2)
    # A regressor of which demeaning left nothing but rounding is scaled to nothing.
    scale = np.where(square > ROUNDING * (square + means**2), np.sqrt(square), np.inf)
    scaled = gram / scale[:, :, None] / scale[:, None, :]
    regular = np.linalg.eigvalsh(scaled)[:, 0] > SINGULAR
    slopes = np.full(moment.shape, np.nan)
    slopes[regular] = np.linalg.solve(scaled[regular], (moment / scale)[regular][..., None])[..., 0]
    return slopes / scale
