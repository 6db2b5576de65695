"""The speed this project set itself, each as a ratio of median times at 50,000 rows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import mediation_cases as mediation


@dataclass(frozen=True)
class Target:
    """At least `times` as fast as the fastest of `programs` whose estimate agrees."""

    case: str
    rows: int
    programs: tuple[str, ...]
    times: float
    text: str


@dataclass(frozen=True)
class Limit:
    """At most this time and memory, whatever others need."""

    case: str
    rows: int
    seconds: float
    megabytes: float
    text: str


TARGETS = (
    Target("two_way", 50_000, ("pyfixest",), 8, "two-way effects with clusters: pyfixest"),
    Target("two_way", 50_000, ("linearmodels PanelOLS",), 30, "two-way effects with clusters: linearmodels PanelOLS"),
    Target(
        "many_effects",
        50_000,
        ("pyfixest (LSMR)", "pyfixest (alternating projections)"),
        4,
        "firm + region^year + sector^year: pyfixest's fastest backend that converges",
    ),
    Target("poisson", 50_000, ("pyfixest",), 10, "Poisson with firm and year effects: pyfixest"),
    Target(
        "wild",
        50_000,
        ("wildboottest (demeaned data)",),
        15,
        "9,999 wild bootstrap draws: wildboottest on demeaned data",
    ),
    Target("crv3", 50_000, ("pyfixest",), 500, "CRV3 with 400 clusters: pyfixest"),
    Target(
        "mediation_bootstrap",
        50_000,
        (mediation.PYFIXEST,),
        4_000,
        "1,000 bootstrap draws of three mediators: pyfixest on each sample",
    ),
    Target(
        "mediation_bootstrap",
        50_000,
        (mediation.PANEL_OLS,),
        15_000,
        "1,000 bootstrap draws of three mediators: PanelOLS on each sample",
    ),
    Target(
        "mediation_jackknife",
        50_000,
        (mediation.PYFIXEST,),
        2_000,
        "three mediators, 400 clusters left out in turn: pyfixest on each sample",
    ),
)
LIMITS = (
    Limit(
        "mediation_many_effects",
        50_000,
        10.0,
        1_024,
        "1,000 bootstrap draws of three mediators, region^year effects",
    ),
)
CONVERGED = 1e-6
"""Relative difference of an estimate from this project's up to which a program counts as converged."""


def outcomes(table: pd.DataFrame) -> pd.DataFrame:
    """What was measured for each target.

    Parameters
    ----------
    table : DataFrame
        Columns case, rows, program, ratio, difference.

    Returns
    -------
    DataFrame
        Columns target, program, asked, measured, reached.
    """
    rows = []
    for target in TARGETS:
        chosen = table[(table["case"] == target.case) & (table["rows"] == target.rows)]
        chosen = chosen[chosen["program"].isin(target.programs) & (chosen["difference"] <= CONVERGED)]
        if chosen.empty:
            rows.append((target.text, "", target.times, float("nan"), "not measured"))
            continue
        best = chosen.sort_values("ratio", kind="stable").iloc[0]
        reached = "yes" if best["ratio"] >= target.times else "no"
        rows.append((target.text, best["program"], target.times, best["ratio"], reached))
    return pd.DataFrame(rows, columns=["target", "program", "asked", "measured", "reached"])


def within_limits(table: pd.DataFrame) -> pd.DataFrame:
    """What was measured for each limit.

    Parameters
    ----------
    table : DataFrame
        Columns case, rows, program, median, peak.

    Returns
    -------
    DataFrame
        Columns limit, asked, measured, reached.
    """
    rows = []
    for limit in LIMITS:
        own = table[(table["case"] == limit.case) & (table["rows"] == limit.rows) & (table["program"] == "involution")]
        asked = f"{limit.seconds:.0f} s, {limit.megabytes:,.0f} MB"
        if own.empty:
            rows.append((limit.text, asked, "", "not measured"))
            continue
        seconds, peak = own["median"].iloc[0], own["peak"].iloc[0]
        reached = "yes" if seconds <= limit.seconds and peak <= limit.megabytes else "no"
        rows.append((limit.text, asked, f"{seconds:.1f} s, {peak:,.0f} MB", reached))
    return pd.DataFrame(rows, columns=["limit", "asked", "measured", "reached"])
