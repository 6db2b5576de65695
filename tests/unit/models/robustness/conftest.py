"""A panel whose treatment varies by industry and year, and how its baseline and its variations are run."""

import numpy as np
import pandas as pd
import pytest

from involution.measures import dictionary as dictionary_of
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": -1, "moderator": -1, "outcome": 0, "controls": -1, "mediator": 0}
DESIGN = {"outcomes": ["y"], "treatment": "x", "timing": CLOCK, "controls": ["c"], "cluster": ["industry"]}


def panel():
    """Two hundred firms in twenty industries over nine years, some rows missing; the effect of last year's x is -.4."""
    random = np.random.default_rng(12)
    firms, years, industries = 200, 9, 20
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry = firm % industries
    path = random.normal(size=(industries, years))
    before = np.where(year > 0, path[industry, year - 1], 0.0)
    c = random.normal(size=firms * years)
    y = 3 - 0.4 * before + 0.2 * c + random.normal(size=firms)[firm] + random.normal(size=firms * years)
    frame = pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": 2008 + year,
            "industry": [f"i{code:02d}" for code in industry],
            "region": [f"r{code % 7}" for code in firm],
            "y": y,
            "x": path[industry, year],
            "z": path[industry, year] + random.normal(size=(industries, years))[industry, year],
            "c": c,
            "d": random.normal(size=firms * years),
            "patents": random.poisson(np.exp(0.2 - 0.3 * before)),
            "utility": random.poisson(1.0, firms * years).astype(float),
            "state": (path[industry, year] > 0).astype(float),
            "text": "words",
            "in_sample": True,
        }
    )
    return frame[random.uniform(size=len(frame)) > 0.1].reset_index(drop=True)


@pytest.fixture(scope="session")
def data():
    return panel()


def run(block, data, *asked, design=None, draws=199, seed=1):
    sections = {"design": {**DESIGN, **(design or {})}, "derive": {}, "variables": {}}
    if block == "robustness":
        sections["robustness"] = list(asked)
    return run_block(block, sections, data, study="s", dictionary=DICTIONARY, seed=seed, draws=draws)


def values(result, model):
    return result.statistics[result.statistics["model"] == model].set_index("statistic")["value"]
