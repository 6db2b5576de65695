"""A panel whose levers offset a treatment, with shared shocks by industry and unequal firms."""

import numpy as np
import pandas as pd
import pytest

from involution.models.breakthrough.specification import Specification
from involution.models.design import Design

EFFECT, OFFSETS = -0.5, {"finance": 0.2, "insight": 0.15, "care": 0.1}


def simulated(seed=1, *, industries=30, firms=6, years=7, effect=EFFECT, offsets=OFFSETS, by_region=0.0):
    """Rows of firms over years; X by industry and year, `finance` by region and year, capabilities by firm and year.

    With `by_region` the effect of X is larger in regions with more finance, beside what finance does.
    """
    random = np.random.default_rng(seed)
    n_firms = industries * firms
    firm = np.repeat(np.arange(n_firms), years)
    year = np.tile(np.arange(years), n_firms)
    industry, region = firm % industries, (firm // 3) % 12
    x = random.normal(size=(industries, years))[industry, year]
    trend = 0.3 * year
    of_region = random.normal(size=12)
    finance = trend + of_region[region] + 0.7 * random.normal(size=(12, years))[region, year]
    insight, care = (random.normal(size=n_firms)[firm] + 0.7 * random.normal(size=len(firm)) for _ in range(2))
    size = np.array(["micro", "small", "medium"])[firm // industries % 3]
    slope = (
        effect
        + by_region * of_region[region]
        + offsets["finance"] * finance
        + offsets["insight"] * insight
        + offsets["care"] * care
    )
    shock = 0.3 * random.normal(size=(industries, years))[industry, year]
    y = slope * x + 0.2 * finance + random.normal(size=n_firms)[firm] + shock + random.normal(size=len(firm))
    return pd.DataFrame(
        {
            "firm": [f"f{k:03d}" for k in firm], "year": 2010 + year, "industry": [f"i{k:02d}" for k in industry],
            "size": size, "x": x, "finance": finance, "insight": insight,
            "care": care, "age": random.normal(size=len(firm)), "y": y, "w": random.uniform(0.5, 2, size=len(firm)),
            "of_region": by_region * of_region[region], "in_sample": True,
        }
    )  # fmt: skip


@pytest.fixture(scope="session")
def levers():
    frame = simulated()
    # Gaps, so that nothing rests on a balanced panel.
    return frame.drop(index=frame.index[[3, 50, 51, 400, 777]]).reset_index(drop=True)


ASKED = Specification(
    "y", "x", {"finance": ("finance",), "capabilities": ("insight", "care", "insight:care")}, ("age",),
    {"insight:care": ("insight", "care")},
)  # fmt: skip


def designed(data, **options):
    return Design(data, ["firm", "year"], ["industry"], **options)
