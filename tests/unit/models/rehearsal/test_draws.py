"""A draw is the estimation of the outcome drawn: every test by its library twin, signs, residuals, rates."""

import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power
from scipy.stats import norm, t

import involution as inv
from involution.errors import NotEstimable
from involution.models.facts import facts
from involution.models.inference import Choice, infer
from involution.models.rehearsal.planned import drawn_level, working
from involution.models.rehearsal.power import power, rate, smallest
from involution.models.rehearsal.regression import _clustered, _Draws, _test
from involution.models.rehearsal.signs import is_complete, signs
from involution.models.rehearsal.statistics import Studentised, bootstrap, coefficients
from involution.models.rehearsal.structure import cluster_sums, structure_of
from involution.models.wild import wild_tests
from involution.study.rehearsal import Rehearsal

from .simulated import DICTIONARY, UNEVEN, panel, planned

SMALL = (4, 5, 6, 9, 12, 20)


def drawn_data(data, found, v, effect):
    """The panel with the outcome that these signs draw."""
    rows = found.sample.rows[found.structure.order]
    root = np.sqrt(found.sample.weights[found.structure.order]) if found.sample.weights is not None else 1.0
    outcome = v[found.cluster.codes] * found.structure.residual / root + effect * data["x"].to_numpy()[rows]
    return data.iloc[rows].assign(y=outcome)


def test_every_pattern_of_signs_stands_once_where_they_are_few():
    every = signs(6, 500, 0)
    assert is_complete(6, 500)
    assert len(every) == len({tuple(row) for row in every}) == 32
    assert len({tuple(row) for row in np.vstack([every, -every])}) == 64
    drawn = signs(20, 500, 0)
    assert drawn.shape == (500, 20)
    assert set(np.unique(drawn)) == {-1.0, 1.0}
    assert abs(drawn.mean()) < 4 / np.sqrt(10_000)


def test_residuals_are_put_back_by_the_inverse_root_of_one_less_the_hat_matrix():
    """Against the matrices written out, dummies for every firm and year (Bell and McCaffrey 2002, equation 7)."""
    data = panel(1, sizes=(4, 4, 5), years=4)
    found = planned(data, controls=["c"])
    sample, rows = found.sample, found.sample.rows[found.structure.order]
    frame = data.iloc[rows]
    firm, year = (np.equal.outer(frame[name].to_numpy(), frame[name].unique()) * 1.0 for name in ("firm", "year"))
    firm_out = np.eye(len(frame)) - firm @ np.linalg.pinv(firm)
    z = firm_out @ np.column_stack([frame[["x", "c"]], year])
    inner = np.linalg.pinv(z.T @ z)
    residual = firm_out @ frame["y"].to_numpy()
    residual -= z @ (inner @ (z.T @ residual))
    for g in range(sample.clusters[0].n_levels):
        inside = found.cluster.codes == g
        hat = z[inside] @ inner @ z[inside].T
        expected = fractional_matrix_power(np.eye(len(hat)) - hat, -0.5).real @ residual[inside]
        assert found.structure.residual[inside] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("effects", "weights"), [(["firm", "year"], None), (["firm", "region^year"], None), (["firm", "year"], "weight")]
)
def test_each_test_of_a_draw_is_that_of_the_drawn_outcome(effects, weights):
    data = panel(2, sizes=SMALL)
    data = data.assign(weight=np.random.default_rng(1).uniform(0.5, 2, len(data)))
    found = planned(data, controls=["c"], fixed_effects=effects, weights=weights)
    v = np.array([[1.0, -1.0, -1.0, 1.0, 1.0, -1.0]])
    draws = _Draws(found, v, complete=False)
    drawn = drawn_data(data, found, v[0], 0.3)
    for kind, groups, name in [
        ("crv1", found.firm, "firm"), ("crv1", found.cluster, "industry"), ("crv3", found.cluster, "industry"),
        ("crv3", found.firm, "firm"), ("hetero", found.cluster, "industry"),
    ]:  # fmt: skip
        fit = inv.Design(drawn, effects, [name], weights=weights).estimate("y ~ x + c", vcov=kind)
        test = _test(kind, groups, draws, Rehearsal(), 1)
        assert test.estimates[0] + 0.3 == pytest.approx(fit.estimate[0], rel=1e-9), kind
        assert test.std_errors[0] == pytest.approx(fit.std_error[0], rel=1e-7), kind
        assert test.critical == pytest.approx(t.ppf(0.975, fit.degrees_of_freedom), rel=1e-9), kind
        assert test.rejects(0.3)[0] == (fit.tidy()["p_value"].iloc[0] < 0.05)


