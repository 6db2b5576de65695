"""Five hundred panels with effects that differ: who finds them, how often intervals and bands hold them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered, truth

import involution as inv

ROBUST = tuple(name for name in ESTIMATORS if name != "twfe")
LEADS = 3


def one(seed: int, estimator: str, **panel) -> dict[str, float]:
    """Overall error, whether the interval and the bands hold the truth, and whether the leads are rejected."""
    data = staggered(seed=seed, firms=100, cohorts=(0, 2012, 2014), **panel)
    fit = inv.event_study(data, "y", estimator=estimator, base_period="universal", leads=LEADS, draws=499, seed=seed)
    expected, times = truth(data), fit.event_times().set_index("event")
    planted = np.array([expected.get(f"att[e={event}]", 0.0) for event in times.index])
    inside = (times["uniform_low"].to_numpy() <= planted) & (planted <= times["uniform_high"].to_numpy())
    tests = fit.statistics.set_index("statistic")["p_value"]
    return {
        "error": fit.estimate[0] - expected["att[overall]"],
        "std_error": fit.std_error[0],
        "covered": float(fit.ci_low[0] <= expected["att[overall]"] <= fit.ci_high[0]),
        "all_inside": float(inside.all()),
        "rejected": float(tests["pre_trend"] < 0.05),
    }


def simulated(estimator: str, draws: int, **panel) -> pd.Series:
    """Means over draws, the bias in Monte Carlo errors."""
    found = pd.DataFrame([one(seed, estimator, **panel) for seed in range(draws)])
    means = found.mean()
    means["bias_in_errors"] = found["error"].mean() / (found["error"].std() / np.sqrt(draws))
    return means


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [0, 60])
@pytest.mark.parametrize("estimator", ROBUST)
def test_robust_estimators_are_unbiased_and_their_intervals_hold(estimator, gaps):
    """Bias within three Monte Carlo errors; intervals, bands over all event times, and the size of the lead test."""
    found = simulated(estimator, 500, gaps=gaps)
    assert abs(found["bias_in_errors"]) < 3, found
    assert found["covered"] > 0.91, found
    assert found["all_inside"] > 0.90, found
    assert found["rejected"] < 0.09, found


@pytest.mark.slow
def test_two_way_effects_are_biased():
    found = simulated("twfe", 500)
    assert abs(found["bias_in_errors"]) > 10, found
    assert found["covered"] < 0.8, found


@pytest.mark.parametrize("estimator", ROBUST)
def test_forty_panels_show_no_bias(estimator):
    assert abs(simulated(estimator, 40)["bias_in_errors"]) < 4


def test_forty_panels_show_the_bias_of_two_way_effects():
    found = simulated("twfe", 40)
    assert abs(found["bias_in_errors"]) > 5
