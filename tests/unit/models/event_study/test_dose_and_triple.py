"""Second stages: two stages written out in indicators, re-estimation, planted effects and what must not matter."""

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError, NotEstimable
from involution.models.event_study.dose import dose_effects
from involution.models.event_study.event_study import event_study
from involution.models.event_study.triple import triple_difference

YEARS = np.arange(2000, 2010)


def panel(
    seed: int = 0, firms: int = 60, gradient: float = 1.0, change: float = 0.0, noise: float = 1.0
) -> pd.DataFrame:
    """Regions adopt in 2003, 2005 and 2007 or never; strength by firm; x with a slope by year and of adopters."""
    generator = np.random.default_rng(seed)
    data = pd.DataFrame({"firm": np.repeat(np.arange(firms), len(YEARS)), "year": np.tile(YEARS, firms)})
    data["region"] = data["firm"] // 2
    data["cohort"] = data["region"].map(dict(enumerate(generator.choice([0, 2003, 2005, 2007], firms)))).astype(float)
    by_firm = generator.uniform(0, 1, firms)
    data["strength"] = np.where(data["cohort"] > 0, by_firm[data["firm"]], np.nan)
    data["x"] = generator.standard_normal(len(data)) + 0.1 * (data["year"] - 2000)
    since = data["year"] - data["cohort"]
    treated = (data["cohort"] > 0) & (since >= 0)
    slope = 0.05 * (data["year"] - 2000) - 0.4 * (data["cohort"] > 0)
    effect = np.where(treated, 0.5 + gradient * data["strength"].fillna(0) + 0.2 * since.clip(lower=0), 0)
    data["y"] = (
        generator.standard_normal(firms)[data["firm"]]
        + 0.1 * data["year"]
        + slope * data["x"]
        + effect
        + np.where(treated, change * data["x"], 0)
        + noise * generator.standard_normal(len(data))
    )
    return data


def explicit(data, outcome, controls, second, clusters):
    """Two stages with indicators: coefficients and their covariance, clustered, G/(G-1)."""
    treated = ((data["cohort"] > 0) & (data["year"] >= data["cohort"])).to_numpy()
    z = np.column_stack(
        [pd.get_dummies(data["firm"]).to_numpy(float), pd.get_dummies(data["year"]).to_numpy(float)[:, 1:], controls]
    )
    z0 = z * ~treated[:, None]
    inverse = np.linalg.pinv(z0.T @ z0)
    y = data[outcome].to_numpy()
    left = y - z @ (inverse @ (z0.T @ y))
    a = second @ np.linalg.inv(second.T @ second)
    beta = a.T @ left
    moved = a * (left - second @ beta)[:, None] - (z0 @ (inverse @ (z.T @ a))) * left[:, None]
    sums = pd.DataFrame(moved).groupby(clusters.to_numpy()).sum().to_numpy()
    return beta, sums.T @ sums * len(sums) / (len(sums) - 1)


def cells(data):
    treated = ((data["cohort"] > 0) & (data["year"] >= data["cohort"])).to_numpy()
    firms = data[treated].groupby("firm")["strength"].first()
    low, high = np.quantile(firms, [1 / 3, 2 / 3])
    strength = data["strength"].fillna(-1).to_numpy()
    groups = [strength <= low, (strength > low) & (strength <= high), strength > high]
    return treated, strength, [treated & group for group in groups]


def test_groups_and_gradients_are_those_of_two_stages_written_out() -> None:
    data = panel(1)
    found = dose_effects(data, "y", "strength", cluster="region", controls=["x"]).tidy().set_index("term")
    treated, strength, groups = cells(data)
    control = data[["x"]].to_numpy()

    def check(term, second, j=0):
        beta, covariance = explicit(data, "y", control, second, data["region"])
        assert found.loc[term, "estimate"] == pytest.approx(beta[j], abs=1e-9)
        assert found.loc[term, "std_error"] == pytest.approx(np.sqrt(covariance[j, j]), abs=1e-9)

    for name, rows in zip(("low", "middle", "high"), groups, strict=True):
        check(f"att[{name}]", rows[:, None].astype(float))
    check("att[overall]", treated[:, None].astype(float))
    check("gradient", np.column_stack([treated, treated * strength]), 1)
    check("att[high-low]", np.column_stack([groups[0] | groups[2], groups[2]]).astype(float), 1)
    since = (data["year"] - data["cohort"]).to_numpy()
    tenure = [treated & (since == e) for e in np.unique(since[treated])]
    check("gradient[within e]", np.column_stack([treated * strength, *tenure]).astype(float))


