"""Least squares within every cell (industry-year) at once, by batched normal equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.measures.view import Cells, Codes, Floats

# Smallest eigenvalue of the scaled cross-products below which regressors count as collinear.
SINGULAR = 1e-10


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
    An intercept is taken out by demeaning, and the regressors are scaled to a mean square of one in each cell, so that
    the units of the accounts do not decide how well the normal equations are conditioned.
    """
    rows = _complete(cells, (response, *regressors), least)
    codes = cells.codes[rows]
    count = np.maximum(np.bincount(codes, minlength=cells.n_cells), 1)
    y = response[rows]
    design = [regressor[rows] for regressor in regressors]
    size = [_mean_square(x, codes, count) for x in design]
    if intercept:
        y, *design = (x - (np.bincount(codes, x, cells.n_cells) / count)[codes] for x in (y, *design))
    scale = [_scale(x, codes, count, square) for x, square in zip(design, size, strict=True)]
    design = [x / by[codes] for x, by in zip(design, scale, strict=True)]
    slopes = _solve(y, design, codes, count)
    residuals = np.full(len(response), np.nan)
    residuals[rows] = y - sum(x * slope[codes] for x, slope in zip(design, slopes.T, strict=True))
    return CellFit(residuals, slopes / np.stack(scale, axis=1))


def _complete(cells: Cells, variables: Sequence[Floats], least: int) -> Codes:
    """Rows that have every variable, in cells with at least so many of them."""
    known = cells.member.copy()
    for values in variables:
        known &= ~np.isnan(values)
    rows = np.flatnonzero(known)
    count = np.bincount(cells.codes[rows], minlength=cells.n_cells)
    return rows[count[cells.codes[rows]] >= least]


def _mean_square(values: Floats, codes: Codes, count: NDArray[np.intp]) -> Floats:
    return np.asarray(np.bincount(codes, values * values, len(count)) / count)


def _scale(values: Floats, codes: Codes, count: NDArray[np.intp], before: Floats) -> Floats:
    """Root mean square by cell; infinite, so that the regressor vanishes, where demeaning left nothing but rounding."""
    square = _mean_square(values, codes, count)
    return np.where(square > 1e-20 * before, np.sqrt(square), np.inf)


def _solve(y: Floats, design: Sequence[Floats], codes: Codes, count: NDArray[np.intp]) -> Floats:
    """Slopes of each cell, shape (n_cells, k), missing where its regressors are collinear."""
    n_cells, k = len(count), len(design)
    gram, moment = np.empty((n_cells, k, k)), np.empty((n_cells, k))
    for i, left in enumerate(design):
        moment[:, i] = np.bincount(codes, left * y, n_cells) / count
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = np.bincount(codes, left * design[j], n_cells) / count
    slopes = np.full((n_cells, k), np.nan)
    regular = np.linalg.eigvalsh(gram)[:, 0] > SINGULAR
    slopes[regular] = np.linalg.solve(gram[regular], moment[regular][..., None])[..., 0]
    return slopes
