"""The table of hypotheses: a row a verdict, a row a test, the evidence in words, the digest below it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from involution.errors import InputError
from involution.exhibits.columns import read_results
from involution.exhibits.labels import labels_for
from involution.exhibits.render import render
from involution.exhibits.tables import table_contents
from involution.files import write_csv, write_json
from involution.models.influence import no_influence
from involution.models.judged import Tidy
from involution.models.scoreboard import scoreboard
from involution.panel.columns import canonical_columns
from involution.study.base import Bilingual
from involution.study.hypotheses import Hypothesis, statement_digest
from involution.study.tables import Table

from .conftest import DICTIONARY, HOSTILE

HYPOTHESES = [
    Hypothesis(
        name="H1",
        statement={"en": HOSTILE, "zh": "甲提高乙"},
        tests=[
            {"model": "first", "term": "x", "sign": "positive"},
            {"model": "second_2", "term": "x:w", "sign": "negative", "by": "romano_wolf"},
        ],
        rule="any",
    ),
    Hypothesis(name="H2", statement="x lowers y", tests=[{"model": "first", "term": "x", "sign": "negative"}]),
    Hypothesis(
        name="H3",
        statement="untold",
        tests=[
            {"model": "failing", "term": "x", "sign": "negative"},
            {"model": "first", "statistic": "r2_within", "at_least": 0.1},
        ],
        exploratory=True,
    ),
]


@pytest.fixture
def judged(results):
    found = Tidy(results.estimates, results.statistics, results.notes)
    board = scoreboard(HYPOTHESES, found, no_influence(), study="made_up", seed=1, draws=99)
    return replace(results, hypotheses=board)


def content(results, analysis, language):
    own = {"x": Bilingual(en=HOSTILE, zh=HOSTILE), "w": Bilingual(en="Width", zh="宽度")}
    labels = labels_for(language, own, DICTIONARY, canonical_columns())
    return table_contents([Table(name="hypotheses", kind="scoreboard")], [], results, analysis, labels)[0]


def test_each_hypothesis_has_its_verdict_and_each_test_its_numbers(judged, analysis):
    table = content(judged, analysis, "en")
    (part,) = table.parts
    texts = [[cell.text for cell in row.cells] for row in part.rows]
    assert [row.label.split(":")[0] for row in part.rows] == [
        "H1",
        "first",
        "second_2",
        "H2",
        "first",
        "H3",
        "failing",
        "first",
    ]
    assert [row[0] for row in texts] == [
        "supported", "supported", texts[2][0], "opposite", "opposite", "not testable", "not testable", "supported",
    ]  # fmt: skip
    row = judged.estimates.iloc[0]
    assert texts[1][1] == "positive"
    assert texts[1][2] == f"{row['estimate']:.3f}"
    assert texts[1][3] == f"[{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
    assert texts[1][4] == "<0.001"
    assert part.rows[5].label == "H3: untold (exploratory)"
    assert part.rows[2].label == f"second_2: {HOSTILE} × Width"
    assert texts[7][1:4] == ["≥ 0.1", texts[7][2], ""]


def test_the_notes_count_explain_and_name_what_was_stated(judged, analysis):
    notes = content(judged, analysis, "en").notes
    assert notes[0] == "Hypotheses: 1 supported, 1 opposite, 0 not supported, 1 not testable."
    assert any(note.startswith("H2, opposite: first ") and "with the other sign" in note for note in notes)
    assert any("not estimated: " in note for note in notes if note.startswith("H3"))
    assert statement_digest(HYPOTHESES) in notes[-1]
    assert any("family main (H1)" in note for note in notes)


def test_the_chinese_table_is_chinese(judged, analysis):
    table = content(judged, analysis, "zh")
    assert table.title == "研究假设检验结果"
    assert table.parts[0].rows[0].label == "H1：甲提高乙"
    assert table.parts[0].rows[0].cells[0].text == "支持"
    assert table.notes[0] == "研究假设：支持 1 条、相反 1 条、不支持 0 条、无法检验 1 条。"
    assert "估计值" in table.notes[1]
    assert "," not in table.notes[2]


def test_every_format_has_it(judged, analysis):
    for language in ("en", "zh"):
        for kind in ("csv", "md", "tex", "html", "docx"):
            assert render(content(judged, analysis, language), kind)


def test_a_study_without_hypotheses_is_told_what_to_give(results, analysis):
    with pytest.raises(InputError, match="give the section hypotheses"):
        content(results, analysis, "en")


def test_results_read_back_give_the_same_table(judged, analysis, tmp_path):
    frames = {
        "estimates": judged.estimates, "statistics": judged.statistics, "notes": judged.notes,
        "truth": pd.DataFrame({"name": []}), "curves": judged.curves, "hypotheses": judged.hypotheses,
        "adjusted": judged.adjusted,
    }  # fmt: skip
    files = {name: str(tmp_path / f"{name}.csv") for name in frames} | {"sample": str(tmp_path / "sample.json")}
    for name, frame in frames.items():
        write_csv(files[name], frame)
    write_json(files["sample"], judged.sample)
    assert content(read_results(files), analysis, "en") == content(judged, analysis, "en")
