"""The block event_study: rows, clusters, rules, failures that stop nothing else, names that tables may use."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered

import involution as inv
from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.run import check_blocks, run_block, run_truth
from involution.study.block_tables import block_tables
from involution.study.figures import default_figures
from involution.study.study import parse_study

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
ASKED = {"name": "pilots", "outcome": "y", "cohort": "cohort", "bacon": False, "honest": []}
STUDY = {
    "name": "s",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "id", "year": "t"}}},
    "event_study": [ASKED],
}


def run(data, *asked):
    sections = {"event_study": list(asked or [ASKED]), "derive": {}, "variables": {}}
    return run_block("event_study", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=199)


def refused(data, **asked):
    with pytest.raises(InputError) as error:
        run(data, {**ASKED, **asked})
    return str(error.value)


@pytest.fixture
def data():
    return staggered(gaps=12)


def test_one_model_per_estimator_as_the_library_has_it(data):
    result = run(data)
    names = ["pilots_did2s", "pilots_callaway_santanna", "pilots_sun_abraham", "pilots_twfe"]
    assert result.estimates["model"].drop_duplicates().tolist() == names
    for name in names:
        estimator = name.removeprefix("pilots_")
        fit = inv.event_study(data, "y", estimator=estimator, cluster="region", base_period="universal")
        rows = result.estimates[result.estimates["model"] == name]
        assert rows["term"].tolist() == list(fit.terms)
        assert rows["estimate"].to_numpy() == pytest.approx(fit.estimate)
        assert rows["std_error"].to_numpy() == pytest.approx(fit.std_error)
        assert rows[["n_obs", "n_firms", "n_clusters"]].iloc[0].tolist() == [fit.n_obs, fit.n_firms, 20]
        statistics = result.statistics[result.statistics["model"] == name].set_index("statistic")["value"]
        assert statistics[["n_treated_firms", "n_never_firms", "n_cohorts"]].tolist() == [39, 21, 2]
        assert {"pre_trend", "uniform_critical_value", "anticipation"} <= set(statistics.index)
        curves = result.curves[result.curves["model"] == name]
        assert set(curves["curve"]) == {"event_time", "event_time_uniform"}
    assert "event_clock" in result.notes["code"].tolist()
    assert (result.estimates["vcov"] == "crv1(region)").all()


def test_all_estimators_window_and_conditions(data):
    asked = {
        **ASKED,
        "estimators": list(ESTIMATORS),
        "leads": 2,
        "lags": 1,
        "where": "industry != 'i0'",
        "vcov": "crv3",
    }
    result = run(data, {**asked, "controls": ["z"], "draws": 99})
    events = result.estimates["term"].str.extract(r"e=(-?\d+)")[0].dropna().astype(int)
    assert set(events) == {-2, -1, 0, 1}
    assert result.estimates["estimate"].notna().all()
    assert result.estimates["vcov"].unique().tolist() == ["crv3(region)"]
    used = data[data["industry"] != "i0"]
    assert result.estimates["n_obs"].max() == len(used)


def test_a_row_outside_the_sample_is_not_used(data):
    short = data.assign(in_sample=data["year"] > 2010)
    assert run(short).estimates["n_obs"].max() == (data["year"] > 2010).sum()


def test_one_estimator_that_fails_has_its_row_and_stops_no_other(data):
    effects = ["firm", "industry^year"]
    result = run(data, {**ASKED, "fixed_effects": effects, "estimators": ["callaway_santanna", "did2s"]})
    first = result.estimates.iloc[0]
    assert np.isnan(first["estimate"])
    assert "industry^year cannot enter" in first["note"]
    assert result.estimates["estimate"].iloc[1:].notna().all()


def test_nobody_treated_is_a_row_with_the_reason(data):
    result = run(data.assign(cohort=0))
    assert len(result.estimates) == 4
    assert result.estimates["note"].str.contains("no firm adopts within the years").all()
    assert result.curves.empty


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cohort": "kohort"}, "event_study: pilots, cohort: there is no column 'kohort'"),
        ({"outcome": "region"}, "event_study: pilots, outcome: the column 'region' holds text"),
        ({"controls": ["zz", "y"]}, "event_study: pilots, controls: the outcome or the cohort is among them"),
        ({"fixed_effects": ["firm", "sektor^year"]}, "fixed_effects: there is no column 'sektor'"),
        ({"cluster": ["firm"]}, "firm is below region, at which cohort varies"),
        ({"fixed_effects": ["firm", "region^year"]}, "it absorbs the adoption of cohort"),
        ({"estimators": ["imputation"], "cluster": ["region", "year"]}, "takes one clustering"),
        ({"where": "kind == 'a'"}, "kind"),
    ],
)
def test_mistakes_name_the_section_and_the_key(data, options, words):
    assert words in refused(data, **options)


def test_mistakes_of_all_sections_are_told_together(data):
    with pytest.raises(InputError) as error:
        run(data, {**ASKED, "cohort": "kohort"}, {**ASKED, "name": "others", "outcome": "yy"})
    assert len(error.value.problems) == 2


def test_a_lower_cluster_may_be_allowed_and_is_told(data):
    result = run(data, {**ASKED, "cluster": ["firm"], "allow_low_cluster": True})
    assert result.estimates["vcov"].iloc[0] == "crv1(firm)"
    assert "event_low_cluster" in result.notes["code"].tolist()


def test_the_level_of_adoption_is_found(data):
    """Region, industry, both together, or the firm: the default cluster follows."""
    industry = data.assign(cohort=np.where(data["industry"].isin(["i0", "i1"]), 2013, 0))
    assert run(industry).estimates["vcov"].iloc[0] == "crv1(industry)"
    data = staggered(firms=180)
    both = data.assign(cohort=np.where(data["industry"].isin(["i0", "i1"]) & (data["region"] < "r10"), 2013, 0))
    notes = run(both).notes
    assert "clustered by region: cohort is the same within region × industry" in notes["text_en"].tolist()
    own = data.assign(cohort=np.where(data["firm"].str[-2:].astype(int) % 7 < 3, 2013, 0))
    assert run(own).estimates["vcov"].iloc[0] == "crv1(firm)"


def test_the_study_file_names_models_tables_and_figures():
    study = parse_study(STUDY)
    names = study.model_names
    assert names == [f"pilots_{name}" for name in ("did2s", "callaway_santanna", "sun_abraham", "twfe")]
    assert [table.name for table in block_tables(study)] == ["event_study_pilots"]
    drawn = default_figures([("event_study", name) for name in names])[-1]
    assert (drawn.name, drawn.kind, drawn.models) == ("event_study_pilots", "event_study", names)
    kinds = [figure.kind for figure in default_figures([("event_study", name) for name in names])]
    assert "coefficients" not in kinds
    assert "coefficients" in [figure.kind for figure in default_figures([("models", "first")])]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"estimators": ["did3s"]}, "did3s"),
        ({"leads": -1}, "leads"),
        ({"outcome": "cohort"}, "outcome and cohort are the same column"),
        ({"cluster": ["a", "b", "c"]}, "one or two clusterings"),
        ({"kontrol": "never_treated"}, "kontrol"),
    ],
)
def test_mistakes_of_the_file_are_told_when_it_is_read(keys, words):
    with pytest.raises(InputError, match=words):
        parse_study({**STUDY, "event_study": [{**ASKED, **keys}]})


def test_the_data_are_checked_without_estimating(data):
    study = parse_study({**STUDY, "event_study": [{**ASKED, "cohort": "kohort"}]})
    with pytest.raises(InputError, match="kohort"):
        check_blocks(study, data, DICTIONARY)


def test_the_truth_of_an_event_study_may_be_its_expected_outcome(data):
    """With the planted effects in place of the outcome the truth is their mean over treated rows."""
    sections = {"event_study": [{**ASKED, "estimators": ["did2s"]}], "derive": {}, "variables": {}}
    rows = [{"name": "policy", "model": "pilots_did2s", "term": "att[overall]", "expected": "effect"}]
    planted = pd.DataFrame({"name": ["policy"], "truth": [1.0]})
    estimates = run(data, {**ASKED, "estimators": ["did2s"]}).estimates
    found = run_truth({**sections, "truth": rows}, planted, estimates, data, dictionary=DICTIONARY)
    treated = data["year"] >= data["cohort"].where(data["cohort"] > 0)
    assert found["truth"].iloc[0] == pytest.approx(data.loc[treated, "effect"].mean())
    assert found["inside"].iloc[0] == 1


def test_results_do_not_depend_on_other_sections(data):
    """Seeds come from names: the second section's bands are those that it has alone."""
    other = {**ASKED, "name": "others", "outcome": "z"}
    alone, beside = run(data, other), run(data, ASKED, other)
    rows = beside.curves[beside.curves["model"].str.startswith("others")].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.curves, rows)
