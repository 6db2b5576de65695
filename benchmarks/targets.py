"""The speed this project set itself, each as a ratio of median times at 50,000 rows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Target:
    """At least `times` as fast as the fastest of `programs` whose estimate agrees."""

    case: str
    rows: int
    programs: tuple[str, ...]
    times: float
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
