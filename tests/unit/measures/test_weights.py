"""Weights that the data choose, against hand computations and what must hold of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.measures.weights import NotAvailable, critic_weights, entropy_weights, pca_weights

FUNCTIONS = [pca_weights, critic_weights, entropy_weights]
NAMES = ["a", "b", "c"]


def correlated(seed, rows=60):
    """Three components that share a factor."""
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, 1)) + random.normal(size=(rows, 3)) * [0.5, 1.0, 1.5]


def test_the_principal_component_of_two_by_hand():
    # Two correlated columns have the loadings 1/sqrt(2) each, whatever the correlation and the scale.
    values = np.column_stack([[1.0, 2.0, 3.0, 5.0], [10.0, 10.0, 40.0, 30.0]])
    assert pca_weights(values, ["a", "b"]) == pytest.approx([0.5, 0.5])


def test_the_principal_component_of_three_by_hand():
    # Correlation r between the first two alone: they share the first component and the third has no part in it.
    values = np.array([[1.0, 1, 1], [1, 1, -1], [-1, -1, 1], [-1, -1, -1], [1, -1, 0], [-1, 1, 0]])
    with pytest.raises(NotAvailable, match=r"do not share one sign: a 0\.71, b 0\.71, c 0\.00"):
        pca_weights(values, NAMES)


def test_loadings_are_the_direction_of_most_variance():
    values = correlated(1)
    scores = (values - values.mean(axis=0)) / values.std(axis=0)
    loadings = pca_weights(values, NAMES)
    best = np.var(scores @ (loadings / np.linalg.norm(loadings)))
    random = np.random.default_rng(2)
    for _ in range(200):
        other = random.normal(size=3)
        assert np.var(scores @ (other / np.linalg.norm(other))) <= best + 1e-12


@pytest.mark.parametrize("signs", [[1, -1, 1], [-1, 1, 1], [-1, -1, 1]])
def test_loadings_of_two_signs_are_refused_by_name(signs):
    with pytest.raises(NotAvailable, match=r"do not share one sign: a -?0\.\d\d, b -?0\.\d\d, c -?0\.\d\d$"):
        pca_weights(correlated(1) * signs, NAMES)


def test_loadings_all_negative_are_the_same_component():
    np.testing.assert_allclose(pca_weights(-correlated(1), NAMES), pca_weights(correlated(1), NAMES))


def test_critic_weights_by_hand():
    # Scaled to [0, 1]: (0, 1/2, 1) and (0, 1, 0); both have the standard deviations 1/2 and 1/sqrt(3), r = 0.
    values = np.array([[1.0, 5.0], [2.0, 7.0], [3.0, 5.0]])
    parts = np.array([0.5, 1 / math.sqrt(3)])
    assert critic_weights(values, ["a", "b"]) == pytest.approx(parts / parts.sum())


def test_a_component_that_repeats_another_has_less_critic_weight():
    values = correlated(3)
    twice = np.column_stack([values[:, 0], values[:, 0], values[:, 1]])
    weights = critic_weights(twice, NAMES)
    assert weights[0] == pytest.approx(weights[1])
    assert weights[2] > weights[0]


def test_critic_weights_of_the_same_thing_are_not_available():
    column = correlated(3)[:, 0]
    with pytest.raises(NotAvailable, match="no component differs from the others"):
        critic_weights(np.column_stack([column, 2 * column + 1]), ["a", "b"])


def test_entropy_weights_by_hand():
    values = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 3.0]])
    divergence = []
    for scaled in ([0.0, 0.5, 1.0], [0.0, 0.0, 1.0]):
        shifted = [value + 1e-4 for value in scaled]
        shares = [value / sum(shifted) for value in shifted]
        divergence.append(1 + sum(share * math.log(share) for share in shares) / math.log(3))
    expected = [part / sum(divergence) for part in divergence]
    assert entropy_weights(values, ["a", "b"]) == pytest.approx(expected, abs=1e-12)
    assert expected[1] > 2 * expected[0]


def test_entropy_weights_chase_skewness():
    random = np.random.default_rng(4)
    n = 2_000
    values = np.column_stack([random.normal(size=n), random.normal(size=n), random.lognormal(size=n)])
    values = np.column_stack([values, random.uniform(size=n) < 0.05])
    weights = entropy_weights(values, [*NAMES, "rare"])
    assert weights[3] > 0.7
    assert weights[:2].max() < 0.02


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_component_that_does_not_vary_is_named(function):
    values = correlated(5)
    values[:, 1] = 2.0
    with pytest.raises(NotAvailable, match=r"^b does not vary over the rows"):
        function(values, NAMES)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("rows", [0, 2])
def test_too_few_rows_are_told(function, rows):
    with pytest.raises(NotAvailable, match=f"^{rows} complete rows to estimate weights on"):
        function(correlated(5)[:rows], NAMES)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_component_has_all_weight(function):
    assert function(correlated(6)[:, :1], ["a"]).tolist() == pytest.approx([1.0])


@pytest.mark.parametrize("function", FUNCTIONS)
@given(seed=st.integers(0, 1_000), scale=st.floats(0.01, 100), shift=st.floats(-10, 10))
def test_weights_are_positive_sum_to_one_and_know_no_unit_and_no_order(function, seed, scale, shift):
    values = correlated(seed)
    weights = function(values, NAMES)
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()
    np.testing.assert_allclose(function(values * [1, scale, 1] + shift, NAMES), weights, atol=1e-9)
    np.testing.assert_allclose(function(values[::-1, ::-1], NAMES)[::-1], weights, atol=1e-9)
