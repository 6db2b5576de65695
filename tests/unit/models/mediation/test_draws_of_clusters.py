"""Draws from per-cluster products: dummies that lose their rows, chunks of any size, errors within draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from involution.models.design import Design
from involution.models.mediation import inference, products
from involution.models.mediation.covariance import sampled
from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.specification import specified
from involution.models.mediation.system import build_system

CLUSTERS = 12


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Twelve clusters of six firms over six years; the last year is seen in two clusters only."""
    rng = np.random.default_rng(7)
    firm, year = (index.ravel() for index in np.indices((6 * CLUSTERS, 6)))
    cluster = firm % CLUSTERS
    x, noise = rng.normal(size=len(firm)), rng.normal(size=(2, len(firm)))
    m = 0.3 * x + noise[0]
    data = pd.DataFrame({"firm": firm, "year": year, "cluster": cluster, "x": x, "m": m, "y": 0.4 * m + noise[1]})
    return data[(data["year"] < 5) | (data["cluster"] < 2)]


@pytest.fixture(scope="module")
def fitted(panel: pd.DataFrame) -> tuple[Effects, inference.Sampled]:
    """Effects of the panel and what their inference starts from."""
    system = build_system(panel, specified("y", "x", ["m"]), Design(panel, ["firm", "year"], "cluster"))
    layout = Layout(system)
    return Effects(layout, {}), sampled(system, layout)[0]


