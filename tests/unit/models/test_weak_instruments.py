"""Anderson-Rubin tests and sets with clusters: against statsmodels and grids, odd shapes, coverage where Wald fails."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from involution.errors import InputError, NotEstimable
from involution.models.design import Design
from involution.models.weak_instruments import (
    ConfidenceSet,
    _pieces,
    _with_extrema,
    anderson_rubin_set,
    anderson_rubin_test,
    underidentification,
    weak_instrument_statistics,
)

ONE = "y ~ c | firm + year | w ~ z1 + z2"
TWO = "y ~ x + c | firm + year | w + xw ~ z1 + xz1 + z2"


def panel(seed=1, firms=60, years=5, strength=0.7, effect=0.5, interaction=0.3, invalid=0.0):
    """A moderator w that shares an error with the outcome, two instruments, industry shocks in all of them."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    n, industry = len(firm), firm % 20
    shock = draws.normal(size=(20, years))[industry, year]
    x, z1, z2, error = (draws.normal(size=n) for _ in range(4))
    error = error + 0.7 * shock
    w = strength * (z1 + 0.5 * z2) + 0.8 * error + draws.normal(size=n)
    y = 0.2 * x + effect * w + interaction * x * w + error + invalid * z2 + draws.normal(size=firms)[firm] + 0.1 * year
    made = {"firm": firm, "year": year, "industry": industry, "x": x, "w": w, "y": y, "z1": z1, "z2": z2}
    return pd.DataFrame({**made, "xw": x * w, "xz1": x * z1, "c": draws.normal(size=n)})


def linear_of(data, formula=ONE, cluster="industry"):
    left, *rest = formula.split(" | ")
    design = Design(data, rest[0].split(" + "), cluster)
    solution, _ = design.solution(f"{left} | {rest[1]}")
    return solution.linear, dict(zip(solution.names, solution.beta, strict=True))


def by_statsmodels(data, b, formula=ONE, cluster="industry"):
    """Wald F of the instruments in the regression of the outcome less what is endogenous, on indicator columns."""
    endogenous, instruments = (part.split(" + ") for part in formula.split(" | ")[2].split(" ~ "))
    exogenous = formula.split(" | ")[0].split(" ~ ")[1].split(" + ")
    dummies = [pd.get_dummies(data[name], drop_first=name == "year").astype(float) for name in ("firm", "year")]
    columns = pd.concat([data[instruments], data[exogenous], *dummies], axis=1)
    outcome = data["y"] - data[endogenous] @ np.asarray(b)
    fit = sm.OLS(outcome.to_numpy(), columns.to_numpy()).fit(
        cov_type="cluster", cov_kwds={"groups": data[cluster].to_numpy(), "use_correction": True}, use_t=True
    )
    found = fit.f_test(np.eye(len(instruments), columns.shape[1]))
    # Its factor counts every indicator; firms, nested in the clusters, count once here as in fixest.
    n, counted = columns.shape
    f = float(found.fvalue) * (n - counted + data["firm"].nunique() - 1) / (n - counted)
    return f, found.df_num, float(stats.f.sf(f, found.df_num, data[cluster].nunique() - 1))


@pytest.mark.parametrize(("formula", "b"), [(ONE, [0.4]), (TWO, [0.4, -0.2])])
def test_the_test_is_the_wald_test_of_the_instruments(formula, b):
    data = panel()
    linear, _ = linear_of(data, formula)
    value, degrees, p_value = anderson_rubin_test(linear, dict(zip(linear.endogenous.names, b, strict=True)))
    expected = by_statsmodels(data, b, formula)
    assert value == pytest.approx(expected[0], rel=1e-6)
    assert degrees == expected[1]
    assert p_value == pytest.approx(expected[2], rel=1e-5)


def test_the_set_of_one_coefficient_is_that_of_a_grid():
    linear, found = linear_of(panel(strength=0.25))
    accepted = anderson_rubin_set(linear, "w", found["w"], 0.2)
    grid = np.linspace(-3, 3, 3001)
    p_values = np.array([anderson_rubin_test(linear, {"w": b})[2] for b in grid])
    assert [b in accepted for b in grid] == (p_values >= 0.05).tolist()
    for end in accepted.ends:
        assert anderson_rubin_test(linear, {"w": end})[2] == pytest.approx(0.05, abs=1e-6)


def test_the_set_of_one_of_two_coefficients_is_the_projection_of_a_grid():
    linear, found = linear_of(panel(strength=1.0), TWO)
    accepted = anderson_rubin_set(linear, "xw", found["xw"], 0.1)
    assert accepted.kind == "interval"
    others = np.linspace(found["w"] - 3, found["w"] + 3, 2001)
    for b in (accepted.ends[0] + 0.003, accepted.ends[1] - 0.003):
        assert max(anderson_rubin_test(linear, {"xw": b, "w": other})[2] for other in others) > 0.05
    for b in (accepted.ends[0] - 0.003, accepted.ends[1] + 0.003):
        assert max(anderson_rubin_test(linear, {"xw": b, "w": other})[2] for other in others) < 0.05


