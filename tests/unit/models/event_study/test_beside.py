"""What a study's event study has beside its estimators: models, statistics, curves and exhibits."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from tests.unit.models.event_study.benzarti_carloni import COVARIANCE, ESTIMATE, LEADS
from tests.unit.models.event_study.test_dose_and_triple import panel

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.figures import build_figures
from involution.exhibits.labels import Labels
from involution.exhibits.tables import build_tables, table_contents
from involution.models.event_study.bounded import bounded
from involution.models.event_study.event_study import event_study
from involution.models.event_study.honest import breakdown, honest_bounds
from involution.models.event_study.smoothness import largest_bend
from involution.models.run import run_block
from involution.study.block_tables import beside_tables
from involution.study.event_study import EventStudy
from involution.study.figures import Figure
from involution.study.sections import Blocks

DICTIONARY = pd.DataFrame(
    {name: [] for name in ("name", "level", "unit", "label_en", "label_zh", "available", "leave_one_out", "coverage")}
)
ASKED = {
    "name": "pilots",
    "outcome": "y",
    "cohort": "cohort",
    "cluster": ["region"],
    "estimators": ["twfe", "did2s"],
    "leads": 3,
    "lags": 3,
    "strength": "strength",
    "triple": "x",
}


def _data(**more):
    return panel(1, firms=80, change=0.3).assign(in_sample=True, **more)


def _run(data, **changes):
    sections = {"event_study": [{**ASKED, **changes}]}
    return run_block("event_study", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)


@pytest.fixture(scope="module")
def out():
    return _run(_data())


@pytest.fixture(scope="module")
def results(out):
    return Results(out.estimates, out.statistics, out.notes, pd.DataFrame(), {}, out.curves)


def test_each_model_beside_has_its_rows(out) -> None:
    models = list(dict.fromkeys(out.estimates["model"]))
    assert models == [f"pilots_{name}" for name in ("twfe", "did2s", "bacon", "dose", "triple", "triple_twoway")]
    assert models == Blocks.model_validate({"event_study": [ASKED]}).model_names
    terms = out.estimates.groupby("model", sort=False)["term"].agg(list)
    assert terms["pilots_triple"] == ["adopted", "x:adopted"]
    assert terms["pilots_dose"][1:4] == ["att[low]", "att[middle]", "att[high]"]
    assert terms["pilots_bacon"][0] == "bacon[twfe]"


def test_the_decomposition_adds_up_as_it_is_told(out) -> None:
    curves = out.curves[out.curves["model"] == "pilots_bacon"]
    whole = out.estimates.query("term == 'bacon[twfe]'")["estimate"].iloc[0]
    assert curves["x"].sum() == pytest.approx(1)
    assert (curves["x"] * curves["estimate"]).sum() == pytest.approx(whole, abs=1e-10)
    weights = out.statistics[out.statistics["statistic"].str.startswith("weight[")]["value"]
    assert weights.sum() == pytest.approx(1)


def test_bounds_are_of_the_average_of_what_is_reported(out) -> None:
    data = _data()
    fit = event_study(data, "y", estimator="twfe", cluster="region", leads=3, lags=3, draws=0)
    found = bounded(fit, (0.0, 1.0))
    events = [-3, -2, 0, 1, 2, 3]
    at = [fit.terms.index(f"att[e={event}]") for event in events]
    estimate, covariance = fit.estimate[at], fit.covariance[np.ix_(at, at)]
    direct = honest_bounds(estimate, covariance, 2, 4, None, "relative_magnitudes", (0.0, 1.0))
    curve = found.curves[found.curves["curve"] == "honest_relative_magnitudes"]
    assert curve[["ci_low", "ci_high"]].to_numpy() == pytest.approx(direct[["low", "high"]].to_numpy())
    assert curve["estimate"].iloc[0] == pytest.approx(estimate[2:].mean())
    value = out.statistics.query("model == 'pilots_twfe' and statistic == 'breakdown_m'")["value"].iloc[0]
    assert value == pytest.approx(breakdown(estimate, covariance, 2, 4))
    assert {name for name, *_ in found.details} == {
        "breakdown_m", "breakdown_smoothness", "pre_trend_slope_50", "pre_trend_slope_80", "pre_trend_bias_80"
    }  # fmt: skip


def test_leads_without_a_year_of_reference_have_no_bounds(out) -> None:
    codes = out.notes[out.notes["model"] == "pilots_did2s"]["code"].tolist()
    assert "honest_no_reference" in codes
    assert not out.statistics.query("model == 'pilots_did2s'")["statistic"].str.startswith("breakdown").any()
    without = _run(_data(), honest=[], bacon=False, strength=None, triple=None)
    assert list(dict.fromkeys(without.estimates["model"])) == ["pilots_twfe", "pilots_did2s"]
    assert not without.notes["code"].str.startswith("honest").any()


def test_anticipation_moves_the_year_of_reference() -> None:
    fit = event_study(_data(), "y", estimator="twfe", cluster="region", anticipation=1, leads=4, lags=2, draws=0)
    found = bounded(fit, (1.0,))
    at = [fit.terms.index(f"att[e={event}]") for event in (-4, -3, -1, 0, 1, 2)]
    direct = honest_bounds(
        fit.estimate[at], fit.covariance[np.ix_(at, at)], 2, 4, (0, 1 / 3, 1 / 3, 1 / 3), "relative_magnitudes", (1.0,)
    )
    curve = found.curves[found.curves["curve"] == "honest_relative_magnitudes"]
    assert curve[["ci_low", "ci_high"]].to_numpy() == pytest.approx(direct[["low", "high"]].to_numpy())


def test_the_scale_of_smoothness_is_that_of_r() -> None:
    """R HonestDiD: DeltaSD_upperBound_Mpre on BCdata_EventStudy, the end of its default grid (test_honest has more)."""
    assert largest_bend(ESTIMATE, COVARIANCE, LEADS) == pytest.approx(0.202169869297069, abs=1e-9)


def test_a_planted_drift_breaks_the_effect_where_it_should() -> None:
    """Leads that move by .1 a year, an effect of .4: with little noise a drift four times as fast takes it away."""
    estimate = np.array([0.2, 0.1, 0.4])
    assert breakdown(estimate, 1e-10 * np.eye(3), 2, 1) == pytest.approx(4, abs=0.01)
    # The straight trend through both leads stays at -.1 a year: what bends by .5 at adoption takes .4 away.
    assert breakdown(estimate, 1e-10 * np.eye(3), 2, 1, None, "smoothness") == pytest.approx(0.5, abs=0.001)


def test_models_that_fail_have_their_row_and_stop_no_other() -> None:
    data = _data()
    out = _run(data.assign(strength=0.5, x=1.0))
    failed = out.estimates[out.estimates["estimate"].isna()]
    assert set(failed["model"]) == {"pilots_dose", "pilots_triple", "pilots_triple_twoway"}
    assert failed["note"].str.contains("not estimated").all()
    results = Results(out.estimates, out.statistics, out.notes, pd.DataFrame(), {}, out.curves)
    study = Blocks.model_validate({"event_study": [ASKED]})
    contents = table_contents(beside_tables(study.event_study[0]), [], results, data, Labels("en"))
    assert any("not estimated" in note.lower() for note in contents[2].notes)


def test_mistakes_of_a_section_are_told_before_anything_is_estimated() -> None:
    data = _data()
    with pytest.raises(InputError, match="nosuch"):
        _run(data, strength="nosuch")
    with pytest.raises(InputError, match="one strength"):
        _run(data, strength="year")
    with pytest.raises(InputError, match="holds text"):
        _run(data.assign(words="a"), triple="words")
    with pytest.raises(ValidationError, match="a control"):
        EventStudy.model_validate({**ASKED, "triple": "y"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_say_it_in_both_languages(results, language) -> None:
    study = Blocks.model_validate({"event_study": [ASKED]})
    tables = beside_tables(study.event_study[0])
    assert [table.name for table in tables] == ["bacon_pilots", "honest_pilots", "dose_pilots", "triple_pilots"]
    bacon, honest, dose, triple = table_contents(tables, [], results, _data(), Labels(language))
    labels = Labels(language)
    assert bacon.parts[0].rows[-1].label == labels.text("bacon_twfe")
    assert any(row.label == labels.text("honest_breakdown_relative_magnitudes") for row in honest.parts[0].rows)
    assert any(row.label == labels.text("dose_gradient") for row in dose.parts[0].rows)
    assert any(row.label.endswith(labels.text("triple_adopted")) for row in triple.parts[0].rows)
    raw = build_tables(tables, [], {}, results, _data(), DICTIONARY, formats=["md", "csv"], languages=[language])
    assert b"att[" not in raw["dose_pilots.md"]


def test_figures_are_drawn_from_tidy_results(results) -> None:
    figures = [Figure(name="b", kind="bacon"), Figure(name="h", kind="honest"), Figure(name="d", kind="dose")]
    files = build_figures(figures, {}, results, _data(), DICTIONARY, languages=["en"])
    assert {"b.png", "h.pdf", "d.csv"} <= set(files)
    assert files["b.csv"].decode().startswith("type,comparison,weight,estimate")
    again = build_figures(figures, {}, results, _data(), DICTIONARY, languages=["en"])
    assert files == again
    with pytest.raises(InputError, match="is no decomposition"):
        build_figures(
            [Figure(name="b", kind="bacon", model="pilots_twfe")], {}, results, _data(), DICTIONARY, languages=["en"]
        )
