"""Firm panels with a planted threshold."""

import numpy as np
import pandas as pd


def panel(seed, *, firms=40, years=6, industries=10, change=0.6, tau=0.3, second=None, clustered=0.0, by_cell=False):
    """A slope of -.5 that changes by `change` where w > tau, and by -`change` again where w > second.

    With `by_cell` the treatment varies by industry and year and the threshold variable by region and year.
    """
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(2010, 2010 + years), firms)
    industry, region = firm % industries, firm // industries % 20
    x = draws.normal(size=(industries, years))[industry, year - 2010] if by_cell else draws.normal(size=len(firm))
    w = draws.normal(size=(20, years))[region, year - 2010] if by_cell else draws.normal(size=len(firm))
    slope = -0.5 + change * (w > tau) - (0 if second is None else change * (w > second))
    shock = clustered * draws.normal(size=(industries, years))[industry, year - 2010]
    outcome = slope * x + 0.2 * w + draws.normal(size=firms)[firm] + 0.1 * year + shock + draws.normal(size=len(firm))
    made = {"firm": firm, "year": year, "industry": industry, "x": x, "w": w, "y": outcome}
    return pd.DataFrame({**made, "c": draws.normal(size=len(firm)), "weight": draws.uniform(0.5, 2, len(firm))})
