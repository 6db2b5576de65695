"""The firm's means in the place of its fixed effect: exact where the model is linear, and right where it is not."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import involution as inv
from involution.errors import InputError
from involution.models.blocks import run_models
from involution.study.models import Model


def unbalanced(seed=1, firms=80, years=7):
    """Firms with between two and seven years; x follows the firm effect, k is constant within firms."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(years), firms)})
    effect = random.normal(size=firms)[frame["firm"]]
    frame["k"] = random.normal(size=firms)[frame["firm"]]
    frame["x"] = effect + random.normal(size=len(frame))
    frame["z"] = random.normal(size=len(frame)) + 0.3 * frame["year"]
    frame["y"] = 0.5 * frame["x"] - 0.2 * frame["z"] + effect + 0.1 * frame["year"] + random.normal(size=len(frame))
    return frame[(random.random(len(frame)) < 0.7) | (frame["year"] < 2)].reset_index(drop=True)


def test_the_linear_model_gives_the_fixed_effects_estimate():
    """Mundlak's equivalence, with year effects in an unbalanced panel (Wooldridge 2019)."""
    data = unbalanced()
    within = inv.estimate("y ~ x + z | firm + year", data)
    for formula in ("y ~ x + z | firm + year", "y ~ x + z + k | firm + year"):
        means = inv.estimate(formula, data, "glm:gaussian", mundlak=True)
        np.testing.assert_allclose(means.estimate[:2], within.estimate, rtol=1e-9)
    assert means.terms == ("x", "z", "k")
    assert means.fixed_effects == ("year",)
    assert any("Mundlak 1978" in said for said in means.notes)


def test_means_are_those_of_the_rows_in_use():
    data = unbalanced()
    part = data["z"] > -1
    means = inv.estimate("y ~ x + z | firm + year", data, "glm:gaussian", mundlak=True, where="z > -1")
    within = inv.estimate("y ~ x + z | firm + year", data[part], singletons="keep")
    np.testing.assert_allclose(means.estimate, within.estimate, rtol=1e-9)


def test_a_model_with_firm_effects_alone_has_a_constant():
    fit = inv.estimate("y ~ x | firm", unbalanced(), "glm:gaussian", mundlak=True)
    within = inv.estimate("y ~ x | firm", unbalanced())
    assert fit.terms == ("(Intercept)", "x")
    assert fit.estimate[1] == pytest.approx(within.estimate[0], rel=1e-9)
    assert fit.fixed_effects == ()


def test_means_count_among_the_parameters():
    """x and its mean, the constant, and indicators for six numbers of years, one of which the constant holds."""
    data = unbalanced()
    numbers = data["firm"].value_counts().nunique()
    fit = inv.estimate("y ~ x | firm", data, "glm:gaussian", mundlak=True, vcov="hetero")
    assert fit.statistics.set_index("statistic").loc["small_sample_k", "value"] == 3 + numbers - 1


def test_where_no_means_are_needed_they_are_refused():
    data = unbalanced()
    with pytest.raises(InputError, match="'ols' needs no means"):
        inv.estimate("y ~ x | firm", data, mundlak=True)
    with pytest.raises(InputError, match="there is no fixed effect firm"):
        inv.estimate("y ~ x | year", data, "glm:gaussian", mundlak=True)


def test_one_design_serves_with_and_without_means():
    data = unbalanced()
    design = inv.Design(data, ["firm", "year"], ["firm"])
    within, means = design.estimate("y ~ x"), design.estimate("y ~ x", estimator="glm:gaussian", mundlak=True)
    np.testing.assert_allclose(within.estimate, means.estimate, rtol=1e-9)
    assert (within.fixed_effects, means.fixed_effects) == (("firm", "year"), ("year",))


