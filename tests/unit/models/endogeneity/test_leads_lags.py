"""Leads and lags of the treatment: an effect where one is planted, none where it is not, mistakes told together."""

import pytest
from tests.unit.models.endogeneity.conftest import CLOCK, run

import involution as inv
from involution.errors import InputError
from involution.study import parse_study

ASKED = {"name": "ahead", "leads_lags": {"leads": 2, "lags": 1}}


def test_what_has_not_happened_has_no_effect_and_the_year_itself_has(data):
    result = run(data, ASKED)
    rows = result.estimates.set_index("term")
    assert rows.index.tolist() == ["x_l2", "x_l1", "x", "x_f1", "x_f2", "c_l1"]
    assert rows.loc["x_l1", "ci_low"] < -0.4 < rows.loc["x_l1", "ci_high"]
    statistics = result.statistics.set_index("statistic")
    assert statistics.loc["leads_f", "p_value"] > 0.05
    assert statistics.loc["leads_f", "df"] == 2
    assert rows["vcov"].unique().tolist() == ["crv3(industry)"]


def test_the_regression_is_that_of_its_formula(data):
    made = data.sort_values(["firm", "year"])
    for name, years in (("x_l1", 1), ("x_l2", 2), ("x_f1", -1), ("x_f2", -2), ("c_l1", 1)):
        made[name] = made.groupby("firm")[name[0]].shift(years)
    fit = inv.estimate("y ~ x_l1 + x + x_f1 + x_f2 + x_l2 + c_l1 | firm + year", made, cluster="industry", vcov="crv3")
    rows = run(data, ASKED).estimates.set_index("term").loc[list(fit.terms)]
    assert rows["estimate"].to_numpy() == pytest.approx(fit.estimate, rel=1e-12)
    assert rows["std_error"].to_numpy() == pytest.approx(fit.std_error, rel=1e-10)


def test_what_is_in_neither_test_is_said(data):
    notes = run(data, ASKED).notes.set_index("code")["text_en"]
    assert notes["endogeneity_between"].endswith("up to the outcome's year: x")


def test_leads_that_too_few_clusters_cannot_test_are_said_to_be_untested(data):
    result = run(data.assign(four=data["industry"].str[-1].astype(int) % 3), ASKED | {
        "cluster": ["four"], "allow_low_cluster": True, "leads_lags": {"leads": 3, "lags": 1}
    })  # fmt: skip
    assert result.statistics.set_index("statistic").loc["leads_f", ["value", "p_value"]].isna().all()
    (said,) = result.notes.loc[result.notes["code"] == "joint_too_few_clusters", "text_en"]
    assert said == "no joint F of x_f1, x_f2, x_f3: 3 coefficients cannot be tested together with 3 clusters"


def test_an_outcome_that_moves_the_treatment_is_found_out(data):
    feedback = data.groupby(["industry", "year"])["y"].transform("mean")
    moved = data.assign(x=data["x"] + 2 * feedback)
    statistics = run(moved, ASKED).statistics.set_index("statistic")
    assert statistics.loc["leads_f", "p_value"] < 0.01


def test_a_treatment_that_acts_at_once_is_not_taken_for_one_that_acts_before_it_happens(data):
    at_once = data.assign(y=data["y"] + data["x"])
    clock = {**CLOCK, "outcome": 1}
    result = run(at_once, {**ASKED, "timing": clock})
    assert result.estimates["term"].tolist() == ["x_l2", "x_l1", "x", "x_f1", "x_f2", "x_f3", "c_l1"]
    rows = result.estimates.set_index("term")
    assert rows.loc["x_f1", "ci_low"] < 1 < rows.loc["x_f1", "ci_high"]
    assert result.statistics.set_index("statistic").loc["leads_f", "p_value"] > 0.05
    said = result.notes.set_index("code").loc["endogeneity_leads"]
    assert "x_f2" in said.to_string()


def test_lags_alone_need_no_year_between(data):
    result = run(data, {"name": "before", "leads_lags": {"leads": 0, "lags": 1}, "timing": {**CLOCK, "outcome": 1}})
    assert result.estimates["term"].tolist() == ["x_l2", "x_l1", "c_l1"]


def test_a_panel_too_short_for_the_leads_is_a_row_with_the_reason(data):
    result = run(data[data["year"] < 2010], ASKED)
    assert result.estimates["estimate"].isna().all()
    assert "no observations left" in result.estimates["note"].iloc[0]


def test_mistakes_of_all_items_are_told_together(data):
    with pytest.raises(InputError) as caught:
        run(data, {**ASKED, "treatment": "z"}, {**ASKED, "name": "b", "outcome": "text"})
    told = [(problem.where, problem.what) for problem in caught.value.problems]
    assert [where.split(",")[0] for where, _ in told] == ["endogeneity: ahead", "endogeneity: b"]
    assert "no column 'z'" in told[0][1]
    assert "text" in told[1][1]


@pytest.mark.parametrize(
    "section, message",
    [
        ([{"name": "a"}], "expected exactly one of the methods"),
        ([{"name": "a", "leads_lags": {"leads": 0, "lags": 0}}], "neither a lead nor a lag"),
        ([{"name": "a", "leads_lags": {}}], "required without a `design`"),
    ],
)
def test_mistakes_of_the_file_are_told_when_it_is_read(section, message):
    study = {
        "name": "s",
        "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}},
        "models": [{"name": "m", "formula": "y ~ x"}],
        "endogeneity": section,
    }
    with pytest.raises(InputError, match=message):
        parse_study(study)
    assert parse_study({**study, "design": {"outcomes": ["y"], "timing": CLOCK}, "endogeneity": [ASKED]}).blocks == [
        "models", "baseline", "endogeneity",
    ]  # fmt: skip
