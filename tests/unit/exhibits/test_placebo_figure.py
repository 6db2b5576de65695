"""The table and the figure of placebo tests, from the results of their block alone."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.tables import table_contents
from involution.models.run import run_block
from involution.study.block_tables import block_tables
from involution.study.figures import Figure, default_figures
from involution.study.study import Exhibits

from ..models.permutation.worlds import panel
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
CLOCK = {"treatment": 0, "outcome": 0, "controls": 0}
SHARED = {"outcome": "y", "treatment": "x", "level": "industry", "cluster": ["industry"], "timing": CLOCK}
SECTIONS = {
    "placebo": [
        {"name": "shuffled", "controls": ["c"], **SHARED},
        {"name": "none", "where": "industry < 2", **SHARED},
    ]
}


@pytest.fixture(scope="module")
def found():
    made = run_block("placebo", SECTIONS, panel(), study="s", dictionary=DICTIONARY, seed=1, draws=199)
    return Results(made.estimates, made.statistics, made.notes, pd.DataFrame(), {}, made.curves)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def picture(found, model, language="en"):
    [(_, made)] = pictures_of(
        [Figure(name="f", kind="placebo", model=model)], found, ROWS, DICTIONARY, Labels(language)
    )
    return made


def test_the_table_has_both_p_values(found):
    [table] = [table for table in block_tables(Exhibits.model_validate(SECTIONS)) if table.name == "placebo"]
    for language, labels in (
        ("en", ("Placebo p (coefficient)", "Placebo p (t statistic)")),
        ("zh", ("安慰剂 p 值（系数）", "安慰剂 p 值（t 统计量）")),
    ):
        [content] = table_contents([table], [], found, ROWS, Labels(language))
        rows = {row.label: [cell.text for cell in row.cells] for row in content.parts[0].rows}
        values = found.statistics[found.statistics["model"] == "shuffled"].set_index("statistic")["value"]
        for label, name in zip(labels, ("placebo_p", "placebo_p_t"), strict=True):
            assert rows[label] == [f"{values[name]:.3f}", ""]
        assert "c" not in rows


def test_the_figure_has_the_density_the_p_values_and_the_actual_estimate(found):
    made = picture(found, "shuffled")
    assert set(made.data["curve"]) == {"placebo_histogram", "placebo_density", "placebo_draws", "actual"}
    estimate = found.estimates["estimate"].iloc[0]
    assert made.data.set_index("curve").loc["actual", "x"] == pytest.approx(estimate)
    assert "199 permutations" in made.words
    assert any("11 of 12 units of industry" in text for text in made.notes)
    with style("en"):
        drawing = made.draw()
    axes, beside = drawing.axes
    assert axes.get_xlabel() == "Coefficient of x"
    assert beside.get_ylabel() == "p-value of each permutation"
    assert len(beside.collections[0].get_offsets()) == 199


def test_the_files_are_the_same_every_time(found):
    figure = Figure(name="f", kind="placebo", model="shuffled")
    first, second = (build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second
    assert picture(found, "shuffled", "zh").title == "安慰剂检验，y：随机置换处理变量的系数"


def test_what_was_not_estimated_is_said_and_the_wrong_model_refused(found):
    assert any("nothing to exchange" in text for text in picture(found, "none").notes)
    with pytest.raises(InputError, match="has no model 'shufled'; the nearest is 'shuffled'"):
        picture(found, "shufled")


def test_a_study_without_figures_gets_it():
    assert "shuffled_placebo" in {figure.name for figure in default_figures([("placebo", "shuffled")])}
