"""The baseline built up, the shape of its effect, and how large the effect is in words."""

import numpy as np
import pytest
from tests.unit.models.robustness.conftest import run, values
from tests.unit.models.robustness.test_variations import dated, headline

import involution as inv
from involution.errors import InputError


def test_a_design_with_controls_is_estimated_without_them_first(data):
    result = run("baseline", data)
    assert result.estimates["model"].drop_duplicates().tolist() == ["baseline_y_no_controls", "baseline_y"]
    fit = inv.estimate("y ~ x_l1 | firm + year", dated(data), cluster="industry", vcov="crv3")
    assert headline(result, "baseline_y_no_controls")["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)


def test_columns_are_built_up_as_the_study_says(data):
    steps = [
        {"name": "alone", "controls": []},
        {"name": "regions", "fixed_effects": ["firm", "region^year"], "outcomes": ["y"]},
    ]
    result = run("baseline", data, design={"outcomes": ["y", "patents"], "build_up": steps})
    assert result.estimates["model"].drop_duplicates().tolist() == [
        "baseline_y_alone", "baseline_y_regions", "baseline_y", "baseline_patents_alone", "baseline_patents",
    ]  # fmt: skip
    fit = inv.estimate("y ~ x_l1 + c_l1 | firm + region^year", dated(data), cluster="industry", vcov="crv3")
    assert headline(result, "baseline_y_regions")["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)


def test_no_column_is_built_up_where_none_is_asked_for(data):
    assert run("baseline", data, design={"build_up": []}).estimates["model"].unique().tolist() == ["baseline_y"]


def test_a_step_may_have_controls_of_its_own(data):
    result = run("baseline", data, design={"build_up": [{"name": "other", "controls": ["d"]}]})
    assert "d_l1" in result.estimates[result.estimates["model"] == "baseline_y_other"]["term"].tolist()


def test_the_square_and_the_regimes(data):
    result = run("baseline", data, design={"quadratic": True, "regime": "state", "build_up": []})
    made = dated(data).assign(s=lambda frame: data.groupby("firm")["state"].shift(1))
    quadratic = inv.estimate("y ~ x_l1 + I(x_l1^2) + c_l1 | firm + year", made, cluster="industry", vcov="crv3")
    rows = result.estimates[result.estimates["model"] == "baseline_y_quadratic"]
    assert rows["estimate"].to_numpy() == pytest.approx(quadratic.estimate, rel=1e-10)
    assert "lind_mehlum[x_l1]" in values(result, "baseline_y_quadratic")
    regime = result.estimates[result.estimates["model"] == "baseline_y_regime"].set_index("term")["estimate"]
    slopes = [regime[f"state_l1::{state}:x_l1"] for state in (0, 1)]
    assert slopes == pytest.approx([-0.4, -0.4], abs=0.2)
    assert values(result, "baseline_y_regime")["equal_slopes"] == pytest.approx(slopes[1] - slopes[0], rel=1e-10)


def test_a_slope_that_differs_by_regime_is_found(data):
    before = dated(data)
    moved = data.assign(y=data["y"] - 1.0 * (before["x_l1"] * (before["x_l1"] > 0)).fillna(0))
    result = run("baseline", moved, design={"regime": "state", "build_up": []})
    tests = result.statistics.set_index(["model", "statistic"])
    assert tests.loc[("baseline_y_regime", "equal_slopes"), "p_value"] < 0.001


def test_one_standard_deviation_is_that_of_the_rows(data):
    result = run("baseline", data, design={"build_up": []})
    found, row = values(result, "baseline_y"), headline(result, "baseline_y")
    rows = dated(data).dropna(subset=["y", "x_l1", "c_l1"])
    rows = rows[rows.groupby("firm")["firm"].transform("size") > 1]
    assert len(rows) == row["n_obs"]
    assert found["sd_treatment"] == pytest.approx(rows["x_l1"].std(ddof=0), rel=1e-10)
    assert found["effect_of_sd"] == pytest.approx(row["estimate"] * rows["x_l1"].std(ddof=0), rel=1e-10)
    assert found["effect_of_sd_in_means"] == pytest.approx(found["effect_of_sd"] / rows["y"].mean(), rel=1e-10)
    assert found["effect_of_sd_in_sds"] == pytest.approx(found["effect_of_sd"] / found["sd_outcome"], rel=1e-10)
    # What the fixed effects leave of it is what a regression on their dummies leaves.
    dummies = np.column_stack([rows[key].to_numpy()[:, None] == np.unique(rows[key]) for key in ("firm", "year")])
    left = rows["x_l1"] - dummies @ np.linalg.lstsq(dummies.astype(float), rows["x_l1"], rcond=None)[0]
    assert found["sd_treatment_within"] == pytest.approx(left.std(ddof=0), rel=1e-8)


def test_of_counts_it_is_a_share_of_the_expected_count(data):
    result = run("baseline", data, design={"outcomes": ["patents"], "build_up": []})
    found, row = values(result, "baseline_patents"), headline(result, "baseline_patents")
    assert row["estimator"] == "poisson"
    assert found["effect_of_sd"] == pytest.approx(np.expm1(row["estimate"] * found["sd_treatment"]), rel=1e-12)
    assert "effect_of_sd_in_means" not in found


def test_a_unit_changes_the_words_only_where_it_should(data):
    plain, scaled = (
        values(run("baseline", frame, design={"build_up": []}), "baseline_y")
        for frame in (data, data.assign(x=data["x"] * 1000, y=data["y"] * 7))
    )
    for name in ("effect_of_sd_in_means", "effect_of_sd_in_sds"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-9)
    assert scaled["effect_of_sd"] == pytest.approx(7 * plain["effect_of_sd"], rel=1e-9)


def test_a_regime_that_does_not_exist_is_told(data):
    with pytest.raises(InputError, match="no column 'stat'; the nearest is 'state'"):
        run("baseline", data, design={"regime": "stat"})


@pytest.mark.parametrize("name", ["constant", "firm"])
def test_slopes_by_regime_of_an_absorbed_treatment_are_not_reported(data, name):
    flat = {"constant": 1.0, "firm": data["firm"].str[1:].astype(float)}[name]
    result = run("baseline", data.assign(x=flat), design={"regime": "state", "build_up": []})
    assert result.estimates["estimate"].isna().all()
    assert "not both identified" in result.estimates.set_index("model").loc["baseline_y_regime", "note"]


def test_with_weights_both_deviations_are_weighted(data):
    weighted = data.assign(w=np.random.default_rng(1).uniform(0.2, 5, len(data)))
    result = run("baseline", weighted, design={"weights": "w", "build_up": []})
    rows = dated(weighted).dropna(subset=["y", "x_l1", "c_l1"])
    rows = rows[rows.groupby("firm")["firm"].transform("size") > 1]
    mean = np.average(rows["y"], weights=rows["w"])
    expected = np.sqrt(np.average((rows["y"] - mean) ** 2, weights=rows["w"]))
    assert values(result, "baseline_y")["sd_outcome"] == pytest.approx(expected, rel=1e-10)