def test_where_the_search_begins_does_not_matter():
    linear, found = linear_of(panel(strength=1.0), TWO)
    here = anderson_rubin_set(linear, "xw", found["xw"], 0.1)
    elsewhere = anderson_rubin_set(linear, "xw", -2.0, 1.5)
    assert here.kind == "interval"
    assert np.array(here.intervals) == pytest.approx(np.array(elsewhere.intervals), rel=1e-5)


@pytest.mark.parametrize(("formula", "name", "seed"), [(ONE, "w", 2), (TWO, "xw", 6), (TWO, "xw", 7)])
def test_what_is_left_out_between_two_ends_is_found_however_long_the_step_is(formula, name, seed):
    """A gap (1.153, 1.164) of the second is narrower than a step between nodes: its criterion is looked at closely."""
    linear, found = linear_of(panel(seed=seed, strength=0.25 if seed == 7 else 0.12), formula)
    sets = [anderson_rubin_set(linear, name, found[name], step) for step in (1e-3, 0.3, 10.0, 1e4)]
    assert [accepted.kind for accepted in sets] == ["unbounded"] * 4
    low, high = (end for piece in sets[1].intervals for end in piece if np.isfinite(end))
    for accepted in sets:
        assert accepted.intervals[0][1] == pytest.approx(low, rel=1e-6)
        assert accepted.intervals[1][0] == pytest.approx(high, rel=1e-6)
    inside = [name, (low + high) / 2]
    others = np.linspace(-20, 20, 801) if formula == TWO else [0.0]
    values = [{**dict([inside]), **({"w": b} if formula == TWO else {})} for b in others]
    assert max(anderson_rubin_test(linear, at)[2] for at in values) < 0.05


def test_an_extremum_at_infinity_is_looked_at_from_both_sides():
    angles = np.linspace(-np.pi / 2, np.pi / 2, 11)
    for height, sign in ((2.0, 1.0), (0.0, -1.0)):

        def profile(angle, height=height, sign=sign):
            away = np.abs(np.mod(angle - 1.5 + np.pi / 2, np.pi) - np.pi / 2)
            return height - sign * (1.5 * np.exp(-0.5 * (away / 0.03) ** 2) + 0.2 * np.cos(away))

        values = np.array([profile(angle) for angle in angles])
        wider, found = _with_extrema(angles, values, profile, 1.0)
        assert len(wider) == len(angles) + 1
        new = np.setdiff1d(wider, angles)
        assert new == pytest.approx([1.5], abs=1e-6)
        assert (found[wider == new] <= 1.0) == (sign > 0)
        assert len(_pieces(wider, found, profile, 1.0)) == (1 if sign > 0 else 2)


def test_as_many_instruments_as_regressors_accept_the_two_stage_estimate():
    linear, found = linear_of(panel(), "y ~ x + c | firm + year | w + xw ~ z1 + xz1")
    value, _, p_value = anderson_rubin_test(linear, {"w": found["w"], "xw": found["xw"]})
    assert value == pytest.approx(0, abs=1e-10)
    assert p_value == pytest.approx(1)


def test_units_and_other_forms_of_the_instruments_do_not_matter():
    data = panel(strength=0.4)
    linear, found = linear_of(data)
    scaled = data.assign(z1=data["z1"] * 100 + data["z2"], w=data["w"] * 1_000, y=data["y"] * 10)
    other, again = linear_of(scaled)
    assert again["w"] == pytest.approx(found["w"] / 100)
    first = np.array(anderson_rubin_set(linear, "w", found["w"], 0.2).intervals)
    assert np.array(anderson_rubin_set(other, "w", again["w"], 0.002).intervals) * 100 == pytest.approx(first, rel=1e-6)
    assert underidentification(other)[0] == pytest.approx(underidentification(linear)[0], rel=1e-6)


def test_instruments_that_say_nothing_leave_every_value_in():
    linear, found = linear_of(panel(seed=4, strength=0.0), TWO)
    accepted = anderson_rubin_set(linear, "xw", found["xw"], 0.3)
    assert accepted.kind in ("line", "unbounded")
    assert underidentification(linear)[2] > 0.05


def test_instruments_that_contradict_each_other_leave_none():
    linear, found = linear_of(panel(strength=1.5, invalid=3.0))
    accepted = anderson_rubin_set(linear, "w", found["w"], 0.2)
    assert (accepted.kind, accepted.text()) == ("empty", "∅")
    assert np.isnan(accepted.ends).all()


