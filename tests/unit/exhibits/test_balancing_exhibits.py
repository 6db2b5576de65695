"""Tables and figures of sensitivity, matching, balancing and selection, from the results of their block alone."""

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

from ..models.endogeneity.test_matching import DESIGN, simulated
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
SECTIONS = {
    "design": DESIGN,
    "endogeneity": [
        {"name": "hidden", "controls": ["c", "z"], "omitted": {"times": [1, 2]}},
        {"name": "unhidden", "treatment": "flat", "controls": ["c"], "omitted": {}},
        {"name": "matched", "match": {"on": ["c", "z"]}},
        {"name": "unmatched", "match": {"on": ["c"], "caliper": 1e-12}},
        {"name": "balanced", "balance": {"on": ["c", "z"]}},
        {"name": "groups", "balance": {"on": ["c", "z"], "treat": "median"}},
        {"name": "told", "outcome": "seen", "selection": {"exclusion": ["w"]}},
    ],
}


@pytest.fixture(scope="module")
def found():
    data = simulated(4, firms=200).assign(flat=1.0)
    data["w"] = (data["c"] * 7 % 1) - 0.5
    data["seen"] = data["y"].where(data["w"] + data["z"] + 0.3 * data["y"] > -0.8)
    part = run_block(
        "endogeneity",
        {**SECTIONS, "derive": {}, "variables": {}},
        data,
        study="s",
        dictionary=DICTIONARY,
        seed=1,
        draws=99,
    )
    return Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {}, part.curves)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def contents(found, language="en"):
    tables = [table for table in block_tables(Exhibits.model_validate(SECTIONS)) if table.name != "baseline"]
    return {made.name: made for made in table_contents(tables, [], found, ROWS, Labels(language))}


def texts(part):
    return {row.label: [cell.text for cell in row.cells] for row in part.rows}


def value(found, model, term, what="estimate"):
    return found.estimates.set_index(["model", "term"]).loc[(model, term), what]


def statistic(found, model, name):
    return found.statistics.set_index(["model", "statistic"]).loc[(model, name), "value"]


def picture(found, kind, model, language="en"):
    [(_, made)] = pictures_of([Figure(name="f", kind=kind, model=model)], found, ROWS, DICTIONARY, Labels(language))
    return made


def test_every_method_has_its_tables_in_the_order_of_the_chapter(found):
    assert list(contents(found)) == [
        "endogeneity_omitted", "endogeneity_match", "endogeneity_match_balance", "endogeneity_balance",
        "endogeneity_balance_balance", "endogeneity_selection", "threats",
    ]  # fmt: skip


def test_the_sensitivity_table_has_robustness_benchmarks_and_oster(found):
    parts = contents(found)["endogeneity_omitted"].parts
    own, bounds, oster, failed = parts
    assert own.title == "hidden; dependent variable: y"
    assert texts(own)["x"][4] == f"{statistic(found, 'hidden', 'robustness_value[x]'):.3f}"
    assert list(texts(bounds)) == ["c, 1x as strong", "c, 2x as strong", "z, 1x as strong", "z, 2x as strong"]
    assert texts(bounds)["z, 2x as strong"][2] == f"{value(found, 'hidden', 'bound[z,2x]'):.3f}"
    assert not any(cell.stars for row in bounds.rows for cell in row.cells)
    adjusted = texts(oster)["Adjusted effect at δ = 1"]
    assert adjusted[0] == f"{value(found, 'hidden', 'oster[delta=1]'):.3f}"
    assert adjusted[4] == f"{statistic(found, 'hidden', 'oster_r_max'):.3f}"
    assert texts(oster)["δ at which the effect is zero"][0] == f"{statistic(found, 'hidden', 'oster_delta'):.3f}"
    assert failed.rows[0].cells[0].text == "not estimated"


def test_the_balance_table_stands_before_beside_after(found):
    matched, unmatched = contents(found)["endogeneity_match_balance"].parts
    labels = [row.label for row in matched.rows]
    assert labels == ["c", "Before", "After", "z", "Before", "After"]
    assert matched.rows[1].cells[2].text == f"{statistic(found, 'matched', 'standardised_difference[before,c]'):.3f}"
    assert unmatched.rows[0].cells[0].text == "not estimated"
    note = " ".join(contents(found)["endogeneity_match_balance"].notes)
    assert f"treated rows 400, matched {statistic(found, 'matched', 'n_treated_matched'):.0f}" in note
    degrees, groups = contents(found)["endogeneity_balance_balance"].parts
    assert [cell for cell, _ in degrees.headers[0].cells][:2] == ["Mean", "Correlation with the treatment"]
    assert degrees.rows[2].cells[1].text == "0.000"
    assert groups.rows[2].cells[2].text == "0.000"


