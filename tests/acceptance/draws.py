"""Draws of a tier, on one process or several, and what they say together."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

FAST, SLOW = 20, 500
"""Draws of `make test` and of `make check-slow`."""
LEVEL = 0.05


class Found(NamedTuple):
    """One estimate of one draw; the interval and the p-value (of zero) are missing where the tier does not use them."""

    estimand: str
    truth: float
    estimate: float
    low: float = np.nan
    high: float = np.nan
    p_value: float = np.nan


Draw = Callable[[int], Sequence[Found]]


@dataclass(frozen=True)
class Tier:
    """What is drawn, and from which seed on.

    Attributes
    ----------
    name, title : str
    draw : callable
        From a seed to what is found; a function of a module, so that processes can share it.
    first_seed : int
    """

    name: str
    title: str
    draw: Draw
    first_seed: int


def drawn(tier: Tier, count: int, processes: int = 1) -> pd.DataFrame:
    """The first draws of a tier: a column `seed`, then those of `Found`; the same whatever the number of processes.

    Parameters
    ----------
    tier : Tier
    count, processes : int
    """
    seeds = range(tier.first_seed, tier.first_seed + count)
    if processes > 1:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            results = pool.map(tier.draw, seeds, chunksize=5)
    else:
        results = [tier.draw(seed) for seed in seeds]
    rows = [(seed, *found) for seed, result in zip(seeds, results, strict=True) for found in result]
    return pd.DataFrame(rows, columns=["seed", *Found._fields])


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """One row per estimand, in the order of the tier.

    Parameters
    ----------
    found : DataFrame
        Of `drawn`.

    Returns
    -------
    DataFrame
        Index estimand; mean truth and estimate, bias with its Monte Carlo standard error, their ratio, share of
        intervals that hold the truth, share of 5 % tests that reject zero, number of draws.
    """
    error = found["estimate"] - found["truth"]
    covered = found["low"].le(found["truth"]) & found["truth"].le(found["high"])
    rejected = (found["p_value"] < LEVEL).astype(float)
    made = found.assign(
        bias=error,
        coverage=covered.astype(float).where(found["low"].notna() & found["truth"].notna()),
        rejections=rejected.where(found["p_value"].notna()),
    ).groupby("estimand", sort=False)
    out = made[["truth", "estimate", "bias"]].mean()
    out["mc_error"] = made["bias"].std() / np.sqrt(made["bias"].count())
    out["bias_in_errors"] = out["bias"] / out["mc_error"]
    return out.join(made[["coverage", "rejections"]].mean()).assign(draws=made.size())


def paired(found: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Difference of two estimates draw by draw: what both owe to the draw goes.

    Parameters
    ----------
    found : DataFrame
    first, second : str
        Estimands.
    """
    wide = found.pivot(index="seed", columns="estimand", values="estimate")
    return wide[first] - wide[second]


def in_errors(values: pd.Series) -> float:
    """Mean in its standard errors."""
    return float(values.mean() / (values.std() / np.sqrt(len(values))))
