"""Effects by potential outcomes against formulas written out row by row, re-estimation and planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit, ndtr
from scipy.stats import poisson

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.models.mediation import potential_outcomes
from involution.models.mediation.mediate import mediate


def by_term(mediation) -> pd.Series:
    """Estimates by term."""
    return mediation.tidy().set_index("term")["estimate"]


def coefficients(data, outcome, regressors, family=None):
    """A regression by statsmodels: constant first; and the fitted means."""
    columns = np.column_stack([np.ones(len(data)), *regressors])
    model = sm.OLS(data[outcome], columns) if family is None else sm.GLM(data[outcome], columns, family=family)
    options = {} if family is None else {"tol": 1e-13, "maxiter": 200}
    fit = model.fit(**options)
    return np.asarray(fit.params), np.asarray(fit.fittedvalues)


@pytest.mark.parametrize("cluster", [(), ("industry",), ("industry", "region")])
def test_linear_equations_give_the_products_and_errors_of_the_linear_engine(mediated_panel, cluster):
    """One unit of the treatment, two mediators, firm and year effects: the same effects by another way."""
    data = mediated_panel(10, n_firms=60, n_industries=15)
    given = (data, "y", "x", ["m1", "m2"], "c", ["firm", "year"], cluster)
    products = mediate(*given, inference="delta").tidy().set_index("term")
    outcomes = mediate(*given, inference="delta", levels=(0, 1), blocks=[["m1", "m2"]]).tidy().set_index("term")
    shared = [term for term in outcomes.index if term in products.index]
    assert {"total", "direct", "a[m1]", "indirect[m2]", "indirect[total]", "share[m1]", "contrast[m1-m2]"} <= set(
        shared
    )
    np.testing.assert_allclose(
        outcomes.loc[shared, "estimate"], products.loc[shared, "estimate"], rtol=1e-8, atol=1e-12
    )
    # The linear engine has the total's error from the reduced form: the jackknife of a sum of products, not its slope.
    parts = [term for term in shared if term != "total" and not term.startswith("share")]
    for column in ("std_error", "ci_low", "p_value"):
        np.testing.assert_allclose(outcomes.loc[parts, column], products.loc[parts, column], rtol=1e-6, atol=1e-12)
    assert outcomes.loc["indirect[m1+m2]", "estimate"] == pytest.approx(products.loc["indirect[total]", "estimate"])


def test_a_product_of_treatment_and_mediator_has_its_closed_form(mediated_panel):
    """``indirect[x=t] = a (b + k t)``, ``direct[x=t] = c + k E M(t)`` (Imai, Keele and Yamamoto 2010, section 4)."""
    data = mediated_panel(21)
    d, m, c = (data[name].to_numpy() for name in ("d", "m1", "c"))
    (_, a, _), _ = coefficients(data, "m1", [d, c])
    (_, direct, b, _, k), _ = coefficients(data, "y", [d, m, c, d * m])
    found = by_term(mediate(data, "y", "d", "m1", "c", interaction=True, inference="delta"))
    level = m.mean() - a * d.mean()
    assert found["indirect[m1,x=0]"] == pytest.approx(a * b, rel=1e-9)
    assert found["indirect[m1,x=1]"] == pytest.approx(a * (b + k), rel=1e-9)
    assert found["direct[x=0]"] == pytest.approx(direct + k * level, rel=1e-9)
    assert found["direct[x=1]"] == pytest.approx(direct + k * (level + a), rel=1e-9)
    assert found["indirect[m1,x=1-0]"] == pytest.approx(a * k, rel=1e-9)


def test_a_probit_outcome_is_averaged_over_rows_and_residuals(mediated_panel):
    """Every row with every residual, written out; residuals scaled for the three coefficients of their equation."""
    data = mediated_panel(22)
    d, m, c = (data[name].to_numpy() for name in ("d", "m1", "c"))
    (m0, a, mc), fitted = coefficients(data, "m1", [d, c])
    (y0, direct, b, yc), _ = coefficients(data, "event", [d, m, c], sm.families.Binomial(sm.families.links.Probit()))
    errors = (m - fitted) * np.sqrt(len(data) / (len(data) - 3))

    def mean(x, level):
        return ndtr(y0 + direct * x + yc * c + b * (m0 + a * level + mc * c + errors[:, None])).mean()

    found = by_term(mediate(data, "event", "d", "m1", "c", family={"outcome": "probit"}, inference="delta"))
    assert found["total"] == pytest.approx(mean(1, 1) - mean(0, 0), rel=1e-8)
    assert found["indirect[m1,x=0]"] == pytest.approx(mean(0, 1) - mean(0, 0), rel=1e-8)
    assert found["indirect[m1,x=1]"] == pytest.approx(mean(1, 1) - mean(1, 0), rel=1e-8)
    assert found["direct[x=0]"] == pytest.approx(mean(1, 0) - mean(0, 0), rel=1e-8)
    assert found["direct[x=1]"] == pytest.approx(mean(1, 1) - mean(0, 1), rel=1e-8)


def test_three_kinds_of_mediators_are_summed_over_together(mediated_panel):
    """A linear, a 0/1 and a count mediator of a logit outcome with products: each moved alone with the others at x."""
    data = mediated_panel(23, n_firms=30, n_industries=10)
    d, m, binary, count, c = (data[name].to_numpy() for name in ("d", "m1", "binary", "count", "c"))
    first, fitted = coefficients(data, "m1", [d, c])
    second, _ = coefficients(data, "binary", [d, c], sm.families.Binomial())
    third, _ = coefficients(data, "count", [d, c], sm.families.Poisson())
    last, _ = coefficients(
        data, "event", [d, m, binary, count, c, d * m, d * binary, d * count], sm.families.Binomial()
    )
    errors = (m - fitted) * np.sqrt(len(data) / (len(data) - 3))
    counts = np.arange(40)

    def mean(x, levels):
        at = [
            part[0] + part[1] * level + part[2] * c for part, level in zip((first, second, third), levels, strict=True)
        ]
        slopes = last[2:5] + x * last[6:9]
        index = last[0] + last[1] * x + last[5] * c + slopes[0] * at[0]
        shares = poisson.pmf(counts, np.exp(at[2])[:, None])
        out = np.zeros(len(data))
        for value, share in ((0, 1 - expit(at[1])), (1, expit(at[1]))):
            for k in counts:
                shifted = index + slopes[1] * value + slopes[2] * k
                out += share * shares[:, k] * expit(shifted[:, None] + slopes[0] * errors).mean(axis=1)
        return out.mean()

    family = {"outcome": "logit", "binary": "logit", "count": "poisson"}
    found = by_term(
        mediate(data, "event", "d", ["m1", "binary", "count"], "c", family=family, interaction=True, inference="delta")
    )
    low, high = mean(0, (0, 0, 0)), mean(1, (1, 1, 1))
    assert found["total"] == pytest.approx(high - low, rel=1e-7)
    for k, name in enumerate(("m1", "binary", "count")):
        alone = tuple(float(j == k) for j in range(3))
        assert found[f"indirect[{name},x=0]"] == pytest.approx(mean(0, alone) - low, rel=1e-6), name
        others = tuple(1 - value for value in alone)
        assert found[f"indirect[{name},x=1]"] == pytest.approx(high - mean(1, others), rel=1e-6), name


def test_a_count_outcome_with_firm_and_year_effects_moves_its_fitted_values(mediated_panel):
    """``mean mu (exp(change) - 1)``: the effects are in the fitted values; a 0/1 mediator's mean is a closed form."""
    data = mediated_panel(24)
    family = {"outcome": "poisson", "binary": "logit"}
    mediation = mediate(
        data,
        "patents",
        "d",
        "binary",
        "c",
        ["firm", "year"],
        "industry",
        family=family,
        mundlak=True,
        inference="delta",
    )
    rows = data.iloc[mediation.equations.sample.rows]
    assert mediation.n_obs == len(rows)
    fit = inv.estimate("patents ~ d + binary + c | firm + year", rows, estimator="poisson")
    direct, b = (float(fit.estimate[fit.terms.index(term)]) for term in ("d", "binary"))
    probit = inv.estimate("binary ~ d + c | firm + year", rows, estimator="logit", mundlak=True)
    a = float(probit.estimate[probit.terms.index("d")])
    d, m, base = rows["d"].to_numpy(), rows["binary"].to_numpy(), np.log(fit.fitted)
    index = np.log(probit.fitted / (1 - probit.fitted)) - a * d

    def mean(x, level):
        share = expit(index + a * level)
        return (np.exp(base - direct * d - b * m + direct * x) * (1 - share + share * np.exp(b))).mean()

    found = by_term(mediation)
    assert found["total"] == pytest.approx(mean(1, 1) - mean(0, 0), rel=1e-6)
    assert found["indirect[binary,x=0]"] == pytest.approx(mean(0, 1) - mean(0, 0), rel=1e-6)
    assert found["direct[x=1]"] == pytest.approx(mean(1, 1) - mean(0, 1), rel=1e-6)


