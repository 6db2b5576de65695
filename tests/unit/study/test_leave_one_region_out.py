"""The instruments that docs/threshold.md has users write: a mean over the other regions, each of them once."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from involution.errors import InputError
from involution.study import parse_study
from involution.study.expressions import parse_expression

PAGE = Path(__file__).parents[3] / "docs" / "threshold.md"


def variables():
    (text,) = re.findall(r"<!-- tested: instruments -->\n```yaml\n(.*?)```", PAGE.read_text("utf-8"), flags=re.S)
    return yaml.safe_load(text)["variables"]


@pytest.fixture
def panel():
    """Regions of very different numbers of firms; one region-year without a value."""
    draws = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(60), 5), np.tile(np.arange(2011, 2016), 60)
    region = np.minimum(firm // 3, 9)
    values = draws.normal(size=(10, 5)).cumsum(axis=1)
    values[2, 3] = np.nan
    frame = {
        "firm": firm, "year": year, "region": region.astype(str), "digital_finance": values[region, year - 2011],
        "distance_hangzhou": 100.0 * region, "telephones_1984": 5.0 + region,
    }  # fmt: skip
    return pd.DataFrame(frame).sample(frac=1, random_state=3).reset_index(drop=True)


def test_the_mean_is_over_regions_and_leaves_the_own_one_out(panel):
    for name, text in variables().items():
        panel[name] = parse_expression(str(text)).evaluate(panel)
    by_region = panel.groupby(["region", "year"])["digital_finance"].first().unstack()
    for region, year, found in panel[["region", "year", "finance_elsewhere"]].itertuples(index=False):
        own = by_region.loc[region, year]
        expected = by_region[year].drop(region).mean() if np.isfinite(own) else np.nan
        assert found == pytest.approx(expected, nan_ok=True)
    grown = panel.sort_values(["firm", "year"]).groupby("firm")["finance_elsewhere"].diff()
    assert panel["z_distance"].to_numpy() == pytest.approx(
        (panel["distance_hangzhou"] * grown.sort_index()).to_numpy(), nan_ok=True
    )


def test_the_sections_of_the_page_are_sound():
    text = PAGE.read_text("utf-8")
    pieces = re.findall(r"```yaml\n(.*?)```", text, flags=re.S)
    assert len(pieces) == 4
    sections = {}
    for piece in pieces:
        sections |= yaml.safe_load(piece)
    data = {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}
    study = parse_study({"name": "mine", "data": data, **sections})
    assert {"finance", "dual", "dual_balance", "dual_effect", "finance_instrumented_iv"} <= set(study.model_names)


def test_models_of_two_sections_have_two_names():
    asked = {"outcome": "y", "threshold": "w", "name": "finance"}
    other = {"outcome": "y", "moderator": "w", "name": "finance"}
    data = {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}
    with pytest.raises(InputError, match="the section makes a model 'finance', and so does moderation"):
        parse_study({"name": "mine", "data": data, "threshold": [asked], "moderation": [other]})
