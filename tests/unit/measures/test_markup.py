"""Markups from cost shares: by hand, at zero, below zero, and against a loop over rows."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from tests.unit.measures.conftest import simulated

MONEY = ["revenue", "cogs", "wages", "fixed_assets"]
seeds = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def _firms(**columns):
    frame = pd.DataFrame(columns)
    return frame.assign(firm=[f"f{k}" for k in range(len(frame))], year=2010, industry="C26")


def _three(**columns):
    """Cost shares 60/(60 + 20 + 20) = 0.6, 80/(80 + 10 + 10) = 0.8 and 50/(50 + 30 + 20) = 0.5: the median is 0.6."""
    given = {
        "revenue": [120.0, 100.0, 40.0],
        "cogs": [60.0, 80.0, 50.0],
        "wages": [20.0, 10.0, 30.0],
        "fixed_assets": [200.0, 100.0, 200.0],
    }
    return _firms(**given | columns)


def test_markups_by_hand():
    # 0.6 x 120 / 60, 0.6 x 100 / 80, 0.6 x 40 / 50.
    assert measure(_three())["markup"].tolist() == pytest.approx([1.2, 0.75, 0.48])


def test_a_given_cost_of_capital_takes_the_place_of_a_tenth():
    # Costs of capital 60, 20 and 10: shares 60/140, 80/110 and 50/90, the median 5/9.
    found = measure(_three(user_cost=[0.3, 0.2, 0.05]))["markup"]
    assert found.tolist() == pytest.approx([10 / 9, 5 / 9 * 1.25, 5 / 9 * 0.8])
    unknown = measure(_three(user_cost=[np.nan, 0.2, 0.05]))["markup"]
    # The first firm's share is unknown, the median that of the others.
    theta = (80 / 110 + 5 / 9) / 2
    assert unknown.tolist() == pytest.approx([2 * theta, 1.25 * theta, 0.8 * theta])


@pytest.mark.parametrize("revenue", [0.0, -10.0, np.nan])
def test_a_firm_without_sales_has_no_markup_but_a_cost_share(revenue):
    found = measure(_three(revenue=[120.0, 100.0, revenue]))["markup"]
    assert found.tolist() == pytest.approx([1.2, 0.75, math.nan], nan_ok=True)


@pytest.mark.parametrize("cogs", [0.0, -10.0, np.nan])
def test_a_firm_without_costs_of_sales_has_neither(cogs):
    found = measure(_three(cogs=[60.0, 80.0, cogs]))["markup"]
    assert found.tolist() == pytest.approx([0.7 * 2, 0.7 * 1.25, math.nan], nan_ok=True)


@pytest.mark.parametrize("name", ["wages", "fixed_assets"])
@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_a_cost_that_is_negative_or_missing_gives_no_share(name, value):
    panel = _three()
    panel.loc[2, name] = value
    # The markup is that of the others' median.
    assert measure(panel)["markup"].tolist() == pytest.approx([0.7 * 2, 0.7 * 1.25, 0.7 * 0.8])


def test_no_wages_and_no_capital_are_costs_of_zero():
    found = measure(_firms(revenue=[30.0], cogs=[20.0], wages=[0.0], fixed_assets=[0.0]))["markup"]
    assert found.tolist() == [1.5]


def test_an_industry_year_without_shares_has_no_markups():
    assert measure(_three(wages=[np.nan] * 3))["markup"].isna().all()
    assert measure(_three().assign(industry=None))["markup"].isna().all()


def test_the_median_is_that_of_the_industry_and_year():
    panel = _three()
    other = panel.assign(wages=0.0, fixed_assets=0.0)
    alone = measure(panel)["markup"].tolist()
    for apart in (other.assign(year=2011), other.assign(industry="C27", firm="g" + other["firm"])):
        found = measure(pd.concat([panel, apart], ignore_index=True))["markup"].tolist()
        assert found == pytest.approx([*alone, 2.0, 1.25, 0.8])


def costs(seed):
    """Accounts with zeros, negative and missing items."""
    random = np.random.default_rng(seed)
    panel = simulated(seed)
    panel["wages"] = panel["cogs"] * random.uniform(0, 1, len(panel))
    panel["fixed_assets"] = panel["cogs"] * random.lognormal(1, 1, len(panel))
    for name in ("cogs", "wages", "fixed_assets"):
        kind = random.uniform(size=len(panel))
        panel.loc[kind < 0.04, name] = np.nan
        panel.loc[(kind >= 0.04) & (kind < 0.08), name] *= -1
        panel.loc[(kind >= 0.08) & (kind < 0.12), name] = 0.0
    return panel


def naive(panel: pd.DataFrame) -> list[float]:
    """Markups by a loop over rows, from the definition."""
    shares: dict[object, list[float]] = {}
    for row in panel.itertuples():
        if row.cogs > 0 and row.wages >= 0 and row.fixed_assets >= 0:
            share = row.cogs / (row.cogs + row.wages + 0.1 * row.fixed_assets)
            shares.setdefault((row.industry, row.year), []).append(share)
    out = []
    for row in panel.itertuples():
        known = shares.get((row.industry, row.year), [])
        sound = isinstance(row.industry, str) and known and row.revenue > 0 and row.cogs > 0
        out.append(statistics.median(known) * row.revenue / row.cogs if sound else math.nan)
    return out


@few
@given(seeds, st.randoms(use_true_random=False))
def test_random_panels_agree_with_a_loop_in_any_order_of_rows(seed, random):
    panel = costs(seed)
    order = list(range(len(panel)))
    random.shuffle(order)
    found = measure(panel.iloc[order])["markup"].loc[panel.index]
    np.testing.assert_allclose(found, naive(panel), rtol=1e-10)
    assert found.notna().any()


@few
@given(seeds, st.integers(-10, 20))
def test_the_unit_of_money_and_names_do_not_matter(seed, power):
    panel = costs(seed)
    changed = panel.assign(firm="z" + panel["firm"].str[::-1], industry="y" + panel["industry"].str[::-1])
    changed[MONEY] *= 2.0**power
    np.testing.assert_allclose(measure(changed)["markup"], measure(panel)["markup"], rtol=1e-12)


@few
@given(seeds)
def test_the_same_firms_in_new_industries_change_nothing(seed):
    panel = costs(seed)
    copy = panel.assign(firm="copy of " + panel["firm"], industry="copy of " + panel["industry"])
    both = measure(pd.concat([panel, copy], ignore_index=True))["markup"].to_numpy().reshape(2, -1)
    alone = measure(panel)["markup"]
    np.testing.assert_allclose(both, [alone, alone], rtol=1e-12)


def test_more_profit_on_the_same_costs_is_a_higher_markup():
    found = measure(_three(revenue=[240.0, 100.0, 40.0]))["markup"]
    assert found.tolist() == pytest.approx([2.4, 0.75, 0.48])
