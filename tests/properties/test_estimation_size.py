"""Rejection rates of true null hypotheses with few, uneven clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import involution as inv

CLUSTER_SIZES = np.array([4, 4, 5, 5, 6, 8, 10, 14, 20, 30])


def null_panel(seed: int, n_years: int = 5) -> pd.DataFrame:
    """Firms in ten uneven industries; regressor and error share industry-year shocks and are independent."""
    rng = np.random.default_rng(seed)
    industry = np.repeat(np.arange(len(CLUSTER_SIZES)), CLUSTER_SIZES * n_years)
    firm = np.repeat(np.arange(CLUSTER_SIZES.sum()), n_years)
    year = np.tile(np.arange(n_years), CLUSTER_SIZES.sum())
    shocks = rng.normal(size=(2, len(CLUSTER_SIZES), n_years))[:, industry, year]
    own = rng.normal(size=(2, len(firm)))
    x, error = shocks + 0.7 * own
    return pd.DataFrame({"firm": firm, "year": year, "industry": industry, "x": x, "y": error})


def rejection_rates(repetitions: int, kinds: tuple[str, ...], start: int = 0) -> dict[str, float]:
    """Share of 5 % tests of a zero effect that reject, by variance estimator."""
    rejected = dict.fromkeys(kinds, 0)
    for seed in range(start, start + repetitions):
        design = inv.Design(null_panel(seed), ["firm", "year"], ["industry"])
        for kind in kinds:
            rejected[kind] += design.estimate("y ~ x", vcov=kind).tidy()["p_value"].iloc[0] < 0.05
    return {kind: count / repetitions for kind, count in rejected.items()}


def test_crv3_holds_its_size_where_crv1_does_not():
    """300 panels: CRV3 with t(G-1) within three Monte Carlo errors of 5 %, below CRV1, which rejects too often."""
    rates = rejection_rates(300, ("crv1", "crv3"))
    assert 0.015 <= rates["crv3"] <= 0.09
    assert rates["crv3"] < rates["crv1"]


@pytest.mark.slow
def test_sizes_at_three_thousand_panels():
    """CRV3 between 3.5 and 6.5 %; heteroskedasticity-robust errors, which ignore the clusters, above 15 %."""
    rates = rejection_rates(3_000, ("hetero", "crv1", "crv3"), start=10_000)
    assert 0.035 <= rates["crv3"] <= 0.065
    assert rates["crv3"] < rates["crv1"]
    assert rates["hetero"] > 0.15
