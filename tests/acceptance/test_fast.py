"""The first twenty of each tier's five hundred draws."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.acceptance.draws import FAST, drawn, in_errors, paired, summary
from tests.acceptance.tiers import (
    COMPLETE,
    HALVES,
    HORIZONS,
    OVERALL,
    PRESSURE,
    RANK,
    RAW,
    SPLIT,
    SQUARED,
    TIERS,
    TWO_WAY,
    WEIGHTED,
    fed_back,
    margin_driven_exit,
    oracle_total,
)

BY_NAME = {tier.name: tier for tier in TIERS}


def test_tier_a_the_total_effect_is_found_on_the_latent_columns():
    """Bias within two Monte Carlo errors, seventeen intervals hold it; a truth that leaves one path out is noticed."""
    draws = drawn(replace(BY_NAME["A"], draw=oracle_total), FAST)
    found = summary(draws).loc["total"]
    assert abs(found["bias_in_errors"]) <= 2
    assert draws["estimate"].std() < 0.05
    assert 17 <= FAST * found["coverage"] <= 20
    without_margin = summary(draws.assign(truth=draws["truth"] + 0.12)).loc["total"]
    assert abs(without_margin["bias_in_errors"]) > 5


def test_tier_b_the_index_over_its_reliability_is_pressure():
    """Within 5 % of what pressure itself gives on the same rows, and within two errors of what is planted."""
    found = summary(drawn(BY_NAME["B"], FAST))
    assert abs(found.loc[SPLIT, "bias"]) <= 0.05
    for estimand in (SQUARED, HALVES):
        assert found.loc[estimand, "estimate"] == pytest.approx(found.loc[PRESSURE, "estimate"], rel=0.05), estimand
    assert abs(found.loc[SQUARED, "bias_in_errors"]) <= 2
    assert found.loc[SQUARED, "coverage"] * FAST >= 17
    assert found.loc[RANK, "estimate"] >= 0.8


def test_tier_c_leaving_the_firm_out_keeps_the_size_and_its_own_index_does_not():
    """At most four rejections of twenty nulls by the others' index, at least nineteen by the own."""
    rejections = FAST * summary(drawn(BY_NAME["C"], FAST))["rejections"]
    assert rejections["null: index of the others"] <= 4
    assert rejections["null: the firm's own index"] >= 19


def test_tier_f_two_stages_find_the_effects_and_two_way_effects_do_not():
    """Two-way effects lose a fifth of the effect, and half of their intervals miss it."""
    found = summary(drawn(BY_NAME["F"], FAST))
    assert abs(found.loc[OVERALL, "bias_in_errors"]) <= 2
    assert (found.loc[[f"att[e={e}]" for e in HORIZONS], "bias_in_errors"].abs() <= 3).all()
    assert found.loc[OVERALL, "coverage"] * FAST >= 17
    assert abs(found.loc["att[overall], strong less weak", "bias_in_errors"]) <= 2
    assert found.loc["att[overall], strong less weak", "estimate"] > 0.8
    assert found.loc[TWO_WAY, "bias"] < -0.15
    assert found.loc[TWO_WAY, "coverage"] <= 0.5


def test_tier_h_weights_of_staying_are_closer_to_the_truth():
    """Draw by draw against the panel that nobody leaves: those who stay are off by .02, weighted by less than half."""
    draws = drawn(replace(BY_NAME["H"], draw=partial(margin_driven_exit, shipped=False)), FAST)
    raw, weighted = (paired(draws, estimand, COMPLETE) for estimand in (RAW, WEIGHTED))
    assert in_errors(raw) > 2
    assert raw.mean() > 0.01
    assert abs(weighted.mean()) < 0.5 * raw.mean()
    assert abs(in_errors(weighted)) < 2


def test_tier_i_feedback_biases_the_slope_is_flagged_and_mostly_removed():
    found = summary(drawn(replace(BY_NAME["I"], draw=partial(fed_back, lengths=(5,))), FAST))
    plain, corrected = (found.loc[f"b[margin]{which}, T = 5"] for which in ("", ", half-panel jackknife"))
    assert plain["estimate"] == pytest.approx(0.336, abs=0.02)
    assert abs(corrected["bias"]) < abs(plain["bias"])
    assert found.loc["lead of the margin, T = 5", "rejections"] == 1
    assert found.loc["lead of the margin, T = 8, no feedback", "rejections"] * FAST <= 4
    for estimand in ("b[margin], T = 8, no feedback", "b[margin], half-panel jackknife, T = 8, no feedback"):
        assert abs(found.loc[estimand, "bias_in_errors"]) <= 2


def test_draws_are_the_same_on_two_processes():
    tier = replace(BY_NAME["I"], draw=partial(fed_back, lengths=()))
    assert drawn(tier, 3, processes=2).equals(drawn(tier, 3))
