"""What a dynamic panel promises: gaps stay gaps, orders do not matter, truth is found, limits are told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from involution.errors import NotEstimable
from involution.models.dynamic.estimate import DynamicPanel, estimate_dynamic
from involution.models.dynamic.gmm import inverse
from involution.models.dynamic.instruments import Lagged, Standard, independent
from involution.models.dynamic.layout import calendar, layout

RHO, EFFECT = 0.5, -0.4


def simulated(seed, *, firms=300, years=8, industries=60, shock=0.0, correlation=0.0, level_break=0.0):
    """y on its past and a treatment that answers last year's error, with firm effects in both."""
    random = np.random.default_rng(seed)
    burn = 20
    mu, industry = random.normal(size=firms), np.arange(firms) % industries
    y, x = np.zeros((firms, burn + years)), np.zeros((firms, burn + years))
    e = random.normal(size=y.shape)
    e[:, 1:] += correlation * e[:, :-1].copy()
    path, common = (random.normal(size=(industries, burn + years)) for _ in range(2))
    for t in range(1, burn + years):
        # With a shock the treatment is the industry's alone and errors go together within industries.
        x[:, t] = 0.5 * x[:, t - 1] + (
            path[industry, t] if shock else 0.5 * mu + 0.3 * e[:, t - 1] + random.normal(size=firms)
        )
        y[:, t] = RHO * y[:, t - 1] + EFFECT * x[:, t] + mu + e[:, t] + shock * common[industry, t]
    y[:, burn:] += level_break * mu[:, None] * np.arange(years)
    y, x = y[:, burn:], x[:, burn:]
    data = pd.DataFrame(
        {
            "firm": np.repeat(np.arange(firms), years),
            "year": np.tile(np.arange(2010, 2010 + years), firms),
            "industry": np.repeat(industry, years),
            "y": y.ravel(),
            "x": x.ravel(),
        }
    )
    return data.assign(y_l1=data.groupby("firm")["y"].shift())


ASKED = DynamicPanel("y", ("y_l1", "x"), (Lagged("y", 2), Lagged("x", 1)))


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("transform", ["difference", "orthogonal"])
def test_the_planted_effects_lie_in_the_intervals(system, transform):
    fit = estimate_dynamic(replace(ASKED, system=system, transform=transform), simulated(1))
    assert fit.terms == ("y_l1", "x")
    assert (fit.ci_low < [RHO, EFFECT]).all()
    assert (fit.ci_high > [RHO, EFFECT]).all()
    assert (fit.std_error < 0.1).all()


def over_draws(asked, draws, **options):
    """Shares of draws in which intervals hold both truths, and tests reject."""
    found = []
    for seed in range(draws):
        fit = estimate_dynamic(
            asked,
            simulated(1_000 + seed, **{k: v for k, v in options.items() if k != "cluster"}),
            cluster=options.get("cluster"),
        )
        tests = fit.statistics.set_index("statistic")["p_value"]
        held = (fit.ci_low < [RHO, EFFECT]) & (fit.ci_high > [RHO, EFFECT])
        found.append([*held, tests["ar2"] < 0.05, tests["hansen_j"] < 0.05])
    return np.mean(found, axis=0)


@pytest.mark.parametrize("system", [False, True])
def test_intervals_cover_and_tests_keep_their_size_over_draws(system):
    # 120 draws: three standard errors of a share of 5 % are 6 points.
    *coverage, ar2, hansen = over_draws(replace(ASKED, system=system), 120)
    assert min(coverage) > 0.89
    assert max(ar2, hansen) < 0.11


def test_clusters_at_the_level_of_the_treatment_keep_what_those_at_the_firm_lose():
    # Treatment and shocks by industry: firm clusters covered .90 and .85 and Hansen rejected .22 of 200 draws.
    *own, _, own_hansen = over_draws(ASKED, 120, shock=0.5, cluster="industry")
    *low, _, low_hansen = over_draws(ASKED, 120, shock=0.5, cluster="firm")
    assert min(own) > 0.88
    assert own_hansen < 0.11
    assert low[1] < 0.9
    assert low_hansen > 0.12


