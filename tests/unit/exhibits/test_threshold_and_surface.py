"""Tables and figures of threshold models and response surfaces, from the results of their blocks alone."""

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
from involution.study.block_tables import block_tables
from involution.study.figures import Figure, default_figures
from involution.study.study import Exhibits

from ..models.threshold.simulated import panel
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
CLOCK = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": 0, "mediator": 0}
SHARED = {"outcome": "y", "timing": CLOCK, "cluster": ["industry"], "controls": ["weight"]}
SECTIONS = {
    "threshold": [
        {"name": "one", "treatment": "x", "threshold": "w", **SHARED},
        {"name": "two", "treatment": "x", "threshold": "w", "regimes": 3, "regime_level": True, **SHARED},
        {"name": "none", "treatment": "x", "threshold": "flat", **SHARED},
    ],
    "response_surface": [
        {"name": "dual", "columns": ["w", "c"], **SHARED},
        {"name": "effect", "columns": ["w", "c"], "treatment": "x", "balance": False, **SHARED},
    ],
}


@pytest.fixture(scope="module")
def found():
    data = panel(2, firms=80).assign(in_sample=True)
    data = data.assign(flat=(data["firm"] < 8) * (data["year"] > 2012) * 1.0)
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
    return {made.name: made for made in table_contents(tables, [], found, ROWS, Labels(language))}


def cells(content):
    return {row.label or row.what: [cell.text for cell in row.cells] for row in content.parts[0].rows}


def test_the_table_of_thresholds_has_interval_test_and_regimes(found):
    rows = cells(contents(found)["threshold"])
    estimates = found.estimates.set_index(["model", "term"])
    assert rows["Threshold τ"] == [f"{estimates.loc[('one', 'tau'), 'estimate']:.3f}", "", ""]
    interval = next(
        row.cells[0].text for row in contents(found)["threshold"].parts[0].rows if row.what.startswith("95%")
    )
    low, high = estimates.loc[("one", "tau"), ["ci_low", "ci_high"]]
    assert interval == f"[{low:.3f}, {high:.3f}]"
    statistics = found.statistics.set_index(["model", "statistic"])
    f = statistics.loc[("one", "threshold_f[1]")]
    assert rows["F: no threshold against one"][0] == f"{f['value']:.3f}"
    every = [row for row in contents(found)["threshold"].parts[0].rows if row.label == "Bootstrap p-value"]
    assert every[0].cells[0].text == f"{f['p_value']:.3f}"
    assert rows["F: one threshold against two"][0] == ""
    assert rows["Observations at or below τ"][0] == f"{statistics.loc[('one', 'n_obs[below]'), 'value']:.0f}"
    assert rows["x, where w ≤ τ"][0].startswith("-")
    assert "weight" not in rows
    assert rows["Controls"][:2] == ["Yes", "Yes"]


def test_the_chinese_table_has_no_english_label(found):
    labels = list(cells(contents(found, "zh")["threshold"]))
    assert "门槛值 τ" in labels
    assert not any(word in label for label in labels for word in ("Threshold", "where", "Observations"))


def test_surfaces_stand_in_a_table_with_lines_and_axes(found):
    content = contents(found)["response_surface_dual"]
    rows = cells(content)
    estimates = found.estimates.set_index(["model", "term"])
    a1 = estimates.loc[("dual", "surface[a1]"), "estimate"]
    assert rows["Slope along the line of congruence, a1"] == [f"{a1:.3f}", ""]
    assert {"w²", "w × c", "|w − c|", "Stationary point, w", "F: squares and product"} <= set(rows)
    effect = cells(contents(found)["response_surface_effect"])
    assert {"x", "x × w²", "x × w × c"} <= set(effect)


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
def test_every_format_renders(found, kind):
    for content in contents(found, "zh").values():
        assert render(content, kind)


def test_macros_have_names_of_their_own(found):
    text = macros(found.estimates, {}).decode()
    for name in ("OneXWhereWAtMostTau", "OneXWhereWAboveTau", "DualWSquared", "DualBalanceDistanceOfWAndC", "OneTau"):
        assert f"\\involutionS{name}}}" in text


def picture(found, kind, model, language="en"):
    [(_, made)] = pictures_of([Figure(name="f", kind=kind, model=model)], found, ROWS, DICTIONARY, Labels(language))
    return made


@pytest.mark.parametrize(
    ("kind", "model"), [("threshold", "one"), ("threshold", "two"), ("surface", "dual"), ("surface", "effect")]
)
def test_each_figure_has_its_files_the_same_every_time(found, kind, model):
    figure = Figure(name="f", kind=kind, model=model)
    first, second = (build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second


def test_the_likelihood_ratio_is_drawn_over_the_values_searched(found):
    made = picture(found, "threshold", "two")
    assert set(made.data["curve"]) == {"likelihood_ratio[tau1]", "likelihood_ratio[tau2]"}
    with style("en"):
        drawing = made.draw()
    axes = [axes for part in drawing.subfigs for axes in part.axes]
    assert [panel.get_xlabel() for panel in axes] == ["w", "w"]
    assert "Threshold τ₁" in made.words
    assert picture(found, "threshold", "one", "zh").title.startswith("对y效应的门槛")


def test_the_surface_is_grey_beyond_the_data(found):
    made = picture(found, "surface", "dual")
    grid = made.data[made.data["part"] == "surface"]
    assert 0 < grid["inside"].mean() < 1
    row = grid.iloc[100]
    b = found.estimates[found.estimates["model"] == "dual"].set_index("term")["estimate"]
    x, z = row["x"], row["z"]
    expected = b["w"] * x + b["c"] * z + b["w^2"] * x * x + b["w:c"] * x * z + b["c^2"] * z * z
    assert row["estimate"] == pytest.approx(expected)
    assert "Grey" in made.notes[-1]
    assert picture(found, "surface", "effect").title == "Effect of x on y over w and c"


def test_what_was_not_estimated_is_said_in_place_of_a_figure(found):
    made = picture(found, "threshold", "none")
    assert made.data.empty
    assert any("no value of the threshold variable" in text for text in made.notes)


def test_the_wrong_model_is_refused(found):
    with pytest.raises(InputError, match="is no surface"):
        picture(found, "surface", "dual_balance")
    with pytest.raises(InputError, match="has no model 'dul'"):
        picture(found, "surface", "dul")


def test_a_study_without_figures_gets_those_of_its_blocks():
    names = {figure.name for figure in default_figures([("threshold", "one"), ("response_surface", "dual")])}
    assert {"one_threshold", "dual_surface"} <= names
