"""One measurement in a process of its own: `python measure.py time CASE ROWS BUDGET` or `memory CASE ROWS PROGRAM`.

Prints one JSON object on its last line.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from cases import case, simulate

MOST_REPETITIONS = 15


def peak_memory() -> float:
    """Highest resident memory of this process since the last reset, in MB."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def reset_peak() -> None:
    """Forget the highest memory so far (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def clock(call: Any) -> tuple[float, float]:
    """Seconds that a call takes, and what it returns."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def run_times(name: str, rows: int, budget: float) -> dict[str, Any]:
    """Warm-up and repeated times of all programs of a case, in turn within each repetition.

    Parameters
    ----------
    name : str
    rows : int
    budget : float
        Seconds for the repetitions of one program; a program slower than that is run once more after its warm-up.
    """
    chosen, data = case(name), simulate(rows)
    allowed = {p: f for p, f in chosen.programs.items() if rows <= chosen.largest.get(p, (rows, ""))[0]}
    calls = {program: prepare(data) for program, prepare in allowed.items()}
    warm: dict[str, float] = {}
    values: dict[str, float] = {}
    times: dict[str, list[float]] = {program: [] for program in calls}
    for program, call in calls.items():
        warm[program], values[program] = clock(call)
    planned = {p: int(np.clip(budget / warm[p], 1, MOST_REPETITIONS)) for p in calls}
    planned["involution"] = MOST_REPETITIONS
    for repetition in range(MOST_REPETITIONS):
        for program, call in calls.items():
            if repetition < planned[program]:
                times[program].append(clock(call)[0])
    whole = {p: [chosen.scaled.get(p, 1.0) * seconds for seconds in times[p]] for p in times}
    return {"warm_up": warm, "estimate": values, "times": whole}


def run_memory(name: str, rows: int, program: str) -> dict[str, Any]:
    """Memory of one call: what the process held before, and the peak while it ran, in MB."""
    call = case(name).programs[program](simulate(rows))
    reset_peak()
    before = peak_memory()
    seconds, _ = clock(call)
    return {"before": before, "peak": peak_memory(), "first_call": seconds}


def main(arguments: list[str]) -> None:
    """Run the measurement named on the command line."""
    warnings.simplefilter("ignore")
    kind, name, rows, last = arguments
    print(json.dumps(run_times(name, int(rows), float(last)) if kind == "time" else run_memory(name, int(rows), last)))


if __name__ == "__main__":
    main(sys.argv[1:])
