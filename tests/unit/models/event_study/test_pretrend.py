"""Detectable drifts: what R pretrends prints, closed forms, draws, units."""

import numpy as np
import pytest
from scipy import stats

from involution.errors import InputError
from involution.models.event_study.pretrend import detectable_slope

TIMES = (-4.0, -3.0, -2.0)
SIZE = np.array([0.050, 0.045, 0.040])
COVARIANCE = 0.5 ** np.abs(np.subtract.outer(range(3), range(3))) * np.outer(SIZE, SIZE)


@pytest.mark.parametrize(("power", "printed"), [(0.5, 0.027901593818477), (0.8, 0.0424249541097126)])
def test_any_significant_lead_is_that_of_r(power, printed) -> None:
    """R 4.5.2, pretrends 0.1.0: slope_for_power(sigma, targetPower, tVec, -1), whose integrals are random to 5e-4."""
    assert detectable_slope(COVARIANCE, TIMES, -1, power, test="any") == pytest.approx(printed, rel=1.5e-3)


def test_a_single_lead_has_a_closed_form() -> None:
    slope = detectable_slope([[0.04]], [-3], -1, 0.8, test="any")
    critical = stats.norm.ppf(0.975)
    found = stats.norm.sf(critical - slope * 2 / 0.2) + stats.norm.cdf(-critical - slope * 2 / 0.2)
    assert found == pytest.approx(0.8, abs=1e-6)
    assert detectable_slope([[0.04]], [-3], -1, 0.8) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("degrees", [np.inf, 25.0])
def test_the_joint_test_finds_the_drift_as_often_as_it_says(degrees) -> None:
    slope = detectable_slope(COVARIANCE, TIMES, -1, 0.5, degrees_of_freedom=degrees)
    generator = np.random.default_rng(2)
    drawn = generator.multivariate_normal(slope * (np.array(TIMES) + 1), COVARIANCE, 40_000)
    wald = np.einsum("ij,jk,ik->i", drawn, np.linalg.inv(COVARIANCE), drawn) / 3
    if np.isfinite(degrees):
        wald /= generator.chisquare(degrees, len(wald)) / degrees
    critical = stats.f.ppf(0.95, 3, degrees) if np.isfinite(degrees) else stats.chi2.ppf(0.95, 3) / 3
    assert (wald > critical).mean() == pytest.approx(0.5, abs=0.01)


def test_units_order_and_leads_that_say_nothing_more() -> None:
    usual = detectable_slope(COVARIANCE, TIMES, -1, 0.8)
    assert detectable_slope(1e6 * COVARIANCE, TIMES, -1, 0.8) == pytest.approx(1e3 * usual)
    assert detectable_slope(COVARIANCE[::-1, ::-1], TIMES[::-1], -1, 0.8) == pytest.approx(usual)
    for test in ("joint", "any"):
        assert detectable_slope(COVARIANCE, TIMES, -1, 0.5, test=test) < detectable_slope(
            COVARIANCE, TIMES, -1, 0.8, test=test
        )
    # Leads that are residuals sum to zero: the last is told by the others.
    make = np.vstack([np.eye(2), -np.ones((1, 2))])
    singular = make @ COVARIANCE[:2, :2] @ make.T
    assert np.isfinite(detectable_slope(singular, TIMES, -1, 0.5))
    assert np.isnan(detectable_slope(COVARIANCE, TIMES, -1, 0.5, degrees_of_freedom=2))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"times": [-2]}, "beside"),
        ({"power": 0.01}, "power"),
        ({"test": "eye"}, "expected one of"),
        ({"covariance": np.zeros((3, 3))}, "no variance"),
    ],
)
def test_what_has_no_power_is_refused(changes, said) -> None:
    with pytest.raises(InputError, match=said):
        detectable_slope(**{"covariance": COVARIANCE, "times": TIMES, **changes})