def test_errors_correlated_over_years_are_found_out():
    fit = estimate_dynamic(ASKED, simulated(2, firms=600, correlation=0.6))
    assert fit.statistics.set_index("statistic").loc["ar2", "p_value"] < 0.01
    assert "dynamic_ar2" in [remark.code for remark in fit.remarks]


def test_changes_that_go_with_the_firm_effects_are_found_out_by_the_difference_of_hansens():
    fit = estimate_dynamic(replace(ASKED, system=True), simulated(3, firms=600, level_break=0.3))
    assert fit.statistics.set_index("statistic").loc["difference_hansen", "p_value"] < 0.01


def test_neither_the_order_of_rows_nor_a_shift_of_codes_matters():
    data = simulated(4)
    fit = estimate_dynamic(replace(ASKED, system=True), data, cluster="industry")
    shuffled = data.sample(frac=1, random_state=1).assign(firm=lambda rows: "f" + rows["firm"].astype(str))
    again = estimate_dynamic(replace(ASKED, system=True), shuffled, cluster="industry")
    assert again.estimate == pytest.approx(fit.estimate, rel=1e-10)
    assert again.std_error == pytest.approx(fit.std_error, rel=1e-9)


def test_a_gap_is_a_gap_and_never_the_row_before():
    data = simulated(5, firms=40)
    gone = data[~((data["firm"] % 3 == 0) & (data["year"] == 2013))].copy()
    keys = pd.MultiIndex.from_arrays([gone["firm"], gone["year"] - 1])
    gone["y_l1"] = gone.set_index(["firm", "year"])["y"].reindex(keys).to_numpy()
    fit = estimate_dynamic(replace(ASKED, steps=1), gone)
    # 14 of 40 firms lose 2013 and, for want of its value, 2014; their differences of 2013 to 2015 go with them.
    assert fit.n_obs == 26 * 6 + 14 * (1 + 2)
    assert any("54 rows lack a column of the model; the other 252 give 198 rows" in text for text in fit.notes)
    known = calendar(gone["firm"], gone["year"])
    values = gone["y"].to_numpy()
    earlier = known.earlier(values, known.firm, known.year, 2)
    expected = gone.set_index(["firm", "year"])["y"].reindex(
        pd.MultiIndex.from_arrays([gone["firm"], gone["year"] - 2])
    )
    assert np.array_equal(earlier, expected.to_numpy(), equal_nan=True)


def test_one_step_is_two_stage_least_squares_of_orthogonal_deviations():
    # With forward deviations H is the identity: the weight is that of two-stage least squares.
    data = simulated(6, firms=50)
    fit = estimate_dynamic(replace(ASKED, steps=1, transform="orthogonal", years=False), data)
    complete = data["y_l1"].notna().to_numpy()
    known = calendar(data["firm"], data["year"])
    place = layout(known, complete, "orthogonal")
    moved = place.transformation @ data.loc[place.rows, ["y", "y_l1", "x"]].to_numpy()
    firm, year = place.transformed
    z = np.column_stack(
        [
            np.nan_to_num(known.earlier(data[name].to_numpy(), firm, year, lag))
            for name, first in (("y", 2), ("x", 1))
            for lag in range(first, 8)
        ]
    )
    z = z[:, independent(z)]
    fitted = z @ np.linalg.lstsq(z, moved[:, 1:], rcond=None)[0]
    expected = np.linalg.lstsq(fitted, moved[:, 0], rcond=None)[0]
    assert fit.estimate == pytest.approx(expected, rel=1e-9)


