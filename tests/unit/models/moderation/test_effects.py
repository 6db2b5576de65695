"""Effects over the moderator: bands, regions of significance, averages on the response scale, invariances."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from scipy.stats import t as student
from tests.unit.models.moderation.explicit import dummies, left_of, rows_used

import involution as inv
from involution.models.distributions import critical_value
from involution.models.moderation.bands import Effects, uniform, wald
from involution.models.moderation.regions import johnson_neyman
from involution.models.moderation.rows import effects_rows, form_rows
from involution.models.moderation.support import outside_common_support
from involution.models.weighted import quantiles

EFFECTS = ["firm", "year"]


def moderated(data, **options):
    return inv.moderate(data, "y", "x", "w", ["z"], EFFECTS, "industry", **options)


def test_the_interval_touches_zero_at_the_bounds_of_johnson_and_neyman(data):
    found = moderated(data)
    fit = found.form("product").fit
    at = [fit.terms.index("x"), fit.terms.index("x:w")]
    about = found.form("product").factors.about["w"]
    change = np.array([[1.0, -about], [0.0, 1.0]])
    covariance = change @ fit.covariance[np.ix_(at, at)] @ change.T
    w = np.unique(data["w"].dropna())
    regions = johnson_neyman(change @ fit.estimate[at], covariance, critical_value(15), w)
    assert len(regions.roots) == 2
    shown = found.effects(at=list(regions.roots))
    assert shown["p_value"].to_numpy() == pytest.approx([0.05, 0.05], rel=1e-6)
    every = found.effects(at=w)
    significant = every["p_value"] < 0.05
    regions = johnson_neyman(change @ fit.estimate[at], covariance, critical_value(15), w)
    assert regions.positive == pytest.approx((significant & (every["estimate"] > 0)).mean())
    assert regions.negative == pytest.approx((significant & (every["estimate"] < 0)).mean())


@pytest.mark.parametrize("shift", [1e3, 1e6, 1e8])
def test_regions_do_not_depend_on_how_far_the_moderator_is_from_zero(data, shift):
    def regions(by):
        found = effects_rows("m", moderated(data.assign(w=data["w"] + by), draws=99))
        rows = found.statistics.set_index("statistic")["value"]
        return {name: rows[name] for name in rows.index if name.startswith(("johnson_neyman", "share_"))}

    plain, far = regions(0.0), regions(shift)
    assert list(plain) == ["johnson_neyman[w,1]", "johnson_neyman[w,2]", "share_negative[w]", "share_positive[w]"]
    assert list(far) == list(plain)
    for name, value in plain.items():
        moved = shift if name.startswith("johnson") else 0.0
        assert far[name] - moved == pytest.approx(value, abs=1e-6)
    assert 0 < plain["share_positive[w]"] < 1


@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_regions_are_solved_about_the_middle_of_the_moderator(shift):
    w, (b, c), covariance = np.linspace(-2, 2, 81), (0.1, 0.5), np.array([[0.02, 0.004], [0.004, 0.01]])
    to_zero = np.array([[1.0, -shift], [0.0, 1.0]])
    found = johnson_neyman(to_zero @ [b, c], to_zero @ covariance @ to_zero.T, 1.96, w + shift)
    by_hand = np.roots([c**2 - 1.96**2 * 0.01, 2 * (b * c - 1.96**2 * 0.004), b**2 - 1.96**2 * 0.02])
    assert np.array(found.roots) - shift == pytest.approx(np.sort(by_hand), abs=1e-6)


@pytest.mark.parametrize(
    ("estimate", "variances", "roots", "positive"),
    [
        ((1.0, 0.0), (0.01, 0.01), "both", 1.0),
        ((0.0, 0.0), (0.01, 0.01), "none", 0.0),
        ((2.0, 0.0), (0.01, 0.0), "none", 1.0),
    ],
)
def test_regions_of_every_shape(estimate, variances, roots, positive):
    found = johnson_neyman(np.array(estimate), np.diag(variances), 1.96, np.array([-0.5, 0.0, 0.5]))
    assert len(found.roots) == (2 if roots == "both" else 0)
    assert found.positive == positive
    if roots == "both":
        # 1 = 1.96^2 (.01 + .01 w^2)
        assert found.roots[1] == pytest.approx(np.sqrt((1 / 1.96**2 - 0.01) / 0.01)) == -found.roots[0]


def test_regions_are_missing_where_a_standard_error_is():
    found = johnson_neyman(np.ones(2), np.full((2, 2), np.nan), 2.0, np.arange(3.0))
    assert found.roots == ()
    assert np.isnan(found.negative)


def test_the_uniform_band_of_one_effect_is_pointwise_and_of_independent_ones_sidaks():
    one = Effects(("a",), np.ones(1), np.eye(1), 12.0)
    assert uniform(one, 400_000, 1) == pytest.approx(student.ppf(0.975, 12), rel=0.01)
    five = Effects(tuple("abcde"), np.ones(5), np.diag([1.0, 4, 9, 0.1, 2]), np.inf)
    sidak = norm.ppf((1 + 0.95 ** (1 / 5)) / 2)
    assert uniform(five, 400_000, 1) == pytest.approx(sidak, rel=0.005)
    line = Effects(("a", "b"), np.ones(2), np.ones((2, 2)), np.inf)
    assert uniform(line, 99_999, 1) == pytest.approx(norm.ppf(0.975), rel=0.01)
    assert np.isnan(uniform(Effects(("a",), np.ones(1), np.full((1, 1), np.nan), 9.0), 99, 0))


def test_a_wald_test_that_is_singular_says_nothing():
    assert np.isnan(wald(np.ones(2), np.ones((2, 2)), 10)[2])
    assert np.isnan(wald(np.zeros(0), np.zeros((0, 0)), 10)[0])
    value, df, p_value = wald(np.array([2.0]), np.eye(1), 10)
    assert (value, df, p_value) == (4.0, 1.0, pytest.approx(2 * student.sf(2, 10)))


def test_the_curve_has_both_bands_and_its_own_points(data):
    found = moderated(data, draws=999)
    curve = found.curve()
    middle = curve.iloc[20]
    own = found.effects(at=float(middle["x"])).iloc[0]
    assert middle[["estimate", "ci_low", "ci_high"]].to_numpy() == pytest.approx(
        own[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    )
    assert (curve["uniform_low"] < curve["ci_low"]).all()
    assert (curve["uniform_high"] > curve["ci_high"]).all()
    assert curve.equals(moderated(data, draws=999).curve())


@pytest.mark.parametrize("estimator", ["ols", "poisson"])
def test_no_centring_unit_order_or_name_changes_an_effect(data, estimator):
    outcome = "y" if estimator == "ols" else "count"

    def effects(frame, about=None, **kwargs):
        moderator = {"by": "w", "about": about}
        found = inv.moderate(
            frame, outcome, "x", moderator, ["z"], EFFECTS, "industry", estimator=estimator, vcov="crv1"
        )
        return found.effects(**kwargs)["estimate"].to_numpy(), found.form().fit

    usual, headline = effects(data)
    term = headline.terms.index("x:w")
    for about in (0.0, -3.0):
        assert effects(data, about)[0] == pytest.approx(usual, rel=1e-7)
    moved, other = effects(data.assign(w=data["w"] + 100))
    assert moved == pytest.approx(usual, rel=1e-6)
    assert other.estimate[term] == pytest.approx(headline.estimate[term], rel=1e-7)
    scaled, other = effects(data.assign(w=data["w"] * 10, x=data["x"] / 4))
    assert scaled == pytest.approx(usual * 4, rel=1e-7)
    assert other.estimate[term] == pytest.approx(headline.estimate[term] * 0.4, rel=1e-7)
    shuffled = data.sample(frac=1, random_state=7).reset_index(drop=True)
    renamed = shuffled.assign(firm=shuffled["firm"].map(lambda name: f"企业{name[::-1]}"))
    again, other = effects(renamed)
    assert again == pytest.approx(usual, rel=1e-8)
    assert other.std_error[term] == pytest.approx(headline.std_error[term], rel=1e-7)


def poisson_by_hand(used, at, about):
    """GLM with dummies: the average effect at a value and its gradient by central differences."""
    shares = used["year"].value_counts(normalize=True)
    labels = sorted(shares.index)
    indicator = np.column_stack(
        [
            (used["year"] == year) * 1.0 - (used["year"] == labels[0]) * shares[year] / shares[labels[0]]
            for year in labels[1:]
        ]
    )
    x, w = used["x"].to_numpy(), used["w"].to_numpy()
    effects = np.hstack([dummies(used["firm"]), dummies(used["year"])[:, 1:]])

    def design(w):
        return np.column_stack([x, w, x * (w - about), used["z"], indicator * x[:, None], effects])

    fit = sm.GLM(used["count"].to_numpy(), design(w), family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    moved = design(np.full(len(x), at))

    def average(b):
        return np.mean(np.exp(moved @ b) * (b[0] + b[2] * (at - about) + indicator @ b[4 : 4 + indicator.shape[1]]))

    steps = 1e-5 * np.eye(len(fit.params))
    gradient = np.array([(average(fit.params + s) - average(fit.params - s)) / 2e-5 for s in steps])
    return fit, design(w), average(fit.params), gradient


def test_effects_on_the_response_are_those_of_a_glm_with_dummies(data):
    """Estimate, and the delta method on all parameters, firms' dummies among them."""
    found = inv.moderate(
        data, "count", "x", "w", ["z"], EFFECTS, "industry", estimator="poisson", vcov="crv1"
    )  # fmt: skip
    product = found.form("product")
    used = data.iloc[product.sample.rows]
    used = used[used.groupby("firm")["count"].transform("sum") > 0]
    assert len(used) == product.fit.n_obs
    shown = found.effects(at=[-1.0, 1.5])
    factor = next(value for name, value, _, _ in product.fit.details if name == "small_sample_factor")
    for (_, row), at in zip(shown.iterrows(), (-1.0, 1.5), strict=True):
        fit, matrix, average, gradient = poisson_by_hand(used, at, product.factors.about["w"])
        bread = np.linalg.pinv(matrix.T @ (matrix * fit.fittedvalues[:, None]))
        influence = matrix * (used["count"].to_numpy() - fit.fittedvalues)[:, None] @ (bread @ gradient)
        sums = [influence[(used["industry"] == name).to_numpy()].sum() for name in used["industry"].unique()]
        assert row["estimate"] == pytest.approx(average, rel=1e-6)
        assert row["std_error"] == pytest.approx(np.sqrt(np.sum(np.square(sums)) * factor), rel=1e-4)