def test_the_overall_effect_is_that_of_the_event_study() -> None:
    data = panel(2)
    ours = dose_effects(data, "y", "strength", cluster="region")
    other = event_study(data, "y", estimator="did2s", cluster="region", draws=0)
    for name in ("estimate", "std_error"):
        found = ours.tidy().set_index("term").loc["att[overall]", name]
        assert found == pytest.approx(other.tidy().set_index("term").loc["att[overall]", name], abs=1e-10)
    # On the line through effects at mean strength.
    line = ours.curves().query("curve == 'dose_line'")
    at_mean = np.interp(ours.mean_strength, line["x"], line["estimate"])
    assert at_mean == pytest.approx(ours.estimate[ours.terms.index("att[overall]")], abs=1e-9)


def test_the_jackknife_estimates_anew_without_each_cluster() -> None:
    data = panel(3, firms=24)
    fit = dose_effects(data, "y", "strength", cluster="region", vcov="crv3")
    at = fit.terms.index("gradient")
    whole, left = fit.estimate[at], []
    for region in data["region"].unique():
        rest = data[data["region"] != region]
        treated = ((rest["cohort"] > 0) & (rest["year"] >= rest["cohort"])).to_numpy()
        second = np.column_stack([treated, treated * rest["strength"].fillna(0)])
        left.append(explicit(rest, "y", np.zeros((len(rest), 0)), second, rest["region"])[0][1])
    count = len(left)
    assert fit.std_error[at] == pytest.approx(
        np.sqrt((count - 1) / count * np.sum((np.array(left) - whole) ** 2)), rel=1e-8
    )


def test_two_strengths_are_two_groups() -> None:
    data = panel(4)
    data["strength"] = np.where(data["strength"] > 0.4, 0.9, 0.2)
    data.loc[data["cohort"] == 0, "strength"] = np.nan
    fit = dose_effects(data, "y", "strength")
    tidy = fit.tidy().set_index("term")["estimate"]
    assert "att[middle]" not in tidy
    assert tidy["att[high-low]"] == pytest.approx(tidy["att[high]"] - tidy["att[low]"], abs=1e-10)
    assert tidy["gradient"] == pytest.approx(tidy["att[high-low]"] / 0.7, abs=1e-10)
    test = fit.statistics.set_index("statistic").loc["dose_equal"]
    assert test["p_value"] == pytest.approx(fit.tidy().set_index("term").loc["gradient", "p_value"], abs=1e-10)
    assert any("values of strength" in text for text in fit.notes)


def test_units_of_strength_order_of_rows_and_names_of_firms() -> None:
    data = panel(5)
    usual = dose_effects(data, "y", "strength", cluster="region").tidy().set_index("term")
    units = dose_effects(data.assign(strength=100 * data["strength"]), "y", "strength", cluster="region")
    assert units.tidy().set_index("term").loc["gradient", "estimate"] == pytest.approx(
        usual.loc["gradient", "estimate"] / 100
    )
    other = data.sample(frac=1, random_state=2).assign(firm=lambda frame: "f" + (500 - frame["firm"]).astype(str))
    shuffled = dose_effects(other, "y", "strength", cluster="region").tidy().set_index("term")
    pd.testing.assert_frame_equal(shuffled, usual, rtol=1e-9)


def test_a_control_of_treated_rows_alone_is_left_out_of_dose() -> None:
    data = panel(6)
    treated = (data["cohort"] > 0) & (data["year"] >= data["cohort"])
    usual = dose_effects(data, "y", "strength", cluster="region", vcov="crv3").tidy()
    for level in (0.0, 7.3):
        data["z"] = np.where(treated, level + np.random.default_rng(1).normal(size=len(data)), level)
        fit = dose_effects(data, "y", "strength", cluster="region", vcov="crv3", controls=["z"])
        pd.testing.assert_frame_equal(fit.tidy(), usual, rtol=1e-9)
        assert "slope_unidentified" in {remark.code for remark in fit.remarks}
    usual = triple_difference(data, "y", "x", cluster="region").tidy()
    fit = triple_difference(data, "y", "x", cluster="region", controls=["z"])
    pd.testing.assert_frame_equal(fit.tidy(), usual, rtol=1e-8)


