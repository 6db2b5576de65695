"""What must not change an estimate: the order of rows, names of firms, units of columns, a second copy of the panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import involution as inv

MODELS = {
    "ols": {"formula": "y ~ x1 + x2 + x3"},
    "ols_two_way": {"formula": "y ~ x1 + x2 + x3 | firm + year"},
    "ols_cells": {"formula": "y ~ x1 + x2 + x3 | firm + region^year"},
    "weighted": {"formula": "y ~ x1 + x2 + x3 | firm + year", "weights": "weight"},
    "iv": {"formula": "y ~ x1 + x3 | firm + year | x2 ~ z1 + z2", "estimator": "iv"},
    "poisson": {"formula": "count ~ x1 + x3", "estimator": "poisson"},
    "poisson_two_way": {"formula": "count ~ x1 + x3 | firm + year", "estimator": "poisson"},
    "hazard": {"formula": "I(count > 2) ~ x1 + x3 | firm + year", "estimator": "cloglog", "mundlak": True},
    "share": {"formula": "I(count / (count + 3)) ~ x1 + x3 | firm", "estimator": "fractional_logit", "mundlak": True},
}
PROPERTY = settings(max_examples=8, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)


def estimated(model: str, data: pd.DataFrame, **options):
    """Fit one of the models, clustered by industry unless told otherwise."""
    chosen = {"cluster": ["industry"], **MODELS[model], **options}
    return inv.estimate(chosen.pop("formula"), data, **chosen)


def same(first, second, tolerance: float = 1e-8) -> None:
    """Two fits with the same terms, estimates, covariance, fit and number of rows."""
    assert first.n_obs == second.n_obs
    assert list(first.tidy()["term"]) == list(second.tidy()["term"])
    for column in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(first.tidy()[column], second.tidy()[column], rtol=tolerance, atol=1e-14)
    np.testing.assert_allclose([first.r2, first.r2_within], [second.r2, second.r2_within], rtol=tolerance)


@EVERY_MODEL
@given(seed=SEEDS)
@PROPERTY
def test_order_of_rows_does_not_matter(firm_panel, model, seed):
    """Shuffled rows under another index."""
    data = firm_panel(seed, n_firms=40)
    shuffled = data.sample(frac=1, random_state=seed)
    same(estimated(model, data), estimated(model, shuffled))


@EVERY_MODEL
@given(seed=SEEDS)
@PROPERTY
def test_names_of_firms_and_industries_do_not_matter(firm_panel, model, seed):
    """Names permuted among firms, numbers in place of the industries' codes."""
    data = firm_panel(seed, n_firms=40)
    rng = np.random.default_rng(seed)
    renamed = data.copy()
    for column in ("firm", "industry"):
        names = data[column].unique()
        order = rng.permutation(len(names))
        renamed[column] = data[column].map({name: f"{column} {order[k]}" for k, name in enumerate(names)})
    renamed["industry"] = renamed["industry"].str.removeprefix("industry ").astype(int)
    same(estimated(model, data), estimated(model, renamed))


@pytest.mark.parametrize("vcov", ["iid", "hetero", "crv1", "crv3"])
@pytest.mark.parametrize("model", ["ols", "ols_two_way", "weighted", "iv"])
@given(seed=SEEDS, unit_x=st.sampled_from([1e-6, 1e-3, 7.0, 1e6]), unit_y=st.sampled_from([1e-4, 3.0, 1e5]))
@PROPERTY
def test_units_move_coefficients_and_nothing_else(firm_panel, model, vcov, seed, unit_x, unit_y):
    """x1 in other units, y in other units: the coefficient follows, t and p stay."""
    data = firm_panel(seed, n_firms=40)
    changed = data.assign(x1=data["x1"] * unit_x, y=data["y"] * unit_y)
    before, after = (estimated(model, frame, vcov=vcov).tidy().set_index("term") for frame in (data, changed))
    np.testing.assert_allclose(after.loc["x1", "estimate"], before.loc["x1", "estimate"] * unit_y / unit_x, rtol=1e-7)
    np.testing.assert_allclose(after.loc["x2", "estimate"], before.loc["x2", "estimate"] * unit_y, rtol=1e-7)
    for column in ("statistic", "p_value"):
        np.testing.assert_allclose(after[column], before[column], rtol=1e-6, atol=1e-14)