@pytest.mark.parametrize("outcome", ["logit", "probit", "poisson"])
def test_parts_and_what_they_leave_add_up_to_the_total(mediated_panel, outcome):
    """total = direct + indirect[total], and indirect[total] = own effects + indirect[interaction]."""
    data = mediated_panel(25)
    name = "patents" if outcome == "poisson" else "event"
    family = {"outcome": outcome, "binary": "probit"}
    found = by_term(
        mediate(data, name, "d", ["m1", "m2", "binary"], family=family, interaction=True, inference="delta")
    )
    assert found["total"] == pytest.approx(found["direct"] + found["indirect[total]"], abs=1e-14)
    own = sum(found[f"indirect[{m}]"] for m in ("m1", "m2", "binary"))
    assert found["indirect[total]"] == pytest.approx(own + found["indirect[interaction]"], abs=1e-14)
    assert abs(found["indirect[interaction]"]) > 1e-6


def test_the_order_of_mediators_does_not_matter(mediated_panel):
    """Own effects treat all mediators alike."""
    data = mediated_panel(26)
    options = {"family": {"outcome": "probit", "binary": "logit"}, "inference": "delta"}
    one = by_term(mediate(data, "event", "d", ["m1", "binary", "m2"], "c", **options))
    other = by_term(mediate(data, "event", "d", ["m2", "m1", "binary"], "c", **options))
    terms = [term for term in one.index if not term.startswith("contrast")]
    np.testing.assert_allclose(one[terms], other[terms], rtol=1e-9, atol=1e-14)


