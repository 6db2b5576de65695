"""`involution dictionary`: columns and measures, searchable, in three formats."""

import io

import pandas as pd

from involution.cli import main
from involution.intake.glossary import glossary, matching
from involution.measures.catalogue import catalogue
from involution.panel.columns import canonical_columns


def test_every_column_and_measure_is_listed():
    names = set(glossary("en")["name"])
    assert names >= set(canonical_columns().index) | {entry.name for entry in catalogue()}


def test_words_are_found_in_any_dialect_and_width():
    table = glossary("zh")
    assert matching(table, "B001101000").iloc[:, 0].tolist() == ["revenue"]
    assert "revenue" in matching(table, "营业收入").iloc[:, 0].tolist()
    assert matching(table, "ＨＨＩ").iloc[0, 0] == "hhi"


def test_the_command_prints_and_refuses(capsys):
    assert main(["dictionary", "gross_margin"]) == 0
    assert "(revenue - cogs) / revenue" in capsys.readouterr().out
    assert main(["dictionary", "--format", "csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), dtype=str)
    assert len(table) == len(glossary("en"))
    assert main(["dictionary", "--format", "md", "--language", "zh", "毛利率"]) == 0
    assert "| gross_margin | 毛利率 |" in capsys.readouterr().out
    assert main(["dictionary", "no such word"]) == 1
    assert "no such word" in capsys.readouterr().err