def test_the_jackknife_of_response_effects_is_estimated_anew_without_each_cluster(data):
    options = {"estimator": "poisson", "fixed_effects": EFFECTS, "cluster": "industry"}
    # Without effects by year the average year does not depend on the cluster that is left out.
    whole = inv.moderate(data, "count", "x", "w", **options)
    shown = whole.effects(at=0.5).iloc[0]
    used = data.iloc[whole.form("product").sample.rows]
    rows = used["industry"].unique()
    left_out = []
    for name in rows:
        part = inv.moderate(
            used[used["industry"] != name], "count", "x", "w", estimator="poisson", fixed_effects=EFFECTS, vcov="hetero"
        )
        left_out.append(part.effects(at=0.5)["estimate"].iloc[0])
    # The years' shares are those of the whole sample in one and of the part in the other.
    by_hand = np.sqrt((len(rows) - 1) / len(rows) * np.sum((np.array(left_out) - shown["estimate"]) ** 2))
    assert shown["std_error"] == pytest.approx(by_hand, rel=0.05)


def test_weighted_quantiles_of_equal_weights_are_near_the_usual_ones():
    values = np.random.default_rng(0).normal(size=5_000)
    shares = (0.1, 0.5, 0.9)
    assert quantiles(values, np.ones(5_000), shares) == pytest.approx(np.quantile(values, shares), abs=0.01)
    doubled = quantiles(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 6.0]), (0.5,))
    assert doubled[0] > 1.3


