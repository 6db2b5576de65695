"""Omitted variables: against the published example, and against regressions in which the variable is not omitted."""

from __future__ import annotations

import json
from pathlib import Path as File

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.errors import InputError
from involution.models.mediation.mediate import mediate
from involution.models.mediation.omitted import worst_product
from involution.models.mediation.sensitivity import BOUNDS, sensitivity
from involution.models.omitted_variables import Path, Strength, benchmark, path, robustness_value

GOLDEN = json.loads((File(__file__).parents[3] / "golden" / "sensemakr" / "darfur.json").read_text())
FIRMS, YEARS = 40, 5


@pytest.fixture
def darfur() -> tuple[np.ndarray, Path, float]:
    """Cross-products of the Darfur example, its path and the least significant strength as sensemakr takes it."""
    from scipy.stats import t

    products, columns = np.array(GOLDEN["products"]), GOLDEN["columns"]
    others = [place for place, name in enumerate(columns[:-1]) if name != "directlyharmed"]
    degrees = GOLDEN["dof"]
    bare = path(products, 0, columns.index("peacefactor"), others, np.nan, float(t.ppf(0.975, degrees - 1)))
    error = bare.scale / np.sqrt(degrees)
    found = path(products, 0, columns.index("peacefactor"), others, error, bare.critical)
    return products, found, found.critical / np.sqrt(degrees - 1)


def test_the_published_robustness_values_are_found(darfur):
    """Cinelli and Hazlett (2020), table 1: partial R2 2.2 %, RV 13.9 %, RV at 5 % 7.6 %."""
    _, found, threshold = darfur
    expected = GOLDEN["sensitivity"]
    assert found.estimate == pytest.approx(0.09731582, abs=5e-9)  # their vignette and tests
    assert found.partial_r2 == pytest.approx(expected["r2yd_x"], rel=1e-9)
    assert robustness_value(found.strength) == pytest.approx(expected["rv_q"], rel=1e-9)
    assert robustness_value(found.strength, threshold) == pytest.approx(expected["rv_qa"], rel=1e-9)
    assert round(expected["rv_q"], 3) == 0.139
    assert round(expected["rv_qa"], 3) == 0.076
    assert round(expected["r2yd_x"], 3) == 0.022


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_published_bounds_by_female_are_found(darfur, times):
    """The same example: strengths, adjusted estimates .0752, .0529, .0304 and standard errors."""
    products, found, _ = darfur
    strength = benchmark(products, found, GOLDEN["columns"].index("female"), times)
    expected = {key: values[times - 1] for key, values in GOLDEN["bounds"].items()}
    assert strength.treatment == pytest.approx(expected["r2dz_x"], rel=1e-9)
    assert strength.outcome == pytest.approx(expected["r2yz_dx"], rel=1e-9)
    adjusted = found.adjusted(strength.treatment, strength.outcome)
    assert adjusted == pytest.approx(expected["adjusted_estimate"], rel=1e-9)
    assert round(adjusted, 4) == {1: 0.0752, 2: 0.0529, 3: 0.0304}[times]
    # One more column is one degree of freedom less.
    lost = np.sqrt(GOLDEN["dof"] / (GOLDEN["dof"] - 1))
    error = found.adjusted_error(strength.treatment, strength.outcome) * lost
    assert error == pytest.approx(expected["adjusted_se"], rel=1e-9)


def firm_panel(seed: int = 2) -> pd.DataFrame:
    """Two mediators, two controls, firm and year effects.

    Parameters
    ----------
    seed : int
    """
    random = np.random.default_rng(seed)
    n = FIRMS * YEARS
    firm = np.repeat(np.arange(FIRMS), YEARS)
    c1, c2 = random.normal(size=(2, n))
    x = random.normal(size=n) + 0.8 * c1 + 0.3 * c2
    m1 = 0.5 * x + 0.6 * c1 - 0.2 * c2 + random.normal(size=FIRMS)[firm] + random.normal(size=n)
    m2 = -0.4 * x + 0.3 * c1 + 0.3 * m1 + random.normal(size=n)
    y = 0.2 * x - 0.6 * m1 + 0.3 * m2 - 0.5 * c1 + 0.2 * c2 + random.normal(size=n)
    names = {"x": x, "c1": c1, "c2": c2, "m1": m1, "m2": m2, "y": y}
    year = np.tile(np.arange(YEARS), FIRMS)
    return pd.DataFrame({"firm": firm, "year": year, "industry": firm % 10, **names})


