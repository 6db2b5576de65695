"""Two-stage difference in differences: by hand, against dense algebra, and what it leaves out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError, NotEstimable
from involution.models.two_stage_did import two_stage_did


def staggered(seed=1, firms=30, years=7):
    """Cohorts 3, 5 and never; effects that grow; a control that treatment moves."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(1, years + 1), firms)
    cohort = np.array([0, 3, 5])[firm % 3]
    treated = (cohort > 0) & (year >= cohort)
    control = draws.normal(size=len(firm)) + treated
    effect = np.where(treated, 1.0 + 0.5 * (year - cohort), 0.0)
    outcome = draws.normal(size=firms)[firm] + 0.3 * year - 0.4 * control + effect + draws.normal(0, 0.2, len(firm))
    made = {"firm": firm, "year": year, "cohort": cohort, "industry": firm % 10, "y": outcome, "control": control}
    return pd.DataFrame(made).drop(index=draws.choice(len(firm), 12, replace=False)).reset_index(drop=True)


def dense(data, horizons, cluster, controls):
    """Estimates and standard errors by least squares on indicator columns, first and second stage stacked."""
    indicators = [pd.get_dummies(data[name]).to_numpy(float) for name in ("firm", "year")]
    first = np.column_stack([indicators[0], indicators[1][:, 1:], data[list(controls)]])
    since = np.where(data["cohort"] == 0, -np.inf, data["year"] - data["cohort"])
    untreated = (since < 0).astype(float)
    base = first * untreated[:, None]
    inverse = np.linalg.inv(base.T @ base)
    left = data["y"].to_numpy() - first @ (inverse @ (base.T @ data["y"].to_numpy()))
    out = {}
    for time in (None, *horizons):
        cell = (since >= 0 if time is None else since == time).astype(float)
        estimate = (cell @ left) / cell.sum()
        second = cell * (left - estimate)
        moved = (second - base @ (inverse @ (first.T @ cell)) * left) / cell.sum()
        sums = pd.Series(moved).groupby(data[cluster].to_numpy()).sum().to_numpy()
        factor = len(sums) / (len(sums) - 1)
        out["att[overall]" if time is None else f"att[e={time}]"] = (estimate, np.sqrt(sums @ sums * factor))
    return pd.DataFrame(out, index=["estimate", "std_error"]).T


def test_eight_rows_by_hand():
    """The firm that adopts rises by 4, the others by 1 on average: the effect is 3."""
    data = pd.DataFrame({"firm": list("aabbccdd"), "year": [1, 2] * 4, "g": [2, 2] + [0] * 6})
    data["y"] = [1.0, 5.0, 0.0, 1.0, 2.0, 2.0, 7.0, 9.0]
    fit = two_stage_did(data, "y", cohort="g")
    assert dict(zip(fit.terms, fit.estimate, strict=True)) == pytest.approx({"att[overall]": 3.0, "att[e=0]": 3.0})
    assert fit.residuals == pytest.approx([0, 3, 0, 0, 0.5, -0.5, -0.5, 0.5])


@pytest.mark.parametrize("controls", [(), ("control",)])
@pytest.mark.parametrize("cluster", ["firm", "industry"])
def test_estimates_and_errors_are_those_of_dense_algebra(controls, cluster):
    data = staggered()
    fit = two_stage_did(data, "y", cluster=cluster, controls=controls, horizons=range(-2, 4))
    expected = dense(data, range(-2, 4), cluster, controls)
    found = fit.tidy().set_index("term").loc[expected.index]
    np.testing.assert_allclose(found[["estimate", "std_error"]], expected, rtol=1e-9, atol=1e-12)


def test_effects_that_grow_are_found_where_two_way_effects_are_not():
    """Planted 1, 1.5, ...: every average within its error, and the residuals are the effects row by row."""
    data = staggered(firms=300)
    fit = two_stage_did(data, "y", controls=["control"])
    found = fit.tidy().set_index("term")
    planted = {f"att[e={e}]": 1 + 0.5 * e for e in range(5)}
    found = found.loc[list(planted)]
    assert ((found["estimate"] - pd.Series(planted)).abs() < 3 * found["std_error"]).all()
    assert fit.n_firms == 300


def test_the_cluster_jackknife_estimates_both_stages_anew():
    data = staggered()
    fit = two_stage_did(data, "y", cluster="industry", vcov="crv3")
    left = [two_stage_did(data[data["industry"] != g], "y", cluster="industry").estimate for g in range(10)]
    squares = 0.9 * ((np.array(left) - fit.estimate) ** 2).sum(axis=0)
    assert fit.std_error == pytest.approx(np.sqrt(squares), rel=1e-9)
    assert fit.vcov_label == "crv3(industry)"