def test_the_bootstrap_of_a_draw_is_that_of_the_drawn_outcome():
    data = panel(3, sizes=UNEVEN)
    found = planned(data)
    v = signs(12, 3, 5)
    test = bootstrap(found.structure, v, 199, 11)
    for k in range(3):
        solution, _ = inv.Design(drawn_data(data, found, v[k], 0.1), ["firm", "year"], ["industry"]).solution("y ~ x")
        twin = wild_tests(solution.linear, solution.sample.clusters[0], 199, 11)["x"]
        assert test.rejects(0.1)[k] == (twin.p_value <= 0.05)


def test_what_a_test_says_does_not_depend_on_the_real_effect():
    data = panel(4, sizes=UNEVEN)
    with_effect = data.assign(y=data["y"] + 7 * data["x"])
    first, second = (planned(frame, controls=["c"]).structure for frame in (data, with_effect))
    assert second.residual == pytest.approx(first.residual, abs=1e-9)
    assert second.scores == pytest.approx(first.scores, abs=1e-7)


def test_without_regressors_of_weight_the_residual_keeps_its_dependence_within_a_cluster():
    structure = planned(panel(5, sizes=UNEVEN)).structure
    v = signs(12, 50, 1)
    by_hand = [structure.bread @ (row @ cluster_sums(structure.regressors * structure.residual[:, None],
                                                     structure.bounds)) for row in v]  # fmt: skip
    assert coefficients(structure, v) == pytest.approx(np.array(by_hand), rel=1e-8, abs=1e-12)


def test_poisson_is_rehearsed_as_the_least_squares_of_its_last_step():
    """Scores of zero, the inverse Hessian, and CRV1 are those of the likelihood."""
    data = panel(6, sizes=UNEVEN)
    solution, _ = inv.Design(data, ["firm", "year"], ["industry"]).solution("count ~ x + c", estimator="poisson")
    linear = working(solution, data)
    products = linear.regressors.T @ linear.regressors
    assert np.linalg.inv(products) == pytest.approx(solution.bread, rel=1e-6)
    assert linear.regressors.T @ linear.outcome == pytest.approx(np.zeros(2), abs=1e-6)
    structure = structure_of(linear, "x", linear.sample.clusters[0])
    moved = structure.regressors[:, :2] @ np.linalg.inv(products)
    sums = cluster_sums(moved * (linear.outcome[structure.order])[:, None], structure.bounds)
    crv1 = infer(_clustered(solution, "industry"), Choice("crv1"))
    assert np.sqrt((sums**2).sum(axis=0) * crv1.factor) == pytest.approx(np.sqrt(np.diag(crv1.vcov)), rel=1e-6)


def test_rates_and_the_smallest_effect_of_a_normal_estimate():
    """Power of .8 at 5 % needs 1.96 + .84 standard errors."""
    test = Studentised(np.random.default_rng(1).normal(size=20_000), np.ones(20_000), norm.ppf(0.975))
    found = smallest(test, 1.0)
    assert found.value == pytest.approx(norm.ppf(0.975) + norm.ppf(0.8), abs=4 * found.error)
    assert 0.003 < found.error < 0.03
    assert power(test, 0.0).value == pytest.approx(0.05, abs=0.006)
    assert rate(np.array([1.0, 0.0]), complete=True).error == 0.0
    never = Studentised(np.zeros(10), np.full(10, np.nan), 2.0)
    assert np.isinf(smallest(never, 1.0).value)


def test_signs_are_drawn_where_the_treatment_varies():
    data = panel(7, sizes=UNEVEN)
    shared = data.assign(x=data.groupby(["industry", "year"])["x"].transform("mean"))
    rows, known = data["in_sample"].to_numpy(), facts(DICTIONARY, {})
    assert drawn_level(["firm"], "x", data, rows, known) == "firm"
    assert drawn_level(["firm"], "x", shared, rows, known) == "industry"
    wide = shared.assign(sector=shared["industry"] % 3)
    assert drawn_level(["sector"], "x", wide, rows, known) == "sector"


def test_what_cannot_be_rehearsed_says_why():
    data = panel(8, sizes=SMALL)
    with pytest.raises(NotEstimable, match="no variation in the treatment"):
        planned(data.assign(x=data["firm"] * 1.0), controls=["c"])
    with pytest.raises(NotEstimable, match="at least three"):
        planned(data[data["industry"] < 2])
    with pytest.raises(NotEstimable, match="logit is not rehearsed"):
        planned(data.assign(y=(data["y"] > 0) * 1.0), outcome={"name": "y", "estimator": "logit"})
