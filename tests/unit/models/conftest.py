"""A small firm panel for the tests of the estimation core."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def panel():
    random = np.random.default_rng(5)
    firms, years = 60, 6
    firm = np.repeat(np.arange(firms), years)
    industry = firm % 12
    x = random.normal(size=firms * years)
    y = 0.5 * x + random.normal(size=firms)[firm] + random.normal(size=firms * years)
    return pd.DataFrame(
        {
            "firm": [f"f{code:02d}" for code in firm],
            "year": np.tile(np.arange(2010, 2010 + years), firms),
            "industry": [f"i{code:02d}" for code in industry],
            "sector": [f"s{code % 3}" for code in industry],
            "y": y,
            "x": x,
            "w": random.normal(size=firms * years),
            "count": random.poisson(np.exp(0.3 * x)),
            "hhi_loo": random.normal(size=firms * years),
            "revenue": random.lognormal(3, 1, firms * years),
        }
    )
