"""The permutation test: each draw is what re-estimation gives, labels move as said, size and power by simulation."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.heterogeneity.simulated import panel, thinned

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.heterogeneity import permutation
from involution.models.heterogeneity.labels import units_of
from involution.models.heterogeneity.permutation import Permuted, permuted


def prepared(data, kind="auto", effects=("firm", "year"), weights=None, formula="y ~ x + c"):
    """The regression of both groups together, its sample's labels and the units permuted."""
    solution, _ = Design(data, effects, ["industry"], weights=weights).solution(formula)
    sample = solution.sample
    label = (data["group"] == "b").to_numpy()[sample.rows]
    return solution.linear, label, units_of(kind, label, sample.firm, sample.clusters, sample.year)


def re_estimated(data, label, effects=("firm", "year"), weights=None):
    """The difference of the slopes of two separate regressions."""
    slopes = []
    for part in (data[label], data[~label]):
        fit = Design(part.reset_index(drop=True), effects, ["industry"], weights=weights).estimate("y ~ x + c")
        slopes.append(fit.estimate[fit.terms.index("x")])
    return slopes[0] - slopes[1]


@pytest.mark.parametrize("labels", ["uneven", "industry"])
@pytest.mark.parametrize("weights", [None, "weight"])
def test_each_draw_is_what_two_regressions_give(labels, weights):
    data = thinned(panel(1, labels=labels))
    linear, label, units = prepared(data, weights=weights)
    kept = data.iloc[linear.sample.rows].reset_index(drop=True)
    found = permuted(linear, "x", units, 12, 5)
    assert found.exact_products
    assert found.observed == pytest.approx(re_estimated(kept, label, weights=weights), abs=1e-11)
    [given] = units.draws(12, 5)
    expected = [re_estimated(kept, units.by_row(units.paths[order]), weights=weights) for order in given]
    np.testing.assert_allclose(found.draws, expected, atol=1e-11)
    assert np.std(found.draws) > 0.01


@pytest.mark.parametrize("weights", [None, "weight"])
def test_its_standard_errors_are_those_of_the_stacked_regression(weights):
    data = thinned(panel(1))
    linear, label, units = prepared(data, weights=weights)
    kept = data.iloc[linear.sample.rows].reset_index(drop=True)
    found = permuted(linear, "x", units, 3, 5)
    [given] = units.draws(3, 5)
    labels = [label, *(units.by_row(units.paths[order]) for order in given)]
    for of, error in zip(labels, [found.error, *found.errors], strict=True):
        made = kept.assign(g=of.astype(int), xd=kept["x"] * of, cd=kept["c"] * of)
        fit = Design(made, ["firm^g", "year^g"], ["industry"], weights=weights).estimate("y ~ x + xd + c + cd")
        [factor] = [row[1] for row in fit.details if row[0] == "small_sample_factor"]
        assert error == pytest.approx(fit.std_error[fit.terms.index("xd")] / np.sqrt(factor), rel=1e-9)


def test_effects_too_many_for_products_are_absorbed_anew_to_the_same_numbers(monkeypatch):
    data = thinned(panel(2))
    linear, _, units = prepared(data, weights="weight")
    quick = permuted(linear, "x", units, 20, 5)
    monkeypatch.setattr(permutation, "_MOST_PRODUCTS", 0)
    slow = permuted(linear, "x", units, 20, 5)
    assert quick.exact_products
    assert not slow.exact_products
    assert slow.observed == pytest.approx(quick.observed, abs=1e-11)
    np.testing.assert_allclose(slow.draws, quick.draws, atol=1e-11)
    np.testing.assert_allclose(slow.errors, quick.errors, rtol=1e-9)


def test_firms_that_change_group_exchange_their_paths():
    data = thinned(panel(3))
    moved = (data["firm"] % 5 == 0) & (data["year"] > 3)
    data["group"] = np.where(moved, "b", data["group"])
    linear, label, units = prepared(data)
    assert not units.constant
    found = permuted(linear, "x", units, 4, 5)
    kept = data.iloc[linear.sample.rows].reset_index(drop=True)
    assert units.by_row(units.paths).tolist() == label.tolist()
    assert found.observed == pytest.approx(re_estimated(kept, label), abs=1e-11)
    [given] = units.draws(4, 5)
    expected = [re_estimated(kept, units.by_row(units.paths[order])) for order in given]
    np.testing.assert_allclose(found.draws, expected, atol=1e-11)


def test_a_group_without_some_years_is_no_obstacle():
    data = panel(4)
    data = data[(data["group"] == "a") | (data["year"] < 5)].reset_index(drop=True)
    linear, label, units = prepared(data)
    found = permuted(linear, "x", units, 30, 1)
    assert found.observed == pytest.approx(re_estimated(data.iloc[linear.sample.rows].reset_index(drop=True), label))
    assert found.lost == 0


