"""Effort and its return: by hand, at zero, below zero, across gaps, and against a loop over rows."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from involution.measures.effort import profit_before_rd, value_added
from involution.measures.view import View

MEASURES = ["growth_without_profit", "effort_return_gap", "effort_return_gap_revenue", "inventory_build", "mrpk_fall"]
BEFORE = {
    "revenue": 1000.0,
    "op_profit": 80.0,
    "rd_expensed": 20.0,
    "selling_expense": 60.0,
    "admin_expense": 80.0,
    "fixed_assets": 300.0,
    "inventory": 100.0,
    "depreciation": 30.0,
    "wages": 150.0,
    "taxes_surcharges": 20.0,
}
AFTER = BEFORE | {
    "revenue": 1100.0,
    "op_profit": 55.0,
    "rd_expensed": 40.0,
    "selling_expense": 90.0,
    "admin_expense": 106.0,
    "fixed_assets": 360.0,
    "inventory": 140.0,
    "wages": 155.0,
}
LOSS = {"op_profit": -400.0}
seeds = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def _firm(*accounts, years=None, firm="a"):
    return pd.DataFrame(accounts).assign(firm=firm, year=years or list(range(2010, 2010 + len(accounts))))


def _second(before=BEFORE, after=AFTER, **changed):
    return measure(_firm(before, after | changed)).iloc[1]


def test_the_two_years_of_one_firm_by_hand():
    found = _second()
    # Profit before R&D falls from 80 + 20 = 100 to 55 + 40 = 95 while sales grow by a tenth.
    assert found["growth_without_profit"] == 1.0
    # Selling and running the firm without R&D: 60 + 80 - 20 = 120 to 90 + 106 - 40 = 156, times 1.3.
    # Fixed assets and inventory: 400 to 500, times 1.25.
    # Value added: 30 + 150 + 20 + 100 = 300 to 30 + 155 + 20 + 95 = 300, no growth.
    effort = 0.5 * (math.log(1.3) + math.log(1.25))
    assert found["effort_return_gap"] == pytest.approx(effort)
    assert found["effort_return_gap_revenue"] == pytest.approx(effort - math.log(1.1))
    assert found["inventory_build"] == pytest.approx(math.log(1.4) - math.log(1.1))
    assert found["mrpk_fall"] == pytest.approx(math.log(1.2))


def test_value_added_and_profit_are_those_of_the_income_method():
    view = View(_firm(BEFORE, AFTER, AFTER | {"rd_expensed": np.nan}))
    assert profit_before_rd(view)[:2].tolist() == [100.0, 95.0]
    assert value_added(view)[:2].tolist() == [300.0, 300.0]
    assert np.isnan(profit_before_rd(view)[2])
    assert np.isnan(value_added(view)[2])


def test_the_first_year_of_a_firm_has_none():
    assert measure(_firm(BEFORE, AFTER))[MEASURES].iloc[0].isna().all()


def test_a_gap_in_the_years_is_not_bridged():
    found = measure(_firm(BEFORE, AFTER, BEFORE, years=[2010, 2012, 2013]))
    assert found[MEASURES].isna().all(axis=1).tolist() == [True, True, False]


def test_the_row_above_is_another_firm():
    panel = pd.concat([_firm(BEFORE, years=[2010]), _firm(AFTER, years=[2011], firm="b")], ignore_index=True)
    assert measure(panel)[MEASURES].isna().all(axis=None)


@pytest.mark.parametrize(
    "revenue, op_profit, expected",
    [
        (1100.0, 55.0, 1.0),
        (1100.0, 60.0, 1.0),  # profit as before: sales brought nothing
        (1100.0, 60.5, 0.0),
        (1000.0, 55.0, 0.0),  # no growth
        (900.0, 55.0, 0.0),
        (-5.0, 55.0, 0.0),  # a fall below zero, by the symmetric rate
        (np.nan, 55.0, math.nan),
        (1100.0, np.nan, math.nan),
        (900.0, np.nan, math.nan),
    ],
)
def test_growth_without_profit_case_by_case(revenue, op_profit, expected):
    found = _second(revenue=revenue, op_profit=op_profit)["growth_without_profit"]
    assert found == pytest.approx(expected, nan_ok=True)


def test_more_research_is_not_a_loss_of_profit():
    # R&D of 50 more is charged to profit: before it, profit rises by 1.
    found = _second(op_profit=BEFORE["op_profit"] - 49, rd_expensed=BEFORE["rd_expensed"] + 50)
    assert found["growth_without_profit"] == 0.0


def test_research_inside_administrative_expense_is_not_effort():
    spent = {"admin_expense": AFTER["admin_expense"] + 500, "rd_expensed": AFTER["rd_expensed"] + 500}
    assert _second(**spent)["effort_return_gap_revenue"] == pytest.approx(_second()["effort_return_gap_revenue"])


def test_a_firm_out_of_nothing_grows_without_profit():
    found = _second(BEFORE | {"revenue": 0.0}, AFTER)
    assert found["growth_without_profit"] == 1.0
    # Symmetric growth from zero is 2.
    assert found["inventory_build"] == pytest.approx(math.log(1.4) - 2)


def test_firms_that_lose_stay_in_by_the_symmetric_rate():
    # Value added 300 to 30 + 155 + 20 - 400 + 40 = -155: 2 (-155 - 300) / (155 + 300) = -2.
    found = _second(**LOSS)
    assert found["mrpk_fall"] == pytest.approx(math.log(1.2) + 2)
    assert found["effort_return_gap"] == pytest.approx(0.5 * (math.log(1.3) + math.log(1.25)) + 2)
    # From a loss to a smaller one, 2 (-55 + 155) / (155 + 55), is growth.
    smaller = _second(AFTER | LOSS, AFTER | {"op_profit": -300.0})
    assert smaller["mrpk_fall"] == pytest.approx(-200 / 210)


def test_nothing_in_both_years_has_no_growth():
    found = _second(BEFORE | {"inventory": 0.0}, inventory=0.0)
    assert math.isnan(found["inventory_build"])
    # Fixed assets alone, 300 to 360, are tied up.
    assert found["effort_return_gap"] == pytest.approx(0.5 * (math.log(1.3) + math.log(1.2)))
    idle = _second(BEFORE | {"revenue": 0.0}, revenue=0.0)
    assert idle[["growth_without_profit", "effort_return_gap_revenue", "inventory_build"]].isna().all()


@pytest.mark.parametrize("when", ["before", "now"])
@pytest.mark.parametrize(
    "item, hit",
    [
        ("revenue", ["growth_without_profit", "effort_return_gap_revenue", "inventory_build"]),
        ("op_profit", ["growth_without_profit", "effort_return_gap", "mrpk_fall"]),
        ("rd_expensed", ["growth_without_profit", "effort_return_gap", "effort_return_gap_revenue", "mrpk_fall"]),
        ("selling_expense", ["effort_return_gap", "effort_return_gap_revenue"]),
        ("admin_expense", ["effort_return_gap", "effort_return_gap_revenue"]),
        ("fixed_assets", ["effort_return_gap", "effort_return_gap_revenue", "mrpk_fall"]),
        ("inventory", ["effort_return_gap", "effort_return_gap_revenue", "inventory_build"]),
        ("depreciation", ["effort_return_gap", "mrpk_fall"]),
        ("wages", ["effort_return_gap", "mrpk_fall"]),
        ("taxes_surcharges", ["effort_return_gap", "mrpk_fall"]),
    ],
)
def test_a_missing_item_is_not_zero(item, hit, when):
    gone = {item: np.nan}
    found = _second(BEFORE | gone, AFTER) if when == "before" else _second(BEFORE, AFTER | gone)
    assert [name for name in MEASURES if math.isnan(found[name])] == hit
    without = measure(_firm(BEFORE, AFTER).drop(columns=item))
    assert [name for name in MEASURES if name not in without] == hit


def accounts(seed: int, firms: int = 20, years: int = 6) -> pd.DataFrame:
    """Accounts with losses, zeros, missing items and gap years."""
    random = np.random.default_rng(seed)
    n = firms * years
    panel = pd.DataFrame({name: value * random.lognormal(0, 0.5, n) for name, value in BEFORE.items()})
    panel["op_profit"] -= 100 * random.normal(size=n)
    panel = panel.mask(random.uniform(size=panel.shape) < 0.03).mask(random.uniform(size=panel.shape) < 0.03, 0.0)
    panel["firm"] = np.repeat([f"f{k}" for k in range(firms)], years)
    panel["year"] = np.tile(np.arange(2010, 2010 + years), firms)
    return panel[random.uniform(size=n) < 0.85].reset_index(drop=True)


def _growth(now: float, then: float) -> float:
    if now > 0 and then > 0:
        return math.log(now) - math.log(then)
    size = abs(now) + abs(then)
    return 2 * (now - then) / size if size else math.nan


def naive(panel: pd.DataFrame) -> pd.DataFrame:
    """Every measure by a loop over rows, from the definitions."""
    rows = {(row.firm, row.year): row for row in panel.itertuples()}
    out = []
    for row in panel.itertuples():
        before = rows.get((row.firm, row.year - 1))
        if before is None:
            out.append(dict.fromkeys(MEASURES, math.nan))
            continue
        pair = (row, before)
        profit = [r.op_profit + r.rd_expensed for r in pair]
        added = _growth(*[r.depreciation + r.wages + r.taxes_surcharges + r.op_profit + r.rd_expensed for r in pair])
        spent = _growth(*[r.selling_expense + r.admin_expense - r.rd_expensed for r in pair])
        effort = (spent + _growth(*[r.fixed_assets + r.inventory for r in pair])) / 2
        sales = _growth(row.revenue, before.revenue)
        known = not (math.isnan(sales) or math.isnan(profit[0]) or math.isnan(profit[1]))
        squeezed = float(sales > 0 and profit[0] <= profit[1]) if known else math.nan
        stock = _growth(row.inventory, before.inventory)
        capital = _growth(row.fixed_assets, before.fixed_assets)
        values = (squeezed, effort - added, effort - sales, stock - sales, capital - added)
        out.append(dict(zip(MEASURES, values, strict=True)))
    return pd.DataFrame(out, index=panel.index)


def _same(found, expected):
    pd.testing.assert_frame_equal(found[MEASURES], expected[MEASURES], rtol=1e-9, atol=1e-9)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_random_panels_agree_with_a_loop_in_any_order_of_rows(seed, random):
    panel = accounts(seed)
    order = list(range(len(panel)))
    random.shuffle(order)
    found = measure(panel.iloc[order]).loc[panel.index]
    _same(found, naive(panel))
    assert found[MEASURES].notna().any().all()


@few
@given(seeds, st.integers(-10, 20))
def test_the_unit_of_money_and_the_names_of_firms_do_not_matter(seed, power):
    panel = accounts(seed)
    changed = panel.assign(firm="z" + panel["firm"].str[::-1])
    changed[list(BEFORE)] *= 2.0**power
    _same(measure(changed), measure(panel))


@few
@given(seeds)
def test_the_same_accounts_under_new_firms_change_nothing(seed):
    panel = accounts(seed)
    both = measure(pd.concat([panel, panel.assign(firm="copy of " + panel["firm"])], ignore_index=True))
    _same(both.iloc[: len(panel)], measure(panel))
    _same(both.iloc[len(panel) :].reset_index(drop=True), measure(panel))
