"""Short-termism: items by hand and by plain loops over industry-years, and which items make the index."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import dictionary, measure
from involution.measures.cell_regression import regress_by_cell
from involution.measures.short_termism import ITEMS
from involution.measures.view import Cells

NAN = np.nan
ACCOUNTS = [
    "revenue", "cogs", "inventory", "cfo", "selling_expense", "admin_expense", "rd_expensed", "receivables",
    "fixed_assets", "net_profit", "total_assets",
]  # fmt: skip


def _one(**columns):
    return measure(pd.DataFrame({"firm": ["a"], "year": [2010], **{name: [v] for name, v in columns.items()}}))


@pytest.mark.parametrize(
    "words, total, expected", [(3.0, 200.0, 1.5), (0.0, 200.0, 0.0), (3.0, 0.0, NAN), (NAN, 9, NAN)]
)
def test_myopia_is_a_percentage_of_the_words(words, total, expected):
    assert _one(myopia_words=words, total_words=total)["myopia"].tolist() == pytest.approx([expected], nan_ok=True)


@pytest.mark.parametrize(
    "accounts, expected",
    [
        ((10.0, 20.0, 60.0, 10.0), 0.3),  # 30 / (30 + 60 + 10)
        ((0.0, 0.0, 60.0, 10.0), 0.0),
        ((0.0, 0.0, 0.0, 0.0), NAN),
        ((10.0, 20.0, -50.0, 0.0), NAN),
        ((NAN, 20.0, 60.0, 10.0), NAN),
        ((10.0, 20.0, 60.0, NAN), NAN),
    ],
)
def test_the_tilt_to_short_term_assets_by_hand(accounts, expected):
    names = ("trading_assets", "short_term_investments", "fixed_assets", "intangibles")
    found = _one(**dict(zip(names, accounts, strict=True)))
    assert found["short_term_tilt"].tolist() == pytest.approx([expected], nan_ok=True)


def accounts(seed, firms=80, years=5, industries=3):
    """Accounts of firms of all sizes; some years and items missing, one industry too small for regressions."""
    random = np.random.default_rng(seed)
    rows = [(f"f{firm:02d}", year) for firm in range(firms) for year in range(2010, 2010 + years)]
    panel = pd.DataFrame(rows, columns=["firm", "year"])
    code = panel["firm"].str[1:].astype(int)
    panel["industry"] = np.where(code < 8, "few", "i" + (code % industries).astype(str))
    panel["total_assets"] = random.lognormal(18, 1.5, firms).repeat(years) * random.lognormal(0, 0.2, len(panel))
    for name in ACCOUNTS[:-1]:
        panel[name] = panel["total_assets"] * random.uniform(0.05, 0.6, len(panel))
    panel["cfo"] -= 0.3 * panel["total_assets"]
    panel["net_profit"] -= 0.3 * panel["total_assets"]
    for name in ("rd_expensed", "receivables", "total_assets"):
        panel.loc[random.uniform(size=len(panel)) < 0.03, name] = NAN
    panel.loc[3, "total_assets"] = 0.0
    return panel[random.uniform(size=len(panel)) > 0.03].reset_index(drop=True)


def _lagged(panel, name, years=1):
    earlier = panel[["firm", "year", name]].assign(year=lambda x: x["year"] + years)
    return panel[["firm", "year"]].merge(earlier, how="left")[name].to_numpy()


def _loop(panel, response, design, least=15):
    """Residuals and coefficients of statsmodels by industry-year, spread over the rows."""
    residuals = np.full(len(panel), NAN)
    slopes = np.full((len(panel), design.shape[1]), NAN)
    known = np.isfinite(response) & np.isfinite(design).all(axis=1)
    for _, rows in panel.groupby(["industry", "year"]).indices.items():
        used = rows[known[rows]]
        if len(used) >= least:
            fit = sm.OLS(response[used], design[used]).fit()
            residuals[used], slopes[rows] = fit.resid, fit.params
    return residuals, slopes


def _scaled(panel):
    """What the regressions are made of, by assets of the year before."""
    assets = _lagged(panel, "total_assets")
    assets = np.where(assets > 0, assets, NAN)
    parts = {name: panel[name].to_numpy() / assets for name in ACCOUNTS}
    parts["one"] = 1e8 / assets  # in a unit that statsmodels can invert
    for name in ("revenue", "inventory", "receivables"):
        parts[f"change_{name}"] = (panel[name] - _lagged(panel, name)) / assets
    parts["sales_before"] = _lagged(panel, "revenue") / assets
    parts["change_before"] = (_lagged(panel, "revenue") - _lagged(panel, "revenue", 2)) / assets
    return parts


def _naive_management(panel):
    p = _scaled(panel)
    ones = np.ones(len(panel))

    def abnormal(response, *drivers):
        return _loop(panel, response, np.stack([ones, p["one"], *drivers], axis=1))[0]

    production = abnormal(p["cogs"] + p["change_inventory"], p["revenue"], p["change_revenue"], p["change_before"])
    cash_flow = abnormal(p["cfo"] + p["rd_expensed"], p["revenue"], p["change_revenue"])
    return (
        production
        - cash_flow
        - abnormal(p["selling_expense"] + p["admin_expense"] - p["rd_expensed"], p["sales_before"])
    )


def _naive_accruals(panel):
    p = _scaled(panel)
    accruals = p["net_profit"] - p["cfo"]
    _, b = _loop(panel, accruals, np.stack([p["one"], p["change_revenue"], p["fixed_assets"]], axis=1))
    cash_sales = p["change_revenue"] - p["change_receivables"]
    normal = b[:, 0] * p["one"] + b[:, 1] * cash_sales + b[:, 2] * p["fixed_assets"]
    return np.abs(accruals - normal)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_earnings_management_is_that_of_a_loop_over_industry_years(seed):
    panel = accounts(seed)
    found = measure(panel)
    for name, naive in (("real_earnings_management", _naive_management), ("discretionary_accruals", _naive_accruals)):
        expected = naive(panel)
        np.testing.assert_allclose(found[name], expected, rtol=1e-7, atol=1e-9, err_msg=name)
        assert np.isfinite(expected).sum() > 30
        assert found.loc[found["industry"] == "few", name].isna().all()


def test_production_needs_two_earlier_years_and_accruals_one():
    found = measure(accounts(1)).groupby("year")[["real_earnings_management", "discretionary_accruals"]].count()
    assert found.loc[2010].tolist() == [0, 0]
    assert found.loc[2011, "real_earnings_management"] == 0
    assert found.loc[2011, "discretionary_accruals"] > 0
    assert (found.loc[2012:] > 0).all(axis=None)


def test_rd_charged_to_expense_and_cash_flow_leaves_earnings_management_as_it_is():
    panel = accounts(2)
    spent = np.random.default_rng(3).uniform(0, 0.3, len(panel)) * panel["total_assets"].fillna(0)
    more = panel.assign(
        rd_expensed=panel["rd_expensed"] + spent,
        admin_expense=panel["admin_expense"] + spent,
        net_profit=panel["net_profit"] - spent,
        cfo=panel["cfo"] - spent,
    )
    names = ["real_earnings_management", "discretionary_accruals"]
    expected = measure(panel)[names]
    assert expected.notna().any().all()
    pd.testing.assert_frame_equal(measure(more)[names], expected, atol=1e-9)


def twins(pairs=8):
    """Pairs of firms alike in sales and assets in 2010-2012; of each the first is above what is normal by so much.

    Normal by assets of 2011 (A): production .2 + 3/A + .5 sales + .1 growth - .2 earlier growth; cash flow before R&D
    .1 + .3 sales; expense before R&D .05 + .1 earlier sales; accruals 2/A + .4 growth - .1 fixed assets. What is above
    the normal in one firm of a pair is below in the other, and so uncorrelated with everything normal.
    """
    random = np.random.default_rng(7)
    sales = random.uniform(50, 150, (pairs, 3)).repeat(2, axis=0)
    assets = random.uniform(80, 200, pairs).repeat(2)
    fixed = random.uniform(20, 60, pairs).repeat(2)
    sign = np.tile([1.0, -1.0], pairs)
    growth, before = sales[:, 2] - sales[:, 1], sales[:, 1] - sales[:, 0]
    cogs = 0.2 * assets + 3 + 0.5 * sales[:, 2] + 0.1 * growth - 0.2 * before + sign * 0.10 * assets
    cash = 0.1 * assets + 0.3 * sales[:, 2] - sign * 0.02 * assets
    expense = 0.05 * assets + 0.1 * sales[:, 1] - sign * 0.03 * assets
    accruals = 2 + 0.4 * growth - 0.1 * fixed + sign * 0.04 * assets
    years = [
        pd.DataFrame({"firm": [f"f{k:02d}" for k in range(2 * pairs)], "year": year, "revenue": sales[:, year - 2010]})
        for year in (2010, 2011, 2012)
    ]
    panel = pd.concat(years, ignore_index=True).assign(
        industry="C26", total_assets=np.tile(assets, 3), inventory=10.0, receivables=20.0, rd_expensed=4.0,
        cogs=np.tile(cogs, 3), cfo=np.tile(cash - 4, 3), selling_expense=1.0,
        admin_expense=np.tile(expense + 3, 3), fixed_assets=np.tile(fixed, 3),
        net_profit=np.tile(accruals + cash - 4, 3),
    )  # fmt: skip
    return panel


def test_real_earnings_management_by_hand():
    # .10 of production too much, cash flow .02 and expense .03 too low: .10 + .02 + .03 in one twin, minus that in the
    # other. Inventories that grow by 5 while costs fall by 5 leave production as it is.
    panel = twins()
    last = panel["year"] == 2012
    panel.loc[last, "inventory"] += 5
    panel.loc[last, "cogs"] -= 5
    found = measure(panel)["real_earnings_management"]
    np.testing.assert_allclose(found[last], np.tile([0.15, -0.15], 8), rtol=1e-9)
    assert found[~last].isna().all()


def test_discretionary_accruals_by_hand():
    # .04 of assets too much or too little; receivables of the first pair that grow by .2 of its assets are sales that
    # the modified model does not expect: accruals are .4 x .2 = .08 further from the normal, .12 and -.04 + .08.
    panel = twins()
    last = panel["year"] == 2012
    np.testing.assert_allclose(measure(panel)["discretionary_accruals"][last], 0.04, rtol=1e-9)
    first = panel.index[last][:2]
    panel.loc[first, "receivables"] += 0.2 * panel.loc[first, "total_assets"]
    expected = [0.12, 0.04, *[0.04] * 14]
    np.testing.assert_allclose(measure(panel)["discretionary_accruals"][last], expected, rtol=1e-9)


@pytest.mark.parametrize("firms, enough", [(15, True), (14, False)])
def test_fifteen_firms_are_enough_and_fourteen_are_not(firms, enough):
    panel = twins()
    panel = panel[panel["firm"] < f"f{firms:02d}"]
    last = measure(panel)[panel["year"].to_numpy() == 2012]
    for name in ("real_earnings_management", "discretionary_accruals"):
        assert last[name].notna().all() == enough
        assert last[name].isna().all() != enough


def test_a_line_through_two_points_in_each_cell_by_hand():
    # Cell 0: y = 1, 2, 4 on x = 0, 1, 2: slope 1.5, mean 7/3 at 1, residuals 1/6, -1/3, 1/6. Cell 1: too few rows.
    cells = Cells(np.array([0, 0, 0, 1, 1, -1]), 2)
    y, x = np.array([1.0, 2.0, 4.0, 1.0, 2.0, 5.0]), np.array([0.0, 1.0, 2.0, 0.0, 1.0, 1.0])
    fit = regress_by_cell(cells, y, [x], intercept=True, least=3)
    np.testing.assert_allclose(fit.residuals, [1 / 6, -1 / 3, 1 / 6, NAN, NAN, NAN])
    np.testing.assert_allclose(fit.slopes, [[1.5], [NAN]])
    # Through the origin: slope (0 + 2 + 8) / 5 = 2.
    fit = regress_by_cell(cells, y, [x], intercept=False, least=3)
    np.testing.assert_allclose(fit.residuals, [1.0, 0.0, 0.0, NAN, NAN, NAN], atol=1e-12)


def test_a_missing_variable_counts_towards_no_cell():
    cells = Cells(np.zeros(4, dtype=int), 1)
    x = np.array([0.0, 1.0, 2.0, NAN])
    fit = regress_by_cell(cells, np.array([1.0, 2.0, 4.0, 9.0]), [x], intercept=True, least=4)
    assert np.isnan(fit.residuals).all()


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6 / 3])
def test_cells_with_collinear_regressors_are_left_out_and_touch_no_other(unit, constant):
    random = np.random.default_rng(0)
    cells = Cells(np.repeat([0, 1], 20), 2)
    x, z, y = random.normal(size=(3, 40)) * unit
    same, twice = z.copy(), z.copy()
    same[:20], twice[:20] = constant * unit, -2 * x[:20]
    expected = regress_by_cell(cells, y, [x, z], intercept=True)
    for regressor in (same, twice):
        fit = regress_by_cell(cells, y, [x, regressor], intercept=True)
        assert np.isnan(fit.residuals[:20]).all()
        np.testing.assert_allclose(fit.residuals[20:], expected.residuals[20:])
    assert np.isfinite(expected.residuals).all()


def _items(**columns):
    return pd.DataFrame({"firm": list("abc"), "year": 2010, **columns})


def test_the_index_is_the_mean_of_the_zscores_of_its_items_by_hand():
    # 1, 2, 3: quantiles 1.02 and 2.98, so -.98, 0, .98 about 2, SD .98: z = -1, 0, 1. The tilt runs the other way,
    # and twice 0: 0, 0, 1 has quantiles 0 and .98, mean .98/3, SD .98/sqrt 3: z = -1/sqrt 3 twice and 2/sqrt 3.
    found = measure(_items(myopia=[1.0, 2.0, 3.0], short_term_tilt=[1.0, 0.0, 0.0]))["short_termism"]
    root = np.sqrt(3)
    np.testing.assert_allclose(found, [(-1 + 2 / root) / 2, -1 / root / 2, (1 - 1 / root) / 2], rtol=1e-12)


def test_the_index_takes_the_items_that_the_panel_has():
    found = measure(_items(myopia=[1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found["short_termism"], [-1.0, 0.0, 1.0], rtol=1e-12)
    row = dictionary(_items()).set_index("name").loc["short_termism"]
    assert not row["available"]
    assert row["reason"] == f"needs {' or '.join(ITEMS)}"


def test_an_item_that_one_firm_lacks_is_missing_and_not_left_out():
    found = measure(_items(myopia=[1.0, 2.0, 3.0], short_term_tilt=[0.5, NAN, 0.1]))["short_termism"]
    assert found.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("nothing", [[NAN, NAN, NAN], [0.3, 0.3, 0.3]])
def test_an_item_that_never_varies_is_left_out_for_all(nothing):
    found = measure(_items(myopia=[1.0, 2.0, 3.0], short_term_tilt=nothing))["short_termism"]
    np.testing.assert_allclose(found, [-1.0, 0.0, 1.0], rtol=1e-12)
    assert measure(_items(short_term_tilt=nothing))["short_termism"].isna().all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-4, 1e4), st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_units_matter(seed, unit, random):
    panel = accounts(seed).assign(
        trading_assets=lambda x: x["inventory"], short_term_investments=0.0, intangibles=lambda x: x["cogs"]
    )
    names = [*ITEMS[1:], "short_termism"]
    expected = measure(panel)[names]
    assert expected.notna().any().all()
    order = list(range(len(panel)))
    random.shuffle(order)
    money = [*ACCOUNTS, "trading_assets", "short_term_investments", "intangibles"]
    changed = panel.iloc[order].assign(firm=lambda x: "z" + x["firm"].str[::-1])
    changed[money] *= unit
    pd.testing.assert_frame_equal(measure(changed)[names].loc[panel.index], expected, rtol=1e-7, atol=1e-9)
