"""Adjusted p-values in a regression table: rows below the estimates, and a note that names the family."""

from dataclasses import replace

import pandas as pd
import pytest

from involution.exhibits.labels import labels_for
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.models.tidy import ADJUSTED
from involution.panel.columns import canonical_columns
from involution.study.tables import Table

from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})
TABLE = Table(
    name="t", models=["first", "second_2"],
    adjusted=["romano_wolf", "benjamini_hochberg_yekutieli", "benjamini_krieger_yekutieli"],
)  # fmt: skip


@pytest.fixture
def found(results):
    rows = [
        ("s", "t", "first", "x", 0.001, 0.0001, 0.0125, 0.02, 2.0, "romano_wolf"),
        ("s", "t", "second_2", "x", 0.03, 0.041, 0.066, 0.05, 2.0, "romano_wolf"),
        ("s", "other", "first", "w", 0.03, 0.9, 0.9, 0.9, 1.0, "romano_wolf"),
    ]
    return replace(results, adjusted=pd.DataFrame(rows, columns=list(ADJUSTED)))


def content(found, language="en", table=TABLE):
    labels = labels_for(language, {}, DICTIONARY, canonical_columns())
    return table_contents([table], [], found, ROWS, labels)[0]


def test_rows_stand_below_the_terms_of_the_family_alone(found):
    rows = content(found).parts[0].rows
    at = next(place for place, row in enumerate(rows) if row.label == "x")
    texts = [[cell.text for cell in row.cells] for row in rows[at : at + 5]]
    assert texts[2:] == [["[<0.001]", "[0.041]"], ["{0.013}", "{0.066}"], ["|0.020|", "|0.050|"]]
    assert rows[at + 5].kind == "estimate"
    assert rows[at + 2].what == "step-down p-values of Romano and Wolf"
    following = next(place for place, row in enumerate(rows) if row.label == "w")
    assert [row.kind for row in rows[following : following + 3]] == ["estimate", "uncertainty", "estimate"]


def test_the_note_names_brackets_terms_and_size(found):
    brackets, family = content(found).notes[-2:]
    assert "in [] step-down p-values of Romano and Wolf; in {} false discovery rates" in brackets
    assert family == "The family is 2 tests in 2 models: x."
    assert "检验族共 2 个检验" in content(found, "zh").notes[-1]


def test_holm_is_called_holm(found):
    holm = replace(found, adjusted=found.adjusted.assign(stepdown="holm"))
    assert "Holm" in content(holm).notes[-2]


def test_a_table_that_does_not_ask_has_neither(found):
    plain = content(found, table=Table(name="t", models=["first", "second_2"]))
    assert not any("Romano" in note for note in plain.notes)
    assert not any(cell.text.startswith("[") for row in plain.parts[0].rows for cell in row.cells)


@pytest.mark.parametrize("kind", ["md", "tex", "html", "csv", "docx"])
def test_every_format_takes_the_brackets(found, kind):
    assert render(content(found), kind)
