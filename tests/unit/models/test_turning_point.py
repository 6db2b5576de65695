"""The test of Lind and Mehlum (2010) of a quadratic that turns inside the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import involution as inv
from involution.models.blocks import run_models
from involution.models.turning_point import turning_point, turning_points, with_turning_points
from involution.study.models import Model


def panel(curvature, slope=0.0, n=900, seed=4):
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 3, n)
    return pd.DataFrame(
        {
            "x": x,
            "y": slope * x + curvature * x**2 + random.normal(size=n),
            "firm": np.arange(n) // 9,
            "year": np.arange(n) % 9,
        }
    )


def test_both_slopes_and_the_larger_p_value_are_those_of_statsmodels():
    """Slopes at both ends as t tests of linear combinations in statsmodels; p is the larger one-sided value."""
    data = panel(-0.3, 0.6)
    by_hand = smf.ols("y ~ x + I(x**2)", data).fit(cov_type="cluster", cov_kwds={"groups": data["firm"]}, use_t=True)
    fit = inv.estimate("y ~ x + I(x^2)", data, cluster="firm")
    [found] = turning_points(fit, data)
    low, high = data["x"].min(), data["x"].max()
    tests = [by_hand.t_test(np.array([[0, 1, 2 * end]])) for end in (low, high)]
    np.testing.assert_allclose(found.slopes, [float(test.effect[0]) for test in tests], rtol=1e-8)
    np.testing.assert_allclose(found.statistics, [float(np.squeeze(test.tvalue)) for test in tests], rtol=2e-3)
    assert not found.is_u
    assert found.p_value == pytest.approx(stats.t.sf(min(found.statistics[0], -found.statistics[1]), 99))
    assert found.extremum == pytest.approx(-fit.estimate[1] / fit.estimate[2] / 2)


def test_fiellers_interval_is_where_the_slope_is_not_rejected():
    beta, covariance = np.array([-1.0, 0.4]), np.array([[0.04, -0.01], [-0.01, 0.01]])
    found = turning_point("x", beta, covariance, (-1.0, 4.0), 30)
    for end in (found.ci_low, found.ci_high):
        gradient = np.array([1, 2 * end])
        statistic = gradient @ beta / np.sqrt(gradient @ covariance @ gradient)
        assert abs(statistic) == pytest.approx(stats.t.ppf(0.975, 30), rel=1e-9)
    assert found.ci_low < found.extremum < found.ci_high
    weak = turning_point("x", np.array([0.01, 0.001]), covariance, (-1.0, 4.0), 30)
    assert (weak.ci_low, weak.ci_high) == (-np.inf, np.inf)
    assert np.isnan(turning_point("x", np.array([-1.0, 0.001]), covariance, (-1.0, 4.0)).ci_low)


def test_a_square_that_turns_outside_the_data_is_no_u():
    inside, outside = (
        turning_points(inv.estimate("y ~ x + I(x^2)", data, vcov="hetero"), data)[0]
        for data in (panel(0.4, -0.6), panel(0.1, 1.5))
    )
    assert inside.is_u
    assert inside.p_value < 0.01
    assert outside.p_value > 0.5


def test_units_do_not_matter():
    data = panel(-0.3, 0.6)
    scaled = data.assign(x=1_000 * data["x"])
    [one], [other] = (turning_points(inv.estimate("y ~ x + x:x | firm", part, cluster="firm"), part)
                      for part in (data, scaled))  # fmt: skip
    assert other.p_value == pytest.approx(one.p_value, rel=1e-8)
    assert other.extremum == pytest.approx(1_000 * one.extremum, rel=1e-8)


def test_a_moderated_quadratic_is_left_alone():
    data = panel(-0.3).assign(w=np.arange(900) % 7)
    assert turning_points(inv.estimate("y ~ x + I(x^2) + w + x:w", data), data) == []
    assert turning_points(inv.estimate("y ~ x + w", data), data) == []


def test_a_model_of_a_study_has_the_test_among_its_statistics_and_notes():
    data = panel(-0.3, 0.6).assign(in_sample=True)
    found = run_models([Model(name="m", formula="y ~ x + I(x^2) | firm", cluster=["firm"])], data, study="s")
    row = found.statistics.set_index("statistic").loc["lind_mehlum[x]"]
    assert row["p_value"] < 0.01
    assert "turning_inverted" in set(found.notes["code"])


def test_the_size_is_at_most_nominal_where_the_slope_at_one_end_is_zero():
    """At the boundary of the null, slope zero at the low end, one in twenty draws says inverted U."""
    random = np.random.default_rng(8)
    rejected = 0
    for _ in range(400):
        x = random.uniform(0, 1, 200)
        y = -1.5 * x**2 + random.normal(size=200)
        data = pd.DataFrame({"x": x, "y": y})
        rejected += turning_points(inv.estimate("y ~ x + I(x^2)", data, vcov="hetero"), data)[0].p_value < 0.05
    assert 0.02 <= rejected / 400 <= 0.09


@pytest.mark.parametrize(("noise", "shown"), [(0.1, True), (60.0, False)])
def test_a_shape_is_told_only_where_the_test_shows_it(noise, shown):
    draws = np.random.default_rng(5)
    x = draws.uniform(-2, 2, 300)
    data = pd.DataFrame({"firm": np.arange(300), "year": 2010, "x": x, "y": x**2 + noise * draws.normal(size=300)})
    fit = with_turning_points(inv.estimate("y ~ x + I(x^2)", data), data)
    codes = {remark.code for remark in fit.remarks}
    found = {name: value for name, value, *_ in fit.details}
    p_value = next(p for name, _, _, p in fit.details if name == "lind_mehlum[x]")
    assert (p_value < 0.05) is shown
    assert ("turning_u" in codes) is shown
    assert bool(codes & {"turning_u_unshown", "turning_inverted_unshown"}) is not shown
    assert ("fieller_outside" in codes) is bool(np.isnan(found["extremum_ci_low[x]"]))