def drawn(fitted: tuple[Effects, inference.Sampled], draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of bootstrap draws, and their coefficients."""
    effects, found = fitted
    assert found.products is not None
    weights = np.concatenate(list(inference.resampled(found.products, draws, np.random.default_rng(2))))
    return weights, inference.bootstrap_coefficients(effects, found.products, weights)


def residual_products(columns: np.ndarray, dummies: np.ndarray) -> np.ndarray:
    """Products of residuals from dummies, by least squares that takes redundant ones."""
    residual = columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=1e-9)[0]
    return np.asarray(residual.T @ residual)


def test_dummies_that_vanish_or_become_redundant_are_taken_out_as_least_squares_does():
    rng = np.random.default_rng(1)
    core, dummies = rng.normal(size=(60, 3)), np.eye(5)[rng.integers(0, 5, 60)]
    vanished, redundant = dummies.copy(), np.column_stack([dummies, dummies.sum(axis=1)])[:, [0, 1, 2, 3, 5]]
    vanished[:, 2] = 0.0
    rounding = vanished + 1e-15 * rng.normal(size=vanished.shape)
    redundant[:, 4] = redundant[:, 0] + redundant[:, 1]
    samples = [dummies, vanished, rounding, redundant]
    stacked = np.stack([(both := np.hstack([part, core])).T @ both for part in samples])
    expected = np.stack([residual_products(core, part) for part in samples])
    np.testing.assert_allclose(products.without_dummies(stacked, 3), expected, rtol=1e-12, atol=1e-12)
    # What is drawn beside it changes no digit of a draw.
    alone = np.concatenate([products.without_dummies(each[None], 3) for each in stacked])
    assert products.without_dummies(stacked, 3).tobytes() == alone.tobytes()


def test_only_the_lower_triangle_is_read_with_and_without_dummies():
    whole = np.arange(16.0).reshape(1, 4, 4) + 20 * np.eye(4)
    whole = whole + whole.swapaxes(1, 2)
    for core in (4, 2):
        expected = products.without_dummies(whole, core)
        np.testing.assert_array_equal(products.without_dummies(np.tril(whole), core), expected)
        np.testing.assert_allclose(expected, expected.swapaxes(1, 2), rtol=1e-14)


def test_the_panel_has_draws_with_and_without_the_last_year(fitted):
    weights, _ = drawn(fitted, 200)
    without = (weights[:, :2] == 0).all(axis=1)
    assert 0 < without.sum() < 200


def test_results_do_not_depend_on_the_size_of_chunks(fitted, monkeypatch):
    weights, whole = drawn(fitted, 200)
    effects, found = fitted
    assert isinstance(found.products, products.ClusterProducts)
    errors = inference._errors_within(effects, found.products, weights)
    left_out = np.concatenate(list(found.products.left_out()))
    monkeypatch.setattr(products, "_CHUNK_BYTES", 3_000)
    monkeypatch.setattr(inference, "_LEFT_OUT_AT_ONCE", 30)
    np.testing.assert_allclose(drawn(fitted, 200)[1], whole, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(np.concatenate(list(found.products.left_out())), left_out, rtol=1e-13, atol=1e-12)
    for term, again in inference._errors_within(effects, found.products, weights).items():
        np.testing.assert_allclose(again, errors[term], rtol=1e-9, err_msg=term)


def test_the_error_of_a_draw_is_the_jackknife_of_its_own_clusters(fitted):
    effects, found = fitted
    assert isinstance(found.products, products.ClusterProducts)
    weights, coefficients = drawn(fitted, 3)
    errors = inference._errors_within(effects, found.products, weights)["indirect[m]"]
    for row, theta, error in zip(weights, coefficients, errors, strict=True):
        copies = np.repeat(np.arange(CLUSTERS), row)
        left_out = np.stack([row - np.eye(CLUSTERS)[copy] for copy in copies])
        again = inference.bootstrap_coefficients(effects, found.products, left_out)
        deviations = effects(again)["indirect[m]"] - effects(theta[None])["indirect[m]"]
        expected = np.sqrt((CLUSTERS - 1) / CLUSTERS * (deviations**2).sum())
        assert error == pytest.approx(expected, rel=1e-10)


def test_each_draw_has_as_many_clusters_as_the_sample_and_each_is_as_likely(fitted):
    weights, _ = drawn(fitted, 4_000)
    assert (weights.sum(axis=1) == CLUSTERS).all()
    # Counts of a multinomial: mean 1, variance 1 - 1/G, four standard errors.
    assert np.abs(weights.mean(axis=0) - 1).max() < 4 / np.sqrt(4_000)
    assert weights.var() == pytest.approx(1 - 1 / CLUSTERS, abs=0.03)


def by_least_squares(rows: pd.DataFrame, effects: list[str], weight: str | None) -> np.ndarray:
    """a, c, b and the total, with a dummy column for every level of every effect."""
    dummies = [pd.get_dummies(rows[effect], dtype=float).to_numpy() for effect in effects]
    root = np.ones(len(rows)) if weight is None else np.sqrt(rows[weight].to_numpy())

    def slopes(outcome: str, regressors: list[str]) -> np.ndarray:
        right = np.hstack([rows[regressors].to_numpy(), *dummies]) * root[:, None]
        found = np.linalg.lstsq(right, rows[outcome].to_numpy() * root, rcond=1e-12)[0]
        return np.asarray(found[: len(regressors)])

    return np.concatenate([slopes("m", ["x"]), slopes("y", ["x", "m"]), slopes("y", ["x"])])


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("effects", [["firm", "year"], ["firm", "pair", "year"], ["firm", "year", "region"], ["year"]])
def test_every_cluster_left_out_equals_least_squares_without_its_rows(panel, effects, weight):
    rng = np.random.default_rng(3)
    data = panel.assign(weight=rng.uniform(0.5, 2, len(panel)), region=rng.integers(0, 3, len(panel)))
    data["pair"] = data["cluster"] * 1_000 + data["firm"] // (2 * CLUSTERS)
    design = Design(data, effects, "cluster", weights=weight)
    system = build_system(data, specified("y", "x", ["m"]), design)
    found = sampled(system, Layout(system))[0]
    used, codes = data.iloc[system.sample.rows], system.sample.clusters[0].codes
    expected = np.stack([by_least_squares(used[codes != g], effects, weight) for g in range(CLUSTERS)])
    np.testing.assert_allclose(found.left_out, expected, atol=1e-10)
