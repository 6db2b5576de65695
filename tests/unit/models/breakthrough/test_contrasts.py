"""Contrasts against regressions on dummies, re-estimated without each cluster, and what may not change them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import NotEstimable
from involution.models.breakthrough.by_group import Grouped
from involution.models.breakthrough.contrasts import fieller
from involution.models.breakthrough.estimated import estimated
from involution.models.breakthrough.joint import Groups
from involution.models.breakthrough.moves import quartiles
from involution.models.breakthrough.specification import Specification
from involution.models.result import combine

from .conftest import ASKED, designed

TIDY = ["estimate", "std_error", "p_value", "ci_low", "ci_high"]


def terms_of(found):
    return found.terms.set_index("term")


def by_group(data, **options):
    return Grouped(Groups("size", data["size"].to_numpy(dtype=object)), **options)


def dummies(data):
    return np.column_stack(
        [pd.get_dummies(data[name], dtype=float).to_numpy()[:, int(k > 0) :] for k, name in enumerate(("firm", "year"))]
    )


def residuals(values, on):
    return values - on @ np.linalg.lstsq(on, values, rcond=None)[0]


def joint_by_hand(data):
    """Regressors of the headline model, and coefficients of it on the rows given, by dummies."""
    firm = pd.get_dummies(data["firm"], dtype=float).to_numpy()
    both = dummies(data)
    moving = np.column_stack([data["finance"], data["insight"], data["care"], data["insight"] * data["care"]])
    x = data["x"].to_numpy()
    products = residuals(x, firm)[:, None] * residuals(moving, both)
    years = pd.get_dummies(data["year"], dtype=float).to_numpy()
    slopes = x[:, None] * (years - years.mean(axis=0))[:, 1:]
    return np.column_stack([x, moving, products, slopes, data["age"]]), x[:, None] * moving - products


def solved(regressors, outcome, data):
    every = np.column_stack([regressors, dummies(data)])
    return np.linalg.lstsq(every, outcome, rcond=None)[0][: regressors.shape[1]]


def test_the_headline_is_the_regression_on_dummies_and_its_intervals_the_jackknife(levers):
    found = estimated(ASKED, designed(levers))
    regressors, rest = joint_by_hand(levers)
    y = levers["y"].to_numpy()
    beta = solved(regressors, y, levers)
    own = solved(regressors, rest, levers)[0]
    quantile = levers[["finance", "insight", "care"]].quantile([0.25, 0.75]).to_numpy()
    low, high = (np.append(row, row[1] * row[2]) for row in quantile)
    deviation = levers["x"].std(ddof=0)
    zero = np.zeros(regressors.shape[1])

    def weights(at_x, at_products=(0, 0, 0, 0), at_levels=(0, 0, 0, 0)):
        out = zero.copy()
        out[0], out[1:5], out[5:9] = at_x, at_levels, at_products
        return out

    move = high - low
    asked = {
        "harm": deviation * weights(1, low - own),
        "offset[finance]": deviation * weights(0, move * [1, 0, 0, 0]),
        "offset[capabilities]": deviation * weights(0, move * [0, 1, 1, 1]),
        "offset[all]": deviation * weights(0, move),
        "remaining": deviation * weights(1, high - own),
        "level[finance]": weights(0, at_levels=move * [1, 0, 0, 0]),
        "level[capabilities]": weights(0, at_levels=move * [0, 1, 1, 1]),
    }
    replicates = []
    for industry in sorted(levers["industry"].unique()):
        stay = (levers["industry"] != industry).to_numpy()
        replicates.append(solved(regressors[stay], y[stay], levers[stay]))
    g = len(replicates)
    spread = (g - 1) / g * (np.array(replicates) - beta).T @ (np.array(replicates) - beta)
    rows = terms_of(found)
    for term, contrast in asked.items():
        assert rows.loc[term, "estimate"] == pytest.approx(contrast @ beta, rel=1e-8), term
        assert rows.loc[term, "std_error"] == pytest.approx(np.sqrt(contrast @ spread @ contrast), rel=1e-7), term
    share = -rows.loc["offset[finance]", "estimate"] / rows.loc["harm", "estimate"]
    assert rows.loc["share[finance]", "estimate"] == pytest.approx(share)
    assert rows.loc["harm", "ci_high"] - rows.loc["harm", "estimate"] == pytest.approx(
        2.045229642 * rows.loc["harm", "std_error"]
    )


def test_the_plain_form_is_the_formula_that_a_user_would_write(levers):
    rows = terms_of(estimated(ASKED, designed(levers)))
    fit = inv.estimate(
        "y ~ x + finance + insight + care + insight:care + x:finance + x:insight + x:care + x:insight:care + age "
        "| firm + year",
        levers, cluster="industry", vcov="crv3",
    )  # fmt: skip
    low, high = levers[["finance", "insight", "care"]].quantile([0.25, 0.75]).to_numpy()
    deviation = levers["x"].std(ddof=0)
    beta = dict(zip(fit.terms, fit.estimate, strict=True))
    offset = deviation * beta["x:finance"] * (high[0] - low[0])
    assert rows.loc["offset[finance]:plain", "estimate"] == pytest.approx(offset)
    harm = {"x": 1, "x:finance": low[0], "x:insight": low[1], "x:care": low[2], "x:insight:care": low[1] * low[2]}
    estimate, error = combine(fit, harm)
    assert rows.loc["harm:plain", "estimate"] == pytest.approx(deviation * estimate)
    assert rows.loc["harm:plain", "std_error"] == pytest.approx(deviation * error)
    assert "offset[finance]:no_year" in rows.index
    assert not any(term.startswith(("share", "level")) and ":plain" in term for term in rows.index)


def test_where_the_outcome_is_made_of_plain_products_alone_the_headline_finds_them(levers):
    exact = levers.assign(y=(-0.5 + 0.2 * levers["finance"]) * levers["x"])
    asked = Specification("y", "x", {"finance": ("finance",)})
    rows = terms_of(estimated(asked, designed(exact)))
    low, high = quartiles(exact["finance"].to_numpy())
    deviation = exact["x"].std(ddof=0)
    # The part of the product that its demeaned form leaves out is noise with a mean: near, not exact.
    assert rows.loc["harm", "estimate"] == pytest.approx(deviation * (-0.5 + 0.2 * low), abs=0.03)
    assert rows.loc["offset[finance]", "estimate"] == pytest.approx(deviation * 0.2 * (high - low), abs=0.02)
    assert rows.loc["harm:plain", "estimate"] == pytest.approx(deviation * (-0.5 + 0.2 * low), abs=1e-9)


@pytest.mark.parametrize("grouped", [False, True])
def test_centring_and_units_change_nothing(levers, grouped):
    def contrasts(data):
        return terms_of(estimated(ASKED, designed(data), by_group(data) if grouped else None))

    before = contrasts(levers)
    moved = levers.assign(
        x=40 + 1_000 * levers["x"], finance=levers["finance"] - 17, insight=3 + 0.01 * levers["insight"],
        care=levers["care"] * 50 - 20,
    )  # fmt: skip
    after = contrasts(moved)
    pd.testing.assert_frame_equal(after[TIDY], before[TIDY], rtol=1e-5, atol=1e-9)


def test_the_order_of_rows_and_the_names_of_firms_change_nothing(levers):
    before = terms_of(estimated(ASKED, designed(levers), by_group(levers)))
    renamed = levers.assign(firm="z" + levers["firm"].str[::-1]).sample(frac=1, random_state=3)
    after = terms_of(estimated(ASKED, designed(renamed), by_group(renamed)))
    pd.testing.assert_frame_equal(after[TIDY], before[TIDY], rtol=1e-7, atol=1e-10)


def test_groups_are_the_regression_on_products_with_each_of_them(levers):
    found = estimated(replace(ASKED, levers={"finance": ("finance",)}, products={}), designed(levers), by_group(levers))
    firm = pd.get_dummies(levers["firm"], dtype=float).to_numpy()
    x = levers["x"].to_numpy()
    product = residuals(x, firm) * residuals(levers["finance"].to_numpy(), dummies(levers))
    years = pd.get_dummies(levers["year"], dtype=float).to_numpy()
    parts = []
    for size in ("micro", "small", "medium"):
        here = (levers["size"] == size).to_numpy(dtype=float)
        parts += [x * here, levers["finance"] * here, product * here]
    regressors = np.column_stack([*parts, x[:, None] * (years - years.mean(axis=0))[:, 1:], levers["age"]])
    beta = solved(regressors, levers["y"].to_numpy(), levers)
    low, high = quartiles(levers["finance"].to_numpy())
    rows = terms_of(found)
    for k, size in enumerate(("micro", "small", "medium")):
        expected = levers["x"].std(ddof=0) * beta[3 * k + 2] * (high - low)
        assert rows.loc[f"offset[finance,size={size}]", "estimate"] == pytest.approx(expected, rel=1e-8)
    tests = found.details
    value, degrees, p_value = next(row[1:] for row in tests if row[0] == "equal_offsets[finance]")
    assert value > 0
    assert degrees == 2
    assert 0 < p_value < 1


def test_a_lever_that_stands_still_has_no_offset_and_the_others_do(levers):
    rare = levers.assign(event=(levers["year"] == 2016).astype(float) * (levers["insight"] > 1.2))
    asked = replace(ASKED, levers={**ASKED.levers, "event": ("event",)})
    found = estimated(asked, designed(rare))
    rows = terms_of(found)
    assert np.isnan(rows.loc["offset[event]", "estimate"])
    assert np.isfinite(rows.loc[["offset[finance]", "offset[all]", "remaining"], "estimate"]).all()
    codes = [remark.code for remark in found.remarks]
    assert {"breakthrough_lever_still", "breakthrough_all_without"} <= set(codes)


def test_a_lever_that_the_years_absorb_is_told_and_the_others_stay(levers):
    common = levers.assign(national=np.sin(levers["year"]))
    found = estimated(replace(ASKED, levers={"national": ("national",), **ASKED.levers}), designed(common))
    rows = terms_of(found)
    assert np.isnan(rows.loc["offset[national]", "estimate"])
    without = terms_of(estimated(ASKED, designed(levers)))
    assert rows.loc["offset[all]", "estimate"] == pytest.approx(without.loc["offset[all]", "estimate"])
    assert any(remark.code == "breakthrough_lever_absorbed" for remark in found.remarks)


def test_no_lever_left_is_no_estimate(levers):
    with pytest.raises(NotEstimable, match="no offset of national"):
        estimated(
            Specification("y", "x", {"national": ("national",)}), designed(levers.assign(national=levers["year"] ** 2))
        )


def test_a_treatment_that_the_effects_absorb_is_no_estimate(levers):
    fixed = levers.assign(x=levers["industry"].str[1:].astype(float))
    with pytest.raises(NotEstimable):
        estimated(ASKED, designed(fixed))


def test_a_lever_constant_within_firms_has_an_offset_and_no_level(levers):
    fixed = levers.assign(insight=levers.groupby("firm")["insight"].transform("mean"))
    found = estimated(Specification("y", "x", {"insight": ("insight",)}), designed(fixed))
    rows = terms_of(found)
    codes = [remark.code for remark in found.remarks]
    assert "breakthrough_between" in codes
    assert "breakthrough_seldom" not in codes
    assert np.isfinite(rows.loc["offset[insight]", ["estimate", "std_error"]].astype(float)).all()
    assert "level[insight]" not in rows.index


def test_shares_mean_nothing_without_harm(levers):
    noise = levers.assign(y=np.random.default_rng(0).normal(size=len(levers)))
    found = estimated(Specification("y", "x", {"finance": ("finance",)}), designed(noise))
    rows = terms_of(found)
    assert rows.loc["harm", "p_value"] > 0.05
    assert rows.loc["share[all]", ["std_error", "ci_low", "ci_high"]].isna().all()
    assert any(remark.code == "breakthrough_share_not_meaningful" for remark in found.remarks)


def test_fieller_is_the_set_of_ratios_that_a_t_test_does_not_refuse():
    from scipy.stats import t

    covariance = np.array([[0.02, -0.004], [-0.004, 0.03]])
    low, high = fieller(0.3, -1.0, covariance, 29)
    grid = np.linspace(-1, 2, 200_001)
    statistic = (0.3 + grid * -1.0) / np.sqrt(0.02 + 2 * grid * -0.004 + grid**2 * 0.03)
    inside = grid[np.abs(statistic) <= t.ppf(0.975, 29)]
    assert (low, high) == pytest.approx((inside[0], inside[-1]), abs=2e-5)
    assert all(np.isnan(fieller(0.3, -0.2, covariance, 29)))


def test_quartiles_with_equal_weights_are_near_those_without():
    values = np.random.default_rng(1).normal(size=2_001)
    assert quartiles(values, np.ones(2_001)) == pytest.approx(quartiles(values), abs=5e-3)


def test_two_clusterings_and_no_effects_are_estimated_too(levers):
    data = levers.assign(region=levers["firm"].str[-1])
    two_way = terms_of(estimated(ASKED, inv.Design(data, ["firm", "year"], ["industry", "region"])))
    one_way = terms_of(estimated(ASKED, designed(levers)))
    assert two_way["estimate"].to_numpy() == pytest.approx(one_way["estimate"].to_numpy())
    assert two_way.loc["harm", "std_error"] != pytest.approx(one_way.loc["harm", "std_error"])
    pooled = terms_of(estimated(ASKED, inv.Design(data, [], ["industry"])))
    fit = inv.estimate(
        "y ~ x + finance + insight + care + insight:care + x:finance + x:insight + x:care + x:insight:care + age",
        data, cluster="industry", vcov="crv3",
    )  # fmt: skip
    low, high = quartiles(data["finance"].to_numpy())
    row = fit.tidy().set_index("term").loc["x:finance"] * data["x"].std(ddof=0) * (high - low)
    assert pooled.loc["offset[finance]:plain", "estimate"] == pytest.approx(row["estimate"])
    assert pooled.loc["offset[finance]:plain", "std_error"] == pytest.approx(row["std_error"])


def test_a_lever_that_copies_another_is_told_and_does_not_take_its_offset(levers):
    data = levers.assign(copy=1 - 2 * levers["finance"])
    asked = Specification("y", "x", {"finance": ("finance",), "copy": ("copy",)})
    found = estimated(asked, designed(data))
    rows = terms_of(found)
    alone = terms_of(estimated(Specification("y", "x", {"finance": ("finance",)}), designed(data)))
    assert np.isnan(rows.loc["offset[copy]", "estimate"])
    assert rows.loc["offset[all]", "estimate"] == pytest.approx(alone.loc["offset[finance]", "estimate"])
    assert any(remark.code == "breakthrough_lever_absorbed" for remark in found.remarks)


def test_weights_are_those_of_a_weighted_regression(levers):
    rows = terms_of(estimated(ASKED, designed(levers, weights="w")))
    fit = inv.estimate(
        "y ~ x + finance + insight + care + insight:care + x:finance + x:insight + x:care + x:insight:care + age "
        "| firm + year",
        levers, cluster="industry", vcov="crv3", weights="w",
    )  # fmt: skip
    weights = levers["w"].to_numpy()
    low, high = quartiles(levers["finance"].to_numpy(), weights)
    mean = np.average(levers["x"], weights=weights)
    deviation = np.sqrt(np.average((levers["x"] - mean) ** 2, weights=weights))
    effect = fit.tidy().set_index("term").loc["x:finance", "estimate"]
    assert rows.loc["offset[finance]:plain", "estimate"] == pytest.approx(effect * deviation * (high - low))


def test_the_support_is_the_share_of_firms_that_range_over_the_move(levers):
    found = estimated(ASKED, designed(levers))
    share = dict(row[:2] for row in found.details)
    ranges = levers.groupby("firm")[["finance", "insight", "care"]].agg(lambda values: values.max() - values.min())
    low, high = levers[["finance", "insight", "care"]].quantile([0.25, 0.75]).to_numpy()
    reached = ranges.to_numpy() >= high - low
    assert share["ever_moved[finance]"] == pytest.approx(reached[:, 0].mean())
    assert share["ever_moved[capabilities]"] == pytest.approx(reached[:, 1:].all(axis=1).mean())
