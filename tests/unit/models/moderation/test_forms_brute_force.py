"""Every form of a moderated model against least squares with dummy columns, re-estimated without each cluster."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from tests.unit.models.moderation.explicit import jackknife, least_squares, left_of, rows_used, year_columns

import involution as inv

EFFECTS = ["firm", "year"]


def moderated(data, **options):
    return inv.moderate(data, "y", "x", "w", ["z"], EFFECTS, "industry", **options)


def product_by_hand(form, used, weights=None):
    if form in ("", "no_year"):
        within = EFFECTS if form == "" else ["firm"]
        return left_of(used["x"], used, ["firm"], weights) * left_of(used["w"], used, within, weights)
    about = np.average(used["w"], weights=weights)
    return used["x"] * (used["w"] - about)


@pytest.mark.parametrize("form", ["", "product", "no_year", "plain"])
@pytest.mark.parametrize("weights", [None, "weight"])
def test_each_form_is_least_squares_with_its_product(data, form, weights):
    fit = moderated(data, weights=weights).form(form).fit
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    given = None if weights is None else used[weights].to_numpy()
    own = product_by_hand(form, used, given)
    columns = [own, used["w"], used["z"], used["x"]]
    columns += year_columns(used["x"], used["year"]) if form in ("", "product") else []
    by_hand = least_squares(used["y"], columns, used, EFFECTS, given)
    found = fit.tidy().set_index("term")
    assert fit.n_obs == len(used)
    assert found.loc[["x:w", "w", "z"], "estimate"].to_numpy() == pytest.approx(by_hand[:3], rel=1e-9)
    errors = np.sqrt(np.diag(jackknife(used["y"], columns, used, EFFECTS, "industry", given)))
    assert found.loc[["x:w", "w", "z"], "std_error"].to_numpy() == pytest.approx(errors[:3], rel=1e-7)
    assert fit.vcov_label == "crv3(industry)"


def test_the_own_coefficient_is_the_mean_of_the_effects_by_year(data):
    fit = moderated(data).form("product").fit
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    used = used.assign(xw=used["x"] * (used["w"] - used["w"].mean()))
    by_year = inv.estimate("y ~ i(year, x) + w + z + xw | firm + year", used, cluster="industry").tidy()
    effects = by_year.set_index("term")["estimate"]
    shares = used["year"].value_counts(normalize=True)
    mean = sum(share * effects[f"year::{year}:x"] for year, share in shares.items())
    assert fit.estimate[fit.terms.index("x")] == pytest.approx(mean, rel=1e-9)


def test_the_interaction_design_has_effects_at_the_level_of_the_treatment(data):
    found = moderated(data).interaction()
    effects = ["firm", "industry^year"]
    used = rows_used(data, ["y", "x", "w", "z"], effects)
    own = left_of(used["x"], used, ["firm"]) * left_of(used["w"], used, EFFECTS)
    columns = [own, used["w"], used["z"]]
    assert "x" not in found.fit.terms
    assert found.fit.fixed_effects == ("firm", "industry^year")
    assert found.fit.estimate[found.fit.terms.index("x:w")] == pytest.approx(
        least_squares(used["y"], columns, used, effects)[0], rel=1e-8
    )


def test_a_moderator_constant_within_firms_has_a_pure_interaction(data):
    trait = dict(zip(sorted(data["firm"].unique()), np.random.default_rng(5).normal(size=96), strict=False))
    frame = data.assign(w=data["firm"].map(trait))
    found = moderated(frame).interaction()
    effects = ["firm", "industry^year"]
    used = rows_used(frame, ["y", "x", "w", "z"], effects)
    own = left_of(used["x"], used, ["firm"]) * left_of(used["w"], used, ["year"])
    by_hand = least_squares(used["y"], [own, used["z"]], used, effects)[0]
    assert found.fit.estimate[found.fit.terms.index("x:w")] == pytest.approx(by_hand, rel=1e-8)


def test_an_index_that_leaves_the_firm_out_is_interacted_by_its_mean(data):
    random = np.random.default_rng(0)
    frame = data.assign(hhi_loo=data["x"] + 0.3 * random.normal(size=len(data)))
    found = inv.moderate(frame, "y", "hhi_loo", "w", (), EFFECTS, "industry").interaction()
    mean = frame.groupby(["industry", "year"])["hhi_loo"].transform("mean")
    effects = ["firm", "industry^year"]
    used = rows_used(frame.assign(mean=mean), ["y", "hhi_loo", "w"], effects)
    own = left_of(used["mean"], used, ["firm"]) * left_of(used["w"], used, EFFECTS)
    by_hand = least_squares(used["y"], [own, used["w"]], used, effects)[0]
    assert found.fit.estimate[found.fit.terms.index("hhi_loo:w")] == pytest.approx(by_hand, rel=1e-8)


def test_effects_over_the_moderator_are_those_of_statsmodels(data):
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    model = smf.ols("y ~ x * w + z + C(firm) + C(year) + C(year):x", used)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": used["industry"].astype("category").cat.codes})
    found = moderated(data, vcov="crv1").effects(at=[-1.0, 0.5, 2.0])
    shares = used["year"].value_counts(normalize=True)
    for (_, row), at in zip(found.iterrows(), (-1.0, 0.5, 2.0), strict=True):
        weights = dict.fromkeys(fit.params.index, 0.0) | {"x": 1.0, "x:w": at}
        weights |= {f"C(year)[T.{year}]:x": share for year, share in shares.items() if year != 2001}
        test = fit.t_test(np.array(list(weights.values())))
        assert row["estimate"] == pytest.approx(test.effect.item(), rel=1e-8)
        # statsmodels counts the dummies of firms, which are nested in the clusters, among the parameters.
        n, own = fit.nobs, moderated(data, vcov="crv1").form("product").fit
        k = next(value for name, value, _, _ in own.details if name == "small_sample_k")
        factor = np.sqrt((n - np.linalg.matrix_rank(model.exog)) / (n - k))
        assert row["std_error"] == pytest.approx(test.sd.item() * factor, rel=1e-8)


def test_three_way_products_hold_all_lower_terms(data):
    found = inv.moderate(data, "y", "x", ["w", "z"], (), EFFECTS, "industry", product=True)
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    x, (w, z) = left_of(used["x"], used, ["firm"]), (left_of(used[c], used, EFFECTS) for c in ("w", "z"))
    columns = [x * w, x * z, x * w * z, w * z, used["w"], used["z"], used["x"], *year_columns(used["x"], used["year"])]
    by_hand = least_squares(used["y"], columns, used, EFFECTS)
    fit = found.form().fit.tidy().set_index("term")["estimate"]
    assert fit[["x:w", "x:z", "x:w:z", "w:z", "w", "z"]].to_numpy() == pytest.approx(by_hand[:6], rel=1e-8)


def test_corners_of_a_product_are_sums_of_its_coefficients(data):
    found = inv.moderate(data, "y", "x", ["w", {"by": "z", "about": 0.2}], (), EFFECTS, "industry", product=True)
    fit, about = found.form("product").fit, found.form("product").factors.about
    b = dict(zip(fit.terms, fit.estimate, strict=True))
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    low, high = used[["w", "z"]].quantile(0.1), used[["w", "z"]].quantile(0.9)
    w, z = high["w"] - about["w"], low["z"] - 0.2
    shown = found.effects().set_index("term")["estimate"]
    expected = b["x"] + b["x:w"] * w + b["x:z"] * z + b["x:w:z"] * w * z
    assert shown["effect[w=p90,z=p10]"] == pytest.approx(expected, rel=1e-9)
    spread = (high - low).prod() * b["x:w:z"]
    assert shown["effect[w=p90-p10,z=p90-p10]"] == pytest.approx(spread, rel=1e-9)


def test_rivals_and_growth_enter_as_products_too(data):
    random = np.random.default_rng(3)
    frame = data.assign(g=random.normal(size=len(data)) + data["w"].fillna(0))
    found = inv.moderate(frame, "y", "x", "w", (), EFFECTS, "industry", with_treatment="g", with_moderator="g")
    used = rows_used(frame, ["y", "x", "w", "g"], EFFECTS)
    x, (w, g) = left_of(used["x"], used, ["firm"]), (left_of(used[c], used, EFFECTS) for c in ("w", "g"))
    columns = [x * w, x * g, g * w, used["w"], used["g"], used["x"], *year_columns(used["x"], used["year"])]
    by_hand = least_squares(used["y"], columns, used, EFFECTS)
    fit = found.form().fit.tidy().set_index("term")["estimate"]
    assert fit[["x:w", "x:g", "g:w", "w", "g"]].to_numpy() == pytest.approx(by_hand[:5], rel=1e-8)
