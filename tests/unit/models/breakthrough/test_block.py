"""The block breakthrough: dated columns, rules, rows of the results, mistakes told together, the truth beside."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.blocks import Run
from involution.models.breakthrough.block import run_breakthrough
from involution.models.breakthrough.estimated import estimated
from involution.models.breakthrough.specification import Specification
from involution.models.design import Design
from involution.models.expected import with_expected
from involution.models.run import run_block, run_truth
from involution.models.tidy import ESTIMATES
from involution.study import parse_study
from involution.study.breakthrough import Breakthrough
from involution.study.sections import Blocks

from .conftest import simulated

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
ASKED = {
    "name": "levers",
    "outcome": "y",
    "treatment": "x",
    "levers": {"capabilities": ["insight", "care"], "finance": {"by": "finance", "years": 0}},
    "cluster": ["industry"],
}
SECTIONS = {"breakthrough": [ASKED], "design": None, "derive": {}, "variables": {}}


@pytest.fixture(scope="module")
def data():
    return simulated(years=9)


def run(data, *asked, **given):
    sections = {**SECTIONS, "breakthrough": list(asked or [ASKED]), **given}
    return run_block("breakthrough", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)


def shifted(data):
    firms = data.sort_values(["firm", "year"]).groupby("firm")
    return data.assign(
        y_f1=firms["y"].shift(-1), x_l1=firms["x"].shift(1), insight_l1=firms["insight"].shift(1),
        care_l1=firms["care"].shift(1),
    )  # fmt: skip


def test_the_block_is_the_joint_model_of_dated_columns(data):
    result = run(data)
    asked = Specification("y_f1", "x_l1", {"capabilities": ("insight_l1", "care_l1"), "finance": ("finance",)})
    by_hand = estimated(asked, Design(shifted(data), ["firm", "year"], ["industry"])).terms.set_index("term")
    found = result.estimates.set_index("term")
    assert found.index.tolist() == by_hand.index.tolist()
    assert found["estimate"].to_numpy() == pytest.approx(by_hand["estimate"].to_numpy())
    assert list(result.estimates.columns) == list(ESTIMATES)
    assert (found["vcov"] == "crv3(industry)").all()
    assert found["n_clusters"].unique().tolist() == [30]
    assert {"breakthrough_status", "breakthrough_move", "breakthrough_given"} <= set(result.notes["code"])
    statistics = result.statistics.set_index("statistic")["value"]
    assert statistics["move[finance]"] == pytest.approx(statistics["p75[finance]"] - statistics["p25[finance]"])
    assert 0 < statistics["ever_moved[finance]"] <= 1


def test_groups_have_rows_of_their_own_and_a_test_that_they_are_alike(data):
    result = run(data, {**ASKED, "by": "size", "groups": ["micro", "small"]})
    terms = set(result.estimates["term"])
    assert {"harm[size=micro]", "offset[all,size=small]", "remaining[size=micro]", "share[finance,size=micro]"} <= terms
    assert not any("size=medium" in term for term in terms)
    statistics = result.statistics.set_index("statistic")
    rows = statistics.loc[["n_obs[size=micro]", "n_obs[size=small]"], "value"]
    assert rows.sum() < result.estimates["n_obs"].max()
    assert statistics.loc["equal_offsets[all]", "df"] == 1


def test_common_slopes_move_by_each_groups_own_percentiles(data):
    result = run(data, {**ASKED, "by": "size", "slopes": "common", "move": "group"})
    rows = result.estimates.set_index("term")["estimate"]
    by_size = shifted(data)[["firm", "size", "finance", "y_f1", "x_l1", "insight_l1", "care_l1"]].dropna()
    moves = by_size.groupby("size")["finance"].quantile([0.25, 0.75]).unstack()
    whole = by_size["finance"].quantile([0.25, 0.75])
    expected = rows["offset[finance]"] * (moves[0.75] - moves[0.25])["micro"] / (whole[0.75] - whole[0.25])
    assert rows["offset[finance,size=micro]"] == pytest.approx(expected)


def test_a_group_that_has_few_clusters_has_no_error_and_stops_nothing(data):
    lonely = data.assign(size=np.where(data["industry"] == "i00", "lonely", data["size"]))
    rows = run(lonely, {**ASKED, "by": "size"}).estimates.set_index("term")
    assert np.isnan(rows.loc["harm[size=lonely]", "std_error"])
    assert np.isfinite(rows.loc["harm[size=micro]", "std_error"])
    assert np.isfinite(rows.loc["harm", "std_error"])
    assert rows.loc["harm[size=lonely]", "n_clusters"] == 1


def test_a_model_that_the_data_do_not_support_is_a_row_with_its_reason(data):
    still = {**ASKED, "name": "still", "levers": {"national": "national"}}
    result = run(data.assign(national=data["year"] ** 2.0), still, ASKED)
    first = result.estimates.iloc[0]
    assert np.isnan(first["estimate"])
    assert "no offset of national" in first["note"]
    assert result.estimates.loc[result.estimates["model"] == "levers", "estimate"].notna().all()


def test_mistakes_of_all_sections_are_told_together(data):
    with pytest.raises(InputError) as told:
        run(
            data,
            {**ASKED, "levers": {"finance": "finanse"}},
            {**ASKED, "name": "words", "levers": {"size": "size"}, "timing": {"moderator": 0}},
            {**ASKED, "name": "nobody", "by": "size", "groups": ["huge"]},
            {**ASKED, "name": "nowhere", "by": "sizes"},
        )
    text = str(told.value)
    assert "breakthrough: levers" in text
    assert "'finance'" in text
    assert "levers.size" in text
    assert "holds text" in text
    assert "no row has size 'huge'" in text
    assert "breakthrough: nowhere, by" in text


def test_clusters_below_an_industry_measure_are_refused(data):
    low = {**ASKED, "treatment": "involution", "cluster": ["firm"]}
    with pytest.raises(InputError, match="below the level"):
        run(data.assign(involution=data["x"]), low)
    result = run(data.assign(involution=data["x"]), {**low, "allow_low_cluster": True})
    assert "low_cluster" in result.notes["code"].tolist()


def test_the_truth_is_what_the_model_finds_with_the_expected_outcome(data):
    expected = shifted(data)["y_f1"].fillna(0) * 2
    beside = data.assign(expected=expected)
    planted = pd.DataFrame({"name": ["twice"], "truth": [1.0]})
    estimates = run(beside).estimates
    rows = [{"name": "twice", "model": "levers", "term": "offset[finance]", "expected": "expected"}]
    sections = {**SECTIONS, "models": [], "mediation": [], "attrition": [], "index": None, "truth": rows}
    found = run_truth(sections, planted, estimates, beside, dictionary=DICTIONARY).iloc[0]
    assert found["truth"] == pytest.approx(2 * found["estimate"])
    asked = Blocks.model_validate({"breakthrough": [ASKED]})
    own = with_expected(asked, beside, Run("", DICTIONARY, {}, 0, 0), {"breakthrough": run_breakthrough})
    assert own["levers"]("expected")["harm"] == pytest.approx(2 * estimates.set_index("term").loc["harm", "estimate"])


def study(**changes):
    value = {
        "name": "s", "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
        "design": {"outcomes": ["rd_intensity"], "controls": ["age"]},
        "breakthrough": [{"name": "levers", "outcome": "rd_intensity", "levers": {"df": "digital_finance"}, **changes}],
    }  # fmt: skip
    return parse_study(value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"levers": {"all": "a"}}, "another name"),
        ({"levers": {}}, "levers"),
        ({"levers": {"one": "a", "two": ["b", "a"]}}, "part of two levers"),
        ({"levers": {"one": {"by": ["a", "b", "c"], "product": True}}}, "of two columns"),
        ({"levers": {"one": "rd_intensity"}}, "a lever and the outcome"),
        ({"groups": ["micro"]}, "names no column"),
        ({"by": "firm_size", "slopes": "common"}, "alike"),
        ({"lever": {"one": "a"}}, "levers"),
    ],
)
def test_sections_that_mean_nothing_are_refused(changes, said):
    with pytest.raises(InputError, match=said):
        study(**changes)


def test_a_section_takes_what_it_does_not_name_from_the_design():
    asked = study().breakthrough[0].completed(study().design)
    assert (asked.treatment, asked.controls, asked.fixed_effects) == ("involution", ["age"], ["firm", "year"])


def test_an_outcome_inside_the_index_is_refused():
    with pytest.raises(InputError, match="move together"):
        study(outcome="margin_compression")
    study(outcome="margin_compression", allow_mechanical=True)


def test_the_example_of_the_page_is_sound():
    text = (Path(__file__).parents[4] / "docs/breakthrough.md").read_text(encoding="utf-8")
    example = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    asked = Breakthrough.model_validate(example["breakthrough"][0])
    assert asked.levers["passive_events"].years == 0


def test_the_truth_of_what_cannot_be_estimated_is_missing(data):
    still = {**ASKED, "levers": {"national": "national"}}
    frame = data.assign(national=data["year"] ** 2.0, expected=1.0 * data["x"])
    asked = Blocks.model_validate({"breakthrough": [still]})
    own = with_expected(asked, frame, Run("", DICTIONARY, {}, 0, 0), {"breakthrough": run_breakthrough})
    assert own["levers"]("expected") == {}
