"""Instruments from heteroskedasticity: made by hand, right where it is planted, said to say nothing where it is not."""

import numpy as np
import pytest
from tests.unit.models.endogeneity.conftest import DESIGN, run
from tests.unit.models.endogeneity.simulated import EFFECT, confounded
from tests.unit.models.endogeneity.test_instruments import codes_of, made, rows_of, statistics_of

import involution as inv
from involution.errors import InputError

ASKED = {"name": "hetero", "lewbel": {}}


@pytest.fixture(scope="module")
def panel():
    return confounded(7, firms=400, skewed=1.5, strength=0.0)


def test_the_instruments_are_those_made_by_hand(panel):
    data = made(panel).dropna().copy()
    data["error"] = inv.estimate("x_l1 ~ c_l1 | firm + year", data, vcov="iid").residuals
    # Residuals of the control on dummies of both effects.
    codes = [data[name].astype("category").cat.codes.to_numpy() for name in ("firm", "year")]
    dummies = np.column_stack([np.eye(code.max() + 1)[code] for code in codes])
    control = data["c_l1"] - dummies @ np.linalg.lstsq(dummies, data["c_l1"].to_numpy(), rcond=None)[0]
    data["made"] = (control - control.mean()) * data["error"]
    data["square"] = data["error"] ** 2
    fit = inv.estimate("y ~ c_l1 | firm + year | x_l1 ~ made", data, cluster="industry", vcov="crv3")
    result = run(panel, ASKED)
    assert result.estimates["model"].unique().tolist() == ["hetero", "hetero_first", "hetero_ols"]
    rows = rows_of(result, "hetero")
    assert rows["estimate"].to_numpy() == pytest.approx(fit.estimate, rel=1e-8)
    assert rows["std_error"].to_numpy() == pytest.approx(fit.std_error, rel=1e-7)
    assert rows_of(result, "hetero_first").index.tolist() == ["c_l1", "lewbel[c_l1]"]
    test = inv.estimate("square ~ c_l1 | firm + year", data, cluster="industry", vcov="crv3")
    found = statistics_of(result, "hetero").loc["breusch_pagan"]
    assert found["value"] == pytest.approx(test.statistic[0] ** 2, rel=1e-7)


def test_it_finds_the_effect_that_least_squares_misses(panel):
    result = run(panel, ASKED)
    row, least = (rows_of(result, model).loc["x_l1"] for model in ("hetero", "hetero_ols"))
    assert row["ci_low"] < EFFECT < row["ci_high"]
    assert least["ci_low"] > EFFECT
    assert "for an appendix" in row["note"]


def test_without_heteroskedasticity_it_says_that_it_says_nothing():
    result = run(confounded(), ASKED)
    assert {"lewbel_homoskedastic", "iv_weak"} <= set(codes_of(result, "hetero"))
    assert statistics_of(result, "hetero").loc["breusch_pagan", "p_value"] > 0.05


def test_a_control_that_does_not_vary_within_firms_makes_none(panel):
    data = panel.assign(size=panel["firm"].str[1:].astype(float))
    both = run(data, {**ASKED, "controls": ["c", "size"]})
    assert "lewbel_lost" in codes_of(both, "hetero")
    alone = run(data, {**ASKED, "controls": ["size"]})
    assert "size_l1" in rows_of(alone, "hetero")["note"].iloc[0]
    assert alone.estimates["estimate"].isna().all()


def test_mistakes_are_told_before_anything_is_estimated(panel):
    with pytest.raises(InputError) as caught:
        run(
            panel,
            {"name": "a", "lewbel": {"by": ["z"]}},
            {"name": "b", "lewbel": {}, "controls": []},
            design=DESIGN,
        )
    told = [problem.what for problem in caught.value.problems]
    assert told == ["'z' is not one of the controls c", "there are no controls to make instruments of"]


def test_its_interval_covers_where_its_assumptions_hold():
    inside = []
    for seed in range(60):
        row = rows_of(run(confounded(seed, firms=160, industries=40, years=5, skewed=1.5), ASKED), "hetero").loc["x_l1"]
        inside.append(row["ci_low"] < EFFECT < row["ci_high"])
    assert np.mean(inside) > 0.85
