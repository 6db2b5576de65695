"""Entropy balancing: closed forms, exact balance, and an effect that comes out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.models.endogeneity.conftest import run
from tests.unit.models.endogeneity.test_matching import DESIGN, simulated, values

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.models.endogeneity.entropy import balanced

ASKED = {"name": "balanced", "balance": {"on": ["c", "z"]}}


def test_two_values_have_a_closed_form():
    """A share p of ones is taken to a mean of m by weights m/p and (1 - m)/(1 - p)."""
    ones = np.array([1.0, 1, 0, 0, 0, 0, 0, 0])
    weights = balanced((ones - 0.5)[:, None], np.ones(8))
    np.testing.assert_allclose(weights, np.where(ones == 1, 2.0, 2 / 3), rtol=1e-9)


def test_one_covariate_is_tilted_exponentially():
    """Three rows at -1, 0 and 2 with mean zero: weights 2^(1/3) : 1 : 2^(-2/3)."""
    weights = balanced(np.array([[-1.0], [0.0], [2.0]]), np.ones(3))
    np.testing.assert_allclose(weights / weights[1], [2 ** (1 / 3), 1, 2 ** (-2 / 3)], rtol=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 4), st.floats(-0.6, 0.6))
def test_every_mean_is_met(seed, count, shift):
    random = np.random.default_rng(seed)
    columns = random.normal(size=(200, count))
    base = random.uniform(0.5, 2, size=200)
    weights = balanced(columns - shift, base)
    np.testing.assert_allclose(weights @ columns / weights.sum(), shift, atol=1e-6)
    assert weights.mean() == pytest.approx(1)
    # Least entropy: the logarithm of the tilt is linear in the columns.
    tilt = np.log(weights / base)
    left = tilt - np.column_stack([np.ones(200), columns]) @ np.linalg.lstsq(
        np.column_stack([np.ones(200), columns]), tilt, rcond=None
    )[0]  # fmt: skip
    assert np.abs(left).max() < 1e-6


def test_means_out_of_reach_are_told():
    with pytest.raises(NotEstimable, match="out of reach"):
        balanced(np.array([[1.0], [2.0], [3.0]]), np.ones(3))


def test_the_treatment_has_nothing_to_do_with_the_covariates_afterwards():
    result = run(simulated(3), ASKED, design=DESIGN)
    told = values(result, "balanced")
    for name in ("c", "z"):
        assert abs(told[f"correlation[before,{name}]"]) > 0.25
        assert abs(told[f"correlation[after,{name}]"]) < 1e-6
        assert told[f"mean[after,{name}]"] == pytest.approx(told[f"mean[before,{name}]"], rel=1e-6)
    assert 300 < told["effective_rows"] < 1_000
    assert "cluster" not in result.estimates["note"].iloc[0]
    assert result.estimates["vcov"].unique().tolist() == ["crv3(firm)"]


def test_with_year_effects_the_weighted_regression_is_that_with_the_covariates_in():
    """Where every year's covariances are zero the covariates may be in or out: the effect is one."""
    asked = {**ASKED, "fixed_effects": ["year"]}
    rows = [
        run(simulated(3), {**asked, "controls": controls}, design=DESIGN).estimates.set_index(["model", "term"])
        for controls in ([], ["c", "z"])
    ]
    assert rows[0].loc[("balanced", "x"), "estimate"] == pytest.approx(
        rows[1].loc[("balanced", "x"), "estimate"], abs=1e-8
    )
    plain = abs(rows[0].loc[("balanced_before", "x"), "estimate"] - rows[1].loc[("balanced_before", "x"), "estimate"])
    assert plain > 0.1


def test_two_groups_have_the_same_moments_afterwards():
    result = run(simulated(5), ASKED | {"balance": {"on": ["c", "z"], "treat": "median", "moments": 2}}, design=DESIGN)
    told = values(result, "balanced")
    for name in ("c", "z"):
        assert abs(told[f"standardised_difference[after,{name}]"]) < 1e-6
        assert told[f"variance_ratio[after,{name}]"] == pytest.approx(1, abs=0.05)
        assert told[f"mean_treated[after,{name}]"] == pytest.approx(told[f"mean_treated[before,{name}]"])
    assert set(result.estimates["term"]) == {"treated[x]"}


def test_own_weights_are_where_balancing_starts():
    data = simulated(6).assign(w=lambda frame: 1.0 + (frame["c"] > 0))
    result = run(data, {**ASKED, "weights": "w"}, design=DESIGN)
    told = values(result, "balanced")
    assert told["mean[before,c]"] == pytest.approx(np.average(data["c"], weights=data["w"]))
    assert abs(told["correlation[after,c]"]) < 1e-6
    assert "weighted by the balancing weights; times w" in result.estimates["note"].iloc[0]


def test_a_balance_that_does_not_exist_is_a_row_with_the_reason():
    data = simulated(2, firms=6, years=3)
    result = run(data.assign(c=data["x"], z=data["x"] ** 2), ASKED, design=DESIGN)
    assert result.estimates["estimate"].isna().tolist() == [True, False]
    assert "no weights balance the covariates" in result.estimates["note"].iloc[0]


def test_the_outcome_cannot_be_balanced_on():
    with pytest.raises(InputError, match="'y' is the outcome"):
        run(simulated(1, firms=20), {"name": "a", "balance": {"on": ["y"]}}, design=DESIGN)


@pytest.mark.parametrize("seed", range(3))
def test_the_effect_of_degrees_comes_out_where_least_squares_misses_it(seed):
    """The effect is -.4, the confounder curved; squares are balanced too."""
    data = simulated(100 + seed, firms=1_500, years=2)
    asked = {"name": "b", "balance": {"on": ["c", "z"], "moments": 2}, "fixed_effects": ["year"]}
    rows = run(data, asked, design=DESIGN).estimates.set_index(["model", "term"])
    before, after = (rows.loc[(model, "x"), "estimate"] for model in ("b_before", "b"))
    assert abs(before + 0.4) > 0.2
    assert abs(after + 0.4) < 0.06
    assert inv.estimate("y ~ x | year", data, vcov="hetero").estimate[0] == pytest.approx(before)


def test_a_firm_effect_is_no_obstacle():
    data = simulated(9)
    lasting = pd.Series(np.random.default_rng(1).normal(size=250), index=sorted(data["firm"].unique()))
    data["y"] += data["firm"].map(lasting)
    result = run(data, ASKED, design=DESIGN).estimates.set_index(["model", "term"])
    low, high = result.loc[("balanced", "x"), ["ci_low", "ci_high"]]
    assert low < -0.4 < high
