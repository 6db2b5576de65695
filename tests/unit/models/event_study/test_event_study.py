"""Event studies by hand, by dense algebra and by estimating anew."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered, truth

import involution as inv
from involution.models.event_study.bounded import bounded
from involution.models.two_stage_did import two_stage_did

FACTORS = {"observations": False, "clusters": False}


def terms(fit):
    return fit.tidy().set_index("term")


def dummies(data, *names):
    return np.hstack([pd.get_dummies(data[name]).to_numpy(float)[:, k > 0 :] for k, name in enumerate(names)])


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_effects_of_cohorts_are_differences_of_mean_changes(control):
    """Each cell by a pivot table: change of the cohort less change of those it is compared with."""
    data = staggered()
    wide = data.pivot(index="firm", columns="year", values="y")
    cohort = data.groupby("firm")["cohort"].first()
    fit = terms(inv.event_study(data, "y", estimator="callaway_santanna", control=control, base_period="universal"))
    for g in (2012, 2014):
        for t in (*range(2010, g - 1), *range(g, 2017)):
            change = wide[t] - wide[g - 1]
            others = cohort == 0
            if control == "not_yet_treated":
                others |= cohort > max(t, g - 1)
            expected = change[cohort == g].mean() - change[others & (cohort != g)].mean()
            assert fit.loc[f"att[g={g},t={t}]", "estimate"] == pytest.approx(expected)


def test_four_aggregations_by_hand():
    data = staggered()
    found = terms(inv.event_study(data, "y", estimator="callaway_santanna"))["estimate"]
    share = data.groupby("firm")["cohort"].first().value_counts()

    def mean(cells, weights):
        return np.average([found[f"att[g={g},t={t}]"] for g, t in cells], weights=weights)

    post = [(g, t) for g in (2012, 2014) for t in range(g, 2017)]
    assert found["att[overall]"] == pytest.approx(mean(post, [share[g] for g, _ in post]))
    second = [(2012, 2013), (2014, 2015)]
    assert found["att[e=1]"] == pytest.approx(mean(second, [share[g] for g, _ in second]))
    assert found["att[g=2012]"] == pytest.approx(mean([c for c in post if c[0] == 2012], None))
    latest = [(2012, 2016), (2014, 2016)]
    assert found["att[t=2016]"] == pytest.approx(mean(latest, [share[g] for g, _ in latest]))


@pytest.mark.parametrize("method", ["doubly_robust", "regression", "weighting"])
def test_influence_is_the_derivative_by_a_firm_s_weight(method):
    """Every term's standard error from estimating anew with each firm's weight a little larger (Hampel 1974)."""
    data = staggered(firms=30, cohorts=(0, 2012)).assign(w=1.0)
    asked = {"estimator": "callaway_santanna", "controls": ["size"], "method": method, "weights": "w"}
    fit = inv.event_study(data, "y", small_sample=FACTORS, **asked)
    step, moved = 1e-5, []
    for firm in data["firm"].unique():
        heavier = data.assign(w=data["w"] + step * (data["firm"] == firm))
        moved.append((inv.event_study(heavier, "y", **asked).estimate - fit.estimate) / step)
    assert np.sqrt((np.array(moved) ** 2).sum(axis=0)) == pytest.approx(fit.std_error, rel=2e-3)


def test_methods_are_those_of_two_regressions_and_a_logit():
    """One cell by statsmodels: predicted changes, odds of treatment, and both."""
    data = staggered(cohorts=(0, 2012)).query("year in (2011, 2013)")
    wide = data.pivot(index="firm", columns="year", values="y")
    firms = data.groupby("firm")[["cohort", "size"]].first()
    change, d = wide[2013] - wide[2011], (firms["cohort"] > 0).astype(float)
    x = sm.add_constant(firms["size"])
    left = change - x @ sm.OLS(change[d == 0], x[d == 0]).fit().params
    p = sm.Logit(d, x).fit(disp=0).predict()
    odds = p * (1 - d) / (1 - p)
    expected = {
        "regression": left[d == 1].mean(),
        "weighting": change[d == 1].mean() - np.average(change, weights=odds),
        "doubly_robust": left[d == 1].mean() - np.average(left, weights=odds),
    }
    for method, value in expected.items():
        fit = inv.event_study(data, "y", estimator="callaway_santanna", controls=["size"], method=method)
        assert fit.estimate[0] == pytest.approx(value)


def test_two_way_effects_by_dummy_variables():
    data = staggered(gaps=15)
    since = data["year"] - data["cohort"].where(data["cohort"] > 0)
    events = [e for e in range(-4, 5) if e != -1]
    columns = np.column_stack([since == e for e in events]).astype(float)
    x = np.column_stack([columns, data["z"], dummies(data, "firm", "year")])
    groups = {"groups": pd.factorize(data["region"])[0]}
    ols = sm.OLS(data["y"], x).fit(cov_type="cluster", cov_kwds={**groups, "use_correction": False})
    fit = inv.event_study(data, "y", estimator="twfe", cluster="region", controls=["z"], small_sample=FACTORS)
    found = terms(fit).loc[[f"att[e={e}]" for e in events]]
    assert found["estimate"].to_numpy() == pytest.approx(ols.params[: len(events)].to_numpy())
    assert found["std_error"].to_numpy() == pytest.approx(ols.bse[: len(events)].to_numpy())
    post = (since >= 0).to_numpy(float)
    static = sm.OLS(data["y"], np.column_stack([post, data["z"], dummies(data, "firm", "year")])).fit(
        cov_type="cluster", cov_kwds={**groups, "use_correction": False}
    )
    assert fit.estimate[0] == pytest.approx(static.params.iloc[0])
    assert fit.std_error[0] == pytest.approx(static.bse.iloc[0])


def test_without_gaps_wooldridge_gardner_and_imputation_agree():
    """Borusyak, Jaravel and Spiess (2024, section 4) and Wooldridge (2021, theorem 6.1)."""
    data = staggered()
    wooldridge, gardner, imputed = (
        terms(inv.event_study(data, "y", estimator=name)) for name in ("etwfe", "did2s", "imputation")
    )
    shared = ["att[overall]", *(f"att[e={e}]" for e in range(5))]
    for other in (gardner, imputed):
        assert other.loc[shared, "estimate"].to_numpy() == pytest.approx(wooldridge.loc[shared, "estimate"].to_numpy())
    assert (imputed.loc[shared, "std_error"] < gardner.loc[shared, "std_error"]).mean() > 0.5


def test_controls_of_wooldridge_have_slopes_of_cohorts_years_and_cells():
    """A dense regression with the control interacted with everything, averaged over the rows of each cell."""
    data = staggered(gaps=10)
    cells = [(g, t) for g in (2012, 2014) for t in range(g, 2017)]
    columns = []
    for g, t in cells:
        cell = ((data["cohort"] == g) & (data["year"] == t)).to_numpy(float)
        columns += [cell, cell * data["z"].to_numpy()]
    slopes = [data["z"] * (data["year"] == t) for t in range(2010, 2017)]
    slopes += [data["z"] * (data["cohort"] == g) for g in (2012, 2014)]
    x = np.column_stack([*columns, *slopes, dummies(data, "firm", "year")])
    beta = np.linalg.lstsq(x, data["y"].to_numpy(), rcond=None)[0]
    fit = terms(inv.event_study(data, "y", estimator="etwfe", controls=["z"]))
    for k, (g, t) in enumerate(cells):
        mean = data.loc[(data["cohort"] == g) & (data["year"] == t), "z"].mean()
        assert fit.loc[f"att[g={g},t={t}]", "estimate"] == pytest.approx(beta[2 * k] + beta[2 * k + 1] * mean)


@pytest.mark.parametrize("cluster", ["firm", "region", "industry"])
def test_the_variance_of_imputation_by_its_formula(cluster):
    """Borusyak, Jaravel and Spiess (2024, eqs. 7 and 8) with dense matrices, clusters in the place of units."""
    data = staggered(firms=36, gaps=12)
    fit = terms(inv.event_study(data, "y", estimator="imputation", cluster=cluster, small_sample=FACTORS))
    since = (data["year"] - data["cohort"].where(data["cohort"] > 0)).fillna(-99).to_numpy()
    z = dummies(data, "firm", "year")
    treated = since >= 0
    z0 = z[~treated]
    left = data["y"].to_numpy() - z @ np.linalg.lstsq(z0, data["y"].to_numpy()[~treated], rcond=None)[0]
    groups = data[cluster].to_numpy()
    for name, cell in {"att[overall]": treated, "att[e=1]": since == 1}.items():
        v = cell / cell.sum()
        v[~treated] = -z0 @ np.linalg.pinv(z0.T @ z0) @ (z[treated].T @ v[treated])
        spare = left.copy()
        for _, rows in data[cell].groupby(["cohort", "year"]):
            sums = v[rows.index] @ (groups[rows.index][:, None] == groups[rows.index])
            spare[rows.index] -= np.average(left[rows.index], weights=v[rows.index] * sums)
        sums = pd.Series(v * spare * (cell | ~treated)).groupby(groups).sum()
        assert fit.loc[name, "estimate"] == pytest.approx(left[cell].mean(), rel=1e-9)
        assert fit.loc[name, "std_error"] == pytest.approx(np.sqrt((sums**2).sum()), rel=1e-9)


def test_leads_of_imputation_are_a_regression_of_untreated_rows():
    data = staggered(gaps=10)
    since = data["year"] - data["cohort"].where(data["cohort"] > 0)
    untreated = data[~(since >= 0)].assign(lead1=(since == -1) * 1.0, lead2=(since == -2) * 1.0)
    expected = inv.estimate(
        "y ~ lead1 + lead2 | firm + year", untreated, cluster="region", small_sample={"observations": False}
    )
    found = terms(inv.event_study(data, "y", estimator="imputation", cluster="region", leads=2))
    assert found.loc[["att[e=-1]", "att[e=-2]"], "estimate"].to_numpy() == pytest.approx(expected.estimate)
    assert found.loc[["att[e=-1]", "att[e=-2]"], "std_error"].to_numpy() == pytest.approx(expected.std_error)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_cluster_jackknife_estimates_anew(estimator):
    data = staggered(gaps=10)
    asked = {"estimator": estimator, "cluster": "region", "lags": 3, "leads": 2, "controls": ["z"]}
    fit = inv.event_study(data, "y", vcov="crv3", **asked)
    left = [
        terms(inv.event_study(data[data["region"] != region], "y", **asked)).loc[list(fit.terms), "estimate"]
        for region in sorted(data["region"].unique())
    ]
    squares = ((np.array(left) - fit.estimate) ** 2).sum(axis=0) * 19 / 20
    assert fit.std_error == pytest.approx(np.sqrt(squares), rel=1e-6)
    assert fit.vcov_label == "crv3(region)"
    assert fit.critical_value > 1.9


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_whole_weights_are_rows_counted_again(estimator):
    """Estimates with a firm's weight of two are those of a panel that has the firm twice."""
    data = staggered(firms=30).assign(w=lambda d: 1 + (d["region"].str[-1].astype(int) % 2))
    twice = pd.concat([data, data[data["w"] == 2].assign(firm=lambda d: d["firm"] + "b")], ignore_index=True)
    asked = {"estimator": estimator, "controls": ["z"], "leads": 2}
    weighted, repeated = inv.event_study(data, "y", weights="w", **asked), inv.event_study(twice, "y", **asked)
    assert weighted.terms == repeated.terms
    assert weighted.estimate == pytest.approx(repeated.estimate)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_anticipation_moves_the_reference(estimator):
    """An effect in the year before adoption: found there, and none of it in the leads, when it is allowed for."""
    data = staggered(firms=200, noise=0.05)
    ahead = data["year"] - data["cohort"].where(data["cohort"] > 0) == -1
    data["y"] += 0.4 * ahead
    fit = inv.event_study(data, "y", estimator=estimator, anticipation=1, base_period="universal", cluster="firm")
    found = terms(fit)["estimate"]
    assert found["att[e=-1]"] == pytest.approx(0.4, abs=0.05)
    if estimator != "twfe":
        # Effects that differ leak into the leads of two-way fixed effects (Sun and Abraham 2021).
        assert abs(found["att[e=-3]"]) < 0.05
        assert found["att[overall]"] == pytest.approx(truth(data)["att[overall]"], abs=0.08)
    assert fit.reference in (None, -2)
    assert any("event time -1 on" in text for text in fit.notes)


