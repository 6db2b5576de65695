"""Items put on one scale: quantiles within the year, mean and spread over all rows, means that need every part."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures.standardise import mean_of, mean_of_zscores, winsorised, zscore
from involution.measures.view import View

NAN = np.nan


def _panel(years, values):
    return View(pd.DataFrame({"firm": [f"f{k}" for k in range(len(years))], "year": years, "x": values}))


def test_winsorising_interpolates_within_each_year():
    # 2010: 0..100, its 1 % and 99 % quantiles are 1 and 99. 2011: two values 0 and 50, 0.5 and 49.5 between them.
    panel = _panel([2010] * 101 + [2011] * 2, [*range(101), 0.0, 50.0])
    found = winsorised(panel, panel["x"])
    assert found[:101].tolist() == pytest.approx([1.0, *range(1, 100), 99.0])
    assert found[101:].tolist() == pytest.approx([0.5, 49.5])


def test_missing_values_stay_missing_and_move_no_quantile():
    panel = _panel([2010] * 5 + [2011] * 2, [0.0, NAN, 1.0, NAN, 10.0, NAN, NAN])
    # Quartiles of 0, 1, 10: 0.5 and 5.5.
    found = winsorised(panel, panel["x"], (0.25, 0.75))
    np.testing.assert_allclose(found, [0.5, NAN, 1.0, NAN, 5.5, NAN, NAN])


def test_winsorising_leaves_its_input_alone():
    panel = _panel([2010] * 3, [0.0, 1.0, 100.0])
    winsorised(panel, panel["x"])
    assert panel["x"].tolist() == [0.0, 1.0, 100.0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(0.01, 0.99), (0.0, 1.0), (0.05, 0.9)]))
def test_winsorising_is_that_of_pandas_by_year(seed, limits):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"year": random.integers(2000, 2006, 300), "x": random.standard_cauchy(300)})
    frame.loc[random.uniform(size=300) < 0.2, "x"] = NAN
    by_year = frame.groupby("year")["x"]
    low, high = (by_year.transform(lambda x, at=at: x.quantile(at)) for at in limits)
    panel = View(frame.assign(firm="a"))
    np.testing.assert_allclose(winsorised(panel, panel["x"], limits), frame["x"].clip(low, high), rtol=1e-12)


def test_zscores_by_hand():
    # 1, 2, 6: mean 3, variance (4 + 1 + 9) / 2 = 7.
    np.testing.assert_allclose(
        zscore(np.array([1.0, NAN, 2.0, 6.0])), np.array([-2.0, NAN, -1.0, 3.0]) / np.sqrt(7), rtol=1e-12
    )


@pytest.mark.parametrize("values", [[], [NAN, NAN], [4.0], [0.1, 0.1, 0.1, NAN]])
def test_what_does_not_vary_has_no_zscore(values):
    found = zscore(np.array(values, dtype=float))
    assert np.isnan(found).all()
    assert len(found) == len(values)


@settings(deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_zscores_know_no_unit(scale, shift):
    values = np.array([1.0, 5.0, NAN, -2.0, 7.5])
    np.testing.assert_allclose(zscore(scale * (values + shift)), zscore(values), atol=1e-8)


def test_a_mean_needs_every_part():
    found = mean_of([np.array([1.0, NAN, 3.0]), np.array([2.0, 2.0, NAN])])
    np.testing.assert_array_equal(found, [1.5, NAN, NAN])
    np.testing.assert_array_equal(mean_of([np.array([1.0, NAN])]), [1.0, NAN])


def test_items_are_winsorised_within_the_year_and_then_standardised_over_all():
    # 2010: 0, 1, 10 becomes .02, 1, 9.82; 2011: 5 stays. Mean 15.84 / 4 = 3.96, deviations -3.94, -2.96, 5.86, 1.04.
    panel = _panel([2010] * 3 + [2011], [0.0, 1.0, 10.0, 5.0])
    deviations = np.array([-3.94, -2.96, 5.86, 1.04])
    expected = deviations / np.sqrt((deviations**2).sum() / 3)
    np.testing.assert_allclose(mean_of_zscores(panel, ["x", "absent"]), expected, rtol=1e-12)
