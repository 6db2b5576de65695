"""Response surfaces: against statsmodels with the delta method written out, closed forms, hulls, the balance model."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.response_surface import SurfaceModel, estimate_balance, estimate_surface
from involution.models.surface_geometry import hull_of, inside_hull

B = np.array([0.4, -0.2, -0.3, 0.5, -0.6])


def panel(seed=1, firms=80, years=6, effect=False):
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(2010, 2010 + years), firms)
    n = len(firm)
    o = draws.normal(size=n)
    m, t = 0.4 * o + draws.normal(size=n), draws.normal(size=n)
    surface = B @ np.stack([o, m, o**2, o * m, m**2])
    y = (t * (0.3 + 0.1 * (year - 2012) + surface) if effect else surface) + draws.normal(size=firms)[firm]
    y = y + 0.1 * year + draws.normal(size=n)
    industry = firm % 16
    return pd.DataFrame({"firm": firm, "year": year, "industry": industry, "o": o, "m": m, "t": t, "y": y})


def surface(data, vcov="crv1", effects=("firm", "year"), cluster="industry", **asked):
    return estimate_surface(SurfaceModel("y", ("o", "m"), **asked), Design(data, effects, cluster), vcov=vcov)


def by_statsmodels(data, about=(0.0, 0.0)):
    """Coefficients b1 to b5 and their covariance clustered as R's fixest has it, dummies in the regression."""
    moved = data.assign(o=data["o"] - about[0], m=data["m"] - about[1])
    fit = smf.ols("y ~ o + m + I(o**2) + o:m + I(m**2) + C(year)", moved).fit(
        cov_type="cluster", cov_kwds={"groups": data["industry"]}, use_t=True
    )
    names = ["o", "m", "I(o ** 2)", "o:m", "I(m ** 2)"]
    return fit.params[names].to_numpy(), fit.cov_params().loc[names, names].to_numpy(), fit


def differenced(function, b, step=1e-6):
    return np.array([(function(b + step * e) - function(b - step * e)) / (2 * step) for e in np.eye(5)])


FORMULAS = {
    "surface[a1]": lambda b: b[0] + b[1],
    "surface[a2]": lambda b: b[2] + b[3] + b[4],
    "surface[a3]": lambda b: b[0] - b[1],
    "surface[a4]": lambda b: b[2] - b[3] + b[4],
    "stationary[o]": lambda b: (b[1] * b[3] - 2 * b[0] * b[4]) / (4 * b[2] * b[4] - b[3] ** 2),
    "stationary[m]": lambda b: (b[0] * b[3] - 2 * b[1] * b[2]) / (4 * b[2] * b[4] - b[3] ** 2),
    "surface[p11]": lambda b: (b[4] - b[2] + np.sqrt((b[2] - b[4]) ** 2 + b[3] ** 2)) / b[3],
    "surface[p21]": lambda b: (b[4] - b[2] - np.sqrt((b[2] - b[4]) ** 2 + b[3] ** 2)) / b[3],
    "surface[p10]": lambda b: FORMULAS["stationary[m]"](b) - FORMULAS["surface[p11]"](b) * FORMULAS["stationary[o]"](b),
    "surface[p20]": lambda b: FORMULAS["stationary[m]"](b) - FORMULAS["surface[p21]"](b) * FORMULAS["stationary[o]"](b),
}
"""Edwards and Parry (1993), written out."""


