"""The table and the figure of a specification curve, from the results of its block alone."""

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

from ..models.permutation.worlds import panel
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
CLOCK = {"treatment": 0, "outcome": 0, "controls": 0}
SHARED = {"outcomes": ["y"], "treatments": ["x"], "level": "industry", "cluster": ["industry"], "timing": CLOCK}
SECTIONS = {
    "specification_curve": [
        {"name": "curve", "controls": {"none": [], "with_c": ["c"]}, "samples": {"all": None, "late": "year > 2012"},
         "treatment_years": [0, -1], **SHARED},
        {"name": "single", "draws": 0, **SHARED},
        {"name": "lost", "samples": {"nobody": "industry > 90"}, **SHARED},
    ]
}  # fmt: skip
LABELS = {"late": Bilingual(en="From 2013", zh="2013 年起")}


@pytest.fixture(scope="module")
def found():
    made = run_block("specification_curve", SECTIONS, panel(), study="s", dictionary=DICTIONARY, seed=1, draws=99)
    return Results(made.estimates, made.statistics, made.notes, pd.DataFrame(), {}, made.curves)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def contents(found, language="en"):
    tables = [t for t in block_tables(Exhibits.model_validate(SECTIONS)) if t.kind == "specification_curve"]
    return {made.name: made for made in table_contents(tables, [], found, ROWS, Labels(language, LABELS))}


def cells(part):
    return {row.label: [cell.text for cell in row.cells] for row in part.rows}


def picture(found, model, language="en"):
    figure = Figure(name="f", kind="specification_curve", model=model)
    [(_, made)] = pictures_of([figure], found, ROWS, DICTIONARY, Labels(language, LABELS))
    return made


def test_the_table_has_the_curve_with_joint_tests_and_each_choice(found):
    whole, chosen = contents(found)["specification_curve_curve"].parts
    values = found.statistics[found.statistics["model"] == "curve"].set_index("statistic")
    rows = cells(whole)
    assert rows["Specifications"] == ["8", "", ""]
    median = values.loc["median_estimate"]
    assert rows["Median estimate"] == [f"{median['value']:.3f}", f"{median['p_value']:.3f}", ""]
    of_choice = cells(chosen)
    assert of_choice["From 2013"] == [
        "4",
        f"{values.loc['median[sample=late]', 'value']:.3f}",
        f"{values.loc['share_significant[sample=late]', 'value']:.3f}",
    ]
    assert {"Controls", "none", "with c", "Sample", "Year of the treatment", "t", "t−1"} <= set(of_choice)
    assert len(contents(found)["specification_curve_single"].parts) == 1


def test_the_chinese_table_has_no_english_label(found):
    labels = [row.label for part in contents(found, "zh")["specification_curve_curve"].parts for row in part.rows]
    assert {"设定个数", "2013 年起", "控制变量", "无"} <= set(labels)
    assert not any(word in label for label in labels for word in ("Median", "Sample", "none", "all"))


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
def test_every_format_renders(found, kind):
    for content in contents(found, "zh").values():
        assert render(content, kind)


def test_the_figure_has_the_curve_above_its_choices(found):
    made = picture(found, "curve")
    assert "8 specifications" in made.words
    with style("en"):
        drawing = made.draw()
    curve, board = drawing.axes
    assert curve.get_ylabel() == "Estimate, 95 % interval"
    assert [text.get_text() for text in board.get_yticklabels()] == ["t", "t−1", "none", "with c", "all", "From 2013"]
    assert [text.get_text() for text in board.texts] == ["Year of the treatment", "Controls", "Sample"]
    assert any("The band holds 95 %" in text for text in made.notes)
    with style("en"):
        assert len(picture(found, "single").draw().axes) == 1


def test_the_files_are_the_same_every_time(found):
    figure = Figure(name="f", kind="specification_curve", model="curve")
    first, second = (build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second


def test_what_was_not_estimated_is_said_and_the_wrong_model_refused(found):
    assert picture(found, "lost").data.empty
    with pytest.raises(InputError, match="there is no curve 'curv'; the nearest is 'curve'"):
        picture(found, "curv")
    with pytest.raises(InputError, match="there is no curve"):
        picture(found, "curve[0001]")


def test_macros_have_names_of_their_own(found):
    text = macros(found.estimates, {}).decode()
    assert "\\involutionSCurveMedian}" in text
    assert "\\involutionSCurveZeroZeroZeroOneX}" in text


def test_a_study_without_figures_gets_one_for_the_curve_alone():
    models = [("specification_curve", name) for name in ("curve", "curve[0001]", "curve[0002]")]
    names = [figure.name for figure in default_figures(models) if figure.kind == "specification_curve"]
    assert names == ["curve_specification_curve"]
