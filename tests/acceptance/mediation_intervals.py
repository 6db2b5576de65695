"""Coverage of the intervals of indirect effects: weak and strong paths, few and many clusters, even and uneven.

Firms stand in clusters, as firms in industries. The treatment is the cluster's and moves over the years; a tenth of the
errors' variance is the cluster's too and lasts. One, two or three mediators stand between treatment and outcome, each
named by its paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from involution.models.design import Design
from involution.models.mediation.covariance import sampled
from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.inference import METHODS, infer_effects
from involution.models.mediation.specification import specified
from involution.models.mediation.system import build_system
from involution.models.threads import single_threaded
from tests.acceptance.draws import Found, Tier, drawn, summary

YEARS, FIRMS, LASTING, SHARED, DIRECT = 6, 6, 0.5, 0.1, 0.1
"""Years, firms of a cluster on average, what lasts of a cluster's shock to the next year, its share of an error's
variance, and the direct effect."""
UNEVEN = 0.8
"""Standard deviation of the logarithm of a cluster's size: 60 clusters are then as uneven as 35 equal ones."""
PATHS = {"strong": (0.3, 0.4), "weak": (0.1, 0.1), "unmoved": (0.0, 0.4), "idle": (0.0, 0.0)}
"""Mediators: from the treatment to it, and from it to the outcome."""
MODELS = (("weak",), ("strong", "weak", "unmoved"), ("unmoved", "idle"))
CLUSTERS = (30, 60, 400)
HEADLINE, DRAWS_WITHIN = "monte_carlo", 999
TIMES = 4
"""All but studentized intervals are of so many times as many panels: .93 to .97 is narrow beside the error of 500."""
MOST_STUDENTIZED = 60
"""Clusters up to which studentized intervals are simulated: each takes a jackknife in every one of its draws."""


def planted(mediators: Sequence[str]) -> dict[str, float]:
    """Indirect effects by term."""
    parts = {f"indirect[{name}]": float(np.prod(PATHS[name])) for name in mediators}
    return {**parts, "indirect[total]": sum(parts.values())}


@dataclass(frozen=True)
class Cell:
    """One setting.

    Attributes
    ----------
    clusters : int
    even : bool
        Six firms in each cluster, or log-normal numbers of them.
    mediators : tuple of str
        Names of `PATHS`.
    """

    clusters: int
    even: bool
    mediators: tuple[str, ...]

    @property
    def truth(self) -> dict[str, float]:
        """Indirect effects by term."""
        return planted(self.mediators)

    @property
    def methods(self) -> tuple[str, ...]:
        """Intervals that are made."""
        return tuple(name for name in METHODS if name != "studentized" or self.clusters <= MOST_STUDENTIZED)

    @property
    def title(self) -> str:
        """Clusters and their sizes."""
        return f"{self.clusters} {'even' if self.even else 'uneven'}"


CELLS = tuple(Cell(count, even, model) for model in MODELS for count in CLUSTERS for even in (True, False))


def panel(cell: Cell, rng: np.random.Generator) -> pd.DataFrame:
    """A panel of the setting: firm, year, cluster, x, the mediators, y."""
    sizes = np.full(cell.clusters, FIRMS)
    if not cell.even:
        drawn = rng.lognormal(np.log(FIRMS) - UNEVEN**2 / 2, UNEVEN, cell.clusters)
        sizes = np.maximum(1, np.rint(drawn)).astype(int)
    firm = np.repeat(np.arange(sizes.sum()), YEARS)
    year, cluster = np.tile(np.arange(YEARS), sizes.sum()), np.repeat(np.arange(cell.clusters), sizes * YEARS)

    def of_clusters() -> np.ndarray:
        shocks = rng.normal(size=(YEARS, cell.clusters))
        for t in range(1, YEARS):
            shocks[t] = LASTING * shocks[t - 1] + np.sqrt(1 - LASTING**2) * shocks[t]
        return np.asarray(shocks[year, cluster])

    def error() -> np.ndarray:
        effects = rng.normal(size=sizes.sum())[firm] + rng.normal(size=YEARS)[year]
        return effects + np.sqrt(SHARED) * of_clusters() + np.sqrt(1 - SHARED) * rng.normal(size=len(firm))

    x = of_clusters()
    outcome, mediators = DIRECT * x + error(), {}
    for name in cell.mediators:
        a, b = PATHS[name]
        mediators[name] = a * x + error()
        outcome = outcome + b * mediators[name]
    return pd.DataFrame({"firm": firm, "year": year, "cluster": cluster, "x": x, **mediators, "y": outcome})


def draw(cell: Cell, seed: int, methods: Sequence[str] | None = None) -> list[Found]:
    """Intervals of all indirect effects of one panel, by every method from the same coefficients."""
    data, out = panel(cell, np.random.default_rng(seed)), []
    # Of a stream of their own: draws within a method must not know those of the panel.
    within = (seed, 1)
    with single_threaded():
        system = build_system(data, specified("y", "x", cell.mediators), Design(data, ["firm", "year"], "cluster"))
        layout = Layout(system)
        effects, found = Effects(layout, {}), sampled(system, layout)[0]
        for method in methods or cell.methods:
            frame = infer_effects(effects, found, method, DRAWS_WITHIN, np.random.default_rng(within))
            for term, row in frame.set_index("term").loc[list(cell.truth)].iterrows():
                values = (row[name] for name in ("estimate", "ci_low", "ci_high", "p_value"))
                out.append(Found(f"{method} {term}", cell.truth[term], *values))
    return out


def tier(cell: Cell, methods: Sequence[str] | None = None) -> Tier:
    """The draws of a setting; seeds of settings are far apart."""
    return Tier(
        cell.title, ", ".join(cell.mediators), partial(draw, cell, methods=methods), 100_000 * CELLS.index(cell)
    )


def misses(found: pd.DataFrame) -> pd.DataFrame:
    """What `summary` says of draws, and on which side intervals miss.

    Parameters
    ----------
    found : DataFrame
        Of `drawn`.

    Returns
    -------
    DataFrame
        Index method and term; beside the columns of `summary` the share of intervals that lie wholly below the truth,
        of those wholly above, and their mean length.
    """
    sides = found.assign(
        below=(found["high"] < found["truth"]).astype(float),
        above=(found["low"] > found["truth"]).astype(float),
        length=found["high"] - found["low"],
    )
    out = summary(found).join(sides.groupby("estimand")[["below", "above", "length"]].mean())
    out.index = pd.MultiIndex.from_tuples([tuple(name.split(" ")) for name in out.index], names=["method", "term"])
    return out


def simulated(cell: Cell, count: int, processes: int = 1) -> pd.DataFrame:
    """`misses` of a setting: of studentized intervals over `count` panels, of the others over `TIMES` as many."""
    cheap = tuple(method for method in cell.methods if method != "studentized")
    parts = [drawn(tier(cell, cheap), TIMES * count, processes)]
    if "studentized" in cell.methods:
        parts.append(drawn(tier(cell, ("studentized",)), count, processes))
    return misses(pd.concat(parts, ignore_index=True))
