"""One measurement in a process of its own: `python measure.py time CASE ROWS BUDGET`, or `apart` or
`memory CASE ROWS PROGRAM`.

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

from cases import Timed, case

MOST_REPETITIONS, LEAST_REPETITIONS = 15, 3


def peak_memory() -> float:
    """Highest resident memory of this process since the last reset, in MB."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def reset_peak() -> None:
    """Forget the highest memory so far (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def clock(call: Timed) -> tuple[float, Any]:
    """Seconds that a call takes, and what it returns."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def read_out(value: Any) -> Any:
    """The numbers by which programs are compared."""
    return value() if callable(value) else value


def run_times(name: str, rows: int, budget: float) -> dict[str, Any]:
    """Warm-up and repeated times of all programs of a case, in turn within each repetition.

    Parameters
    ----------
    name : str
    rows : int
    budget : float
        Seconds for the repetitions of one program; a program slower than that is run once more after its warm-up,
        this project's three times.
    """
    chosen = case(name)
    data = chosen.data(rows)
    allowed = {p: f for p, f in chosen.programs.items() if rows <= chosen.largest.get(p, (rows, ""))[0]}
    calls = {program: prepare(data) for program, prepare in allowed.items()}
    warm: dict[str, float] = {}
    values: dict[str, Any] = {}
    times: dict[str, list[float]] = {program: [] for program in calls}
    for program, call in calls.items():
        warm[program], value = clock(call)
        values[program] = read_out(value)
        del value
    planned = {p: int(np.clip(budget / warm[p], 1, MOST_REPETITIONS)) for p in calls}
    planned["involution"] = MOST_REPETITIONS if warm["involution"] < budget else LEAST_REPETITIONS
    for repetition in range(MOST_REPETITIONS):
        for program, call in calls.items():
            if repetition < planned[program]:
                times[program].append(clock(call)[0])
    whole = {p: [chosen.scaled.get(p, 1.0) * seconds for seconds in times[p]] for p in times}
    return {"warm_up": warm, "estimate": values, "times": whole}


def run_apart(name: str, rows: int, program: str) -> dict[str, Any]:
    """Warm-up and repeated times of one program in a process of its own."""
    chosen = case(name)
    call = chosen.programs[program](chosen.data(rows))
    seconds, value = clock(call)
    values = read_out(value)
    del value
    times = [clock(call)[0] for _ in range(LEAST_REPETITIONS)]
    return {"warm_up": seconds, "estimate": values, "times": times}


def run_memory(name: str, rows: int, program: str) -> dict[str, Any]:
    """Memory of one call: what the process held before, and the peak while it ran, in MB."""
    chosen = case(name)
    call = chosen.programs[program](chosen.data(rows))
    reset_peak()
    before = peak_memory()
    seconds, value = clock(call)
    return {"before": before, "peak": peak_memory(), "first_call": seconds, "estimate": read_out(value)}


def main(arguments: list[str]) -> None:
    """Run the measurement named on the command line."""
    warnings.simplefilter("ignore")
    kind, name, rows, last = arguments
    if kind == "time":
        found = run_times(name, int(rows), float(last))
    else:
        found = (run_apart if kind == "apart" else run_memory)(name, int(rows), last)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
