"""The breakthrough's table and figure: what stands in them, in both languages, and what they never say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.breakthrough_terms import BreakthroughTerm, breakthrough_label, taken_apart
from involution.exhibits.columns import Results
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.regression import regression_table
from involution.exhibits.render import render
from involution.exhibits.tables import build_tables, table_contents
from involution.models.run import run_block
from involution.study import parse_study
from involution.study.base import Bilingual
from involution.study.figures import Figure, default_figures
from involution.study.tables import Table

from ..models.breakthrough.conftest import simulated
from .conftest import DICTIONARY

LEVERS = {"capabilities": ["insight", "care"], "digital_finance": "finance", "national": "national"}
TIMING = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": 0}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    data = simulated().assign(national=lambda frame: frame["year"] ** 2.0).rename(columns={"size": "firm_size"})
    data.loc[(data["firm_size"] == "medium") & (data["industry"] > "i05"), "firm_size"] = "small"
    asked = {
        "name": "levers", "outcome": "y", "treatment": "x", "levers": LEVERS, "by": "firm_size", "timing": TIMING,
        "cluster": ["industry"],
    }  # fmt: skip
    still = {**asked, "name": "still", "levers": {"national": "national"}, "by": None}
    del still["by"]
    sections = {"breakthrough": [asked, still], "design": None, "derive": {}, "variables": {}}
    block = run_block("breakthrough", sections, data, study="s", dictionary=None, seed=1, draws=99)
    truth = pd.DataFrame({"model": ["levers"], "term": ["offset[digital_finance]"], "truth": [0.321]})
    sample = {"sample_rows": len(data), "sample_firms": 180, "steps": [], "winsorised": {}}
    return Results(block.estimates, block.statistics, block.notes, truth, sample), data


def content(found, language="en", **options):
    results, data = found
    table = Table(name="t", kind="breakthrough", **{"models": ["levers"], **options})
    own = {"x": Bilingual(en="Involution", zh="内卷指数"), "y": Bilingual(en="R&D", zh="研发")}
    (made,) = table_contents([table], [], results, data, Labels(language, own))
    return made


def rows_of(part):
    return {row.label: [cell.text for cell in row.cells] for row in part.rows if row.label}


@pytest.mark.parametrize(
    ("term", "apart"),
    [
        ("harm", BreakthroughTerm("harm")),
        ("harm[firm_size=micro]:plain", BreakthroughTerm("harm", "", "firm_size", "micro", "plain")),
        ("offset[all]", BreakthroughTerm("offset", "all")),
        ("offset[df,size=a,b=c]", BreakthroughTerm("offset", "df", "size", "a,b=c")),
        ("remaining:no_year", BreakthroughTerm("remaining", form="no_year")),
        ("level[df]", BreakthroughTerm("level", "df")),
        ("offset", None), ("harm[df]", None), ("offset[df]:other", None), ("indirect[m]", None),
    ],
)  # fmt: skip
def test_terms_are_taken_apart(term, apart):
    assert taken_apart(term) == apart


def test_the_table_has_every_group_and_the_truth_beside_all_firms(found):
    made = content(found)
    first, second = made.parts
    assert [text for text, _ in first.headers[1].cells] == ["All firms", "Truth", "Micro", "Small", "Medium"]
    assert [text for text, _ in second.headers[1].cells][:2] == ["Headline", "Plain products"]
    estimates = found[0].estimates.set_index(["model", "term"])["estimate"]["levers"]
    rows = rows_of(first)
    assert rows["Harm: Involution one standard deviation higher, levers at p25"][0] == f"{estimates['harm']:.3f}"
    # A lever has a row under offsets, shares and its own effect: the last of them stands in the dictionary.
    cells = [row for row in first.rows if row.label == "Digital finance"]
    assert cells[0].cells[0].text == f"{estimates['offset[digital_finance]']:.3f}"
    assert cells[0].cells[1].text == "0.321"
    assert cells[0].cells[2].text == f"{estimates['offset[digital_finance,firm_size=micro]']:.3f}"
    assert rows["national"][0] == "–"
    assert rows["Observations"][0] == "1,260"
    assert int(rows["Clusters"][4]) < 10
    below = first.rows[first.rows.index(cells[0]) + 1]
    assert below.cells[0].text.startswith("[")
    assert not below.cells[4].text


def test_it_is_called_what_it_is(found):
    for language, words in (("en", "not a policy evaluation"), ("zh", "并非政策评估")):
        made = content(found, language)
        assert words in made.title
        assert any(words in note for note in made.notes)
        assert words in pictures(found, language)[0].title


def test_shares_say_where_they_mean_nothing(found):
    made = content(found)
    shares = [row for row in made.parts[0].rows if row.label == "All levers together"][1]
    assert shares.cells[4].text == "not meaningful"
    assert not shares.cells[0].stars


def test_a_model_that_failed_stands_in_the_table_and_the_figure(found):
    made = content(found, models=["levers", "still"])
    assert made.parts[-1].rows[0].cells[0].text == "not estimated"
    results, data = found
    [(_, picture)] = pictures_of(
        [Figure(name="f", kind="breakthrough", model="still")], results, data, DICTIONARY, Labels("en")
    )
    assert "still" in picture.words


def test_terms_can_be_kept_dropped_and_renamed(found):
    made = content(found, keep=["harm", "offset[all]"], rename={"offset[all]": "Together"})
    labels = [row.label for row in made.parts[0].rows if row.kind == "estimate"]
    assert labels == ["Harm: Involution one standard deviation higher, levers at p25", "Together"]
    with pytest.raises(InputError, match="no model of the table has a term"):
        content(found, keep=["offset[none]"])


@pytest.mark.parametrize("kind", ["tex", "html", "md", "csv", "docx"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_written_in_every_format(found, kind, language):
    assert len(render(content(found, language), kind)) > 500


def pictures(found, language="en"):
    results, data = found
    figure = Figure(name="f", kind="breakthrough", model="levers")
    return [made for _, made in pictures_of([figure], results, data, DICTIONARY, Labels(language))]


def test_the_figure_holds_the_harm_against_every_offset(found):
    (picture,) = pictures(found)
    data = picture.data.set_index("term")
    estimates = found[0].estimates.set_index(["model", "term"])["estimate"]["levers"]
    assert data.loc["harm", "estimate"] == -estimates["harm"]
    assert data.loc["harm", "ci_low"] <= data.loc["harm", "estimate"] <= data.loc["harm", "ci_high"]
    assert data.loc["offset[all]", "estimate"] == estimates["offset[all]"]
    assert not data["estimate"].isna().any()
    assert "national" not in set(data["lever"])
    assert any("Medium" in note for note in picture.notes)
    drawing = picture.draw()
    (axes,) = drawing.axes
    assert len(axes.containers) == 3
    assert any(np.allclose(line.get_xdata(), data.loc["harm", "estimate"]) for line in axes.lines)


def test_figures_are_the_same_bytes_twice(found):
    results, data = found
    made = [
        build_figures(
            [Figure(name="f", kind="breakthrough")], {}, results, data.assign(in_sample=True), DICTIONARY,
            languages=["en"],
        )
        for _ in range(2)
    ]  # fmt: skip
    assert made[0] == made[1]


def test_regression_tables_and_default_figures_leave_it_alone(found):
    results, _ = found
    with pytest.raises(InputError, match="kind: breakthrough"):
        regression_table(Table(name="t", models=["levers"]), results, Labels("en"), "")
    names = [figure.name for figure in default_figures([("breakthrough", "levers")])]
    assert names[-1] == "levers_breakthrough"


def test_every_estimate_has_a_macro_of_its_own(found):
    results, data = found
    files = build_tables(
        [Table(name="t", kind="breakthrough", digits=2)], [], {}, results, data, DICTIONARY, formats=["md"],
        languages=["en"],
    )  # fmt: skip
    text = files["numbers.tex"].decode()
    number = results.estimates.set_index(["model", "term"])["estimate"]["levers"]["offset[digital_finance]"]
    assert f"\\involutionSLeversOffsetDigitalFinance}}{{{number:.2f}}}" in text


def test_a_study_with_the_section_gets_its_table():
    study = parse_study(
        {
            "name": "s", "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
            "breakthrough": [{"name": "levers", "outcome": "rd_intensity", "levers": {"df": "digital_finance"}}],
        }
    )  # fmt: skip
    (table,) = [table for table in study.all_tables if table.kind == "breakthrough"]
    assert (table.name, table.models) == ("breakthrough", ["levers"])


def test_terms_are_words_in_both_languages():
    term = taken_apart("offset[digital_finance,firm_size=micro]:plain")
    assert breakthrough_label(term, Labels("en")) == (
        "Offset by Digital finance, Micro, Plain products, no slopes by year"
    )
    assert Labels("zh").term("level[capabilities]") == "单独变动双重能力的效应"
