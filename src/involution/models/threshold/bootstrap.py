"""Bootstrap tests of the number of thresholds that respect clusters.

Hansen (1999) redraws firms' residuals; here each cluster's residuals keep their order and dependence and are multiplied
by one random sign (Webb's six points with few clusters), the regressors held fixed: a fixed-regressor wild cluster
bootstrap with the null imposed. Thresholds are searched again in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats, Grouping
from involution.models.threshold.candidates import Null, Products, cluster_scores
from involution.models.threshold.search import Found, given, own_products, reductions
from involution.models.wild import multipliers

_BATCH_BYTES = 64_000_000


@dataclass(frozen=True)
class NumberTest:
    """Test of one threshold more.

    Attributes
    ----------
    f : float
        Hansen's F: the fall of the sum of squares over the residual variance with the threshold.
    p_value : float
        ``(1 + draws with at least this F) / (1 + draws)``.
    critical : tuple of float
        90, 95 and 99 % quantiles of the draws.
    """

    f: float
    p_value: float
    critical: tuple[float, float, float]


def no_threshold_test(
    null: Null, products: Products, found: Found, cluster: Grouping, degrees: float, draws: int, seed: int
) -> NumberTest:
    """Test no threshold against one.

    Parameters
    ----------
    null : Null
    products : Products
    found : Found
        With one threshold.
    cluster : Grouping
    degrees : float
        Residual degrees of freedom with the threshold.
    draws, seed : int
    """
    signs = multipliers(cluster.n_levels, draws, seed)
    cross = cluster_scores(null, products.candidates, null.residual, cluster) @ signs.T
    gains = reductions(own_products(products), cross).max(axis=0)
    totals = _sums_of_squares(null, null.residual, cluster, signs)
    f = (found.squares[0] - found.squares[1]) / (found.squares[1] / degrees)
    return _test(f, gains / ((totals - gains) / degrees))


def second_threshold_test(
    null: Null,
    products: Products,
    single: Found,
    double: Found,
    cluster: Grouping,
    degrees: float,
    draws: int,
    seed: int,
) -> NumberTest:
    """Test one threshold against two, the data drawn from the model with one.

    Parameters
    ----------
    null, products : as for `no_threshold_test`
    single, double : Found
    cluster : Grouping
    degrees : float
        Residual degrees of freedom with both thresholds.
    draws, seed : int
    """
    place = single.places[0]
    own = products.gram[place, :, place, :]
    slope = np.linalg.solve(own, products.cross[place])
    raw = null.changing * (null.w <= products.candidates.values[place])[:, None]
    residual = null.residual - null.annihilated(np.asfortranarray(raw)) @ slope
    signs = multipliers(cluster.n_levels, draws, seed)
    noise = cluster_scores(null, products.candidates, residual, cluster) @ signs.T
    cross = (products.gram[:, :, place, :] @ slope)[:, :, None] + noise
    totals = _sums_of_squares(null, residual, cluster, signs) + slope @ own @ slope + 2 * slope @ noise[place]
    gains = reductions(own_products(products), cross)
    drawn = np.empty(draws)
    for k, first in enumerate(np.argmax(gains, axis=0)):
        inner, moved, allowed = given(products, int(first), cross[:, :, [k]])
        more = float(np.where(allowed, reductions(inner, moved)[:, 0], 0.0).max())
        drawn[k] = more / ((totals[k] - gains[first, k] - more) / degrees)
    f = (double.squares[1] - double.squares[2]) / (double.squares[2] / degrees)
    return _test(f, drawn)


def _test(f: float, drawn: Floats) -> NumberTest:
    # What differs by rounding alone counts as equal.
    reached = int((drawn >= f * (1 - 1e-10)).sum())
    low, middle, high = (float(value) for value in np.quantile(drawn, (0.90, 0.95, 0.99)))
    return NumberTest(float(f), (1 + reached) / (1 + len(drawn)), (low, middle, high))


def _sums_of_squares(null: Null, residual: Floats, cluster: Grouping, signs: Floats) -> Floats:
    """Sum of squares of each draw's errors once fixed effects and common regressors are out, shape (draws,)."""
    root = null.sample.root_weights
    raw = residual if root is None else residual / root
    size = max(1, int(_BATCH_BYTES // (8 * len(raw))))
    parts = []
    for start in range(0, len(signs), size):
        block = np.asfortranarray(signs[start : start + size].T[cluster.codes] * raw[:, None])
        left = null.annihilated(block)
        parts.append(np.einsum("ij,ij->j", left, left))
    return np.concatenate(parts)
