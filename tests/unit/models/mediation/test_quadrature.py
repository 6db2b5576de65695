"""Points and weights that stand for an empirical distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from involution.models.mediation.quadrature import gauss_rule


def weights_of(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive weights that sum to one."""
    drawn = rng.gamma(4, size=n)
    return drawn / drawn.sum()


def test_moments_are_those_of_the_distribution():
    """Up to degree 2 J - 1, for a skewed and a symmetric sample at once, weighted."""
    rng = np.random.default_rng(1)
    values, weights = np.vstack([rng.exponential(size=300), rng.normal(size=300)]), weights_of(rng, 300)
    points, shares = gauss_rule(values, weights, points=6)
    for degree in range(12):
        np.testing.assert_allclose((shares * points**degree).sum(axis=1), values**degree @ weights, rtol=1e-8)


def test_a_distribution_with_few_values_is_itself():
    """Three values: the rule is exact for any function; the points beyond them have no weight."""
    values, weights = np.array([[0.0, 1.0, 5.0, 1.0]]), np.array([0.2, 0.3, 0.4, 0.1])
    points, shares = gauss_rule(values, weights)
    used = shares[0] > 1e-12
    np.testing.assert_allclose(points[0][used], [0, 1, 5], atol=1e-9)
    np.testing.assert_allclose(shares[0][used], [0.2, 0.4, 0.4], atol=1e-12)


def test_a_constant_is_one_point():
    """No variation, no points beside the mean."""
    points, shares = gauss_rule(np.full((1, 5), 3.0), np.full(5, 0.2))
    assert (shares * points).sum() == pytest.approx(3.0)
    assert (shares * (points - 3.0) ** 2).sum() == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize("slope", [0.1, 0.5, 1.0])
def test_means_of_probabilities_are_those_over_all_values(slope):
    """To 1e-7 where one standard deviation moves the index of a probit by up to one, with fat tails."""
    rng = np.random.default_rng(2)
    values = rng.standard_t(5, size=2_000)
    values = slope * (values - values.mean()) / values.std()
    weights = weights_of(rng, 2_000)
    index = np.linspace(-3, 3, 61)
    points, shares = gauss_rule(values[None], weights)
    np.testing.assert_allclose(
        ndtr(index[:, None] + points) @ shares[0], ndtr(index[:, None] + values) @ weights, atol=1e-7
    )
