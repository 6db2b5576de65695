"""Measure this project beside its peers and write a table, a plot and a Markdown page.

`python benchmarks/run.py --output docs` renews the page in the documentation. Cases and numbers of rows can be chosen;
what was measured of others before, and stands in `benchmarks.csv` of the same folder, stays on the page.
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


def times_apart(name: str, rows: int, timeout: float) -> dict[str, Any]:
    """Times of the programs in processes of their own, in rounds; none for a case without rounds."""
    found: dict[str, Any] = {"warm_up": {}, "estimate": {}, "times": {}}
    for _ in range(case(name).rounds):
        for program in case(name).programs:
            one = measure("apart", name, str(rows), program, timeout=timeout)
            if one is not None:
                found["times"].setdefault(program, []).extend(one["times"])
                found["warm_up"][program], found["estimate"][program] = one["warm_up"], one["estimate"]
    return found


def measured(name: str, rows: int, budget: float, timeout: float) -> list[dict[str, Any]]:
    """One record per program of a case at one size."""
    print(f"{name}, {rows:,} rows", flush=True)
    timed = times_apart(name, rows, timeout)
    if not case(name).rounds:
        timed = measure("time", name, str(rows), str(budget), timeout=timeout) or timed
    if "involution" not in timed["times"]:
        return []
    own = float(np.median(timed["times"]["involution"]))
    records = []
    load = os.getloadavg()[0]
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
                "difference": float(np.abs(np.divide(estimate, truth) - 1).max()),
                "before": memory.get("before", np.nan),
                "peak": memory.get("peak", np.nan),
                "load": load,
            }
        )
        print(f"  {program}: {middle:.4f} s, {middle / own:.1f} times", flush=True)
    return records


def renewed(table: pd.DataFrame, records: list[dict[str, Any]]) -> pd.DataFrame:
    """The table with new records in place of those of the same case and number of rows, in the order of the cases."""
    if not records:
        return table
    fresh = pd.DataFrame(records)
    if len(table):
        again = (table["case"] == fresh["case"].iloc[0]) & (table["rows"] == fresh["rows"].iloc[0])
        fresh = pd.concat([table[~again], fresh], ignore_index=True)
    place = {item.name: position for position, item in enumerate(CASES)}
    order = fresh.assign(case=fresh["case"].map(place)).sort_values(["case", "rows"], kind="stable").index
    return fresh.loc[order].reset_index(drop=True)


def main() -> None:
    """Run all cases at all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", help="numbers of rows in place of those of each case")
    parser.add_argument(
        "--cases", nargs="+", default=[item.name for item in CASES], choices=[item.name for item in CASES]
    )
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of repetitions per program and size")
    parser.add_argument("--timeout", type=float, default=1_800.0, help="seconds after which a measurement is given up")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks"))
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    kept = chosen.output / "benchmarks.csv"
    table = pd.read_csv(kept) if kept.exists() else pd.DataFrame()
    for name in chosen.cases:
        most = case(name).largest.get("involution", (max(chosen.rows or case(name).sizes), ""))[0]
        for rows in (rows for rows in chosen.rows or case(name).sizes if rows <= most):
            table = renewed(table, measured(name, rows, chosen.budget, chosen.timeout))
            # Written after every measurement: a run that is stopped leaves what it has.
            table.to_csv(kept, index=False, lineterminator="\n")
    (chosen.output / "benchmarks.md").write_text(page(table), encoding="utf-8")
    plot(table, chosen.output / "benchmarks.png")
    print(f"written to {chosen.output}/benchmarks.md")


if __name__ == "__main__":
    main()
