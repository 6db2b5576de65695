"""What a curve comes to, by hand; the size and the power of its joint tests."""

import numpy as np
import pytest
from scipy import stats
from tests.unit.models.permutation.worlds import leave_one_out, panel

from involution.models.design import Design
from involution.models.permutation.paths import paths_of
from involution.models.specification.estimate import estimated
from involution.models.specification.groups import Specification, Specifications
from involution.models.specification.summary import JOINT, choice_rows, joint_rows, scores, z_values

ESTIMATE = np.array([[-2.0, -1.0, 0.5, np.nan, -3.0]])
ERROR = np.array([[0.5, 1.0, 0.1, np.nan, 1.0]])
DEGREES = np.array([10.0, 20.0, 30.0, 10.0, 10.0])


def test_the_statistics_are_those_by_hand():
    values = {name: float(value[0]) for name, value in scores(ESTIMATE, ERROR, DEGREES).values.items()}
    p_values = [2 * stats.t.sf(abs(t), df) for t, df in ((-4, 10), (-1, 20), (5, 30), (-3, 10))]
    z = [np.sign(t) * stats.norm.isf(p / 2) for t, p in zip((-4, -1, 5, -3), p_values, strict=True)]
    assert values["median_estimate"] == pytest.approx(-1.5)
    assert values["share_dominant"] == pytest.approx(3 / 4)
    assert values["share_significant"] == pytest.approx(2 / 4)
    assert values["average_z"] == pytest.approx(np.mean(z))
    assert z_values(ESTIMATE, ERROR, DEGREES)[0, [0, 1, 2, 4]] == pytest.approx(z)


def test_a_huge_t_has_a_finite_z():
    assert np.isfinite(z_values(np.array([-80.0]), np.array([1.0]), np.array([2_000.0]))).all()


def test_the_joint_p_value_counts_curves_as_extreme_whatever_their_sign():
    permuted = np.array([[1.6, 1.4, 1.5, 2, 1.7], [0.1, 0.2, 0.1, 0, -0.1], [-0.3, 0.2, -0.2, 0, -1]])
    found = joint_rows(scores(ESTIMATE, ERROR, DEGREES), scores(permuted, np.ones((3, 5)), DEGREES))
    rows = {name: p_value for name, _, _, p_value in found}
    assert rows["median_estimate"] == pytest.approx(2 / 4)
    # Shares of the dominant sign: 1, 4/5, 3/5 against 3/4.
    assert rows["share_dominant"] == pytest.approx(3 / 4)
    assert rows["share_significant"] == pytest.approx(1 / 4)
    assert all(np.isnan(row[3]) for row in joint_rows(scores(ESTIMATE, ERROR, DEGREES), None))


def test_choices_have_count_median_and_share():
    factors = {"sample": ["a", "a", "b", "b", "b"]}
    rows = {name: value for name, value, *_ in choice_rows(factors, ESTIMATE[0], ERROR[0], DEGREES)}
    assert rows["n_specifications[sample=a]"] == 2
    assert rows["n_specifications[sample=b]"] == 2
    assert rows["median[sample=b]"] == pytest.approx(-1.25)
    assert rows["share_significant[sample=a]"] == pytest.approx(0.5)
    assert rows["share_significant[sample=b]"] == pytest.approx(0.5)


def joint_p_values(frame, draws, seed):
    members = [
        Specification("y", "x", controls, effects, sample)
        for controls in ((), ("own",))
        for effects in (("firm", "year"), ("firm",))
        for sample in ("all", "late")
    ]
    samples = {"all": np.ones(len(frame), dtype=bool), "late": (frame["year"] > frame["year"].min() + 1).to_numpy()}
    paths = paths_of(frame, ["x"], "industry", "year", samples["all"], [True])
    asked = Specifications(Design(frame, (), ["industry"]), members, samples, paths, ("x",), "crv3")
    curve, slopes, errors = estimated(asked, draws, seed)
    actual = scores(curve.estimate[None], curve.std_error[None], curve.degrees)
    return [row[3] for row in joint_rows(actual, scores(slopes, errors, curve.degrees))]


def test_the_joint_tests_have_their_size():
    """150 panels without an effect, 99 permutations each: 5 % rejected, give or take three standard errors."""
    random = np.random.default_rng(0)
    found = []
    for seed in range(150):
        frame = leave_one_out(seed, uneven=True)
        found.append(joint_p_values(frame.assign(own=random.normal(size=len(frame))), 99, seed))
    rejected = (np.array(found) <= 0.05).mean(axis=0)
    assert len(rejected) == len(JOINT)
    assert (rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)).all()
    assert rejected[JOINT.index("median_estimate")] > 0.005
    assert rejected[JOINT.index("average_z")] > 0.005


def test_an_effect_is_found_by_median_significance_and_z():
    frame = panel(effect=-0.6, own=0.0).assign(own=1.0)
    frame["own"] = np.random.default_rng(1).normal(size=len(frame))
    rows = dict(zip(JOINT, joint_p_values(frame, 99, 1), strict=True))
    assert max(rows[name] for name in ("median_estimate", "share_significant", "average_z")) <= 0.05