def test_what_is_said_of_moderator_and_treatment_has_the_weights_of_the_model(data):
    """A row that counts three times is as three rows."""
    counts = np.random.default_rng(3).integers(1, 4, len(data))
    found = moderated(data.assign(weight=counts.astype(float)), weights="weight", draws=99, vcov="crv1")
    statistics = pd.concat([form_rows("m", found, "").statistics, effects_rows("m", found).statistics])
    shown = statistics.drop_duplicates("statistic").set_index("statistic")["value"]
    rows = found.form("product").sample.rows
    assert shown["sd_treatment[x]"] == pytest.approx(np.repeat(data["x"].to_numpy()[rows], counts[rows]).std())
    left = np.repeat(found.form().factors.columns["w"], counts[rows])
    whole = np.repeat(data["w"].to_numpy()[rows], counts[rows])
    assert shown["within_share[w]"] == pytest.approx(left.var() / whole.var())
    x, w = data["x"].to_numpy()[rows], data["w"].to_numpy()[rows]
    middle = quantiles(x, counts[rows], [0.5])[0]
    ends = np.array([quantiles(w[h], counts[rows][h], (0.01, 0.99)) for h in (x <= middle, x > middle)])
    outside = (w < ends[:, 0].max()) | (w > ends[:, 1].min())
    assert shown["outside_common_support[w]"] == pytest.approx(np.repeat(outside, counts[rows]).mean())
    assert found.support()["rows"].sum() == len(rows)


def test_common_support_is_small_where_treatment_and_moderator_go_together():
    random = np.random.default_rng(0)
    x = random.normal(size=4_000)
    assert outside_common_support(x, random.normal(size=4_000)) < 0.05
    assert outside_common_support(x, x + 0.1 * random.normal(size=4_000)) > 0.5
    assert outside_common_support(np.repeat([0.0, 1.0], [3_000, 1_000]), random.normal(size=4_000)) < 0.05


def test_a_moderator_constant_within_firms_is_demeaned_within_years(data):
    frame = data.assign(soe=(data["firm"].str[-1].astype(int) % 3) * 1.0)
    found = inv.moderate(frame, "y", "x", "soe", ["z"], EFFECTS, "industry").form()
    used = rows_used(frame, ["y", "x", "soe", "z"], EFFECTS)
    assert found.factors.within == {"x": "firm", "soe": "year"}
    own = left_of(used["x"], used, ["firm"]) * left_of(used["soe"], used, ["year"])
    assert found.factors.columns["x"] * found.factors.columns["soe"] == pytest.approx(own, abs=1e-12)
    codes = [remark.code for remark in found.fit.remarks]
    assert "moderation_within_year" in codes
    assert "moderation_main_absorbed" in codes


def test_a_product_of_two_that_are_constant_within_firms_is_in_the_firm_effects(data):
    digit = data["firm"].str[-1].astype(int)
    frame = data.assign(soe=(digit % 3) * 1.0, large=(digit % 2) * 1.0)
    found = inv.moderate(frame, "y", "x", ["soe", "large"], (), EFFECTS, "industry", product=True)
    for form in ("", "product"):
        terms = found.form(form).fit.terms
        assert "soe:large" not in terms
        assert "x:soe:large" in terms