def test_two_clusterings_add_up_and_take_away():
    data = staggered(firms=300).assign(region=lambda d: d["firm"] // 25)
    without = {"observations": False, "clusters": False}

    def squares(cluster):
        return two_stage_did(data, "y", cluster=cluster, horizons=[0], small_sample=without).std_error ** 2

    both = data.assign(both=data["industry"] * 100 + data["region"])
    crossed = two_stage_did(both, "y", cluster="both", horizons=[0], small_sample=without).std_error ** 2
    assert squares(["industry", "region"]) == pytest.approx(squares("industry") + squares("region") - crossed)


@settings(max_examples=20)
@given(seed=st.integers(0, 1_000), scale=st.floats(1e-3, 1e6), shift=st.integers(-3, 3))
def test_rows_units_years_and_names_do_not_matter(seed, scale, shift):
    data = staggered(firms=12)
    other = data.sample(frac=1, random_state=seed).assign(
        y=lambda d: d["y"] * scale,
        firm=lambda d: "f" + d["firm"].astype(str),
        year=lambda d: d["year"] + 2_000 + shift,
        cohort=lambda d: d["cohort"].where(d["cohort"] == 0, d["cohort"] + 2_000 + shift),
    )
    one, two = two_stage_did(data, "y"), two_stage_did(other, "y")
    assert one.terms == two.terms
    np.testing.assert_allclose(two.estimate, one.estimate * scale, rtol=1e-8)
    np.testing.assert_allclose(two.std_error, one.std_error * scale, rtol=1e-8)


def test_missing_and_zero_both_mean_never():
    data = staggered()
    absent = data.assign(cohort=data["cohort"].replace(0, np.nan))
    assert two_stage_did(absent, "y").estimate.tolist() == two_stage_did(data, "y").estimate.tolist()


def test_firms_always_treated_and_years_without_untreated_are_left_out_and_counted():
    data = staggered()
    always = data["firm"].isin([1, 4])
    early = data.assign(cohort=data["cohort"].where(~always, 1))
    fit = two_stage_did(early, "y")
    assert fit.n_obs == len(data) - always.sum()
    statistics = fit.statistics.set_index("statistic")["value"]
    assert statistics["dropped_unidentified"] == always.sum()
    assert any(f"{always.sum()} rows removed" in text for text in fit.notes)
    adopters = data[data["cohort"] > 0]
    late = adopters["year"] >= 5
    all_adopt = two_stage_did(adopters, "y")
    assert all_adopt.n_obs == (~late).sum()
    assert all_adopt.terms == ("att[overall]", "att[e=0]", "att[e=1]")


def test_a_row_that_untreated_observations_do_not_connect_is_left_out():
    """Firm c is seen again in a year that only firms of another time know: no level of year 12 speaks of it."""
    together = [(firm, year, 2 if firm == "c" else 0) for firm in "abc" for year in (1, 2, 3)]
    apart = [(firm, year, 0) for firm in "de" for year in (11, 12, 13)]
    data = pd.DataFrame([*together, *apart, ("c", 12, 2)], columns=["firm", "year", "cohort"])
    data["y"] = np.random.default_rng(1).normal(size=len(data))
    fit = two_stage_did(data, "y")
    assert fit.rows.tolist() == list(range(15))
    assert fit.terms == ("att[overall]", "att[e=0]", "att[e=1]")
    assert fit.statistics.set_index("statistic").loc["dropped_unidentified", "value"] == 1


def test_a_control_that_does_not_vary_is_named():
    fit = two_stage_did(
        staggered().assign(flat=1.0, again=lambda d: 2 * d["control"]), "y", controls=["control", "flat", "again"]
    )
    assert "dropped because the fixed effects absorb them: flat" in fit.notes
    assert "dropped because of collinearity: again" in fit.notes
    assert fit.estimate == pytest.approx(two_stage_did(staggered(), "y", controls=["control"]).estimate)


def test_a_horizon_without_rows_is_named():
    fit = two_stage_did(staggered(), "y", horizons=[0, 9])
    assert fit.terms == ("att[overall]", "att[e=0]")
    assert "no row for att[e=9]" in fit.notes


def test_what_cannot_be_used_is_said():
    data = staggered()
    with pytest.raises(InputError, match="the nearest is 'cohort'"):
        two_stage_did(data, "y", cohort="cohrt")
    with pytest.raises(InputError, match="a firm adopts once"):
        two_stage_did(data.assign(cohort=data["cohort"].where(data.index != 5, 4)), "y")
    with pytest.raises(NotEstimable, match="no treated row"):
        two_stage_did(data.assign(cohort=0), "y")
    with pytest.raises(NotEstimable, match="no treated row"):
        two_stage_did(data.assign(cohort=1), "y")