def test_what_dose_cannot_be_asked() -> None:
    data = panel(6)
    with pytest.raises(NotEstimable, match="no two values"):
        dose_effects(data.assign(strength=0.5), "y", "strength")
    with pytest.raises(InputError, match="one strength"):
        dose_effects(data.assign(strength=data["year"]), "y", "strength")
    with pytest.raises(InputError, match="nosuch"):
        dose_effects(data, "y", "nosuch")
    lost = data["firm"].isin(data.loc[data["cohort"] > 0, "firm"].unique()[:3])
    fit = dose_effects(data.assign(strength=data["strength"].mask(lost)), "y", "strength")
    assert any("3 adopting firms without strength" in text for text in fit.notes)


def slopes_of(data, years):
    adopter = (data["cohort"] > 0).to_numpy()
    x = data["x"].to_numpy()
    return np.column_stack([*(x * (data["year"] == year) for year in years), x * adopter])


def test_the_triple_difference_is_that_of_two_stages_written_out() -> None:
    data = panel(7, change=0.3)
    fit = triple_difference(data, "y", "x", cluster="region")
    treated, *_ = cells(data)
    since = (data["year"] - data["cohort"]).to_numpy()
    tenure = [treated & (since == e) for e in np.unique(since[treated])]
    slopes = slopes_of(data, YEARS)
    changed = explicit(data, "y", slopes, np.column_stack([treated * data["x"], *tenure]).astype(float), data["region"])
    average = explicit(data, "y", slopes, treated[:, None].astype(float), data["region"])
    assert fit.terms == ("adopted", "x:adopted")
    assert fit.estimate == pytest.approx([average[0][0], changed[0][0]], abs=1e-8)
    assert fit.std_error == pytest.approx([np.sqrt(average[1][0, 0]), np.sqrt(changed[1][0, 0])], abs=1e-8)


def test_two_way_effects_of_the_triple_difference_are_one_regression() -> None:
    data = panel(8, change=0.3)
    fit = triple_difference(data, "y", "x", estimator="twfe", cluster="region")
    treated, *_ = cells(data)
    centred = data["x"].to_numpy() - data.loc[treated, "x"].mean()
    effects = pd.get_dummies(data[["firm", "year"]].astype(str)).to_numpy(float)
    design = np.column_stack([treated, treated * centred, slopes_of(data, YEARS), effects])
    assert fit.estimate == pytest.approx(np.linalg.lstsq(design, data["y"], rcond=None)[0][:2], abs=1e-8)
    assert fit.terms == ("adopted", "x:adopted")
    assert fit.estimator == "twfe"


def test_slopes_by_year_and_of_adopters_are_not_taken_for_what_adoption_changes() -> None:
    """No change planted, slopes that drift and differ: without noise none is found."""
    fit = triple_difference(panel(9, change=0.0, noise=0.0, gradient=0.0), "y", "x")
    assert fit.estimate[1] == pytest.approx(0, abs=1e-8)
    planted = triple_difference(panel(9, change=0.3, noise=0.0, gradient=0.0), "y", "x")
    assert planted.estimate[1] == pytest.approx(0.3, abs=1e-8)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_rows_whose_slope_untreated_rows_do_not_identify_leave(left) -> None:
    """From 2007 on every firm is treated but `left` ones: the slope of a year takes two of them."""
    data = panel(11, firms=90, change=0.3, noise=0.0, gradient=0.0)
    late = data["year"] >= 2007
    never = data.loc[data["cohort"] == 0, "firm"].unique()
    data = data[~(late & data["firm"].isin(never[left:]))].reset_index(drop=True)
    data["y"] += 3 * data["x"] * (data["year"] >= 2007)
    fit = triple_difference(data, "y", "x", cluster="region")
    assert fit.estimate[1] == pytest.approx(0.3, abs=1e-7)
    shuffled = triple_difference(data.sample(frac=1, random_state=3), "y", "x", cluster="region")
    assert shuffled.estimate == pytest.approx(fit.estimate, abs=1e-9)
    treated = (data["cohort"] > 0) & (data["year"] >= data["cohort"])
    kept = data.loc[treated.to_numpy() & np.isin(np.arange(len(data)), fit.rows), "year"]
    gone = int((treated & (data["year"] >= 2007)).sum())
    assert kept.max() == (2009 if left == 2 else 2006)
    told = {remark.code: dict(remark.values).get("count") for remark in fit.remarks}
    assert told.get("unidentified") == (f"{gone:,}" if left == 0 else None)
    assert told.get("rows_without_slope") == (f"{gone:,}" if left == 1 else None)
    rows = data[treated.to_numpy() & np.isin(np.arange(len(data)), fit.rows)]
    planted = 0.5 + 0.2 * (rows["year"] - rows["cohort"]) + 0.3 * rows["x"]
    assert fit.estimate[0] == pytest.approx(planted.mean(), abs=1e-7)


