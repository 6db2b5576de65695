"""Every specification is what it would be alone, under permutations too, whatever the threads."""

import numpy as np
import pytest
from tests.unit.models.permutation.worlds import panel

from involution.models.design import Design
from involution.models.permutation.paths import paths_of
from involution.models.specification.estimate import estimated
from involution.models.specification.groups import Specification, Specifications

CONTROLS = ((), ("c",), ("c", "twice", "of_firm"), ("e",))
EFFECTS = (("firm", "year"), ("firm", "region^year"), ("industry",), ())


def data():
    frame = panel(effect=-0.2)
    random = np.random.default_rng(2)
    frame = frame.assign(
        z=frame["x"] ** 2 / 50 + random.normal(size=len(frame)),
        other=frame["y"] + random.normal(size=len(frame)),
        e=np.where(frame["year"] > 2011, random.normal(size=len(frame)), np.nan),
        twice=2 * frame["c"],
        of_firm=frame["firm"] / 3.0,
    )
    frame.loc[random.random(len(frame)) < 0.1, "other"] = np.nan
    return frame


def whole(frame, vcov, *, cluster=("industry",), effects=EFFECTS, controls=CONTROLS, weights=(None, "weight")):
    samples = {"all": np.ones(len(frame), dtype=bool), "late": (frame["year"] > 2012).to_numpy()}
    members = [
        Specification(outcome, treatment, chosen, absorbed, sample, weight)
        for outcome in ("y", "other")
        for treatment in ("x", "z")
        for chosen in controls
        for absorbed in effects
        for sample in samples
        for weight in weights
    ]
    paths = paths_of(frame, ["x", "z"], "industry", "year", samples["all"], [True, False])
    return Specifications(Design(frame, (), cluster), members, samples, paths, ("x", "z"), vcov)


def alone(frame, one, samples, cluster, vcov):
    design = Design(frame, one.fixed_effects, cluster, weights=one.weights, rows=samples[one.sample])
    return design.estimate(f"{one.outcome} ~ {' + '.join([one.treatment, *one.controls])}", vcov=vcov)


@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
@pytest.mark.parametrize("cluster", [("industry",), ("sector",)])
def test_every_specification_is_what_it_is_alone(cluster, vcov):
    frame = data()
    asked = whole(frame, vcov, cluster=cluster)
    curve, _, _ = estimated(asked)
    assert len(asked.members) == 256
    assert not curve.alone
    for position, one in enumerate(asked.members):
        fit = alone(frame, one, asked.samples, cluster, vcov)
        place = fit.terms.index(one.treatment)
        assert curve.estimate[position] == pytest.approx(fit.estimate[place], rel=1e-9, abs=1e-12)
        assert curve.std_error[position] == pytest.approx(fit.std_error[place], rel=1e-9)
        assert curve.degrees[position] == fit.degrees_of_freedom
        details = {name: value for name, value, *_ in fit.details}
        assert (curve.n_obs[position], curve.n_firms[position]) == (fit.n_obs, fit.n_firms)
        assert curve.n_clusters[position] == fit.n_clusters
        assert curve.missing[position] == details["dropped_missing"]
        assert curve.singletons[position] == details["dropped_singletons"]


@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
def test_every_permutation_is_what_it_is_alone(vcov):
    frame = data()
    asked = whole(frame, vcov, controls=CONTROLS[:2], effects=EFFECTS[:2], weights=(None,))
    _, slopes, errors = estimated(asked, draws=3, seed=5)
    for number in range(3):
        given = asked.paths.permutation(5, number)
        # All treatments of an industry move together.
        moved = frame.assign(x=asked.paths.column(0, given), z=asked.paths.column(1, given))
        for position, one in enumerate(asked.members):
            fit = alone(moved, one, asked.samples, ("industry",), vcov)
            assert slopes[number, position] == pytest.approx(fit.estimate[0], rel=1e-9, abs=1e-12)
            assert errors[number, position] == pytest.approx(fit.std_error[0], rel=1e-9)


def test_threads_and_further_draws_change_no_byte():
    asked = whole(data(), "crv3", effects=EFFECTS[:1], weights=(None,))
    one, two = estimated(asked, draws=40, seed=1, workers=1), estimated(asked, draws=40, seed=1, workers=3)
    assert one[1].tobytes() == two[1].tobytes()
    assert one[2].tobytes() == two[2].tobytes()
    assert one[0].estimate.tobytes() == two[0].estimate.tobytes()
    assert estimated(asked, draws=7, seed=1)[1] == pytest.approx(one[1][:7], rel=1e-12)


def test_clusters_that_cut_through_industries_are_estimated_alone():
    frame = data()
    asked = whole(frame, "crv1", cluster=("region",), effects=EFFECTS[:1], controls=CONTROLS[:2], weights=(None,))
    curve, slopes, _ = estimated(asked, draws=2)
    assert len(curve.alone) == len(asked.members)
    assert np.isnan(slopes).all()
    fit = alone(frame, asked.members[3], asked.samples, ("region",), "crv1")
    assert curve.estimate[3] == fit.estimate[0]
    assert curve.std_error[3] == fit.std_error[0]


def test_what_cannot_be_estimated_says_why_and_stops_nothing():
    frame = data().assign(z=lambda made: made["industry"] * 1.0)
    curve, _, _ = estimated(whole(frame, "crv3", weights=(None,)))
    lost = [position for position, reason in curve.reasons.items() if "absorb" in reason]
    asked = whole(frame, "crv3", weights=(None,)).members
    assert lost
    assert all(asked[position].treatment == "z" for position in lost)
    assert set(np.flatnonzero(np.isnan(curve.estimate))) == set(curve.reasons)
    kept = [k for k, one in enumerate(asked) if one.treatment == "x" or not one.fixed_effects]
    assert not np.isnan(curve.estimate[kept]).any()
