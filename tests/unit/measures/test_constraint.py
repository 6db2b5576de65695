"""Financing constraints: items and indices by hand, and the units that reverse the size-age index."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import dictionary, measure
from involution.measures.constraint import ITEMS

NAN = np.nan
# A firm in millions: assets 100 in 2010 and 120 in 2011.
ACCOUNTS = {
    "total_assets": [100.0, 120.0],
    "cfo": [5.0, 20.0],
    "cash": [8.0, 30.0],
    "short_term_debt": [10.0, 24.0],
    "long_term_debt": [10.0, 12.0],
    "interest": [1.0, 1.8],
    "current_assets": [40.0, 50.0],
    "current_liabilities": [20.0, 40.0],
    "dividends_interest": [1.0, 3.0],
    "revenue": [200.0, 250.0],
    "tobin_q": [1.5, 2.0],
}
RATIOS = ("tobin_q",)
INDICES = ["sa_index", "ww_index", "kz_index"]


def _firm(last=None, **changes):
    """The firm, with other values in its last year."""
    frame = pd.DataFrame(
        {"firm": "a", "year": [2010, 2011], "industry": "C26", "birth_year": 2001.0}
        | {name: np.array(values) * (1 if name in RATIOS else 1e6) for name, values in ACCOUNTS.items()}
    )
    for name, value in ((last or {}) | changes).items():
        frame.loc[1, name] = value
    return frame


def _last(name, panel):
    return measure(panel)[name].iloc[-1]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("cfo_constraint", -0.2),  # -20 / 100
        ("cash_constraint", -0.3),  # -30 / 100
        ("leverage", 0.3),  # (24 + 12) / 120
        ("interest_burden", 0.05),  # 1.8 / 36
        ("illiquidity", -1.25),  # -50 / 40
    ],
)
def test_each_item_by_hand(name, expected):
    assert _last(name, _firm()) == pytest.approx(expected)


@pytest.mark.parametrize(
    "name, changes",
    [
        ("cfo_constraint", {"cfo": NAN}),
        ("cfo_constraint", {"year": 2012}),  # no row for 2011
        ("cash_constraint", {"cash": NAN}),
        ("leverage", {"total_assets": 0.0}),
        ("leverage", {"long_term_debt": NAN}),
        ("interest_burden", {"short_term_debt": 0.0, "long_term_debt": 0.0}),
        ("interest_burden", {"short_term_debt": -50e6}),
        ("interest_burden", {"interest": NAN}),
        ("illiquidity", {"current_liabilities": 0.0}),
    ],
)
def test_items_that_have_no_value(name, changes):
    assert np.isnan(_last(name, _firm(changes)))


def test_a_firm_without_debt_has_no_leverage_and_cash_burnt_is_a_constraint():
    panel = _firm(short_term_debt=0.0, long_term_debt=0.0, cfo=-10e6)
    assert _last("leverage", panel) == 0.0
    assert _last("cfo_constraint", panel) == pytest.approx(0.1)


def test_the_size_age_index_by_hand():
    # ln 120 = 4.787492, squared 22.920078; age 10: -.737 * 4.787492 + .043 * 22.920078 - .4
    assert _last("sa_index", _firm()) == pytest.approx(-2.9428183, abs=1e-6)


def _by_size(assets, birth=2000.0):
    panel = pd.DataFrame(
        {"firm": [f"f{k}" for k in range(len(assets))], "year": 2010, "total_assets": assets, "birth_year": birth}
    )
    return measure(panel)["sa_index"].to_numpy()


def test_a_firm_of_fifty_millions_is_more_constrained_than_one_of_fifty_billions():
    # Age 10. ln 50 = 3.912023: -2.883161 + .658065 - .4; ln 4500 = 8.411833 (capped): -6.199521 + 3.042639 - .4. In
    # single units of currency the ranking would be the reverse, .05 against 7.5.
    small, large = _by_size([50e6, 50e9])
    assert small == pytest.approx(-2.625096, abs=1e-5)
    assert large == pytest.approx(-3.556882, abs=1e-5)
    assert small > large


def test_the_size_age_index_falls_with_size_up_to_the_cap_and_no_further():
    found = _by_size(np.geomspace(1e5, 4.5e9, 50))
    assert (np.diff(found) < 0).all()
    assert _by_size([4.5e9, 4.6e9, 1e13]).tolist() == pytest.approx([found[-1]] * 3)


@pytest.mark.parametrize(
    "birth, age", [(2010.0, 0), (1973.0, 37), (1972.0, 37), (1800.0, 37), (2011.0, NAN), (NAN, NAN)]
)
def test_age_counts_from_birth_to_thirty_seven(birth, age):
    expected = _by_size([50e6], 2010.0)[0] - 0.04 * age
    assert _by_size([50e6], birth)[0] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("assets", [0.0, -1e6, NAN])
def test_without_assets_there_is_no_size(assets):
    panel = _firm(total_assets=assets)
    assert measure(panel)[INDICES].iloc[-1].isna().all()


def test_the_whited_wu_index_by_hand():
    # CF 20/120, dividends 3 - 1.8 > 0, TLTD 12/120, ln 120 = 4.787492, industry and firm growth 50/200:
    # -.091/6 - .062 + .0021 - .2106496 + .102/4 - .035/4
    assert _last("ww_index", _firm()) == pytest.approx(-0.2689663, abs=1e-6)


def test_interest_alone_is_no_dividend():
    # Cash paid is interest: neither the indicator of Whited and Wu nor the amount of Kaplan and Zingales.
    paid, none = _firm(), _firm(dividends_interest=1.8e6)
    assert _last("ww_index", none) - _last("ww_index", paid) == pytest.approx(0.062)
    assert _last("kz_index", none) - _last("kz_index", paid) == pytest.approx(39.368 * 1.2 / 120)
    less = _firm(dividends_interest=0.5e6)
    assert _last("kz_index", less) == pytest.approx(_last("kz_index", none))
    for name in ("ww_index", "kz_index"):
        assert np.isnan(_last(name, _firm(dividends_interest=NAN)))


def test_the_industrys_growth_is_that_of_firms_in_both_years():
    # The other firm grows from 100 to 200, a third enters with 1,000, a fourth leaves, a fifth is of another industry:
    # (250 + 200) / (200 + 100) - 1 = .5 instead of .25.
    def other(firm, years, revenue, industry="C26"):
        return pd.DataFrame({"firm": firm, "year": years, "industry": industry, "revenue": revenue})

    others = [
        other("b", [2010, 2011], [100e6, 200e6]),
        other("c", [2011], [1e9]),
        other("d", [2010], [1e9]),
        other("e", [2010, 2011], [1e6, 9e9], "C39"),
    ]
    alone = _last("ww_index", _firm())
    panel = pd.concat([*others, _firm()], ignore_index=True)
    assert _last("ww_index", panel) - alone == pytest.approx(0.102 * 0.25)


def test_the_kaplan_zingales_index_by_hand():
    # -1.002 * 20/120 - 39.368 * 1.2/120 - 1.315 * 30/120 + 3.139 * .3 + .283 * 2
    assert _last("kz_index", _firm()) == pytest.approx(-0.167 - 0.39368 - 0.32875 + 0.9417 + 0.566)


def test_a_panel_of_unlisted_firms_has_no_kaplan_zingales_index():
    panel = _firm().drop(columns="tobin_q")
    assert "kz_index" not in measure(panel)
    assert dictionary(panel).set_index("name").loc["kz_index", "reason"] == "needs tobin_q"
    assert np.isnan(_last("kz_index", _firm(tobin_q=NAN)))


def test_the_index_is_the_mean_of_the_zscores_of_its_items_by_hand():
    # Leverage .1, .2, .3 and current ratios 3, 2, 1: both z are -1, 0, 1 after winsorising, so is their mean.
    panel = pd.DataFrame(
        {"firm": list("abc"), "year": 2010, "total_assets": 100.0, "short_term_debt": [10.0, 20.0, 30.0]}
    ).assign(long_term_debt=0.0, current_assets=[30.0, 20.0, 10.0], current_liabilities=10.0)
    np.testing.assert_allclose(measure(panel)["constraint"], [-1.0, 0.0, 1.0], atol=1e-12)
    opposed = panel.assign(current_assets=[10.0, 20.0, 30.0])
    np.testing.assert_allclose(measure(opposed)["constraint"], 0.0, atol=1e-12)
    # One item more, of a firm that does not tell it.
    partly = panel.assign(interest=[1.0, NAN, 1.5])
    assert measure(partly)["constraint"].isna().tolist() == [False, True, False]


def test_without_any_item_there_is_no_index():
    row = dictionary(pd.DataFrame({"firm": ["a"], "year": [2010]})).set_index("name").loc["constraint"]
    assert row["reason"] == f"needs {' or '.join(ITEMS)}"


def _random(seed):
    random = np.random.default_rng(seed)
    rows = [(f"f{firm}", year) for firm in range(30) for year in range(2005, 2012) if random.uniform() < 0.9]
    panel = pd.DataFrame(rows, columns=["firm", "year"])
    panel["industry"] = "i" + (panel["firm"].str[1:].astype(int) % 3).astype(str)
    for name in ACCOUNTS:
        panel[name] = random.lognormal(17, 1, len(panel))
        panel.loc[random.uniform(size=len(panel)) < 0.03, name] = NAN
    return panel.assign(tobin_q=panel["tobin_q"] / 1e7, birth_year=1990.0, cfo=panel["cfo"] - 3e7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(seed, random):
    panel, names = _random(seed), [*ITEMS, "constraint", *INDICES]
    expected = measure(panel)[names]
    assert expected.notna().any().all()
    order = list(range(len(panel)))
    random.shuffle(order)
    changed = panel.iloc[order].assign(firm=lambda x: "z" + x["firm"].str[::-1])
    pd.testing.assert_frame_equal(measure(changed)[names].loc[panel.index], expected, rtol=1e-9, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_the_unit_of_money_matters_only_where_size_does(seed, unit):
    panel = _random(seed)
    money = [name for name in ACCOUNTS if name not in RATIOS]
    changed = panel.assign(**{name: panel[name] * unit for name in money})
    expected, found = measure(panel), measure(changed)
    names = [*ITEMS, "constraint", "kz_index"]
    pd.testing.assert_frame_equal(found[names], expected[names], rtol=1e-9, atol=1e-12)
    shift = (found["ww_index"] - expected["ww_index"]).dropna()
    assert shift.to_numpy() == pytest.approx(-0.044 * np.log(unit))
