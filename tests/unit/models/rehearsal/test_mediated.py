"""The rehearsal of mediations: a draw is the mediation of the columns drawn, and what is planted is found."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import NotEstimable
from involution.models.mediation.effects import Effects
from involution.models.mediation.inference import infer_effects
from involution.models.mediation.specification import specified
from involution.models.rehearsal.mediated import _sampled, base_of, drawn_products, planted, rehearsed_mediation
from involution.study.rehearsal import Rehearsal

from .simulated import UNEVEN, panel


def mediated_panel(seed, a=0.0, b=0.0, **given):
    """Two mediators that share a shock, and a moderator."""
    data = panel(seed, **given)
    draws = np.random.default_rng(seed + 10_000)
    shock = data.groupby(["industry", "year"])["x"].transform(lambda _: draws.normal()) * 0.3
    noise = draws.normal(size=(2, len(data)))
    m1, m2 = a * data["x"] + shock + noise[0], a * data["x"] + 0.5 * shock + 0.4 * noise[0] + noise[1]
    return data.assign(m1=m1, m2=m2, w=draws.normal(size=len(data)), y=data["y"] + b * m1 + b * m2)


def base(data, effects=("firm", "year"), moderators=None, serial=()):
    specification = specified("y", "x", ["m1", "m2"], ["c"], moderators, [], serial, None)
    return base_of(specification, inv.Design(data, effects, ["industry"]))


@pytest.mark.parametrize(
    ("moderators", "serial"), [(None, ()), ({"m2": {"by": "w", "stage": "first"}}, ()), (None, ("m1", "m2"))]
)
def test_a_draw_is_the_mediation_of_the_columns_drawn(moderators, serial):
    data = mediated_panel(1, sizes=(4, 5, 6, 9, 12, 20))
    found = base(data, moderators=moderators, serial=serial)
    sample = found.layout.system.sample
    cluster, order = sample.clusters[0], np.argsort(sample.clusters[0].codes, kind="stable")
    v, w = np.array([1.0, -1, 1, 1, -1, -1]), np.array([-1.0, -1, 1, -1, 1, 1])
    a, b = np.array([0.2, -0.1]), np.array([0.3, 0.4])
    frame, codes = data.iloc[sample.rows[order]], cluster.codes[order]
    d = np.array([[0.0, 0.0], [0.5 if serial else 0.0, 0.0]])
    mediators = frame[["x"]].to_numpy() * a + v[codes][:, None] * found.residuals[:, :2]
    mediators[:, 1] += d[1, 0] * mediators[:, 0]
    outcome = mediators @ b + w[codes] * found.residuals[:, 2]
    drawn = frame.assign(m1=mediators[:, 0], m2=mediators[:, 1], y=outcome)
    given = {"moderators": moderators, "serial": serial, "inference": "delta", "feedback": False}
    made = inv.mediate(drawn, "y", "x", ["m1", "m2"], ["c"], ["firm", "year"], ["industry"], **given)
    twin = made.tidy().set_index("term")
    change = planted(found, a, b, d)
    sampled = _sampled(change.T @ drawn_products(found, v, w) @ change, found.layout)
    rows = infer_effects(Effects(found.layout, {}), sampled, "delta", 0, np.random.default_rng(1)).set_index("term")
    shared = ("a[m1]", "a[m2]", "b[m1]", "b[m2]", "indirect[m1]", "indirect[m2]", "indirect[total]", "direct")
    for term in (*shared, *(("d[m2,m1]", "indirect[m1>m2]") if serial else ())):
        assert rows.loc[term, "estimate"] == pytest.approx(twin.loc[term, "estimate"], rel=1e-7, abs=1e-10), term
        assert rows.loc[term, "std_error"] == pytest.approx(twin.loc[term, "std_error"], rel=1e-6), term


def test_one_sign_for_both_equations_would_leave_the_paths_from_the_mediators_as_they_were():
    found = base(mediated_panel(2, sizes=UNEVEN))
    slopes = []
    for k in range(3):
        v = np.random.default_rng(k).choice([-1.0, 1.0], 12)
        sampled = _sampled(drawn_products(found, v, v), found.layout)
        slopes.append(sampled.theta[found.layout.second("m1")])
    apart = _sampled(drawn_products(found, v, -v * np.r_[-np.ones(6), np.ones(6)]), found.layout)
    spread = np.ptp(slopes)
    assert spread < 0.3 * abs(apart.theta[found.layout.second("m1")] - np.mean(slopes)) + 0.01


def test_what_is_planted_is_found_and_held_and_zero_is_rejected_as_often_as_it_should_be():
    """60 industries, paths of a quarter of a standard deviation."""
    found = rehearsed_mediation(base(mediated_panel(3)), Rehearsal(draws=200, path=0.25), "monte_carlo", 1)
    values = found.terms.set_index("term")["estimate"]
    for name in ("m1", "m2"):
        assert values[f"power[a[{name}]]"] > 0.95
        assert values[f"power[indirect[{name}]]"] > 0.95
        assert values[f"coverage[indirect[{name}]]"] > 0.88
        for zero in ("a=0", "b=0"):
            assert values[f"size[indirect[{name}],{zero}]"] < 0.11
        assert values[f"size[indirect[{name}],a=b=0]"] < 0.02
        assert 0.01 <= values[f"size[b[{name}]]"] <= 0.11
    assert values["power[indirect[total]]"] > 0.95
    assert found.vcov == "crv3(industry)"


@pytest.mark.slow
def test_size_and_power_of_a_mediation_are_those_of_fresh_panels():
    """Means of eight rehearsals against 200 fresh panels with both paths planted at the same size."""
    first, path = base(mediated_panel(0, industries=30)), 0.08
    a, b = (float(path * unit[0]) for unit in (first.a, first.b))
    hits = []
    for seed in range(500, 700):
        data = mediated_panel(seed, a=a, b=b, industries=30)
        found = inv.mediate(data, "y", "x", ["m1", "m2"], ["c"], ["firm", "year"], ["industry"], draws=999,
                            feedback=False, seed=seed).tidy().set_index("term")  # fmt: skip
        low, high = found.loc["indirect[m1]", ["ci_low", "ci_high"]].astype(float)
        hits.append([found.loc["a[m1]", "p_value"] < 0.05, low > 0 or high < 0, low <= a * b <= high])
    told = []
    for seed in range(8):
        one = base(mediated_panel(seed, industries=30))
        terms = rehearsed_mediation(one, Rehearsal(draws=200, path=path), "monte_carlo", seed).terms.set_index("term")
        told.append(terms.loc[["power[a[m1]]", "power[indirect[m1]]", "coverage[indirect[m1]]"], "estimate"])
    powers, fresh = np.mean(told, axis=0), np.mean(hits, axis=0)
    assert powers[:2] == pytest.approx(fresh[:2], abs=0.15)
    assert powers[2] == pytest.approx(fresh[2], abs=0.05)


def test_mediations_that_are_not_rehearsed_say_so():
    data = mediated_panel(4, sizes=(4, 5, 6))
    design = inv.Design(data, ["firm", "year"], ["industry"])
    for given in ({"instruments": {"x": ["w"]}}, {"moderators": {"m1": {"by": "w", "stage": "second"}}}):
        asked = {"moderators": None, "instruments": None, **given}
        specification = specified("y", "x", ["m1", "m2"], ["c"], asked["moderators"], [], [], asked["instruments"])
        with pytest.raises(NotEstimable, match="rehearsed are mediations without instruments"):
            base_of(specification, design)


def test_mediators_and_outcome_without_the_treatments_effect_are_drawn_alike_whatever_it_is():
    data = mediated_panel(5, sizes=UNEVEN)
    moved = data.assign(m1=data["m1"] + 3 * data["x"], y=data["y"] - 2 * data["x"])
    first, second = base(data), base(moved)
    assert second.residuals == pytest.approx(first.residuals, abs=1e-8)
    assert isinstance(first.residuals, np.ndarray)
    assert pd.notna(first.residuals).all()


def test_a_chain_is_planted_and_found():
    found = rehearsed_mediation(base(mediated_panel(6, industries=30), serial=("m1", "m2")),
                                Rehearsal(draws=100, path=0.3), "delta", 1)  # fmt: skip
    values = found.terms.set_index("term")["estimate"]
    assert values["power[d[m2,m1]]"] == 1
    assert values["size[d[m2,m1]]"] < 0.12
    assert values["power[indirect[m1>m2]]"] > 0.9
    assert values["coverage[indirect[m1>m2]]"] > 0.85
    assert values["size[indirect[m1>m2],b=0]"] < 0.12
