"""Innovation outcomes: by hand, where R&D is zero, negative or not reported, and over gaps in the years."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from involution.measures.outcomes import rd_spell
from involution.measures.view import View

NAN = np.nan
NAMES = [
    "rd_intensity", "rd_reported", "rd_to_assets", "patent_persistence", "rd_spell", "rd_stop", "invention_share",
    "citations_5y", "new_product_share", "efficiency",
]  # fmt: skip
MONEY = ["rd_spend", "revenue", "total_assets", "new_product_sales"]


def _firm(years, firm="a", **columns):
    return pd.DataFrame({"firm": firm, "year": list(years), **columns})


def _found(name, panel):
    return measure(panel)[name].tolist()


def test_rd_intensity_is_in_percentage_points():
    # 3 of 60 is 5 %. Without sales, with negative ones, or unreported R&D it is missing; R&D of zero is zero.
    panel = _firm(range(2010, 2015), rd_spend=[3.0, 3.0, 3.0, NAN, 0.0], revenue=[60.0, 0.0, -60.0, 60.0, 60.0])
    assert _found("rd_intensity", panel) == pytest.approx([5.0, NAN, NAN, NAN, 0.0], nan_ok=True)


def test_rd_reported_is_never_missing_and_counts_zero_as_a_report():
    assert _found("rd_reported", _firm(range(2010, 2013), rd_spend=[0.0, NAN, 5.0])) == [1.0, 0.0, 1.0]


def test_rd_to_assets_looks_two_calendar_years_back():
    # 2012: 6 / 200 = 3 %; 2013 has no 2011; 2014: 8 / 400 (of 2012) = 2 %; 2015: assets of 2013 are 0.
    panel = _firm(
        [2010, 2012, 2013, 2014, 2015], rd_spend=[1.0, 6.0, 7.0, 8.0, 9.0], total_assets=[200.0, 400.0, 0.0, 1.0, 1.0]
    )
    assert _found("rd_to_assets", panel) == pytest.approx([NAN, 3.0, NAN, 2.0, NAN], nan_ok=True)


def test_patent_persistence_by_hand():
    # 2012: (4 + 2) / (2 + 1) * 6 = 12; 2013: (0 + 4) / (4 + 2) * 4 = 8/3; 2014: (0 + 0) / (0 + 4) * 0 = 0;
    # 2015: I of 2014 and 2013 are 0, the ratio is undefined; 2016: of 2015 and 2014 5, (1 + 5) / 5 * 6 = 7.2.
    panel = _firm(range(2010, 2017), patents_invention=[1.0, 2.0, 4.0, 0.0, 0.0, 5.0, 1.0])
    expected = [NAN, NAN, 12.0, 8 / 3, 0.0, NAN, 7.2]
    assert _found("patent_persistence", panel) == pytest.approx(expected, nan_ok=True)


def test_patent_persistence_needs_three_calendar_years():
    panel = _firm([2010, 2011, 2013, 2014], patents_invention=[1.0, 2.0, 4.0, 3.0])
    assert np.isnan(_found("patent_persistence", panel)).all()
    known = _firm(range(2010, 2013), patents_invention=[1.0, NAN, 4.0])
    assert np.isnan(_found("patent_persistence", known)).all()


@pytest.mark.parametrize(
    "years, spending, expected",
    [
        (range(2010, 2015), [1.0, 2.0, 3.0, 4.0, 5.0], [1, 2, 3, 4, 5]),
        (range(2010, 2015), [1.0, 0.0, 3.0, 4.0, 0.0], [1, 0, 1, 2, 0]),  # a zero ends the spell
        (range(2010, 2015), [1.0, NAN, 3.0, 4.0, -1.0], [1, NAN, 1, 2, 0]),  # so does silence, which is no zero
        ([2010, 2011, 2013, 2014], [1.0, 2.0, 3.0, 4.0], [1, 2, 1, 2]),  # and a year without a row
    ],
)
def test_spells_are_unbroken_calendar_years(years, spending, expected):
    assert _found("rd_spell", _firm(years, rd_spend=spending)) == pytest.approx(expected, nan_ok=True)


def _naive_spells(panel):
    spending = {(row.firm, row.year): row.rd_spend for row in panel.itertuples()}
    out = []
    for row in panel.itertuples():
        length = 0
        while spending.get((row.firm, row.year - length), NAN) > 0:
            length += 1
        out.append(NAN if math.isnan(row.rd_spend) else float(length))
    return out


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_spells_are_those_of_a_loop_in_any_row_order(seed):
    random = np.random.default_rng(seed)
    rows = [(f"f{firm}", year) for firm in range(6) for year in range(1990, 2020) if random.uniform() < 0.95]
    panel = pd.DataFrame(rows, columns=["firm", "year"]).sample(frac=1, random_state=seed).reset_index(drop=True)
    panel["rd_spend"] = random.choice([0.0, NAN, 1.0], len(panel), p=[0.05, 0.05, 0.9])
    found = rd_spell(View(panel))
    np.testing.assert_array_equal(found, _naive_spells(panel))
    assert np.nanmax(found) > 4


@pytest.mark.parametrize(
    "years, spending, expected",
    [
        (range(2010, 2014), [1.0, 2.0, 0.0, 0.0], [NAN, 0, 1, NAN]),  # who has stopped is no longer at risk
        (range(2010, 2014), [0.0, 2.0, -1.0, 3.0], [NAN, NAN, 1, NAN]),  # who begins was not at risk
        (range(2010, 2014), [1.0, NAN, 0.0, 1.0], [NAN, NAN, NAN, NAN]),  # silence is no stop, and no risk either
        ([2010, 2012, 2013], [1.0, 0.0, 0.0], [NAN, NAN, NAN]),  # the year before must have a row
    ],
)
def test_a_stop_is_seen_only_of_firms_at_risk_that_report(years, spending, expected):
    assert _found("rd_stop", _firm(years, rd_spend=spending)) == pytest.approx(expected, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_stop_ends_the_spell_of_the_year_before(seed):
    panel = _random(seed)
    view = View(panel)
    spell, stop = rd_spell(view), np.array(_found("rd_stop", panel))
    before = view.lag(spell)
    np.testing.assert_array_equal(~np.isnan(stop), (before > 0) & ~np.isnan(spell))
    np.testing.assert_array_equal(stop == 1, (before > 0) & (spell == 0))
    np.testing.assert_array_equal(stop == 0, (before > 0) & (spell == before + 1))


def test_invention_share_by_hand():
    # 3 of 3 + 1; a year without patents has no share.
    panel = _firm(range(2010, 2013), patents_invention=[3.0, 0.0, 2.0], patents_utility=[1.0, 0.0, NAN])
    assert _found("invention_share", panel) == pytest.approx([0.75, NAN, NAN], nan_ok=True)


def test_citations_of_five_calendar_years():
    # 2012 stands alone with 2010: 1 + 2 = 3. 2016 takes 2012..2016: 2 + 8 + 16 = 26, neither 2010 nor 2011.
    panel = _firm([2010, 2012, 2014, 2016], citations=[1.0, 2.0, 8.0, 16.0])
    assert _found("citations_5y", panel) == [1.0, 3.0, 11.0, 26.0]


def test_citations_that_are_not_on_record_are_not_zero():
    panel = _firm(range(2010, 2017), citations=[1.0, NAN, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert _found("citations_5y", panel) == pytest.approx([1.0, NAN, NAN, NAN, NAN, NAN, 5.0], nan_ok=True)


def test_new_product_share_by_hand():
    panel = _firm(range(2010, 2013), new_product_sales=[15.0, 15.0, NAN], revenue=[60.0, 0.0, 60.0])
    assert _found("new_product_share", panel) == pytest.approx([0.25, NAN, NAN], nan_ok=True)


def test_efficiency_is_patents_per_million_of_last_years_rd():
    # 2011: 6 / 2 = 3; 2012: 4 / 0.5 = 8; 2013: R&D of 2012 is 0; 2014: that of 2013 is unreported; 2016 has no 2015.
    panel = _firm(
        [2010, 2011, 2012, 2013, 2014, 2016],
        patents=[1.0, 6.0, 4.0, 4.0, 4.0, 4.0],
        rd_spend=[2e6, 5e5, 0.0, NAN, 1e6, 1e6],
    )
    assert _found("efficiency", panel) == pytest.approx([NAN, 3.0, 8.0, NAN, NAN, NAN], nan_ok=True)


def _random(seed):
    random = np.random.default_rng(seed)
    rows = [(f"f{firm}", year) for firm in range(15) for year in range(2005, 2015) if random.uniform() < 0.85]
    panel = pd.DataFrame(rows, columns=["firm", "year"])
    for name in MONEY:
        panel[name] = random.lognormal(15, 1, len(panel)) * (random.uniform(size=len(panel)) > 0.1)
    for name in ("patents", "patents_invention", "patents_utility", "citations"):
        panel[name] = random.poisson(2, len(panel)).astype(float)
    return panel.mask((random.uniform(size=panel.shape) < 0.1) & ~panel.columns.isin(["firm", "year"]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_units_of_money_matter(seed, unit, random):
    panel = _random(seed)
    expected = measure(panel)[NAMES]
    assert expected.notna().any().all()
    order = list(range(len(panel)))
    random.shuffle(order)
    changed = panel.iloc[order].assign(firm=lambda x: "z" + x["firm"].str[::-1])
    changed[MONEY] *= unit
    found = measure(changed)[NAMES].loc[panel.index].assign(efficiency=lambda x: x["efficiency"] * unit)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)


def test_firms_do_not_share_their_pasts():
    panel = _random(1)
    parts = [measure(part)[NAMES] for _, part in panel.groupby("firm")]
    pd.testing.assert_frame_equal(measure(panel)[NAMES], pd.concat(parts).sort_index())
