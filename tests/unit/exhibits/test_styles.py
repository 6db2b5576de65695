"""Styles of tables: what they say where a table does not, and rows that are hidden."""

import pytest

from involution.errors import InputError
from involution.exhibits.labels import labels_for
from involution.exhibits.tables import table_contents
from involution.panel.columns import canonical_columns
from involution.study import parse_study
from involution.study.study import Exhibits
from involution.study.styles import STYLES
from involution.study.tables import DEFAULT_STATISTICS, Table

from .conftest import DICTIONARY

MODELS = ["first", "second_2"]


def made(results, analysis, language="en", **keys):
    table = Table.model_validate({"name": "t", "models": MODELS, **keys})
    [content] = table_contents(
        [table], [], results, analysis, labels_for(language, {}, DICTIONARY, canonical_columns())
    )
    return content


def cells(content, label):
    return next(row.cells for part in content.parts for row in part.rows if row.label == label)


def labelled(content):
    return [row.label for part in content.parts for row in part.rows if row.label]


@pytest.mark.parametrize("style", ["econometrica", "aer"])
def test_these_journals_print_no_stars(results, analysis, style):
    content = made(results, analysis, style=style)
    assert not any(cell.stars for part in content.parts for row in part.rows for cell in row.cells)
    assert "p <" not in " ".join(content.notes)
    assert content.style == style
    [note] = content.notes
    assert note.startswith("Notes: ")


def test_management_world_prints_as_its_papers_do(results, analysis):
    content = made(results, analysis, "zh", style="management-world")
    [numbers, outcome] = content.parts[0].headers
    assert [text for text, _ in numbers.cells] == ["(1)", "(2)"]
    assert outcome.label == "被解释变量"
    assert len(cells(content, "x")[0].text.split(".")[1]) == 4
    assert [cell.text for cell in cells(content, "年份固定效应")] == ["否", "是"]
    assert cells(content, "观测值")[0].text == "200"
    [note] = content.notes
    assert note.startswith("注：括号内为标准误。***、**、* 分别表示在 1%、5%、10% 的水平上显著。")


def test_the_aer_ticks_fixed_effects(results, analysis):
    ticks = [cell.text for cell in cells(made(results, analysis, style="aer"), "Year fixed effects")]
    assert ticks == ["", "✓"]


def test_what_a_table_says_itself_comes_first(results, analysis):
    content = made(results, analysis, style="aer", digits=1, stars={"+": 0.9}, statistics=["n_obs"])
    assert cells(content, "x")[0].stars == "+"
    assert len(cells(content, "x")[0].text.split(".")[1]) == 1
    assert labelled(content)[-1] == "Observations"


def study(**keys):
    source = {"source": "a.csv", "columns": {"firm": "f", "year": "t", "industry": "i"}}
    models = [{"name": "m", "formula": "a ~ b", "vcov": "hetero"}]
    return parse_study({"name": "s", "data": {"panel": source}, "models": models, **keys})


def test_the_style_of_the_study_is_that_of_every_table():
    tables = [{"name": "own", "models": ["m"], "style": "default"}, {"name": "other", "models": ["m"], "digits": 2}]
    found = {table.name: table for table in study(style="aer", tables=tables).all_tables}
    assert (found["own"].style, found["own"].stars != {}) == ("default", True)
    assert (found["other"].style, found["other"].stars, found["other"].digits) == ("aer", {}, 2)
    usual = study(style="management-world").all_tables
    assert {table.style for table in usual} == {"management-world"}
    assert {table.digits for table in usual} == {4}


def test_tables_are_the_same_once_they_have_been_handed_on():
    whole = study(style="econometrica", tables=[{"name": "a", "models": ["m"]}])
    handed = Exhibits.model_validate(
        whole.model_dump(mode="json", by_alias=True, include={"style", "tables", "models"})
    )
    assert handed.all_tables == whole.all_tables


def test_rows_that_a_block_adds_stay_in_every_style():
    table = Table(name="t", statistics=[*DEFAULT_STATISTICS, "ar2"]).in_style("aer")
    assert table.statistics == [*STYLES["aer"].statistics, "ar2"]
    assert Table(name="t", statistics=["ar2"]).in_style("aer").statistics == ["ar2"]


@pytest.mark.parametrize("name", ["all", "All", "numbers"])
def test_names_of_documents_are_taken(name):
    with pytest.raises(ValueError, match="give the table another name"):
        Table(name=name)


def test_an_unknown_style_is_refused_once():
    with pytest.raises(InputError) as error:
        study(style="nature", tables=[{"name": "a", "models": ["m"]}])
    assert len(error.value.problems) == 1
    assert "management-world" in str(error.value)


def test_decimals_of_single_rows(results, analysis):
    content = made(results, analysis, digits_of={"x": 1, "parentheses": 5, "r2": 2, "statistics": 0})
    rows = content.parts[0].rows
    at = next(k for k, row in enumerate(rows) if row.label == "x")
    assert [len(rows[at + k].cells[0].text.strip("()").split(".")[1]) for k in (0, 1)] == [1, 5]
    assert len(cells(content, "R²")[0].text.split(".")[1]) == 2
    assert "." not in cells(content, "Mean of outcome")[0].text


def test_decimals_of_rows_are_of_regressions_and_descriptives():
    with pytest.raises(ValueError, match="digits_of is of tables"):
        Table(name="t", kind="mediation", digits_of={"x": 2})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hidden_rows_are_gone_with_what_stands_below_them(results, analysis, language):
    hide = ["fixed_effects", "clusters", "w", "r2", "estimator"]
    whole, short = made(results, analysis, language), made(results, analysis, language, hide=hide)
    gone = [label for label in labelled(whole) if label not in labelled(short)]
    assert len(gone) == 5
    assert len(whole.parts[0].rows) - len(short.parts[0].rows) == len(gone) + 1
    assert "estimator" not in [header.what for header in short.parts[0].headers]
    first = next(row for row in short.parts[0].rows if row.kind == "statistic")
    assert first.rule_above


def test_a_row_is_hidden_by_one_fixed_effect_or_its_label(results, analysis):
    assert "Year effects" not in labelled(made(results, analysis, hide=["year"]))
    assert "Firm effects" in labelled(made(results, analysis, hide=["year"]))
    assert "观测数" not in labelled(made(results, analysis, "zh", hide=[{"en": "Observations", "zh": "观测数"}]))


def test_a_row_that_is_not_there_is_named_with_the_nearest(results, analysis):
    with pytest.raises(InputError, match="no row is called 'fixed_efects'; the nearest is 'fixed_effects'"):
        made(results, analysis, hide=["fixed_efects"])
    assert made(results, analysis, hide=["hansen_j"]) == made(results, analysis)
