"""Table and figure of event studies: every event time once, estimators side by side, both languages."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.coefficients import coefficients
from involution.exhibits.columns import Results
from involution.exhibits.drawing import CHINESE_FONTS
from involution.exhibits.event_study_table import event_study_table
from involution.exhibits.event_terms import event_label, event_order, is_event_term
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.regression import regression_table
from involution.exhibits.tables import build_tables
from involution.models.run import run_block
from involution.study import block_tables
from involution.study.figures import Figure
from involution.study.tables import Table

from ..models.event_study.adopting import ESTIMATORS, staggered
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
NAMES = [f"pilots_{name}" for name in ESTIMATORS]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def estimated(**options):
    asked = {"name": "pilots", "outcome": "y", "cohort": "cohort", "estimators": list(ESTIMATORS), **options}
    sections = {"event_study": [asked], "derive": {}, "variables": {}}
    found = run_block("event_study", sections, staggered(), study="s", dictionary=DICTIONARY, seed=1, draws=99)
    return Results(found.estimates, found.statistics, found.notes, pd.DataFrame(), {}, found.curves)


@pytest.fixture(scope="module")
def results():
    return estimated(leads=3, lags=2, anticipation=1)


@pytest.fixture(scope="module")
def partly():
    return estimated(fixed_effects=["firm", "industry^year"])


def table_of(results, labels=None, **options):
    table = Table(name="t", kind="event_study", **options)
    return event_study_table(table, results, labels or Labels("en"), "Title")


def lines(content):
    return {row.label: [cell.text for cell in row.cells] for part in content.parts for row in part.rows if row.label}


def test_terms_in_words_and_in_order():
    labels = Labels("en"), Labels("zh")
    said = {term: tuple(event_label(term, language) for language in labels) for term in (
        "att[overall]", "att[e=-3]", "att[g=2014]", "att[t=2016]", "att[g=2014,t=2016]",
    )}  # fmt: skip
    assert said == {
        "att[overall]": ("Average effect on the treated", "处理组平均效应"),
        "att[e=-3]": ("Event time −3", "事件时间 −3"),
        "att[g=2014]": ("Cohort 2014", "批次 2014"),
        "att[t=2016]": ("Year 2016", "2016 年"),
        "att[g=2014,t=2016]": ("Cohort 2014, year 2016", "批次 2014，2016 年"),
    }
    assert Labels("zh").term("att[e=0]") == "事件时间 0"
    assert not is_event_term("a[m]")
    assert event_order(["att[e=1]", "att[g=2014]", "att[e=-10]", "att[overall]", "att[e=-2]"]) == [
        "att[overall]", "att[e=-10]", "att[e=-2]", "att[e=1]",
    ]  # fmt: skip


def test_event_times_are_rows_and_estimators_columns(results):
    found = lines(table_of(results, statistics=["n_obs"]))
    estimates = results.estimates.set_index(["model", "term"])["estimate"]
    events = [f"Event time {e}".replace("-", "−") for e in range(-3, 3)]
    assert list(found)[: len(events) + 1] == ["Average effect on the treated", *events]
    assert found["Average effect on the treated"] == [f"{estimates[name, 'att[overall]']:.3f}" for name in NAMES]
    assert found["Event time −2"].count("ref.") == 4
    assert found["Firms that adopt"] == ["39"] * 6
    assert found["Firms never treated"] == ["21"] * 6
    assert found["Clusters with treated rows"] == ["13"] * 6
    p = results.statistics[results.statistics["statistic"] == "pre_trend"].set_index("model")["p_value"]
    assert found["All leads are zero, p-value"] == [f"{p[name]:.3f}" for name in NAMES]
    assert all(found["Critical value of simultaneous bands"])


def test_notes_tell_references_and_methods_in_both_languages(results):
    for language, words in (("en", "Event time counts years from adoption"), ("zh", "事件时间为距采纳年份的年数")):
        notes = " ".join(table_of(results, Labels(language)).notes)
        assert words in notes
        assert "{" not in notes
    assert "relative to event time -2" in " ".join(table_of(results).notes)


def test_an_estimator_that_failed_keeps_its_column(partly):
    found = lines(table_of(partly))
    assert found["Average effect on the treated"][5] == "not estimated"
    assert found["Firms that adopt"][5] == ""
    assert any("cannot enter" in text for text in table_of(partly).notes)


def test_a_table_may_keep_terms_and_models(results):
    found = table_of(results, models=NAMES[:2], keep=["att[e=0]", "att[g=2012,t=2013]"])
    assert found.n_columns == 2
    assert list(lines(found))[:2] == ["Event time 0", "Cohort 2012, year 2013"]
    with pytest.raises(InputError, match="has a term"):
        table_of(results, keep=["att[e=77]"])
    with pytest.raises(InputError, match="no model of an event study"):
        table_of(results, models=["baseline"])


def test_all_formats_and_languages_have_the_table_and_the_macros(results):
    table = block_tables.event_study_table("pilots", NAMES)
    files = build_tables(
        [table], [], {}, results, ROWS, DICTIONARY, formats=["md", "tex", "html", "csv"], languages=["en", "zh"]
    )
    assert len(files) == 13
    assert "采纳的效应：按事件时间" in files["zh/event_study_pilots.md"].decode()
    assert b"\\involutionSPilotsTwfeAttEMinusThree}" in files["numbers.tex"]


def test_other_exhibits_leave_event_studies_out(results):
    figure = Figure(name="f", kind="coefficients")
    with pytest.raises(InputError, match="a figure of its own"):
        coefficients(figure, results.estimates, Labels("en"))
    other = results.estimates.iloc[[0]].assign(block="models", model="first", term="x")
    both = Results(
        pd.concat([other, results.estimates]), results.statistics, results.notes, results.truth, {}, results.curves
    )
    assert regression_table(Table(name="r"), both, Labels("en"), "").n_columns == 1


def picture(results, labels=None, **options):
    [(_, made)] = pictures_of(
        [Figure(name="f", kind="event_study", **options)], results, ROWS, DICTIONARY, labels or Labels("en")
    )
    return made


def test_the_figure_holds_each_point_with_both_bands(results):
    made = picture(results)
    assert made.data["model"].unique().tolist() == NAMES
    assert (made.data["uniform_low"] <= made.data["ci_low"]).all()
    assert (made.data["uniform_high"] >= made.data["ci_high"]).all()
    assert "Effect of adoption on y" in made.title
    assert any("from event time −1 on" in text for text in made.notes)
    assert made.words.count("on average") == 6
    drawing = made.draw()
    assert len(drawing.legends[0].get_texts()) == 6
    marks = [line for line in drawing.axes[0].lines if line.get_marker() not in ("None", "")]
    hollow = [line for line in marks if line.get_markerfacecolor() == "white"]
    assert sum(len(line.get_xdata()) for line in hollow) == (made.data["x"] < -1).sum() + 4


def test_points_of_estimators_do_not_cover_each_other(results):
    axes = picture(results).draw().axes[0]
    marks = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    x = np.sort(np.concatenate([np.asarray(line.get_xdata(), dtype=float) for line in marks]))
    assert np.diff(x).min() > 0.1


def test_what_failed_is_said_below_the_figure(partly):
    made = picture(partly)
    assert "pilots_callaway_santanna" not in made.data["model"].tolist()
    assert any("Not estimated: Callaway–Sant'Anna" in text for text in made.notes)
    nothing = picture(partly, models=["pilots_callaway_santanna"])
    assert nothing.data.empty
    assert "not estimated" in nothing.words
    with pytest.raises(InputError, match="no model of an event study"):
        picture(partly, models=["other"])


def test_the_figure_is_drawn_in_english_and_chinese(results):
    known = {font.name for font in font_manager.fontManager.ttflist}
    languages = ["en", "zh"] if known & set(CHINESE_FONTS) else ["en"]
    files = build_figures([Figure(name="f", kind="event_study")], {}, results, ROWS, DICTIONARY, languages=languages)
    assert len(files) == 3 * len(languages)
    assert files["f.png"].startswith(b"\x89PNG")
