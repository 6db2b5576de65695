"""At which level a treatment varies, by what is known of the column and by what its values say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from involution.errors import InputError, Problem
from involution.models.facts import Facts, varying_level
from involution.models.matrix import no_column

LEVELS = ("industry", "region")
"""Levels above the firm that a treatment may have."""
_ROUNDING = 1e-6
_GLANCE = 2_000
"""Rows that are looked at first: most columns of firms show there that they differ within a cell."""


def constant_within(treatment: str, level: str, data: pd.DataFrame, rows: np.ndarray, year: str = "year") -> bool:
    """Whether a column has one value in every year of a level, and some unit of the level several rows in a year.

    Missing values are passed over; values that differ by rounding (a millionth of their size, or of the median size in
    the column, since those near zero have none) are one.
    """
    places = np.flatnonzero(rows)
    rounding = _ROUNDING * _size(data[treatment])
    if not _cells(treatment, level, data, places[:_GLANCE], year, rounding)[0]:
        return False
    return all(_cells(treatment, level, data, places, year, rounding))


def _size(column: pd.Series) -> float:
    """The median size of the values that are not zero."""
    if not is_numeric_dtype(column) or is_bool_dtype(column):
        return 0.0
    sizes = column.abs().astype(float)
    found = float(sizes[sizes > 0].median())
    return found if np.isfinite(found) else 0.0


def _cells(
    treatment: str, level: str, data: pd.DataFrame, places: np.ndarray, year: str, rounding: float
) -> tuple[bool, bool]:
    """Whether a column does not differ within cells of a level and year, and whether some cell has several rows."""
    known = data[[level, year, treatment]].iloc[places].dropna()
    values = known[treatment].astype(float) if is_bool_dtype(known[treatment]) else known[treatment]
    spread = values.groupby([known[level], known[year]], sort=False).agg(["min", "max", "size"])
    low, high = spread["min"], spread["max"]
    same = np.isclose(low, high, rtol=_ROUNDING, atol=rounding) if is_numeric_dtype(low) else (low == high).to_numpy()
    return bool(same.all()), bool((spread["size"] > 1).any())


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
    return level_by_values(treatment, data, rows) or measured


def level_by_values(
    treatment: str, data: pd.DataFrame, rows: np.ndarray, year: str = "year", more: Sequence[str] = ()
) -> str:
    """The first of `LEVELS` and of further columns within whose years a column has one value; empty where none is."""
    if treatment not in data.columns or year not in data.columns:
        return ""
    there = [level for level in dict.fromkeys((*LEVELS, *more)) if level in data.columns and level != year]
    return next((level for level in there if constant_within(treatment, level, data, rows, year)), "")


def exchanging_level(
    asked: str | None, treatments: Sequence[str], data: pd.DataFrame, rows: np.ndarray, known: Facts
) -> str:
    """The level whose units exchange the whole paths of treatments when these are permuted.

    Parameters
    ----------
    asked : str, optional
        The level that a section names; that of the treatments else.
    treatments : sequence of str
        Columns; those that the data do not hold are passed over.
    data : DataFrame
    rows : array of bool, shape (n,)
        That are looked at.
    known : Facts

    Raises
    ------
    InputError
        For a level that is no column, treatments of several levels where none is named, and a level whose units are
        finer than those of a treatment: firms of one industry that exchange the industry's paths with those of another
        move one by one what happened to all of them at once, and the placebo estimates spread far too little.
    """
    own = {name: treatment_level(name, data, rows, known) for name in treatments if name in data.columns}
    levels = list(dict.fromkeys(own.values())) or ["firm"]
    if asked is None and len(levels) > 1:
        what = f"the treatments vary at different levels ({', '.join(levels)})"
        raise InputError(Problem("treatments", what, mend="name the level whose units exchange paths: level"))
    level = asked or levels[0]
    if level not in data.columns:
        raise InputError(Problem("level", no_column(level, data.columns, known.unavailable)))
    units = {name: data.loc[rows, name].nunique() for name in {level, *levels} if name in data.columns}
    finer = [name for name, at in own.items() if at in units and at != "firm" and units[at] < units[level]]
    if finer:
        what = (
            f"{finer[0]} varies by {own[finer[0]]} ({units[own[finer[0]]]} units), and the {units[level]} units of "
            f"{level} are finer: what happened to many of them at once would be moved one by one"
        )
        raise InputError(Problem("level", what, mend=f"level: {own[finer[0]]}, or a coarser column"))
    return level
