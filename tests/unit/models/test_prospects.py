"""What models have to work with before they are estimated, and what is said of those that cannot be."""

import string

import numpy as np
import pandas as pd
import pytest

from involution.models.blocks import Run
from involution.models.prospects import _PROSPECTS, Prospect, prospects
from involution.models.prospects_texts import PROSPECT_TEXTS
from involution.models.run import _CHECKS, checked_blocks, run_block
from involution.study import parse_study
from involution.study.sections import BLOCK_SECTIONS, MODEL_NAMES

DICTIONARY = pd.DataFrame(
    {
        "name": ["gap"], "unit": ["SD"], "family": ["involution"], "level": ["industry"], "leave_one_out": [True],
        "coverage": ["firm"],
    }
)  # fmt: skip


@pytest.fixture
def data(panel):
    random = np.random.default_rng(2)
    cells = panel.groupby(["industry", "year"]).ngroup().to_numpy()
    number = panel["firm"].str[1:].astype(int)
    start = pd.Series(np.select([number % 3 == 0, number % 3 == 1], [2012.0, 2013.0], np.nan), panel.index)
    gap = random.normal(size=cells.max() + 1)[cells]
    fixed = (number % 7).astype(float)
    return panel.assign(
        gap=gap, start=start, fixed=fixed, group=np.where(number % 2 == 1, "a", "b"), none=np.nan, in_sample=True,
        holes=panel["w"].where(number > 9),
    )  # fmt: skip


def study_of(**sections):
    columns = {"firm": "firm", "year": "year"}
    return parse_study({"name": "s", "data": {"panel": {"source": "a.csv", "columns": columns}}, **sections})


def told(data, **sections):
    study = study_of(**sections)
    ready, problems = checked_blocks(study, data, DICTIONARY)
    assert problems == []
    run = Run("s", DICTIONARY, study.definitions, seed=0, draws=0)
    return {prospect.model: prospect for prospect in prospects(study, data, run, ready)}


def of_model(data, formula, **options) -> Prospect:
    return told(data, models=[{"name": "m", "formula": formula, **options}])["m"]


DESIGN = {"outcomes": ["y"], "treatment": "gap", "controls": ["holes"]}
SECTIONS = {
    "models": [{"name": "free", "formula": "y ~ x + holes | firm + year", "cluster": "industry"}],
    "design": DESIGN,
    "robustness": [{"name": "late", "years": [2012, 2015]}],
    "mediation": [{"name": "med", "outcome": "y", "treatment": "gap", "mediators": ["x"]}],
    "moderation": [{"name": "mod", "outcome": "y", "treatment": "gap", "moderator": "w"}],
    "heterogeneity": [{"name": "het", "by": "group", "outcome": "y"}],
    "event_study": [{"name": "es", "outcome": "y", "cohort": "start", "estimators": ["twfe"]}],
}


@pytest.mark.parametrize("section", SECTIONS)
def test_counts_are_those_of_the_estimates(data, section):
    sections = {"design": DESIGN, section: SECTIONS[section]}
    found = {name: one for name, one in told(data, **sections).items() if one.section == section}
    assert found
    study = study_of(**sections)
    block = "baseline" if section == "design" else section
    wanted = study.model_dump(include={*BLOCK_SECTIONS[block]})
    rows = run_block(block, wanted, data, study="s", dictionary=DICTIONARY, seed=1, draws=49).estimates
    first = rows.drop_duplicates("model").set_index("model")
    for name, prospect in found.items():
        assert prospect.why == ""
        row = first.loc[name]
        assert (prospect.rows, prospect.firms, prospect.clusters) == (row.n_obs, row.n_firms, row.n_clusters)


@pytest.mark.parametrize(
    ("formula", "options", "why", "said"),
    [
        ("y ~ none | firm", {}, "no_complete", "none: 360/360"),
        ("y ~ x | firm", {"where": "year > 2050"}, "no_rows", "no row of the sample"),
        ("y ~ x | firm", {"where": "year == 2012"}, "all_singletons", "alone in one of the fixed effects (firm)"),
        ("flat ~ x", {}, "constant_outcome", "the outcome flat has one value"),
        ("y ~ x", {"where": "sector == 's1'", "cluster": "sector", "vcov": "crv1"}, "one_cluster", "cluster of sector"),
        ("y ~ x + w + holes", {"where": "firm == 'f11' and year < 2012"}, "too_few_rows", "2 rows are not enough for"),
    ],
)
def test_what_cannot_be_estimated_is_told_with_the_reason(data, formula, options, why, said):
    prospect = of_model(data.assign(flat=1.0), formula, **options)
    assert prospect.why == why
    assert said in prospect.reason("en")


def test_a_treatment_without_variation_and_one_that_is_absorbed_are_told(data):
    flat = data.assign(gap=2.0)
    assert told(flat, design={**DESIGN, "fixed_effects": ["firm", "year"]})["baseline_y"].why == "constant_treatment"
    by_year = data.assign(gap=data["year"].astype(float) ** 2)
    assert told(by_year, design={**DESIGN, "fixed_effects": ["firm", "year"]})["baseline_y"].why == "absorbed"


def test_event_studies_count_the_firms_that_are_treated_within_the_panel(data):
    asked = [{"name": "es", "outcome": "y", "cohort": "start", "estimators": ["twfe"]}]
    assert told(data, event_study=asked)["es_twfe"].treated == data.loc[data["start"].notna(), "firm"].nunique()
    never = told(data.assign(start=np.where(data["start"].notna(), 2050.0, np.nan)), event_study=asked)["es_twfe"]
    assert (never.why, never.treated) == ("no_treated", 0)
    assert "2010-2015" in never.reason("en")


def test_mistakes_of_one_section_leave_the_others(data):
    study = study_of(models=[{"name": "m", "formula": "y ~ x"}], design={**DESIGN, "treatment": "gapp"})
    ready, problems = checked_blocks(study, data, DICTIONARY)
    assert "design" not in ready
    assert any("gapp" in str(problem) for problem in problems)
    run = Run("s", DICTIONARY, {}, seed=0, draws=0)
    assert [prospect.model for prospect in prospects(study, data, run, ready)] == ["m"]


def test_every_section_is_checked_and_counted_or_repeats_others():
    assert set(_CHECKS) | {"rehearsal"} == set(MODEL_NAMES)
    assert set(MODEL_NAMES) - set(_PROSPECTS) == {"specification_curve", "attrition", "rehearsal"}


def test_every_reason_has_both_languages_with_the_same_values():
    for english, chinese in PROSPECT_TEXTS.values():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert fields[0] == fields[1]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
