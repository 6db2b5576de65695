"""The joint test of leads and the simultaneous bands: against closed forms, t draws, and their promise."""

import numpy as np
import pytest
from scipy import stats
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered

import involution as inv
from involution.models.event_study.result import event_positions, joint_test


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_bands_hold_the_pointwise_intervals_and_are_no_wider_than_bonferroni_s(estimator):
    fit = inv.event_study(staggered(firms=200), "y", estimator=estimator, draws=4_999, seed=1)
    times = fit.event_times()
    assert (times["uniform_low"] <= times["ci_low"]).all()
    assert (times["uniform_high"] >= times["ci_high"]).all()
    assert fit.critical_value < stats.t.ppf(1 - 0.025 / len(times), 199) * 1.05
    assert times["event"].is_monotonic_increasing
    curves = fit.curves()
    assert set(curves["curve"]) == {"event_time", "event_time_uniform"}
    assert len(curves) == 2 * len(times)


@pytest.mark.parametrize("clusters", [8, 20, 1_000])
def test_the_critical_value_is_that_of_t_draws(clusters):
    """Half a million t vectors with the correlation of the estimates and the degrees of freedom of the intervals."""
    firms = max(clusters, 100)
    data = staggered(firms=firms).assign(group=lambda d: d["firm"].str[1:].astype(int) % clusters)
    fit = inv.event_study(data, "y", estimator="callaway_santanna", cluster="group", draws=19_999, seed=3)
    at = event_positions(fit.terms)
    size = fit.std_error[at]
    drawn = stats.multivariate_t(
        shape=fit.covariance[np.ix_(at, at)] / np.outer(size, size), df=clusters - 1, allow_singular=True, seed=1
    ).rvs(500_000)
    assert fit.critical_value == pytest.approx(np.quantile(np.abs(drawn).max(axis=1), 0.95), rel=0.02)


@pytest.mark.parametrize("cluster", ["region", ["region", "industry"]])
@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
def test_bands_are_never_below_the_pointwise_value_whatever_the_variance(vcov, cluster):
    fit = inv.event_study(staggered(firms=200), "y", cluster=cluster, vcov=vcov, draws=99)
    least = min(fit.statistics.set_index("statistic").filter(like="n_clusters", axis=0)["value"])
    assert fit.critical_value >= stats.t.ppf(0.975, least - 1)
    single = inv.event_study(staggered(firms=200), "y", cluster=cluster, vcov=vcov, leads=0, lags=0, estimator="did2s")
    assert single.critical_value == pytest.approx(stats.t.ppf(0.975, least - 1))


def test_no_draws_no_bands():
    fit = inv.event_study(staggered(), "y", draws=0)
    assert np.isnan(fit.critical_value)
    assert "uniform_critical_value" not in fit.statistics["statistic"].tolist()


def test_the_joint_test_is_wald_s():
    fit = inv.event_study(staggered(), "y", estimator="twfe")
    at = [j for j in event_positions(fit.terms) if int(fit.terms[j][6:-1]) < -1]
    value = fit.estimate[at] @ np.linalg.solve(fit.covariance[np.ix_(at, at)], fit.estimate[at]) / len(at)
    row = fit.statistics.set_index("statistic").loc["pre_trend"]
    assert row["value"] == pytest.approx(value)
    assert row["df"] == len(at)
    assert row["p_value"] == pytest.approx(stats.f.sf(value, len(at), fit.n_firms - 1))


def test_leads_that_sum_to_zero_are_one_restriction_less():
    """One cohort: mean residuals of all its years before adoption cancel in two stages."""
    fit = inv.event_study(staggered(cohorts=(0, 2014)), "y", estimator="did2s")
    row = fit.statistics.set_index("statistic").loc["pre_trend"]
    assert row["df"] == 3
    assert 0 <= row["p_value"] <= 1


def test_no_joint_test_with_fewer_clusters_than_leads():
    data = staggered(cohorts=(0, 2015)).assign(block=lambda d: d["region"].str[-1].astype(int) % 3)
    fit = inv.event_study(data, "y", estimator="twfe", cluster="block")
    assert np.isnan(fit.statistics.set_index("statistic").loc["pre_trend", "value"])
    assert any("no joint test" in text for text in fit.notes)
    assert np.isnan(joint_test(fit, event_positions(fit.terms)[:4])[0])


@pytest.mark.parametrize("estimator", ["did2s", "callaway_santanna", "sun_abraham"])
def test_short_simulation_of_coverage_and_of_the_test(estimator):
    """120 panels: bands cover all effects, the joint test of true zeros rejects about as often as it says."""
    inside, rejected, draws = 0, 0, 120
    for seed in range(draws):
        data = staggered(seed=seed, firms=80)
        fit = inv.event_study(data, "y", estimator=estimator, base_period="universal", draws=199, seed=seed)
        times = fit.event_times().set_index("event")
        planted = data.assign(e=data["year"] - data["cohort"].where(data["cohort"] > 0)).groupby("e")["effect"].mean()
        planted = planted.reindex(times.index)
        # What a firm's size adds to its trend is noise across cohorts, not an effect.
        inside += bool(((times["uniform_low"] <= planted) & (planted <= times["uniform_high"])).all())
        rejected += fit.statistics.set_index("statistic").loc["pre_trend", "p_value"] < 0.05
    assert inside / draws > 0.86
    assert rejected / draws < 0.14
