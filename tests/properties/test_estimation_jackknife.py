"""CRV3 against re-estimating the whole model, dummies and all, without each cluster in turn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import involution as inv

CASES = {
    "intercept": ([], {}),
    "nested": (["firm"], {}),
    "year effects cross the clusters": (["firm", "year"], {}),
    "cells cross the clusters": (["firm", "region^year"], {}),
    "only crossing effects": (["region", "year"], {}),
    "weighted": (["firm", "year"], {"weights": "weight"}),
    "weighted intercept": ([], {"weights": "weight"}),
    "clustered by year": (["firm", "year"], {"cluster": ["year"]}),
    "clustered by firm": (["firm", "year"], {"cluster": ["firm"]}),
}


def dummies(data: pd.DataFrame, effects: list[str]) -> np.ndarray:
    """A column per level of each effect; a column of ones without effects."""
    if not effects:
        return np.ones((len(data), 1))
    keys = [data[effect.split("^")].astype(str).agg("^".join, axis=1) for effect in effects]
    return np.hstack([pd.get_dummies(key, dtype=float).to_numpy() for key in keys])


def least_squares(data: pd.DataFrame, terms: list[str], effects: list[str], weights: str | None) -> np.ndarray:
    """Coefficients of `terms` (and of the constant, last, without effects) by one dense regression."""
    root = np.sqrt(data[weights].to_numpy() if weights else np.ones(len(data)))[:, None]
    columns = np.hstack([data[terms].to_numpy(), dummies(data, effects)]) * root
    beta = np.linalg.lstsq(columns, data["y"].to_numpy() * root[:, 0], rcond=1e-11)[0]
    return beta[: len(terms) + (not effects)]


def two_stage(data: pd.DataFrame, exogenous: list[str], effects: list[str]) -> np.ndarray:
    """Coefficients of x2 (instrumented by z1 and z2) and of `exogenous`, by two dense regressions."""
    controls = np.hstack([data[exogenous].to_numpy(), dummies(data, effects)])
    first = np.hstack([data[["z1", "z2"]].to_numpy(), controls])
    projected = first @ np.linalg.lstsq(first, data["x2"].to_numpy(), rcond=1e-11)[0]
    columns = np.column_stack([projected, controls])
    return np.linalg.lstsq(columns, data["y"].to_numpy(), rcond=1e-11)[0][: 1 + len(exogenous)]


def jackknife_variance(estimator, data: pd.DataFrame, cluster: pd.Series) -> np.ndarray:
    """(G-1)/G times the outer products of the replicates' deviations from the estimate on all rows."""
    levels = cluster.unique()
    deviations = np.stack([estimator(data[cluster != level]) for level in levels]) - estimator(data)
    return (len(levels) - 1) / len(levels) * deviations.T @ deviations


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
def test_least_squares_crv3_is_leave_one_cluster_out(firm_panel, case, seed):
    """Standard errors and covariance to 1e-9 of re-estimation."""
    effects, options = CASES[case]
    options = {"cluster": ["industry"], **options}
    data = firm_panel(seed)
    terms = ["x1", "x2", "x3"]
    formula = "y ~ x1 + x2 + x3" + (f" | {' + '.join(effects)}" if effects else "")
    fit = inv.estimate(formula, data, vcov="crv3", **options)
    expected = jackknife_variance(
        lambda rows: least_squares(rows, terms, effects, options.get("weights")), data, data[options["cluster"][0]]
    )
    names = [*terms, *([] if effects else ["(Intercept)"])]
    std_error = fit.tidy().set_index("term").loc[names, "std_error"]
    np.testing.assert_allclose(std_error, np.sqrt(np.diag(expected)), rtol=1e-9)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(fit.vcov.loc[names, names] / scale, expected / scale, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("effects", [["firm"], ["firm", "year"]])
def test_instrumented_crv3_is_leave_one_cluster_out(firm_panel, effects, seed):
    """Two-stage least squares: both stages without the cluster."""
    data = firm_panel(seed)
    formula = f"y ~ x1 + x3 | {' + '.join(effects)} | x2 ~ z1 + z2"
    fit = inv.estimate(formula, data, estimator="iv", vcov="crv3", cluster=["industry"])
    expected = jackknife_variance(lambda rows: two_stage(rows, ["x1", "x3"], effects), data, data["industry"])
    std_error = fit.tidy().set_index("term").loc[["x2", "x1", "x3"], "std_error"]
    np.testing.assert_allclose(std_error, np.sqrt(np.diag(expected)), rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_two_way_crv3_adds_and_subtracts_jackknife_variances(firm_panel, seed):
    """Industry plus region less their cells, year effects crossing all of them."""
    data = firm_panel(seed, n_industries=10, n_regions=7)
    fit = inv.estimate("y ~ x1 + x2 | firm + year", data, vcov="crv3", cluster=["industry", "region"])
    cells = data["industry"] + "^" + data["region"]
    parts = [
        jackknife_variance(lambda rows: least_squares(rows, ["x1", "x2"], ["firm", "year"], None), data, groups)
        for groups in (data["industry"], data["region"], cells)
    ]
    expected = parts[0] + parts[1] - parts[2]
    assert np.linalg.eigvalsh(expected).min() > 0
    np.testing.assert_allclose(fit.vcov.loc[["x1", "x2"], ["x1", "x2"]], expected, rtol=1e-8)


@pytest.mark.parametrize("effects", [[], ["year"], ["firm", "year"]])
def test_poisson_crv3_is_leave_one_cluster_out(firm_panel, effects):
    """Poisson, re-estimated by statsmodels without each cluster, to 1e-6."""
    data = firm_panel(3, n_industries=8)
    data = data[data.groupby("firm")["count"].transform("sum") > 0].reset_index(drop=True)
    formula = "count ~ x1 + x3" + (f" | {' + '.join(effects)}" if effects else "")
    fit = inv.estimate(formula, data, estimator="poisson", vcov="crv3", cluster=["industry"])

    def refit(rows: pd.DataFrame) -> np.ndarray:
        columns = [rows[["x1", "x3"]].to_numpy()]
        columns += [pd.get_dummies(rows[e], dtype=float, drop_first=k > 0).to_numpy() for k, e in enumerate(effects)]
        if not effects:
            columns.append(np.ones((len(rows), 1)))
        model = sm.GLM(rows["count"].to_numpy(), np.hstack(columns), family=sm.families.Poisson())
        return np.asarray(model.fit(tol=1e-13).params[:2])

    expected = np.sqrt(np.diag(jackknife_variance(refit, data, data["industry"])))
    np.testing.assert_allclose(fit.tidy().set_index("term").loc[["x1", "x3"], "std_error"], expected, rtol=1e-6)


def test_crv3_without_year_effects_in_the_jackknife_would_differ(firm_panel):
    """The year effects are estimated anew without each cluster: demeaning once and subtracting gives other numbers."""
    data = firm_panel(1)
    fit = inv.estimate("y ~ x1 | firm + year", data, vcov="crv3", cluster=["industry"])
    effects = dummies(data, ["firm", "year"])
    columns = data[["x1", "y"]].to_numpy()
    demeaned = columns - effects @ np.linalg.lstsq(effects, columns, rcond=1e-11)[0]
    frame = pd.DataFrame(demeaned, columns=["x1", "y"])
    shortcut = jackknife_variance(
        lambda rows: np.array([rows.x1 @ rows.y / (rows.x1 @ rows.x1)]), frame, data["industry"]
    )
    assert abs(np.sqrt(shortcut[0, 0]) / fit.tidy()["std_error"].iloc[0] - 1) > 1e-4
