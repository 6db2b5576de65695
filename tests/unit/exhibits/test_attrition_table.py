"""The table of who leaves and who reports R&D, from the results of the block alone."""

import pandas as pd
import pytest

from involution.errors import InputError
from involution.exhibits.columns import Results, regressions
from involution.exhibits.labels import labels_for
from involution.exhibits.tables import table_contents
from involution.panel.columns import canonical_columns
from involution.study.block_tables import block_tables
from involution.study.study import Exhibits
from involution.study.tables import Table

from ..models.test_group_differences import data as panel  # noqa: F401
from ..models.test_group_differences import run
from .conftest import DICTIONARY

ROWS = pd.DataFrame({"in_sample": [True]})


@pytest.fixture
def found(panel):  # noqa: F811
    part = run(panel)
    return Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {})


def content(found, language="en", **options):
    labels = labels_for(language, {}, DICTIONARY, canonical_columns())
    table = Table(**{"name": "who", "kind": "attrition", **options})
    return table_contents([table], [], found, ROWS, labels)[0]


def test_each_comparison_is_a_part_and_each_column_a_row(found):
    made = content(found)
    assert [part.title for part in made.parts] == [
        "Firms that leave after the year and firms that stay", "Firms that report and firms that do not",
    ]  # fmt: skip
    first = made.parts[0]
    assert [text for text, _ in first.headers[0].cells] == [
        "Leave", "Stay", "Difference", "Normalised", "N leave", "N stay",
    ]  # fmt: skip
    above, below = first.rows[:2]
    row = found.estimates.set_index(["model", "term"]).loc[("stay_leavers", "difference[margin]")]
    assert above.cells[2].text == f"{row['estimate']:.3f}"
    assert above.cells[2].stars
    assert [cell.text for cell in below.cells] == ["", "", f"({row['std_error']:.3f})", "", "", ""]
    assert any("CRV3" in text for text in made.notes)


def test_terms_are_kept_and_languages_spoken(found):
    made = content(found, "zh", keep=["difference[size]"], models=["stay_leavers"])
    assert made.parts[0].title == "次年退出企业与存续企业"
    assert len(made.parts[0].rows) == 2


def test_a_comparison_that_failed_says_so(panel):  # noqa: F811
    part = run(panel.drop(columns="rd_reported"))
    made = content(Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {}))
    assert made.parts[1].rows[0].cells[0].text == "not estimated"
    assert any("rd_reported" in text for text in made.notes)


def test_a_study_without_comparisons_has_no_such_table(results):
    with pytest.raises(InputError, match="compares no firms that leave"):
        content(results)


def test_comparisons_are_no_regressions_and_have_a_table_of_their_own(found):
    assert set(regressions(found.estimates)["model"]) == {"stay_exit", "stay_first"}
    study = Exhibits(
        models=[{"name": "first", "formula": "y ~ x"}],
        attrition=[{"name": "stay", "predictors": ["margin"], "models": ["first"]}],
    )
    tables = {table.name: table for table in block_tables(study)}
    assert tables["attrition_stay_differences"].models == ["stay_leavers", "stay_reporters"]
