"""The block exposure: its models and terms, what it says of the events, failures that stop nothing, bad input."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.exposure.conftest import ASKED, DICTIONARY, SAME_YEAR, make_events

from involution.errors import InputError
from involution.models.exposure.regression import fitted
from involution.models.exposure.setting import LEAD
from involution.models.result import combine
from involution.models.run import run_block
from involution.study.block_names import exposure_models
from involution.study.exposure import EventExposure
from involution.study.study import parse_study

NAMES = [
    "policy", "policy_unadjusted", "policy_product", "policy_no_years", "policy_active", "policy_both", "policy_leads",
    "policy_sensitivity",
]  # fmt: skip


@pytest.fixture(scope="module")
def result(world):
    return world.run(controls=["c"])


def terms(result, model):
    return result.estimates.loc[result.estimates["model"] == model, "term"].tolist()


def statistic(result, model, name):
    rows = result.statistics[(result.statistics["model"] == model) & (result.statistics["statistic"] == name)]
    return float(rows["value"].iloc[0])


def why(result, model):
    rows = result.estimates[result.estimates["model"] == model]
    assert rows["estimate"].isna().all()
    return str(rows["note"].iloc[0])


def test_models_and_their_terms(result):
    assert list(dict.fromkeys(result.estimates["model"])) == NAMES == exposure_models([EventExposure(**ASKED)])
    e, a = "event_exposure", "event_exposure_active"
    assert terms(result, "policy") == ["x", e, f"x:{e}", "c"]
    assert terms(result, "policy_active") == ["x", a, f"x:{a}", "c"]
    assert terms(result, "policy_both") == ["x", e, a, f"x:{e}", f"x:{a}", "c", "passive-active"]
    assert terms(result, "policy_leads") == ["x", e, LEAD, f"x:{e}", f"x:{LEAD}", "c"]
    assert set(result.estimates["block"]) == {"exposure"}


def test_years_are_in_the_names(world):
    result = world.run(timing={"treatment": -1, "outcome": 1, "controls": -2}, years=-1, controls=["c"], placebo=[])
    assert terms(result, "policy") == ["x_l1", "event_exposure_l1", "x_l1:event_exposure_l1", "c_l2"]
    assert result.estimates["outcome"].iloc[0] == "y_f1"
    assert len(set(result.estimates["model"])) == 5


def test_exposure_of_another_year_is_that_of_the_firms_row_then(world):
    setting = world.setting(years=-1)
    data = world.data.sort_values(["firm", "year"])
    shifted = data.merge(
        data[["firm", "year", "event_exposure"]].assign(year=data["year"] + 1), on=["firm", "year"], how="left",
        suffixes=("", "_l1"),
    ).set_index(["firm", "year"])["event_exposure_l1"]  # fmt: skip
    found = setting.over_rows(world.setting().places.year * 0 + _by_place(setting, world))
    keys = pd.MultiIndex.from_frame(world.panel[["firm", "year"]])
    np.testing.assert_allclose(found, shifted.reindex(keys).to_numpy(), atol=1e-14)


def _by_place(setting, world):
    values = np.full(len(setting.places.year), np.nan)
    values[setting.places.row] = world.data["event_exposure"]
    return values


def test_difference_is_that_of_one_joint_model(world, result):
    row = result.estimates.set_index(["model", "term"]).loc[("policy_both", "passive-active")]
    setting = world.setting(controls=["c"])
    from involution.models.exposure.block import _recentred

    found = fitted(setting, {"p": _recentred(setting, True), "a": _recentred(setting, False)})
    estimate, std_error = combine(found.fit, {"x:p": 1.0, "x:a": -1.0})
    assert (row["estimate"], row["std_error"]) == pytest.approx((estimate, std_error), rel=1e-10)
    assert statistic(result, "policy_both", "wald[passive-active]") == pytest.approx((estimate / std_error) ** 2)
    # t with the clusters less one, as the other terms have it.
    from scipy.stats import t

    assert row["p_value"] == pytest.approx(2 * t.sf(abs(estimate / std_error), 11))


def test_the_slope_of_the_treatment_is_that_of_the_average_row(world):
    # With slopes by year, the coefficient of x is their mean weighted by rows: from a model with one slope per year.
    import involution as inv

    data = world.data
    fit = inv.estimate("y ~ i(year, x) | firm + year", data, cluster=["industry"])
    share = data["year"].value_counts(normalize=True).sort_index().to_numpy()
    setting = world.setting()
    flat = fitted(setting, {"noise": np.random.default_rng(1).normal(size=len(data))})
    slopes = inv.estimate("y ~ i(year, x) + noise + product | firm + year", flat.design.data.assign(
        product=flat.design.data["x:noise"]), cluster=["industry"])  # fmt: skip
    assert flat.fit.estimate[0] == pytest.approx(float(share @ slopes.estimate[: len(share)]), rel=1e-9)
    assert len(fit.terms) == len(share)


def test_sensitivity_holds_the_headline_and_one_judgement_at_a_time(result):
    rows = result.estimates[result.estimates["model"] == "policy_sensitivity"].set_index("term")
    labels = [term.partition("[")[2][:-1] for term in rows.index]
    assert labels == [
        "headline", "half_life=1", "half_life=2", "half_life=4", "near=0.25", "near=0.5", "near=0.75",
        "weights=novelty", "weights=disruption", "weights=criticality", "origin_level=central",
        "origin_level=municipal",
    ]  # fmt: skip
    headline = result.estimates.set_index(["model", "term"]).loc[("policy", "x:event_exposure")]
    for same in ("headline", "half_life=2", "near=0.5"):
        found = rows.loc[f"x:event_exposure[{same}]"]
        assert (found["estimate"], found["std_error"]) == (headline["estimate"], headline["std_error"])
    assert rows["estimate"].nunique() == 10
    assert (rows["n_obs"] == headline["n_obs"]).all()


def test_exposure_by_one_scale_is_the_variant_of_that_weight(world, result):
    alone = world.run(controls=["c"], exposure="event_novelty", sensitivity=None)
    estimates = result.estimates.set_index(["model", "term"])["estimate"]
    variant = estimates[("policy_sensitivity", "x:event_exposure[weights=novelty]")]
    found = alone.estimates.set_index(["model", "term"])["estimate"]
    assert found[("policy", "x:event_novelty")] == pytest.approx(variant, rel=1e-12)
    assert found[("policy_active", "x:event_exposure_active")] == pytest.approx(
        estimates[("policy_active", "x:event_exposure_active")], rel=1e-12
    )


def test_distance_is_a_variant_where_regions_have_coordinates(world):
    code = world.panel["region"].astype(int) - 100_000
    near = world.but(panel=world.panel.assign(latitude=30.0 + code, longitude=110.0))
    result = near.run(sensitivity={"half_life": [], "near": [], "weights": {}, "distance": [50, 300]}, placebo=[])
    rows = result.estimates[result.estimates["model"] == "policy_sensitivity"].set_index("term")["estimate"]
    assert [term.partition("[")[2] for term in rows.index[:3]] == ["headline]", "distance=50]", "distance=300]"]
    assert rows.nunique() == len(rows)


def test_distance_without_coordinates_is_refused(world):
    assert "no coordinates of regions" in mistakes(world, {"sensitivity": {"distance": [300]}})[0]


def test_statistics_tell_calendars_events_and_agreement(world, result):
    from involution.panel.events import agreement

    # Four events, dates and places: 24 orders of each.
    assert statistic(result, "policy", "randomisation_calendars") == 576
    assert 0 < statistic(result, "policy", "randomisation_smallest_p") <= statistic(result, "policy", "randomisation_p")
    assert statistic(result, "policy", "events_passive") == 4
    assert statistic(result, "policy", "events_active") == 2
    for scale, alpha in agreement(world.events).items():
        assert statistic(result, "policy", f"alpha[{scale}]") == alpha
    codes = set(result.notes.loc[result.notes["model"] == "policy", "code"])
    assert {"exposure_recentred", "exposure_randomisation_all", "exposure_agreement", "exposure_demeaned"} <= codes
    assert set(result.curves["curve"]) == {"randomisation_histogram", "randomisation_density"}
    bars = result.curves[result.curves["curve"] == "randomisation_histogram"]
    width = bars["x"].diff().iloc[1]
    assert (bars["estimate"].sum() * width) == pytest.approx(1.0)


def test_one_rater_is_told(world):
    notes = world.but(events=make_events(raters=1)).run().notes
    assert "exposure_one_rater" in set(notes.loc[notes["model"] == "policy", "code"])


def test_events_outside_the_years_and_targets_without_firms_are_told(world):
    far = world.events[world.events["event_id"] == "E1"].assign(
        event_id="E9", date_start="2031", date_end="2032", scope_region="990000"
    )
    notes = world.but(events=pd.concat([world.events, far])).run().notes
    texts = dict(zip(notes["code"], notes["text_en"], strict=True))
    assert "(E9)" in texts["exposure_outside"]
    assert "990000" in texts["exposure_nowhere"]


def test_one_passive_event_cannot_be_permuted_and_the_measure_is_still_used(world):
    result = world.but(events=make_events(passive=1, active=3)).run()
    assert "a calendar of one passive event cannot be permuted" in why(result, "policy")
    assert terms(result, "policy_unadjusted")[1] == "event_exposure"
    assert result.estimates.set_index("model").loc["policy_active", "estimate"].notna().all()
    assert "one value" in why(result, "policy_sensitivity")


def test_no_passive_event(world):
    result = world.but(events=make_events(passive=0, active=3)).run()
    for model in ("policy", "policy_unadjusted", "policy_both", "policy_leads"):
        assert "there is no passive event" in why(result, model)
    assert result.estimates.set_index("model").loc["policy_active", "estimate"].notna().all()


def test_events_of_one_date_leave_nothing_to_permute(world):
    events = world.events.assign(date_start="2012", date_end="2013")
    result = world.but(events=events).run(permute="dates")
    assert "event_exposure has one value in all rows" in why(result, "policy")
    assert result.estimates.set_index("model").loc["policy_unadjusted", "estimate"].notna().all()


def test_missing_regions_are_missing_exposure_and_counted(world):
    panel = world.panel.assign(region=world.panel["region"].where(world.panel["firm"] > "f010"))
    result = world.but(panel=panel).run(sensitivity=None)
    lost = int(panel.loc[panel["region"].isna(), "year"].ge(2012).sum())
    texts = result.notes[(result.notes["model"] == "policy") & (result.notes["code"] == "missing")]
    assert texts["text_en"].iloc[0].startswith(f"{lost} rows removed because of missing values (event_exposure: {lost}")


def mistakes(world, *asked, events=True):
    sections = {"exposure": [{**ASKED, "timing": SAME_YEAR, **one} for one in asked], "design": None}
    with pytest.raises(InputError) as error:
        run_block(
            "exposure", {**sections, "derive": {}, "variables": {}}, world.data, study="s", dictionary=DICTIONARY,
            seed=1, draws=99, events=world.events if events else None,
        )  # fmt: skip
    return [str(problem) for problem in error.value.problems]


def test_mistakes_of_all_sections_are_told_together(world):
    found = mistakes(world, {"outcome": "z"}, {"name": "other", "treatment": "firm"})
    assert len(found) == 2
    assert "exposure: policy" in found[0]
    assert "no column 'z'" in found[0]
    assert "exposure: other, treatment" in found[1]


def test_a_study_without_events_is_told(world):
    assert "the study has no events to be exposed to" in mistakes(world, {}, events=False)[0]


def test_effects_at_the_level_of_the_treatment_are_refused(world):
    # An industry-level treatment with industry-year effects: rule 1.
    dictionary = DICTIONARY.assign(name=DICTIONARY["name"].where(DICTIONARY["name"] != "hhi_loo", "x"))
    sections = {"exposure": [{**ASKED, "timing": SAME_YEAR, "fixed_effects": ["firm", "industry^year"]}]}
    with pytest.raises(InputError, match="industry"):
        run_block(
            "exposure", {**sections, "design": None, "derive": {}, "variables": {}}, world.data, study="s",
            dictionary=dictionary, seed=1, draws=99, events=world.events,
        )  # fmt: skip


COLUMNS = {name: name for name in ("firm", "year", "industry", "region", "revenue", "cogs")}
STUDY = {"name": "s", "data": {"panel": {"source": "a.csv", "columns": COLUMNS}, "events": {"source": "e.csv"}}}


def test_a_study_may_ask_for_exposure_alone_and_name_its_models():
    study = parse_study({**STUDY, "exposure": [ASKED], "tables": [{"name": "t", "models": NAMES[:3]}]})
    assert study.blocks == ["exposure"]
    assert {"exposure_policy", "exposure_policy_sensitivity"} <= {table.name for table in study.all_tables}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"permute": ["dates", "dates"]}, "each once"),
        ({"permute": []}, "at least one"),
        ({"exposure": "event_space"}, "event_exposure"),
        ({"draws": 9}, "99"),
        ({"sensitivity": {"half_life": [0]}}, "expected more than 0"),
        ({"sensitivity": {"near": [2]}}, "expected 1"),
        ({"sensitivity": {"weights": {"none": [0, 0, 0]}}}, "not all zero"),
        ({"outcom": "y"}, "outcome"),
    ],
)
def test_what_a_study_may_not_say(wrong, said):
    with pytest.raises(InputError) as error:
        parse_study({**STUDY, "exposure": [{**ASKED, **wrong}]})
    assert said in str(error.value)


def test_an_outcome_inside_its_index_is_refused():
    section = {"name": "m", "outcome": "margin_compression"}
    with pytest.raises(InputError, match="involution"):
        parse_study({**STUDY, "exposure": [section]})
    parse_study({**STUDY, "exposure": [{**section, "allow_mechanical": True}]})


def test_two_sections_of_one_name():
    with pytest.raises(InputError, match="stands twice"):
        parse_study({**STUDY, "exposure": [ASKED, ASKED]})
