"""A label leads to the definition of the column that it means, and to no other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.glossary import Definition, Glossary, glossary_of
from involution.exhibits.labels import labels_for
from involution.exhibits.report_html import anchor
from involution.panel.columns import canonical_columns
from involution.study import parse_study
from involution.study.base import Bilingual

DICTIONARY = pd.DataFrame(
    {
        "name": ["effort", "other"],
        "label_en": ["Effort", "Same"],
        "label_zh": ["投入", "同名"],
        "formula": ["a / b", "c < d"],
        "unit": ["share", "share"],
        "coverage": ["firm", "firm"],
        "available": [True, False],
        "reason": ["", "no column c"],
    }
)
STUDY = {
    "name": "s",
    "data": {"panel": {"source": "x.csv", "columns": {"firm": "f", "year": "year(日期(年))", "revenue": "R"}}},
    "derive": {"profit": "revenue - costs"},
    "variables": {"size": "log(revenue)", "same": "effort * 2"},
    "models": [{"name": "m", "formula": "size ~ same | firm"}],
    "labels": {"same": {"en": "Same", "zh": "同名"}, "size": {"en": "Size (log)", "zh": "规模(对数)"}},
}


def made(language="en", terms=("same",)):
    study = parse_study(STUDY)
    columns = ["firm", "year", "revenue", "profit", "size", "size_l1", "same", "effort", "effort_f2", "made_elsewhere"]
    analysis = pd.DataFrame(np.zeros((1, len(columns))), columns=columns)
    estimates = pd.DataFrame({"outcome": "size", "term": list(terms)})
    labels = labels_for(language, study.labels, DICTIONARY, canonical_columns())
    return glossary_of(study, DICTIONARY, analysis, estimates, labels)


def test_every_column_that_something_makes_is_defined_once():
    found = {one.name: one.formula for one in made().definitions}
    assert found == {
        "effort": "a / b",
        "other": "c < d",
        "firm": "of the data: f",
        "year": "of the data: year(日期(年))",
        "revenue": "of the data: R",
        "profit": "revenue - costs",
        "size": "log(revenue)",
        "size_l1": "lag(size, 1)",
        "same": "effort * 2",
        "effort_f2": "lead(effort, 2)",
    }
    assert len(made().definitions) == len(found)


def test_the_name_of_a_column_of_the_data_is_kept_to_the_character():
    found = {one.name: one for one in made("zh").definitions}
    assert found["year"].formula == "取自数据：year(日期(年))"
    assert found["other"].available == "否：no column c"


@pytest.mark.parametrize(("terms", "name"), [(("same",), "same"), (("other",), "other"), ((), "other")])
def test_of_two_columns_with_one_label_the_estimated_one_is_meant(terms, name):
    assert f'href="#variable-{name}"' in made(terms=terms).linked("Same")


def test_products_and_numbered_rows_link_each_column():
    text = made().linked("(2) Effort × Unknown <b>")
    assert text == (
        '(2) <a class="term" href="#variable-effort" aria-describedby="definition-effort">Effort</a>'
        " × Unknown &lt;b&gt;"
    )


def test_a_chinese_label_is_known_as_it_is_printed():
    glossary = made("zh")
    assert glossary.linked("规模(对数)").count("<a ") == glossary.linked("规模（对数）").count("<a ") == 1


def test_a_name_that_a_table_gives_means_its_column():
    renamed = made().renamed({"effort": Bilingual(en="Push"), "nowhere": Bilingual(en="Void")}, "en")
    assert 'href="#variable-effort"' in renamed.linked("Push")
    assert renamed.linked("Void") == "Void"


@given(st.lists(st.text(max_size=6), unique=True, max_size=4))
def test_identifiers_differ_where_names_do_and_hold_no_space(names):
    found = [anchor("model", name) for name in names]
    assert len(set(found)) == len(names)
    assert not [one for one in found if one.split() != [one]]


@given(st.text(max_size=30))
def test_no_label_becomes_markup(text):
    glossary = Glossary((), {text: Definition("x", text, "")})
    bare = glossary.linked(text).replace("</a>", "").replace('<a class="term" href="#variable-x"', "")
    assert "<" not in bare