@given(seed=SEEDS, unit=st.sampled_from([1e-4, 1e-2, 50.0, 1e4]))
@PROPERTY
def test_units_of_a_regressor_do_not_matter_to_poisson(firm_panel, seed, unit):
    """x1 in other units: the coefficient follows, t stays."""
    data = firm_panel(seed, n_firms=40)
    changed = data.assign(x1=data["x1"] * unit)
    before, after = (estimated("poisson_two_way", frame).tidy().set_index("term") for frame in (data, changed))
    np.testing.assert_allclose(after.loc["x1", "estimate"] * unit, before.loc["x1", "estimate"], rtol=1e-7)
    np.testing.assert_allclose(after["statistic"], before["statistic"], rtol=1e-6)


@EVERY_MODEL
@given(seed=SEEDS)
@PROPERTY
def test_a_doubled_panel_halves_the_variance(firm_panel, model, seed):
    """A copy under new firm and industry names: the same coefficients, half the clustered variance without factors."""
    data = firm_panel(seed, n_firms=40)
    copy = data.assign(firm=data["firm"] + " copy", industry=data["industry"] + " copy")
    doubled = pd.concat([data, copy], ignore_index=True)
    for cluster in ("firm", "industry"):
        options = {"cluster": [cluster], "small_sample": {"observations": False, "clusters": False}}
        once, twice = estimated(model, data, **options), estimated(model, doubled, **options)
        assert (twice.n_obs, twice.n_clusters) == (2 * once.n_obs, 2 * once.n_clusters)
        np.testing.assert_allclose(twice.tidy()["estimate"], once.tidy()["estimate"], rtol=1e-8)
        np.testing.assert_allclose(twice.vcov, once.vcov / 2, rtol=1e-7, atol=1e-14)
        np.testing.assert_allclose([twice.r2, twice.r2_within], [once.r2, once.r2_within], rtol=1e-8)


@EVERY_MODEL
@given(seed=SEEDS)
@PROPERTY
def test_a_design_gives_the_same_digits(firm_panel, model, seed):
    """Through `Design.estimate`, also the second time from what it kept."""
    data = firm_panel(seed, n_firms=40)
    options = dict(MODELS[model])
    parts = [part.strip() for part in options.pop("formula").split("|")]
    effects = parts.pop(1).split(" + ") if len(parts) > 1 and "~" not in parts[1] else []
    design = inv.Design(data, effects, ["industry"], weights=options.get("weights"))
    direct = estimated(model, data)
    for _ in range(2):
        chosen = {"estimator": options.get("estimator", "ols"), "mundlak": options.get("mundlak", False)}
        fit = design.estimate(" | ".join(parts), **chosen)
        pd.testing.assert_frame_equal(fit.tidy(), direct.tidy(), check_exact=True)


@given(seed=SEEDS, shift=st.floats(-1e4, 1e4))
@PROPERTY
def test_a_constant_within_firms_added_to_a_regressor_is_absorbed(firm_panel, seed, shift):
    """Firm effects take out whatever is constant within firms."""
    data = firm_panel(seed, n_firms=40)
    moved = data.assign(x1=data["x1"] + shift * (data["firm"].str[1:].astype(int) % 7))
    first, second = (estimated("ols_two_way", frame) for frame in (data, moved))
    np.testing.assert_allclose(first.tidy()["estimate"], second.tidy()["estimate"], rtol=1e-7)
    np.testing.assert_allclose(first.tidy()["std_error"], second.tidy()["std_error"], rtol=1e-7)
