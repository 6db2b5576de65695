"""Measure this project beside its peers and write a table, a plot and a Markdown page.

`python benchmarks/run.py --output docs` renews the page in the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cases import CASES, case
from report import page, plot

MEASURE = Path(__file__).with_name("measure.py")


def measure(*arguments: str, timeout: float) -> dict[str, Any] | None:
    """Run `measure.py` in a process of its own; None where it fails or takes too long."""
    command = [sys.executable, str(MEASURE), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        print(f"  {' '.join(arguments)}: more than {timeout:.0f} s", file=sys.stderr)
        return None
    if done.returncode:
        print(f"  {' '.join(arguments)}: failed\n{done.stderr[-1500:]}", file=sys.stderr)
        return None
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def measured(name: str, rows: int, budget: float, timeout: float) -> list[dict[str, Any]]:
    """One record per program of a case at one size."""
    print(f"{name}, {rows:,} rows", flush=True)
    timed = measure("time", name, str(rows), str(budget), timeout=timeout)
    if timed is None:
        return []
    own = float(np.median(timed["times"]["involution"]))
    records = []
    for program in case(name).programs:
        if program not in timed["times"]:
            continue
        memory = measure("memory", name, str(rows), program, timeout=timeout) or {}
        middle = float(np.median(timed["times"][program]))
        truth, estimate = timed["estimate"]["involution"], timed["estimate"][program]
        records.append(
            {
                "case": name,
                "rows": rows,
                "program": program,
                "median": middle,
                "fastest": min(timed["times"][program]),
                "warm_up": memory.get("first_call", timed["warm_up"][program]),
                "repetitions": len(timed["times"][program]),
                "ratio": middle / own,
                "difference": abs(estimate / truth - 1),
                "before": memory.get("before", np.nan),
                "peak": memory.get("peak", np.nan),
            }
        )
        print(f"  {program}: {middle:.4f} s, {middle / own:.1f} times", flush=True)
    return records


def main() -> None:
    """Run all cases at all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 50_000, 500_000])
    parser.add_argument(
        "--cases", nargs="+", default=[item.name for item in CASES], choices=[item.name for item in CASES]
    )
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of repetitions per program and size")
    parser.add_argument("--timeout", type=float, default=1_800.0, help="seconds after which a measurement is given up")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks"))
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    before = os.getloadavg()[0]
    records = []
    for name in chosen.cases:
        most = case(name).largest.get("involution", (max(chosen.rows), ""))[0]
        for rows in (rows for rows in chosen.rows if rows <= most):
            records += measured(name, rows, chosen.budget, chosen.timeout)
            # Written after every measurement: a run that is stopped leaves what it has.
            table = pd.DataFrame(records)
            table.to_csv(chosen.output / "benchmarks.csv", index=False, lineterminator="\n")
    load = f"Load of the machine before the run {before:.1f}, in its last minute {os.getloadavg()[0]:.1f}."
    (chosen.output / "benchmarks.md").write_text(page(table, load), encoding="utf-8")
    plot(table, chosen.output / "benchmarks.png")
    print(f"written to {chosen.output}/benchmarks.md")


if __name__ == "__main__":
    main()
