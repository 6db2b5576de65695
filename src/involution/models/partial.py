"""What is left of columns once others are taken out, from cross-products alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.models.groupings import Floats
from involution.models.mediation.products import without_dummies


def residual_products(products: Floats, columns: Sequence[int], given: Sequence[int]) -> Floats:
    """Cross-products of the residuals of columns on others.

    Parameters
    ----------
    products : array of float, shape (g, p, p)
    columns, given : sequence of int
        Places; `given` may be empty.

    Returns
    -------
    array of float, shape (g, len(columns), len(columns))
    """
    order = [*given, *columns]
    size = np.sqrt(np.maximum(np.einsum("gii->gi", products[:, order][:, :, order]), 0.0))
    size = np.where(size > 0, size, 1.0)
    # To unit diagonals first, so that no column counts as gone because of its units.
    scale = size[:, :, None] * size[:, None, :]
    left = without_dummies(products[:, order][:, :, order] / scale, len(columns))
    return np.asarray(left * scale[:, len(given) :, len(given) :])


def partial_r2(products: Floats, left: int, right: int, given: Sequence[int]) -> float:
    """The squared correlation of two columns' residuals on others.

    Parameters
    ----------
    products : array of float, shape (p, p)
    left, right : int
    given : sequence of int
    """
    left_over = residual_products(products[None], [left, right], given)[0]
    return float(np.minimum(left_over[0, 1] ** 2 / (left_over[0, 0] * left_over[1, 1]), 1.0))
