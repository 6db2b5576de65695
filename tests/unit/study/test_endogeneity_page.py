"""What docs/endogeneity.md has users write: sections that load, and a mean over firms outside the own province."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import involution as inv
from involution.study import parse_study
from involution.study.expressions import parse_expression
from tests.unit.models.endogeneity.simulated import confounded

PAGE = Path(__file__).parents[3] / "docs" / "endogeneity.md"
TEXT = PAGE.read_text("utf-8")


def test_the_sections_of_the_page_are_sound():
    items, variables, data = [], {}, {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}
    for piece in re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.S):
        section = yaml.safe_load(piece)
        items += section.get("endogeneity", [])
        variables |= section.get("variables", {})
        data = section.get("data", data)
    design = {"outcomes": ["rd_intensity"]}
    study = parse_study({"name": "s", "data": data, "design": design, "variables": variables, "endogeneity": items})
    assert {"leave_out", "lagged_first", "both_ols", "doubted_bounds", "demand_rotemberg", "demand_balance"} <= set(
        study.model_names
    )


def test_the_mean_leaves_out_the_own_province():
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "firm": np.repeat(np.arange(60), 2).astype(str),
            "year": np.tile([2010, 2011], 60),
            "industry": np.repeat(np.arange(60) % 3, 2).astype(str),
            "province": np.repeat(np.arange(60) // 12, 2).astype(str),
            "margin_compression": np.where(random.uniform(size=120) < 0.2, np.nan, random.normal(size=120)),
        }
    )
    frame.loc[(frame["province"] == "1") & (frame["industry"] == "0"), "margin_compression"] = np.nan
    frame.loc[
        (frame["province"] != "2") & (frame["industry"] == "1") & (frame["year"] == 2011), "margin_compression"
    ] = np.nan
    (piece,) = re.findall(r"<!-- tested: leave_out -->\n```yaml\n(.*?)```", TEXT, flags=re.S)
    made = frame.copy()
    for name, text in yaml.safe_load(piece)["variables"].items():
        made[name] = parse_expression(str(text)).evaluate(made)
    for row in made.itertuples():
        others = frame[
            (frame["industry"] == row.industry) & (frame["year"] == row.year) & (frame["province"] != row.province)
        ]["margin_compression"].dropna()
        expected = others.mean() if len(others) else np.nan
        assert row.pressure_elsewhere == pytest.approx(expected, nan_ok=True)
    assert made["pressure_elsewhere"].isna().any()


def test_the_notebook_of_the_page_runs():
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    space = {"inv": inv, "data": confounded(firms=40)}
    exec(code, space)
    assert space["fit"].terms[0] == "x"
    assert space["critical_effective_f"](space["linear"]) == pytest.approx(23.11, abs=0.01)
