"""Data that do not support a decomposition: refused with the column and the reason."""

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError, NotEstimable
from involution.models.mediation.mediate import mediate


@pytest.fixture
def data():
    draws = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(40), 5), np.tile(np.arange(2010, 2015), 40)
    x, m, n, c, w, e = draws.normal(size=(6, len(firm)))
    m = m + 0.5 * x
    y = 0.3 * x + 0.4 * m + e
    columns = {"firm": firm, "year": year, "industry": firm % 10, "x": x, "m": m, "n": n, "c": c, "w": w, "y": y}
    return pd.DataFrame(columns)


def decompose(data, mediators=("m", "n"), controls="c", **options):
    options = {"inference": "delta", **options}
    return mediate(data, "y", "x", list(mediators), controls, ["firm", "year"], "industry", **options)


def test_a_mediator_without_variation_within_firms_is_refused_with_the_reason(data):
    data["sa"] = data["firm"] ** 2 + 0.1 * data["year"]
    with pytest.raises(NotEstimable, match="the fixed effects leave no variation in the mediator sa"):
        decompose(data, ["m", "sa"])


def test_a_constant_mediator_is_told_from_one_that_the_effects_absorb(data):
    with pytest.raises(NotEstimable, match="the mediator k does not vary in the sample"):
        decompose(data.assign(k=3.0), ["m", "k"])


def test_mediators_that_are_collinear_are_named_with_those_they_combine(data):
    data["sum"] = data["m"] - 2 * data["n"] + data["firm"]
    with pytest.raises(NotEstimable, match=r"the mediator sum is collinear with m, n$"):
        decompose(data, ["m", "n", "sum"])


def test_a_mediator_that_is_the_treatment_in_other_units_is_named(data):
    with pytest.raises(NotEstimable, match=r"the mediator twice is collinear with x$"):
        decompose(data.assign(twice=2 * data["x"] + 1), ["m", "twice"])


def test_a_treatment_that_the_effects_absorb_is_refused(data):
    with pytest.raises(NotEstimable, match="the fixed effects leave no variation in the treatment x"):
        decompose(data.assign(x=data["firm"] + data["year"]))


def test_a_lead_longer_than_the_panel_is_named(data):
    data["y"] = data.groupby("firm")["y"].shift(-7)
    with pytest.raises(NotEstimable, match=r"y has no value in any row \(a lead or lag longer than the panel\?\)"):
        decompose(data)


def test_columns_that_are_never_observed_together_are_listed(data):
    data.loc[data["year"] < 2012, "y"] = np.nan
    data.loc[data["year"] >= 2012, "m"] = np.nan
    with pytest.raises(NotEstimable, match="no row has a value in every column of the equations"):
        decompose(data)


def test_conditions_that_no_row_fulfils_are_said(data):
    with pytest.raises(NotEstimable, match="no row fulfils the conditions"):
        decompose(data, where="year > 2050")


def test_a_constant_moderator_is_refused(data):
    with pytest.raises(NotEstimable, match="the moderator flat does not vary in the sample"):
        decompose(data.assign(flat=0.1), moderators={"m": "flat"})


@pytest.mark.parametrize("clusters", [1, 2])
def test_fewer_than_three_clusters_are_refused(data, clusters):
    with pytest.raises(NotEstimable, match=f"{clusters} clusters of industry: at least 3 are needed"):
        decompose(data.assign(industry=data["firm"] % clusters))


def test_shares_of_a_total_near_zero_are_flagged_and_have_no_inference(data):
    rest = np.random.default_rng(2).normal(size=len(data))
    data["y"] = 0.4 * data["m"] - 0.2 * data["x"] + rest
    found = decompose(data)
    shares = found.tidy().set_index("term").filter(like="share[", axis=0)
    assert shares["estimate"].notna().all()
    assert shares[["std_error", "statistic", "p_value", "ci_low", "ci_high"]].isna().all(axis=None)
    said = next(remark for remark in found.remarks if remark.code == "share_not_meaningful")
    assert "cannot be told from zero" in said.text()
    assert said.text("zh") != said.text()


def test_shares_of_effects_with_different_signs_are_flagged_and_keep_their_inference(data):
    rest = np.random.default_rng(2).normal(size=len(data))
    data["n"] = data["n"] + data["x"]
    data["y"] = 0.4 * data["m"] - 0.3 * data["n"] + 0.9 * data["x"] + 0.3 * rest
    found = decompose(data)
    assert found.tidy().set_index("term").filter(like="share[", axis=0).notna().all(axis=None)
    said = next(remark for remark in found.remarks if remark.code == "share_not_meaningful_signs")
    assert "different signs" in said.text()


def test_shares_of_effects_with_one_sign_keep_theirs(data):
    rest = np.random.default_rng(2).normal(size=len(data))
    data["n"] = data["n"] + data["x"]
    data["y"] = 0.4 * data["m"] + 0.5 * data["n"] + 0.5 * data["x"] + 0.3 * rest
    shares = decompose(data).tidy().set_index("term").filter(like="share[", axis=0)
    assert shares.notna().all(axis=None)


def test_columns_that_do_not_exist_are_named_with_the_nearest(data):
    with pytest.raises(InputError, match="there is no column 'industri'"):
        mediate(data, "y", "x", "industri", fixed_effects="firm", cluster="industry")
