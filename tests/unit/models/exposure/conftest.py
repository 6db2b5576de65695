"""A small panel, events by two raters, and what the tests of exposure do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from involution.measures import dictionary as dictionary_of
from involution.measures import measure
from involution.models.blocks import Run
from involution.models.exposure.setting import Setting, settings_of
from involution.models.run import run_block
from involution.models.tidy import BlockResult
from involution.study.sections import Blocks

INDUSTRIES, REGIONS, FIRST, YEARS = 12, 6, 2010, 9
ASKED = {"name": "policy", "outcome": "y", "treatment": "x", "cluster": ["industry"]}
DICTIONARY = dictionary_of(pd.DataFrame()).assign(reason="")


def make_events(seed: int = 4, passive: int = 4, active: int = 2, raters: int = 2) -> pd.DataFrame:
    """Events with different onsets, targets and ends; one row per event and rater."""
    random = np.random.default_rng(seed)
    rows = []
    for event in range(passive + active):
        start = FIRST + 2 + event
        shared = {
            "event_id": f"E{event}",
            "date_start": str(start),
            "date_end": None if event == 0 else str(start + event % 3),
            "passive": int(event < passive),
            "scope_region": f"{100000 + event % REGIONS};{100000 + (event + 2) % REGIONS}",
            "scope_industry": ";".join(f"C{10 + (event * 3 + k) % INDUSTRIES}" for k in range(4)),
            "origin_level": "central" if event % 2 else "municipal",
        }
        for rater in range(raters):
            scores = dict(zip(("novelty", "disruption", "criticality"), random.integers(1, 6, 3), strict=True))
            rows.append({**shared, "rater": f"R{rater}", **scores})
    return pd.DataFrame(rows)


def make_panel(seed: int = 7, firms: int = 120, slope: float = 0.0) -> pd.DataFrame:
    """Firms of twelve industries and six regions, some years missing; y without effect of events unless asked."""
    random = np.random.default_rng(seed)
    there = random.random((firms, YEARS)) < 0.9
    firm, year = np.nonzero(there)
    industry = firm % INDUSTRIES
    shock = random.normal(size=(INDUSTRIES, YEARS))[industry, year]
    n = len(firm)
    frame = pd.DataFrame(
        {
            "firm": [f"f{code:03d}" for code in firm],
            "year": FIRST + year,
            "industry": [f"C{10 + code}" for code in industry],
            "region": [str(100000 + code % REGIONS) for code in (firm // INDUSTRIES + firm)],
            "x": shock + 0.5 * random.normal(size=firms)[firm] + 0.7 * random.normal(size=n),
            "c": random.normal(size=n),
            "weight": random.gamma(4, 0.25, n) + 0.1,
            "in_sample": True,
        }
    )
    outcome = -0.3 * frame["x"] + 0.2 * frame["c"] + random.normal(size=firms)[firm] + random.normal(size=n)
    return frame.assign(y=outcome)


def with_exposure(panel: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The panel with its measures of events."""
    found = measure(panel, events=events)
    return panel.assign(**{name: found[name] for name in found.columns if name.startswith("event_")})


@dataclass(frozen=True)
class World:
    """A panel with events, and what is asked of it."""

    panel: pd.DataFrame
    events: pd.DataFrame

    @property
    def data(self) -> pd.DataFrame:
        return with_exposure(self.panel, self.events)

    def setting(self, **asked: Any) -> Setting:
        blocks = Blocks.model_validate({"exposure": [{**ASKED, "timing": SAME_YEAR, **asked}]})
        return settings_of(blocks, self.data, Run("s", DICTIONARY, {}, 1, 99, self.events))[0]

    def run(self, **asked: Any) -> BlockResult:
        sections = {"exposure": [{**ASKED, "timing": SAME_YEAR, **asked}], "derive": {}, "variables": {}}
        return run_block(
            "exposure", {**sections, "design": None}, self.data,
            study="s", dictionary=DICTIONARY, seed=1, draws=999, events=self.events,
        )  # fmt: skip

    def but(self, **changed: Any) -> World:
        return replace(self, **changed)


SAME_YEAR = {"treatment": 0, "outcome": 0, "controls": 0}


@pytest.fixture(scope="session")
def world() -> World:
    return World(make_panel(), make_events())


@pytest.fixture(scope="session")
def worlds() -> Callable[..., World]:
    return lambda panel, events: World(panel, events)
