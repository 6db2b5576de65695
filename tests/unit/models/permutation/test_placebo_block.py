"""The block placebo: defaults of the design, what is said, failures that stop nothing else, mistakes told together."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.permutation.worlds import panel

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.design import Design
from involution.models.run import check_blocks, run_block
from involution.study import parse_study

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": -1, "outcome": 0, "controls": -1}
DESIGN = {
    "outcomes": ["y", "z"],
    "treatment": "involution",
    "timing": CLOCK,
    "controls": ["c"],
    "cluster": ["industry"],
}
STUDY = {"name": "s", "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}}


@pytest.fixture
def data():
    return panel(effect=-0.3).rename(columns={"x": "involution"}).assign(name="text", flat=1.0)


def run(data, *asked, design=DESIGN, seed=1, draws=199):
    sections = {"placebo": list(asked), "design": design, "derive": {}, "variables": {}}
    return run_block("placebo", sections, data, study="s", dictionary=DICTIONARY, seed=seed, draws=draws)


def test_what_is_not_named_is_that_of_the_design(data):
    result = run(data, {"name": "shuffled"})
    assert result.estimates["term"].tolist() == ["involution_l1", "c_l1"]
    assert (result.estimates["outcome"] == "y").all()
    assert (result.estimates["vcov"] == "crv3(industry)").all()
    lagged = data.sort_values(["firm", "year"])
    for name in ("involution", "c"):
        before = lagged.groupby("firm")[name].shift(1)
        lagged[f"{name}_l1"] = before.where(lagged["year"] - lagged.groupby("firm")["year"].shift(1) == 1)
    fit = Design(lagged, ["firm", "year"], ["industry"]).estimate("y ~ involution_l1 + c_l1", vcov="crv3")
    assert result.estimates["estimate"].to_numpy() == pytest.approx(fit.estimate, abs=1e-12)


def test_both_p_values_and_the_density_are_reported(data):
    result = run(data, {"name": "shuffled", "draws": 299})
    values = result.statistics.set_index("statistic")
    draws = result.curves[result.curves["curve"] == "placebo_draws"]
    assert len(draws) == values.loc["placebo_draws", "value"] == 299
    actual = abs(result.estimates["estimate"].iloc[0])
    expected = (1 + (draws["x"].abs() >= actual).sum()) / 300
    assert values.loc["placebo_p", ["value", "p_value"]].tolist() == [pytest.approx(expected)] * 2
    assert values.loc["placebo_p_t", "value"] <= 0.1
    assert values.loc["placebo_mean", "value"] == pytest.approx(draws["x"].mean())
    assert values.loc["placebo_percentile[97.5]", "value"] == pytest.approx(np.percentile(draws["x"], 97.5))
    # One industry lacks a year: it has no partner.
    assert values.loc[["placebo_units", "placebo_units_moving"], "value"].tolist() == [12, 11]
    assert 0.9 < values.loc["placebo_rows_moving", "value"] < 1
    assert values.loc["placebo_rejected[5%]", "value"] == pytest.approx((draws["estimate"] < 0.05).mean())
    assert set(result.curves["curve"]) == {"placebo_histogram", "placebo_density", "placebo_draws"}
    assert {"placebo_paths", "placebo_units", "placebo_leave_out", "placebo_p"} <= set(result.notes["code"])
    assert "11 of 12 units of industry" in result.estimates["note"].iloc[0]


def test_the_draws_are_those_of_the_runs_seed_whatever_stands_beside(data):
    alone, beside = run(data, {"name": "a"}), run(data, {"name": "other", "outcome": "c"}, {"name": "a"})
    pd.testing.assert_frame_equal(
        alone.curves.reset_index(drop=True), beside.curves[beside.curves["model"] == "a"].reset_index(drop=True)
    )
    assert not run(data, {"name": "a"}, seed=2).curves.equals(alone.curves)


def test_a_column_of_firms_is_exchanged_by_firm_and_by_industry_on_request(data):
    asked = {"name": "own", "treatment": "weight", "cluster": ["firm"]}
    by_firm = run(data, asked).statistics.set_index("statistic")["value"]
    assert by_firm["placebo_units"] == data["firm"].nunique()
    result = run(data, {**asked, "name": "moved", "treatment": "c", "controls": [], "level": "industry"})
    assert "placebo_own" in set(result.notes["code"])
    assert "placebo_again" in set(result.notes["code"])


def test_few_industries_are_a_row_with_the_reason_and_stop_nothing(data):
    few = run(data, {"name": "few", "where": "industry < 3"}, {"name": "good"})
    failed = few.estimates[few.estimates["model"] == "few"]
    assert failed["estimate"].isna().all()
    assert "fewer than 4: there is nothing to exchange" in failed["note"].iloc[0]
    assert few.estimates[few.estimates["model"] == "good"]["estimate"].notna().all()


def test_few_possible_permutations_are_said(data):
    result = run(data, {"name": "some", "where": "industry < 7"})
    assert "only 720 permutations are possible" in result.estimates["note"].iloc[0]


def test_mistakes_of_all_sections_are_told_together(data):
    asked = [{"name": "a", "level": "indsutry"}, {"name": "b", "outcome": "name"}, {"name": "c", "treatment": "x9"}]
    asked.append({"name": "d", "level": "firm"})
    with pytest.raises(InputError) as caught:
        run(data, *asked)
    told = {problem.where: problem.what for problem in caught.value.problems}
    assert "nearest is 'industry'" in told["placebo: a, level"]
    assert "text" in next(what for where, what in told.items() if where.startswith("placebo: b"))
    assert "no column 'x9'" in told["placebo: c"]
    assert "units of firm are finer" in told["placebo: d, level"]


def test_the_rules_refuse_effects_at_the_level_of_the_index(data):
    with pytest.raises(InputError, match="it is at the level of involution_l1"):
        run(data, {"name": "a", "fixed_effects": ["firm", "industry^year"]})


def test_a_study_without_an_outcome_or_with_a_mechanical_one_is_refused(data):
    with pytest.raises(InputError, match="gross_margin"):
        parse_study({**STUDY, "design": {"outcomes": ["y"]}, "placebo": [{"name": "a", "outcome": "gross_margin"}]})
    with pytest.raises(InputError, match="outcome"):
        parse_study({**STUDY, "placebo": [{"name": "a"}]})


def test_check_looks_at_placebos(data):
    study = parse_study({**STUDY, "design": DESIGN, "placebo": [{"name": "a", "treatment": "involutoin"}]})
    with pytest.raises(InputError, match="involutoin"):
        check_blocks(study, data.assign(z=1.0), DICTIONARY)
