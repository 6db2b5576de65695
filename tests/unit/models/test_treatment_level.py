"""The level of a treatment is that of the measure, else what its values say."""

import numpy as np
import pytest
from tests.unit.models.robustness.conftest import DESIGN, DICTIONARY, panel

import involution as inv
from involution.errors import InputError
from involution.models.facts import facts
from involution.models.run import run_block
from involution.models.treatment_level import exchanging_level, treatment_level


@pytest.mark.parametrize(
    "column, level",
    [("x", "industry"), ("c", "firm"), ("fragmentation_loo", "industry"), ("index", "region")],
)
def test_the_level_at_which_a_column_varies(column, level):
    data = panel()
    data = data.assign(fragmentation_loo=data["c"], index=data.groupby(["region", "year"])["c"].transform("first"))
    rows = np.ones(len(data), dtype=bool)
    assert treatment_level(column, data, rows, facts(DICTIONARY, {})) == level


@pytest.mark.parametrize("asked, level", [(None, "industry"), ("industry", "industry"), ("region", "region")])
def test_units_of_the_treatments_level_or_of_a_coarser_one_exchange_paths(asked, level):
    data = panel()
    rows = np.ones(len(data), dtype=bool)
    assert exchanging_level(asked, ["x"], data, rows, facts(DICTIONARY, {})) == level


@pytest.mark.parametrize("treatments", [["x"], ["c", "x"]])
def test_units_finer_than_a_treatment_are_refused(treatments):
    data = panel()
    with pytest.raises(InputError, match=r"x varies by industry .*200 units of firm are finer"):
        exchanging_level("firm", treatments, data, np.ones(len(data), dtype=bool), facts(DICTIONARY, {}))


def test_firms_exchange_paths_of_a_column_of_their_own():
    data = panel()
    assert exchanging_level("firm", ["c"], data, np.ones(len(data), dtype=bool), facts(DICTIONARY, {})) == "firm"


BASELINE = {"design": {**{key: value for key, value in DESIGN.items() if key != "cluster"}, "outcomes": ["y"]}}


def estimated(block, sections, data):
    sections = {"derive": {}, "variables": {}, **sections}
    return run_block(block, sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)


@pytest.mark.parametrize(
    "block, section",
    [
        ("baseline", {}),
        ("robustness", {"robustness": [{"name": "other", "controls": []}]}),
        ("endogeneity", {"endogeneity": [{"name": "ahead", "leads_lags": {"leads": 1, "lags": 0}}]}),
        (
            "mediation",
            {
                "mediation": [
                    {"name": "a", "outcome": "y", "treatment": "x", "mediators": ["z"], "inference": "jackknife"}
                ]
            },
        ),
        ("specification_curve", {"specification_curve": [{"name": "curve"}]}),
    ],
)
def test_clusters_are_at_the_level_at_which_a_users_own_treatment_varies(block, section):
    result = estimated(block, {**BASELINE, **section}, panel())
    known = result.estimates[result.estimates["estimate"].notna()]
    variances = known.loc[known["vcov"].fillna("") != "", "vcov"]
    assert len(variances)
    assert variances.str.contains("(industry)", regex=False).all()
    assert "cluster_below" not in set(result.notes["code"])


def test_clusters_of_firms_stay_where_the_treatment_is_theirs():
    design = {**BASELINE["design"], "treatment": "c", "controls": []}
    known = estimated("baseline", {"design": design}, panel()).estimates
    assert known["vcov"].str.contains("(firm)", regex=False).all()


@pytest.mark.parametrize("named, said", [({"cluster": ["firm"]}, True), ({"cluster": ["industry"]}, False)])
def test_clusters_below_that_level_are_told_and_not_refused(named, said):
    result = estimated("baseline", {"design": {**BASELINE["design"], **named}}, panel())
    notes = result.notes[result.notes["code"] == "cluster_below"]
    assert bool(len(notes)) == said
    assert all("x_l1 is one value within each industry and year" in text for text in notes["text_en"])


@pytest.mark.parametrize(
    "formula, options, said",
    [
        ("y ~ x + c | firm + year", {"cluster": "firm"}, True),
        ("y ~ x + c | firm + year", {}, True),
        ("y ~ x + c | firm + year", {"cluster": ["firm", "industry"]}, False),
        ("y ~ c + x | firm + year", {"cluster": "firm"}, False),
        ("y ~ x:c | firm + year", {"cluster": "firm"}, False),
        ("y ~ x | firm + year", {"vcov": "driscoll_kraay"}, False),
    ],
)
def test_a_free_model_is_told_of_its_first_regressor(formula, options, said):
    codes = [remark.code for remark in inv.estimate(formula, panel(), **options).remarks]
    assert ("cluster_below" in codes) == said


def test_rounding_around_zero_does_not_lower_the_level():
    data = panel()
    x = data["x"].where(data["industry"] != "i03", 0.0)
    noise = np.random.default_rng(3).normal(size=len(data)) * 1e-17
    rows = np.ones(len(data), dtype=bool)
    known = facts(DICTIONARY, {})
    assert treatment_level("x", data.assign(x=x + noise), rows, known) == "industry"
    assert treatment_level("x", data.assign(x=x + noise * 1e15), rows, known) == "firm"
