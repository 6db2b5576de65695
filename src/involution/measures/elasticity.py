"""Slopes that differ by group beside the effects of firms and years, by one least-squares fit.

With firms swept out the normal equations of years and slopes are sparse: two industry-years meet only where they share
a firm. They are solved by conjugate gradients to the last digits, which also tells what they leave undetermined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from involution.measures.cells import Cells, compacted
from involution.measures.view import Codes, Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_TOLERANCE = 1e-13
_STEPS = 2_000
_VARYING = 1e-12
"""Share of a column's sum of squares that the firms leave, from which it varies within them."""
_DETERMINED = 1e-6


def slopes(y: Floats, x: Floats, firm: Codes, year: Codes, group: Codes) -> Floats:
    """Slope of each group in ``y = firm + year + slope of the group * x``.

    Parameters
    ----------
    y, x : array of float, shape (n,)
        No missing values.
    firm, year, group : array of int, shape (n,)
        Codes from zero on; not every code need have a row.

    Returns
    -------
    array of float, shape (largest group + 1,)
        Missing for a group without rows and where the data leave the slope undetermined.
    """
    out = np.full(int(group.max(initial=-1)) + 1, np.nan)
    # A firm seen once is its own effect.
    again = np.bincount(firm)[firm] > 1 if len(firm) else np.zeros(0, dtype=bool)
    if again.any():
        parts = (compacted(codes[again], int(codes.max()) + 1) for codes in (firm, year, group))
        present = np.bincount(group[again], minlength=len(out)) > 0
        out[present] = _solved(y[again], x[again], *parts)
    return out


def _solved(y: Floats, x: Floats, firms: Cells, years: Cells, groups: Cells) -> Floats:
    firm, n_groups = firms.codes, groups.n_cells
    columns = np.column_stack([groups.codes, n_groups + years.codes])
    values = np.column_stack([x, np.ones(len(x))])
    products, before = _products(values, columns, firm)
    within = y - (np.bincount(firm, y) / np.bincount(firm))[firm]
    right = np.bincount(columns.ravel(), (values * within[:, None]).ravel(), len(before)).astype(float)
    # Years sum to a constant, which the firms hold: rounding there would stall the solution.
    right[n_groups:] -= right[n_groups:].mean()
    left = products.diagonal()
    scale = np.where(left > _VARYING * before, 1 / np.sqrt(np.where(left > 0, left, 1.0)), 0.0)
    solution, determined = _solution(products, right, scale)
    return np.where(determined, solution, np.nan)[:n_groups]


def _products(values: Floats, columns: Codes, firm: Codes) -> tuple[csr_matrix, Floats]:
    """Cross-products of the columns with the firms swept out, and their sums of squares before."""
    from scipy.sparse import csr_matrix

    n, size = len(firm), int(columns.max()) + 1
    bounds = np.arange(0, 2 * n + 1, 2)
    rows = csr_matrix((values.ravel(), columns.ravel(), bounds), shape=(n, size))
    weight = 1 / np.sqrt(np.bincount(firm))
    firms = csr_matrix(((values * weight[firm][:, None]).ravel(), (np.repeat(firm, 2), columns.ravel())))
    before = np.bincount(columns.ravel(), values.ravel() ** 2, size).astype(float)
    return csr_matrix(rows.T @ rows - firms.T @ firms), before


def _solution(products: csr_matrix, right: Floats, scale: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Solution of the normal equations, and which of its elements they determine."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    scaled = diags_array(scale) @ products @ diags_array(scale)
    # A right-hand side whose solution is known: where that is not found again, it is not determined.
    known = np.random.default_rng(0).normal(size=len(right))
    found, again = (cg(scaled, side, rtol=_TOLERANCE, maxiter=_STEPS)[0] for side in (right * scale, scaled @ known))
    return found * scale, np.abs(again - known) < _DETERMINED