def test_a_study_says_it_as_a_key_of_the_model():
    data = unbalanced().assign(share=lambda frame: ndtr(frame["y"] / 2))
    models = [
        Model(name="share", estimator="fractional_probit", formula="share ~ x | firm + year", mundlak=True,
              cluster=["firm"]),
        Model(name="none", estimator="logit", formula="share ~ x | firm + year", mundlak=True),
    ]  # fmt: skip
    block = run_models(models, data, study="s")
    rows = block.estimates.set_index("model")
    assert rows.loc["share", "term"] == "x"
    assert rows.loc["share", "fixed_effects"] == "year"
    assert "0 or 1" in rows.loc["none", "note"]
    assert {"ame[x]", "ame_se[x]"} <= set(block.statistics["statistic"])
    assert block.notes.query("code == 'mundlak'")["text_zh"].str.contains("企业均值").all()
    with pytest.raises(InputError, match="model 'bad', mundlak"):
        run_models([Model(name="bad", formula="y ~ x | firm", mundlak=True)], data, study="s")


def test_means_undo_the_bias_of_a_firm_effect_in_a_share():
    """E(share | x, c) = Phi(.5 x + c), c = -.6 mean(x) + N(0, .5^2): the average effect is known in closed form.

    Given x and its mean the index is scaled by 1 / sqrt(1.25) (Papke and Wooldridge 2008).
    """
    random = np.random.default_rng(11)
    firms, years = 2_000, 5
    firm = np.repeat(np.arange(firms), years)
    x = random.normal(size=firms)[firm] + random.normal(size=len(firm))
    mean = x.reshape(firms, years).mean(axis=1)[firm]
    index = 0.5 * x - 0.6 * mean + 0.5 * random.normal(size=firms)[firm]
    share = random.binomial(10, ndtr(index)) / 10
    data = pd.DataFrame({"firm": firm, "x": x, "share": share})
    scaled = (0.5 * x - 0.6 * mean) / np.sqrt(1.25)
    truth = 0.5 / np.sqrt(1.25), float(np.mean(np.exp(-(scaled**2) / 2)) / np.sqrt(2 * np.pi) * 0.5 / np.sqrt(1.25))
    found = inv.estimate("share ~ x | firm", data, "fractional_probit", cluster=["firm"], mundlak=True)
    naive = inv.estimate("share ~ x", data, "fractional_probit", cluster=["firm"])
    assert abs(found.estimate[1] - truth[0]) < 3 * found.std_error[1]
    effect, without = found.margins().iloc[0], naive.margins().iloc[0]
    assert abs(effect["estimate"] - truth[1]) < 3 * effect["std_error"]
    assert abs(without["estimate"] - truth[1]) > 20 * without["std_error"]


def test_a_hazard_takes_means_over_rows_that_are_no_longer_at_risk():
    """A single spell: means over the years at risk alone, which the outcome ends, leave a fifth of the effect out."""
    random = np.random.default_rng(2)
    firms, years = 4_000, 8
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    effect = random.normal(size=firms)[firm]
    x = effect + random.normal(size=len(firm))
    stops = random.random(len(firm)) < -np.expm1(-np.exp(-2.5 + 0.5 * x - 0.8 * effect))
    before = pd.Series(stops).groupby(firm).cumsum().to_numpy() - stops
    data = pd.DataFrame({"firm": firm, "year": year, "x": x, "stop": np.where(before > 0, np.nan, stops)})
    options = {"estimator": "cloglog", "cluster": ["firm"]}
    naive = inv.estimate("stop ~ x | year", data, **options)
    at_risk = inv.estimate("stop ~ x | firm + year", data[data["stop"].notna()], mundlak=True, **options)
    whole = inv.estimate("stop ~ x | firm + year", data, mundlak=True, **options)
    assert abs(whole.estimate[0] - 0.5) < 3 * whole.std_error[0]
    assert at_risk.estimate[0] < 0.5 - 2 * at_risk.std_error[0]
    assert naive.estimate[0] < 0.5 - 10 * naive.std_error[0]
    assert any("all its rows" in said for said in whole.notes)
