"""What one panel says of size and power is what fresh panels show."""

import numpy as np
import pytest

import involution as inv
from involution.models.rehearsal.regression import rehearsed_model
from involution.study.rehearsal import Rehearsal

from .simulated import UNEVEN, panel, planned


def fresh(seeds, outcome="y", estimator="ols", **given):
    """Estimates, standard errors and critical values by variance, over fresh panels without an effect."""
    from scipy.stats import t

    out = {}
    for seed in seeds:
        data = panel(seed, **given)
        for kind, cluster in (("crv1", "firm"), ("crv1", "industry"), ("crv3", "industry")):
            if estimator == "poisson" and kind == "crv3":
                continue
            design = inv.Design(data, ["firm", "year"], [cluster])
            fit = design.estimate(f"{outcome} ~ x", vcov=kind, estimator=estimator)
            critical = t.ppf(0.975, fit.degrees_of_freedom)
            out.setdefault(f"{kind}({cluster})", []).append((fit.estimate[0], fit.std_error[0], critical))
    return {name: np.array(rows) for name, rows in out.items()}


def power(rows, effect):
    return np.mean([np.abs(rows[:, 0] + side * effect) > rows[:, 2] * rows[:, 1] for side in (1, -1)])


def detectable(rows):
    grid = np.linspace(0, 1, 2_001)
    return grid[next(k for k, effect in enumerate(grid) if power(rows, effect) >= 0.8)]


def rehearsed(seeds, outcome="y", **given):
    """Means over panels of what each says."""
    asked = Rehearsal(draws=300, bootstrap=0)
    found = [rehearsed_model(planned(panel(seed, **given), outcome), asked, seed) for seed in seeds]
    terms = {}
    for one in found:
        details = {name: value for name, value, _, _ in one.details}
        for term, value in zip(one.terms["term"], one.terms["estimate"], strict=True):
            # In units of the outcome per standard deviation of the treatment; here by unit of it.
            slope = details["mde_coefficient"] / one.terms.set_index("term").loc["mde", "estimate"]
            terms.setdefault(term, []).append(value * slope if term.startswith("mde") else value)
    return {term: np.mean(values) for term, values in terms.items()}


def test_industry_shocks_make_firm_clusters_reject_too_often_and_the_rehearsal_shows_it():
    """60 industries: true sizes over 250 panels against the means of eight rehearsals; power of the same."""
    truth, found = fresh(range(100, 350)), rehearsed(range(8))
    assert power(truth["crv1(firm)"], 0) > 0.18
    for name, room in (("crv1(firm)", 0.1), ("crv1(industry)", 0.04), ("crv3(industry)", 0.04)):
        assert found[f"size[{name}]"] == pytest.approx(power(truth[name], 0), abs=room), name
        assert found[f"mde[{name}]"] == pytest.approx(detectable(truth[name]), rel=0.12), name


def test_few_uneven_clusters():
    """12 industries, one of them with half of the firms: crv1 fails, crv3 holds, and each rehearsal of 16 says so."""
    truth, found = fresh(range(100, 500), sizes=UNEVEN), rehearsed(range(16), sizes=UNEVEN)
    assert power(truth["crv1(industry)"], 0) > 0.15 > power(truth["crv3(industry)"], 0)
    assert found["size[crv1(industry)]"] == pytest.approx(power(truth["crv1(industry)"], 0), abs=0.12)
    assert found["size[crv3(industry)]"] == pytest.approx(power(truth["crv3(industry)"], 0), abs=0.07)
    assert found["mde[crv3(industry)]"] == pytest.approx(detectable(truth["crv3(industry)"]), rel=0.25)


def test_poisson_to_first_order():
    truth = fresh(range(100, 250), "count", "poisson", industries=30)
    found = rehearsed(range(6), {"name": "count", "estimator": "poisson"}, industries=30)
    for name, room in (("crv1(firm)", 0.1), ("crv1(industry)", 0.06)):
        assert found[f"size[{name}]"] == pytest.approx(power(truth[name], 0), abs=room), name
    assert detectable(truth["crv1(industry)"]) == pytest.approx(found["mde[crv1(industry)]"], rel=0.15)
