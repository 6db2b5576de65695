"""Wild cluster bootstrap with the null imposed (WCR), exact with absorbed fixed effects.

Cameron, Gelbach and Miller (2008, *Review of Economics and Statistics* 90: 414-427); algebra on cluster
cross-products after Roodman, MacKinnon, Nielsen and Webb (2019, *Stata Journal* 19: 4-60): a draw is a
weighted sum of cluster scores, so that 9,999 draws cost one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.crossproducts import cluster_columns, explicit_is_possible
from involution.models.groupings import Floats, Grouping
from involution.models.linear import Linear
from involution.models.solve import inverse

_BATCH_BYTES = 32_000_000
_UNBOUNDED = 1e3
_WEBB = np.sqrt([0.5, 1.0, 1.5])
FEW_CLUSTERS = 12
"""Below this many clusters Rademacher draws repeat themselves (2^G of them), and Webb's six points are drawn."""


@dataclass(frozen=True)
class WildTest:
    """Bootstrap test of one coefficient.

    Attributes
    ----------
    p_value : float
        Share of draws whose absolute t statistic is at least the sample's (symmetric test).
    ci_low, ci_high : float
        The values whose test gives `1 - level` or more; infinite where the test never rejects.
    """

    p_value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class _Prepared:
    """Sums over clusters that every null hypothesis shares: one row per cluster."""

    bread: Floats
    scores: Floats
    theta: Floats
    products: Floats


