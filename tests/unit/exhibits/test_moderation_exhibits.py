"""The table and the figures of moderated effects, from the tidy results alone, in both languages."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.figures import pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import moderated, moderation_names
from involution.exhibits.moderation_terms import moderation_term
from involution.exhibits.numbers import macros
from involution.exhibits.tables import table_contents
from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block
from involution.study.base import Bilingual
from involution.study.block_tables import moderation_table
from involution.study.figures import Figure, default_figures
from involution.study.tables import Table
from tests.unit.models.moderation import worlds

DICTIONARY = dictionary_of(pd.DataFrame())
NOW = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": 0}
COMMON = {"outcome": "y", "treatment": "x", "cluster": ["industry"], "timing": NOW}
LABELS = {
    "x": Bilingual(en="Involution", zh="内卷指数"), "w": Bilingual(en="Digital finance", zh="数字金融"),
    "y": Bilingual(en="R&D intensity", zh="研发强度"), "z": Bilingual(en="Capability", zh="能力"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def panel():
    frame = worlds.plain(seed=1).assign(in_sample=True)
    return frame.assign(national=frame["year"] * 1.0)


@pytest.fixture(scope="module")
def results(panel):
    sections = [
        {**COMMON, "name": "finance", "moderator": "w", "controls": ["z"]},
        {**COMMON, "name": "finance_dual", "moderator": ["w", "z"], "product": True},
        {**COMMON, "name": "counts", "outcome": "count", "moderator": "w", "estimator": "poisson", "vcov": "crv1"},
        {**COMMON, "name": "years", "moderator": "national"},
    ]
    known = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
    given = {"moderation": sections, "design": None, "derive": {}, "variables": {}}
    found = run_block("moderation", given, panel, study="s", dictionary=known, seed=1, draws=199)
    sample = {"sample_rows": len(panel), "sample_firms": 120, "steps": [], "winsorised": {}}
    return Results(found.estimates, found.statistics, found.notes, pd.DataFrame(), sample, found.curves)


def content(results, panel, table, language="en"):
    [made] = table_contents([table], [], results, panel, Labels(language, LABELS))
    return made


def picture(results, panel, kind, model, language="en"):
    figure = Figure(name="f", kind=kind, model=model)
    [(_, made)] = pictures_of([figure], results, panel, DICTIONARY, Labels(language, LABELS))
    return made


def rows_of(made):
    return {row.label: [cell.text + cell.stars for cell in row.cells] for part in made.parts for row in part.rows}


def test_effects_are_known_by_their_models(results):
    assert moderation_names(results) == ["finance", "finance_dual", "counts", "years"]
    found = moderated("finance", results, "here")
    assert (found.treatment, found.moderators, found.outcome) == ("x", ["w"], "y")
    assert set(found.models) == {
        "finance", "finance_product", "finance_no_year", "finance_plain", "finance_interaction", "finance_bins",
        "finance_effects", "finance_kernel",
    }  # fmt: skip
    with pytest.raises(InputError, match="the nearest is 'finance'"):
        moderated("finanse", results, "here")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_has_a_column_a_form_and_the_effect_over_the_moderator(results, panel, language):
    made = content(results, panel, moderation_table("finance"), language)
    forms = [text for text, _ in made.parts[0].headers[1].cells]
    english = ["Plain", "Plain + years", "Demeaned", "Headline", "X × W alone"]
    assert forms == (english if language == "en" else ["普通交互", "普通交互＋逐年", "去均值", "主结果", "纯交互"])
    rows = rows_of(made)
    product = "Involution × Digital finance" if language == "en" else "内卷指数 × 数字金融"
    estimate = results.estimates.set_index(["model", "term"]).loc[("finance", "x:w"), "estimate"]
    assert rows[product][3].startswith(f"{estimate:.3f}")
    years = rows["Involution × year" if language == "en" else "内卷指数 × 年份"]
    assert years[:5] == (["No", "Yes", "No", "Yes", "No"] if language == "en" else ["否", "是", "否", "是", "否"])
    assert not any("::" in label for label in rows)
    effect = "Effect at Digital finance = P90" if language == "en" else "数字金融 = P90 处的效应"
    assert rows[effect][0]
    words = made.notes[-1]
    assert f"{estimate:.3f}" in words
    assert ("In the headline" if language == "en" else "主结果中") in words
    assert all(len(row.cells) == made.n_columns for part in made.parts for row in part.rows)


def test_a_table_without_models_shows_all_effects_and_keep_shortens_it(results, panel):
    made = content(results, panel, Table(name="every", kind="moderation", keep=["x:w"]))
    assert sum(part.title == "Interaction" for part in made.parts) == 4
    first = [row.label for row in made.parts[0].rows if row.kind == "estimate"]
    assert first == ["Involution × Digital finance"]
    with pytest.raises(InputError, match="there is no moderated effect"):
        content(results, panel, Table(name="none", kind="moderation", models=["nothing"]))


def test_a_form_that_failed_keeps_its_column_and_says_why(results, panel):
    made = content(results, panel, moderation_table("years"))
    estimates = next(row for row in made.parts[0].rows if row.kind == "estimate")
    assert [cell.text for cell in estimates.cells][3] == "not estimated"
    assert any("varies between years alone" in note for note in made.notes)
    assert "The headline was not estimated" in made.notes[-1]


def test_three_way_effects_have_corners_and_a_sentence(results, panel):
    made = content(results, panel, moderation_table("finance_dual"))
    rows = rows_of(made)
    assert "Effect at Digital finance = P10, Capability = P90" in rows
    assert "Involution × Digital finance × Capability" in rows
    assert "together changes it by a further" in made.notes[-1]


def test_a_table_of_regressions_leaves_them_out_unless_named(results, panel):
    with pytest.raises(InputError, match="a table of its own"):
        content(results, panel, Table(name="regressions"))
    named = content(results, panel, Table(name="named", models=["finance"], keep=["x:w"]))
    assert rows_of(named)["Involution × Digital finance"][0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("kind", "model"), [("marginal", "finance"), ("marginal", "counts"), ("kernel", "finance_dual")]
)
def test_figures_are_drawn_from_their_data(results, panel, kind, model, language):
    made = picture(results, panel, kind, model, language)
    drawing = made.draw()
    assert drawing.get_axes()
    assert list(made.data.columns) == ["curve", "x", "estimate", "ci_low", "ci_high"]
    assert made.title
    assert made.words
    assert made.notes
    wanted = {
        "marginal": {"effect", "effect_uniform", "bins", "support"},
        "kernel": {"kernel", "kernel_uniform", "plain"},
    }
    assert {name.split("[")[0] for name in made.data["curve"]} == wanted[kind]


def test_figures_of_what_is_not_there(results, panel):
    assert "years_effects" in picture(results, panel, "marginal", "years").words
    with pytest.raises(InputError, match="no kernel estimator"):
        picture(results, panel, "kernel", "counts")
    with pytest.raises(InputError, match="no moderated effect 'finance_bins'"):
        picture(results, panel, "marginal", "finance_bins")


def test_a_study_without_figures_gets_those_of_its_effects(results, panel):
    made = pictures_of([], results, panel, DICTIONARY, Labels("en", LABELS))
    names = {figure.name for figure, _ in made}
    assert {"finance_marginal", "finance_kernel", "finance_dual_marginal", "counts_marginal"} <= names
    assert not any("bins" in name for name in names)
    kinds = {figure.kind for figure in default_figures([("moderation", "m")])}
    assert {"marginal", "kernel"} <= kinds


def test_every_term_has_a_label_in_both_languages_and_a_macro(results):
    terms = [term for term in results.estimates["term"].unique() if isinstance(term, str) and term]
    english, chinese = Labels("en", LABELS), Labels("zh", LABELS)
    for term in terms:
        assert english.term(term)
        if moderation_term(term):
            assert "[" not in english.term(term)
            assert english.term(term) != chinese.term(term)
    assert english.term("at[w=low]") == "Effect at the median of low Digital finance"
    assert chinese.term("effect[w=p90-p10]") == "效应之差（数字金融 = P90 − P10）"
    assert moderation_term("year::2010:x") is None
    assert moderation_term("x:w") is None
    names = macros(results.estimates, {}).decode().splitlines()
    assert len(names) == len(set(names))
