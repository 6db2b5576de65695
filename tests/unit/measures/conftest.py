"""Small firm panels for the tests of the measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

TINY = {
    # Sales 5, 3 and 2 of 10, one firm without sales, one that pays back, one that does not say.
    "firm": ["a", "b", "c", "d", "e", "f"],
    "year": [2010] * 6,
    "industry": ["C26"] * 6,
    "revenue": [50.0, 30.0, 20.0, 0.0, -10.0, np.nan],
}


@pytest.fixture
def tiny() -> pd.DataFrame:
    """One industry in one year."""
    return pd.DataFrame(TINY)


def simulated(seed: int, firms: int = 40, years: int = 5, industries: int = 6) -> pd.DataFrame:
    """A panel with gaps, firms without sales, unknown industries, and industries of one firm.

    Parameters
    ----------
    seed, firms, years, industries : int
    """
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(firms), years)
    panel = pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": np.tile(np.arange(2010, 2010 + years), firms),
            "industry": pd.Series([f"i{code % industries}" for code in firm], dtype="str"),
            "revenue": random.lognormal(3, 2, firms * years),
        }
    )
    panel["cogs"] = panel["revenue"] * random.uniform(0.4, 1.1, len(panel))
    kind = random.uniform(size=len(panel))
    panel.loc[kind < 0.05, "revenue"] = 0.0
    panel.loc[(kind >= 0.05) & (kind < 0.1), "revenue"] *= -1
    panel.loc[(kind >= 0.1) & (kind < 0.15), "revenue"] = np.nan
    panel.loc[(kind >= 0.15) & (kind < 0.2), "industry"] = np.nan
    panel.loc[panel["firm"] == "f000", "industry"] = "alone"
    return panel[kind < 0.9].reset_index(drop=True)
