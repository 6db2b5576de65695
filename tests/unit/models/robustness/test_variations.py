"""Each variation is the regression that a reader would write out, and mistakes are told before any is estimated."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.robustness.conftest import DESIGN, DICTIONARY, run, values

import involution as inv
from involution.errors import InputError
from involution.models.blocks import Run
from involution.models.outcome_ranges import check_outcome_ranges
from involution.models.run import run_block
from involution.study import parse_study
from involution.study.robustness import Robustness, category
from involution.study.sections import Blocks


def dated(data):
    """The panel with the columns that the design asks for, taken by calendar years."""
    from involution.models.dating import with_dated

    pairs = [(name, years) for name in ("x", "z", "c", "d") for years in (-1, -2)]
    return with_dated(data, pairs, "here")[0]


def headline(result, model):
    return result.estimates[result.estimates["model"] == model].iloc[0]


@pytest.mark.parametrize(
    "asked, formula, options",
    [
        ({"treatment": "z"}, "y ~ z_l1 + c_l1 | firm + year", {}),
        ({"timing": {"treatment": -2}}, "y ~ x_l2 + c_l1 | firm + year", {}),
        ({"controls": []}, "y ~ x_l1 | firm + year", {}),
        ({"add_controls": ["d"]}, "y ~ x_l1 + c_l1 + d_l1 | firm + year", {}),
        ({"fixed_effects": ["firm", "region^year"]}, "y ~ x_l1 + c_l1 | firm + region^year", {}),
        ({"cluster": ["industry", "region"]}, "y ~ x_l1 + c_l1 | firm + year", {"cluster": ["industry", "region"]}),
        ({"vcov": "crv1"}, "y ~ x_l1 + c_l1 | firm + year", {"vcov": "crv1"}),
        ({"where": "region != 'r0'"}, "y ~ x_l1 + c_l1 | firm + year", {"where": "region != 'r0'"}),
        ({"drop_if": ["region == 'r0'", "year == 2012"]}, "y ~ x_l1 + c_l1 | firm + year",
         {"where": "region != 'r0' and year != 2012"}),
        ({"years": [2010, 2014]}, "y ~ x_l1 + c_l1 | firm + year", {"where": "year >= 2010 and year <= 2014"}),
        ({"outcome": "patents"}, "patents ~ x_l1 + c_l1 | firm + year", {"estimator": "poisson"}),
        ({"outcome": "patents", "transform": "log1p"}, "log1p(patents) ~ x_l1 + c_l1 | firm + year", {}),
        ({"outcome": "patents", "transform": "any"}, "I(patents > 0) ~ x_l1 + c_l1 | firm + year", {}),
    ],
)  # fmt: skip
def test_a_variation_is_the_regression_of_its_formula(data, asked, formula, options):
    row = headline(run("robustness", data, {"name": "v", **asked}), "v")
    given = {"cluster": "industry", "vcov": "crv3", **options}
    fit = inv.estimate(formula, dated(data), **given)
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)
    assert row["std_error"] == pytest.approx(fit.std_error[0], rel=1e-8)
    assert row["n_obs"] == fit.n_obs


def test_asinh_is_that_of_the_outcome(data):
    row = headline(run("robustness", data, {"name": "v", "outcome": "patents", "transform": "asinh"}), "v")
    made = dated(data).assign(h=np.arcsinh(data["patents"]))
    fit = inv.estimate("h ~ x_l1 + c_l1 | firm + year", made, cluster="industry", vcov="crv3")
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)
    assert row["outcome"] == "patents_asinh"


def test_winsorised_values_are_those_that_are_lagged(data):
    asked = {"name": "v", "winsorize": {"limits": [0.1, 0.9], "by": "none"}}
    # A lag that the study made itself holds the values from before.
    stale = dated(data)[[*data.columns, "x_l1"]]
    row = headline(run("robustness", stale, asked), "v")
    low, high = data["x"].quantile([0.1, 0.9])
    clipped = data.assign(x=data["x"].clip(low, high), y=data["y"].clip(*data["y"].quantile([0.1, 0.9])))
    fit = inv.estimate("y ~ x_l1 + c_l1 | firm + year", dated(clipped), cluster="industry", vcov="crv3")
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)


def test_a_balanced_panel_has_every_firm_in_every_year(data):
    result = run("robustness", data, {"name": "v", "balanced": True})
    row = headline(result, "v")
    complete = dated(data).dropna(subset=["y", "x_l1", "c_l1"])
    firms = complete.groupby("firm")["year"].nunique()
    kept = firms[firms == complete["year"].nunique()].index
    assert 0 < row["n_firms"] == len(kept) < data["firm"].nunique()
    assert row["n_obs"] == len(kept) * complete["year"].nunique()


def test_several_outcomes_are_a_model_each(data):
    result = run("robustness", data, {"name": "v", "outcome": ["patents", "utility"], "transform": "log1p"})
    assert result.estimates["model"].drop_duplicates().tolist() == ["v_patents", "v_utility"]


def test_a_placebo_outcome_says_that_no_effect_is_expected(data):
    result = run("robustness", data, {"name": "v", "outcome": "utility", "estimator": "poisson", "placebo": True})
    assert headline(result, "v")["p_value"] > 0.05
    assert "placebo_outcome" in set(result.notes["code"])


def test_each_industry_left_out_is_the_regression_without_it(data):
    result = run("robustness", data, {"name": "v", "leave_out": "industry", "vcov": "crv1"})
    curves = result.curves.set_index("curve")
    assert len(curves) == 20
    without = dated(data)[data["industry"] != "i03"]
    fit = inv.estimate("y ~ x_l1 + c_l1 | firm + year", without, cluster="industry")
    assert curves.loc["without[i03]", "estimate"] == pytest.approx(fit.estimate[0], rel=1e-9)
    assert curves.loc["without[i03]", "ci_low"] == pytest.approx(fit.ci_low[0], rel=1e-8)
    found = values(result, "v")
    assert found["leave_out_least"] == curves["estimate"].min()
    assert found["leave_out_most"] == curves["estimate"].max()
    assert found["leave_out_significant"] == (curves["ci_high"] < 0).mean()


def test_an_industry_that_makes_the_finding_is_named(data):
    made = np.where(data["industry"] == "i07", -30.0, 0.0) * dated(data)["x_l1"].fillna(0)
    result = run("robustness", data.assign(y=data["d"] + made), {"name": "v", "leave_out": "industry"})
    (said,) = result.notes.loc[result.notes["code"].str.startswith("leave_out"), "text_en"]
    assert "(without i07)" in said
    assert values(result, "v")["leave_out_significant"] < 1


def test_a_variation_that_the_data_do_not_support_stops_no_other(data):
    result = run(
        "robustness", data, {"name": "gone", "fixed_effects": ["firm", "industry^year"]}, {"name": "v", "controls": []}
    )
    failed = headline(result, "gone")
    assert np.isnan(failed["estimate"])
    assert "absorb" in failed["note"]
    assert headline(result, "v")["estimate"] == pytest.approx(-0.4, abs=0.15)


def test_mistakes_of_all_variations_are_told_together(data):
    with pytest.raises(InputError) as caught:
        run(
            "robustness", data,
            {"name": "a", "treatment": "q"}, {"name": "b", "outcome": "text"}, {"name": "c", "where": "year > 3000"},
            {"name": "d", "leave_out": "nowhere"}, {"name": "e", "outcome": "d", "transform": "log1p"},
            {"name": "f", "winsorize": {"columns": ["text"]}},
        )  # fmt: skip
    told = {problem.where: problem.what for problem in caught.value.problems}
    assert "no column 'q'" in next(what for where, what in told.items() if where.startswith("robustness: a"))
    assert {where.split(",")[0].split(".")[0] for where in told} == {f"robustness: {name}" for name in "abcdef"}


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"name": "a"}, "nothing is changed"),
        ({"name": "a", "placebo": True}, "nothing is changed"),
        ({"name": "a", "controls": [], "add_controls": ["c"]}, "not both"),
        ({"name": "a", "winsorize": {"limits": [0.9, 0.1]}}, "two quantiles"),
        ({"name": "a", "transform": "sqrt"}, "log1p"),
    ],
)
def test_mistakes_of_the_file_are_told_when_it_is_read(asked, message):
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "design": {"outcomes": ["y"]},
        "robustness": [asked],
    }
    with pytest.raises(InputError, match=message):
        parse_study(study)


def test_variations_need_a_baseline():
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "models": [{"name": "m", "formula": "y ~ x"}],
        "robustness": [{"name": "a", "controls": []}],
    }
    with pytest.raises(InputError, match="no baseline to vary"):
        parse_study(study)


def test_an_index_that_holds_the_outcome_is_refused_as_a_variation():
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "design": {"outcomes": ["rd_intensity"]},
        "robustness": [{"name": "a", "outcome": "gross_margin"}],
    }
    with pytest.raises(InputError, match="'gross_margin' is"):
        parse_study(study)


@pytest.mark.parametrize(
    "asked, what",
    [
        ({"treatment": "z"}, "treatment"),
        ({"outcome": "u", "placebo": True}, "placebo"),
        ({"outcome": "u", "treatment": "z"}, "outcome"),
        ({"leave_out": "industry"}, "influence"),
        ({"vcov": "wild"}, "inference"),
        ({"balanced": True}, "sample"),
        ({"fixed_effects": ["firm"]}, "specification"),
    ],
)
def test_what_a_variation_changes_is_told_by_its_keys(asked, what):
    assert category(Robustness.model_validate({"name": "a", **asked})) == what


def test_the_order_of_rows_changes_nothing(data):
    shuffled = data.sample(frac=1, random_state=2).reset_index(drop=True)
    asked = ({"name": "v", "leave_out": "industry"}, {"name": "w", "winsorize": {}}, {"name": "b", "balanced": True})
    first, second = (run("robustness", frame, *asked) for frame in (data, shuffled))
    pd.testing.assert_frame_equal(first.estimates, second.estimates, rtol=1e-10)
    pd.testing.assert_frame_equal(first.curves, second.curves, rtol=1e-10)


def test_without_fixed_effects_the_treatment_and_not_the_constant_is_the_headline(data):
    from involution.exhibits.columns import Results

    result = run("robustness", data, {"name": "v", "fixed_effects": []})
    frames = (result.estimates, result.statistics, result.notes)
    column = Results(*frames, pd.DataFrame(), {}).column("v")
    assert column.first["term"] == "(Intercept)"
    assert column.headline["term"] == "x_l1"


def test_a_group_that_carries_the_finding_counts_against_it(data):
    third = data["industry"].str[1:].astype(int) % 3
    moved = data.assign(third="t" + third.astype(str), only=data["x"].where(third == 0, 0.0))
    result = run("robustness", moved, {"name": "v", "treatment": "only", "leave_out": "third"})
    found = values(result, "v")
    assert (found["leave_out_groups"], found["leave_out_lost"]) == (3, 1)
    assert found["leave_out_significant"] <= 2 / 3
    assert "leave_out_lost" in set(result.notes["code"])


def test_an_outcome_is_winsorised_before_it_is_transformed(data):
    asked = {"name": "v", "outcome": "patents", "transform": "log1p",
             "winsorize": {"columns": ["patents"], "limits": [0.2, 0.8], "by": "none"}}  # fmt: skip
    row = headline(run("robustness", data, asked), "v")
    cut = data.assign(patents=data["patents"].clip(*data["patents"].quantile([0.2, 0.8])).astype(float))
    fit = inv.estimate("log1p(patents) ~ x_l1 + c_l1 | firm + year", dated(cut), cluster="industry", vcov="crv3")
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-10)


def test_a_balanced_panel_is_balanced_in_what_is_estimated(data):
    random = np.random.default_rng(3)
    holes = data.assign(
        w=np.where(random.uniform(size=len(data)) < 0.05, np.nan, random.uniform(1, 2, len(data))),
        prov=data["region"].where(random.uniform(size=len(data)) > 0.05),
    )
    for given in ({"weights": "w"}, {"fixed_effects": ["firm", "prov^year"]}):
        row = headline(run("robustness", holes, {"name": "v", "balanced": True, **given}), "v")
        assert row["n_obs"] % row["n_firms"] == 0


def test_an_outlier_of_the_year_before_the_sample_is_cut_where_the_lag_reaches_it(data):
    first = data["year"].min()
    wild = data.assign(x=np.where((data["year"] == first) & (data["industry"] == "i03"), 200.0, data["x"]))
    asked = {"name": "v", "winsorize": {"limits": [0.1, 0.9]}, "years": [int(first) + 1, 2016]}
    cut = values(run("robustness", wild, asked), "v")["sd_treatment"]
    calm = values(run("robustness", data, asked), "v")["sd_treatment"]
    assert cut == pytest.approx(calm, rel=0.1)


def test_a_column_of_one_value_leaves_nothing_out(data):
    with pytest.raises(InputError, match="'same' has the one value 1 in the rows of the variation"):
        run("robustness", data.assign(same=1), {"name": "v", "leave_out": "same"})
    # Which has two in the panel, and one in the rows of the variation.
    with pytest.raises(InputError, match="has the one value r0"):
        run("robustness", data, {"name": "v", "leave_out": "region", "where": "region == 'r0'"})


def test_negative_values_of_a_count_estimator_are_told_by_a_check_and_left_in_a_row_by_a_run(data):
    asked = {"name": "counted", "estimator": "poisson", "outcome": "d"}
    study = Blocks.model_validate({"design": DESIGN, "robustness": [asked]})
    own = Run("s", DICTIONARY, {}, seed=0, draws=0)
    with pytest.raises(InputError, match=r"robustness: counted\.estimator: .* not negative; found values from -"):
        check_outcome_ranges(study, data, own)
    row = run("robustness", data, asked).estimates.iloc[0]
    assert "negative values; Poisson needs none" in row["note"]
    fine = Blocks.model_validate({"design": DESIGN, "robustness": [{**asked, "outcome": "patents"}]})
    check_outcome_ranges(fine, data, own)


def test_an_ingredient_that_is_allowed_is_said_of_every_model(data):
    frame = data.assign(mixed=data["x"] + data["y"])
    design = {"treatment": "mixed", "allow_mechanical": True}
    variables = {"mixed": "x + y"}
    sections = {"design": {**DESIGN, **design}, "derive": {}, "variables": variables}
    own = {"study": "s", "dictionary": DICTIONARY, "seed": 1, "draws": 199}
    baseline = run_block("baseline", sections, frame, **own)
    varied = run_block("robustness", {**sections, "robustness": [{"name": "v", "vcov": "crv1"}]}, frame, **own)
    for result in (baseline, varied):
        said = result.notes[result.notes["code"] == "mechanical"]
        assert set(said["model"]) == set(result.estimates["model"])
        assert said["text_en"].str.startswith("y shares an ingredient with mixed (y)").all()
    free = {"models": [{"name": "m", "formula": "y ~ mixed | firm", "allow_mechanical": True}], "variables": variables}
    notes = run_block("models", {**free, "derive": {}}, frame, **own).notes
    assert "mechanical" in set(notes["code"])
    assert "mechanical" not in set(run("baseline", data).notes["code"])


def test_a_baseline_that_is_not_significant_has_no_significance_to_keep(data):
    noise = data.assign(y=np.random.default_rng(3).normal(size=len(data)))
    for frame, code in ((data, "leave_out"), (noise, "leave_out_insignificant")):
        result = run("robustness", frame, {"name": "each", "leave_out": "industry"})
        row = result.estimates[result.estimates["model"] == "each"].iloc[0]
        assert (row["ci_low"] * row["ci_high"] > 0) is np.bool_(code == "leave_out") or row["p_value"] < 0.05
        assert code in set(result.notes.loc[result.notes["model"] == "each", "code"])
