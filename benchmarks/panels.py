"""The simulated panels that programs run on."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

YEARS, MEAN_LIFE, REGIONS, SECTORS, INDUSTRIES = 10, 6, 31, 20, 400
CLASSES = 8
LARGEST_SIMULATED = 41_000
"""Firms of one simulated world, half a million firm-years; larger panels are made of several."""
ROWS_PER_FIRM = 12.3


def simulate(rows: int, seed: int = 20_240_601) -> pd.DataFrame:
    """A panel of `rows` firm-years: firms enter and leave, live six years on average, miss 4 % of their years."""
    rng = np.random.default_rng(seed)
    n_firms = rows // 2
    entry = rng.integers(-YEARS, YEARS, n_firms)
    exit_ = entry + 1 + rng.geometric(1 / MEAN_LIFE, n_firms)
    firm, year = (index.ravel() for index in np.indices((n_firms, YEARS)))
    there = (year >= entry[firm]) & (year < exit_[firm]) & (rng.random(len(firm)) > 0.04)
    firm, year = firm[there][:rows], year[there][:rows]
    n_firms = int(firm.max()) + 1
    industry_of = rng.integers(0, INDUSTRIES, n_firms)
    region_of = rng.integers(0, REGIONS, n_firms)
    effect = rng.normal(size=n_firms)[firm]
    industry, region = industry_of[firm], region_of[firm]
    shock = rng.normal(0, 0.4, (INDUSTRIES, YEARS))[industry, year]
    x1 = 0.5 * effect + shock + rng.normal(size=rows)
    x2 = 0.3 * effect + rng.normal(size=rows)
    y = 0.4 * x1 - 0.2 * x2 + effect + 0.1 * year + shock + rng.normal(size=rows)
    mean = np.exp(0.3 * x1 - 0.2 * x2 + 0.4 * effect + 0.05 * year)
    columns = {"firm": firm, "year": 2010 + year, "industry": industry, "region": region, "sector": industry % SECTORS}
    return pd.DataFrame({**columns, "x1": x1, "x2": x2, "y": y, "count": rng.poisson(mean)})


def accounts(rows: int, seed: int = 20_240_601) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated accounts with a column for every measure, and the events: worlds of their own industries and firms."""
    from involution.simulate import Settings
    from involution.simulate import simulate as simulated

    world = simulated(Settings(firms=min(LARGEST_SIMULATED, max(600, int(rows / ROWS_PER_FIRM) + 1))), seed)
    panel = world.panel
    rng = np.random.default_rng(seed)
    further = {
        "quantity": panel["revenue"] / rng.lognormal(3, 0.3, len(panel)),
        "tobin_q": rng.lognormal(0, 0.4, len(panel)),
    }
    classes = {f"ipc_{k}": rng.poisson(1.0, len(panel)).astype(float) for k in range(CLASSES)}
    panel = panel.assign(**{name: values for name, values in (further | classes).items() if name not in panel})
    copies = [
        panel.assign(firm=f"{k:02d}" + panel["firm"], industry=panel["industry"] + f"{k:02d}")
        for k in range(-(-rows // len(panel)))
    ]
    return pd.concat(copies, ignore_index=True).head(rows).copy(), world.events


def core_file(rows: int, first: str = "firm") -> Path:
    """A Parquet file of `rows` firm-years; written by a process of its own, whose memory is not counted here.

    Parameters
    ----------
    rows : int
    first : {"firm", "year"}
        By which the rows are ordered first.
    """
    path = Path(tempfile.gettempdir()) / f"involution-benchmark-{rows}-{first}.parquet"
    if not path.exists():
        subprocess.run([sys.executable, __file__, str(rows), first, str(path)], check=True)
    return path


def write_core_file(rows: int, first: str, path: Path) -> None:
    """Keys as text, sales, and a margin of which one in twenty is missing."""
    panel, _ = accounts(rows)
    margin = (panel["revenue"] - panel["cogs"]) / panel["revenue"]
    known = np.random.default_rng(1).random(rows) > 0.05
    columns = panel[["firm", "year", "industry", "revenue"]].assign(margin=margin.where(known))
    unfinished = path.with_suffix(".part")
    columns.sort_values(["firm", "year"] if first == "firm" else ["year", "firm"], kind="stable").to_parquet(
        unfinished, index=False
    )
    unfinished.rename(path)


if __name__ == "__main__":
    write_core_file(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
