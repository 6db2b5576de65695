"""The same digits by every way in; refusals and drops that are said."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.study.formulas import FormulaError


def test_design_and_estimate_give_the_same_digits(panel):
    design = inv.Design(panel, ["firm", "year"], ["industry"])
    design.estimate("y ~ w")
    one, two = design.estimate("y ~ x + w"), inv.estimate("y ~ x + w | firm + year", panel, cluster=["industry"])
    pd.testing.assert_frame_equal(one.tidy(), two.tidy(), check_exact=True)


def test_a_column_is_absorbed_once(panel, monkeypatch):
    from involution.models.absorb import Absorber

    absorbed = []
    original = Absorber.residuals
    monkeypatch.setattr(Absorber, "residuals", lambda self, c: absorbed.append(c.shape[1]) or original(self, c))
    design = inv.Design(panel, ["firm", "year"], ["industry"])
    design.estimate("y ~ x")
    design.estimate("y ~ x + w")
    design.estimate("y ~ w")
    assert absorbed == [2, 1]


def test_missing_rows_are_counted_by_column(panel):
    panel.loc[:4, "x"] = np.nan
    panel.loc[3:9, "w"] = np.nan
    fit = inv.estimate("y ~ x + w | firm", panel, cluster=["firm"])
    assert "10 rows removed because of missing values (x: 5, w: 7)" in fit.notes
    assert (
        fit.n_obs
        == len(panel)
        - 10
        - dict(zip(*fit.statistics[["statistic", "value"]].T.to_numpy(), strict=True))["dropped_singletons"]
    )


def test_collinear_and_absorbed_columns_are_named(panel):
    panel["twice"], panel["fixed"] = 2 * panel.x, panel.firm.astype("category").cat.codes.astype(float)
    fit = inv.estimate("y ~ x + twice + fixed | firm + year", panel, cluster=["firm"])
    assert fit.terms == ("x",)
    assert "dropped because of collinearity: twice" in fit.notes
    assert "dropped because the fixed effects absorb them: fixed" in fit.notes


@pytest.mark.parametrize(
    ("change", "formula", "message"),
    [
        ({"y": 1.0}, "y ~ x | firm", "does not vary"),
        ({"x": np.nan}, "y ~ x | firm", "no row has a value"),
        ({"industry": "one"}, "y ~ x | firm", "at least two are needed"),
        ({"count": -1}, "count ~ x | firm", "negative values"),
    ],
)
def test_models_that_the_data_cannot_support_say_why(panel, change, formula, message):
    estimator = "poisson" if formula.startswith("count") else "ols"
    with pytest.raises(NotEstimable, match=message):
        inv.estimate(formula, panel.assign(**change), estimator, cluster=["industry"])


def test_unknown_names_point_at_the_place(panel):
    with pytest.raises(InputError) as caught:
        inv.estimate("y ~ revenu | firm", panel, cluster=["firm"])
    assert "the nearest is 'revenue'" in str(caught.value)
    assert str(caught.value).split("\n")[2].strip() == "^"


@pytest.mark.parametrize(
    "options",
    [
        {"estimator": "lasso"},
        {"cluster": ["nowhere"]},
        {"cluster": ["firm", "year", "industry"]},
        {"vcov": "hc9"},
        {"vcov": "crv1"},
        {"small_sample": {"adjust": True}},
        {"singletons": "maybe"},
        {"weights": "x"},
    ],
)
def test_unknown_options_are_refused(panel, options):
    with pytest.raises(InputError):
        inv.estimate("y ~ x | firm", panel, **options)


def test_text_and_infinite_values_are_refused(panel):
    with pytest.raises(InputError, match="holds text"):
        inv.estimate("y ~ sector | firm", panel, cluster=["firm"])
    panel.loc[0, "x"] = np.inf
    with pytest.raises(InputError, match="1 infinite values"):
        inv.estimate("y ~ x | firm", panel, cluster=["firm"])


def test_a_formula_that_does_not_parse_raises_a_formula_error(panel):
    with pytest.raises(FormulaError):
        inv.estimate("y ~ ", panel)


def test_lags_inside_a_formula_see_rows_outside_the_sample(panel):
    fit = inv.estimate("y ~ lag(x) | firm", panel, cluster=["firm"], where="year >= 2012")
    assert fit.n_obs == 60 * 4


def test_large_offset_without_fixed_effects_keeps_its_digits(panel):
    shifted = panel.assign(x=panel.x + 1e6)
    a = inv.estimate("y ~ x", panel, vcov="hetero").tidy()
    b = inv.estimate("y ~ x", shifted, vcov="hetero").tidy()
    np.testing.assert_allclose(a.std_error[1], b.std_error[1], rtol=1e-8)
    np.testing.assert_allclose(a.estimate[1], b.estimate[1], rtol=1e-8)


def test_combination_of_coefficients(panel):
    from involution.models.result import combine

    fit = inv.estimate("y ~ x + w | firm", panel, cluster=["firm"])
    estimate, std_error = combine(fit, {"x": 1.0, "w": -1.0})
    v = fit.vcov.to_numpy()
    assert estimate == pytest.approx(fit.estimate[0] - fit.estimate[1])
    assert std_error == pytest.approx(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]))


def test_indicators_are_those_of_the_rows_in_use(panel):
    rows = (panel["year"] > panel["year"].min()).to_numpy()
    last = int(panel["year"].max())
    fit = inv.Design(panel, ["firm"], rows=rows).estimate(f"y ~ i(year, ref={last})")
    assert f"year::{int(panel['year'].min())}" not in fit.terms
    assert not any("absorb" in said or "collinear" in said for said in fit.notes)


def test_advice_on_few_clusters_is_advice_one_can_take(panel):
    assert any("prefer crv3, wild" in said for said in inv.estimate("y ~ x | firm", panel, cluster=["sector"]).notes)
    wild = inv.estimate("y ~ x | firm", panel, cluster=["sector"], vcov="wild", draws=99)
    assert not any("few clusters" in said for said in wild.notes)


def test_a_logit_that_is_separated_says_so(panel):
    random = np.random.default_rng(4)
    panel["win"] = (panel["x"] + random.normal(size=len(panel)) > 0).astype(float)
    assert not any("perfectly" in said for said in inv.estimate("win ~ x", panel, estimator="logit").notes)
    chosen = panel.index[panel["win"] == 1][:9]
    panel["sure"] = panel.index.isin(chosen).astype(float)
    fit = inv.estimate("win ~ x + sure", panel, estimator="logit")
    assert any("9 rows are predicted perfectly" in said for said in fit.notes)
