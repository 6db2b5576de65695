"""Binary, hazard and fractional models: closed forms, likelihoods written by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtr, ndtri

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.exhibits.labels import Labels
from involution.models.options import is_estimator
from involution.study.models import ESTIMATORS

NONE = {"observations": False, "clusters": False}


def _density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


# Estimator: mean, its derivative, its inverse.
LINKS = {
    "logit": (expit, lambda z: expit(z) * (1 - expit(z)), logit),
    "probit": (ndtr, _density, ndtri),
    "cloglog": (lambda z: -np.expm1(-np.exp(z)), lambda z: np.exp(z - np.exp(z)), lambda p: np.log(-np.log1p(-p))),
    "fractional_logit": (expit, lambda z: expit(z) * (1 - expit(z)), logit),
    "fractional_probit": (ndtr, _density, ndtri),
}
EVERY = pytest.mark.parametrize("estimator", LINKS)


@pytest.fixture
def data():
    random = np.random.default_rng(3)
    n = 600
    frame = pd.DataFrame({"firm": np.repeat(np.arange(100), 6), "year": np.tile(np.arange(2010, 2016), 100)})
    frame["industry"] = frame["firm"] % 20
    frame["x"] = random.normal(size=n) + random.normal(size=20)[frame["industry"]]
    frame["d"] = (random.random(n) < 0.4).astype(float)
    frame["weight"] = random.uniform(0.5, 2, n)
    share = expit(-0.4 + 0.5 * frame["x"] - 0.6 * frame["d"] + random.normal(size=100)[frame["firm"]])
    frame["share"] = share.where(random.random(n) > 0.1, np.round(share))
    frame["event"] = (random.random(n) < share).astype(float)
    return frame


def outcome_of(estimator):
    return "share" if estimator.startswith("fractional") else "event"


@EVERY
def test_a_saturated_model_has_a_closed_form(data, estimator):
    """Coefficients are differences of the link at the two means; clustered variances follow by hand."""
    _, density, link = LINKS[estimator]
    y = data[outcome_of(estimator)]
    means = y.groupby(data["d"]).mean()
    index = link(means.to_numpy())
    fit = inv.estimate(f"{y.name} ~ d", data, estimator, cluster=["industry"], small_sample=NONE)
    np.testing.assert_allclose(fit.estimate, [index[0], index[1] - index[0]], rtol=1e-8)
    counts = data["d"].value_counts()
    moves = (y - data["d"].map(means)) / data["d"].map(counts) / density(data["d"].map(dict(enumerate(index))))
    slope = moves.where(data["d"] == 1, -moves).groupby(data["industry"]).sum()
    constant = moves.where(data["d"] == 0, 0.0).groupby(data["industry"]).sum()
    by_hand = [np.sqrt((constant**2).sum()), np.sqrt((slope**2).sum())]
    np.testing.assert_allclose(fit.std_error, by_hand, rtol=1e-7)


@EVERY
@pytest.mark.parametrize("vcov", ["hetero", "crv1", "crv3"])
def test_the_effect_of_an_indicator_alone_is_a_difference_of_means(data, estimator, vcov):
    """Least squares gives the same number, and the same standard error, whatever the link."""
    options = {"cluster": ["industry"], "vcov": vcov, "small_sample": NONE}
    effect = inv.estimate(f"{outcome_of(estimator)} ~ d", data, estimator, **options).margins()
    slope = inv.estimate(f"{outcome_of(estimator)} ~ d", data, **options).tidy().iloc[1:]
    columns = ["estimate", "std_error"]
    np.testing.assert_allclose(effect[columns], slope[columns], rtol=1e-6)
    assert effect["term"].tolist() == ["d"]


def _by_hand(estimator, y, columns, weights):
    """Coefficients and HC0 standard errors: the likelihood written out, its derivatives numerical."""
    mean, density, _ = LINKS[estimator]

    def value(beta):
        p = mean(columns @ beta)
        return -float(weights @ (y * np.log(p) + (1 - y) * np.log1p(-p)))

    def scores(beta):
        index = columns @ beta
        p = mean(index)
        return (weights * (y - p) * density(index) / (p * (1 - p)))[:, None] * columns

    start = minimize(value, np.zeros(columns.shape[1]), jac=lambda b: -scores(b).sum(axis=0), method="BFGS").x
    for _ in range(5):
        steps = 1e-5 * np.eye(len(start))
        hessian = np.array([(scores(start + h).sum(axis=0) - scores(start - h).sum(axis=0)) / 2e-5 for h in steps])
        start = start - np.linalg.solve(hessian, scores(start).sum(axis=0))
    influence = scores(start) @ np.linalg.inv(hessian)
    return start, np.sqrt((influence**2).sum(axis=0))


@EVERY
@pytest.mark.parametrize("weights", [None, "weight"])
def test_the_likelihood_is_that_written_by_hand(data, estimator, weights):
    """Two regressors and year effects."""
    y = data[outcome_of(estimator)]
    columns = np.column_stack([data["x"], data["d"], pd.get_dummies(data["year"], dtype=float)])
    w = np.ones(len(data)) if weights is None else data[weights].to_numpy()
    estimate, std_error = _by_hand(estimator, y.to_numpy(), columns, w)
    fit = inv.estimate(f"{y.name} ~ x + d | year", data, estimator, vcov="hetero", weights=weights, small_sample=NONE)
    np.testing.assert_allclose(fit.estimate, estimate[:2], rtol=1e-7)
    np.testing.assert_allclose(fit.std_error, std_error[:2], rtol=1e-6)
    index = columns @ estimate
    assert fit.margins()["estimate"].iloc[0] == pytest.approx(
        np.average(LINKS[estimator][1](index), weights=w) * estimate[0], rel=1e-7
    )


@pytest.mark.parametrize(("estimator", "peer"), [("logit", sm.Logit), ("probit", sm.Probit)])
def test_marginal_effects_agree_with_statsmodels(data, estimator, peer):
    """Its discrete models: a derivative and a change from 0 to 1, with the delta method on the information."""
    ours = inv.estimate("event ~ x + d", data, estimator, vcov="iid", small_sample=NONE).margins()
    theirs = peer(data["event"], sm.add_constant(data[["x", "d"]])).fit(disp=0, tol=1e-12).get_margeff(dummy=True)
    np.testing.assert_allclose(ours["estimate"], theirs.margeff, rtol=1e-7)
    np.testing.assert_allclose(ours["std_error"], theirs.margeff_se, rtol=1e-6)
    np.testing.assert_allclose(ours["p_value"], theirs.pvalues, rtol=1e-4, atol=1e-14)


def test_effects_are_told_of_regressors_that_stand_alone(data):
    fit = inv.estimate("event ~ x + d + x:d + weight + i(industry, ref=0)", data, "logit", vcov="hetero")
    assert fit.margins()["term"].tolist() == ["weight"]
    statistics = fit.statistics.set_index("statistic")
    assert statistics.loc["ame[weight]", "value"] == fit.margins()["estimate"].iloc[0]
    assert statistics.loc["ame_se[weight]", "value"] == fit.margins()["std_error"].iloc[0]
    with pytest.raises(InputError, match="'ols' has no average marginal effects"):
        inv.estimate("event ~ x", data).margins()


@pytest.mark.parametrize("estimator", ["cloglog", "fractional_probit"])
def test_crv3_estimates_anew_without_each_cluster(data, estimator):
    """Against a loop over the clusters, each fitted from scratch with the years that are left."""
    data = data[(data["industry"] != 7) | (data["year"] > 2011)]
    data = data[(data["year"] > 2010) | (data["industry"] == 3)]
    formula, y = f"{outcome_of(estimator)} ~ x + d | year", outcome_of(estimator)
    family = sm.families.Binomial(sm.families.links.CLogLog() if estimator == "cloglog" else sm.families.links.Probit())

    def fitted(part):
        columns = np.column_stack([part[["x", "d"]], pd.get_dummies(part["year"], dtype=float)])
        return sm.GLM(part[y], columns, family=family).fit(tol=1e-13).params.to_numpy()[:2]

    whole = fitted(data)
    parts = np.stack([fitted(data[data["industry"] != g]) - whole for g in range(20)])
    fit = inv.estimate(formula, data, estimator, cluster=["industry"], vcov="crv3")
    np.testing.assert_allclose(fit.covariance, 19 / 20 * parts.T @ parts, rtol=1e-6)


def test_a_term_that_rests_on_one_cluster_has_no_crv3(data):
    data["only"] = np.where(data["industry"] == 4, data["x"], 0.0)
    fit = inv.estimate("event ~ x + only", data, "logit", cluster=["industry"], vcov="crv3")
    assert np.isnan(fit.std_error).tolist() == [False, False, True]
    assert any("no crv3 standard error for only" in said for said in fit.notes)
    assert fit.margins()["std_error"].isna().tolist() == [False, True]


def test_what_fits_no_estimator_is_refused(data):
    with pytest.raises(InputError, match="'iid' is not valid for fractional_logit"):
        inv.estimate("share ~ x", data, "fractional_logit", vcov="iid")
    for estimator in ("logit", "probit", "cloglog"):
        with pytest.raises(NotEstimable, match=f"share of a {estimator} model is 0 or 1; a share takes"):
            inv.estimate("share ~ x", data, estimator)
    with pytest.raises(NotEstimable, match="fractional_probit model lies between 0 and 1"):
        inv.estimate("x ~ d", data, "fractional_probit")
    data["count"] = np.random.default_rng(1).negative_binomial(2, 0.5, len(data))
    with pytest.raises(NotEstimable, match=r"crv3.*is not built for this estimator; use crv1"):
        inv.estimate("count ~ x", data, "glm:negative_binomial", cluster=["industry"], vcov="crv3")


@EVERY
def test_perfect_prediction_is_told(data, estimator):
    y = outcome_of(estimator)
    assert not any("perfectly" in said for said in inv.estimate(f"{y} ~ x", data, estimator).notes)
    chosen = data.index[data[y] == 1][:5]
    data["sure"] = data.index.isin(chosen).astype(float)
    fit = inv.estimate(f"{y} ~ x + sure", data, estimator)
    assert any("5 rows are predicted perfectly" in said for said in fit.notes)


def test_a_share_inside_the_unit_interval_separates_nothing(data):
    """An indicator of ones and one inner share has a finite coefficient."""
    data["sure"] = data.index.isin([*data.index[data["share"] == 1][:5], 17]).astype(float)
    data.loc[17, "share"] = 0.3
    fit = inv.estimate("share ~ x + sure", data, "fractional_logit")
    assert not any("perfectly" in said for said in fit.notes)


def test_too_many_firms_for_indicators_name_the_way_out(data):
    many = pd.concat([data.assign(firm=data["firm"] + 1_000 * copy) for copy in range(6)])
    with pytest.raises(NotEstimable, match=r"600 levels .* use mundlak: true"):
        inv.estimate("event ~ x | firm", many, "logit")


def test_every_estimator_of_a_study_is_built_and_has_a_name():
    for name in ESTIMATORS:
        assert is_estimator(name)
        for language in ("en", "zh"):
            assert Labels(language).estimator(name)