@pytest.mark.parametrize("estimator", [name for name in ESTIMATORS if name != "twfe"])
def test_effects_that_differ_are_found(estimator):
    data = staggered(firms=400)
    fit = inv.event_study(data, "y", estimator=estimator, control="not_yet_treated")
    found, expected = terms(fit), truth(data)
    found = found.loc[expected.index]
    assert ((found["estimate"] - expected).abs() < 4 * found["std_error"]).all()


def test_two_way_effects_are_wrong_where_robust_estimators_are_right():
    """Cohorts whose effects grow at different speeds: twfe misses the overall effect by many standard errors."""
    data = staggered(firms=400, cohorts=(0, 2011, 2013, 2015), noise=0.1)
    expected = truth(data)["att[overall]"]
    wrong = inv.event_study(data, "y", estimator="twfe")
    assert abs(wrong.estimate[0] - expected) > 5 * wrong.std_error[0]
    for estimator in ("sun_abraham", "etwfe", "did2s", "imputation", "callaway_santanna"):
        right = inv.event_study(data, "y", estimator=estimator)
        assert abs(right.estimate[0] - expected) < 4 * right.std_error[0]
        assert abs(right.estimate[0] - expected) < abs(wrong.estimate[0] - expected) / 3


@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
@pytest.mark.parametrize("estimator", ["did2s", "imputation", "two_stage"])
@pytest.mark.parametrize("level", ["zero", "constant", "firm", "small"])
def test_controls_that_vary_among_treated_rows_alone_are_left_out(estimator, vcov, level):
    """No untreated row knows their slopes: effects are those without them, whatever the order of rows."""
    data = staggered(gaps=15)
    treated = (data["cohort"] > 0) & (data["year"] >= data["cohort"])
    base = {"zero": 0.0, "constant": 7.3, "firm": data["size"] * 1.1, "small": 1e-7}[level]
    data["lone"] = np.where(treated, base + np.random.default_rng(3).normal(size=len(data)), base)

    def fitted(frame, *controls):
        if estimator == "two_stage":
            return two_stage_did(frame, "y", cluster="region", controls=controls, vcov=vcov)
        return inv.event_study(frame, "y", estimator=estimator, cluster="region", controls=controls, vcov=vcov, draws=0)

    usual, mixed = fitted(data, "z"), data.sample(frac=1, random_state=2)
    for found in (fitted(data, "z", "lone"), fitted(mixed, "lone", "z")):
        assert found.terms == usual.terms
        assert found.estimate == pytest.approx(usual.estimate, rel=1e-9)
        assert found.std_error == pytest.approx(usual.std_error, rel=1e-8)
        told = [dict(remark.values)["names"] for remark in found.remarks if remark.code == "slope_unidentified"]
        assert told == ["lone"]
    # A control that effects absorb among all rows is only absorbed.
    absorbed = fitted(data, "z", "size")
    assert absorbed.estimate == pytest.approx(usual.estimate, rel=1e-9)
    assert "slope_unidentified" not in {remark.code for remark in absorbed.remarks}


