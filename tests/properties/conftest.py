"""Simulated firm panels on which the estimators are compared with others and with themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def firm_panel() -> Callable[..., pd.DataFrame]:
    """The function that simulates a panel."""
    return simulate_panel


def simulate_panel(
    seed: int, n_firms: int = 60, n_years: int = 6, n_industries: int = 14, n_regions: int = 4
) -> pd.DataFrame:
    """An unbalanced panel with gaps: firms nest in industries and in regions, which cross; no singleton firm.

    Parameters
    ----------
    seed : int
    n_firms, n_years, n_industries, n_regions : int

    Returns
    -------
    DataFrame
        Columns firm, year, industry, region, x1, x2 (endogenous), x3, z1, z2, weight, y, count (mean of about 3).
    """
    rng = np.random.default_rng(seed)
    present = rng.random((n_firms, n_years)) < 0.75
    present[np.arange(n_firms), np.arange(n_firms) % n_years] = True
    present[np.arange(n_firms), (np.arange(n_firms) + 1 + rng.integers(0, n_years - 1, n_firms)) % n_years] = True
    firm, period = np.nonzero(present)
    n = len(firm)
    industry_of = np.concatenate([np.arange(n_industries), rng.integers(0, n_industries, n_firms - n_industries)])
    region_of = rng.integers(0, n_regions, n_firms)
    industry, region = industry_of[firm], region_of[firm]
    effect = rng.normal(0, 1, n_firms)[firm]
    shock = rng.normal(0, 0.5, (n_industries, n_years))[industry, period]
    error = 0.5 * rng.normal(size=n)
    z1, z2 = rng.normal(size=n), rng.normal(size=n)
    x1 = 0.5 * effect + shock + rng.normal(size=n)
    x2 = z1 - 0.5 * z2 + 0.8 * error + 0.3 * period + rng.normal(size=n)
    x3 = 0.4 * x1 + rng.normal(size=n)
    y = 1 + 0.5 * x1 - 0.3 * x2 + effect + 0.2 * period + shock + error * (1 + 0.5 * np.abs(x1))
    mean = np.exp(1.0 + 0.2 * x1 - 0.1 * x3 + 0.3 * np.tanh(effect) + 0.3 * shock)
    return pd.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in firm],
            "year": 2001 + period,
            "industry": [f"i{i:02d}" for i in industry],
            "region": [f"r{i:02d}" for i in region],
            "x1": x1,
            "x2": x2,
            "x3": x3,
            "z1": z1,
            "z2": z2,
            "weight": rng.gamma(4, 0.25, n) + 0.05,
            "y": y,
            "count": rng.poisson(mean),
        }
    )
