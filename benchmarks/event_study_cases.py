"""Callaway and Sant'Anna with simultaneous bands from 999 draws.

The panel has no gaps, so that all programs estimate the same: with gaps, moderndid 0.2.0 leaves firms out or stops, and
diff-diff weighs cohorts otherwise. Programs that are not installed are not run.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

DRAWS = 999
DIFF_DIFF, MODERNDID = "diff-diff", "moderndid"
COHORTS = (0, 0, 2013, 2015, 2017)
Timed = Callable[[], float]


def adopting(rows: int, seed: int = 20_240_601) -> pd.DataFrame:
    """Firms over ten years without gaps; effects that grow, a trend that goes with `x`."""
    rng = np.random.default_rng(seed)
    firms, years = rows // 10, np.arange(2010, 2020)
    firm, year = np.repeat(np.arange(firms), 10), np.tile(years, firms)
    cohort, x = rng.choice(COHORTS, firms)[firm], rng.normal(size=firms)[firm]
    effect = np.where((cohort > 0) & (year >= cohort), 0.5 + 0.1 * (year - cohort), 0.0)
    y = rng.normal(size=firms)[firm] + (0.1 + 0.02 * x) * (year - 2010) + effect + rng.normal(size=len(firm))
    return pd.DataFrame({"firm": firm, "year": year, "cohort": cohort, "x": x, "y": y})


def involution(controls: list[str]) -> Callable[[pd.DataFrame], Timed]:
    """The project's own, every aggregation and each cohort by year among its terms."""

    def prepare(data: pd.DataFrame) -> Timed:
        import involution as inv

        def timed() -> float:
            fit = inv.event_study(data, "y", estimator="callaway_santanna", controls=controls, draws=DRAWS, seed=1)
            return float(fit.tidy()["estimate"].iloc[0]) + 0 * fit.critical_value

        return timed

    return prepare


def diff_diff(controls: list[str]) -> Callable[[pd.DataFrame], Timed]:
    """Overall and by years since adoption."""

    def prepare(data: pd.DataFrame) -> Timed:
        from diff_diff import CallawaySantAnna

        def timed() -> float:
            model = CallawaySantAnna(n_bootstrap=DRAWS, seed=1)
            covariates: Any = controls or None
            found = model.fit(data, "y", "firm", "year", "cohort", aggregate="event_study", covariates=covariates)
            return float(found.overall_att)

        return timed

    return prepare


def moderndid(controls: list[str]) -> Callable[[pd.DataFrame], Timed]:
    """Cells, then by years since adoption and overall; analytic errors of the cells, draws for the aggregation."""

    def prepare(data: pd.DataFrame) -> Timed:
        import moderndid as did

        formula = f"~ {' + '.join(controls)}" if controls else None

        def timed() -> float:
            found = did.att_gt(data, "y", "year", "firm", "cohort", xformla=formula)
            did.aggte(found, type="dynamic", boot=True, biters=DRAWS, random_state=1)
            return float(did.aggte(found, type="simple", boot=False).overall_att)

        return timed

    return prepare


def programs(controls: list[str]) -> dict[str, Callable[[pd.DataFrame], Timed]]:
    """The programs that are installed."""
    peers = {DIFF_DIFF: ("diff_diff", diff_diff), MODERNDID: ("moderndid", moderndid)}
    return {
        "involution": involution(controls),
        **{name: make(controls) for name, (module, make) in peers.items() if find_spec(module)},
    }
