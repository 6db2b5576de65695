"""A panel with a treatment that varies by industry and year, and how its section is run."""

import numpy as np
import pandas as pd
import pytest

from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": -1, "moderator": -1, "outcome": 0, "controls": -1, "mediator": 0}
DESIGN = {"outcomes": ["y"], "treatment": "x", "timing": CLOCK, "controls": ["c"], "cluster": ["industry"]}


@pytest.fixture
def data():
    """Two hundred firms in twenty industries over ten years; the effect of last year's x on y is -.4."""
    random = np.random.default_rng(4)
    firms, years, industries = 200, 10, 20
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry = firm % industries
    path = random.normal(size=(industries, years))
    x = path[industry, year]
    c = random.normal(size=firms * years)
    before = np.where(year > 0, path[industry, year - 1], 0.0)
    y = -0.4 * before + 0.2 * c + random.normal(size=firms)[firm] + random.normal(size=firms * years)
    return pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": 2008 + year,
            "industry": [f"i{code:02d}" for code in industry],
            "y": y,
            "x": x,
            "c": c,
            "in_sample": True,
            "text": "words",
        }
    )


def run(data, *asked, design=DESIGN, seed=1, draws=199, dictionary=DICTIONARY):
    sections = {"endogeneity": list(asked), "design": design, "derive": {}, "variables": {}}
    return run_block("endogeneity", sections, data, study="s", dictionary=dictionary, seed=seed, draws=draws)