def estimated(data: pd.DataFrame, controls: list[str], outcome: str = "y", **options):
    """The mediation through both mediators.

    Parameters
    ----------
    data : DataFrame
    controls : list of str
    outcome : str
    **options
        Of `mediate`.
    """
    arguments = {"cluster": "industry", "inference": "delta", **options}
    return mediate(data, outcome, "x", ["m1", "m2"], controls, ["firm", "year"], **arguments)


def within(data: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Columns of a balanced panel with firm and year means out.

    Parameters
    ----------
    data : DataFrame
    names : list of str
    """
    values = data[names]
    firms, years = (values.groupby(data[key]).transform("mean") for key in ("firm", "year"))
    return (values - firms - years + values.mean()).to_numpy()


def residual(outcome: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    """What least squares leaves.

    Parameters
    ----------
    outcome, regressors : array
    """
    return outcome - regressors @ np.linalg.lstsq(regressors, outcome, rcond=None)[0]


def confounder(treatment: np.ndarray, outcome: np.ndarray, held: np.ndarray, strength: Strength, sign: float):
    """A variable with exactly these shares of what is left of treatment and outcome, and nothing to do with the rest.

    Parameters
    ----------
    treatment, outcome : array of float, shape (n,)
    held : array of float, shape (n, k)
    strength : Strength
    sign : float
        Of its part in the outcome.
    """
    left = residual(treatment, held)
    after = residual(outcome, np.column_stack([held, treatment]))
    noise = np.random.default_rng(3).normal(size=len(left))
    noise = residual(noise, np.column_stack([held, treatment, outcome]))
    first, second = strength.treatment, strength.outcome * (1 - strength.treatment)
    shares = [np.sqrt(first), sign * np.sqrt(second), np.sqrt(1 - first - second)]
    return sum(share * part / np.linalg.norm(part) for share, part in zip(shares, (left, after, noise), strict=True))


@pytest.mark.parametrize("letter", ["a", "b"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_bound_is_what_the_regression_with_such_a_variable_gives(letter, times):
    """A confounder of exactly the bound's strength, made by hand and added to the regression."""
    data = firm_panel()
    bounds = sensitivity(estimated(data, ["c1", "c2"])).bounds.set_index(["path", "control", "times"])
    row = bounds.loc[(f"{letter}[m1]", "c2", times)]
    names = ["x", "c1", "c2", "m1", "m2", "y"]
    column = dict(zip(names, within(data, names).T, strict=True))
    ends = ("x", "m1") if letter == "a" else ("m1", "y")
    rest = ["c1", "c2"] if letter == "a" else ["x", "m2", "c1", "c2"]
    held = np.column_stack([column[name] for name in rest])
    strength = Strength(row["r2_treatment"], row["r2_outcome"])
    estimate = np.linalg.lstsq(np.column_stack([column[ends[0]], held]), column[ends[1]], rcond=None)[0][0]
    z = confounder(column[ends[0]], column[ends[1]], held, strength, np.sign(estimate))
    regressors = np.column_stack([column[ends[0]], held, z])
    with_it = np.linalg.lstsq(regressors, column[ends[1]], rcond=None)[0][0]
    assert row["estimate"] == pytest.approx(with_it, rel=1e-9)
    assert abs(with_it) < abs(estimate)


def test_the_standard_error_changes_as_that_of_least_squares():
    """With the confounder in, the unadjusted error of least squares is the bound's factor times the one without."""
    data = firm_panel()
    x, c, m = within(data, ["x", "c1", "m1"]).T
    strength = Strength(0.2, 0.3)
    z = confounder(x, m, c[:, None], strength, 1.0)

    def error(columns: np.ndarray) -> float:
        left = residual(m, columns)
        return float(np.sqrt(left @ left * np.linalg.inv(columns.T @ columns)[0, 0]))

    stacked = np.column_stack([x, c, m])
    found = path(stacked.T @ stacked, 0, 2, [1], error(stacked[:, :2]), 2.0)
    assert found.adjusted_error(0.2, 0.3) == pytest.approx(error(np.column_stack([x, c, z])), rel=1e-10)


def test_an_exact_copy_of_a_control_in_strength_is_the_bound_once():
    """A variable uncorrelated with the control and exactly as strong: the bound is the estimate with it in."""
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T.repeat(8, axis=0).astype(float)
    control, hidden, noise, error = signs.T
    treatment = 0.5 * control + 0.5 * hidden + noise
    outcome = 0.7 * treatment + 0.6 * control + 0.6 * hidden + error
    columns = np.column_stack([treatment, control, outcome])
    found = path(columns.T @ columns, 0, 2, [1], np.nan, 2.0)
    strength = benchmark(columns.T @ columns, found, 1, 1)
    assert found.adjusted(strength.treatment, strength.outcome) == pytest.approx(0.7, abs=1e-12)
    assert found.estimate > 0.8


@given(st.floats(0.01, 3.0), st.floats(0.0, 2.0))
def test_a_robustness_value_is_the_least_strength_that_does_it(strength, threshold):
    """Over a grid of both shares up to the value: the path just holds; a little above it some pair breaks it."""
    value = robustness_value(strength, threshold)
    found = Path(strength, threshold, 1.0, 1.0, 0, 1, [])

    def margin(most: float) -> float:
        grid = np.linspace(0, min(most, 0.999999), 201)
        treatment, outcome = np.meshgrid(grid, grid)
        held = strength - np.sqrt(treatment * outcome / (1 - treatment))
        return float((held - threshold * np.sqrt((1 - outcome) / (1 - treatment))).min())

    if threshold >= strength:
        assert value == 0
    else:
        assert margin(value) >= -1e-9
        assert margin(value + 0.02) < 0
        assert found.threshold == threshold


def test_a_variable_of_the_robustness_value_takes_the_path_to_zero_and_to_its_critical_value():
    found = Path(-0.4, 0.05, 2.1, 0.8, 0, 1, [])
    value = robustness_value(found.strength)
    assert found.adjusted(value, value) == pytest.approx(0, abs=1e-15)
    value = robustness_value(found.strength, found.threshold)
    assert found.adjusted(value, value) / found.adjusted_error(value, value) == pytest.approx(-2.1)


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 0.9), st.floats(0, 0.9))
def test_the_worst_product_is_the_least_over_all_biases(first, second, share, other):
    """A grid over both biases finds nothing further against the sign."""
    paths = [Path(value, 0.1, 2.0, 1.0, 0, 1, []) for value in (first, second)]
    strengths = Strength(share, other), Strength(other, share)
    worst = worst_product(*paths, *strengths)
    spread = [
        np.linspace(-1, 1, 21) * found.bias(at.treatment, at.outcome)
        for found, at in zip(paths, strengths, strict=True)
    ]
    grid = np.multiply.outer(first + spread[0], second + spread[1])
    sign = np.sign(first * second)
    if sign != 0:
        assert sign * worst == pytest.approx((sign * grid).min(), abs=1e-12)


