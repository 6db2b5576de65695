"""An industry panel with an unobserved cause of treatment and outcome, and instruments good and bad."""

import numpy as np
import pandas as pd

EFFECT = -0.4


def confounded(seed=4, *, firms=200, industries=20, years=10, strength=1.0, direct=0.0, skewed=0.0):
    """Firms in industries; the effect of last year's x on y is -.4, a hidden u moves both.

    z and z2 move x; `direct` is the effect of last year's z on y; `skewed` makes the variance of x's own part rise with
    the control c, so that Lewbel's instruments say something.
    """
    random = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry = firm % industries
    u, own, z, z2 = random.normal(size=(4, industries, years))
    c = random.normal(size=firms * years)
    x = (strength * (z + 0.5 * z2) + u + own)[industry, year]
    x = x + skewed * np.exp(0.5 * c) * random.normal(size=len(x))
    before = np.where(year > 0, np.arange(len(x)) - 1, np.arange(len(x)))
    last = (industry, np.maximum(year - 1, 0))
    y = EFFECT * x[before] + 0.8 * u[last] + direct * z[last] + 0.2 * c[before]
    y = y + random.normal(size=firms)[firm] + random.normal(size=len(x))
    return pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": 2008 + year,
            "industry": [f"i{code:02d}" for code in industry],
            "y": y,
            "x": x,
            "c": c,
            "z": z[industry, year],
            "z2": z2[industry, year],
            "in_sample": True,
            "text": "words",
        }
    )
