"""Separated observations of Poisson models, on the examples of Correia, Guimaraes and Zylkin.

"Verifying the existence of maximum likelihood estimates for generalized linear models" (2019) and the primer on
separation that goes with ppmlhdfe: small data sets whose separated rows are known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import involution as inv

ONE_REGRESSOR = pd.DataFrame({"y": [0, 0, 0, 1, 2, 3], "x": [1, 1, 0, 0, 0, 0]})
COMBINATION = pd.DataFrame(
    {"y": [0, 0, 0, 1, 2, 3], "x1": [2, -1, 0, 0, 5, 6], "x2": [-1, 2, 0, 0, -10, -12], "control": [3, 1, 2, 5, 4, 7]}
)
TWO_EFFECTS = pd.DataFrame({"y": [0, 1, 0, 0, 1], "a": [1, 1, 2, 2, 2], "b": [1, 1, 1, 2, 2]})
ONE_EFFECT = pd.DataFrame({"y": [0, 0, 0, 1, 2, 3], "a": [1, 1, 2, 2, 3, 3]})


def dropped(fit, reason: str) -> float:
    """Number of rows that the fit says it dropped."""
    return fit.statistics.set_index("statistic").loc[f"dropped_{reason}", "value"]


def repeated(data: pd.DataFrame, times: int = 6, seed: int = 1) -> pd.DataFrame:
    """The rows several times over, with a regressor that varies between the copies; `original` numbers the rows."""
    stacked = pd.concat([data.assign(original=range(len(data)))] * times, ignore_index=True)
    return stacked.assign(x=np.random.default_rng(seed).normal(size=len(stacked)))


def test_rows_separated_by_one_regressor_are_dropped():
    """x is positive only where y is zero: two rows go, x has nothing left, the constant is log(1.5)."""
    fit = inv.estimate("y ~ x", ONE_REGRESSOR, estimator="poisson", vcov="iid")
    assert list(fit.rows) == [2, 3, 4, 5]
    assert dropped(fit, "separated") == 2
    assert list(fit.tidy()["term"]) == ["(Intercept)"]
    assert fit.tidy()["estimate"].iloc[0] == pytest.approx(np.log(1.5), rel=1e-9)
    assert any("separated" in note and "2" in note for note in fit.notes)


def test_rows_separated_by_a_combination_are_dropped():
    """2 x1 + x2 separates the first row only; without it x1 and x2 are collinear and one is dropped, by name."""
    fit = inv.estimate("y ~ x1 + x2", COMBINATION, estimator="poisson", vcov="iid")
    assert list(fit.rows) == [1, 2, 3, 4, 5]
    assert dropped(fit, "separated") == 1
    assert list(fit.tidy()["term"]) == ["(Intercept)", "x1"]
    assert any("x2" in note for note in fit.notes)
    kept = COMBINATION.iloc[1:]
    peer = sm.GLM(kept["y"], sm.add_constant(kept[["x1"]]), family=sm.families.Poisson()).fit(tol=1e-13)
    np.testing.assert_allclose(fit.tidy()["estimate"], peer.params, rtol=1e-7)


def test_the_rest_is_estimated_as_without_the_separated_rows():
    """A separating indicator beside a real regressor: as if the rows and the indicator had never been there."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"x": rng.normal(size=200), "firm": np.repeat(np.arange(20), 10)})
    data["y"] = rng.poisson(np.exp(0.5 + 0.4 * data["x"]))
    data["closed"] = ((data.index % 17 == 3) & (data["y"] == 0)).astype(float)
    data.loc[[5, 45], ["y", "closed"]] = [0, 1]
    n_closed = int(data["closed"].sum())
    fit = inv.estimate("y ~ x + closed | firm", data, estimator="poisson", cluster=["firm"])
    clean = inv.estimate("y ~ x | firm", data[data["closed"] == 0], estimator="poisson", cluster=["firm"])
    assert n_closed >= 2
    assert dropped(fit, "separated") == n_closed
    pd.testing.assert_frame_equal(fit.tidy(), clean.tidy(), rtol=1e-8)


def test_levels_without_a_positive_outcome_are_dropped():
    """The first level of the effect holds zeros only: its two rows go."""
    data = repeated(ONE_EFFECT)
    fit = inv.estimate("y ~ x | a", data, estimator="poisson", vcov="hetero")
    assert set(data["original"].iloc[fit.rows]) == {2, 3, 4, 5}
    assert dropped(fit, "separated") == 12


def test_rows_separated_by_two_effects_together_do_not_count():
    """Each level has a positive outcome, yet both effects together separate the third row: zero there, and said so."""
    data = repeated(TWO_EFFECTS)
    options = {
        "estimator": "poisson",
        "cluster": ["original"],
        "small_sample": {"observations": False, "clusters": False},
    }
    fit = inv.estimate("y ~ x | a + b", data, **options)
    without = inv.estimate("y ~ x | a + b", data[data["original"] != 2], **options)
    np.testing.assert_allclose(
        fit.tidy()[["estimate", "std_error"]], without.tidy()[["estimate", "std_error"]], rtol=1e-6
    )
    lost = len(data) - fit.n_obs
    assert lost == dropped(fit, "separated")
    assert lost == 6 or any(note.startswith("6 rows are fitted as zero") for note in fit.notes)


def test_a_small_positive_outcome_undoes_the_separation():
    """Three outcomes of 1e-6 in the separated cell: nothing is separated any more."""
    more = pd.DataFrame({"y": [1e-6] * 3, "a": [2] * 3, "b": [1] * 3})
    data = repeated(pd.concat([TWO_EFFECTS, more], ignore_index=True))
    fit = inv.estimate("y ~ x | a + b", data, estimator="poisson", vcov="hetero")
    assert fit.n_obs == len(data)
    assert dropped(fit, "separated") == 0


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_dropped_where_nothing_is_separated(firm_panel, seed):
    """Overlapping data with many zeros keep every row."""
    data = firm_panel(seed)
    data["count"] = (data["count"] // 3).clip(upper=4)
    fit = inv.estimate("count ~ x1 + x3 | year", data, estimator="poisson", cluster=["industry"])
    assert dropped(fit, "separated") == 0
    assert fit.n_obs == len(data)


@pytest.mark.parametrize("effects", ["", " | g", " | g + t"])
@pytest.mark.parametrize(("rows", "separated", "scale"), [(100, 1, 1.0), (1000, 5, 0.01), (1000, 30, 1.0)])
def test_rows_separated_by_a_difference_of_two_regressors_are_dropped(effects, rows, separated, scale):
    """Where the outcome is positive a equals b; at some zeros a exceeds b: their difference separates those rows."""
    random = np.random.default_rng(rows + separated)
    data = pd.DataFrame({name: random.normal(size=rows) for name in ("b", "x")})
    data["g"], data["t"] = random.integers(0, 10, rows), random.integers(0, 6, rows)
    data["y"] = random.poisson(np.exp(0.3 * data["x"] + 0.2 * data["b"]))
    chosen = np.flatnonzero(data["y"] == 0)[:separated]
    data["a"] = data["b"]
    data.loc[chosen, "a"] += scale * random.exponential(size=separated)
    fit = inv.estimate(f"y ~ x + a + b{effects}", data, estimator="poisson", vcov="hetero")
    assert fit.n_obs == rows - separated
    rest = inv.estimate(f"y ~ x + a{effects}", data.drop(index=chosen), estimator="poisson", vcov="hetero")
    np.testing.assert_allclose(fit.estimate, rest.estimate, rtol=1e-8)
