"""At which level a treatment varies, by what is known of the column and by what its values say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.rules import Facts, varying_level

LEVELS = ("industry", "region")
"""Levels above the firm that a treatment may have."""


def constant_within(treatment: str, level: str, data: pd.DataFrame, rows: np.ndarray) -> bool:
    """Whether a column has one value in every year of a cluster, and some cluster several rows in a year."""
    known = data.loc[rows, [level, "year", treatment]].dropna()
    if known.empty:
        return False
    spread = known.groupby([level, "year"], sort=False)[treatment].agg(["min", "max", "size"])
    return bool((spread["min"] == spread["max"]).all() and (spread["size"] > 1).any())


def treatment_level(treatment: str, data: pd.DataFrame, rows: np.ndarray, known: Facts) -> str:
    """The level of a measure; of any other column the first of `LEVELS` within whose years it has one value, else firm.

    Parameters
    ----------
    treatment : str
        A column of the data.
    data : DataFrame
    rows : array of bool, shape (n,)
        That are looked at.
    known : Facts
    """
    measured = varying_level(treatment, known)
    if measured != "firm":
        return measured
    own = (level for level in LEVELS if level in data.columns and constant_within(treatment, level, data, rows))
    return next(own, measured)
