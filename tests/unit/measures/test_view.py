"""The prepared panel: calendar lags and sums over cells, against slow and plain formulations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.measures.cells import Cells, compacted
from involution.measures.view import View, ratio, shared

NAN = np.nan


def shuffled(seed):
    random = np.random.default_rng(seed)
    rows = [(f"f{firm}", year) for firm in range(12) for year in range(2005, 2015) if random.uniform() < 0.6]
    panel = pd.DataFrame(rows, columns=["firm", "year"]).sample(frac=1, random_state=seed).reset_index(drop=True)
    panel["industry"] = np.where(random.uniform(size=len(panel)) < 0.1, None, random.choice(["a", "b"], len(panel)))
    panel["x"] = np.where(random.uniform(size=len(panel)) < 0.2, NAN, random.normal(size=len(panel)).round(1))
    return panel


@given(st.integers(0, 200), st.sampled_from([-3, -1, 1, 2, 4]))
def test_a_lag_is_the_value_of_that_calendar_year_in_any_row_order(seed, years):
    panel = shuffled(seed)
    values = dict(zip(zip(panel["firm"], panel["year"], strict=True), panel["x"], strict=True))
    expected = [values.get((firm, year - years), NAN) for firm, year in zip(panel["firm"], panel["year"], strict=True)]
    np.testing.assert_array_equal(View(panel).lag(panel["x"].to_numpy(), years), expected)


@given(st.integers(0, 200))
def test_sums_over_cells_are_those_of_a_loop(seed):
    panel = shuffled(seed)
    view = View(panel)
    cells, x = view.industry_years, panel["x"].to_numpy()
    rows = panel[["industry", "year"]].itertuples(index=False)
    for row, (industry, year) in enumerate(rows):
        same = ((panel["industry"] == industry) & (panel["year"] == year)).to_numpy(dtype=bool)
        inside = x[same & ~np.isnan(x)]
        others = x[same & ~np.isnan(x) & (np.arange(len(x)) != row)]
        if not isinstance(industry, str):
            assert np.isnan(cells.sum(x)[row])
            assert np.isnan(cells.mean_of_others(x)[row])
            continue
        assert cells.count(x)[row] == len(inside)
        np.testing.assert_allclose(cells.sum(x)[row], inside.sum() if len(inside) else NAN, atol=1e-12)
        np.testing.assert_allclose(cells.mean_of_others(x)[row], others.mean() if len(others) else NAN, atol=1e-12)
        np.testing.assert_allclose(cells.median(x)[row], np.median(inside) if len(inside) else NAN, atol=1e-12)


def test_growth_is_in_logs_where_both_years_are_positive_and_symmetric_elsewhere():
    panel = pd.DataFrame({"firm": ["a"] * 6, "year": range(2010, 2016), "x": [1.0, np.e, -1.0, 1.0, 0.0, 0.0]})
    view = View(panel)
    expected = [NAN, 1.0, 2 * (-1 - np.e) / (1 + np.e), 2.0, -2.0, NAN]
    np.testing.assert_allclose(view.growth(view["x"]), expected)


def test_others_need_a_least_number():
    cells = Cells(np.array([0, 0, 0, 1]), 2)
    np.testing.assert_array_equal(cells.mean_of_others(np.array([1.0, 2.0, 6.0, 5.0]), 2), [4.0, 3.5, 1.5, NAN])
    np.testing.assert_array_equal(cells.mean_of_others(np.array([1.0, 2.0, NAN, 5.0]), 2), [NAN, NAN, 1.5, NAN])


@pytest.mark.parametrize("at", [0.0, 0.01, 0.5, 0.75, 1.0])
def test_quantiles_are_numpys(at):
    random = np.random.default_rng(5)
    codes, values = random.integers(0, 7, 200), random.normal(size=200)
    found = Cells(codes, 7).ordered(values).quantile(at)
    np.testing.assert_allclose(found, [np.quantile(values[codes == code], at) for code in range(7)])


def test_the_largest_of_a_cell_is_the_first_of_equals():
    cells = Cells(np.array([0, 1, 0, 0, 2, -1, 1]), 3)
    found = cells.first_largest(np.array([2.0, -3.0, 5.0, 5.0, NAN, 9.0, -4.0]))
    np.testing.assert_array_equal(found, [2, 1])


def test_the_sum_of_the_largest_is_that_of_all_where_there_are_fewer():
    ordered = Cells(np.array([0, 0, 1, 0, 2, -1]), 3).ordered(np.array([2.0, 5.0, 3.0, 1.0, NAN, 9.0]))
    np.testing.assert_array_equal(ordered.sum_of_largest(2), [7.0, 3.0, NAN])


@pytest.mark.parametrize("cells", [5, 300, 70_000])
def test_the_rows_of_each_cell_stand_in_order_whatever_their_number(cells):
    codes = np.random.default_rng(3).integers(-1, cells, 500)
    rows = Cells(codes, cells).rows
    assert len(rows) == cells
    assert all(found.tolist() == np.flatnonzero(codes == code).tolist() for code, found in enumerate(rows))


def test_crossed_groupings_have_no_empty_cells_and_leave_out_what_is_missing():
    frame = pd.DataFrame({"a": ["x", "y", None, "x", "y"], "b": [3, 1, 1, None, 3], "c": list("pppqq")})
    cells = View(frame).cells("a", "b", "c")
    assert cells.n_cells == 3
    assert cells.codes[[2, 3]].tolist() == [-1, -1]
    assert sorted(cells.codes[[0, 1, 4]]) == [0, 1, 2]


def test_levels_far_beyond_the_rows_are_renumbered_in_their_order():
    cells = compacted(np.array([40_000, -1, 7, 40_000]), 50_000)
    assert (cells.codes.tolist(), cells.n_cells) == ([1, -1, 0, 1], 2)


def test_few_levels_are_renumbered_in_their_order():
    cells = compacted(np.array([4, -1, 0, 4]), 5)
    assert (cells.codes.tolist(), cells.n_cells) == ([1, -1, 0, 1], 2)


def test_what_is_shared_is_worked_out_once_for_a_panel():
    calls = []

    @shared
    def total(panel):
        calls.append(panel)
        return panel["x"].sum()

    first, second = View(pd.DataFrame({"x": [1.0, 2.0]})), View(pd.DataFrame({"x": [5.0]}))
    assert [total(view) for view in (first, first, second)] == [3.0, 3.0, 5.0]
    assert calls == [first, second]


def test_a_regrouped_view_has_the_calendar_of_the_first_and_its_own_groups():
    panel = shuffled(4).assign(sector="s")
    view = View(panel)
    other = view.regrouped("sector", {"x": 2 * view["x"]})
    np.testing.assert_array_equal(other.lag(other["x"]), 2 * view.lag(view["x"]))
    np.testing.assert_array_equal(other.industry_years.codes, view.years.codes)
    assert other.cells("industry").n_cells == 1


def test_an_empty_panel_has_empty_measures():
    view = View(pd.DataFrame({"firm": [], "year": [], "industry": [], "x": []}))
    assert view.lag(view["x"]).shape == (0,)
    assert view.industry_years.sum(view["x"]).shape == (0,)


def test_a_ratio_needs_a_positive_denominator():
    np.testing.assert_array_equal(
        ratio(np.array([1.0, 1.0, 1.0, NAN]), np.array([2.0, 0.0, -1.0, 1.0])), [0.5, NAN, NAN, NAN]
    )
