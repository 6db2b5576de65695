"""Exhibits of exposure to events: tables, figures, words in both languages, names of numbers."""

import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import CHINESE_FONTS
from involution.exhibits.exposure_terms import exposure_label, spelled_variant, variant_of
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.numbers import macros
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.panel.columns import canonical_columns
from involution.study.base import Bilingual
from involution.study.block_tables import exposure_tables
from involution.study.exposure import EventExposure
from involution.study.figures import Figure
from involution.study.tables import Table
from tests.unit.models.exposure.conftest import ASKED, DICTIONARY, SAME_YEAR, World, make_events, make_panel

ROWS = pd.DataFrame({"in_sample": [True]})
CHINESE = any(font.name in CHINESE_FONTS for font in font_manager.fontManager.ttflist)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def results_of(world, **asked):
    found = world.run(**asked)
    return Results(found.estimates, found.statistics, found.notes, pd.DataFrame(), {}, found.curves)


@pytest.fixture(scope="module")
def results():
    return results_of(World(make_panel(), make_events()))


@pytest.fixture(scope="module")
def failed():
    return results_of(World(make_panel(), make_events(passive=0, active=2)))


def contents(results, language, tables=None):
    labels = labels_for(language, {}, DICTIONARY, canonical_columns())
    asked = tables or exposure_tables(EventExposure(**ASKED, timing=SAME_YEAR).completed(None))
    return table_contents(asked, [], results, ROWS, labels)


def test_the_table_of_the_block_has_a_column_a_model_and_the_randomisation_p(results):
    table, _ = contents(results, "en")
    (part,) = table.parts
    rows = {row.label: [cell.text for cell in row.cells] for row in part.rows if row.label}
    assert table.n_columns == 7
    product = rows["x × Exposure to passive events"]
    assert [bool(text) for text in product] == [True, True, True, True, False, True, True]
    p = results.statistics.set_index(["model", "statistic"]).loc[("policy", "randomisation_p"), "value"]
    assert rows["Randomisation p"] == [f"{p:.3f}", *[""] * 6]
    assert "difference of the interactions" in next(label for label in rows if "difference" in label)


def test_the_table_of_variants_has_a_row_a_judgement(results):
    _, table = contents(results, "en")
    labels = [row.label for row in table.parts[0].rows]
    assert labels[:3] == ["Headline", "Half-life", "Half-life 1, in years"]
    assert "Events of municipal origin alone" in labels
    estimates = results.estimates.set_index("term").query("model == 'policy_sensitivity'")["estimate"]
    cells = {row.label: row.cells[0].text for row in table.parts[0].rows}
    assert cells["Strength by disruption"] == f"{estimates['x:event_exposure[weights=disruption]']:.3f}"


@pytest.mark.parametrize("kind", ["md", "tex", "html", "csv", "docx"])
def test_tables_are_rendered_in_every_format(results, kind):
    assert all(render(content, kind) for content in contents(results, "en"))


def test_chinese_tables_hold_no_english_words_but_names(results):
    for content in contents(results, "zh"):
        text = "".join(row.label for part in content.parts for row in part.rows) + "".join(content.notes)
        for word in ("exposure less", "headline with", "events rated", "central", "municipal", "novelty"):
            assert word not in text


def test_failures_say_so_in_tables_and_figures(failed):
    first, second = contents(failed, "en")
    assert first.parts[0].rows[0].cells[0].text == "not estimated"
    assert second.parts[0].rows[0].cells[0].text == "not estimated"
    assert any("there is no passive event" in note for note in first.notes)
    for kind in ("randomisation", "exposure_sensitivity"):
        [(_, picture)] = pictures_of(
            [Figure(name="f", kind=kind, model="policy")], failed, ROWS, DICTIONARY, Labels("en")
        )
        assert picture.data.empty
        assert any("there is no passive event" in note for note in picture.notes)


def test_figures_of_the_block_are_drawn_unasked_and_the_same_every_time(results):
    languages = ["en", "zh"] if CHINESE else ["en"]
    first, second = (build_figures([], {}, results, ROWS, DICTIONARY, languages=languages) for _ in range(2))
    names = {name.rpartition(".")[0] for name in first if "/" not in name}
    assert {"policy_randomisation", "policy_exposure_sensitivity"} <= names
    assert not any(name.startswith("policy_sensitivity") for name in names)
    assert first == second


def test_the_randomisation_figure_marks_the_estimate(results):
    [(_, picture)] = pictures_of([Figure(name="f", kind="randomisation")], results, ROWS, DICTIONARY, Labels("en"))
    estimate = results.estimates.set_index(["model", "term"]).loc[("policy", "x:event_exposure"), "estimate"]
    assert picture.data.set_index("curve").loc["actual", "x"] == estimate
    assert "575 permuted calendars" in picture.words
    picture.draw()


def test_the_forest_shows_every_variant(results):
    [(_, picture)] = pictures_of(
        [Figure(name="f", kind="exposure_sensitivity")], results, ROWS, DICTIONARY, Labels("en")
    )
    assert len(picture.data) == 12
    assert picture.data["variant"].iloc[0] == "headline"
    assert picture.words.startswith("12 variants")
    picture.draw()


@pytest.mark.parametrize("kind", ["randomisation", "exposure_sensitivity"])
def test_a_figure_of_what_is_no_section_is_refused(results, kind):
    with pytest.raises(InputError):
        pictures_of([Figure(name="f", kind=kind, model="policy_both")], results, ROWS, DICTIONARY, Labels("en"))


def test_a_table_of_what_has_no_variants_is_refused(results):
    with pytest.raises(InputError, match="no sensitivity"):
        contents(results, "en", [Table(name="t", kind="exposure_sensitivity", models=["other"])])


def test_variants_stand_in_no_table_of_all_regressions_and_no_plot_of_them(results):
    """Nor do the other models of the section, which have a table of their own."""
    with pytest.raises(InputError, match="a table of its own"):
        contents(results, "en", [Table(name="t")])
    with pytest.raises(InputError, match="a figure of its own"):
        pictures_of([Figure(name="f", kind="coefficients")], results, ROWS, DICTIONARY, Labels("en"))


def test_every_number_has_a_name_of_its_own(results):
    text = macros(results.estimates, {}).decode()
    names = [line.split("}")[0] for line in text.splitlines() if line.startswith("\\newcommand")]
    assert len(set(names)) == len(names)
    assert "\\newcommand{\\involutionSPolicySensitivityXEventExposureNearZeroPointTwoFive" in names
    assert not any(name.endswith("B") for name in names)


def test_terms_in_words():
    labels = Labels("en", {"strategy": Bilingual(en="our weights", zh="自定权重")})
    assert variant_of("x:event_exposure[near=0.5]") == ("x:event_exposure", "near=0.5")
    assert variant_of("indirect[m,w=p10]") is None
    assert exposure_label("x:event_exposure", labels) is None
    assert labels.term("x:e[weights=strategy]") == "x × e: Strength by our weights"
    assert labels.term("passive-active") == "Passive less active exposure: difference of the interactions"
    assert Labels("zh").term("x:event_exposure_lead") == "x × 对尚未开始事件的暴露"
    assert spelled_variant("x:e[near=0.5]") == "x:e near 0 point 5"
    # A study's own column of that name keeps its label.
    assert Labels("en", {}, {"passive-active": ("Gap", "差")}).term("passive-active") == "Gap"
