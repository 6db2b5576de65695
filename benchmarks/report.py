"""The measurements as a Markdown page and a plot."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap

import pandas as pd

from cases import CASES
from panels import CLASSES, INDUSTRIES, REGIONS, SECTORS, YEARS
from targets import CONVERGED, bounds, outcomes

PACKAGES = (
    "numpy", "scipy", "pandas", "pyarrow", "pyfixest", "linearmodels", "statsmodels", "wildboottest", "numba", "polars",
    "duckdb",
)  # fmt: skip
INTRODUCTION = f"""\
Made by `make bench` (`python benchmarks/run.py`). All programs run on the same simulated panel ({YEARS} years, firms
that enter and leave, {INDUSTRIES} industries, {REGIONS} regions, {SECTORS} sectors), in turn, in one process per case
and size: the time is the median of the repetitions, the ratio that median divided by this project's. It runs from a
data frame in memory to estimates and standard errors; putting the data into the form that a program wants (index,
categories, dummies, demeaned columns) is not counted. The first call in a new process, with what it imports and
compiles, is left out, and given beside. Memory is the peak of a process that makes this one call, and in brackets what
the call adds to what the process held before.

Measures are made of the accounts of `involution simulate`, with quantities, market values and {CLASSES} patent classes
beside them so that no measure is left out but that of texts; five million rows are ten worlds of their own firms and
industries. The common core (concentration, mean of the other firms, lag by calendar year, values winsorised by year)
runs from a Parquet file of the same accounts, with firms and industries as text, to four columns in memory; their
numbers, means and mean squares agree to 1e-9. There each program has processes of its own, in turn: large arrays are
faster to make where another program has left its memory mapped. Other work on the machine adds time and never takes any
away: against the bounds in seconds and for the core stands the fastest repetition."""
BOUNDS = Path(__file__).with_name("bounds.md")


def machine() -> str:
    """Processor, cores, memory, system and Python; no name of the machine."""
    processor = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        processor = models[0] if models else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} ({platform.machine()}), "
        f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    )


def seconds(value: float) -> str:
    """A time with a unit that suits it."""
    if pd.isna(value):
        return ""
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def page(table: pd.DataFrame) -> str:
    """The whole page, Markdown.

    Parameters
    ----------
    table : DataFrame
        One row per case, rows and program: median, fastest, warm_up, repetitions, ratio, difference, before, peak and
        the load of the machine.
    """
    parts = [
        "# Benchmarks",
        "",
        INTRODUCTION,
        "",
        f"Machine: {machine()}.",
        "",
        "## Targets",
        "",
        _markdown(_targets(table)),
        "",
        _markdown(bounds(table)),
        "",
        "![Times by number of rows](benchmarks.png)",
        "",
    ]
    for case in CASES:
        rows = table[table["case"] == case.name]
        if len(rows):
            loads = [f"{load:.1f}" for load in (rows["load"].min(), rows["load"].max())]
            parts += [f"## {case.title}", "", _markdown(_shown(rows)), ""]
            parts += [f"Load of the machine: {' to '.join(dict.fromkeys(loads))}.", ""]
            parts += [
                f"{program} was not run beyond {most:,} rows: {why}.\n" for program, (most, why) in case.largest.items()
            ]
            parts += [
                f"{program}: a part of the work was timed and its time multiplied by {times:,.0f}.\n"
                for program, times in case.scaled.items()
            ]
    if BOUNDS.exists():
        parts.append(BOUNDS.read_text(encoding="utf-8"))
    return "\n".join(parts).rstrip() + "\n"


def _targets(table: pd.DataFrame) -> pd.DataFrame:
    found = outcomes(table)
    return pd.DataFrame(
        {
            "At 50,000 rows, against": found["target"],
            "asked": found["asked"].map("{:,.0f}x".format),
            "measured": found["measured"].map(lambda value: "" if pd.isna(value) else f"{value:,.1f}x"),
            "reached": found["reached"],
        }
    )


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    differs = rows["difference"].map(lambda value: f"{value:.0e}" + ("" if value <= CONVERGED else " (not converged)"))
    return pd.DataFrame(
        {
            "rows": rows["rows"].map("{:,}".format),
            "program": rows["program"],
            "time": rows["median"].map(seconds),
            "ratio": rows["ratio"].map("{:.1f}".format),
            "repetitions": rows["repetitions"].map(str),
            "first call": rows["warm_up"].map(seconds),
            "peak memory": [f"{p:,.0f} MB (+{p - b:,.0f})" for p, b in zip(rows["peak"], rows["before"], strict=True)],
            "estimate differs by": differs.where(rows["program"] != "involution", ""),
        }
    )


def _markdown(frame: pd.DataFrame) -> str:
    lines = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * len(frame.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)


def plot(table: pd.DataFrame, target: Path) -> None:
    """Times against rows, both on logarithmic axes, one panel per case of several sizes."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullFormatter

    shown = [case for case in CASES if table.loc[table["case"] == case.name, "rows"].nunique() > 1]
    rows = max(1, -(-len(shown) // 3))
    figure, axes = plt.subplots(rows, 3, figsize=(13, 3.75 * rows), layout="constrained", squeeze=False)
    for axis, case in zip(axes.ravel(), shown, strict=False):
        found = table[table["case"] == case.name]
        for program, line in found.groupby("program", sort=False):
            own = program == "involution"
            axis.plot(
                line["rows"], line["median"], marker="o", lw=2.5 if own else 1.2, label=program, zorder=3 if own else 2
            )
        axis.set(xscale="log", yscale="log", xlabel="rows", ylabel="seconds")
        sizes = sorted(found["rows"].unique())
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_title("\n".join(wrap(case.title, 50)), fontsize=9)
        axis.legend(fontsize=7, frameon=False)
        axis.grid(alpha=0.25, which="both", lw=0.4)
    for axis in axes.ravel()[len(shown) :]:
        axis.set_visible(False)
    figure.savefig(target, dpi=130, metadata={"Software": None})
    plt.close(figure)
