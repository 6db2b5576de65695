"""Simultaneous bands: critical values against closed forms, and what they must not depend on."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import studentized_range

from involution.models.bands import uniform_critical_value

DRAWS = 199_999


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_one_effect_has_its_own_interval(level: float) -> None:
    assert uniform_critical_value(np.array([[7.0]]), level) == pytest.approx(stats.norm.ppf((1 + level) / 2))
    assert uniform_critical_value(np.array([[7.0]]), level, 12) == pytest.approx(stats.t.ppf((1 + level) / 2, 12))


@pytest.mark.parametrize("k", [2, 5, 12])
def test_independent_effects_have_sidak_s_band(k: int) -> None:
    exact = stats.norm.ppf((1 + 0.95 ** (1 / k)) / 2)
    assert uniform_critical_value(np.eye(k), 0.95, draws=DRAWS) == pytest.approx(exact, abs=0.015)


def test_perfectly_correlated_effects_need_no_wider_band() -> None:
    assert uniform_critical_value(np.full((4, 4), 2.0), 0.95) == pytest.approx(stats.norm.ppf(0.975), abs=0.03)


@pytest.mark.parametrize("degrees", [8.0, 30.0])
def test_all_pairwise_differences_have_tukey_s_band(degrees: float) -> None:
    """Of four equal means the largest pairwise t statistic is Tukey's studentised range over the root of two."""
    pairs = np.array([[i == a, i == b] for a in range(4) for b in range(a) for i in range(4)], dtype=float)
    contrasts = (pairs[:, 0] - pairs[:, 1]).reshape(-1, 4)
    exact = studentized_range.ppf(0.95, 4, degrees) / np.sqrt(2)
    found = uniform_critical_value(contrasts @ contrasts.T, 0.95, degrees, DRAWS)
    assert found == pytest.approx(exact, rel=0.01)


def test_units_seeds_and_idle_effects() -> None:
    generator = np.random.default_rng(3)
    factor = generator.standard_normal((5, 5))
    covariance = factor @ factor.T
    units = np.array([1.0, 1000.0, 1e-6, 10.0, 0.01])
    found = uniform_critical_value(covariance, seed=4)
    assert uniform_critical_value(covariance * np.outer(units, units), seed=4) == pytest.approx(found, rel=1e-9)
    assert uniform_critical_value(covariance, seed=4) == found
    assert uniform_critical_value(covariance, seed=5) != found
    wider = np.zeros((7, 7))
    wider[np.ix_([0, 1, 3, 4, 6], [0, 1, 3, 4, 6])] = covariance
    wider[5, 5] = np.nan
    assert uniform_critical_value(wider, seed=4) == found
    assert np.isnan(uniform_critical_value(np.zeros((2, 2))))


def test_covers_all_effects_at_the_level_asked() -> None:
    covariance = 0.6 ** np.abs(np.subtract.outer(range(6), range(6)))
    critical = uniform_critical_value(covariance, 0.95, draws=DRAWS, seed=1)
    drawn = np.random.default_rng(2).multivariate_normal(np.zeros(6), covariance, 100_000)
    assert (np.abs(drawn).max(axis=1) <= critical).mean() == pytest.approx(0.95, abs=0.003)
