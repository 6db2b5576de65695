"""Splits, interaction and stacked regression: against each other, statsmodels with dummies, and Poisson."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from tests.unit.models.heterogeneity.simulated import panel, thinned

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.facts import facts
from involution.models.heterogeneity.groups import Groups
from involution.models.heterogeneity.regressions import Asked, interaction, of_group, stacked

KNOWN = facts(None, {})


def asked(**given):
    return Asked(**{"outcome": "y", "treatment": "x", "controls": ("c",), "estimator": "ols", "vcov": "crv1",
                    "draws": 199, "seed": 1, **given})  # fmt: skip


def design(data, effects=("firm", "year"), weights=None):
    return Design(data, effects, ["industry"], weights=weights)


def groups(data, order=("a", "b")):
    return Groups("group", "group_", data["group"].to_numpy(dtype=object), tuple(order), ())


def three():
    data = thinned(panel(7, difference=0.2))
    group = np.where(data["firm"] % 7 == 0, "c", data["group"])
    slope = np.where(group == "c", 0.4, 0.0)
    return data.assign(group=group, y=data["y"] + slope * data["x"] + 0.3 * data["c"] * (group == "b"))


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("effects", [(), ("year",), ("firm", "year")])
def test_the_stacked_regression_has_the_slopes_of_the_groups_own(effects, weights):
    data = three()
    made, found = design(data, effects, weights), groups(data, ("b", "a", "c"))
    whole = stacked(asked(), made, found)
    parts = {name: of_group(asked(), made, found, name, KNOWN, ()) for name in found.order}
    slopes = {name: fit.estimate[fit.terms.index("x")] for name, fit in parts.items()}
    got = dict(zip(whole.terms, whole.estimate, strict=True))
    assert got["x[group=b]"] == pytest.approx(slopes["b"], abs=1e-10)
    assert got["difference[group=a-b]"] == pytest.approx(slopes["a"] - slopes["b"], abs=1e-10)
    assert got["difference[group=c-b]"] == pytest.approx(slopes["c"] - slopes["b"], abs=1e-10)
    for name, fit in parts.items():
        assert got[f"c[group={name}]"] == pytest.approx(fit.estimate[fit.terms.index("c")], abs=1e-10)
    assert whole.n_obs == sum(fit.n_obs for fit in parts.values())


def test_its_covariance_holds_what_groups_share_through_clusters():
    data = three()
    made, found = design(data), groups(data)
    whole = stacked(asked(), made, found)
    moves = []
    for name in found.order:
        fit = of_group(asked(), made, found, name, KNOWN, ())
        [factor] = [row[1] for row in fit.details if row[0] == "small_sample_factor"]
        moves.append(fit.cluster_influence["x"] / np.sqrt(factor))
    joined = pd.concat(moves, axis=1).fillna(0.0).to_numpy()
    details = {row[0]: row[1] for row in whole.details}
    variance = ((joined[:, 1] - joined[:, 0]) ** 2).sum() * details["small_sample_factor"]
    position = whole.terms.index("difference[group=b-a]")
    assert whole.std_error[position] == pytest.approx(np.sqrt(variance), rel=1e-9)
    apart = np.sqrt((joined**2).sum() * details["small_sample_factor"])
    assert abs(apart / whole.std_error[position] - 1) > 0.02


def test_the_interaction_is_that_of_statsmodels_with_dummies():
    data = three()
    data = data[data["industry"] < 4].reset_index(drop=True)
    fit = interaction(asked(), design(data), groups(data, ("a", "b", "c")))
    made = data.iloc[fit.rows]
    direct = smf.ols("y ~ x + x:C(group) + c + C(firm) + C(year)", made).fit(
        cov_type="cluster", cov_kwds={"groups": made["industry"]}, use_t=True
    )
    expected = [direct.params["x"], direct.params["x:C(group)[T.b]"], direct.params["x:C(group)[T.c]"]]
    np.testing.assert_allclose(fit.estimate[:3], expected, atol=1e-9)
    assert fit.terms[:3] == ("x[group=a]", "difference[group=b-a]", "difference[group=c-a]")
    # fixest counts firm effects nested in the clusters once, statsmodels each of them.
    n, nested = fit.n_obs, made["firm"].nunique() - 1
    k = len(direct.params)
    factor = np.sqrt((n - k) / (n - k + nested))
    np.testing.assert_allclose(fit.std_error[:3], direct.bse[["x", "x:C(group)[T.b]", "x:C(group)[T.c]"]] * factor,
                               rtol=1e-9)  # fmt: skip
    test = direct.f_test("x:C(group)[T.b] = 0, x:C(group)[T.c] = 0")
    statistics = {row[0]: row for row in fit.details}
    assert statistics["equal_effects"][1] == pytest.approx(float(test.fvalue) / factor**2, rel=1e-8)
    assert statistics["equal_effects"][2] == 2


def test_groups_that_firms_leave_have_a_level_of_their_own():
    data = three()
    changing = data.assign(group=np.where(data["year"] > 4, "b", data["group"]))
    fit = interaction(asked(), design(changing), groups(changing))
    assert fit.fixed_effects == ("firm", "year", "group_")
    fixed = data.assign(group=np.where(data["b"], "b", "a"))
    assert interaction(asked(), design(fixed), groups(fixed)).fixed_effects == ("firm", "year")


def test_crv3_of_the_stacked_regression_leaves_whole_clusters_out():
    data = three()
    made, found = design(data), groups(data)
    whole = stacked(asked(vcov="crv3"), made, found)
    place = whole.terms.index("difference[group=b-a]")
    replicates = []
    for industry in data["industry"].unique():
        left = data[data["industry"] != industry].reset_index(drop=True)
        fit = stacked(asked(), design(left), groups(left))
        replicates.append(fit.estimate[fit.terms.index("difference[group=b-a]")])
    g = len(replicates)
    variance = (g - 1) / g * ((np.array(replicates) - whole.estimate[place]) ** 2).sum()
    assert whole.std_error[place] == pytest.approx(np.sqrt(variance), rel=1e-8)


def test_poisson_works_through_the_same_regressions():
    data = three()
    draws = np.random.default_rng(1)
    data = data.assign(y=draws.poisson(np.exp(0.5 - 0.2 * data["x"] + 0.3 * data["x"] * (data["group"] == "b"))))
    made, found = design(data), groups(data)
    poisson = asked(estimator="poisson")
    parts = {name: of_group(poisson, made, found, name, KNOWN, ()) for name in found.order}
    rows = np.isin(np.arange(len(data)), np.concatenate([fit.rows for fit in parts.values()]))
    whole = stacked(poisson, made.on(rows=rows), found)
    difference = parts["b"].estimate[0] - parts["a"].estimate[0]
    assert whole.estimate[whole.terms.index("difference[group=b-a]")] == pytest.approx(difference, abs=1e-8)
    assert difference == pytest.approx(0.3, abs=0.15)
    assert interaction(poisson, made.on(rows=rows), found).estimator == "poisson"


def test_a_group_without_variation_says_so():
    data = three()
    flat = data.assign(x=np.where(data["group"] == "b", 0.0, data["x"]))
    with pytest.raises(NotEstimable, match="absorb"):
        of_group(asked(), design(flat), groups(flat), "b", KNOWN, ())


def test_few_clusters_are_told():
    data = three()
    few = data.assign(group=np.where(data["industry"] < 3, "b", "a"))
    fit = of_group(asked(), design(few), groups(few), "b", KNOWN, ())
    assert any("3 clusters, fewer than 10" in text for text in fit.notes)


def rejections(compare, count, **given):
    """Share of samples in which the difference is found at 5 %, with crv3."""
    out = []
    for seed in range(count):
        data = panel([seed, 4], industries=30, **given)
        fit = compare(asked(controls=(), vcov="crv3"), design(data), groups(data))
        out.append(fit.p_value[fit.terms.index("difference[group=b-a]")] <= 0.05)
    return float(np.mean(out))


@pytest.mark.parametrize("compare", [interaction, stacked])
def test_equal_effects_are_rejected_as_often_as_stated_and_different_ones_far_more_often(compare):
    # 150 samples: three Monte Carlo standard errors about 5 % are 5.3 points.
    assert rejections(compare, 150) < 0.103
    assert rejections(compare, 40, labels="even", difference=0.3) > 0.8
