"""Coarser codes from longer ones, and one industry for each firm."""

from __future__ import annotations

from typing import Any

import pandas as pd

from involution.panel.vintages import code_breaks

_CODE = r"^([A-Z]?)(\d{2})(\d?)\d*$"


def coarser_industries(panel: pd.DataFrame) -> pd.DataFrame:
    """Add ``industry2`` and ``industry3``, the first digits of the industry code (its letter kept), unless given.

    Codes that are not a letter and digits, or are too short, give missing.
    """
    if "industry" not in panel.columns or {"industry2", "industry3"} <= set(panel.columns):
        return panel
    made = shorter_codes(panel["industry"])
    return panel.assign(**{str(name): values for name, values in made.items() if name not in panel.columns})


def shorter_codes(industries: pd.Series) -> pd.DataFrame:
    """The first two and three digits of industry codes, their letter kept: columns industry2 and industry3."""
    codes = industries.dropna().drop_duplicates()
    parts = codes.str.upper().str.extract(_CODE)
    two = (parts[0] + parts[1]).where(parts[1].notna())
    three = (two + parts[2]).where(parts[2].notna() & (parts[2] != ""))
    made = {"industry2": two, "industry3": three}
    found = {name: industries.map(dict(zip(codes, values, strict=True))) for name, values in made.items()}
    return pd.DataFrame({name: values.astype(industries.dtype) for name, values in found.items()})


def province_of(panel: pd.DataFrame) -> pd.DataFrame:
    """Add ``province``, the first two digits of a six-digit region code, unless given."""
    if "region" not in panel.columns or "province" in panel.columns:
        return panel
    return panel.assign(province=province_codes(panel["region"]))


def province_codes(regions: pd.Series) -> pd.Series:
    """The first two digits of six-digit codes of regions; missing for what is none."""
    codes = regions.dropna().drop_duplicates()
    first = codes.str.extract(r"^(\d{2})\d{4}$")[0]
    return regions.map(dict(zip(codes, first, strict=True))).astype(regions.dtype)


def one_industry(panel: pd.DataFrame, assignment: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Give each firm one industry, as fixed effects and clusters need, and report the firms that switch.

    Parameters
    ----------
    panel : DataFrame
        Sorted by firm and year.
    assignment : {"first", "modal", "current"}
        The firm's first known industry; its most frequent (the earlier when tied); or each year's own.

    Returns
    -------
    tuple
        The panel, and what was found: assignment, switchers, examples, and breaks, the years in which the codes that
        were given are largely others than in the year before.
    """
    if "industry" not in panel.columns:
        return panel, {"assignment": assignment, "switchers": 0, "examples": [], "breaks": []}
    known = panel.dropna(subset=["industry"])
    codes = known.groupby("firm")["industry"].nunique()
    switchers = codes[codes > 1].index
    report = {
        "assignment": assignment,
        "switchers": len(switchers),
        "examples": [str(firm) for firm in switchers[:10]],
        # Of the codes as they were given: one industry a firm hides that they changed.
        "breaks": code_breaks(panel, "industry"),
    }
    if assignment == "current":
        return panel, report
    if assignment == "first":
        chosen = known.groupby("firm")["industry"].first()
    else:
        counts = known.groupby(["firm", "industry"])["year"].agg(["size", "min"]).reset_index()
        counts = counts.sort_values(["firm", "size", "min"], ascending=[True, False, True])
        chosen = counts.groupby("firm")["industry"].first()
    return panel.assign(industry=panel["firm"].map(chosen).astype("str")), report
