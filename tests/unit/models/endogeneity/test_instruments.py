"""Instruments: what moves the treatment from outside finds the effect, what cannot is told, never a silent number."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS
from scipy import stats
from tests.unit.models.endogeneity.conftest import CLOCK, DESIGN, run
from tests.unit.models.endogeneity.simulated import EFFECT, confounded

import involution as inv
from involution.errors import InputError
from involution.models.effective_f import critical_value, largest_bias
from involution.study import parse_study

ASKED = {"name": "iv", "estimator": "iv", "instruments": ["z", "z2"]}
ONE = {"name": "iv", "instruments": "z"}


@pytest.fixture(scope="module")
def panel():
    return confounded()


def rows_of(result, model):
    return result.estimates[result.estimates["model"] == model].set_index("term")


def statistics_of(result, model):
    return result.statistics[result.statistics["model"] == model].set_index("statistic")


def codes_of(result, model):
    return result.notes.loc[result.notes["model"] == model, "code"].tolist()


def made(data):
    out = data.sort_values(["firm", "year"])
    for name in ("x", "z", "z2", "c"):
        out[f"{name}_l1"] = out.groupby("firm")[name].shift(1)
    return out


def test_the_instruments_find_the_effect_that_least_squares_misses(panel):
    result = run(panel, ASKED)
    assert result.estimates["model"].unique().tolist() == ["iv", "iv_first", "iv_reduced", "iv_ols"]
    second, least = rows_of(result, "iv").loc["x_l1"], rows_of(result, "iv_ols").loc["x_l1"]
    assert second["ci_low"] < EFFECT < second["ci_high"]
    assert least["ci_low"] > EFFECT
    assert result.estimates["n_obs"].nunique() == 1
    assert result.estimates["vcov"].unique().tolist() == ["crv3(industry)"]
    statistics = statistics_of(result, "iv")
    assert statistics.loc["wu_hausman_robust", "p_value"] < 0.01
    assert statistics.loc["hansen_j", "p_value"] > 0.05
    assert statistics.loc["effective_f", "value"] > statistics.loc["effective_f_critical", "value"]
    assert statistics.loc["anderson_rubin_low", "value"] < EFFECT < statistics.loc["anderson_rubin_high", "value"]
    assert "iv_weak" not in codes_of(result, "iv")


def test_the_four_models_are_those_of_their_formulas(panel):
    result, data = run(panel, ASKED), made(panel)
    data = data.dropna()
    options = {"cluster": "industry", "vcov": "crv3"}
    for model, text in {
        "iv": "y ~ c_l1 | firm + year | x_l1 ~ z_l1 + z2_l1",
        "iv_first": "x_l1 ~ z_l1 + z2_l1 + c_l1 | firm + year",
        "iv_reduced": "y ~ z_l1 + z2_l1 + c_l1 | firm + year",
        "iv_ols": "y ~ x_l1 + c_l1 | firm + year",
    }.items():
        fit, rows = inv.estimate(text, data, **options), rows_of(result, model)
        rows = rows.loc[list(fit.terms)]
        assert rows["estimate"].to_numpy() == pytest.approx(fit.estimate, rel=1e-10)
        assert rows["std_error"].to_numpy() == pytest.approx(fit.std_error, rel=1e-9)


def test_the_reduced_form_over_the_first_stage_is_the_second(panel):
    result = run(panel, ONE)
    first, reduced = (rows_of(result, f"iv_{part}").loc["z_l1", "estimate"] for part in ("first", "reduced"))
    assert rows_of(result, "iv").loc["x_l1", "estimate"] == pytest.approx(reduced / first, rel=1e-10)
    # The square of the t statistic is the F of one instrument.
    t = rows_of(result, "iv_first").loc["z_l1", "statistic"]
    assert statistics_of(result, "iv_first").loc["instruments_f", "value"] == pytest.approx(t**2, rel=1e-10)


def test_exogeneity_is_tested_by_the_first_stage_residual(panel):
    data = made(panel).dropna()
    first = inv.estimate("x_l1 ~ z_l1 + z2_l1 + c_l1 | firm + year", data, vcov="iid")
    data["left"] = first.residuals
    fit = inv.estimate("y ~ x_l1 + left + c_l1 | firm + year", data, cluster="industry", vcov="crv3")
    found = statistics_of(run(panel, ASKED), "iv").loc["wu_hausman_robust"]
    assert found["value"] == pytest.approx(fit.statistic[1] ** 2, rel=1e-8)
    assert found["p_value"] == pytest.approx(fit.p_value[1], rel=1e-6)


def test_another_year_of_the_treatment_may_be_its_instrument(panel):
    random = np.random.default_rng(3)
    data = panel.sort_values(["firm", "year"]).copy()
    # A treatment that lasts, measured with error: an earlier year has an error of its own.
    true = data["x"].groupby(data["firm"]).cumsum() * 0.3
    data["noisy"] = true + random.normal(size=len(data))
    data["y"] = 0.5 * true.groupby(data["firm"]).shift(1) + 0.3 * random.normal(size=len(data))
    asked = {"name": "lagged", "treatment": "noisy", "instruments": [{"by": "noisy", "years": -3}], "controls": []}
    design = {**DESIGN, "fixed_effects": ["year"]}
    result = run(data, asked, design=design)
    rows = rows_of(result, "lagged")
    assert rows.index.tolist() == ["noisy_l1"]
    assert rows_of(result, "lagged_first").index.tolist() == ["noisy_l3"]
    assert rows.loc["noisy_l1", "ci_low"] < 0.5 < rows.loc["noisy_l1", "ci_high"]
    assert rows_of(result, "lagged_ols").loc["noisy_l1", "ci_high"] < 0.5


def test_a_weak_instrument_is_said_to_be_weak_and_its_set_has_no_bound():
    result = run(confounded(strength=0.02), ONE)
    codes = codes_of(result, "iv")
    assert "iv_weak" in codes
    assert {"iv_set_unbounded", "iv_set_line"} & set(codes)
    assert statistics_of(result, "iv").loc["effective_f", "value"] < 23.1


def test_instruments_that_contradict_each_other_are_found_out():
    result = run(confounded(direct=0.8), ASKED)
    assert statistics_of(result, "iv").loc["hansen_j", "p_value"] < 0.05
    assert "iv_contradicted" in codes_of(result, "iv")


def test_too_few_clusters_for_hansens_test_are_told(panel):
    few = panel[panel["industry"].isin(["i00", "i01", "i02"])]
    result = run(few, ASKED)
    assert "hansen_j" not in statistics_of(result, "iv").index
    told = result.notes.set_index(["model", "code"]).loc[("iv", "hansen_few_clusters")]
    assert "3 clusters are no more than the 3 moments" in told["text_en"]
    assert "hansen_few_clusters" not in codes_of(run(panel, ASKED), "iv")
    assert "hansen_few_clusters" not in codes_of(run(few, ONE), "iv")


def test_tests_that_are_clustered_beside_another_error_are_told(panel):
    result = run(panel, {**ASKED, "vcov": "hetero"})
    told = result.notes.set_index(["model", "code"]).loc[("iv", "iv_tests_clustered"), "text_en"]
    assert "(effective F, Anderson-Rubin, Hansen J) are clustered by industry" in told
    assert "iv_tests_clustered" not in codes_of(run(panel, ASKED), "iv")


def test_an_instrument_that_is_the_treatment_by_another_name_is_a_row_with_the_reason(panel):
    result = run(panel.assign(copy=2 * panel["x"] + 1), {"name": "iv", "instruments": "copy"})
    assert rows_of(result, "iv")["estimate"].isna().all()
    assert "explain x_l1 wholly" in rows_of(result, "iv")["note"].iloc[0]
    assert rows_of(result, "iv_ols")["estimate"].notna().all()


@pytest.mark.parametrize(
    "column, reason",
    [("fixed", "absorbed by the fixed effects: fixed_l1"), ("double", "collinear with other columns: double_l1")],
)
def test_an_instrument_without_variation_of_its_own_is_a_row_with_the_reason(panel, column, reason):
    data = panel.assign(fixed=panel["firm"].str[1:].astype(float), double=3 * panel["c"])
    result = run(data, {"name": "iv", "instruments": column})
    for model in ("iv", "iv_first", "iv_reduced"):
        assert rows_of(result, model)["estimate"].isna().all()
    assert reason in rows_of(result, "iv")["note"].iloc[0]
    assert "leave nothing of" in rows_of(result, "iv_first")["note"].iloc[0]
    assert rows_of(result, "iv_ols")["estimate"].notna().all()


def test_one_useless_instrument_beside_a_good_one_is_named(panel):
    data = panel.assign(fixed=panel["firm"].str[1:].astype(float))
    result = run(data, {"name": "iv", "instruments": ["z", "fixed"]})
    assert rows_of(result, "iv")["estimate"].notna().all()
    assert "fixed_l1" in result.notes.set_index(["model", "code"]).loc[("iv", "absorbed"), "text_en"]


def test_mistakes_of_all_items_are_told_together(panel):
    wrong = [
        {"name": "a", "instruments": "x"},
        {"name": "b", "instruments": [{"by": "c", "years": -1}, "gone"]},
        {"name": "d", "instruments": [{"by": "y", "years": 0}]},
        {"name": "e", "instruments": "text"},
    ]
    with pytest.raises(InputError) as caught:
        run(panel, *wrong)
    told = " ".join(f"{problem.where} {problem.what}" for problem in caught.value.problems)
    for words in ("'x_l1' is the treatment itself", "'c_l1' is a control", "no column 'gone'", "'y' is the outcome"):
        assert words in told
    assert "text" in told


@pytest.mark.parametrize(
    "item, message",
    [
        ({"estimator": "iv"}, "expected exactly one of the methods"),
        ({"estimator": "iv", "leads_lags": {}}, "estimator: iv needs one of the methods"),
        ({"instruments": []}, "instruments"),
        ({"instruments": ["z", "z"]}, "stands twice"),
        ({"leads_lags": {}, "plausibly_exogenous": {"range": [0, 1]}}, "stands beside instruments"),
        ({"plausibly_exogenous": {"range": [0, 1]}}, "stands beside instruments"),
        ({"instruments": ["z", "w"], "plausibly_exogenous": {"range": [0, 1]}}, "name the instrument in doubt"),
        ({"instruments": ["z"], "plausibly_exogenous": {"range": [0, 1], "of": "w"}}, "is not one of the instruments"),
        ({"instruments": ["z"], "plausibly_exogenous": {"range": [1, 0]}}, "the lower end first"),
        ({"instruments": ["z"], "plausibly_exogenous": {"range": [0, 1], "prior": {"sd": 0}}}, "expected more than 0"),
    ],
)
def test_mistakes_of_the_file_are_told_when_it_is_read(item, message):
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "design": {"outcomes": ["y"], "timing": CLOCK},
    }
    with pytest.raises(InputError, match=message):
        parse_study({**study, "endogeneity": [{"name": "a", **item}]})


def test_critical_values_are_those_that_are_printed():
    # Montiel Olea and Pflueger (2013), one instrument: 37.4, 23.1, 15.1 and 12.0 for a bias of 5, 10, 20 and 30 %.
    found = [critical_value(np.eye(1), 1 / bias) for bias in (0.05, 0.10, 0.20, 0.30)]
    assert found == pytest.approx([37.42, 23.11, 15.06, 12.05], abs=0.006)


def test_with_equal_errors_the_bound_and_the_critical_value_have_a_closed_form():
    # W = S x I: the bias of K instruments is (K - 2)/K of the worst, and k = K.
    for count in (2, 3, 5):
        w = np.eye(count)
        bound = largest_bias(2.0 * w, 0.4 * w, 0.5 * w)
        assert bound == pytest.approx((count - 2) / count, abs=1e-6)
        x = bound / 0.1
        expected = stats.ncx2.isf(0.05, count, max(x * count, 1e-12)) / count
        assert critical_value(w, x) == pytest.approx(expected, rel=1e-6)


def test_second_stage_agrees_with_another_package(panel):
    data = made(panel).dropna()
    within = data[["y", "x_l1", "z_l1", "z2_l1", "c_l1"]]
    dummies = pd.get_dummies(data[["firm", "year"]].astype(str), drop_first=True, dtype=float).assign(one=1.0)
    exogenous = pd.concat([within[["c_l1"]], dummies], axis=1)
    peer = IV2SLS(within["y"], exogenous, within[["x_l1"]], within[["z_l1", "z2_l1"]]).fit(cov_type="unadjusted")
    assert rows_of(run(panel, ASKED), "iv").loc["x_l1", "estimate"] == pytest.approx(peer.params["x_l1"], rel=1e-8)


def test_weights_and_the_wild_bootstrap_are_told(panel):
    result = run(panel.assign(weight=1 + panel["c"] ** 2), {**ONE, "weights": "weight", "vcov": "wild"})
    by_model = result.estimates.groupby("model")["vcov"].first()
    assert by_model["iv"] == "crv3(industry)"
    assert by_model["iv_ols"] == "wild(industry)"
    assert {"iv_crv3", "weights"} <= set(codes_of(result, "iv"))


def test_rejection_of_the_truth_by_both_intervals_is_near_five_per_cent():
    inside = []
    for seed in range(120):
        result = run(confounded(seed, firms=80, industries=40, years=5), ONE)
        statistics, row = statistics_of(result, "iv")["value"], rows_of(result, "iv").loc["x_l1"]
        ends = statistics["anderson_rubin_low"], statistics["anderson_rubin_high"]
        inside.append((row["ci_low"] < EFFECT < row["ci_high"], ends[0] < EFFECT < ends[1]))
    # Of 120 at .95, .88 is three and a half standard errors away.
    assert (np.mean(inside, axis=0) > 0.88).all()
