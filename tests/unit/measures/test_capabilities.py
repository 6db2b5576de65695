"""Dual capabilities: items by hand, means of the three years before, and the two together."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import dictionary, measure
from involution.measures.capabilities import OPERATION, OPPORTUNITY
from involution.measures.standardise import mean_before, winsorised
from involution.measures.view import View

NAN = np.nan
NAMES = ["opportunity_identification", "operation_management", "dual_capability", "capability_balance"]


def _one(**columns):
    return measure(pd.DataFrame({"firm": ["a"], "year": [2010], **{name: [value] for name, value in columns.items()}}))


@pytest.mark.parametrize(
    "classes, expected",
    [
        ((2.0, 1.0, 1.0), 0.625),  # shares .5, .25, .25: 1 - .25 - .0625 - .0625
        ((0.5, 0.25, 0.25), 0.625),
        ((4.0, 0.0, 0.0), 0.0),
        ((0.0, 0.0, 0.0), NAN),
        ((2.0, NAN, 1.0), NAN),
    ],
)
def test_breadth_of_patents_by_hand(classes, expected):
    found = _one(**dict(zip(("ipc_A01B", "ipc_H01M", "ipc_G06F"), classes, strict=True)))
    assert found["patent_breadth"].tolist() == pytest.approx([expected], nan_ok=True)


def test_a_main_class_in_words_is_no_count_of_patents():
    assert _one(ipc_main="H01M", ipc_A01B=1.0, ipc_H01M=1.0)["patent_breadth"].tolist() == [0.5]
    assert np.isnan(_one(ipc_main="H01M")["patent_breadth"].iloc[0])


def test_a_panel_without_patent_classes_says_which_columns_it_lacks():
    table = dictionary(pd.DataFrame({"firm": ["a"], "year": [2010], "ipc": ["H01M"]})).set_index("name")
    assert table.loc["patent_breadth", "reason"] == "needs ipc_*"
    assert table.loc["opportunity_identification", "reason"] == f"needs {' or '.join(OPPORTUNITY)}"
    assert table.loc["dual_capability", "reason"] == f"needs {' or '.join(OPPORTUNITY)}, {' or '.join(OPERATION)}"


@pytest.mark.parametrize(
    "name, columns, expected",
    [
        ("rd_staff_share", {"rd_staff": 5.0, "employees": 20.0}, 0.25),
        ("rd_staff_share", {"rd_staff": NAN, "employees": 20.0}, NAN),
        ("rd_staff_share", {"rd_staff": 0.0, "employees": 0.0}, NAN),
        ("asset_turnover", {"revenue": 30.0, "total_assets": 20.0}, 1.5),
        ("asset_turnover", {"revenue": 30.0, "total_assets": 0.0}, NAN),
        ("inventory_turnover", {"cogs": 30.0, "inventory": 20.0}, 1.5),
        ("inventory_turnover", {"cogs": 30.0, "inventory": 0.0}, NAN),
    ],
)
def test_ratios_by_hand(name, columns, expected):
    assert _one(**columns)[name].tolist() == pytest.approx([expected], nan_ok=True)


def test_lean_administration_by_hand():
    # Without R&D .1, .2, .3, .4 of sales. Industry x: ln size 0, 1 (about its mean -.5, .5), shares -.05, .05; industry
    # y: ln size 0, 3 (-1.5, 1.5), shares -.05, .05. Slope (.05 + .15) / (.5 + 4.5) = .04. Residuals: x -.05 + .02 and
    # .05 - .02, y -.05 + .06 and .05 - .06; winsorising moves the ends .1 and .4 in by .003 (quantiles .103 and .397):
    # x -.0485, .0485, y -.0485, .0485, slope (.0485 + .1455) / 5 = .0388, residuals -.0485 + .0194 and -.0485 + .0582.
    panel = pd.DataFrame({"firm": list("abcd"), "year": 2010, "industry": list("xxyy"), "revenue": 100.0})
    panel = panel.assign(
        rd_expensed=[0.0, 5.0, 10.0, 15.0],
        admin_expense=[10.0, 25.0, 40.0, 55.0],
        total_assets=np.exp([0.0, 1.0, 0.0, 3.0]),
    )
    np.testing.assert_allclose(measure(panel)["lean_administration"], [0.0291, -0.0291, -0.0097, 0.0097], rtol=1e-9)


def _administration(seed, n=200):
    random = np.random.default_rng(seed)
    panel = pd.DataFrame({"firm": [f"f{k}" for k in range(n)], "year": random.integers(2010, 2013, n)})
    panel["industry"] = random.choice(["a", "b", "c", None], n)
    for name in ("revenue", "admin_expense", "rd_expensed", "total_assets"):
        panel[name] = random.lognormal(10, 1, n)
        panel.loc[random.uniform(size=n) < 0.1, name] = NAN
    return panel


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_lean_administration_is_minus_a_residual_of_least_squares(seed):
    panel = _administration(seed)
    share = (panel["admin_expense"] - panel["rd_expensed"]) / panel["revenue"]
    used = panel.assign(share=winsorised(View(panel), share.to_numpy()), size=np.log(panel["total_assets"])).dropna()
    expected = (-smf.ols("share ~ size + C(industry)", used).fit().resid).reindex(panel.index)
    assert expected.notna().any()
    np.testing.assert_allclose(measure(panel)["lean_administration"], expected, atol=1e-9)


def test_firms_of_one_size_are_compared_within_their_industry():
    panel = _administration(1).assign(total_assets=1e9 / 3)
    panel = panel.dropna()
    share = pd.Series(
        winsorised(View(panel), ((panel["admin_expense"] - panel["rd_expensed"]) / panel["revenue"]).to_numpy()),
        index=panel.index,
    )
    expected = share.groupby(panel["industry"]).transform("mean") - share
    np.testing.assert_allclose(measure(panel)["lean_administration"], expected, atol=1e-12)


@pytest.mark.parametrize(
    "years, values, expected",
    [
        ([2010, 2011, 2012, 2013], [1.0, 2.0, 6.0, 50.0], 3.0),
        ([2010, 2011, 2013], [1.0, 2.0, 50.0], 1.5),
        ([2009, 2012, 2013], [1.0, 2.0, 50.0], NAN),  # 2009 is too long ago, and one year is too few
        ([2010, 2011, 2012, 2013], [1.0, NAN, 6.0, NAN], 3.5),  # the year itself does not count
        ([2010, 2011, 2012, 2013], [NAN, NAN, 6.0, 1.0], NAN),
    ],
)
def test_means_are_those_of_the_three_calendar_years_before(years, values, expected):
    panel = View(pd.DataFrame({"firm": "a", "year": years, "x": values}))
    assert mean_before(panel, panel["x"])[-1] == pytest.approx(expected, nan_ok=True)


def _three_firms(**columns):
    """Three firms over three years, every year like the last; values are those of the firms."""
    frame = pd.DataFrame({"firm": list("abc") * 3, "year": np.repeat([2010, 2011, 2012], 3)})
    return frame.assign(**{name: np.tile(np.array(values), 3) for name, values in columns.items()})


# Three firms at -1, 0, 1 in each of three years have the pooled SD sqrt(6/8) after winsorising, so z = 1/sqrt(.75).
UNIT = 1 / np.sqrt(0.75)
STAFF = {"rd_staff": [1.0, 2.0, 3.0], "employees": [10.0] * 3}
TURNOVER = {"revenue": [3.0, 1.0, 2.0], "total_assets": [1.0] * 3}


def test_the_capabilities_by_hand():
    found = measure(_three_firms(**STAFF, **TURNOVER))
    last = found[found["year"] == 2012]
    opportunity, operation = np.array([-1.0, 0.0, 1.0]) * UNIT, np.array([1.0, -1.0, 0.0]) * UNIT
    np.testing.assert_allclose(last["opportunity_identification"], opportunity, atol=1e-12)
    np.testing.assert_allclose(last["operation_management"], operation, atol=1e-12)
    np.testing.assert_allclose(last["dual_capability"], [-4 / 3, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(last["capability_balance"], np.array([-2.0, -1.0, -1.0]) * UNIT, atol=1e-12)
    # One year before 2011 and none before 2010: fewer than two.
    assert found.loc[found["year"] < 2012, NAMES].isna().all(axis=None)


def test_items_are_averaged_and_one_that_is_missing_is_missing():
    both = _three_firms(**STAFF, new_product_sales=[6.0, 1.0, 2.0], **TURNOVER)  # shares 2, 1, 1
    shares = np.array([2.0, 1.0, 1.0])
    # Winsorised: 2 becomes 1.98 by the quantiles of 1, 1, 2; z of .98, 0, 0 about .98/3, SD .98 sqrt(2/9 * 9/8) = .49.
    z = np.where(shares == 2.0, 2.0, 0.0) - 2 / 3
    found = measure(both)
    last = found["year"] == 2012
    expected = (np.array([-1.0, 0.0, 1.0]) * UNIT + z) / 2
    np.testing.assert_allclose(found.loc[last, "opportunity_identification"], expected, atol=1e-12)
    both.loc[both["firm"] == "b", "rd_staff"] = NAN
    assert measure(both).loc[last, "opportunity_identification"].isna().tolist() == [False, True, False]


def test_the_year_itself_moves_no_capability_of_its_own():
    panel = _three_firms(**STAFF, **TURNOVER)
    more = pd.concat([panel, panel[panel["year"] == 2012].assign(year=2013)], ignore_index=True)
    # Swap the outer two firms in the last year: the distribution stays, so do the z-scores of the years before.
    swapped = more.copy()
    swapped.loc[more["year"] == 2013, "rd_staff"] = [3.0, 2.0, 1.0]
    expected = measure(more)[NAMES]
    assert expected.notna().sum().min() == 6
    pd.testing.assert_frame_equal(measure(swapped)[NAMES], expected)


def test_a_given_share_of_new_products_is_the_one_that_counts():
    panel = _three_firms(new_product_share=[0.1, 0.2, 0.3])
    found = measure(panel).loc[6:, "opportunity_identification"]
    np.testing.assert_allclose(found, np.array([-1.0, 0.0, 1.0]) * UNIT, atol=1e-12)


def _random(seed):
    random = np.random.default_rng(seed)
    rows = [(f"f{firm}", year) for firm in range(30) for year in range(2005, 2013) if random.uniform() < 0.95]
    panel = pd.DataFrame(rows, columns=["firm", "year"])
    panel["industry"] = "i" + (panel["firm"].str[1:].astype(int) % 3).astype(str)
    money = ["revenue", "cogs", "inventory", "admin_expense", "rd_expensed", "total_assets", "new_product_sales"]
    for name in [*money, "rd_staff", "employees", "ipc_a", "ipc_b", "ipc_c"]:
        panel[name] = random.lognormal(3, 1, len(panel))
        panel.loc[random.uniform(size=len(panel)) < 0.02, name] = NAN
    return panel, money


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-4, 1e4), st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_units_matter(seed, unit, random):
    panel, money = _random(seed)
    names = [*OPPORTUNITY, *OPERATION, *NAMES]
    expected = measure(panel)[names]
    assert expected.notna().any().all()
    order = list(range(len(panel)))
    random.shuffle(order)
    changed = panel.iloc[order].assign(firm=lambda x: "z" + x["firm"].str[::-1])
    changed[money] *= unit
    changed[["ipc_a", "ipc_b", "ipc_c"]] *= unit
    pd.testing.assert_frame_equal(measure(changed)[names].loc[panel.index], expected, rtol=1e-7, atol=1e-9)
