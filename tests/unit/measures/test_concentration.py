"""Concentration of an industry: by hand, against a plain loop, and what must not change it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from tests.unit.measures.conftest import simulated

MEASURES = ["n_firms", "hhi", "cr4", "cr8", "entropy", "fragmentation", "hhi_loo", "fragmentation_loo"]
INDUSTRY = ["n_firms", "hhi", "cr4", "cr8", "entropy", "fragmentation"]
SEEDS = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def _same(found, expected, tolerance=1e-9):
    pd.testing.assert_frame_equal(
        found[MEASURES], expected[MEASURES], rtol=tolerance, atol=tolerance, check_names=False
    )


def test_a_tiny_industry_by_hand(tiny):
    found = measure(tiny)
    entropy = -(0.5 * math.log(0.5) + 0.3 * math.log(0.3) + 0.2 * math.log(0.2))
    by_hand = {"n_firms": 3, "hhi": 0.38, "cr4": 1.0, "cr8": 1.0, "entropy": entropy, "fragmentation": 0.62}
    for name, value in by_hand.items():
        assert found[name].tolist() == pytest.approx([value] * 6), name
    # Left out: (9+4)/25, (25+4)/49, (25+9)/64; a firm without sales leaves the other three as they are.
    left_out = [13 / 25, 29 / 49, 34 / 64, 0.38, 0.38, 0.38]
    assert found["hhi_loo"].tolist() == pytest.approx(left_out)
    assert found["fragmentation_loo"].tolist() == pytest.approx([1 - value for value in left_out])


def test_the_largest_four_and_eight_of_ten_firms():
    panel = pd.DataFrame(
        {
            "firm": list("abcdefghij"),
            "year": 2010,
            "industry": "C26",
            "revenue": [1.0, 10, 2, 9, 3, 8, 4, 7, 5, 6],
        }
    )
    found = measure(panel)
    assert found["cr4"].tolist() == pytest.approx([34 / 55] * 10)
    assert found["cr8"].tolist() == pytest.approx([52 / 55] * 10)


def test_equal_firms_are_counted_once_each_where_the_fourth_ties():
    panel = pd.DataFrame({"firm": list("abcdef"), "year": 2010, "industry": "C26", "revenue": 2.0})
    found = measure(panel)
    assert found["cr4"].tolist() == pytest.approx([4 / 6] * 6)
    assert found["hhi"].tolist() == pytest.approx([1 / 6] * 6)
    assert found["entropy"].tolist() == pytest.approx([math.log(6)] * 6)
    assert found["hhi_loo"].tolist() == pytest.approx([1 / 5] * 6)


def test_a_monopoly_has_no_others():
    found = measure(pd.DataFrame({"firm": ["a"], "year": [2010], "industry": ["C26"], "revenue": [7.0]}))
    assert found[["n_firms", "hhi", "cr4", "cr8", "entropy", "fragmentation"]].iloc[0].tolist() == [1, 1, 1, 1, 0, 0]
    assert math.copysign(1, found["entropy"].iloc[0]) == 1
    assert found[["hhi_loo", "fragmentation_loo"]].isna().all(axis=None)


def test_a_firm_without_sales_beside_a_monopoly_sees_the_monopoly():
    panel = pd.DataFrame({"firm": ["a", "b"], "year": 2010, "industry": "C26", "revenue": [7.0, 0.0]})
    found = measure(panel)
    assert found["hhi_loo"].isna().tolist() == [True, False]
    assert found["hhi_loo"].iloc[1] == 1.0
    assert found["fragmentation_loo"].iloc[1] == 0.0


def test_of_two_sellers_each_sees_a_monopoly():
    panel = pd.DataFrame({"firm": ["a", "b"], "year": 2010, "industry": "C26", "revenue": [1e9 / 3, 1.0]})
    found = measure(panel)
    assert found["hhi_loo"].tolist() == pytest.approx([1.0, 1.0], abs=1e-12)


def test_an_industry_without_sales_has_no_concentration():
    panel = pd.DataFrame({"firm": ["a", "b"], "year": 2010, "industry": "C26", "revenue": [0.0, np.nan]})
    found = measure(panel)
    assert found["n_firms"].tolist() == [0, 0]
    assert found[[name for name in MEASURES if name != "n_firms"]].isna().all(axis=None)


def test_a_row_without_an_industry_has_no_measures_and_is_nobodys_competitor(tiny):
    stray = pd.DataFrame({"firm": ["s"], "year": [2010], "industry": [np.nan], "revenue": [1e6]})
    found = measure(pd.concat([tiny, stray], ignore_index=True))
    assert found[MEASURES].iloc[-1].isna().all()
    _same(found.iloc[:-1], measure(tiny))


def test_industries_and_years_do_not_touch_each_other(tiny):
    other = pd.concat([tiny.assign(year=2011, revenue=1.0), tiny.assign(industry="C39", revenue=[9.0, 1, 1, 1, 1, 1])])
    found = measure(pd.concat([tiny, other], ignore_index=True))
    _same(found.iloc[: len(tiny)], measure(tiny))


def naive(panel: pd.DataFrame) -> pd.DataFrame:
    """Every measure by a loop over rows, from the definitions."""
    rows = list(panel[["industry", "year", "revenue"]].itertuples(index=False))
    out = []
    for position, row in enumerate(rows):
        if pd.isna(row.industry):
            out.append(dict.fromkeys(MEASURES, math.nan))
            continue
        members = [(k, r.revenue) for k, r in enumerate(rows) if r.industry == row.industry and r.year == row.year]
        sales = [value for _, value in members if value > 0]
        others = [value for k, value in members if value > 0 and k != position]
        shares = sorted((value / math.fsum(sales) for value in sales), reverse=True)
        rest = [value / math.fsum(others) for value in others]
        hhi = math.fsum(s * s for s in shares) if shares else math.nan
        loo = math.fsum(s * s for s in rest) if rest else math.nan
        entropy = -math.fsum(s * math.log(s) for s in shares) if shares else math.nan
        four, eight = (math.fsum(shares[:most]) if shares else math.nan for most in (4, 8))
        values = (float(len(shares)), hhi, four, eight, entropy, 1 - hhi, loo, 1 - loo)
        out.append(dict(zip(MEASURES, values, strict=True)))
    return pd.DataFrame(out, index=panel.index)


@few
@given(SEEDS)
def test_random_panels_agree_with_a_loop_over_rows(seed):
    panel = simulated(seed)
    _same(measure(panel), naive(panel), 1e-10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-6, 1e12), min_size=2, max_size=8))
def test_leaving_a_firm_out_keeps_its_digits_however_large_the_firm_is(revenue):
    panel = pd.DataFrame({"firm": [f"f{k}" for k in range(len(revenue))], "year": 2010, "industry": "i"})
    panel["revenue"] = revenue
    found = measure(panel)
    assert found["hhi_loo"].to_numpy() == pytest.approx(naive(panel)["hhi_loo"].to_numpy(), rel=1e-10, abs=0)


@few
@given(SEEDS)
def test_values_lie_in_their_bounds(seed):
    found = measure(simulated(seed))
    n = found["n_firms"]
    slack = 1e-12
    for name in ("hhi", "fragmentation", "hhi_loo", "fragmentation_loo", "cr4", "cr8"):
        assert found[name].dropna().between(-slack, 1 + slack).all(), name
    assert (found["hhi"] * n >= 1 - 1e-9)[found["hhi"].notna()].all()
    assert (found["entropy"] <= np.log(n.where(n > 0)) + 1e-9)[found["entropy"].notna()].all()
    assert (found["cr4"] <= found["cr8"] + slack)[found["cr4"].notna()].all()


@few
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed, random):
    panel = simulated(seed)
    order = list(range(len(panel)))
    random.shuffle(order)
    shuffled = measure(panel.iloc[order])
    _same(shuffled.loc[panel.index], measure(panel))


@few
@given(SEEDS)
def test_the_names_of_firms_and_industries_do_not_matter(seed):
    panel = simulated(seed)
    firms = {name: f"x{k}" for k, name in enumerate(sorted(panel["firm"].unique(), reverse=True))}
    industries = {name: f"z{k}" for k, name in enumerate(sorted(panel["industry"].dropna().unique(), reverse=True))}
    renamed = panel.assign(firm=panel["firm"].map(firms), industry=panel["industry"].map(industries))
    _same(measure(renamed), measure(panel))


@few
@given(SEEDS, st.floats(1e-6, 1e9))
def test_the_unit_of_revenue_does_not_matter(seed, unit):
    panel = simulated(seed)
    _same(measure(panel.assign(revenue=panel["revenue"] * unit)), measure(panel))


@few
@given(SEEDS)
def test_the_same_firms_in_new_industries_change_nothing(seed):
    panel = simulated(seed)
    copy = panel.assign(firm="copy of " + panel["firm"], industry="copy of " + panel["industry"])
    both = measure(pd.concat([panel, copy], ignore_index=True))
    alone = measure(panel)
    _same(both.iloc[: len(panel)], alone)
    _same(both.iloc[len(panel) :].reset_index(drop=True), alone)


@few
@given(SEEDS)
def test_every_firm_twice_in_its_industry_halves_the_index(seed):
    panel = simulated(seed)
    both = measure(pd.concat([panel, panel.assign(firm="twin of " + panel["firm"])], ignore_index=True))
    alone = measure(panel)
    twice = both.iloc[: len(panel)]
    np.testing.assert_allclose(twice["hhi"], alone["hhi"] / 2, rtol=1e-9)
    np.testing.assert_allclose(twice["n_firms"], alone["n_firms"] * 2)
    np.testing.assert_allclose(twice["entropy"], alone["entropy"] + math.log(2), rtol=1e-9)


@few
@given(SEEDS, st.integers(0, 10_000))
def test_leaving_a_firm_out_is_the_index_of_the_panel_without_it(seed, pick):
    panel = simulated(seed)
    position = pick % len(panel)
    own = panel.iloc[position]
    found = measure(panel).iloc[position]
    rest = measure(panel.drop(panel.index[position]))
    same = rest[(rest["industry"] == own["industry"]) & (rest["year"] == own["year"])]
    expected = same["hhi"].iloc[0] if len(same) else math.nan
    assert found["hhi_loo"] == pytest.approx(expected, rel=1e-9, nan_ok=True)
    assert found["fragmentation_loo"] == pytest.approx(1 - expected, rel=1e-9, abs=1e-12, nan_ok=True)


def test_a_firms_own_sales_do_not_move_its_own_measure(tiny):
    before = measure(tiny)
    after = measure(tiny.assign(revenue=[5000.0, *tiny["revenue"].iloc[1:]]))
    assert after["hhi_loo"].iloc[0] == pytest.approx(before["hhi_loo"].iloc[0])
    assert (after["hhi_loo"].iloc[1:] != before["hhi_loo"].iloc[1:]).all()


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_firm_that_does_not_say_its_sales_is_as_if_it_were_absent(tiny, gone):
    silent = tiny.assign(revenue=tiny["revenue"].where(tiny.index != gone))
    absent = measure(tiny.drop(index=gone))
    found = measure(silent)
    _same(found.drop(index=gone), absent)
    assert found["hhi_loo"].iloc[gone] == pytest.approx(found["hhi"].iloc[gone])
    assert found["n_firms"].tolist() == [2] * 6


def test_measures_of_an_industry_are_one_value_on_all_its_rows():
    found = measure(simulated(3)).dropna(subset=["industry"])
    assert (found.groupby(["industry", "year"])[INDUSTRY].nunique(dropna=False) == 1).all(axis=None)
    assert (found.groupby(["industry", "year"])["hhi_loo"].nunique() > 1).any()