def test_no_slope_after_adoption_is_no_triple_difference() -> None:
    """x moves among untreated firms in none of the treated years."""
    data = panel(12)
    flat = (data["cohort"] == 0) | (data["year"] < data["cohort"])
    data["x"] = np.where(flat & (data["year"] >= 2003), 1.0, data["x"])
    with pytest.raises(NotEstimable, match="no treated row"):
        triple_difference(data, "y", "x", cluster="region")


def test_what_is_the_same_for_a_firm_keeps_all_its_rows() -> None:
    """A slope that firm effects absorb everywhere is no slope that treated rows lack."""
    data = panel(13)
    data["x"] = data["firm"].map(dict(enumerate(np.random.default_rng(0).standard_normal(60))))
    fit = triple_difference(data, "y", "x", cluster="region")
    assert fit.n_obs == len(data)
    assert not {"unidentified", "rows_without_slope"} & {remark.code for remark in fit.remarks}


def test_the_triple_difference_refuses_what_it_must() -> None:
    data = panel(10)
    with pytest.raises(InputError, match="among the controls"):
        triple_difference(data, "y", "x", controls=["x"])
    with pytest.raises(InputError, match="expected one of"):
        triple_difference(data, "y", "x", estimator="ols")
    with pytest.raises(NotEstimable):
        triple_difference(data.assign(cohort=0), "y", "x")
    with pytest.raises(NotEstimable, match="differ in 'x'"):
        triple_difference(data.assign(x=np.where(data["year"] < 2003, data["x"], 1.0)), "y", "x")


def _coverage(draws, seed):
    inside = []
    for draw in range(draws):
        data = panel(seed + draw, gradient=1.0, change=0.3)
        dose = dose_effects(data, "y", "strength", cluster="region", controls=["x"]).tidy().set_index("term")
        triple = triple_difference(data, "y", "x", cluster="region").tidy().set_index("term")
        rows = [(dose.loc["gradient[within e]"], 1.0), (triple.loc["x:adopted"], 0.3)]
        inside.append([(row["ci_low"] <= truth <= row["ci_high"], row["estimate"] - truth) for row, truth in rows])
    return np.array(inside, dtype=float)


def test_planted_gradient_and_change_are_found() -> None:
    found = _coverage(24, 100)
    assert (found[:, :, 0].mean(axis=0) >= 0.8).all()
    bias = found[:, :, 1]
    assert (np.abs(bias.mean(axis=0)) < 3.5 * bias.std(axis=0) / np.sqrt(len(bias))).all()


@pytest.mark.slow
def test_coverage_of_planted_gradient_and_change() -> None:
    found = _coverage(600, 5_000)
    assert ((found[:, :, 0].mean(axis=0) > 0.915) & (found[:, :, 0].mean(axis=0) < 0.975)).all()
    bias = found[:, :, 1]
    assert (np.abs(bias.mean(axis=0)) < 3 * bias.std(axis=0) / np.sqrt(len(bias))).all()


@pytest.mark.parametrize("estimator", ["did2s", "twfe"])
def test_singletons_are_told_of_both_estimators(estimator):
    """A firm with one row more: the numbers are those without it, and its row is counted in a note."""
    data = panel()
    alone = data.iloc[[0]].assign(firm="alone", cohort=0)
    options = {"outcome": "y", "x": "x", "estimator": estimator, "cluster": "region"}
    with_one = triple_difference(pd.concat([data, alone], ignore_index=True), **options)
    np.testing.assert_allclose(with_one.estimate, triple_difference(data, **options).estimate, rtol=1e-9)
    assert "1 singleton rows dropped" in with_one.notes
