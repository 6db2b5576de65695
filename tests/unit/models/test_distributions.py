"""The distributions against scipy.stats, and their limits."""

import numpy as np
import pytest
from scipy import stats

from involution.models.distributions import critical_value, f_p_value, t_p_values


@pytest.mark.parametrize("degrees", [1.0, 7.0, 300.0])
def test_finite_degrees_are_those_of_t_and_f(degrees):
    assert critical_value(degrees, 0.9) == pytest.approx(stats.t.ppf(0.95, degrees), rel=1e-12)
    assert t_p_values(np.array([-2.0, 0.0, 1.5]), degrees) == pytest.approx(
        2 * stats.t.sf([2.0, 0.0, 1.5], degrees), rel=1e-12
    )
    assert f_p_value(2.5, 3, degrees) == pytest.approx(stats.f.sf(2.5, 3, degrees), rel=1e-12)


def test_infinite_degrees_are_normal_and_chi_squared():
    assert critical_value(np.inf) == stats.norm.ppf(0.975)
    assert float(t_p_values(-1.3, np.inf)) == pytest.approx(2 * stats.norm.cdf(-1.3), rel=1e-12)
    assert f_p_value(2.5, 3, np.inf) == pytest.approx(stats.chi2.sf(7.5, 3), rel=1e-12)


def test_what_has_no_statistic_has_no_p_value():
    assert np.isnan(t_p_values(np.array([np.nan]), 5.0)).all()
    assert all(np.isnan(f_p_value(value, 2, degrees)) for value in (np.nan, -1.0) for degrees in (5.0, np.inf))