@pytest.mark.parametrize("about", [(0.0, 0.0), (0.5, -0.25)])
def test_the_surface_is_that_of_statsmodels_with_the_delta_method(about):
    data = panel()
    rows = surface(data, effects=("year",), about=about).tidy().set_index("term")
    b, vcov, fit = by_statsmodels(data, about)
    assert rows.loc[["o", "m", "o^2", "o:m", "m^2"], "estimate"].to_numpy() == pytest.approx(b)
    assert rows.loc[["o", "m", "o^2", "o:m", "m^2"], "std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(vcov)))
    origin = {"stationary[o]": about[0], "stationary[m]": about[1]}
    for term, function in FORMULAS.items():
        gradient = differenced(function, b)
        assert rows.loc[term, "estimate"] == pytest.approx(function(b) + origin.get(term, 0.0))
        assert rows.loc[term, "std_error"] == pytest.approx(np.sqrt(gradient @ vcov @ gradient), rel=1e-5)
    test = fit.t_test("o + m = 0")
    assert rows.loc["surface[a1]", "p_value"] == pytest.approx(float(test.pvalue))
    assert rows.loc["surface[a1]", ["ci_low", "ci_high"]].tolist() == pytest.approx(test.conf_int()[0].tolist())


def test_the_joint_test_of_squares_and_product_is_that_of_statsmodels():
    data = panel()
    found = surface(data, effects=("year",)).statistics.set_index("statistic").loc["second_order_f"]
    _, _, fit = by_statsmodels(data)
    expected = fit.f_test("I(o ** 2) = 0, o:m = 0, I(m ** 2) = 0")
    assert found[["value", "df"]].tolist() == pytest.approx([float(expected.fvalue), 3])
    assert found["p_value"] == pytest.approx(float(expected.pvalue))


def test_the_origin_changes_the_coordinates_and_not_the_surface():
    data = panel()
    here, there = surface(data), surface(data, about=(1.0, 2.0))
    rows, moved = here.tidy().set_index("term"), there.tidy().set_index("term")
    same = ["surface[a2]", "surface[a4]", "stationary[o]", "stationary[m]", "surface[p11]", "surface[p21]", "o^2"]
    assert moved.loc[same, ["estimate", "std_error"]].to_numpy() == pytest.approx(
        rows.loc[same, ["estimate", "std_error"]].to_numpy()
    )


def test_the_principal_axes_stand_upright_on_each_other_and_meet_in_the_stationary_point():
    rows = surface(panel()).tidy().set_index("term")["estimate"]
    assert rows["surface[p11]"] * rows["surface[p21]"] == pytest.approx(-1)
    for axis in ("1", "2"):
        at = rows[f"surface[p{axis}0]"] + rows[f"surface[p{axis}1]"] * rows["stationary[o]"]
        assert at == pytest.approx(rows["stationary[m]"])


def test_the_surface_of_an_effect_recovers_what_was_planted():
    """The treatment's effect drifts by .1 a year: its own term is the mean effect at the origin."""
    data = panel(effect=True, firms=120)
    found = surface(data, treatment="t", vcov="crv3")
    rows = found.tidy().set_index("term")
    terms = ["t:o", "t:m", "t:o^2", "t:o:m", "t:m^2"]
    assert rows.loc[terms, "estimate"].to_numpy() == pytest.approx(B, abs=0.15)
    assert rows.loc["t", "estimate"] == pytest.approx(0.35, abs=0.15)
    assert not rows.index.str.contains("year=").any()
    assert {"surface_effect", "surface_by_year"} <= {remark.code for remark in found.remarks}
    by_hand = smf.ols("y ~ t*(o + m + I(o**2) + o:m + I(m**2)) + t:C(year) + C(year) + C(firm)", data).fit()
    assert rows.loc[terms, "estimate"].to_numpy() == pytest.approx(
        by_hand.params[["t:o", "t:m", "t:I(o ** 2)", "t:o:m", "t:I(m ** 2)"]].to_numpy()
    )


@pytest.mark.parametrize("weights", [None, "weight"])
def test_the_treatments_own_term_is_the_mean_of_its_effects_by_year_weighted_as_the_model_is(weights):
    draws = np.random.default_rng(3)
    data = panel(effect=True, firms=60)
    data = data.assign(weight=draws.uniform(0.5, 2.0, len(data)) * (1 + data["year"] - 2010), one=1.0)
    data = data[draws.uniform(size=len(data)) > 0.1 * (data["year"] - 2010)].reset_index(drop=True)
    design = Design(data, ["firm", "year"], "industry", weights=weights)
    rows = estimate_surface(SurfaceModel("y", ("o", "m"), treatment="t"), design).tidy().set_index("term")
    used = data[data.groupby("firm")["firm"].transform("size") > 1]
    given = used[weights or "one"]
    formula = (
        "y ~ t:C(year) + t:(o + m + I(o**2) + o:m + I(m**2)) + o + m + I(o**2) + o:m + I(m**2) + C(year) + C(firm)"
    )
    fit = smf.wls(formula, used, weights=given).fit()
    shares = given.groupby(used["year"]).sum() / given.sum()
    by_year = np.array([fit.params[f"t:C(year)[{year}]"] for year in shares.index])
    assert rows.loc["t", "estimate"] == pytest.approx(float(shares @ by_year), rel=1e-8)
    assert rows.loc["t:o:m", "estimate"] == pytest.approx(fit.params["t:o:m"], rel=1e-8)


def test_along_the_line_of_congruence_the_curve_is_the_regressions():
    data = panel()
    found = surface(data, effects=("year",))
    line = found.curves[found.curves["curve"] == "line[congruence]"].iloc[-1]
    b, vcov, _ = by_statsmodels(data)
    weights = np.array([1, 1, line["x"], line["x"], line["x"]]) * line["x"]
    assert line["estimate"] == pytest.approx(weights @ b)
    reach = np.sqrt(weights @ vcov @ weights) * stats.t.ppf(0.975, 15)
    assert line["ci_high"] - line["estimate"] == pytest.approx(reach)


def test_the_balance_model_has_the_absolute_difference():
    data = panel()
    rows, fit, _ = estimate_balance(SurfaceModel("y", ("o", "m")), Design(data, ["year"], "industry"), vcov="crv1")
    expected = smf.ols("y ~ o + m + np.abs(o - m) + C(year)", data).fit()
    found = rows.set_index("term")["estimate"]
    assert found["|o-m|"] == pytest.approx(expected.params["np.abs(o - m)"])
    assert fit.n_obs == len(data)


def test_where_the_stationary_point_lies_is_said():
    assert "surface_maximum_inside" in {remark.code for remark in surface(panel()).remarks}
    data = panel()
    saddle = data.assign(y=data["o"] * data["m"] + 20 * data["o"] + 0.01 * data["y"])
    assert "surface_saddle_outside" in {remark.code for remark in surface(saddle).remarks}


def test_a_surface_that_is_not_identified_is_said():
    data = panel()
    with pytest.raises(NotEstimable, match="surface"):
        surface(data.assign(o=(data["o"] > 0) * 1.0))


def test_hulls_and_what_lies_inside():
    corners = hull_of(np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]]))
    assert len(corners) == 4
    assert inside_hull(np.array([1.0, 1.5]), corners)
    assert not inside_hull(np.array([2.1, 1.0]), corners)
    assert len(hull_of(np.array([[0.0, 0], [1, 1], [2, 2]]))) == 2
