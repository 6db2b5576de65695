"""The speed and the memory this project set itself.

Estimation: ratios of median times at 50,000 rows. Measuring: seconds, memory, and ratios to other programs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

import event_study_cases as event_study
import exposure_cases as exposure
import mediation_cases as mediation
import permutation_cases as permutation
import rehearsal_cases as rehearsal


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
    Target(
        "exposure_calendars",
        50_000,
        (exposure.PYFIXEST, exposure.PANEL_OLS),
        50,
        "999 permuted calendars of events: re-estimating each",
    ),
    Target(
        "rehearsal",
        50_000,
        (rehearsal.PYFIXEST, rehearsal.PANEL_OLS),
        50,
        "500 drawn outcomes of a rehearsal: re-estimating each",
    ),
    Target(
        "placebo",
        50_000,
        (permutation.PYFIXEST_PLACEBO,),
        50,
        "999 permutations of a treatment, clustered: pyfixest on each",
    ),
    Target(
        "specification_curve",
        50_000,
        (permutation.PYFIXEST_CURVE,),
        200,
        "768 clustered specifications: pyfixest one by one",
    ),
    Target(
        "callaway_santanna",
        50_000,
        (event_study.DIFF_DIFF, event_study.MODERNDID),
        1,
        "Callaway and Sant'Anna with simultaneous bands: the fastest package",
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


@dataclass(frozen=True)
class Bound:
    """A figure of a case at a number of rows, and what it may be.

    Attributes
    ----------
    case : str
    rows : int
    text : str
    figure : callable
        From the records of the case, by program, to the figure.
    asked : float
    unit : str
    least : bool
        Whether the figure must be at least what is asked, else at most.
    """

    case: str
    rows: int
    text: str
    figure: Callable[[pd.DataFrame], float]
    asked: float
    unit: str
    least: bool = False


def _own(column: str, divisor: float = 1.0) -> Callable[[pd.DataFrame], float]:
    return lambda records: float(records.loc["involution", column]) / divisor


def _of(program: str, column: str) -> Callable[[pd.DataFrame], float]:
    """How many times this project's figure another program's is."""
    return lambda records: float(records.loc[program, column] / records.loc["involution", column])


GIBIBYTE = 1024.0
BOUNDS = (
    Bound("measures", 500_000, "all measures of 500,000 firm-years", _own("fastest"), 4, " s"),
    Bound("measures", 5_000_000, "all measures of 5,000,000 firm-years", _own("fastest"), 60, " s"),
    Bound("measures", 5_000_000, "memory of these", _own("peak", GIBIBYTE), 8, " GiB"),
    *(
        Bound(
            f"core_by_{first}", 5_000_000, f"common core of 5,000,000 rows by {first}: {text}", figure, asked, "x", True
        )
        for first in ("firm", "year")
        for text, figure, asked in (
            ("plain pandas", _of("pandas", "fastest"), 3),
            ("duckdb", _of("duckdb", "fastest"), 1),
            ("memory of duckdb", _of("duckdb", "peak"), 1),
        )
    ),
    Bound(
        "mediation_many_effects",
        50_000,
        "1,000 bootstrap draws of three mediators, region^year effects",
        _own("fastest"),
        10,
        " s",
    ),
    Bound("mediation_many_effects", 50_000, "memory of these", _own("peak", GIBIBYTE), 1, " GiB"),
    Bound(
        "specification_curve_joint",
        50_000,
        "768 specifications and their joint test, 500 permutations, two threads",
        _own("fastest"),
        30,
        " s",
    ),
)
AGREED = 1e-9
"""Relative difference up to which the columns of the common core are the same numbers."""


def bounds(table: pd.DataFrame) -> pd.DataFrame:
    """What was measured for each bound: columns Measuring, asked, measured, reached, all text."""
    rows = []
    for bound in BOUNDS:
        records = table[(table["case"] == bound.case) & (table["rows"] == bound.rows)].set_index("program")
        asked = f"{'at least' if bound.least else 'at most'} {bound.asked:.0f}{bound.unit}"
        if records.empty:
            rows.append((bound.text, asked, "", "not measured"))
            continue
        found = bound.figure(records)
        reached = found >= bound.asked if bound.least else found <= bound.asked
        agreed = records["difference"].max() <= AGREED
        shown = ("yes" if reached else "no") if agreed else "the numbers differ"
        rows.append((bound.text, asked, f"{found:.1f}{bound.unit}", shown))
    return pd.DataFrame(rows, columns=["Measuring", "asked", "measured", "reached"])