def test_the_bound_of_the_indirect_effect_has_a_confounder_on_each_path():
    """Where neither path changes sign it is the product of the two bounds."""
    bounds = sensitivity(estimated(firm_panel(), ["c1", "c2"])).bounds
    values = bounds[(bounds["control"] == "c2") & (bounds["times"] == 1)].set_index("path")["estimate"]
    assert values["a[m1]"] > 0 > values["b[m1]"]
    assert values["indirect[m1]"] == pytest.approx(values["a[m1]"] * values["b[m1]"], rel=1e-12)


def test_statistics_have_one_row_for_each_path_control_and_strength():
    analysis = sensitivity(estimated(firm_panel(), ["c1", "c2"]), times=(1, 2))
    names = set(analysis.statistics["statistic"])
    paths = [f"{letter}[{name}]" for letter in ("a", "b", "indirect") for name in ("m1", "m2")]
    assert {
        f"bound[{term},{control},{times}x]" for term in paths for control in ("c1", "c2") for times in (1, 2)
    } <= names
    assert {f"{kind}[{term}]" for kind in ("robustness_value", "robustness_value_alpha") for term in paths} <= names
    assert list(analysis.bounds.columns) == list(BOUNDS)
    values = analysis.statistics.set_index("statistic")["value"]
    assert values["robustness_value[indirect[m1]]"] == min(values[f"robustness_value[{x}[m1]]"] for x in "ab")
    assert values["partial_r2[b[m1]]"] == pytest.approx(analysis.rho_star["estimate"].iloc[0] ** 2, rel=1e-10)


