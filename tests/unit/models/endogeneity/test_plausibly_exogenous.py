"""Bounds on the direct effect of an instrument: closed forms, a grid, coverage where one is planted."""

import numpy as np
import pytest
from scipy import stats
from tests.unit.models.endogeneity.conftest import run
from tests.unit.models.endogeneity.simulated import EFFECT, confounded
from tests.unit.models.endogeneity.test_instruments import codes_of, made, rows_of, statistics_of

import involution as inv
from involution.models.endogeneity.plausibly_exogenous import Leaning

ASKED = {"name": "iv", "instruments": "z", "plausibly_exogenous": {"range": [-0.1, 0.3]}}


@pytest.fixture(scope="module")
def panel():
    return confounded()


def given(data, gamma, instruments="z_l1"):
    """The second stage with the direct effect of z taken out of the outcome."""
    data = data.assign(left=data["y"] - gamma * data["z_l1"])
    text = f"left ~ c_l1 | firm + year | x_l1 ~ {instruments}"
    return inv.estimate(text, data, cluster="industry", vcov="crv3")


def test_the_union_is_that_of_a_grid(panel):
    row = rows_of(run(panel, ASKED), "iv_bounds").loc["union[x_l1]"]
    data = made(panel).dropna()
    fits = [given(data, gamma) for gamma in np.linspace(-0.1, 0.3, 81)]
    assert row["ci_low"] == pytest.approx(min(fit.ci_low[0] for fit in fits), rel=1e-8)
    assert row["ci_high"] == pytest.approx(max(fit.ci_high[0] for fit in fits), rel=1e-8)
    assert row["estimate"] == pytest.approx(given(data, 0.1).estimate[0], rel=1e-8)
    assert np.isnan(row["std_error"])


def test_the_curve_gives_the_interval_of_each_direct_effect(panel):
    curves = run(panel, ASKED).curves
    direct = curves[curves["curve"] == "direct"]
    data = made(panel).dropna()
    for place in (0, 40, 120):
        point = direct.iloc[place]
        fit = given(data, point["x"])
        assert (point["estimate"], point["ci_low"], point["ci_high"]) == pytest.approx(
            (fit.estimate[0], fit.ci_low[0], fit.ci_high[0]), rel=1e-8
        )
    union = curves[curves["curve"] == "union"]
    assert union["x"].tolist() == pytest.approx(np.linspace(0, 0.3, 121))
    assert union["ci_low"].is_monotonic_decreasing


def test_with_one_instrument_a_direct_effect_is_divided_by_the_first_stage(panel):
    result = run(panel, ASKED)
    first = rows_of(result, "iv_first").loc["z_l1", "estimate"]
    assert statistics_of(result, "iv_bounds").loc["direct_effect_slope", "value"] == pytest.approx(1 / first, rel=1e-9)


def test_the_normal_prior_adds_its_variance(panel):
    asked = {**ASKED, "plausibly_exogenous": {"range": [-0.1, 0.3], "prior": {"mean": 0.05, "sd": 0.2}}}
    result = run(panel, asked)
    row = rows_of(result, "iv_bounds").loc["local_to_zero[x_l1]"]
    fit, slope = given(made(panel).dropna(), 0.05), 1 / rows_of(result, "iv_first").loc["z_l1", "estimate"]
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-8)
    expected = np.sqrt(fit.std_error[0] ** 2 + slope**2 * 0.2**2)
    assert row["std_error"] == pytest.approx(expected, rel=1e-8)
    assert row["ci_high"] == pytest.approx(fit.estimate[0] + stats.t.ppf(0.975, 19) * expected, rel=1e-8)


def test_without_a_prior_it_has_mean_and_variance_of_the_range(panel):
    statistics = statistics_of(run(panel, ASKED), "iv_bounds")["value"]
    assert statistics["direct_effect_mean"] == pytest.approx(0.1)
    assert statistics["direct_effect_sd"] == pytest.approx(0.4 / np.sqrt(12))


def test_the_interval_reaches_zero_at_the_direct_effect_that_is_told(panel):
    result = run(panel, ASKED)
    zero = statistics_of(result, "iv_bounds").loc["direct_effect_zero", "value"]
    fit = given(made(panel).dropna(), zero)
    nearest = min(abs(fit.ci_low[0]), abs(fit.ci_high[0]))
    assert nearest == pytest.approx(0, abs=1e-9)
    assert "direct_effect_outside" in codes_of(result, "iv_bounds")
    closer = {**ASKED, "plausibly_exogenous": {"range": [-1.0, 1.0]}}
    assert "direct_effect_inside" in codes_of(run(panel, closer), "iv_bounds")


def test_an_effect_that_is_not_told_from_zero_needs_no_direct_effect():
    result = run(confounded(strength=0.02), ASKED)
    assert statistics_of(result, "iv_bounds").loc["direct_effect_zero", "value"] == 0
    assert "direct_effect_none" in codes_of(result, "iv_bounds")


def test_a_weak_instrument_is_said_to_be_weak_beside_its_bounds_too(panel):
    assert "iv_weak" in codes_of(run(confounded(strength=0.02), ASKED), "iv_bounds")
    assert "iv_weak" not in codes_of(run(panel, ASKED), "iv_bounds")


def test_of_two_instruments_one_may_be_in_doubt(panel):
    asked = {**ASKED, "instruments": ["z", "z2"], "plausibly_exogenous": {"range": [-0.1, 0.3], "of": "z"}}
    row = rows_of(run(panel, asked), "iv_bounds").loc["union[x_l1]"]
    data = made(panel).dropna()
    ends = [given(data, gamma, "z_l1 + z2_l1") for gamma in np.linspace(-0.1, 0.3, 81)]
    assert row["ci_low"] == pytest.approx(min(fit.ci_low[0] for fit in ends), rel=1e-8)


def test_a_model_without_an_estimate_has_no_bounds(panel):
    result = run(panel.assign(z=2 * panel["x"]), ASKED)
    assert rows_of(result, "iv_bounds")["estimate"].isna().all()
    assert "explain x_l1 wholly" in rows_of(result, "iv_bounds")["note"].iloc[0]


def test_the_union_covers_where_an_instrument_has_an_effect_of_its_own():
    naive, union, normal = [], [], []
    asked = {**ASKED, "plausibly_exogenous": {"range": [0.0, 0.4]}}
    for seed in range(80):
        rows = run(confounded(seed, firms=80, industries=40, years=5, direct=0.3), asked).estimates.set_index("term")
        for found, term in ((naive, "x_l1"), (union, "union[x_l1]"), (normal, "local_to_zero[x_l1]")):
            row = rows.loc[term].iloc[0] if term == "x_l1" else rows.loc[term]
            found.append(row["ci_low"] < EFFECT < row["ci_high"])
    assert np.mean(naive) < 0.6
    assert np.mean(union) > 0.95
    assert np.mean(normal) > 0.9


@pytest.mark.parametrize(("low", "high", "expected"), [(-1.0, 1.0, 0.1), (-2.0, -0.05, -0.4), (0.5, 1.0, 0.1)])
def test_of_two_direct_effects_that_reach_zero_one_of_the_range_is_told(low, high, expected):
    # (1 - g)^2 is the variance at the roots of 10 g^2 + 3 g - 0.4: a weak first stage reaches zero on either side.
    found = Leaning(estimate=1.0, slope=1.0, variance=(0.6, 1.0, 11.0), reach=1.0)
    assert found.reaching_zero(low, high) == pytest.approx(expected)
    assert found.union(-2.0, -0.05)[1] > 0