def test_the_joint_covariance_holds_each_equations_own(mediated_panel):
    """CRV3 standard errors of `inv.estimate`, equation by equation."""
    data = mediated_panel(27)
    family = {"outcome": "poisson", "binary": "probit"}
    mediation = mediate(
        data, "patents", "d", ["m1", "binary"], "c", cluster="industry", family=family, inference="delta"
    )
    errors = np.sqrt(np.diag(mediation.sampled.covariance))
    fits = [
        inv.estimate("m1 ~ d + c", data, cluster="industry", vcov="crv3"),
        inv.estimate("binary ~ d + c", data, "probit", "industry", vcov="crv3"),
        inv.estimate("patents ~ d + m1 + binary + c", data, "poisson", "industry", vcov="crv3"),
    ]
    np.testing.assert_allclose(errors, np.concatenate([fit.std_error for fit in fits]), rtol=1e-7)


def test_the_jackknife_is_re_estimation_without_each_cluster(mediated_panel):
    """Binary mediator, probit outcome: every effect anew on the other clusters' rows."""
    data = mediated_panel(28)
    options = {"family": {"outcome": "probit", "binary": "logit"}, "interaction": True}
    given = ("event", "d", "binary", "c")
    found = mediate(data, *given, cluster="industry", inference="jackknife", **options).tidy().set_index("term")
    industries = data["industry"].unique()
    without = [
        by_term(mediate(data[data["industry"] != industry], *given, inference="delta", **options))
        for industry in industries
    ]
    g = len(industries)
    for term in ("total", "direct[x=0]", "indirect[binary]", "indirect[binary,x=1]", "a[binary]"):
        error = np.sqrt((g - 1) / g * sum((part[term] - found.loc[term, "estimate"]) ** 2 for part in without))
        assert found.loc[term, "std_error"] == pytest.approx(error, rel=1e-6), term


