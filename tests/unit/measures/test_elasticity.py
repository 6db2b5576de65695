"""Slopes by group beside firms and years: against dense least squares, and what the data leave open."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures.elasticity import slopes


def dense(y, x, firm, year, group):
    """The same slopes from all dummy variables."""
    dummies = [pd.get_dummies(codes).to_numpy(dtype=float) for codes in (firm, year, group)]
    columns = np.hstack([*dummies[:2], dummies[2] * x[:, None]])
    return np.linalg.lstsq(columns, y, rcond=None)[0][-dummies[2].shape[1] :]


def drawn(seed, firms=60, years=5, groups=3, persistence=0.5):
    """Firms that stay in their group of the year or change it, some of them absent."""
    random = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    own = np.repeat(random.integers(0, groups, firms), years)
    own = np.where(random.uniform(size=len(own)) < 0.1, random.integers(0, groups, len(own)), own)
    group = own * years + year
    x = persistence * np.repeat(random.normal(-1, 0.5, firms), years) + (1 - persistence) * random.normal(size=len(own))
    true = random.uniform(-5, 5, groups * years)
    y = np.repeat(random.normal(5, 2, firms), years) + 0.3 * year + true[group] * x
    kept = random.uniform(size=len(y)) < 0.8
    return [part[kept] for part in (y, x, firm, year, group)], true


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 0.95]))
def test_slopes_are_those_of_all_dummy_variables(seed, persistence):
    (y, *others), _ = drawn(seed, persistence=persistence)
    y = y + np.random.default_rng(seed).normal(size=len(y))
    np.testing.assert_allclose(slopes(y, *others), dense(y, *others), rtol=1e-8, atol=1e-8)


def test_without_noise_the_slopes_are_the_true_ones():
    data, true = drawn(1)
    np.testing.assert_allclose(slopes(*data), true, rtol=1e-9)


def test_three_firms_by_hand():
    # One group a year, x = 0 in the first: y2 - y1 = year + slope x2 is 3 = year + slope, 5 = year + 2 slope and
    # 1 = year, so that the year is 1 and the slope 2.
    y, x = np.array([0.0, 3, 10, 15, 7, 8]), np.array([0.0, 1, 0, 2, 0, 0])
    codes = [np.array(part) for part in ([0, 0, 1, 1, 2, 2], [0, 1] * 3, [0, 1] * 3)]
    found = slopes(y, x, *codes)
    assert np.isnan(found[0])  # x never moves there
    assert found[1] == pytest.approx(2.0)


def test_a_group_of_firms_seen_once_has_no_slope():
    data, true = drawn(2)
    lone = np.arange(10)
    extra = [np.sin(lone), np.cos(lone), 1000 + lone, np.zeros(10, dtype=int), np.full(10, 20)]
    found = slopes(*[np.concatenate(pair) for pair in zip(data, extra, strict=True)])
    assert len(found) == 21
    assert np.isnan(found[15:]).all()
    np.testing.assert_allclose(found[:15], true, rtol=1e-9)


def test_two_groups_that_one_firm_alone_joins_are_not_told_apart():
    data, true = drawn(3)
    # One more firm in two groups of its own: one difference for two slopes.
    extra = [np.array([1.0, 2]), np.array([0.4, 0.7]), np.array([900, 900]), np.array([0, 1]), np.array([15, 16])]
    found = slopes(*[np.concatenate(pair) for pair in zip(data, extra, strict=True)])
    assert np.isnan(found[15:]).all()
    np.testing.assert_allclose(found[:15], true, rtol=1e-8)


@pytest.mark.parametrize("firms", [0, 5])
def test_nothing_to_learn_from(firms):
    codes = np.arange(firms)
    found = slopes(np.ones(firms), np.ones(firms), codes, 0 * codes, 0 * codes)
    assert np.isnan(found).all()
    assert len(found) == min(firms, 1)


def test_the_same_data_give_the_same_digits():
    data, _ = drawn(4)
    assert slopes(*data).tolist() == slopes(*data).tolist()