def multipliers(n_clusters: int, draws: int, seed: int | np.random.Generator) -> Floats:
    """Draws of the cluster multipliers, shape (draws, G): Rademacher, or Webb's with few clusters."""
    generator = np.random.default_rng(seed)
    if n_clusters < FEW_CLUSTERS:
        points = np.concatenate([-_WEBB[::-1], _WEBB])
        return np.asarray(generator.choice(points, size=(draws, n_clusters)))
    octets = generator.integers(0, 256, size=-(-draws * n_clusters // 8), dtype=np.uint8)
    signs = np.unpackbits(octets, count=draws * n_clusters).astype(float)
    signs *= 2
    signs -= 1
    return signs.reshape(draws, n_clusters)


def wild_tests(
    linear: Linear,
    cluster: Grouping,
    draws: int,
    seed: int,
    level: float = 0.95,
    names: Collection[str] | None = None,
) -> dict[str, WildTest]:
    """Test slopes of a linear model by the restricted wild cluster bootstrap.

    Parameters
    ----------
    linear : Linear
        Without instruments.
    cluster : Grouping
        One-way clusters.
    draws : int
    seed : int
    level : float
        Of the interval found by inverting the test.
    names : collection of str, optional
        Slopes to test; all by default.

    Raises
    ------
    NotEstimable
        With instruments, or more crossing effects than can stand as columns.
    """
    if linear.endogenous.names:
        raise NotEstimable("the wild cluster bootstrap is not built for instrumented models; use crv3")
    if not explicit_is_possible(linear.sample, cluster):
        raise NotEstimable(
            "the fixed effects that cross the clusters are too many for an exact wild bootstrap; use crv3"
        )
    prepared = _prepare(linear, cluster)
    v = multipliers(cluster.n_levels, draws, seed)
    wanted = linear.names if names is None else names
    return {name: _test(prepared, j, v, level) for j, name in enumerate(linear.names) if name in wanted}


def _prepare(linear: Linear, cluster: Grouping) -> _Prepared:
    columns = cluster_columns(linear, cluster)
    products = np.stack([columns.products(g) for g in range(columns.n_clusters)])
    index, y = columns.regressors, columns.outcome
    inner = products[:, index][:, :, index]
    bread = inverse(inner.sum(axis=0))
    scores = products[:, index, y]
    return _Prepared(bread, scores, bread @ scores.sum(axis=0), inner)


@dataclass(frozen=True)
class WildDraws:
    """Bootstrap draws of one coefficient's t statistic, for every null hypothesis about it.

    With the null at ``estimate - c`` the restricted residuals move along a fixed path, so that each draw's numerator is
    linear in c and its variance quadratic: five numbers a draw serve every null.

    Attributes
    ----------
    estimate, std_error : float
        Of the sample; the standard error is CRV1 without factor.
    numbers : array of float, shape (5, draws)
        Numerator (constant, slope) and variance (constant, half the linear part, quadratic).
    """

    estimate: float
    std_error: float
    numbers: Floats

    def p_value(self, c: float) -> float:
        """Of the null that lies c below the estimate."""
        return float(p_values(self.numbers, np.asarray(c), np.asarray(self.std_error)))


def p_values(numbers: Floats, c: Floats, std_error: Floats) -> Floats:
    """P-values of nulls that lie c below their estimates, shape (...).

    Parameters
    ----------
    numbers : array of float, shape (5, ..., draws)
        As of `WildDraws`, for one or more samples.
    c, std_error : array of float, shape (...)
    """
    n0, n1, q0, q1, q2 = numbers
    moved = c[..., None]
    variance = q0 + 2 * moved * q1 + moved * moved * q2
    squared = np.divide((n0 + moved * n1) ** 2, variance, out=np.zeros(variance.shape), where=variance > 0)
    return np.asarray(np.mean(squared >= ((c / std_error) ** 2 * (1 - 1e-10))[..., None], axis=-1))


def wild_draws(bread: Floats, products: Floats, scores: Floats, theta: Floats, j: int, v: Floats) -> WildDraws:
    """Bootstrap draws of coefficient j.

    Parameters
    ----------
    bread : array of float, shape (p, p)
        Inverse of the sum of `products`.
    products : array of float, shape (G, p, p)
        Of the regressors by cluster.
    scores : array of float, shape (G, p)
        Products of regressors and outcome by cluster.
    theta : array of float, shape (p,)
        Coefficients.
    j : int
    v : array of float, shape (draws, G)
        Multipliers.
    """
    base = scores - np.einsum("gpq,q->gp", products, theta)
    slope = np.einsum("gpq,q->gp", products, bread[:, j] / bread[j, j])
    leverage = np.einsum("p,gpq->gq", bread[j], products)
    parts = [_draw_sums(rows, base @ bread, slope @ bread, leverage, j) for rows in _batches(v)]
    std_error = float(np.sqrt(np.sum((base @ bread[j]) ** 2)))
    return WildDraws(float(theta[j]), std_error, np.concatenate(parts, axis=1))


def _test(prepared: _Prepared, j: int, v: Floats, level: float) -> WildTest:
    """P-value and inverted interval of coefficient j."""
    drawn = wild_draws(prepared.bread, prepared.products, prepared.scores, prepared.theta, j, v)
    low, high = (_bound(drawn.p_value, drawn.std_error, side, 1 - level) for side in (1.0, -1.0))
    return WildTest(drawn.p_value(drawn.estimate), drawn.estimate - low, drawn.estimate - high)


def _batches(v: Floats) -> list[Floats]:
    rows = max(1, int(_BATCH_BYTES // (8 * v.shape[1])))
    return [v[start : start + rows] for start in range(0, len(v), rows)]


def _draw_sums(v: Floats, base: Floats, slope: Floats, leverage: Floats, j: int) -> Floats:
    """Numerator (constant, slope in c) and variance (constant, half the linear part, quadratic) of each draw.

    The variance sums squares of ``v_g b_g - leverage_g'd`` over clusters, d the draw's coefficients; written out,
    each of its terms is a product of the draws with a narrow matrix.
    """
    k = leverage.shape[1]
    own = [base[:, j], slope[:, j]]
    sums = v @ np.hstack([base, slope, own[0][:, None] * leverage, own[1][:, None] * leverage])
    deviation, moved, cross_base, cross_slope = (sums[:, m * k : (m + 1) * k] for m in range(4))
    gram = leverage.T @ leverage
    # Rademacher multipliers have squares of one.
    squares = v * v if len(leverage) < FEW_CLUSTERS else None

    def product(left: Floats, right: Floats, first: Floats, second: Floats, pair: Floats) -> Floats:
        own_part = pair.sum() if squares is None else squares @ pair
        mixed = np.einsum("rk,rk->r", first, right) + np.einsum("rk,rk->r", second, left)
        return np.asarray(own_part - mixed + np.einsum("rk,rk->r", left @ gram, right))

    return np.stack(
        [
            deviation[:, j],
            moved[:, j],
            product(deviation, deviation, cross_base, cross_base, own[0] ** 2),
            product(deviation, moved, cross_base, cross_slope, own[0] * own[1]),
            product(moved, moved, cross_slope, cross_slope, own[1] ** 2),
        ]
    )


def _bound(p_value: Callable[[float], float], std_error: float, side: float, size: float) -> float:
    """Largest distance of the null from the estimate, on one side, that is not rejected at `size`."""
    inside, outside = 0.0, 2.0
    while p_value(side * outside * std_error) > size:
        inside, outside = outside, outside * 2
        if outside > _UNBOUNDED:
            return side * np.inf
    for _ in range(40):
        middle = (inside + outside) / 2
        if p_value(side * middle * std_error) > size:
            inside = middle
        else:
            outside = middle
    return side * outside * std_error
