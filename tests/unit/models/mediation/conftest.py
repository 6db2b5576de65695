"""A small panel with two mediators and a moderator for the tests of mediation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from involution.models.threads import single_threaded


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Many small regressions by hand: threads would cost more than they save."""
    with single_threaded():
        yield


@pytest.fixture(scope="session")
def mediated_panel() -> Callable[..., pd.DataFrame]:
    """The function that simulates a panel."""
    return simulate_mediated


def simulate_mediated(seed: int, n_firms: int = 48, n_years: int = 5, n_industries: int = 12) -> pd.DataFrame:
    """An unbalanced panel: firms nest in industries, regions cross them, every firm has at least two years.

    Parameters
    ----------
    seed : int
    n_firms, n_years, n_industries : int

    Returns
    -------
    DataFrame
        Columns firm, year, industry, region, x, w, c, m1, m2, y, weight, and of other kinds: d (0/1 treatment), binary
        (0/1 mediator), count (mediator), event (0/1 outcome), patents (count outcome).
    """
    rng = np.random.default_rng(seed)
    present = rng.random((n_firms, n_years)) < 0.8
    present[:, :2] = True
    firm, period = np.nonzero(present)
    n = len(firm)
    industry, region = firm % n_industries, (firm // n_industries + firm) % 7
    effect = 0.7 * rng.normal(size=n_firms)[firm] + 0.3 * rng.normal(size=n_industries)[industry]
    shock = rng.normal(0, 0.4, (n_industries, n_years))[industry, period]
    w, c = rng.normal(size=n) + 0.3 * effect, rng.normal(size=n)
    x = 0.5 * effect + shock + 0.2 * c + rng.normal(size=n)
    m1 = (0.6 + 0.2 * w) * x + effect + 0.1 * period + rng.normal(size=n)
    m2 = -0.4 * x + 0.3 * m1 + 0.2 * c + rng.exponential(size=n)
    y = 0.3 * x + (0.5 - 0.2 * w) * m1 - 0.3 * m2 + effect + shock + rng.normal(size=n) * (1 + 0.3 * np.abs(x))
    d = (x > 0).astype(float)
    index = 0.3 * d + 0.4 * m1 - 0.3 * m2 + 0.2 * c - 0.2
    return pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": 2001 + period,
            "industry": [f"i{code:02d}" for code in industry],
            "region": [f"r{code}" for code in region],
            "x": x,
            "w": w,
            "c": c,
            "m1": m1,
            "m2": m2,
            "y": y,
            "weight": rng.gamma(4, 0.25, n) + 0.05,
            "d": d,
            "binary": (0.8 * d - 0.4 + 0.3 * c + rng.logistic(size=n) > 0).astype(float),
            "count": rng.poisson(np.exp(0.4 * d + 0.2 * c)),
            "event": (index + rng.normal(size=n) > 0).astype(float),
            "patents": rng.poisson(np.exp(0.3 * index + 0.4)),
        }
    )
