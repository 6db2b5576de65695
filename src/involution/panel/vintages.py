"""Where a column of codes changes its vintage: many codes vanish and others appear between two years."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

TURNOVER = 0.10
"""Share of rows under codes that the other year does not have; births and deaths of industries make a tenth of it."""
CHANGED = 0.25
"""Share of firms with another code than the year before: GB/T 4754-2002, 2011 and 2017 renumbered more than that."""
AGAINST_USUAL = 3.0
"""How many times the panel's usual turnover a break is: sparse codes come and go in every year."""
LEAST_ROWS = 30
"""Rows of each of the two years."""
ROWS_PER_CODE = 3
"""Rows per code below which codes are missing from a year by chance."""


def code_breaks(panel: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    """Years in which the codes of a column are largely others than in the year before.

    Parameters
    ----------
    panel : DataFrame
        With firm and year, sorted by them.
    column : str
        Codes as they were given, of each year.

    Returns
    -------
    list of dict
        year; new and gone, the shares of rows under codes that the year before, or the year itself, does not have;
        changed, the share of firms with another code than the year before (None where no firm is seen in both).
    """
    known = panel[panel[column].notna()]
    if known.empty:
        return []
    codes, names = pd.factorize(known[column])
    year = known["year"].to_numpy(dtype=np.int64)
    years, place = np.unique(year, return_inverse=True)
    counts = np.bincount(place * len(names) + codes, minlength=len(years) * len(names)).reshape(len(years), -1)
    changed = _changed(known, codes, place, len(years))
    turns = []
    for k in range(1, len(years)):
        before, now = counts[k - 1], counts[k]
        turns.append(
            {
                "year": int(years[k]),
                "new": float(now[before == 0].sum() / now.sum()),
                "gone": float(before[now == 0].sum() / before.sum()),
                "changed": changed[k],
                "told": min(before.sum(), now.sum()) >= max(LEAST_ROWS, ROWS_PER_CODE * (now > 0).sum()),
            }
        )
    return [_rounded(turn) for turn in turns if turn["told"] and _is_break(turn, turns)]


def _changed(known: pd.DataFrame, codes: np.ndarray, place: np.ndarray, years: int) -> list[float | None]:
    """By year, the share of firms with another code than in the year before."""
    firms = pd.factorize(known["firm"])[0]
    follows = np.flatnonzero((firms[1:] == firms[:-1]) & (place[1:] == place[:-1] + 1)) + 1
    pairs = np.bincount(place[follows], minlength=years)
    other = np.bincount(place[follows], weights=codes[follows] != codes[follows - 1], minlength=years)
    return [float(part / whole) if whole >= LEAST_ROWS else None for part, whole in zip(other, pairs, strict=True)]


def _is_break(turn: dict[str, Any], turns: list[dict[str, Any]]) -> bool:
    others = [other for other in turns if other is not turn]

    def usual(key: str) -> float:
        values = [other[key] for other in others if other[key] is not None]
        return float(np.median(values)) if values else 0.0

    both = min(turn["new"], turn["gone"])
    turnover = both >= TURNOVER and both >= AGAINST_USUAL * max(usual("new"), usual("gone"))
    changed = turn["changed"] is not None and turn["changed"] >= CHANGED
    return turnover or (changed and turn["changed"] >= AGAINST_USUAL * usual("changed"))


def _rounded(turn: dict[str, Any]) -> dict[str, Any]:
    changed = turn["changed"]
    return {
        "year": turn["year"],
        "new": round(turn["new"], 4),
        "gone": round(turn["gone"], 4),
        "changed": None if changed is None else round(changed, 4),
    }