def test_draws_do_not_depend_on_how_they_are_cut(mediated_panel, monkeypatch):
    """Monte Carlo intervals in one part and in many."""
    data = mediated_panel(29, n_firms=24, n_industries=8)
    family = {"outcome": "probit", "count": "poisson"}

    def drawn():
        return mediate(data, "event", "d", ["m1", "count"], cluster="industry", family=family, draws=99, seed=4).tidy()

    whole = drawn()
    monkeypatch.setattr(potential_outcomes, "_CELLS", 3 * len(data))
    cut = drawn()
    np.testing.assert_allclose(cut[["ci_low", "ci_high"]], whole[["ci_low", "ci_high"]], rtol=1e-9, atol=1e-12)


def test_a_text_treatment_is_compared_value_by_value_with_the_first(mediated_panel):
    """Products of coefficients of indicators; two named levels give one of them without a label."""
    data = mediated_panel(30)
    data["size"] = np.select([data["x"] < -0.5, data["x"] < 0.7], ["micro", "small"], "large")
    indicators = [(data["size"] == value).to_numpy(dtype=float) for value in ("micro", "small")]
    c, m = data["c"].to_numpy(), data["m1"].to_numpy()
    first, _ = coefficients(data, "m1", [*indicators, c])
    last, _ = coefficients(data, "y", [*indicators, m, c])
    found = by_term(mediate(data, "y", "size", "m1", "c", inference="delta"))
    for place, value in ((1, "micro"), (2, "small")):
        assert found[f"indirect[m1,size={value}]"] == pytest.approx(first[place] * last[3], rel=1e-9)
        assert found[f"direct[size={value}]"] == pytest.approx(last[place], rel=1e-9)
        assert found[f"total[size={value}]"] == pytest.approx(last[place] + first[place] * last[3], rel=1e-9)
    between = by_term(mediate(data, "y", "size", "m1", "c", inference="delta", levels=("micro", "small")))
    assert between["indirect[m1]"] == pytest.approx((first[2] - first[1]) * last[3], rel=1e-9)


def test_a_treatment_with_few_whole_values_is_compared_value_by_value(mediated_panel):
    """Zero, one and two; named levels make it enter as it is."""
    data = mediated_panel(31)
    data["grade"] = np.clip(np.round(data["x"] + 1), 0, 2)
    found = mediate(data, "event", "grade", "m1", family={"outcome": "logit"}, inference="delta")
    assert {"total[grade=1]", "total[grade=2]"} <= set(found.tidy()["term"])
    named = mediate(data, "event", "grade", "m1", family={"event": "logit"}, inference="delta", levels=(0, 2))
    assert "total" in set(named.tidy()["term"])


def test_a_continuous_treatment_moves_by_one_standard_deviation_about_its_mean(mediated_panel):
    """Said in the note, and the levels in the statistics."""
    data = mediated_panel(32)
    mediation = mediate(data, "event", "x", "m1", family={"outcome": "probit"}, inference="delta")
    levels = mediation.statistics.set_index("statistic")["value"]
    mean, deviation = data["x"].mean(), data["x"].std()
    assert levels["level[x=0]"] == pytest.approx(mean - deviation / 2)
    assert levels["level[x=1]"] == pytest.approx(mean + deviation / 2)
    assert any("half a standard deviation below its mean" in text for text in mediation.notes)