def test_regressions_stand_beside_those_before(found):
    part = contents(found)["endogeneity_match"].parts[0]
    titles = [text for text, _ in part.headers[1].cells]
    assert titles[:5] == ["Matched, weighted", "Matched, each row once", "Matched, two groups", "Before", "Score"]
    rows = texts(part)
    assert rows["High x"][2] == f"{value(found, 'matched_indicator', 'treated[x]'):.3f}"
    assert rows["x"][0] == f"{value(found, 'matched', 'x'):.3f}"
    assert rows["Pseudo R²"][0] == ""
    selection = texts(contents(found)["endogeneity_selection"].parts[0])
    assert selection["Inverse Mills ratio"][0] == f"{value(found, 'told', 'inverse_mills'):.3f}"
    made = found.statistics[found.statistics["statistic"] == "exclusion_f"].iloc[0]
    assert selection["F: exclusions [p]"][2].startswith(f"{made['value']:.3f} [")
    assert selection["Rows without"][0] == f"{statistic(found, 'told', 'n_unreported'):.0f}"


def test_the_chinese_tables_have_no_english_label(found):
    for content in contents(found, "zh").values():
        labels = [row.label for part in content.parts for row in part.rows]
        heads = [text for part in content.parts for header in part.headers for text, _ in header.cells]
        english = ("strong", "High", "Before", "After", "Mills", "Rows", "Mean", "Robust", "reported", "Matched")
        assert not any(word in text for text in [*labels, *heads] for word in english)


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
def test_every_format_renders(found, kind):
    for content in contents(found, "zh").values():
        assert render(content, kind)


def test_macros_have_names_of_their_own(found):
    text = macros(found.estimates, {}).decode()
    for name in ("HiddenBoundZTwoX", "HiddenOsterDeltaOne", "MatchedIndicatorTreatedX", "ToldInverseMills"):
        assert f"\\involutionS{name}}}" in text


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("contours", "hidden"),
        ("balance", "matched"),
        ("balance", "balanced"),
        ("balance", "groups"),
        ("overlap", "matched"),
    ],
)
def test_each_figure_has_its_files_the_same_every_time(found, kind, model):
    figure = Figure(name="f", kind=kind, model=model)
    first, second = (build_figures([figure], {}, found, ROWS, DICTIONARY, languages=["en", "zh"]) for _ in range(2))
    assert set(first) == {f"{folder}f.{ending}" for folder in ("", "zh/") for ending in ("pdf", "png", "csv")}
    assert first == second


def test_contours_are_the_formula_on_a_grid(found):
    made = picture(found, "contours", "hidden")
    row = made.data[made.data["part"] == "grid"].iloc[1_700]
    scale, b = statistic(found, "hidden", "residual_ratio[x]"), value(found, "hidden", "x")
    bias = (row["r2_outcome"] * row["r2_treatment"] / (1 - row["r2_treatment"])) ** 0.5 * scale
    expected = (abs(b) - bias) * (1 if b > 0 else -1)
    assert row["estimate"] == pytest.approx(expected)
    error = value(found, "hidden", "x", "std_error") * ((1 - row["r2_outcome"]) / (1 - row["r2_treatment"])) ** 0.5
    assert row["t"] == pytest.approx(expected / error)
    assert set(made.data["part"]) == {"grid", "benchmark", "extreme"}
    with style("en"):
        drawing = made.draw()
    titles = [axes.get_title() for part in drawing.subfigs for axes in part.axes]
    assert titles[:2] == ["Adjusted estimate", "Adjusted t statistic"]
    assert "Robustness value of x" in made.words


def test_the_balance_plot_has_the_worst_first(found):
    made = picture(found, "balance", "matched")
    assert made.data["before"].is_monotonic_decreasing
    assert (made.data["after"] < 0.25).all()
    assert set(picture(found, "overlap", "matched").data["curve"]) == {
        f"score[{when},{who}]" for when in ("before", "after") for who in ("treated", "control")
    }


def test_what_was_not_estimated_is_said_in_place_of_a_figure(found):
    for kind, model in (("contours", "unhidden"), ("balance", "unmatched"), ("overlap", "unmatched")):
        made = picture(found, kind, model)
        assert made.data.empty
        assert made.notes


@pytest.mark.parametrize(
    ("kind", "model", "said"),
    [
        ("contours", "matched", "no sensitivity to omitted variables 'matched'"),
        ("balance", "hidden", "neither matched nor balanced"),
        ("overlap", "balanced", "has no propensity scores"),
        ("balance", "zz", "has no model 'zz'"),
    ],
)
def test_the_wrong_model_is_refused(found, kind, model, said):
    with pytest.raises(InputError, match=said):
        picture(found, kind, model)


def test_a_study_without_figures_gets_those_of_its_methods(found):
    models = [("endogeneity", name) for name in ("hidden", "hidden_long", "matched", "balanced")]
    named = {figure.name for figure in default_figures(models)}
    assert {"hidden_contours", "matched_balance", "balanced_balance"} <= named
    drawn = [figure.name for figure, _ in pictures_of([], found, ROWS, DICTIONARY, Labels("en"))]
    kinds = ("_contours", "_balance", "_overlap")
    assert [name for name in drawn if name.endswith(kinds)] == [
        "hidden_contours", "unhidden_contours", "matched_balance", "matched_overlap", "unmatched_balance",
        "unmatched_overlap", "balanced_balance", "groups_balance",
    ]  # fmt: skip
