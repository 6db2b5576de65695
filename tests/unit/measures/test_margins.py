"""Margins, and their compression by calendar years."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from tests.unit.measures.conftest import simulated

MARGINS = ["gross_margin", "price_cost_margin", "margin_compression"]
COSTS = {"cogs": 60.0, "selling_expense": 10.0, "admin_expense": 20.0, "rd_expensed": 5.0}


def _accounts(**columns):
    return pd.DataFrame(
        {"firm": ["a"], "year": [2010], "revenue": [100.0], **{k: [v] for k, v in COSTS.items()}} | columns
    )


def _firm(years, margins, firm="a"):
    """A firm with these gross margins on sales of 100."""
    margins = np.asarray(margins, dtype=float)
    return pd.DataFrame({"firm": firm, "year": years, "revenue": 100.0, "cogs": 100 * (1 - margins)})


def test_the_margins_of_one_firm_by_hand():
    found = measure(_accounts())
    assert found["gross_margin"].tolist() == pytest.approx([0.4])
    # (100 - 60 - 10 - 20 + 5) / 100: R&D is added back.
    assert found["price_cost_margin"].tolist() == pytest.approx([0.15])


@pytest.mark.parametrize("revenue", [0.0, -100.0, np.nan])
def test_margins_of_a_firm_without_sales_are_missing(revenue):
    assert measure(_accounts(revenue=[revenue]))[MARGINS].isna().all(axis=None)


@pytest.mark.parametrize("name", COSTS)
def test_a_missing_cost_is_not_zero(name):
    found = measure(_accounts(**{name: [np.nan]}))
    assert found["price_cost_margin"].isna().all()
    assert found["gross_margin"].isna().all() == (name == "cogs")


def test_losses_and_negative_costs_are_margins_as_they_are():
    assert measure(_accounts(cogs=[150.0]))["gross_margin"].tolist() == [-0.5]
    assert measure(_accounts(cogs=[-50.0]))["gross_margin"].tolist() == [1.5]


def test_margin_compression_is_the_fall_below_the_mean_of_three_years():
    found = measure(_firm(range(2010, 2016), [0.5, 0.4, 0.6, 0.3, 0.2, 0.7]))["margin_compression"]
    assert found.isna().tolist() == [True, True, False, False, False, False]
    assert found.tolist()[2:] == pytest.approx([0.45 - 0.6, 0.5 - 0.3, 1.3 / 3 - 0.2, 1.1 / 3 - 0.7])


@pytest.mark.parametrize(
    "years, margins, expected",
    [
        ([2010, 2012, 2013], [0.5, 0.3, 0.1], 0.4 - 0.1),  # 2011 does not stand in for it: 2010 and 2012 count
        ([2009, 2012, 2013], [0.5, 0.3, 0.1], math.nan),  # 2009 is too long ago
        ([2010, 2011, 2013], [0.5, 0.3, 0.1], 0.4 - 0.1),
        ([2010, 2011, 2014], [0.5, 0.3, 0.1], math.nan),  # of 2011 to 2013 only one is there
        ([2008, 2009, 2013], [0.5, 0.3, 0.1], math.nan),
        ([2010, 2011, 2012, 2013], [0.5, np.nan, 0.3, 0.1], 0.4 - 0.1),  # a missing margin is a gap too
        ([2010, 2011, 2012, 2013], [0.5, np.nan, np.nan, 0.1], math.nan),
        ([2010, 2011, 2012, 2013], [0.5, 0.4, 0.3, np.nan], math.nan),
    ],
)
def test_margin_compression_goes_by_calendar_years(years, margins, expected):
    found = measure(_firm(years, margins))["margin_compression"]
    assert found.iloc[-1] == pytest.approx(expected, nan_ok=True)


def test_a_year_without_sales_is_a_gap():
    panel = _firm(range(2010, 2014), [0.5, 0.9, 0.3, 0.1])
    panel.loc[1, "revenue"] = 0.0
    assert measure(panel)["margin_compression"].iloc[-1] == pytest.approx(0.4 - 0.1)


def test_firms_do_not_share_their_pasts():
    panel = pd.concat(
        [_firm([2010, 2011, 2012], [0.5, 0.5, 0.1]), _firm([2012], [0.4], "b"), _firm([2013], [0.1], "c")],
        ignore_index=True,
    )
    found = measure(panel)["margin_compression"]
    assert found.isna().tolist() == [True, True, False, True, True]


def _naive_compression(panel):
    margins = {
        (row.firm, row.year): (row.revenue - row.cogs) / row.revenue
        for row in panel.itertuples()
        if row.revenue > 0 and not math.isnan(row.cogs)
    }
    out = []
    for row in panel.itertuples():
        before = [margins[row.firm, row.year - k] for k in (1, 2, 3) if (row.firm, row.year - k) in margins]
        own = margins.get((row.firm, row.year), math.nan)
        out.append(sum(before) / len(before) - own if len(before) >= 2 else math.nan)
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e9), st.randoms(use_true_random=False))
def test_random_panels_agree_with_a_loop_in_any_order_and_unit(seed, unit, random):
    panel = simulated(seed, years=8)
    panel.loc[panel["cogs"] < 1, "cogs"] = np.nan
    expected = pd.Series(_naive_compression(panel), index=panel.index)
    order = list(range(len(panel)))
    random.shuffle(order)
    changed = panel.iloc[order].assign(revenue=lambda x: x["revenue"] * unit, cogs=lambda x: x["cogs"] * unit)
    found = measure(changed)["margin_compression"].loc[panel.index]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    assert found.notna().any()