def test_labels_move_inside_clusters_unless_clusters_lie_in_one_group():
    data = panel(5)
    _, _, within = prepared(data)
    assert (within.kind, within.level) == ("within_cluster", "firm")
    of_firm = data.drop_duplicates("firm")
    counts = of_firm.groupby("industry")["b"].sum().tolist()
    [given] = within.draws(50, 1)
    for order in given:
        assert sorted(order) == list(range(len(order)))
        moved = within.paths[order][:, 0]
        assert pd.Series(moved).groupby(of_firm["industry"].to_numpy()).sum().tolist() == counts
    _, _, whole = prepared(panel(5, labels="industry"))
    assert (whole.kind, whole.level) == ("cluster", "industry")
    assert whole.grouping.n_levels == 12
    assert whole.distinct == pytest.approx(792)  # 12 choose 5
    _, _, free = prepared(data, kind="firm")
    assert free.kind == "firm"
    assert set(free.block) == {0}
    with pytest.raises(NotEstimable, match="rows of both groups"):
        prepared(data, kind="cluster")


def test_p_values_count_draws_about_their_mean():
    draws = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 2.5, 0.9, 1.2, -0.5])
    found = Permuted(2.0, 1.0, draws, np.ones(10), 0, True)
    middle = (2.0 + draws.sum()) / 11
    assert found.middle == pytest.approx(middle)
    assert (np.abs(draws - middle) >= 2 - middle).sum() == 3  # 0, 2.5 and -.5
    assert found.plain == found.p_value == pytest.approx(4 / 11)
    assert found.one_sided == pytest.approx(2 / 11)
    assert Permuted(-2.0, 1.0, -draws, np.ones(10), 0, True).one_sided == pytest.approx(2 / 11)
    # In units of its standard error the observed difference is farther out than the three.
    assert Permuted(2.0, 0.5, draws, np.full(10, 2.0), 0, True).p_value == pytest.approx(1 / 11)


def rejections(kind, count, *, plain=False, **given):
    """Share of samples in which the test rejects at 5 %."""
    out = []
    for seed in range(count):
        linear, _, units = prepared(panel([seed, 1], **given), kind=kind, formula="y ~ x")
        found = permuted(linear, "x", units, 99, seed)
        out.append((found.plain if plain else found.p_value) <= 0.05)
    return float(np.mean(out))


def test_inside_clusters_it_holds_its_size_and_over_firms_it_does_not():
    # 150 samples: three Monte Carlo standard errors about 5 % are 5.3 points.
    assert rejections("auto", 150) < 0.103
    assert rejections("auto", 150, labels="industry", spread=0.15) < 0.103
    assert rejections("auto", 150, plain=True) < 0.103
    assert rejections("firm", 60, plain=True) > 0.1
    assert rejections("firm", 60, plain=True, labels="industry") > 0.25


def test_groups_whose_errors_differ_in_variance_are_no_difference():
    plain, studentised = [], []
    for seed in range(150):
        data = panel([seed, 2], industries=30, labels="even")
        noise = np.random.default_rng([seed, 3]).normal(0, 1.4, len(data)) * data["b"]
        linear, _, units = prepared(data.assign(y=data["y"] + noise), formula="y ~ x")
        found = permuted(linear, "x", units, 99, seed)
        plain.append(found.plain <= 0.05)
        studentised.append(found.p_value <= 0.05)
    assert np.mean(studentised) < 0.103
    assert np.mean(plain) > np.mean(studentised)


def test_a_planted_difference_is_found():
    assert rejections("auto", 60, difference=0.3) > 0.7


def with_a_mover(data):
    """The same with one firm of the first industry that ends in the last one, where it has few of its rows."""
    late = (data["firm"] == 0) & (data["year"] >= data["year"].max() - 1)
    return data.assign(industry=np.where(late, data["industry"].max(), data["industry"]))


@pytest.mark.parametrize("kind", ["firm", "within_cluster"])
def test_a_firm_that_changes_cluster_counts_in_that_of_most_of_its_rows(kind):
    data = panel(4)
    _, _, plain = prepared(data, kind)
    moved = with_a_mover(data)
    _, _, units = prepared(moved, kind)
    np.testing.assert_array_equal(units.cluster, plain.cluster)
    np.testing.assert_array_equal(units.block, plain.block)
    assert (plain.movers, units.movers) == (0, 1)


def test_the_order_of_rows_does_not_matter_to_movers():
    moved = with_a_mover(panel(4))
    forward, backward = (prepared(data, "within_cluster")[2] for data in (moved, moved[::-1].reset_index(drop=True)))
    np.testing.assert_array_equal(forward.block, backward.block)
