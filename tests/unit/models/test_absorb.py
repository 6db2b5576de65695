"""Absorption of fixed effects against least squares on dummy variables."""

import numpy as np
import pytest

from involution.models import absorb
from involution.models.absorb import Absorber
from involution.models.groupings import Grouping, crossed, keep_without_singletons, renumbered


def grouping(name, codes):
    codes = np.asarray(codes)
    return renumbered(name, codes, int(codes.max()) + 1)


def dummies(groupings):
    return np.hstack([np.eye(g.n_levels)[g.codes] for g in groupings])


@pytest.fixture
def rows():
    random = np.random.default_rng(11)
    n = 400
    firm = random.integers(0, 60, n)
    return {
        "firm": grouping("firm", firm),
        "year": grouping("year", random.integers(0, 7, n)),
        "region_year": grouping("region^year", random.integers(0, 35, n)),
        "industry": grouping("industry", (firm % 9)),
        "values": random.normal(size=(n, 3)) + 5,
        "weights": random.gamma(4, 0.25, n),
    }


SETS = [["firm"], ["firm", "year"], ["firm", "region_year", "industry"], ["year", "industry"]]


@pytest.mark.parametrize("names", SETS, ids="+".join)
@pytest.mark.parametrize("weighted", [False, True])
def test_residuals_equal_those_of_dummy_regression(rows, names, weighted):
    effects = [rows[name] for name in names]
    weights = rows["weights"] if weighted else None
    root = np.sqrt(rows["weights"])[:, None] if weighted else 1.0
    d = dummies(effects) * root
    expected = (rows["values"] * root - d @ np.linalg.lstsq(d, rows["values"] * root, rcond=None)[0]) / root
    absorber = Absorber(effects, weights)
    np.testing.assert_allclose(absorber.residuals(rows["values"]), expected, atol=1e-11)
    assert absorber.rank == np.linalg.matrix_rank(d)


def test_iterative_solve_agrees_with_the_exact_one(rows, monkeypatch):
    effects = [rows["firm"], rows["region_year"], rows["industry"]]
    exact = Absorber(effects).residuals(rows["values"])
    monkeypatch.setattr(absorb, "EXACT_LIMIT", 3)
    np.testing.assert_allclose(Absorber(effects).residuals(rows["values"]), exact, atol=1e-9)


def test_sparse_table_agrees_with_the_dense_one(rows, monkeypatch):
    effects = [rows["firm"], rows["region_year"]]
    dense = Absorber(effects)
    assert dense.dense
    monkeypatch.setattr(absorb, "_DENSE_CELLS_PER_ROW", 0)
    sparse = Absorber(effects)
    assert not sparse.dense
    np.testing.assert_allclose(sparse.residuals(rows["values"]), dense.residuals(rows["values"]), atol=1e-12)


def test_large_level_does_not_spoil_the_residuals(rows):
    effects = [rows["firm"], rows["year"]]
    shifted = Absorber(effects).residuals(rows["values"] + 1e9)
    np.testing.assert_allclose(shifted, Absorber(effects).residuals(rows["values"]), atol=1e-5)


def test_disconnected_panels_have_the_right_rank():
    firm, year = grouping("firm", [0, 0, 1, 1]), grouping("year", [0, 1, 2, 3])
    assert Absorber([firm, year]).rank == 4


def test_singletons_are_removed_until_none_is_left():
    firm, year = grouping("firm", [0, 0, 1, 1, 2]), grouping("year", [0, 1, 0, 1, 2])
    assert keep_without_singletons([firm, year]).tolist() == [True, True, True, True, False]
    chain_firm, chain_year = grouping("firm", [0, 1, 1, 2, 2]), grouping("year", [0, 0, 1, 1, 2])
    assert not keep_without_singletons([chain_firm, chain_year]).any()


def test_crossed_levels_are_those_that_occur():
    both = crossed("a^b", [grouping("a", [0, 0, 1, 1]), grouping("b", [0, 1, 1, 1])])
    assert both.n_levels == 3
    assert both.codes.tolist() == [0, 1, 2, 2]


def test_nested():
    firm, industry = grouping("firm", [0, 0, 1, 2]), grouping("industry", [0, 0, 0, 1])
    assert firm.nested_in(industry)
    assert not industry.nested_in(firm)


def test_subset_renumbers_levels():
    taken = Grouping("firm", np.array([0, 1, 2, 2]), 3).take(np.array([False, True, True, True]))
    assert (taken.codes.tolist(), taken.n_levels) == ([0, 1, 1], 2)
