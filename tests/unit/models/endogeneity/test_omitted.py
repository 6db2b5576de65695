"""Sensitivity to omitted variables: of regressions with fixed effects, against regressions that hold the variable."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.unit.models.endogeneity.conftest import DESIGN, run

import involution as inv
from involution.errors import InputError
from involution.models.omitted_variables import benchmark, path, robustness_value
from involution.study.endogeneity import Endogeneity

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "sensemakr" / "darfur.json").read_text())
ASKED = {"name": "hidden", "controls": ["c", "z"], "omitted": {"times": [1, 2]}}


@pytest.fixture
def confounded(data):
    """The panel with z, which moves x and y by industry and year, and is seen."""
    random = np.random.default_rng(8)
    z = random.normal(size=(20, 10))[data["industry"].str[1:].astype(int), data["year"] - 2008]
    before = data.assign(z=z).groupby("firm")["z"].shift(1).fillna(0.0)
    return data.assign(z=z, x=data["x"] + 0.6 * z, y=data["y"] - 0.5 * before)


def values(result, model="hidden"):
    return result.statistics[result.statistics["model"] == model].set_index("statistic")["value"]


def test_times_with_the_outcome_may_differ():
    """Cinelli and Hazlett (2020), by hand for one times with the treatment, three with the outcome."""
    products, columns = np.array(GOLDEN["products"]), GOLDEN["columns"]
    others = [place for place, name in enumerate(columns[:-1]) if name != "directlyharmed"]
    found = path(products, 0, 7, others, 0.0232565, 1.963)
    same, more = benchmark(products, found, 1, 1), benchmark(products, found, 1, 1, 3)
    assert same.outcome == pytest.approx(0.124640923, rel=1e-8)  # PySensemakr 0.0.8
    assert more.treatment == same.treatment
    with_treatment = same.treatment / (1 + same.treatment)
    q = with_treatment**2 / (1 - with_treatment) ** 2
    assert more.outcome / same.outcome == pytest.approx(((3**0.5 + q**0.5) / (1 + q**0.5)) ** 2, rel=1e-9)


def test_half_the_estimate_takes_a_weaker_variable():
    """RV_q of their vignette's print at q = 1: .139; at q = .5 by the formula with half the strength."""
    strength = np.sqrt(GOLDEN["sensitivity"]["f2yd_x"])
    assert robustness_value(strength) == pytest.approx(0.13877635, abs=1e-8)
    half = 0.5 * strength
    assert robustness_value(half) == pytest.approx((np.sqrt(half**4 + 4 * half**2) - half**2) / 2, rel=1e-12)


def test_the_strengths_are_those_of_the_regression_with_dummies(confounded):
    """Partial R2 from sums of squares with and without the treatment, fixed effects as in any regression."""
    result = run(confounded, ASKED)
    made = confounded.sort_values(["firm", "year"])
    for name in ("x", "c", "z"):
        made[f"{name}_l1"] = made.groupby("firm")[name].shift(1)
    made = made.dropna()
    long, without = (
        inv.estimate(f"y ~ {terms} | firm + year", made, cluster="industry", vcov="crv3")
        for terms in ("x_l1 + c_l1 + z_l1", "c_l1 + z_l1")
    )
    share = 1 - (1 - long.r2_within) / (1 - without.r2_within)
    told = values(result)
    assert told["partial_r2[x_l1]"] == pytest.approx(share, rel=1e-9)
    f = np.sqrt(share / (1 - share))
    assert told["robustness_value[x_l1]"] == pytest.approx((np.sqrt(f**4 + 4 * f**2) - f**2) / 2, rel=1e-9)
    # At the 5 % level: of the confidence limit nearer to zero, with the clustered error.
    row = long.tidy().set_index("term").loc["x_l1"]
    g = f * row["ci_high"] / row["estimate"]
    assert told["robustness_value_alpha[x_l1]"] == pytest.approx((np.sqrt(g**4 + 4 * g**2) - g**2) / 2, rel=1e-9)
    first = result.estimates.set_index(["model", "term"]).loc[("hidden", "x_l1")]
    assert first["estimate"] == pytest.approx(row["estimate"], rel=1e-12)
    assert first["std_error"] == pytest.approx(row["std_error"], rel=1e-9)


