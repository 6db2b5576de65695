"""How reliable the index is, against dummy regressions and against data whose reliability is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure, reliability
from involution.measures.reliability import residual
from involution.measures.view import View
from tests.unit.measures.markets import INDEX, market

FIRM_YEAR = [("firm", "year")]


def halves(seed, firms=300, years=8, noise=1.0, firm_signal=0.0):
    """Two noisy readings of one signal; rows are missing at random."""
    random = np.random.default_rng(seed)
    n = firms * years
    panel = pd.DataFrame(
        {"firm": np.repeat([f"f{code:03d}" for code in range(firms)], years), "year": np.tile(range(years), firms)}
    )
    signal = random.normal(size=n) + firm_signal * np.repeat(random.normal(size=firms), years)
    panel["involution_half_a"] = signal + noise * random.normal(size=n)
    panel["involution_half_b"] = signal + noise * random.normal(size=n)
    return panel[random.uniform(size=n) < 0.9]


def by_dummies(panel, names):
    """Correlation of the halves' least-squares residuals on indicators."""
    indicators = pd.get_dummies(panel[list(names)].astype(str), dtype=float).to_numpy()
    left = []
    for name in ("involution_half_a", "involution_half_b"):
        values = panel[name].to_numpy()
        left.append(values - indicators @ np.linalg.lstsq(indicators, values, rcond=None)[0])
    return np.corrcoef(left)[0, 1]


def test_the_table_by_hand():
    panel = pd.DataFrame(
        {
            "involution_half_a": [1.0, 2.0, 3.0, 4.0],
            "involution_half_b": [2.0, 1.0, 4.0, 3.0],
            "year": 2010,
            "firm": "a",
        }
    )
    found = reliability(panel, [()])
    # r = 3/5, so 2 (3/5) / (1 + 3/5) = 3/4.
    assert found.to_dict("records") == [
        {
            "index": "involution",
            "fixed_effects": "",
            "n_obs": 4,
            "correlation": pytest.approx(0.6),
            "reliability": pytest.approx(0.75),
        }
    ]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500))
def test_residuals_are_those_of_a_regression_on_indicators(seed):
    panel = halves(seed, firms=15, years=5)
    found = reliability(panel, FIRM_YEAR)["correlation"].item()
    assert found == pytest.approx(by_dummies(panel, ("firm", "year")), abs=1e-9)


def test_residuals_sum_to_zero_in_every_group():
    panel = halves(1, firms=40)
    view = View(panel)
    left = pd.Series(residual(view["involution_half_a"], [view.cells("firm"), view.cells("year")]), panel.index)
    for name in ("firm", "year"):
        assert left.groupby(panel[name]).sum().abs().max() < 1e-10
    np.testing.assert_allclose(residual(left.to_numpy(), [view.cells("firm")]), left, atol=1e-12)


def test_the_known_reliability_is_found():
    # Signal and noise of variance 1 in each half: the whole has the noise 1/2 and the reliability 2/3.
    found = reliability(halves(2, firms=4_000), FIRM_YEAR)
    assert found["reliability"].item() == pytest.approx(2 / 3, abs=0.02)


def test_a_signal_that_the_model_absorbs_makes_raw_halves_agree_too_well():
    found = reliability(halves(3, firms=2_000, firm_signal=3.0), [(), ("firm", "year")])["reliability"]
    assert found[0] > 0.9
    assert found[1] == pytest.approx(2 / 3, abs=0.02)


def test_the_default_rows_of_an_index():
    frame = measure(market(0), INDEX)
    found = reliability(frame)
    assert found["fixed_effects"].tolist() == ["", "year", "firm + year"]
    complete = frame[["involution_half_a", "involution_half_b"]].dropna()
    assert (found["n_obs"] == len(complete)).all()
    assert found["correlation"][0] == pytest.approx(complete.corr().iloc[0, 1])
    r = found["correlation"]
    np.testing.assert_allclose(found["reliability"], (2 * r / (1 + r)).where(r > 0))


def test_a_panel_without_an_index_has_an_empty_table():
    found = reliability(pd.DataFrame({"firm": ["a"], "year": [2010]}))
    assert found.empty
    assert list(found.columns) == ["index", "fixed_effects", "n_obs", "correlation", "reliability"]


@pytest.mark.parametrize(
    ("second", "correlation"), [([2.0, 1.0, 0.0], -1.0), ([1.0, 1.0, 1.0], np.nan), ([np.nan] * 3, np.nan)]
)
def test_halves_that_do_not_agree_have_no_reliability(second, correlation):
    panel = pd.DataFrame({"involution_half_a": [0.0, 1.0, 2.0], "involution_half_b": second})
    found = reliability(panel, [()]).iloc[0]
    assert found["correlation"] == pytest.approx(correlation, nan_ok=True)
    assert np.isnan(found["reliability"])


def test_halves_that_the_effects_absorb_have_no_reliability():
    panel = halves(4, firms=10)
    panel["involution_half_b"] = panel["year"] * 1.0
    assert np.isnan(reliability(panel, FIRM_YEAR)["correlation"].item())
