"""The estimators against linearmodels and statsmodels on random panels, factors made equal, to 1e-6."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS, AbsorbingLS
from linearmodels.panel import PanelOLS

import involution as inv

SEEDS = range(6)
FULL = {"observations": True, "fixed_effects": "full", "clusters": True}
NO_FACTOR = {"observations": False, "clusters": False}


def agree(fit, params: pd.Series, std_errors: pd.Series, terms: list[str]) -> None:
    """Estimates and standard errors of `terms` to 1e-6 relative."""
    tidy = fit.tidy().set_index("term").loc[terms]
    np.testing.assert_allclose(tidy["estimate"], params[terms], rtol=1e-6)
    np.testing.assert_allclose(tidy["std_error"], std_errors[terms], rtol=1e-6)


def with_dummies(data: pd.DataFrame, terms: list[str], effects: list[str]) -> pd.DataFrame:
    """Regressors with a column per level of each effect, the first level of all but the first effect left out."""
    columns = [data[terms].astype(float)]
    for position, effect in enumerate(effects):
        columns.append(pd.get_dummies(data[effect], prefix=effect, dtype=float, drop_first=position > 0))
    return pd.concat(columns, axis=1)


def codes(data: pd.DataFrame, name: str) -> np.ndarray:
    """A column's levels as integers."""
    return data[name].astype("category").cat.codes.to_numpy()