def test_a_hidden_twin_of_a_control_is_within_its_bound(confounded):
    """The confounder is left out, and a control just as strong is in: the effect with it lies within the bound."""
    random = np.random.default_rng(5)
    twin = random.normal(size=(20, 10))[confounded["industry"].str[1:].astype(int), confounded["year"] - 2008]
    before = confounded.assign(twin=twin).groupby("firm")["twin"].shift(1).fillna(0.0)
    hidden = confounded.assign(twin=twin, x=confounded["x"] + 0.6 * twin, y=confounded["y"] - 0.5 * before)
    result = run(hidden, {**ASKED, "omitted": {"benchmarks": ["z"], "times": [1]}})
    rows = result.estimates[result.estimates["model"] == "hidden"].set_index("term")
    knowing = run(hidden, {**ASKED, "controls": ["c", "z", "twin"]}).estimates.set_index(["model", "term"])
    truth = knowing.loc[("hidden", "x_l1"), "estimate"]
    assert rows.loc["x_l1", "estimate"] < truth - 0.07
    assert truth < rows.loc["bound[z_l1,1x]", "estimate"] < truth + 0.1


def test_oster_is_of_the_within_regressions(confounded):
    result = run(confounded, ASKED)
    told = values(result)
    rows = result.estimates.set_index(["model", "term"])
    assert told["oster_short"] == pytest.approx(rows.loc[("hidden_short", "x_l1"), "estimate"], rel=1e-10)
    assert told["oster_r2_short"] == pytest.approx(rows.loc[("hidden_short", "x_l1"), "r2_within"], rel=1e-10)
    assert told["oster_r2"] == pytest.approx(rows.loc[("hidden_long", "x_l1"), "r2_within"], rel=1e-10)
    assert told["oster_r_max"] == pytest.approx(1.3 * told["oster_r2"], rel=1e-12)
    adjusted = rows.loc[("hidden", "oster[delta=1]")]
    assert adjusted["estimate"] > rows.loc[("hidden", "x_l1"), "estimate"] > told["oster_short"]
    assert rows.loc[("hidden_short", "x_l1"), "n_obs"] == rows.loc[("hidden_long", "x_l1"), "n_obs"]
    assert 0 < adjusted["std_error"] < 1


