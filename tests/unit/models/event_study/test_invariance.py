"""What must not matter for an event study: order of rows, names of firms, units, the calendar, other draws."""

import os
import subprocess
import sys

import numpy as np
import pytest
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered

import involution as inv
from involution.errors import NotEstimable
from involution.models.event_study.bounded import bounded
from involution.models.event_study.dose import dose_effects
from involution.models.event_study.triple import triple_difference


def asked(estimator):
    return {"estimator": estimator, "cluster": "region", "controls": ["z"], "leads": 3, "draws": 199, "seed": 4}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_order_of_rows_and_names_of_firms_do_not_matter(estimator):
    data = staggered(gaps=15)
    names = data["firm"].unique()
    other = np.random.default_rng(7).permutation(names)
    mixed = data.replace({"firm": dict(zip(names, other, strict=True))}).sample(frac=1, random_state=3)
    one, two = (inv.event_study(frame, "y", **asked(estimator)) for frame in (data, mixed))
    assert one.terms == two.terms
    assert two.estimate == pytest.approx(one.estimate, rel=1e-9, abs=1e-12)
    assert two.std_error == pytest.approx(one.std_error, rel=1e-9)
    assert two.critical_value == pytest.approx(one.critical_value, rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_units_and_the_calendar_do_not_matter(estimator):
    data = staggered(gaps=15)
    other = data.assign(
        y=data["y"] * 1e4 + 7, z=data["z"] * 1e-3, year=data["year"] + 30,
        cohort=data["cohort"].where(data["cohort"] == 0, data["cohort"] + 30),
    )  # fmt: skip
    one, two = (inv.event_study(frame, "y", **asked(estimator)) for frame in (data, other))
    events = [j for j, term in enumerate(one.terms) if "e=" in term or "overall" in term]
    assert [one.terms[j] for j in events] == [two.terms[j] for j in events]
    assert two.estimate[events] / 1e4 == pytest.approx(one.estimate[events], rel=1e-7, abs=1e-10)
    assert two.std_error[events] / 1e4 == pytest.approx(one.std_error[events], rel=1e-7)
    assert two.critical_value == pytest.approx(one.critical_value, rel=1e-7)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_missing_and_zero_both_mean_never(estimator):
    data = staggered()
    absent = data.assign(cohort=data["cohort"].replace(0, np.nan))
    one, two = (inv.event_study(frame, "y", estimator=estimator) for frame in (data, absent))
    assert one.estimate.tolist() == two.estimate.tolist()


def test_numbers_do_not_depend_on_the_hash_seed():
    """Two processes print the same digits."""
    code = (
        "import involution as inv\n"
        "from tests.unit.models.event_study.adopting import staggered, ESTIMATORS\n"
        "for name in ESTIMATORS:\n"
        "    fit = inv.event_study(staggered(gaps=15), 'y', estimator=name, cluster='region')\n"
        "    print(name, fit.terms, fit.estimate.tolist(), fit.std_error.tolist(), fit.critical_value)\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1


@pytest.mark.parametrize("anticipation", [0, 3, 5])
@pytest.mark.parametrize("estimator", [*ESTIMATORS, "bounds", "dose", "triple", "triple_twoway"])
def test_years_may_be_numbered_from_one(estimator, anticipation):
    """Cohorts of 3 and 5, less an anticipation of as many years, are not never treated."""
    modern = staggered(years=9, cohorts=(0, 2012, 2014), gaps=15)
    early = modern.assign(
        year=modern["year"] - 2009, cohort=modern["cohort"].where(modern["cohort"] == 0, modern["cohort"] - 2009)
    )
    one, two = (_numbers(frame, estimator, anticipation) for frame in (modern, early))
    assert two == pytest.approx(one, rel=1e-7, abs=1e-9, nan_ok=True)


def _numbers(data, estimator, anticipation):
    """Estimates and standard errors of what needs no name of a year; nothing where it cannot be estimated."""
    common = {"anticipation": anticipation, "cluster": "region"}
    try:
        if estimator == "dose":
            fit = dose_effects(data, "y", "w", **common)
        elif estimator.startswith("triple"):
            fit = triple_difference(
                data, "y", "z", estimator="twfe" if estimator == "triple_twoway" else "did2s", **common
            )
        else:
            name = "sun_abraham" if estimator == "bounds" else estimator
            fit = inv.event_study(data, "y", estimator=name, draws=99, **common)
    except NotEstimable:
        return []
    if estimator == "bounds":
        return [row[1] for row in bounded(fit).details]
    at = [j for j, term in enumerate(fit.terms) if "g=" not in term and "t=" not in term]
    return [*fit.estimate[at], *fit.std_error[at]]
