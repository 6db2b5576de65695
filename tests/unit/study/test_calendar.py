"""Rows by firm and calendar year, against a dictionary of keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.study.expressions.calendar import Calendar

NAN = np.nan


@given(st.integers(0, 300), st.sampled_from([-200, -2, -1, 0, 1, 2, 3, 50, 93]), st.sampled_from([[], [1, 9_999]]))
def test_a_row_of_another_year_is_that_of_the_key_in_any_row_order(seed, years, far):
    random = np.random.default_rng(seed)
    keys = [(firm, year) for firm in range(30) for year in [*range(2005, 2012), *far] if random.uniform() < 0.6]
    keys = [keys[place] for place in (random.permutation(len(keys)) if seed % 2 else range(len(keys)))]
    rows = {key: row for row, key in enumerate(keys)}
    firm, year = np.array(keys, dtype=np.intp).reshape(-1, 2).T
    expected = [rows.get((firm, year - years), -1) for firm, year in keys]
    assert Calendar(firm, year).before(years).tolist() == expected


def test_rows_without_a_firm_or_a_year_stand_for_no_year():
    calendar = Calendar(np.array([0, 0, -1, -1, 1]), np.array([2010.0, 2011.0, 2010.0, 2011.0, NAN]))
    assert calendar.before(1).tolist() == [-1, 0, -1, -1, -1]
    assert calendar.before(0).tolist() == [0, 1, -1, -1, -1]
    assert not calendar.repeated


@pytest.mark.parametrize("firm, repeated", [([0, 1, 0], True), ([0, 1, 2], False), ([0, 1, -1], False), ([], False)])
def test_two_rows_of_a_firm_and_year_are_found(firm, repeated):
    assert Calendar(np.array(firm, dtype=np.intp), np.full(len(firm), 2010)).repeated is repeated


def test_the_first_row_of_a_firm_is_that_of_its_first_year():
    calendar = Calendar(np.array([1, 0, 1, -1, 0]), np.array([2012, 2011, 2010, 2001, 2012]))
    assert calendar.first_rows.tolist() == [1, 2]


def test_a_panel_without_rows_has_no_other_years():
    empty = Calendar(np.zeros(0, dtype=np.intp), np.zeros(0))
    assert empty.before(1).shape == empty.before(0).shape == empty.first_rows.shape == (0,)
