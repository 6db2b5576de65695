"""The blocks threshold and response_surface: dated columns, failures that stop nothing else, mistakes told together."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.threshold.simulated import panel

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": -1, "moderator": -1, "outcome": 0, "controls": -1, "mediator": 0}
ASKED = {"name": "finance", "outcome": "y", "treatment": "x", "threshold": "w", "timing": CLOCK}
SURFACE = {"name": "dual", "outcome": "y", "columns": ["w", "c"], "timing": CLOCK}


@pytest.fixture
def data():
    frame = panel(2, firms=80)
    moved = frame.groupby("firm")["y"].shift(1)
    return frame.assign(y=moved.fillna(0), in_sample=True, name="text")


def run(block, data, *asked, **given):
    sections = {block: list(asked), "design": None, "derive": {}, "variables": {}, **given}
    return run_block(block, sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=199)


def test_thresholds_are_estimated_in_dated_columns(data):
    result = run("threshold", data, ASKED, {**ASKED, "name": "two", "regimes": 3})
    first = result.estimates[result.estimates["model"] == "finance"]
    assert first["term"].tolist() == ["tau", "x_l1[w_l1<=tau]", "x_l1[w_l1>tau]", "difference", "w_l1"]
    assert (first["estimator"] == "threshold").all()
    assert first["vcov"].iloc[0] == "crv3(firm)"
    assert set(result.curves["curve"]) == {f"likelihood_ratio[{name}]" for name in ("tau", "tau1", "tau2")}
    statistics = result.statistics[result.statistics["model"] == "finance"].set_index("statistic")
    assert statistics.loc["threshold_f[1]", "p_value"] <= 1
    assert statistics.loc["n_obs[below]", "value"] + statistics.loc["n_obs[above]", "value"] == first["n_obs"].iloc[0]
    assert {"threshold_search", "threshold_interval", "threshold_bootstrap"} <= set(result.notes["code"])


def test_one_name_and_seed_give_the_same_numbers_whatever_stands_beside(data):
    alone = run("threshold", data, ASKED)
    beside = run("threshold", data, {**ASKED, "name": "other"}, ASKED)
    rows = beside.estimates[beside.estimates["model"] == "finance"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.estimates, rows)


def test_a_design_gives_what_a_section_does_not_name(data):
    design = {"outcomes": ["y"], "treatment": "x", "timing": CLOCK, "controls": ["c"], "cluster": ["industry"]}
    short = {"name": "finance", "outcome": "y", "threshold": "w"}
    result = run("threshold", data, short, design=design)
    assert result.estimates["term"].tolist()[1] == "x_l1[w_l1<=tau]"
    assert result.estimates["vcov"].iloc[0] == "crv3(industry)"
    assert result.estimates["term"].tolist()[-1] == "c_l1"


def test_surfaces_stand_beside_the_model_of_the_difference(data):
    result = run("response_surface", data, SURFACE, {**SURFACE, "name": "effect", "treatment": "x"})
    assert list(dict.fromkeys(result.estimates["model"])) == ["dual", "dual_balance", "effect", "effect_balance"]
    terms = result.estimates[result.estimates["model"] == "effect"]["term"].tolist()
    assert terms[:6] == ["x_l1", "x_l1:w_l1", "x_l1:c_l1", "x_l1:w_l1^2", "x_l1:w_l1:c_l1", "x_l1:c_l1^2"]
    assert not any("year=" in term for term in result.estimates["term"])
    assert {"line[congruence]", "line[incongruence]", "hull[w_l1,c_l1]"} == set(result.curves["curve"])
    assert "x_l1:|w_l1-c_l1|" in result.estimates[result.estimates["model"] == "effect_balance"]["term"].tolist()


def test_a_model_that_the_data_do_not_support_stops_no_other(data):
    flat = data.assign(w=np.where(data["year"] > 2014, 1.0, 0.0))
    result = run("threshold", flat, ASKED, {**ASKED, "name": "good", "threshold": "c"})
    failed = result.estimates[result.estimates["model"] == "finance"]
    assert failed["estimate"].isna().all()
    assert "no value of the threshold variable" in failed["note"].iloc[0]
    assert result.estimates[result.estimates["model"] == "good"]["estimate"].notna().any()
    surface = run("response_surface", data.assign(w=data["firm"] * 1.0), SURFACE)
    assert surface.estimates.groupby("model")["estimate"].count().max() == 0 or (
        "absorbed" in surface.estimates["note"].iloc[0]
    )


def test_mistakes_of_all_sections_are_told_together(data):
    with pytest.raises(InputError) as caught:
        run("threshold", data, {**ASKED, "threshold": "wd"}, {**ASKED, "name": "b", "outcome": "name"})
    told = [(problem.where, problem.what) for problem in caught.value.problems]
    assert told[0][0] == "threshold: finance"
    assert "no column 'wd'" in told[0][1]
    assert "threshold: b" in told[1][0]
    assert "text" in told[1][1]


def test_a_run_of_full_draws_lifts_the_limit_of_a_slow_test(data):
    sections = {"threshold": [ASKED], "design": None, "derive": {}, "variables": {}}
    options = {"study": "s", "dictionary": DICTIONARY, "seed": 1, "draws": 1_200}
    said = {
        full: run_block("threshold", sections, data, full=full, **options).notes.set_index("code")["text_en"]
        for full in (False, True)
    }
    assert "999 draws" in said[False]["threshold_bootstrap"]
    assert "1,200 draws" in said[True]["threshold_bootstrap"]
