"""What an industry goes through: by hand, at the panel's edges, against a loop over rows."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from tests.unit.measures.conftest import simulated

OF_FIRMS = ["churn", "margin_dispersion", "profit_elasticity", "lerner_competition"]
GIVEN = ["price_deflation", "capacity_gap"]
MEASURES = OF_FIRMS + GIVEN
seeds = st.integers(0, 10_000)
few = settings(max_examples=20, deadline=None)


def _same(found, expected, tolerance=1e-8):
    pd.testing.assert_frame_equal(
        found[MEASURES], expected[MEASURES], rtol=tolerance, atol=tolerance, check_names=False
    )


# --- churn ---


def _stays(**firms):
    """Firms of one industry by the years in which they stand in the panel."""
    rows = [(firm, year, "C26") for firm, years in firms.items() for year in years]
    return pd.DataFrame(rows, columns=["firm", "year", "industry"])


def test_churn_by_hand():
    panel = _stays(a=[2010, 2011, 2012, 2013], b=[2010, 2011], c=[2011, 2012], d=[2012], e=[2012, 2013])
    found = measure(panel).groupby("year")["churn"].unique().map(list).to_dict()
    # 2010: a, b, nobody known to come, nobody leaves after it. 2011: a, b, c; c comes, b leaves. 2012: a, c, d, e; d
    # and e come, c and d leave. 2013: a, e, nobody comes, nobody known to leave.
    assert found == {2010: [0.0], 2011: [pytest.approx(2 / 3)], 2012: [1.0], 2013: [0.0]}


def test_a_gap_year_is_neither_exit_nor_entry():
    panel = _stays(a=[2010, 2012], b=[2010, 2011, 2012])
    assert measure(panel)["churn"].tolist() == [0.0] * 5


def test_a_firm_that_changes_its_industry_does_not_enter_or_leave():
    panel = _stays(a=[2010, 2011, 2012], b=[2010, 2011, 2012])
    panel.loc[panel["firm"].eq("a") & panel["year"].eq(2011), "industry"] = "C27"
    assert measure(panel)["churn"].tolist() == [0.0] * 6


def test_years_without_an_industry_still_belong_to_the_firms_stay():
    panel = _stays(a=[2010, 2011, 2012], b=[2011, 2012, 2013], c=[2010, 2011, 2012, 2013])
    panel.loc[panel["firm"].eq("a") & panel["year"].eq(2012), "industry"] = np.nan
    found = measure(panel)
    # a leaves after 2012, where it has no industry: neither 2011 (b comes) nor 2012 counts it.
    assert found.loc[found["firm"] == "c", "churn"].tolist() == pytest.approx([0, 1 / 3, 0, 0])
    assert np.isnan(found["churn"].iloc[2])


def test_churn_needs_no_accounts_and_an_empty_panel_has_none():
    assert list(measure(_stays().astype({"year": "int64"}))["churn"]) == []


# --- margins ---


def _margins(*margins, industry="C26"):
    """Firms of one industry-year with these price-cost margins on sales of 100."""
    margins = np.asarray(margins, dtype=float)
    columns = {"cogs": 100 * (1 - margins), "selling_expense": 0.0, "admin_expense": 5.0, "rd_expensed": 5.0}
    frame = pd.DataFrame({"firm": [f"{industry}-{k}" for k in range(len(margins))], "revenue": 100.0, **columns})
    return frame.assign(year=2010, industry=industry)


def test_dispersion_and_competition_by_hand():
    found = measure(_margins(0.5, -0.1, 0.1, 0.3))
    # Sorted -0.1, 0.1, 0.3, 0.5: quartiles at places 0.75 and 2.25, 0.05 and 0.35; median 0.2.
    assert found["margin_dispersion"].tolist() == pytest.approx([0.3] * 4)
    assert found["lerner_competition"].tolist() == pytest.approx([0.8] * 4)


def test_firms_without_a_margin_are_left_out_and_see_the_others():
    panel = _margins(0.5, -0.1, 0.1, 0.3, 0.9, 0.9, 0.9)
    panel.loc[4:, "revenue"] = [0.0, -100.0, np.nan]
    found = measure(panel)
    assert found["margin_dispersion"].tolist() == pytest.approx([0.3] * 7)
    assert found["lerner_competition"].tolist() == pytest.approx([0.8] * 7)


def test_one_firm_has_no_spread_and_none_no_value():
    found = measure(pd.concat([_margins(0.2), _margins(np.nan, industry="C27")], ignore_index=True))
    assert found["margin_dispersion"].tolist() == pytest.approx([0.0, math.nan], nan_ok=True)
    assert found["lerner_competition"].tolist() == pytest.approx([0.8, math.nan], nan_ok=True)


def test_a_given_margin_is_the_one_used():
    panel = _margins(0.5, 0.1).assign(price_cost_margin=[0.0, 0.4])
    assert measure(panel)["lerner_competition"].tolist() == pytest.approx([0.8, 0.8])


# --- prices and capacity ---


@pytest.mark.parametrize(
    "ppi, expected",
    [(80.0, -math.log(0.8)), (100.0, 0.0), (125.0, -math.log(1.25)), (0.0, math.nan), (-3.0, math.nan)],
)
def test_prices_that_fall_are_positive(ppi, expected):
    panel = _stays(a=[2010]).assign(ppi=ppi)
    assert measure(panel)["price_deflation"].tolist() == pytest.approx([expected], nan_ok=True)


def test_prices_that_stand_still_do_not_fall_by_minus_zero():
    assert math.copysign(1, measure(_stays(a=[2010]).assign(ppi=100.0))["price_deflation"].iloc[0]) == 1


def test_idle_capacity_is_the_rest_of_what_is_used():
    panel = _stays(a=[2010, 2011, 2012]).assign(capacity_utilization=[0.75, 1.0, np.nan], ppi=[np.nan, 50.0, 200.0])
    found = measure(panel)
    assert found["capacity_gap"].tolist() == pytest.approx([0.25, 0.0, math.nan], nan_ok=True)
    # The index is of the year before already: no lag is taken.
    assert found["price_deflation"].tolist() == pytest.approx([math.nan, math.log(2), -math.log(2)], nan_ok=True)


# --- profit elasticity ---


def boone(elasticity, firms=30, noise=0.0, seed=0, firm="f"):
    """Accounts of firms whose profit answers their cost share with this elasticity, one per year from 2010."""
    random = np.random.default_rng(seed)
    years = len(elasticity)
    share = np.exp(-random.uniform(0.05, 1.5, (firms, years)))
    effects = random.normal(3, 1, (firms, 1)) + 0.2 * np.arange(years) + noise * random.normal(size=(firms, years))
    profit = np.exp(effects - np.asarray(elasticity) * np.log(share))
    revenue = profit / (1 - share)
    panel = pd.DataFrame({"revenue": revenue.ravel(), "cogs": (revenue * share).ravel()})
    names = [f"{firm}{k:04d}" for k in range(firms)]
    return panel.assign(firm=np.repeat(names, years), year=np.tile(np.arange(2010, 2010 + years), firms), industry="i")


def _elasticity(panel):
    return measure(panel).groupby(["industry", "year"])["profit_elasticity"].unique().map(list).to_dict()


def test_the_elasticity_with_which_profits_were_made_is_found():
    panel = pd.concat([boone([2.0, 5.0, 1.5]), boone([3.0, 3.0, 0.5], firm="g").assign(industry="j")])
    found = measure(panel.reset_index(drop=True))
    truth = {("i", 2010): 2.0, ("i", 2011): 5.0, ("i", 2012): 1.5, ("j", 2010): 3.0, ("j", 2011): 3.0, ("j", 2012): 0.5}
    expected = [truth[key] for key in zip(found["industry"], found["year"], strict=True)]
    np.testing.assert_allclose(found["profit_elasticity"], expected, rtol=1e-9)


def test_one_firm_by_the_formula():
    # Sales 16 and cost 8: ln 8 = a + 2 ln 2, so the firm's effect is ln 2. A year later costs are 1/4 of sales: the
    # profit is 2 x 4^3 = 128 times exp(.2) of the year, on sales of 128 / (3/4) times that.
    panel = boone([2.0, 3.0])
    panel.loc[panel["firm"] == "f0000", "revenue"] = [16.0, 512 / 3 * math.exp(0.2)]
    panel.loc[panel["firm"] == "f0000", "cogs"] = [8.0, 128 / 3 * math.exp(0.2)]
    assert _elasticity(panel) == {("i", 2010): [pytest.approx(2.0)], ("i", 2011): [pytest.approx(3.0)]}


def test_thirty_firms_with_a_profit_are_needed():
    panel = boone([2.0, 5.0, 1.5])
    at = panel.index[(panel["firm"] == "f0007") & (panel["year"] == 2011)]
    for change in ({"revenue": 0.0}, {"cogs": np.nan}, {"cogs": 0.0}, {"cogs": 1e12}, {"industry": np.nan}):
        broken = panel.copy()
        for name, value in change.items():
            broken.loc[at, name] = value
        found = _elasticity(broken)
        assert np.isnan(found["i", 2011]).all(), change
        # The other years have their thirty and keep their slopes.
        assert found["i", 2010] == [pytest.approx(2.0)]
        assert found["i", 2012] == [pytest.approx(1.5)]


def test_an_industry_year_with_too_few_firms_bears_on_no_other():
    panel = boone([2.0, 5.0, 1.5], noise=0.5)
    small = boone([9.0, 9.0, 9.0], firms=29, noise=0.5, seed=1, firm="g").assign(industry="j")
    found = measure(pd.concat([panel, small], ignore_index=True))["profit_elasticity"]
    assert found.iloc[len(panel) :].isna().all()
    np.testing.assert_allclose(found.iloc[: len(panel)], measure(panel)["profit_elasticity"], rtol=1e-9)


def test_firms_that_lose_see_the_slope_of_the_others():
    panel = boone([2.0, 5.0], firms=31)
    panel.loc[panel["firm"] == "f0030", "cogs"] = 1e12
    found = measure(panel)
    assert found.loc[found["firm"] == "f0030", "profit_elasticity"].tolist() == pytest.approx([2.0, 5.0])


def test_one_year_alone_tells_nothing_apart_from_its_firms():
    assert measure(boone([2.0]))["profit_elasticity"].isna().all()


def dense(panel):
    """The elasticities from all dummy variables, by least squares."""
    used = panel[(panel["cogs"] > 0) & (panel["revenue"] > panel["cogs"]) & panel["industry"].notna()]
    group = used["industry"].astype(str) + "-" + used["year"].astype(str)
    used = used[group.groupby(group).transform("size") >= 30]
    slopes = pd.get_dummies(group[used.index], dtype=float).mul(np.log(used["cogs"] / used["revenue"]), axis=0)
    dummies = [pd.get_dummies(used[name], dtype=float) for name in ("firm", "year")]
    columns = np.hstack([*dummies, slopes])
    found = np.linalg.lstsq(columns, np.log(used["revenue"] - used["cogs"]), rcond=None)[0][-slopes.shape[1] :]
    return pd.Series(-found, index=slopes.columns)


@few
@given(seeds)
def test_elasticities_are_those_of_all_dummy_variables(seed):
    panel = simulated(seed, firms=200, years=4, industries=3)
    found = measure(panel)
    expected = dense(panel)
    group = found["industry"].astype(str) + "-" + found["year"].astype(str)
    np.testing.assert_allclose(found["profit_elasticity"], group.map(expected), rtol=1e-7, atol=1e-7)
    assert len(expected) > 6


# --- properties of all ---


def panel_of(seed, firms=200):
    """Accounts with gaps, losses and unknown industries, and an industry table."""
    random = np.random.default_rng(seed)
    panel = simulated(seed, firms=firms, years=4, industries=3)
    for name in ("selling_expense", "admin_expense", "rd_expensed"):
        panel[name] = panel["cogs"] * random.uniform(0, 0.2, len(panel))
    panel["ppi"] = random.uniform(60, 140, len(panel))
    panel["capacity_utilization"] = random.uniform(0.3, 1.1, len(panel))
    items = panel.columns.difference(["firm", "year", "industry"])
    panel[items] = panel[items].mask(random.uniform(size=(len(panel), len(items))) < 0.01)
    return panel


def naive(panel: pd.DataFrame) -> pd.DataFrame:
    """Every measure but the elasticity by a loop over rows, from the definitions."""
    rows = list(panel.itertuples())
    years = {}
    for row in rows:
        years.setdefault(row.firm, []).append(row.year)
    start, end = min(panel["year"]), max(panel["year"])
    out = []
    for row in rows:
        peers = [r for r in rows if r.industry == row.industry and r.year == row.year]
        came = sum(min(years[r.firm]) == r.year != start for r in peers)
        left = sum(max(years[r.firm]) == r.year != end for r in peers)
        costs = [r.cogs + r.selling_expense + r.admin_expense - r.rd_expensed for r in peers]
        known = [(r.revenue - cost) / r.revenue for r, cost in zip(peers, costs, strict=True) if r.revenue > 0]
        known = [value for value in known if not math.isnan(value)]
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75]) if known else [math.nan] * 3
        share = (came + left) / len(peers) if peers else math.nan
        price = -math.log(row.ppi / 100) if row.ppi > 0 else math.nan
        out.append((share, high - low, 1 - middle, price, 1 - row.capacity_utilization))
    names = ["churn", "margin_dispersion", "lerner_competition", *GIVEN]
    return pd.DataFrame(out, index=panel.index, columns=names)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_random_panels_agree_with_a_loop_in_any_order_of_rows(seed, random):
    panel = panel_of(seed, firms=40)
    order = list(range(len(panel)))
    random.shuffle(order)
    found = measure(panel.iloc[order]).loc[panel.index]
    expected = naive(panel)
    pd.testing.assert_frame_equal(found[expected.columns], expected, rtol=1e-9, atol=1e-9)
    assert found[expected.columns].notna().any().all()


@few
@given(seeds, st.integers(-10, 20))
def test_order_names_and_units_do_not_matter(seed, power):
    panel = panel_of(seed)
    changed = panel.assign(firm="z" + panel["firm"].str[::-1], industry="y" + panel["industry"].str[::-1])
    changed[["revenue", "cogs", "selling_expense", "admin_expense", "rd_expensed"]] *= 2.0**power
    shuffled = measure(changed.sample(frac=1, random_state=seed)).loc[panel.index]
    found = measure(panel)
    _same(shuffled, found)
    assert found[MEASURES].notna().any().all()


@few
@given(seeds)
def test_the_same_firms_in_new_industries_change_nothing(seed):
    panel = panel_of(seed)
    copy = panel.assign(firm="copy of " + panel["firm"], industry="copy of " + panel["industry"])
    both, alone = measure(pd.concat([panel, copy], ignore_index=True)), measure(panel)
    _same(both.iloc[: len(panel)], alone)
    _same(both.iloc[len(panel) :].reset_index(drop=True), alone)


def test_measures_of_firms_are_one_value_on_all_rows_of_the_industry_year():
    found = measure(panel_of(3)).dropna(subset=["industry"])
    assert (found.groupby(["industry", "year"])[OF_FIRMS].nunique(dropna=False) == 1).all(axis=None)
