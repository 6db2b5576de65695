"""The block rehearsal: dated columns, what is chosen, failures that stop nothing else, mistakes of the file."""

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block
from involution.study.study import parse_study

from .simulated import NOW
from .test_mediated import mediated_panel

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
DESIGN = {"outcomes": ["y", "count"], "treatment": "x", "timing": {**NOW, "treatment": -1}, "cluster": ["industry"],
          "controls": ["c"]}  # fmt: skip
CHANNELS = {"name": "channels", "outcome": "y", "treatment": "x", "mediators": ["m1", "m2"]}
QUICK = {"draws": 100, "bootstrap": 99}
STUDY = {"name": "s", "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "t"}}}, "design": DESIGN}


@pytest.fixture(scope="module")
def data():
    return mediated_panel(1, industries=15, years=6)


def run(data, rehearsal, seed=1, **given):
    sections = {"rehearsal": rehearsal, "design": DESIGN, "mediation": [CHANNELS], "index": None, "derive": {},
                "variables": {}, **given}  # fmt: skip
    return run_block("rehearsal", sections, data, study="s", dictionary=DICTIONARY, seed=seed, draws=999)


@pytest.fixture(scope="module")
def result(data):
    return run(data, {**QUICK, "effects": [0.05, 0.3]})


def test_each_planned_model_has_size_coverage_power_and_detectable_effect(result):
    assert list(dict.fromkeys(result.estimates["model"])) == [
        "rehearsal_baseline_y", "rehearsal_baseline_count", "rehearsal_channels"
    ]  # fmt: skip
    first = result.estimates[result.estimates["model"] == "rehearsal_baseline_y"]
    own = ["size", "coverage", "power[0.05]", "power[0.3]", "mde"]
    assert first["term"].tolist()[:5] == own
    others = ("crv3(industry)", "crv1(firm)", "crv1(industry)", "wild(industry)")
    assert first["term"].tolist()[5:] == [f"{what}[{name}]" for name in others for what in ("size", "mde")]
    values = first.set_index("term")["estimate"]
    assert values["coverage"] == 1 - values["size"]
    assert values["size"] == values["size[crv3(industry)]"]
    assert values["power[0.3]"] >= values["power[0.05]"] >= 0
    assert (first["vcov"] == "crv3(industry)").all()
    assert (first["outcome"] == "y").all()
    assert first["n_clusters"].iloc[0] == 15
    assert first["std_error"].iloc[0] == pytest.approx(np.sqrt(values["size"] * (1 - values["size"]) / 100))


def test_the_detectable_effect_is_told_in_several_units(result):
    rows = result.statistics[result.statistics["model"] == "rehearsal_baseline_y"].set_index("statistic")["value"]
    mde = result.estimates.set_index(["model", "term"]).loc[("rehearsal_baseline_y", "mde"), "estimate"]
    assert mde == pytest.approx(rows["mde_coefficient"] * rows["sd_treatment"])
    assert rows["mde_sd"] == pytest.approx(mde / rows["sd_outcome"])
    assert rows["mde_mean"] == pytest.approx(mde / abs(rows["mean_outcome"]))
    assert rows["mde_effect"] == pytest.approx(mde / rows["sd_residual"])
    curve = result.curves[result.curves["curve"] == "power[crv3(industry)]"]
    one = curve[curve["model"] == "rehearsal_baseline_y"]
    assert np.interp(rows["mde_effect"], one["x"], one["estimate"]) == pytest.approx(0.8, abs=0.03)
    assert 2 * rows["mde_effect"] == pytest.approx(one["x"].max())


def test_one_seed_gives_the_same_numbers_whatever_stands_beside(data, result):
    alone = run(data, {**QUICK, "effects": [0.05, 0.3], "models": ["baseline_count"], "mediations": []})
    rows = result.estimates[result.estimates["model"] == "rehearsal_baseline_count"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.estimates, rows)
    other = run(data, {**QUICK, "models": ["baseline_count"], "mediations": []}, seed=2)
    assert not other.estimates["estimate"].head(7).equals(rows["estimate"].head(7))


def test_what_is_not_rehearsed_has_its_row_with_the_reason(data):
    design = {**DESIGN, "outcomes": ["y", {"name": "share", "estimator": "fractional_logit"}]}
    other = {**CHANNELS, "name": "levels", "interaction": True}
    found = run(data.assign(share=1 / (1 + np.exp(-data["y"]))), QUICK, design=design, mediation=[CHANNELS, other])
    said = found.estimates.groupby("model")["note"].first()
    assert "fractional_logit is not rehearsed" in said["rehearsal_baseline_share"]
    assert "potential outcomes" in said["rehearsal_levels"]
    assert (
        found.estimates.set_index("model").loc[["rehearsal_baseline_y", "rehearsal_channels"], "estimate"].notna().all()
    )


def test_clusters_below_the_level_of_the_treatment_are_rehearsed_with_its_signs(data):
    shared = data.assign(x=data.groupby(["industry", "year"])["x"].transform("mean"))
    design = {**DESIGN, "cluster": ["firm"], "outcomes": ["y"], "vcov": "crv1"}
    found = run(shared, {**QUICK, "draws": 300, "mediations": []}, design=design)
    values = found.estimates.set_index("term")["estimate"]
    assert (found.estimates["vcov"] == "crv1(firm)").all()
    assert "size[crv3(industry)]" in values
    assert values["size"] > values["size[crv3(industry)]"]
    assert "rehearsal_low_cluster" in set(found.notes["code"])


def test_the_reliability_of_the_index_is_that_of_its_halves_on_the_models_rows(data):
    draws = np.random.default_rng(1)
    noise = draws.normal(size=(2, len(data))) * 0.3
    halves = {"involution_half_a": data["x"] + noise[0], "involution_half_b": data["x"] + noise[1]}
    measured = data.assign(involution=data["x"], **halves)
    design = {**DESIGN, "treatment": "involution", "outcomes": ["y"], "controls": []}
    found = run(measured, {**QUICK, "mediations": []}, design=design)
    values = found.estimates.set_index("term")["estimate"]
    statistics = found.statistics.set_index("statistic")["value"]
    # Halves with noise of variance .09 each: the mean of both has .045 beside the signal.
    within = measured["x"] - measured.groupby("firm")["x"].transform("mean")
    signal = (within - within.groupby(measured["year"]).transform("mean")).var() * 6 / 5
    assert values["reliability"] == pytest.approx(signal / (signal + 0.045), abs=0.02)
    assert statistics["mde_reliability"] == pytest.approx(values["mde"] / values["reliability"])


def test_mistakes_are_told_when_the_file_is_read():
    def problems(rehearsal, **given):
        with pytest.raises(InputError) as found:
            parse_study({**STUDY, "rehearsal": rehearsal, **given})
        return str(found.value)

    assert "no planned model is called 'baseline_z'" in problems({"models": ["baseline_z"]})
    assert "no planned model is called 'chanels'; the nearest is 'channels'" in problems(
        {"mediations": "chanels"}, mediation=[CHANNELS]
    )
    assert "effects ascend" in problems({"effects": [0.2, 0.1]})
    assert "draws" in problems({"draws": 10})
    assert "nearest" in problems({"drows": 200})
    model = {"name": "m", "formula": "y ~ x | firm"}
    assert "plans no model" in problems({}, design=None, models=[model])


def test_columns_that_do_not_exist_stop_before_anything_is_drawn(data):
    with pytest.raises(InputError, match="nowhere"):
        run(data, QUICK, design={**DESIGN, "outcomes": ["nowhere"]})


def test_the_names_of_rehearsals_are_known_from_the_file():
    study = parse_study({**STUDY, "rehearsal": {"models": ["baseline_y"]}, "mediation": [CHANNELS]})
    assert study.names_by_section["rehearsal"] == ["rehearsal_baseline_y", "rehearsal_channels"]
    assert study.blocks[-1] == "rehearsal"
    assert parse_study(STUDY).names_by_section["rehearsal"] == []