def one_region_per_cohort():
    """Cohorts 2013 (one region), 2015 (two regions) and never (four)."""
    cohorts = {"r0": 2013, "r1": 2015, "r5": 2015}
    data = staggered(firms=56, years=9, cohorts=(0,)).assign(
        region=lambda d: "r" + (d["firm"].str[1:].astype(int) % 7).astype(str)
    )
    data["cohort"] = data["region"].map(cohorts).fillna(0)
    data["y"] += 2.0 * ((data["cohort"] > 0) & (data["year"] >= data["cohort"]))
    return data


@pytest.mark.parametrize(("estimator", "controls"), [("sun_abraham", []), ("etwfe", []), ("etwfe", ["z"])])
def test_the_jackknife_has_no_error_where_a_cluster_is_all_there_is(estimator, controls):
    """Averages of the region's years alone have none, the others those of re-estimation without each region."""
    data = one_region_per_cohort()
    asked = {"estimator": estimator, "cluster": "region", "controls": controls}
    fit = inv.event_study(data, "y", vcov="crv3", draws=99, **asked)
    found, said = terms(fit), {remark.code: dict(remark.values) for remark in fit.remarks}
    alone = ["att[e=4]", "att[e=5]"]
    assert found.loc[alone, ["std_error", "ci_low", "p_value"]].isna().all(axis=None)
    assert set(alone) <= set(said["jackknife_unidentified"]["names"].split(", "))
    assert found.loc["att[g=2013,t=2014]", ["std_error"]].isna().all()
    whole = ["att[overall]", "att[e=0]", "att[e=1]"]
    left = [
        terms(inv.event_study(data[data["region"] != region], "y", draws=0, **asked)).loc[whole, "estimate"]
        for region in data["region"].unique()
    ]
    moved = np.array(left) - found.loc[whole, "estimate"].to_numpy()
    assert found.loc[whole, "std_error"].to_numpy() == pytest.approx(np.sqrt(6 / 7 * (moved**2).sum(axis=0)), rel=1e-7)
    assert set(whole) <= set(said["jackknife_reweighted"]["names"].split(", "))
    # Bands are of the years that have an error, bounds need all of them.
    times = fit.event_times().set_index("event")
    assert np.isfinite(fit.critical_value)
    assert times["uniform_low"].isna().tolist() == times["std_error"].isna().tolist()
    assert "honest_gaps" in {remark.code for remark in bounded(fit).remarks}


def test_no_error_of_anything_with_one_treated_cluster_left_out():
    data = one_region_per_cohort()
    data["cohort"] = data["cohort"].where(data["region"] == "r0", 0)
    for estimator in ESTIMATORS:
        fit = inv.event_study(data, "y", estimator=estimator, cluster="region", vcov="crv3", draws=99)
        assert np.isnan(terms(fit).loc["att[overall]", ["std_error", "p_value"]].to_numpy(float)).all()
        assert np.isnan(fit.critical_value)
        assert {"jackknife_unidentified", "event_leads_without_error"} <= {remark.code for remark in fit.remarks}
