"""Panel thresholds: against dummy-variable least squares at every value, invariances, planted truth, size of a test."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit.models.threshold.simulated import panel

import involution as inv
from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.threshold.bootstrap import _sums_of_squares
from involution.models.threshold.candidates import candidates, cluster_scores, null_model, products
from involution.models.threshold.estimate import _null, estimate_threshold, likelihood_ratio_bound
from involution.models.threshold.result import ThresholdModel
from involution.models.threshold.search import one_threshold


def threshold(data, cluster="industry", vcov="crv1", draws=99, weights=None, effects=("firm", "year"), **asked):
    design = Design(data, effects, cluster, weights=weights)
    model = ThresholdModel("y", "x", "w", ("c",), **{"grid": None, **asked})
    return estimate_threshold(model, design, vcov=vcov, draws=draws, seed=1)


def explicit(data, taus, *, level=False, weights=None):
    """Least squares on indicator columns with the slope of x changing at each of `taus`."""
    dummies = [pd.get_dummies(data[name], drop_first=name == "year").astype(float) for name in ("firm", "year")]
    bounds = [-np.inf, *taus, np.inf]
    inside = [(data["w"] > low) & (data["w"] <= high) for low, high in pairwise(bounds)]
    slopes = {f"x{k}": data["x"] * rows for k, rows in enumerate(inside)}
    levels = {f"level{k}": rows.astype(float) for k, rows in enumerate(inside) if level and k}
    columns = pd.concat([pd.DataFrame({**slopes, **levels}), data[["w", "c"]], *dummies], axis=1)
    return sm.WLS(data["y"], columns, weights=1.0 if weights is None else data[weights]).fit()


def squares(data, taus, **options):
    return explicit(data, taus, **options).ssr


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("weights", [None, "weight"])
def test_the_threshold_is_that_of_a_search_by_explicit_regressions(level, weights):
    data = panel(3, firms=20, years=5)
    found = threshold(data, regime_level=level, weights=weights)
    values = np.sort(data["w"].to_numpy())
    least = int(np.ceil(0.15 * len(values)))
    allowed = values[least - 1 : len(values) - least]
    sums = np.array([squares(data, [tau], level=level, weights=weights) for tau in allowed])
    best = float(allowed[np.argmin(sums)])
    fit = explicit(data, [best], level=level, weights=weights)
    assert found.taus == (pytest.approx(best),)
    assert found.fit.estimate[:2] == pytest.approx(fit.params[["x0", "x1"]].to_numpy())
    variance = sums.min() / fit.df_resid
    assert found.statistics.set_index("statistic").loc["threshold_variance", "value"] == pytest.approx(variance)
    curve = found.curves.set_index("x")["estimate"]
    assert curve.to_numpy() == pytest.approx((sums - sums.min()) / variance, abs=1e-7)
    inside = allowed[(sums - sums.min()) / variance <= likelihood_ratio_bound()]
    assert (found.tau_low[0], found.tau_high[0]) == (inside[0], inside[-1])
    without = squares(data, [], weights=weights)
    assert found.tests[0].f == pytest.approx((without - sums.min()) / variance)


def test_two_thresholds_are_those_of_a_search_over_pairs():
    data = panel(4, firms=30, years=4, change=1.5, tau=-0.4, second=0.5)
    found = threshold(data, regimes=3)
    values = np.sort(data["w"].to_numpy())
    least = int(np.ceil(0.15 * len(values)))
    places = np.arange(least - 1, len(values) - least)
    first, second = found.taus
    # The pair is a minimum in each coordinate, and here the least of all pairs on a coarser grid too.
    at_best = squares(data, found.taus)
    near = [(values[a], values[b]) for a in places[::4] for b in places[::4] if b - a >= least]
    assert at_best <= min(squares(data, pair) for pair in near) + 1e-9
    assert at_best <= min(squares(data, (values[a], second)) for a in places if second - values[a] > 0
                          and np.searchsorted(values, second) - a >= least) + 1e-9  # fmt: skip
    single = threshold(data).taus[0]
    one = squares(data, [single])
    given = [squares(data, sorted((single, values[b]))) for b in places
             if abs(np.searchsorted(values, single) - b) >= least]  # fmt: skip
    degrees = explicit(data, found.taus).df_resid
    assert found.tests[1].f == pytest.approx((one - min(given)) / (min(given) / degrees))
    assert first < 0 < second
    assert found.tidy()["term"].tolist()[:7] == [
        "tau1", "tau2", "x[w<=tau1]", "x[tau1<w<=tau2]", "x[w>tau2]", "difference[2-1]", "difference[3-2]",
    ]  # fmt: skip


@pytest.mark.parametrize("weights", [None, "weight"])
def test_a_draw_of_the_bootstrap_is_the_search_on_redrawn_outcomes(weights):
    data = panel(5, firms=30, years=4, industries=6)
    design = Design(data, ["firm", "year"], ["industry"], weights=weights)
    null = _null(ThresholdModel("y", "x", "w", ("c",), grid=None), design)
    searched = candidates(null.w, trim=0.15, grid=None)
    formed = products(null, searched)
    signs = np.array([1.0, -1, 1, 1, -1, -1])
    scores = cluster_scores(null, formed.candidates, null.residual, null.sample.clusters[0])
    raw = null.residual if weights is None else null.residual / np.sqrt(data[weights].to_numpy())
    redrawn = data.assign(y=raw * signs[null.sample.clusters[0].codes])
    again_design = Design(redrawn, ["firm", "year"], ["industry"], weights=weights)
    again = _null(ThresholdModel("y", "x", "w", ("c",), grid=None), again_design)
    totals = _sums_of_squares(null, null.residual, null.sample.clusters[0], signs[None, :])
    assert totals[0] == pytest.approx(again.residual @ again.residual)
    assert scores @ signs == pytest.approx(products(again, searched).cross)
    assert one_threshold(products(again, searched)).squares[0] == pytest.approx(squares(redrawn, [], weights=weights))
    assert null_model(null.sample, null.common, again.residual, null.changing, null.w).residual == pytest.approx(
        again.residual
    )


def test_slopes_are_those_of_the_regression_at_the_threshold():
    data = panel(6)
    found = threshold(data, vcov="crv3")
    split = data.assign(low=data["x"] * (data["w"] <= found.taus[0]), high=data["x"] * (data["w"] > found.taus[0]))
    fit = inv.estimate("y ~ low + high + w + c | firm + year", split, cluster="industry", vcov="crv3")
    rows = found.tidy().set_index("term")
    assert rows.loc[["x[w<=tau]", "x[w>tau]"], "std_error"].to_numpy() == pytest.approx(fit.std_error[:2])
    difference = fit.estimate[1] - fit.estimate[0]
    spread = np.sqrt(np.array([-1, 1]) @ fit.covariance[:2, :2] @ np.array([-1, 1]))
    assert rows.loc["difference", ["estimate", "std_error"]].tolist() == pytest.approx([difference, spread])
    assert rows.loc["difference", "p_value"] == found.tests[0].p_value
    assert np.isnan(rows.loc["tau", "std_error"])


def test_order_units_and_names_of_firms_do_not_matter():
    data = panel(7)
    found = threshold(data)
    shuffled = threshold(data.sample(frac=1, random_state=2).reset_index(drop=True))
    renamed = threshold(data.assign(firm=[f"f{(code * 7) % 40}" for code in data["firm"]]))
    scaled = threshold(data.assign(x=data["x"] * 1_000, w=data["w"] * 10 + 3))
    for other in (shuffled, renamed):
        assert other.taus == pytest.approx(found.taus)
        assert other.fit.estimate == pytest.approx(found.fit.estimate)
        assert other.tests[0].f == pytest.approx(found.tests[0].f)
    assert scaled.taus[0] == pytest.approx(found.taus[0] * 10 + 3)
    assert scaled.fit.estimate[:2] == pytest.approx(found.fit.estimate[:2] / 1_000)
    assert scaled.tests[0].p_value == found.tests[0].p_value


def test_with_a_level_of_its_own_the_origin_of_the_treatment_does_not_matter():
    data = panel(8)
    moved = data.assign(x=data["x"] + 5)
    with_level, moved_too = threshold(data, regime_level=True), threshold(moved, regime_level=True)
    assert moved_too.taus == pytest.approx(with_level.taus)
    assert moved_too.fit.estimate[:2] == pytest.approx(with_level.fit.estimate[:2])
    assert "threshold_level" in {remark.code for remark in with_level.remarks}
    # Hansen's own form depends on it, and says so.
    assert threshold(moved).fit.estimate[:2] != pytest.approx(threshold(data).fit.estimate[:2])
    assert "threshold_one_level" in {remark.code for remark in threshold(data).remarks}


def test_quantiles_are_searched_more_closely_where_the_threshold_lies():
    data = panel(9, firms=200)
    every, coarse = threshold(data), threshold(data, grid=40)
    assert coarse.taus == every.taus
    assert coarse.tau_low + coarse.tau_high == pytest.approx(every.tau_low + every.tau_high, abs=0.02)
    assert len(coarse.curves) < len(every.curves) / 2


def test_without_fixed_effects_and_clusters():
    data = panel(10).query("year == 2010").reset_index(drop=True)
    found = threshold(data, cluster=(), vcov=None, effects=())
    assert found.fit.vcov_label == "hetero"
    assert "(Intercept)" in found.tidy()["term"].tolist()


def test_what_the_data_do_not_support_is_said():
    data = panel(11)
    with pytest.raises(NotEstimable, match="no value of the threshold variable"):
        threshold(data.assign(w=(np.arange(len(data)) % 20 == 0) * 1.0))
    with pytest.raises(NotEstimable, match="no second threshold"):
        threshold(data.assign(w=(data["w"] > 0) * 1.0 + (data["w"] > 1.8)), regimes=3)
    with pytest.raises(NotEstimable, match="no variation in the treatment"):
        threshold(data.assign(x=data["firm"] * 1.0))


def test_an_interval_that_reaches_the_end_of_the_search_is_said_to_be_open():
    found = threshold(panel(12, change=0.0))
    assert "threshold_open" in {remark.code for remark in found.remarks}


def test_the_bound_is_hansens():
    """Hansen (2000), *Econometrica* 68: 575-603, table I."""
    levels = (0.80, 0.85, 0.90, 0.925, 0.95, 0.975, 0.99)
    assert [round(likelihood_ratio_bound(level), 2) for level in levels] == [4.5, 5.1, 5.94, 6.53, 7.35, 8.75, 10.59]


def covered(seed, **given):
    data = panel(seed, **given)
    found = threshold(data, grid=100)
    true = data.loc[data["w"] <= 0.3, "w"].max()
    return found.tau_low[0] <= true <= found.tau_high[0], found.tests[0].p_value, found.taus[0]


def test_a_planted_threshold_is_recovered_and_its_interval_covers():
    runs = [covered(seed, firms=120, industries=20, change=0.8) for seed in range(40)]
    assert np.mean([inside for inside, *_ in runs]) >= 0.85
    assert np.mean([p_value <= 0.05 for _, p_value, _ in runs]) == 1.0
    assert np.median([tau for *_, tau in runs]) == pytest.approx(0.3, abs=0.03)


def test_the_test_of_no_threshold_has_its_size_with_clustered_errors():
    runs = [covered(seed, firms=100, industries=15, change=0.0, clustered=0.7, by_cell=True)[1] for seed in range(100)]
    assert np.mean([p_value <= 0.05 for p_value in runs]) <= 0.11
    assert np.mean([p_value <= 0.5 for p_value in runs]) == pytest.approx(0.5, abs=0.17)


@pytest.mark.slow
@pytest.mark.parametrize(("by_cell", "clustered"), [(False, 0.0), (True, 0.5)])
def test_coverage_and_size_in_many_draws(by_cell, clustered):
    """Hansen's interval is conservative where the change is large and errors are independent."""
    given = {"firms": 240, "years": 8, "industries": 40, "by_cell": by_cell, "clustered": clustered}
    runs = [covered(seed, change=0.5, **given) for seed in range(500)]
    assert np.mean([inside for inside, *_ in runs]) >= 0.93
    sizes = [covered(seed, change=0.0, **given)[1] for seed in range(500)]
    assert 0.03 <= np.mean([p_value <= 0.05 for p_value in sizes]) <= 0.075