@cache
def weights_of(name: str | None) -> dict[str, str]:
    """The weights option."""
    return {} if name is None else {"weights": name}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize(
    ("vcov", "theirs"),
    [
        ("iid", {"cov_type": "unadjusted"}),
        ("hetero", {"cov_type": "robust"}),
        ("crv1", {"cov_type": "clustered", "cluster_entity": True, "group_debias": True}),
    ],
)
@pytest.mark.parametrize("counted", ["full", "none"])
def test_two_way_effects_agree_with_panel_ols(firm_panel, seed, weights, vcov, theirs, counted):
    """Entity and time effects; K with all absorbed levels or with none."""
    data = firm_panel(seed)
    panel = data.set_index(["firm", "year"])
    options = {} if weights is None else {"weights": panel[weights]}
    model = PanelOLS(panel["y"], panel[["x1", "x2"]], entity_effects=True, time_effects=True, **options)
    peer = model.fit(debiased=True, auto_df=False, count_effects=counted == "full", **theirs)
    cluster = ["firm"] if vcov == "crv1" else []
    fit = inv.estimate(
        "y ~ x1 + x2 | firm + year",
        data,
        vcov=vcov,
        cluster=cluster,
        small_sample={"fixed_effects": counted},
        **weights_of(weights),
    )
    agree(fit, peer.params, peer.std_errors, ["x1", "x2"])
    if weights is None:
        assert fit.r2_within == pytest.approx(peer.rsquared, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_way_clusters_agree_with_panel_ols(firm_panel, seed):
    """Industry and region, without factors."""
    data = firm_panel(seed, n_regions=9)
    panel = data.set_index(["firm", "year"])
    clusters = pd.DataFrame({name: codes(data, name) for name in ("industry", "region")}, index=panel.index)
    model = PanelOLS(panel["y"], panel[["x1", "x2"]], entity_effects=True)
    peer = model.fit(cov_type="clustered", clusters=clusters, debiased=False, auto_df=False, count_effects=False)
    fit = inv.estimate("y ~ x1 + x2 | firm", data, vcov="crv1", cluster=["industry", "region"], small_sample=NO_FACTOR)
    agree(fit, peer.params, peer.std_errors, ["x1", "x2"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", [None, "weight"])
def test_many_effects_agree_with_absorbing_ls(firm_panel, seed, weights):
    """Firm, region by year and industry, clustered by industry, without factors."""
    data = firm_panel(seed, n_firms=90)
    cells = data["region"] + "^" + data["year"].astype(str)
    absorbed = pd.DataFrame({"firm": data["firm"], "cell": cells, "industry": data["industry"]}).astype("category")
    options = {} if weights is None else {"weights": data[weights]}
    model = AbsorbingLS(data["y"], data[["x1", "x2"]], absorb=absorbed, **options)
    peer = model.fit(cov_type="clustered", clusters=codes(data, "industry"), debiased=False)
    fit = inv.estimate(
        "y ~ x1 + x2 | firm + region^year + industry",
        data,
        vcov="crv1",
        cluster=["industry"],
        small_sample=NO_FACTOR,
        singletons="keep",
        **weights_of(weights),
    )
    agree(fit, peer.params, peer.std_errors, ["x1", "x2"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize(("vcov", "theirs"), [("iid", "unadjusted"), ("hetero", "robust"), ("crv1", "clustered")])
def test_instruments_agree_with_iv2sls(firm_panel, seed, weights, vcov, theirs):
    """Two instruments for one endogenous regressor, firm and year effects as dummies, K counting all of them."""
    data = firm_panel(seed)
    exogenous = with_dummies(data, ["x1"], ["firm", "year"])
    options = {} if weights is None else {"weights": data[weights]}
    model = IV2SLS(data["y"], exogenous, data[["x2"]], data[["z1", "z2"]], **options)
    extra = {"clusters": codes(data, "industry")} if vcov == "crv1" else {}
    peer = model.fit(cov_type=theirs, debiased=True, **extra)
    fit = inv.estimate(
        "y ~ x1 | firm + year | x2 ~ z1 + z2",
        data,
        estimator="iv",
        vcov=vcov,
        cluster=["industry"] if vcov == "crv1" else [],
        small_sample=FULL,
        **weights_of(weights),
    )
    agree(fit, peer.params, peer.std_errors, ["x1", "x2"])


@pytest.mark.parametrize("seed", SEEDS)
def test_instrument_tests_agree_with_iv2sls(firm_panel, seed):
    """Sargan's statistic and the Wu-Hausman F, on a model with an intercept."""
    data = firm_panel(seed)
    exogenous = sm.add_constant(data[["x1"]])
    peer = IV2SLS(data["y"], exogenous, data[["x2"]], data[["z1", "z2"]]).fit(cov_type="unadjusted")
    fit = inv.estimate("y ~ x1 | x2 ~ z1 + z2", data, estimator="iv", vcov="iid")
    ours = fit.statistics.set_index("statistic")
    assert ours.loc["sargan", "value"] == pytest.approx(peer.sargan.stat, rel=1e-6)
    assert ours.loc["sargan", "p_value"] == pytest.approx(peer.sargan.pval, rel=1e-6)
    assert ours.loc["wu_hausman", "value"] == pytest.approx(peer.wu_hausman().stat, rel=1e-6)
    first = peer.first_stage.diagnostics.loc["x2"]
    classical = IV2SLS(data["x2"], pd.concat([exogenous, data[["z1", "z2"]]], axis=1), None, None).fit(
        cov_type="unadjusted", debiased=True
    )
    joint = classical.wald_test(formula="z1 = z2 = 0")
    assert ours.loc["first_stage_f[x2]", "value"] == pytest.approx(joint.stat / 2, rel=1e-6)
    assert first["f.stat"] > 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("vcov", "theirs"), [("iid", "nonrobust"), ("hetero", "HC1"), ("crv1", "cluster")])
@pytest.mark.parametrize("effects", [[], ["firm", "year"]])
def test_least_squares_agrees_with_statsmodels(firm_panel, seed, vcov, theirs, effects):
    """OLS with an intercept, and with dummies for firm and year; also p-values."""
    data = firm_panel(seed)
    regressors = with_dummies(data, ["x1", "x2", "x3"], effects)
    if not effects:
        regressors = sm.add_constant(regressors)
    kwds = {"cov_kwds": {"groups": codes(data, "industry")}} if vcov == "crv1" else {}
    peer = sm.OLS(data["y"], regressors).fit(cov_type=theirs, use_t=True, **kwds)
    formula = "y ~ x1 + x2 + x3" + (" | firm + year" if effects else "")
    fit = inv.estimate(formula, data, vcov=vcov, cluster=["industry"] if vcov == "crv1" else [], small_sample=FULL)
    agree(fit, peer.params, peer.bse, ["x1", "x2", "x3"])
    tidy = fit.tidy().set_index("term")
    assert tidy.loc["x3", "p_value"] == pytest.approx(peer.pvalues["x3"], rel=1e-6)
    assert fit.r2 == pytest.approx(peer.rsquared, rel=1e-9)
    if not effects:
        agree(
            fit,
            peer.params.rename({"const": "(Intercept)"}),
            peer.bse.rename({"const": "(Intercept)"}),
            ["(Intercept)"],
        )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("effects", [[], ["year"], ["firm", "year"]])
@pytest.mark.parametrize(("vcov", "theirs"), [("iid", "nonrobust"), ("crv1", "cluster")])
def test_poisson_agrees_with_statsmodels(firm_panel, seed, effects, vcov, theirs):
    """GLM Poisson with dummies; clustered without factors, and the model's own covariance."""
    data = firm_panel(seed)
    if "firm" in effects:
        data = data[data.groupby("firm")["count"].transform("sum") > 0].reset_index(drop=True)
    regressors = with_dummies(data, ["x1", "x3"], effects)
    if not effects:
        regressors = sm.add_constant(regressors)
    kwds = {}
    if vcov == "crv1":
        kwds = {"cov_kwds": {"groups": codes(data, "industry"), "use_correction": False}}
    peer = sm.GLM(data["count"], regressors, family=sm.families.Poisson()).fit(tol=1e-12, cov_type=theirs, **kwds)
    fit = inv.estimate(
        "count ~ x1 + x3" + (f" | {' + '.join(effects)}" if effects else ""),
        data,
        estimator="poisson",
        vcov=vcov,
        cluster=["industry"] if vcov == "crv1" else [],
        small_sample=NO_FACTOR,
    )
    assert fit.n_obs == len(data)
    agree(fit, peer.params, peer.bse, ["x1", "x3"])
    np.testing.assert_allclose(fit.tidy().set_index("term").loc["x3", "p_value"], peer.pvalues["x3"], rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_years", [6, 12, 30])
def test_driscoll_kraay_agrees_with_the_kernel_covariance(firm_panel, seed, n_years):
    """Firm effects; Bartlett kernel with the bandwidth 4 (T/100)^(2/9), without factors."""
    data = firm_panel(seed, n_years=n_years)
    panel = data.set_index(["firm", "year"])
    model = PanelOLS(panel["y"], panel[["x1", "x2"]], entity_effects=True)
    bandwidth = int(np.floor(4 * (n_years / 100) ** (2 / 9)))
    peer = model.fit(
        cov_type="kernel",
        kernel="bartlett",
        bandwidth=bandwidth,
        debiased=False,
        auto_df=False,
        count_effects=False,
    )
    fit = inv.estimate("y ~ x1 + x2 | firm", data, vcov="driscoll_kraay", small_sample=NO_FACTOR)
    agree(fit, peer.params, peer.std_errors, ["x1", "x2"])
