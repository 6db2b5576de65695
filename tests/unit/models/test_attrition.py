"""Exit models and weights of staying: by hand, and what is missing-safe."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError, NotEstimable
from involution.models.attrition import exit_model, stay_weights


def leaving(seed=1, firms=400, years=5):
    """Firms whose odds of leaving fall with x; rows after the exit are gone, the last year's exit is not known."""
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(firms, years))
    leaves = draws.uniform(size=x.shape) < 1 / (1 + np.exp(2 + x))
    leaves[:, -1] = False
    there = (np.cumsum(leaves, axis=1) - leaves) == 0
    firm, year = np.nonzero(there)
    exit_known = np.where(year == years - 1, np.nan, leaves[there].astype(float))
    return pd.DataFrame({"firm": firm, "year": 2010 + year, "x": x[there], "exit": exit_known})


def test_two_groups_by_hand():
    """Of ten firms with x = 0 one leaves, of ten with x = 1 five: those who stay weigh .7/.9 and .7/.5."""
    x = np.repeat([0.0, 1.0], 10)
    gone = np.r_[1, np.zeros(9), np.ones(5), np.zeros(5)]
    first = pd.DataFrame({"firm": range(20), "year": 1, "x": x, "exit": gone})
    second = first[first["exit"] == 0].assign(year=2, exit=np.nan)
    data = pd.concat([first, second], ignore_index=True)
    model = exit_model(data, "x")
    assert model.fitted == pytest.approx(np.where(x > 0, 0.5, 0.1))
    assert model.rows.tolist() == list(range(20))
    made = stay_weights(data, model, trim=(0, 1))
    assert made.weights[:20].to_numpy() == pytest.approx(np.where(x > 0, 0.7 / 0.5, 0.7 / 0.9))
    # Year 2 has no exits that are known: its factor is one, and what year 1 did remains.
    assert made.weights[20:].to_numpy() == pytest.approx(np.where(second["x"] > 0, 1.4, 0.7 / 0.9))
    assert made.n_unpredicted == len(second)
    assert (made.n_low, made.n_high) == (0, 0)


def test_weights_are_products_over_the_firms_own_years():
    data = leaving()
    model = exit_model(data, "x")
    stay = pd.Series(1 - model.fitted, index=model.rows)
    factor = stay.groupby(data["year"].to_numpy()[model.rows]).transform("mean") / stay
    expected = factor.reindex(range(len(data))).fillna(1.0).groupby(data["firm"]).cumprod()
    np.testing.assert_allclose(stay_weights(data, model, trim=(0, 1)).weights, expected, rtol=1e-12)


def test_weighting_restores_what_firms_had_before_they_left():
    """The mean of x over the first year's stayers is that of all with weights, and above it without."""
    data = leaving(firms=4_000)
    weights = stay_weights(data, exit_model(data, "x"), trim=(0, 1)).weights
    first = data["year"] == 2010
    stayed, everyone = first & (data["exit"] == 0), data.loc[first, "x"].mean()
    assert data.loc[stayed, "x"].mean() - everyone > 0.08
    assert abs(np.average(data.loc[stayed, "x"], weights=weights[stayed]) - everyone) < 0.01


def test_trimming_cuts_at_the_named_quantiles_and_counts():
    data = leaving()
    model = exit_model(data, "x")
    raw, made = stay_weights(data, model, trim=(0, 1)), stay_weights(data, model, trim=(0.05, 0.90))
    assert made.limits == (raw.weights.quantile(0.05), raw.weights.quantile(0.90))
    assert made.n_low == (raw.weights < made.limits[0]).sum() > 0
    assert made.n_high == (raw.weights > made.limits[1]).sum() > 0
    assert (made.weights.min(), made.weights.max()) == made.limits
    assert made.largest == raw.weights.max()


def test_a_row_that_cannot_be_predicted_changes_no_weight():
    data = leaving()
    hidden = data.assign(x=data["x"].where(data["year"] != 2011))
    made = stay_weights(hidden, exit_model(hidden, "x"), trim=(0, 1))
    by_year = {year: made.weights[hidden["year"] == year] for year in (2010, 2011)}
    firms = {year: hidden.loc[weights.index, "firm"].to_numpy() for year, weights in by_year.items()}
    before = by_year[2010][np.isin(firms[2010], firms[2011])]
    assert by_year[2011].tolist() == before.tolist()


def test_years_when_nobody_or_everybody_leaves_are_left_out():
    data = leaving()
    data.loc[data["year"] == 2014, "exit"] = 1.0
    data.loc[data["year"] == 2012, "exit"] = 0.0
    model = exit_model(data, "x")
    assert set(data["year"].to_numpy()[model.rows]) == {2010, 2011, 2013}
    assert np.isfinite(stay_weights(data, model).weights).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 1_000), scale=st.floats(1e-3, 1e3))
def test_rows_units_and_names_do_not_matter(seed, scale):
    data = leaving(firms=150)
    other = data.sample(frac=1, random_state=seed).assign(
        x=lambda d: d["x"] * scale + 5, firm=lambda d: "f" + d["firm"].astype(str)
    )
    one, two = (stay_weights(each, exit_model(each, "x")).weights for each in (data, other))
    np.testing.assert_allclose(two.sort_index(), one, rtol=1e-6)


def test_what_cannot_be_used_is_said():
    data = leaving(firms=60)
    with pytest.raises(InputError, match="the nearest is 'exit'"):
        exit_model(data, "x", exit="exits")
    with pytest.raises(InputError, match="zero, one or missing"):
        exit_model(data.assign(exit=2.0), "x")
    with pytest.raises(NotEstimable, match="no year has both"):
        exit_model(data.assign(exit=0.0), "x")
    with pytest.raises(InputError, match="two quantiles in order"):
        stay_weights(data, exit_model(data, "x"), trim=(0.9, 0.1))
