"""Tables and figures of heterogeneity and quantile regressions, from the results of their blocks alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.numbers import macros
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.models.run import run_block
from involution.study.base import Bilingual
from involution.study.block_tables import block_tables
from involution.study.figures import Figure, default_figures
from involution.study.study import Exhibits
from involution.study.tables import Table

from ..models.heterogeneity.simulated import panel
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
CLOCK = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": 0, "mediator": 0}
SHARED = {"outcome": "y", "treatment": "x", "timing": CLOCK, "cluster": ["industry"]}
SECTIONS = {
    "heterogeneity": [
        {"name": "kind", "by": "group", "draws": 99, "controls": ["c"], **SHARED},
        {"name": "size", "by": "size", "quantiles": 3, "draws": 99, **SHARED},
        {"name": "alone", "by": "flat", "draws": 99, **SHARED},
    ],
    "quantile_regression": [
        {"name": "over", "quantiles": [0.1, 0.5, 0.9], "controls": ["c"], **SHARED},
        {"name": "none", "quantiles": [0.5], **{**SHARED, "treatment": "still"}},
    ],
}
STUDY_LABELS = {"a": Bilingual(en="Private", zh="民营"), "b": Bilingual(en="State", zh="国有")}


@pytest.fixture(scope="module")
def found():
    data = panel(3, difference=0.4).assign(in_sample=True, still=1.0)
    draws = np.random.default_rng(1)
    data = data.assign(
        size=draws.normal(size=data["firm"].nunique())[data["firm"]],
        # A second group in which the treatment does not vary: one firm, one year.
        flat=np.where(data["firm"] == 0, "b", "a"),
        y=np.where((data["firm"] == 0) & (data["year"] > 0), np.nan, data["y"]),
    )
    empty = {"design": None, "derive": {}, "variables": {}}
    parts = [
        run_block(block, {block: asked, **empty}, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)
        for block, asked in SECTIONS.items()
    ]
    frames = [
        pd.concat([getattr(part, name) for part in parts], ignore_index=True)
        for name in ("estimates", "statistics", "notes")
    ]
    return Results(*frames, pd.DataFrame(), {}, pd.concat([part.curves for part in parts], ignore_index=True))


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def contents(found, language="en"):
    tables = block_tables(Exhibits.model_validate(SECTIONS))
    labels = Labels(language, STUDY_LABELS)
    return {made.name: made for made in table_contents(tables, [], found, ROWS, labels)}


def value(found, model, term, what="estimate"):
    return found.estimates.set_index(["model", "term"]).loc[(model, term), what]


def test_a_column_for_each_group_and_the_tests_below(found):
    content = contents(found)["heterogeneity_kind"]
    [part] = content.parts
    assert [cell for cell, _ in part.headers[1].cells] == ["Private", "State"]
    rows = [(row.kind, row.label, [cell.text for cell in row.cells]) for row in part.rows]
    labels = [label for _, label, _ in rows]
    slopes = [f"{value(found, f'kind[{group}]', 'x'):.3f}" for group in "ab"]
    assert rows[0] == ("estimate", "x", slopes)
    assert "c" not in labels
    assert rows[labels.index("Controls")][2] == ["Yes", "Yes"]
    start = labels.index("Tests of differences between groups (less Private)")
    term = "difference[group=b-a]"
    for name, test in (("Interaction", "interaction"), ("Stacked regression", "stacked")):
        place = labels.index(name)
        assert place > start
        assert rows[place][2] == ["", f"{value(found, f'kind_{test}', term):.3f}"]
        assert rows[place + 1][2] == ["", f"({value(found, f'kind_{test}', term, 'std_error'):.3f})"]
        p_value = value(found, f"kind_{test}", term, "p_value")
        assert rows[place + 2] == ("plain", "p-value", ["", "<0.001" if p_value < 0.0005 else f"{p_value:.3f}"])
    place = labels.index("Fisher's permutation test")
    assert rows[place + 1][1:] == ("p-value", ["", "0.010"])
    assert rows[place + 2][1:] == ("p-value, plain difference", ["", "0.010"])
    assert rows[place + 3][1:] == ("One-sided p-value, as bdiff counts", ["", "0.010"])
    assert not any("All groups equal" in label for label in labels)
    assert any(note.startswith("Stacked regression: every regressor") for note in content.notes)


def test_with_three_groups_all_are_tested_together(found):
    [part] = contents(found)["heterogeneity_size"].parts
    assert [cell for cell, _ in part.headers[1].cells] == ["Low", "Middle", "High"]
    rows = {row.label: [cell.text for cell in row.cells] for row in part.rows if row.label}
    statistics = found.statistics.set_index(["model", "statistic"])
    p_value = statistics.loc[("size_stacked", "equal_effects"), "p_value"]
    assert rows["All groups equal, p-value (Stacked regression)"] == [f"{p_value:.3f}", "", ""]
    assert rows["All groups equal, p-value (Interaction)"][0]
    assert rows["Interaction"][0] == ""
    assert all(rows["Interaction"][1:])


def test_the_note_names_the_tests_that_were_made(found):
    every = "Interaction, Stacked regression, Fisher's permutation test"
    made = contents(found)["heterogeneity_kind"]
    assert made.notes[0].endswith(f"differences from the first group, tested by: {every}.")
    less = replace(found, estimates=found.estimates[found.estimates["model"] != "kind_permutation"])
    assert contents(less, "zh")["heterogeneity_kind"].notes[0].endswith("检验方法：交互项、堆叠回归。")


def test_a_group_that_failed_says_so_in_its_column(found):
    [part] = contents(found)["heterogeneity_alone"].parts
    assert part.rows[0].cells[1].text == "not estimated"
    assert next(row for row in part.rows if row.label == "Interaction").cells[0].text == "not estimated"


def test_the_chinese_tables_have_no_english_label(found):
    made = contents(found, "zh")
    labels = [row.label for content in made.values() for part in content.parts for row in part.rows]
    assert "组间系数差异检验（与民营相比）" in labels
    assert "费舍尔组合检验" in labels
    assert not any(word in label for label in labels for word in ("Tests", "Inter", "value", "Quantile", "Controls"))


def test_quantiles_stand_side_by_side(found):
    content = contents(found)["quantile_regression"]
    part, failed = content.parts
    heads = [cell for cell, _ in part.headers[1].cells]
    assert heads == ["Mean (location)", "Scale", "Quantile 0.1", "Quantile 0.5", "Quantile 0.9"]
    terms = ["location", "scale", "q=0.1", "q=0.5", "q=0.9"]
    assert [cell.text for cell in part.rows[0].cells] == [f"{value(found, 'over', f'x[{t}]'):.3f}" for t in terms]
    assert "c" not in [row.label for row in part.rows]
    test = found.statistics.set_index(["model", "statistic"]).loc[("over", "equal_quantiles"), "p_value"]
    assert part.rows[-1].cells[0].text == f"{test:.3f}"
    assert failed.rows[0].cells[0].text == "not estimated"


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
def test_every_format_renders(found, kind):
    for content in contents(found, "zh").values():
        assert render(content, kind)


def picture(found, kind, model, language="en"):
    figure = Figure(name="f", kind=kind, model=model)
    [(_, made)] = pictures_of([figure], found, ROWS, DICTIONARY, Labels(language, STUDY_LABELS))
    return made


@pytest.mark.parametrize(
    ("kind", "model"),
    [("heterogeneity", "kind"), ("heterogeneity", "alone"), ("quantile_regression", "over"),
     ("quantile_regression", "none")],
)  # fmt: skip
def test_each_figure_has_its_files_the_same_every_time(found, kind, model):
    figure = Figure(name="f", kind=kind, model=model)
    first, second = (build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second


def test_the_figure_of_groups_has_their_estimates_and_says_the_tests(found):
    made = picture(found, "heterogeneity", "kind")
    assert made.data["group"].tolist() == ["a", "b"]
    assert made.data["estimate"].tolist() == [value(found, f"kind[{group}]", "x") for group in "ab"]
    assert any(text.startswith("Difference, Fisher's permutation test: p = 0.010") for text in made.notes)
    with style("en"):
        [axes] = made.draw().axes
    assert [text.get_text().split("\n")[0] for text in axes.get_yticklabels()] == ["Private", "State"]
    three = picture(found, "heterogeneity", "size", "zh")
    assert any("各组相等 p" in text for text in three.notes)
    assert three.title == "x对y的效应：按size分组"


def test_the_figure_of_quantiles_has_the_mean_beside(found):
    made = picture(found, "quantile_regression", "over")
    curve = made.data[made.data["curve"] == "quantiles[x]"]
    assert curve["x"].tolist() == [0.1, 0.5, 0.9]
    [mean] = made.data.loc[made.data["curve"] == "mean[x]", "estimate"]
    assert mean == value(found, "over", "x[location]")


def test_the_wrong_section_is_refused(found):
    with pytest.raises(InputError, match="no heterogeneity 'kid'; the nearest is 'kind'"):
        picture(found, "heterogeneity", "kid")
    with pytest.raises(InputError, match="has a term 'z'"):
        table_contents([Table(name="t", kind="heterogeneity", models=["kind"], keep=["z"])], [], found, ROWS,
                       Labels("en"))  # fmt: skip


def test_terms_are_said_in_words():
    labels = Labels("en", STUDY_LABELS)
    assert labels.term("x[group=a]") == "x (group = Private)"
    assert labels.term("difference[group=b-a]") == "Difference by group: State less Private"
    assert labels.term("x[q=0.1]") == "x (quantile 0.1)"
    assert labels.term("x[scale]") == "x (Scale)"
    assert Labels("zh", STUDY_LABELS).term("difference[size=high-low]") == "按size的组间差异：高减低"
    known = Labels("en", STUDY_LABELS, {"ownership": ("Ownership", "所有制")})
    assert known.effect("year^ownership_group") == "year × Groups of Ownership"
    assert known.column("some_group") == "some_group"
    # Terms of other blocks keep their words.
    assert labels.term("x[w<=tau]") == "x, where w ≤ τ"
    assert "Events" not in labels.term("att[e=-3]")


def test_macros_have_names_of_their_own(found):
    text = macros(found.estimates, {}).decode()
    for name in ("KindAX", "KindStackedDifferenceGroupBA", "OverXQZeroOne", "OverXScale"):
        assert f"\\involutionS{name}}}" in text


def test_a_study_without_figures_gets_those_of_its_blocks():
    models = [("heterogeneity", name) for name in ("kind[a]", "kind[b]", "kind_stacked")]
    names = {figure.name for figure in default_figures([*models, ("quantile_regression", "over")])}
    assert {"kind_heterogeneity", "over_quantile_regression"} <= names
    assert "kind_stacked_heterogeneity" not in names


def test_a_regression_table_may_show_the_groups(found):
    [made] = table_contents([Table(name="t", models=["kind", "kind_stacked"])], [], found, ROWS, Labels("en"))
    assert len(made.parts[0].rows[0].cells) == 3
