"""The tables that the section endogeneity brings, from its results alone."""

import pandas as pd
import pytest

from involution.exhibits.columns import Results
from involution.exhibits.labels import labels_for
from involution.exhibits.tables import table_contents
from involution.models.run import run_block
from involution.panel.columns import canonical_columns
from involution.study.block_tables import block_tables
from involution.study.study import Exhibits

from ..models.dynamic.test_dynamic import simulated
from .conftest import DICTIONARY

SECTIONS = {
    "endogeneity": [
        {"name": "own_past", "dynamic": {"lag_limits": {"y": [2, 3], "x": [1, 2]}}},
        {"name": "too_many", "dynamic": {"collapse": False}, "cluster": ["eighth"]},
    ],
    "design": {
        "outcomes": ["y"],
        "treatment": "x",
        "timing": {"treatment": 0, "outcome": 0, "controls": 0, "mediator": 0, "moderator": 0},
    },
}


@pytest.fixture(scope="module")
def found():
    data = simulated(1).assign(in_sample=True, eighth=lambda rows: rows["firm"] % 8)
    made = {"derive": {}, "variables": {}}
    part = run_block("endogeneity", {**SECTIONS, **made}, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)
    return Results(part.estimates, part.statistics, part.notes, pd.DataFrame(), {})


def contents(found, language):
    tables = [table for table in block_tables(Exhibits(**SECTIONS)) if table.name.startswith("endogeneity")]
    labels = labels_for(language, {}, DICTIONARY, canonical_columns())
    return {one.name: one for one in table_contents(tables, [], found, pd.DataFrame({"in_sample": [True]}), labels)}


def rows(content):
    return {row.label: [cell.text for cell in row.cells] for row in content.parts[0].rows if row.label}


def test_gmm_stands_beside_the_bounds_with_its_tests(found):
    content = contents(found, "en")["endogeneity_own_past"]
    headers = [[text for text, width in header.cells for _ in range(width)] for header in content.parts[0].headers]
    assert ["Difference GMM", "System GMM", "OLS", "OLS"] in headers
    assert ["", "", "Pooled", "Within"] in headers
    cells = rows(content)
    assert cells["Instruments"] == ["10", "13", "", ""]
    assert all(cells[name][0] and not cells[name][2] for name in ("AR(1): z [p]", "AR(2): z [p]", "Hansen J [p]"))
    difference = cells["Hansen: level equation [p]"]
    assert difference[1]
    assert difference[0] == difference[2] == ""
    assert any("Windmeijer" in text for text in content.notes)


def test_a_model_without_a_weight_says_so_in_its_column(found):
    content = contents(found, "en")["endogeneity_too_many"]
    first = next(row for row in content.parts[0].rows if row.kind == "estimate")
    assert [cell.text for cell in first.cells][:2] == ["not estimated", "not estimated"]
    assert any("instruments for 8 clusters of eighth" in text for text in content.notes)


def test_chinese_tables_are_chinese(found):
    content = contents(found, "zh")["endogeneity_own_past"]
    assert {"工具变量数", "AR(2)：z [p]", "Hansen J [p]"} <= set(rows(content))
    assert any("Windmeijer（2005）" in text for text in content.notes)
    assert content.title == "动态面板：own_past"