def test_the_robustness_value_of_a_test_uses_the_clustered_standard_error():
    """It is that of the confidence limit nearer to zero, by hand from the row of the path."""
    found = estimated(firm_panel(), ["c1", "c2"])
    row = found.tidy().set_index("term").loc["b[m1]"]
    values = sensitivity(found).statistics.set_index("statistic")["value"]
    share = values["partial_r2[b[m1]]"]
    nearer = np.sqrt(share / (1 - share)) * row["ci_high"] / row["estimate"]
    expected = (np.sqrt(nearer**4 + 4 * nearer**2) - nearer**2) / 2
    assert values["robustness_value_alpha[b[m1]]"] == pytest.approx(expected, rel=1e-9)
    bootstrapped = estimated(firm_panel(), ["c1", "c2"], inference="bootstrap", draws=99)
    pd.testing.assert_frame_equal(sensitivity(bootstrapped).statistics, sensitivity(found).statistics)


def test_bounds_have_no_units():
    data = firm_panel()
    shares = ["r2_treatment", "r2_outcome"]
    before = sensitivity(estimated(data, ["c1", "c2"]))
    scaled = data.assign(x=1e3 * data["x"], m1=1e-5 * data["m1"], y=1e6 * data["y"], c1=1e8 * data["c1"])
    after = sensitivity(estimated(scaled, ["c1", "c2"]))
    np.testing.assert_allclose(after.bounds[shares], before.bounds[shares], rtol=1e-7)
    kept = ~before.statistics["statistic"].str.startswith("bound")
    np.testing.assert_allclose(after.statistics["value"][kept], before.statistics["value"][kept], rtol=1e-7)


def test_a_control_that_explains_nearly_all_gives_no_bound_and_says_so():
    data = firm_panel()
    data["strong"] = data["x"] + 0.3 * np.random.default_rng(5).normal(size=len(data))
    analysis = sensitivity(estimated(data, ["strong", "c2"]))
    row = analysis.bounds.set_index(["path", "control", "times"]).loc[("a[m1]", "strong", 1)]
    assert row[["r2_treatment", "estimate", "ci_low"]].isna().all()
    assert any("strong (1x, a[m1])" in text for text in analysis.notes)
    assert all(remark.text("zh") for remark in analysis.remarks)


def test_a_control_that_explains_nearly_all_of_the_outcome_is_taken_at_its_limit():
    data = firm_panel()
    data["strong"] = data["y"] - 0.2 * data["m1"] + 0.3 * np.random.default_rng(5).normal(size=len(data))
    analysis = sensitivity(estimated(data, ["strong"]))
    row = analysis.bounds.set_index(["path", "control", "times"]).loc[("b[m2]", "strong", 1)]
    assert row["r2_outcome"] == 1
    assert np.isfinite(row["estimate"])
    assert np.isnan(row["ci_low"])
    assert any("all that is left of the mediator or outcome" in text for text in analysis.notes)


def test_without_controls_there_are_robustness_values_and_no_bounds():
    """Nor for a control that the fixed effects absorb."""
    for controls in ([], ["lasting"]):
        data = firm_panel().assign(lasting=lambda frame: frame["firm"] ** 2.0)
        analysis = sensitivity(estimated(data, controls))
        assert analysis.bounds.empty
        assert list(analysis.bounds.columns) == list(BOUNDS)
        assert not analysis.statistics["statistic"].str.startswith("bound").any()
        assert not any("bounds" in text for text in analysis.notes)


@pytest.mark.parametrize("options, where", [({"times": (0,)}, "times"), ({"grid": [0.5, 1.0]}, "grid")])
def test_what_cannot_be_asked_is_refused(options, where):
    with pytest.raises(InputError, match=where):
        sensitivity(estimated(firm_panel(), ["c1"]), **options)