def test_forward_deviations_keep_equal_variances_without_correlation():
    data = simulated(7, firms=5)
    place = layout(calendar(data["firm"], data["year"]), np.arange(len(data)) % 7 != 3, "orthogonal")
    product = (place.transformation @ place.transformation.T).toarray()
    assert product == pytest.approx(np.eye(len(product)), abs=1e-12)
    assert place.transformation @ np.ones(place.n) == pytest.approx(np.zeros(len(product)), abs=1e-12)


def test_influence_squares_to_the_covariance_of_either_step():
    data = simulated(8)
    for steps in (1, 2):
        fit = estimate_dynamic(replace(ASKED, steps=steps), data, cluster="industry")
        moves = fit.cluster_influence.to_numpy()
        assert moves.T @ moves == pytest.approx(fit.covariance, rel=1e-10)
        assert fit.cluster_influence.index.name == "industry"
        assert len(moves) == fit.n_clusters == 60


def test_windmeijers_correction_is_how_the_second_step_moves_with_the_first():
    # D by definition: the derivative of the two-step estimate in the coefficients that its weight is made of.
    from involution.models.dynamic.estimate import _moments, _prepared
    from involution.models.dynamic.gmm import one_step, two_steps

    made = _prepared(ASKED, simulated(9), "firm", None, "firm", "year")
    moments = _moments(made)
    first = one_step(moments)
    second = two_steps(moments, first)

    def step_two(beta):
        scores = moments.scores(moments.y - moments.x @ beta)
        weight, _ = inverse(scores.T @ scores)
        cross = moments.z.T @ moments.x
        return np.linalg.solve(cross.T @ weight @ cross, cross.T @ weight @ (moments.z.T @ moments.y))

    k, h = len(first.beta), 1e-5
    derivative = np.column_stack(
        [(step_two(first.beta + h * e) - step_two(first.beta - h * e)) / (2 * h) for e in np.eye(k)]
    )
    scores = moments.scores(first.residuals)
    expected = scores @ second.linear.T + first.influence @ derivative.T
    assert second.influence == pytest.approx(expected, abs=1e-6 * np.abs(expected).max())


def test_more_instruments_than_clusters_have_no_second_step():
    data = simulated(10, industries=8)
    with pytest.raises(NotEstimable, match="instruments for 8 clusters of industry"):
        estimate_dynamic(ASKED, data, cluster="industry")
    fit = estimate_dynamic(replace(ASKED, steps=1), data, cluster="industry")
    assert "dynamic_more_than_clusters" in [remark.code for remark in fit.remarks]
    assert "hansen_j" not in fit.statistics["statistic"].tolist()


def test_what_the_data_do_not_support_is_told():
    data = simulated(11, firms=40)
    with pytest.raises(NotEstimable, match="two years in a row"):
        estimate_dynamic(ASKED, data[data["year"] % 2 == 0])
    with pytest.raises(NotEstimable, match="more than one cluster of group"):
        estimate_dynamic(ASKED, data.assign(group=data["year"] % 2), cluster="group")
    with pytest.raises(NotEstimable, match="identify 1 of 2 coefficients"):
        estimate_dynamic(DynamicPanel("y", ("y_l1", "x"), (), (Standard("x"),), years=False), data)


def test_collapsed_instruments_are_one_a_lag():
    data = simulated(12)
    count = {
        collapse: estimate_dynamic(replace(ASKED, collapse=collapse, steps=1), data).statistics.set_index("statistic")
        .loc["n_instruments", "value"] for collapse in (True, False)
    }  # fmt: skip
    # Differences of 2012 to 2017: lags 2 to 7 of y, 1 to 7 of x, six years; by year 2 + ... + 7 - 6 and 2 + ... + 7.
    assert count == {True: 6 + 7 + 6, False: 21 + 27 + 6}


def test_limits_of_lags_hold():
    few = replace(ASKED, lagged=(Lagged("y", 2, 3), Lagged("x", 1, 1)))
    fit = estimate_dynamic(few, simulated(13))
    assert fit.statistics.set_index("statistic").loc["n_instruments", "value"] == 2 + 1 + 6
