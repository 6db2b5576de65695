"""The restricted wild cluster bootstrap against re-estimating every bootstrap sample with the same multipliers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.models.wild import _draw_sums, multipliers

DRAWS, SEED = 199, 42
CASES = {
    "intercept, Rademacher": ([], 14, None),
    "firm effects, Rademacher": (["firm"], 14, None),
    "year effects cross the clusters, Rademacher": (["firm", "year"], 14, None),
    "cells cross the clusters, Rademacher": (["firm", "region^year"], 16, None),
    "weighted, Rademacher": (["firm", "year"], 14, "weight"),
    "few clusters, Webb": (["firm", "year"], 7, None),
}


def dense(data: pd.DataFrame, effects: list[str], weights: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Regressors x1 and x3 with all dummies, and the outcome, both times root weights."""
    keys = [data[effect.split("^")].astype(str).agg("^".join, axis=1) for effect in effects]
    blocks = [pd.get_dummies(key, dtype=float).to_numpy() for key in keys] or [np.ones((len(data), 1))]
    root = np.sqrt(data[weights].to_numpy() if weights else np.ones(len(data)))
    return np.hstack([data[["x1", "x3"]].to_numpy(), *blocks]) * root[:, None], data["y"].to_numpy() * root


def t_statistics(columns: np.ndarray, outcomes: np.ndarray, groups: np.ndarray, j: int, null: float) -> np.ndarray:
    """Clustered t statistic of coefficient j against `null`, for each column of outcomes, by full re-estimation."""
    inverse = np.linalg.pinv(columns.T @ columns)
    beta = np.linalg.lstsq(columns, outcomes, rcond=1e-11)[0]
    residuals = outcomes - columns @ beta
    scores = (columns @ inverse[:, j])[:, None] * residuals
    sums = np.stack([scores[groups == g].sum(axis=0) for g in np.unique(groups)])
    return (beta[j] - null) / np.sqrt((sums**2).sum(axis=0))


def brute_force(
    columns: np.ndarray, y: np.ndarray, groups: np.ndarray, j: int, null: float, draws: np.ndarray
) -> float:
    """P-value of the symmetric test of ``beta_j = null``, the null imposed on the bootstrap samples."""
    others = np.delete(columns, j, axis=1)
    target = y - null * columns[:, j]
    fitted = others @ np.linalg.lstsq(others, target, rcond=1e-11)[0]
    residuals = target - fitted
    samples = (fitted + null * columns[:, j])[:, None] + residuals[:, None] * draws.T[groups]
    drawn = t_statistics(columns, samples, groups, j, null)
    observed = t_statistics(columns, y[:, None], groups, j, null)[0]
    return float(np.mean(np.abs(drawn) >= np.abs(observed) * (1 - 1e-9)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("data_seed", [1, 2])
def test_wild_p_values_and_intervals_are_those_of_re_estimation(firm_panel, case, data_seed):
    """The same multipliers: the same p-value, and an interval that holds exactly the nulls not rejected at 5 %."""
    effects, n_industries, weights = CASES[case]
    data = firm_panel(data_seed, n_industries=n_industries)
    data["y"] = data["y"] - 0.4 * data["x1"]
    formula = "y ~ x1 + x3" + (f" | {' + '.join(effects)}" if effects else "")
    options = {} if weights is None else {"weights": weights}
    fit = inv.estimate(formula, data, vcov="wild", cluster=["industry"], draws=DRAWS, seed=SEED, **options)
    groups, levels = pd.factorize(data["industry"])
    draws = multipliers(len(levels), DRAWS, SEED)
    columns, y = dense(data, effects, weights)
    for j, term in enumerate(("x1", "x3")):
        row = fit.tidy().set_index("term").loc[term]
        assert row["p_value"] == pytest.approx(brute_force(columns, y, groups, j, 0.0, draws), abs=1e-9)
        for bound in (row["ci_low"], row["ci_high"]):
            step = 1e-6 * (row["estimate"] - bound)
            assert brute_force(columns, y, groups, j, bound + step, draws) > 0.05
            assert brute_force(columns, y, groups, j, bound - step, draws) <= 0.05


def test_multipliers_have_mean_zero_and_variance_one():
    """Rademacher's two points, and Webb's six with few clusters."""
    for n_clusters, points in ((30, 2), (8, 6)):
        drawn = multipliers(n_clusters, 20_000, 7)
        assert drawn.shape == (20_000, n_clusters)
        assert len(np.unique(drawn.round(12))) == points
        assert np.mean(drawn) == pytest.approx(0, abs=0.01)
        assert np.mean(drawn**2) == pytest.approx(1, abs=0.01)


def test_the_seed_fixes_the_draws(firm_panel):
    """The same seed gives the same digits; another seed another p-value, close by."""
    data = firm_panel(5)
    data["y"] = data["y"] - 0.5 * data["x1"]
    options = {"vcov": "wild", "cluster": ["industry"], "draws": 999}
    first, again, other = (
        inv.estimate("y ~ x1 | firm + year", data, seed=seed, **options).tidy() for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert first["p_value"].iloc[0] != other["p_value"].iloc[0]
    assert first["p_value"].iloc[0] == pytest.approx(other["p_value"].iloc[0], abs=0.08)


@pytest.mark.parametrize("n_clusters", [3, 30], ids=["Webb", "Rademacher"])
def test_sums_of_draws_are_those_written_out_cluster_by_cluster(n_clusters):
    random = np.random.default_rng(3)
    v = multipliers(n_clusters, 40, seed=1)
    base, slope, leverage = (random.normal(size=(n_clusters, 2)) for _ in range(3))
    deviation, moved = v @ base, v @ slope
    constant = v * base[:, 1] - deviation @ leverage.T
    linear = v * slope[:, 1] - moved @ leverage.T
    direct = [(constant**2).sum(axis=1), (constant * linear).sum(axis=1), (linear**2).sum(axis=1)]
    expected = np.stack([deviation[:, 1], moved[:, 1], *direct])
    np.testing.assert_allclose(_draw_sums(v, base, slope, leverage, 1), expected, rtol=1e-10, atol=1e-10)
