"""Matching: nearest neighbours by hand, the same whatever the order of the rows, balance where there was none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.models.endogeneity.conftest import CLOCK, run

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.models.endogeneity.matching import nearest_neighbours
from involution.models.endogeneity.treated import high

DESIGN = {"outcomes": ["y"], "treatment": "x", "timing": {**CLOCK, "treatment": 0, "controls": 0}, "cluster": ["firm"]}
ASKED = {"name": "matched", "match": {"on": ["c", "z"]}}


@pytest.fixture
def confounded():
    """Firms with two covariates that move both treatment and outcome, curved: the effect of x on y is -.4."""
    return simulated(11)


def simulated(seed: int, firms: int = 250, years: int = 4) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    n = firms * years
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    c, z = random.normal(size=(2, n))
    x = 0.8 * c - 0.5 * z + random.normal(size=n)
    y = -0.4 * x + 0.7 * np.exp(c / 2) - 0.6 * z + random.normal(size=n)
    frame = pd.DataFrame({"firm": [f"f{code:03d}" for code in firm], "year": 2010 + year, "x": x, "y": y, "c": c})
    return frame.assign(z=z, industry=[f"i{code % 10}" for code in firm], in_sample=True, text="words")


def matched(score, treated, strata=None, rank=None, **options):
    score, treated = np.array(score, dtype=float), np.array(treated, dtype=bool)
    strata = np.zeros(len(score), dtype=int) if strata is None else np.array(strata)
    return nearest_neighbours(score, treated, strata, np.arange(len(score)) if rank is None else rank, **options)


def values(result, model="matched"):
    return result.statistics[result.statistics["model"] == model].set_index("statistic")["value"]


def test_each_treated_row_takes_the_nearest_within_the_caliper():
    found = matched([0.5, 0.52, 0.61, 0.2, 0.9, 0.05], [1, 0, 0, 0, 0, 0], caliper=0.05)
    assert found.weights.tolist() == [1, 1, 0, 0, 0, 0]
    none = matched([0.5, 0.56, 0.2], [1, 0, 0], caliper=0.05)
    assert none.weights.tolist() == [0, 0, 0]
    assert none.beyond.tolist() == [True, False, False]


def test_several_neighbours_share_one_treated_row():
    found = matched([0.5, 0.52, 0.45, 0.2, 0.9], [1, 0, 0, 0, 0], k=2, caliper=0.1)
    assert found.weights.tolist() == [1, 0.5, 0.5, 0, 0]
    alone = matched([0.5, 0.52, 0.25, 0.2, 0.9], [1, 0, 0, 0, 0], k=2, caliper=0.1)
    assert alone.weights.tolist() == [1, 1, 0, 0, 0]


def test_untreated_rows_serve_again_or_once_as_asked():
    score, treated = [0.50, 0.51, 0.505, 0.3, 0.8], [1, 1, 0, 0, 0]
    assert matched(score, treated).weights.tolist() == [1, 1, 2, 0, 0]
    once = matched(score, treated, replace=False)
    # The higher score chooses first; the other takes what is left.
    assert once.weights.tolist() == [1, 1, 1, 1, 0]


def test_rows_off_the_common_support_are_left_out_and_told():
    found = matched([0.95, 0.1, 0.5, 0.3, 0.8], [1, 1, 1, 0, 0])
    assert found.off_support.tolist() == [True, True, False, False, False]
    assert found.weights.tolist()[:2] == [0, 0]


def test_matches_stay_within_their_stratum():
    found = matched([0.5, 0.5, 0.3, 0.7, 0.5], [1, 0, 0, 0, 1], strata=[1, 2, 1, 1, 2])
    assert found.weights.tolist() == [1, 1, 1, 0, 1] or found.weights.tolist() == [1, 1, 0, 1, 1]
    assert found.weights[1] == 1  # taken by the row of its own stratum alone


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=4, max_size=40), st.integers(1, 3), st.booleans()
)
def test_ties_fall_the_same_whatever_the_order_of_the_rows(rows, k, replace):
    score = np.array([step / 12 for step, _ in rows])
    treated = np.array([flag for _, flag in rows])
    rank = np.arange(len(rows))
    first = matched(score, treated, rank=rank, k=k, caliper=0.2, replace=replace)
    order = np.random.default_rng(0).permutation(len(rows))
    second = matched(score[order], treated[order], rank=rank[order], k=k, caliper=0.2, replace=replace)
    np.testing.assert_allclose(second.weights, first.weights[order], rtol=1e-12)
    total = first.weights[treated].sum()
    assert first.weights[~treated].sum() == pytest.approx(total)


def test_the_median_is_that_of_the_year():
    values_, years = np.array([1.0, 2, 3, 10, 20, 30]), np.array([0, 0, 0, 1, 1, 1])
    assert high(values_, years, "median")[0].tolist() == [0, 0, 1, 0, 0, 1]
    assert high(values_, None, "median")[0].tolist() == [0, 0, 0, 1, 1, 1]
    assert high(values_, years, 15.0)[0].tolist() == [0, 0, 0, 0, 1, 1]
    assert high(np.array([0.0, 1.0]), None, 5.0)[1].code == "treated_as_is"


def test_matched_rows_are_alike_where_they_were_not(confounded):
    result = run(confounded, ASKED, design=DESIGN)
    told = values(result)
    for name in ("c", "z"):
        assert abs(told[f"standardised_difference[before,{name}]"]) > 0.3
        assert abs(told[f"standardised_difference[after,{name}]"]) < 0.1
    assert told["score_r2[before]"] > 0.1 > 0.02 > told["score_r2[after]"]
    counted = told["n_treated_matched"] + told["n_off_support"] + told["n_beyond_caliper"]
    assert counted == told["n_treated"] == 500
    tests = result.statistics.set_index("statistic")["p_value"]
    assert tests["difference_t[before,c]"] < 0.001 < 0.05 < tests["difference_t[after,c]"]


def test_balance_is_that_of_the_weights_by_hand(confounded):
    """Means, standardised differences and variance ratios from the data of the matched rows."""
    result = run(confounded, ASKED | {"match": {"on": ["c"], "by_year": False, "caliper": None}}, design=DESIGN)
    told = values(result)
    treated = (confounded["x"] > confounded["x"].median()).to_numpy()
    fit = inv.estimate("t ~ c", confounded.assign(t=treated * 1.0), "logit", vcov="hetero")
    score = fit.fitted
    own, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    own = own[(score[own] <= score[others].max()) & (score[own] >= score[others].min())]
    nearest = others[np.abs(score[own][:, None] - score[others][None]).argmin(axis=1)]
    c = confounded["c"].to_numpy()
    assert told["n_treated_matched"] == len(own)
    assert told["mean_control[after,c]"] == pytest.approx(c[nearest].mean(), rel=1e-9)
    scale = np.sqrt((c[treated].var() + c[~treated].var()) / 2)
    assert told["standardised_difference[after,c]"] == pytest.approx((c[own].mean() - c[nearest].mean()) / scale)
    assert told["variance_ratio[after,c]"] == pytest.approx(c[own].var() / c[nearest].var())


def test_the_regression_is_weighted_least_squares_on_the_matched_rows(confounded):
    asked = ASKED | {"match": {"on": ["c"], "by_year": False, "caliper": None}, "fixed_effects": ["year"]}
    result = run(confounded, asked, design=DESIGN)
    treated = (confounded["x"] > confounded["x"].median()).to_numpy()
    score = inv.estimate("t ~ c", confounded.assign(t=treated * 1.0), "logit", vcov="hetero").fitted
    own, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    own = own[(score[own] <= score[others].max()) & (score[own] >= score[others].min())]
    weights = np.bincount(others[np.abs(score[own][:, None] - score[others]).argmin(axis=1)], minlength=len(treated))
    weights[own] = 1
    data = confounded.assign(w=weights.astype(float), t=treated * 1.0)[weights > 0]
    rows = result.estimates.set_index(["model", "term"])
    for model, term in (("matched", "x"), ("matched_indicator", "treated[x]")):
        column = "t" if "treated" in term else "x"
        fit = inv.estimate(f"y ~ {column} | year", data, cluster="firm", vcov="crv3", weights="w")
        assert rows.loc[(model, term), "estimate"] == pytest.approx(fit.estimate[0], rel=1e-9)
        assert rows.loc[(model, term), "std_error"] == pytest.approx(fit.std_error[0], rel=1e-8)
    once = inv.estimate("y ~ x | year", data, cluster="firm", vcov="crv3")
    assert rows.loc[("matched_once", "x"), "estimate"] == pytest.approx(once.estimate[0], rel=1e-9)


def test_the_rows_may_come_in_any_order(confounded):
    shuffled = confounded.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (run(data, ASKED, design=DESIGN).estimates for data in (confounded, shuffled))
    np.testing.assert_allclose(first["estimate"], second["estimate"], rtol=1e-9)


def test_matches_have_the_exact_columns_in_common(confounded):
    result = run(confounded, ASKED | {"match": {"on": ["c"], "exact": ["industry"], "scale": "logit", "caliper": 0.2}},
                 design=DESIGN)  # fmt: skip
    note = result.estimates["note"].iloc[0]
    assert "matches have industry in common" in note
    assert "caliper 0.2 standard deviations" in note
    assert values(result)["n_treated_matched"] < 500


def test_no_common_support_is_a_row_with_the_reason_beside_the_regression_before(confounded):
    apart = confounded.assign(c=(confounded["x"] > 0) * 10.0 + confounded["c"] / 10)
    rows = run(apart, ASKED | {"match": {"on": ["c"], "treat": 0.0}}, design=DESIGN).estimates
    assert rows["model"].tolist() == [f"matched{part}" for part in ("", "_once", "_indicator", "_before", "_score")]
    assert rows["estimate"].isna().tolist() == [True, True, True, False, True]
    assert rows["estimator"].tolist() == ["matching", "ols", "ols", "ols", "logit"]
    assert "no common support" in rows["note"].iloc[0]
    thin = run(confounded, ASKED | {"match": {"on": ["c", "z"], "caliper": 1e-12}}, design=DESIGN)
    assert "no treated row has an untreated one within the caliper" in thin.estimates["note"].iloc[0]


def test_the_regression_before_is_on_the_rows_with_a_score(confounded):
    """A year that the covariate separates has no logit: its rows are matched to nothing, and compared with nothing."""
    lost = confounded["year"] == 2012
    apart = np.where(confounded["x"] > confounded.loc[lost, "x"].median(), 5.0, -5.0)
    data = confounded.assign(z=np.where(lost, apart, confounded["z"]))
    result = run(data, ASKED, design=DESIGN)
    rows = result.estimates.set_index("model")
    without = run(data[~lost], ASKED, design=DESIGN).estimates.set_index("model").loc["matched_before"]
    assert rows.loc["matched_before", "n_obs"] == rows.loc["matched_score", "n_obs"].iloc[0] == 750
    assert rows.loc["matched_before", "estimate"] == pytest.approx(without["estimate"], rel=1e-9)
    assert rows.loc["matched_before", "std_error"] == pytest.approx(without["std_error"], rel=1e-9)
    assert "no score model in 2012" in rows.loc["matched_before", "note"]


def test_mistakes_are_told_by_name(confounded):
    with pytest.raises(InputError) as caught:
        run(confounded, {"name": "a", "match": {"on": ["x"]}}, {"name": "b", "match": {"on": ["c"], "exact": ["zz"]}},
            {"name": "d", "match": {"on": ["text"]}}, design=DESIGN)  # fmt: skip
    told = [problem.what for problem in caught.value.problems]
    assert "'x' is the treatment" in told[0]
    assert "no column 'zz'" in told[1]
    assert "text" in told[2]


@pytest.mark.parametrize("seed", range(3))
def test_the_effect_comes_out_where_least_squares_misses_it(seed):
    """Confounded on what is seen, in a way that is no straight line; two groups, 1 is the effect of being treated."""
    random = np.random.default_rng(seed)
    n = 3_000
    c, z = random.normal(size=(2, n))
    t = (c + 0.5 * z + random.logistic(size=n) > 0).astype(float)
    y = t + 1.5 * np.exp(c / 2) + 0.5 * z + random.normal(size=n)
    data = pd.DataFrame({"firm": [f"f{k:05d}" for k in range(n)], "year": 2010, "x": t, "y": y, "c": c, "z": z})
    data = data.assign(in_sample=True)
    asked = {"name": "matched", "match": {"on": ["c", "z"], "caliper": 0.02}, "fixed_effects": []}
    rows = run(data, asked, design={**DESIGN, "fixed_effects": []}).estimates.set_index(["model", "term"])["estimate"]
    assert rows[("matched_before", "x")] > 1.7
    assert abs(rows[("matched", "x")] - 1) < 0.2


@pytest.mark.parametrize(("rule", "said"), [(9.0, "no row counts as treated"), (-9.0, "every row counts as treated")])
def test_a_limit_outside_the_treatment_says_on_which_side(rule, said):
    with pytest.raises(NotEstimable, match=rf"{said} \(treat: {rule:g}\): the treatment is from 0 to 3"):
        high(np.arange(4.0), None, rule)