def test_a_set_is_unbounded_where_the_instruments_may_say_nothing():
    """At infinity the Anderson-Rubin statistic is that of the instruments in the first stage."""
    for seed in range(6):
        linear, found = linear_of(panel(seed=seed, strength=0.12))
        unbounded = anderson_rubin_set(linear, "w", found["w"], 0.3).kind in ("line", "unbounded")
        first_stage = underidentification(linear)[0] / 2
        bound = anderson_rubin_test(linear, {"w": 1e9})[0]
        assert first_stage == pytest.approx(bound, rel=1e-5)
        assert unbounded == (first_stage <= stats.f.ppf(0.95, 2, 19))


def test_with_one_regressor_strength_is_that_of_the_first_stage():
    linear, _ = linear_of(panel())
    found = weak_instrument_statistics(linear)
    robust, degrees, _ = found["sanderson_windmeijer_f_robust[w]"]
    assert found["underidentification"][0] == pytest.approx(robust * degrees)
    assert found["anderson_rubin"][:2] == pytest.approx(anderson_rubin_test(linear, {"w": 0.0})[:2])


def test_rows_are_independent_where_no_cluster_is_named():
    data = panel()
    linear, _ = linear_of(data, cluster=())
    value, _, _ = anderson_rubin_test(linear, {"w": 0.4})
    dummies = [pd.get_dummies(data[name], drop_first=name == "year").astype(float) for name in ("firm", "year")]
    columns = pd.concat([data[["z1", "z2", "c"]], *dummies], axis=1)
    fit = sm.OLS((data["y"] - 0.4 * data["w"]).to_numpy(), columns.to_numpy()).fit(cov_type="HC1")
    n, k = len(data), columns.shape[1]
    assert value == pytest.approx(float(fit.f_test(np.eye(2, k)).fvalue) * n / (n - 1), rel=1e-6)


def test_what_cannot_be_tested_is_said():
    data = panel()
    linear, _ = linear_of(data)
    with pytest.raises(InputError, match="not an endogenous regressor"):
        anderson_rubin_test(linear, {"x": 1.0})
    few, _ = linear_of(data.assign(industry=data["firm"] % 2))
    with pytest.raises(NotEstimable, match="2 clusters for 2 instruments"):
        underidentification(few)


def test_sets_in_signs():
    inf = np.inf
    assert ConfidenceSet(((-inf, -0.5), (0.25, inf))).text() == "(-∞, -0.5] ∪ [0.25, ∞)"
    assert ConfidenceSet(((-inf, inf),)).kind == "line"
    assert ConfidenceSet(((0.0, 1.0), (2.0, 3.0))).kind == "intervals"
    assert 0.3 not in ConfidenceSet(((-inf, -0.5), (0.35, inf)))


def covered(seed, strength):
    data = panel(seed, firms=80, years=4, strength=strength)
    linear, found = linear_of(data, TWO)
    return 0.3 in anderson_rubin_set(linear, "xw", found["xw"], 0.2)


def test_the_set_covers_with_weak_instruments():
    assert np.mean([covered(seed, 0.1) for seed in range(25)]) >= 0.9


@pytest.mark.slow
def test_the_set_covers_in_many_draws():
    for strength in (0.05, 0.2, 0.8):
        assert np.mean([covered(seed, strength) for seed in range(300)]) >= 0.94


def rejects_the_truth(draws, clusters, count):
    """One endogenous regressor, instruments and errors with shocks by industry and year."""
    firm, year = (values.ravel() for values in np.indices((max(60, clusters), 5)))
    industry, n = firm % clusters, len(firm)
    z = draws.normal(size=(clusters, 5, count))[industry, year] + 0.3 * draws.normal(size=(n, count))
    error = draws.normal(size=(clusters, 5))[industry, year] + draws.normal(size=n)
    x = 0.2 * z.sum(axis=1) + error
    data = pd.DataFrame({"firm": firm, "year": year, "industry": industry, "x": x, "y": 0.5 * x + error})
    named = [f"z{k}" for k in range(count)]
    design = Design(data.assign(**dict(zip(named, z.T, strict=True))), ["firm", "year"], "industry")
    linear = design.solution(f"y ~ 1 | x ~ {' + '.join(named)}")[0].linear
    return anderson_rubin_test(linear, {"x": 0.5})[2] < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clusters", "count", "rate"), [(8, 3, 0.16), (15, 3, 0.06), (30, 8, 0.15), (20, 2, 0.05), (30, 3, 0.04)]
)
def test_few_clusters_per_instrument_reject_the_truth_too_often(clusters, count, rate):
    draws = np.random.default_rng(5)
    assert np.mean([rejects_the_truth(draws, clusters, count) for _ in range(600)]) == pytest.approx(rate, abs=0.035)
