"""Slopes and clustered errors under permutations are those of estimating each again."""

import numpy as np
import pytest
from tests.unit.models.permutation.worlds import leave_one_out, panel

from involution.models.design import Design
from involution.models.permutation.shuffled import permutation_p, shuffled
from involution.study.formulas import parse_formula

FORMULA = parse_formula("y ~ x + c")


def again(design, found, formula, vcov, draws, seed):
    """Each permutation by `Design.estimate`."""
    rows = []
    for number in range(-1, draws):
        given = np.arange(found.paths.n_units) if number < 0 else found.paths.permutation(seed, number)
        fit = design.on(design.data.assign(x=found.paths.column(0, given))).estimate(formula, vcov=vcov)
        place = fit.terms.index("x")
        rows.append((fit.estimate[place], fit.statistic[place]))
    return np.array(rows).T


@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
@pytest.mark.parametrize("cluster", ["industry", "sector"])
@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize(
    "effects", [["firm", "year"], ["firm", "region^year"], ["industry", "year"], ["firm", "year", "region^year"], []]
)
def test_every_permutation_is_exact(effects, weights, cluster, vcov):
    design = Design(panel(), effects, [cluster], weights=weights)
    for leaves_out in (False, True):
        found = shuffled(design, FORMULA, "x", "industry", vcov, 5, 2, leaves_out=leaves_out)
        assert found.by_products
        estimate, statistic = again(design, found, FORMULA, vcov, 5, 2)
        assert found.estimate == pytest.approx(estimate, abs=1e-10)
        assert found.statistic == pytest.approx(statistic, rel=1e-10)


@pytest.mark.parametrize(("cluster", "vcov"), [(["firm"], "crv1"), (["industry", "region"], "crv3"), ([], "hetero")])
def test_where_clusters_cut_through_industries_each_is_estimated_again(cluster, vcov):
    design = Design(panel(), ["firm", "year"], cluster)
    found = shuffled(design, FORMULA, "x", "industry", vcov, 3, 2)
    assert not found.by_products
    estimate, statistic = again(design, found, FORMULA, vcov, 3, 2)
    assert found.estimate == pytest.approx(estimate, abs=1e-12)
    assert found.statistic == pytest.approx(statistic, rel=1e-10)


def test_a_treatment_of_firms_is_exchanged_by_firm():
    design = Design(panel(own=1.0), ["firm", "year"], ["firm"])
    found = shuffled(design, FORMULA, "x", "firm", "crv1", 3, 2)
    estimate, statistic = again(design, found, FORMULA, "crv1", 3, 2)
    assert found.by_products
    assert found.estimate == pytest.approx(estimate, abs=1e-10)
    assert found.statistic == pytest.approx(statistic, rel=1e-10)


def test_batches_do_not_change_the_draws(monkeypatch):
    design = Design(panel(), ["firm", "year"], ["industry"])
    whole = shuffled(design, FORMULA, "x", "industry", "crv3", 20, 1)
    monkeypatch.setattr("involution.models.permutation.shuffled._BATCH_NUMBERS", 1)
    single = shuffled(design, FORMULA, "x", "industry", "crv3", 20, 1)
    assert single.estimate == pytest.approx(whole.estimate, abs=1e-13)


def test_the_p_value_counts_the_actual_among_the_permuted():
    assert permutation_p(np.array([2.0, 1.0, -2.0, 3.0, 0.5])) == pytest.approx(3 / 5)
    assert permutation_p(np.array([-2.0, 1.0, np.nan, 0.5])) == pytest.approx(1 / 3)
    # What differs by rounding alone counts as equal.
    assert permutation_p(np.array([0.3, 0.1 + 0.2, 0.0])) == pytest.approx(2 / 3)


def test_the_size_is_right_with_an_index_that_leaves_the_firm_out_and_own_shocks():
    """200 panels without an effect, 99 permutations each: 5 % are rejected, give or take three standard errors."""
    p_values, tied = [], []
    for seed in range(200):
        design = Design(leave_one_out(seed, uneven=seed % 2 == 0), ["firm", "year"], ["industry"])
        options = (design, parse_formula("y ~ x"), "x", "industry", "crv3", 99, seed)
        found = shuffled(*options, leaves_out=True)
        p_values.append((permutation_p(found.estimate), permutation_p(found.statistic)))
        tied.append(permutation_p(shuffled(*options).estimate))
    rejected = (np.array(p_values) <= 0.05).mean(axis=0)
    assert (rejected > 0.005).all()
    assert (rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)).all()
    # Deviations kept tie the permuted index to the firms' own shocks: the test is then far too careful.
    assert (np.array(tied) <= 0.05).mean() < rejected.min()


def test_an_effect_is_found():
    design = Design(panel(effect=0.5), ["firm", "year"], ["industry"])
    found = shuffled(design, FORMULA, "x", "industry", "crv3", 199, 1)
    assert permutation_p(found.estimate) <= 0.02
