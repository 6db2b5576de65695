"""The lead test and the half-panel jackknife: by hand, by brute force, and where they do not exist."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError, NotEstimable
from involution.models.design import Design
from involution.models.exogeneity import half_panel_jackknife, lead_test


def fed_back(seed=1, firms=60, years=7, feedback=0.0):
    """Outcome of the year from m, and m of the year from the outcome of the year before; panels of several lengths."""
    draws = np.random.default_rng(seed)
    rows = []
    for firm in range(firms):
        start, lasting, y = firm % 3, draws.normal(), 0.0
        for year in range(start, years - firm % 2):
            m = 0.5 * lasting + feedback * y + draws.normal()
            y = 0.4 * m + lasting + draws.normal()
            rows.append((firm, 2010 + year, firm % 12, m, draws.normal(), y))
    return pd.DataFrame(rows, columns=["firm", "year", "industry", "m", "x", "y"])


def slopes(data):
    return Design(data, ["firm", "year"], "industry").estimate("y ~ m + x").estimate


def corrected_by_hand(data):
    """Both ways of halving odd years, each half estimated from its rows alone."""
    data = data[data.groupby("firm")["year"].transform("size") >= 4].sort_values(["firm", "year"])
    years, place = data.groupby("firm")["year"].transform("size"), data.groupby("firm").cumcount()
    halves = [
        slopes(data[rows]) for middle in (years // 2, (years + 1) // 2) for rows in (place < middle, place >= middle)
    ]
    return 2 * slopes(data) - np.mean(halves, axis=0)


def test_the_correction_is_twice_the_whole_less_the_mean_of_the_halves():
    data = fed_back()
    fit = half_panel_jackknife(Design(data, ["firm", "year"], "industry"), "y ~ m + x")
    assert fit.terms == ("m", "x")
    np.testing.assert_allclose(fit.estimate, corrected_by_hand(data), rtol=1e-10)
    assert fit.vcov_label == "crv3(industry)"


def test_its_error_leaves_clusters_out_of_the_whole_and_the_halves_at_once():
    data = fed_back()
    fit = half_panel_jackknife(Design(data, ["firm", "year"], "industry"), "y ~ m + x")
    left = np.array([corrected_by_hand(data[data["industry"] != g]) for g in range(12)])
    squares = 11 / 12 * ((left - fit.estimate) ** 2).sum(axis=0)
    np.testing.assert_allclose(fit.std_error, np.sqrt(squares), rtol=1e-8)


def test_the_influence_of_clusters_gives_much_the_same_error():
    design = Design(fed_back(firms=600), ["firm", "year"], "firm")
    first, third = (half_panel_jackknife(design, "y ~ m + x", vcov=vcov) for vcov in ("crv1", "crv3"))
    assert first.estimate.tolist() == third.estimate.tolist()
    np.testing.assert_allclose(first.std_error, third.std_error, rtol=0.05)


def test_feedback_is_flagged_and_most_of_its_bias_removed():
    design = Design(fed_back(firms=1_500, feedback=0.5), ["firm", "year"], "firm")
    plain, corrected = design.estimate("y ~ m"), half_panel_jackknife(design, "y ~ m")
    assert plain.estimate[0] < 0.35
    assert abs(corrected.estimate[0] - 0.4) < 0.5 * abs(plain.estimate[0] - 0.4)
    tested = lead_test(design, "y ~ m", "m")
    assert tested.statistics.set_index("statistic").loc["lead_test", "p_value"] < 1e-6


def test_without_feedback_the_lead_says_nothing():
    """Forty nulls: the 5 % test rejects at most six times (1 in 70 by chance)."""
    p_values = []
    for seed in range(40):
        fit = lead_test(Design(fed_back(seed, firms=100), ["firm", "year"], "firm"), "y ~ m", "m")
        p_values.append(fit.statistics.set_index("statistic").loc["lead_test", "p_value"])
    assert (np.array(p_values) < 0.05).sum() <= 6


def test_the_lead_is_next_years_value_and_one_lead_s_f_is_its_squared_t():
    data = fed_back()
    fit = lead_test(Design(data, ["firm", "year"], "industry"), "y ~ m + x", "m", vcov="crv3")
    ahead = data.assign(ahead=data.sort_values("year").groupby("firm")["m"].shift(-1))
    own = Design(ahead, ["firm", "year"], "industry").estimate("y ~ m + x + ahead", vcov="crv3")
    assert fit.terms == ("m", "x", "lead(m)")
    np.testing.assert_allclose(fit.estimate, own.estimate)
    row = fit.statistics.set_index("statistic").loc["lead_test"]
    assert (row["value"], row["df"]) == (pytest.approx(own.statistic[2] ** 2), 1.0)
    assert row["p_value"] == pytest.approx(own.p_value[2])


def test_several_leads_are_tested_together():
    fit = lead_test(Design(fed_back(), ["firm", "year"], "industry"), "y ~ m + x", ["m", "x"])
    at = [2, 3]
    expected = fit.estimate[at] @ np.linalg.solve(fit.covariance[np.ix_(at, at)], fit.estimate[at]) / 2
    assert fit.statistics.set_index("statistic").loc["lead_test", ["value", "df"]].tolist() == pytest.approx(
        [expected, 2]
    )


@settings(max_examples=10)
@given(seed=st.integers(0, 1_000), scale=st.floats(1e-3, 1e3))
def test_rows_units_and_names_do_not_matter(seed, scale):
    data = fed_back(firms=36)
    other = data.sample(frac=1, random_state=seed).assign(
        y=lambda d: d["y"] * scale, firm=lambda d: "f" + d["firm"].astype(str)
    )
    for made in (
        lambda design: half_panel_jackknife(design, "y ~ m + x"),
        lambda design: lead_test(design, "y ~ m", "m"),
    ):
        one, two = (made(Design(each, ["firm", "year"], "industry")) for each in (data, other))
        np.testing.assert_allclose(two.estimate, one.estimate * scale, rtol=1e-8)
        np.testing.assert_allclose(two.std_error, one.std_error * scale, rtol=1e-8)


def test_firms_with_few_years_are_left_out_and_counted():
    data = fed_back()
    short = data["firm"].isin([0, 1, 2]) & (data["year"] > 2013)
    cut = data[~data["firm"].isin([0, 1, 2]) | short]
    fit = half_panel_jackknife(Design(cut, ["firm", "year"], "industry"), "y ~ m + x")
    assert fit.statistics.set_index("statistic").loc["dropped_short", "value"] == short.sum()
    assert any("fewer than 4 years" in text for text in fit.notes)
    np.testing.assert_allclose(fit.estimate, corrected_by_hand(cut), rtol=1e-10)


def test_what_cannot_be_corrected_is_said():
    data = fed_back()
    design = Design(data, ["firm", "year"], "industry")
    with pytest.raises(NotEstimable, match="no firm has 4 years"):
        half_panel_jackknife(Design(data[data["year"] < 2013], ["firm", "year"], "industry"), "y ~ m")
    with pytest.raises(NotEstimable, match="needs the firm and the year"):
        half_panel_jackknife(Design(data.drop(columns="year"), ["firm"], "industry"), "y ~ m")
    with pytest.raises(InputError, match="without instruments"):
        half_panel_jackknife(design, "y ~ x | firm + year | m ~ x")
    with pytest.raises(InputError, match="there is no column 'z'"):
        lead_test(design, "y ~ m", "z")
