"""Every tier at five hundred draws, in the order of the page that they make (`make check-slow`)."""

from __future__ import annotations

import pytest

from tests.acceptance.draws import in_errors, paired, summary
from tests.acceptance.tiers import (
    COMPLETE,
    HALVES,
    OVERALL,
    PRESSURE,
    RANK,
    RAW,
    SPLIT,
    SQUARED,
    TWO_WAY,
    WEIGHTED,
)

pytestmark = pytest.mark.slow
COVERAGE = (0.91, 0.98)


def test_tier_a_every_planted_effect_is_found(tier_draws):
    """Bias within two Monte Carlo errors for the total, within three for each of the many; coverage near 95 %."""
    found = summary(tier_draws("A"))
    assert (found["bias_in_errors"].abs() <= 3).all(), found
    assert abs(found.loc["total", "bias_in_errors"]) <= 2
    assert found["coverage"].between(*COVERAGE).all(), found


def test_tier_b_the_index_over_its_reliability_is_pressure(tier_draws):
    found = summary(tier_draws("B"))
    assert abs(found.loc[SPLIT, "bias"]) <= 0.05, found
    assert abs(found.loc[SQUARED, "bias"]) <= 0.05 * 0.365, found
    for estimand in (SQUARED, HALVES):
        assert found.loc[estimand, "estimate"] == pytest.approx(found.loc[PRESSURE, "estimate"], rel=0.05), found
    assert found.loc[RANK, "estimate"] >= 0.8


def test_tier_c_leaving_the_firm_out_keeps_the_size_and_its_own_index_does_not(tier_draws):
    rejections = summary(tier_draws("C"))["rejections"]
    assert 0.03 <= rejections["null: index of the others"] <= 0.08
    assert rejections["null: the firm's own index"] >= 0.95


def test_tier_e_the_bias_is_as_predicted_and_gone_at_the_planted_correlation(tier_draws):
    """Bias and rho_star as the settings imply them, within three Monte Carlo errors; the plain interval must fail."""
    found = summary(tier_draws("E"))
    plain = found.index.str.startswith("indirect[margin], as estimated")
    assert (found.loc[plain, "coverage"] < 0.5).all(), found
    assert (found.loc[plain, "bias_in_errors"].abs() > 5).all(), found
    assert (found.loc[~plain, "bias_in_errors"].abs() <= 3).all(), found
    assert found.loc[~plain, "coverage"].dropna().between(*COVERAGE).all(), found


def test_tier_f_two_stages_find_the_effects_and_two_way_effects_do_not(tier_draws):
    """Every average within three Monte Carlo errors, the overall one within two; two-way effects miss it."""
    found = summary(tier_draws("F"))
    stages = found.drop(index=TWO_WAY)
    assert (stages["bias_in_errors"].abs() <= 3).all(), found
    assert abs(found.loc[OVERALL, "bias_in_errors"]) <= 2, found
    assert (stages["coverage"].dropna() >= COVERAGE[0]).all(), found
    assert found.loc[TWO_WAY, "bias"] < -0.15, found
    assert found.loc[TWO_WAY, "coverage"] < 0.5, found


def test_tier_h_weights_of_staying_are_closer_to_the_truth(tier_draws):
    draws = tier_draws("H")
    found = summary(draws)
    assert abs(found.loc[COMPLETE, "bias_in_errors"]) <= 3, found
    assert found.loc[RAW, "bias"] > 0.01, found
    assert in_errors(paired(draws, RAW, COMPLETE)) > 5, found
    assert abs(found.loc[WEIGHTED, "bias"]) < 0.5 * found.loc[RAW, "bias"], found


def test_tier_i_feedback_biases_the_slope_as_stated_is_flagged_and_mostly_removed(tier_draws):
    """As stated for T = 3, 5, 8 and 12: .296, .336, .365, .373 for .40."""
    found = summary(tier_draws("I"))
    for years, stated in {3: 0.296, 5: 0.336, 8: 0.365, 12: 0.373}.items():
        plain = found.loc[f"b[margin], T = {years}"]
        assert plain["estimate"] == pytest.approx(stated, abs=0.015), found
        assert found.loc[f"lead of the margin, T = {years}", "rejections"] > 0.95, found
        if years > 3:
            corrected = found.loc[f"b[margin], half-panel jackknife, T = {years}"]
            assert abs(corrected["bias"]) < 0.65 * abs(plain["bias"]), found
    unmoved = found[found.index.str.contains("no feedback")]
    assert (unmoved["bias_in_errors"].abs() <= 3).all(), found
    assert unmoved["coverage"].between(*COVERAGE).all(), found
    assert 0.02 <= unmoved["rejections"].dropna().item() <= 0.08, found