def test_the_error_of_the_adjusted_effect_leaves_each_cluster_out(confounded):
    whole = run(confounded, ASKED).estimates.set_index("term").loc["oster[delta=1]"]
    replicates = [
        run(confounded[confounded["industry"] != left], ASKED).estimates.set_index("term").loc["oster[delta=1]"]
        for left in sorted(confounded["industry"].unique())
    ]
    squares = sum((replicate["estimate"] - whole["estimate"]) ** 2 for replicate in replicates)
    assert whole["std_error"] == pytest.approx(np.sqrt(19 / 20 * squares), rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_a_treatment_of_one_cluster_has_no_jackknife_error(confounded, seed):
    """Without that cluster nothing is left of the treatment but rounding, which no order of rows makes an error."""
    policy = ((confounded["industry"] == "i00") & (confounded["year"] >= 2012)).astype(float)
    shuffled = confounded.assign(x=policy).sample(frac=1, random_state=seed)
    result = run(shuffled.reset_index(drop=True), ASKED)
    adjusted = result.estimates.set_index("term").loc["oster[delta=1]"]
    assert np.isfinite(adjusted["estimate"])
    assert np.isnan(adjusted["std_error"])
    assert "oster_no_error" in result.notes["code"].tolist()


def test_a_cluster_that_turns_the_movement_is_told(confounded):
    """The control goes with the outcome in one industry alone: without it the movement is the other way."""
    alone = (confounded["industry"] == "i00").to_numpy()
    moved = confounded.groupby("firm")["z"].shift(1).fillna(0.0) * np.where(alone, 30.0, 0.0)
    turned = run(confounded.assign(y=confounded["y"] + moved), ASKED)
    assert "oster_unsteady" in turned.notes["code"].tolist()
    assert "oster_unsteady" not in run(confounded, ASKED).notes["code"].tolist()


def test_base_controls_are_in_both_regressions_and_no_benchmark(confounded):
    result = run(confounded, {**ASKED, "omitted": {"base": ["c"], "times": [1], "times_outcome": [2]}})
    rows = result.estimates
    assert set(rows.loc[rows["model"] == "hidden_short", "term"]) == {"x_l1", "c_l1"}
    bounds = [term for term in rows.loc[rows["model"] == "hidden", "term"] if term.startswith("bound")]
    assert bounds == ["bound[z_l1,1x/2x]"]


def test_without_controls_the_robustness_value_stands_alone(data):
    result = run(data, {**ASKED, "controls": []}, design={**DESIGN, "controls": []})
    assert result.estimates.loc[result.estimates["model"] == "hidden", "term"].tolist() == ["x_l1"]
    assert "nothing to compare" in result.estimates["note"].iloc[0]
    assert "oster_delta" not in values(result)


def test_a_limit_that_the_controls_pass_is_refused_before_anything_is_estimated(confounded):
    r2 = values(run(confounded, ASKED))["oster_r2"]
    with pytest.raises(InputError, match=rf"omitted.r_max: 0.01 is below R2 .* controls in, {r2:.4g}"):
        run(confounded, {**ASKED, "omitted": {"r_max": 0.01}})
    assert values(run(confounded, {**ASKED, "omitted": {"r_max": r2 + 1e-6}}))["oster_r2"] == pytest.approx(r2)


def test_curves_are_the_extreme_scenarios(confounded):
    curves = run(confounded, ASKED).curves
    assert curves["curve"].unique().tolist() == ["extreme[1]", "extreme[0.75]", "extreme[0.5]"]
    told = values(run(confounded, ASKED))
    whole = curves[curves["curve"] == "extreme[1]"]
    # A variable that explains all that is left of the outcome takes the estimate away at its partial R2.
    assert np.interp(told["partial_r2[x_l1]"], whole["x"], whole["estimate"]) == pytest.approx(0, abs=0.01)


def test_benchmarks_that_are_no_controls_are_refused_by_name(confounded):
    with pytest.raises(InputError) as caught:
        run(confounded, {**ASKED, "omitted": {"benchmarks": ["zz"], "base": ["k"]}})
    assert [problem.what.split(" of")[0] for problem in caught.value.problems] == [
        "'zz' is no control",
        "'k' is no control",
    ]
    with pytest.raises(ValueError, match="one number for each of times"):
        Endogeneity.model_validate({"name": "a", "omitted": {"times": [1], "times_outcome": [1, 2]}})


def test_a_treatment_that_nothing_is_left_of_is_a_row_with_the_reason(data):
    constant = run(data.assign(x=1.0), {**ASKED, "controls": ["c"]})
    assert constant.estimates["estimate"].isna().all()
    assert constant.estimates["model"].tolist() == ["hidden", "hidden_long", "hidden_short"]
    assert "x_l1" in constant.estimates["note"].iloc[0]


def test_equal_weights_change_nothing(confounded):
    plain, weighted = (
        run(data, asked) for data, asked in ((confounded, ASKED), (confounded.assign(w=3.0), {**ASKED, "weights": "w"}))
    )
    np.testing.assert_allclose(plain.estimates["estimate"], weighted.estimates["estimate"], rtol=1e-9)
    np.testing.assert_allclose(plain.estimates["std_error"], weighted.estimates["std_error"], rtol=1e-7)
    np.testing.assert_allclose(values(plain), values(weighted), rtol=1e-8)