def test_rows_that_one_equation_cannot_use_leave_all_of_them(mediated_panel):
    """Firms without any patent say nothing with firm effects: they leave the mediator's equation too."""
    data = mediated_panel(33)
    none = data["firm"].isin(data["firm"].unique()[:3])
    data.loc[none, "patents"] = 0
    data.loc[data.index[-1], "c"] = np.nan
    mediation = mediate(
        data, "patents", "x", "m1", "c", ["firm", "year"], "industry", family={"outcome": "poisson"}, inference="delta"
    )
    statistics = mediation.statistics.set_index("statistic")["value"]
    assert statistics["dropped_missing"] == 1
    assert statistics["dropped_unusable"] >= none.sum()
    assert mediation.n_obs == len(data) - statistics["dropped_missing"] - statistics["dropped_unusable"]
    assert {equation.solution.sample.n for equation in mediation.equations.all} == {mediation.n_obs}


def test_planted_effects_are_found():
    """A randomised treatment, a probit mediator and a logit outcome with a product: within four standard errors."""
    rng = np.random.default_rng(34)
    n = 20_000
    d, c = (rng.random(n) < 0.5) * 1.0, rng.normal(size=n)
    share = {t: ndtr(-0.3 + 0.8 * t + 0.4 * c) for t in (0, 1)}
    m = (rng.random(n) < np.where(d == 1, share[1], share[0])) * 1.0
    chance = {(t, v): expit(-0.5 + 0.4 * t + 0.9 * v - 0.6 * t * v + 0.5 * c) for t in (0, 1) for v in (0, 1)}
    y = (rng.random(n) < expit(-0.5 + 0.4 * d + 0.9 * m - 0.6 * d * m + 0.5 * c)) * 1.0
    mean = {(t, s): (share[s] * chance[t, 1] + (1 - share[s]) * chance[t, 0]).mean() for t in (0, 1) for s in (0, 1)}
    truth = {
        "total": mean[1, 1] - mean[0, 0],
        "indirect[m,x=0]": mean[0, 1] - mean[0, 0],
        "indirect[m,x=1]": mean[1, 1] - mean[1, 0],
        "direct[x=0]": mean[1, 0] - mean[0, 0],
        "direct[x=1]": mean[1, 1] - mean[0, 1],
    }
    data = pd.DataFrame({"y": y, "d": d, "m": m, "c": c})
    family = {"outcome": "logit", "m": "probit"}
    found = (
        mediate(data, "y", "d", "m", "c", family=family, interaction=True, inference="delta").tidy().set_index("term")
    )
    for term, value in truth.items():
        assert abs(found.loc[term, "estimate"] - value) < 4 * found.loc[term, "std_error"], term
    assert found.loc["indirect[m,x=0]", "std_error"] < 0.01


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"family": {"m3": "logit"}}, "'m3' is neither mediator nor outcome"),
        ({"family": {"outcome": "gamma"}}, "found 'gamma'; expected ols, poisson, logit, probit"),
        ({"interaction": True, "moderators": {"m1": "w"}}, "these are built for linear equations"),
        ({"interaction": True, "mediators": ["m1", "m2"], "serial": ["m1", "m2"]}, "leave out `serial`"),
        ({"interaction": True, "inference": "bca"}, "expected one of monte_carlo, delta, jackknife"),
        ({"interaction": True, "inference": "jackknife", "cluster": ()}, "leaves out clusters, and none is named"),
        ({"levels": (1, 1)}, "write a low and a high level"),
        ({"interaction": True, "outcome": "yy"}, "there is no column 'yy'; the nearest is 'y'"),
    ],
)
def test_mistakes_are_named(mediated_panel, options, text):
    """One clear message each."""
    chosen = {"outcome": "y", "treatment": "x", "mediators": "m1", "cluster": "industry", **options}
    with pytest.raises(InputError) as caught:
        mediate(mediated_panel(35), **chosen)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("change", "options", "text"),
    [
        ({"event": 2.0}, {"family": {"outcome": "logit"}}, "does not vary"),
        ({"x": 1.0}, {"interaction": True}, "the treatment x does not vary"),
        ({"industry": "one"}, {"interaction": True}, "at least 3 are needed"),
    ],
)
def test_what_the_data_do_not_support_says_why(mediated_panel, change, options, text):
    """A reason, never a traceback of another library."""
    with pytest.raises(NotEstimable) as caught:
        mediate(mediated_panel(36).assign(**change), "event", "x", "m1", cluster="industry", **options)
    assert text in str(caught.value)
