"""The slope of a treatment in exposure to events under 999 permuted calendars, and under the calendar as it was.

The project absorbs the parts of all exposures once and combines them. The others estimate the model again with the
exposure and the product of each calendar, which they are given as columns (making them is not timed); a few calendars
are timed and scaled to all. The project is timed from the data frame to all slopes, exposures and standard errors of
the headline among it.

`python benchmarks/exposure_cases.py` compares thirty slopes with pyfixest at its strictest, and fails where one differs
by more than 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from involution.models.exposure.pool import Calendars, Pool
    from involution.models.exposure.regression import Fitted
    from involution.models.exposure.setting import Setting

DRAWS, SEED, FEW, EVENTS = 999, 11, 2, 6
EXACT = 1e-9
Prepare = Callable[[pd.DataFrame], Callable[[], float]]
Estimator = Callable[[pd.DataFrame, str], float]


def events(data: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """Six events, each aimed at some industries and regions, two of them without an end."""
    rng = np.random.default_rng(seed)
    first, last = int(data["year"].min()), int(data["year"].max())
    rows = []
    for k in range(EVENTS):
        start = first + 1 + k
        scope = {
            f"scope_{level}": ";".join(rng.choice(np.unique(data[level]), size, replace=False))
            for level, size in (("industry", 100), ("region", 6))
        }
        ratings = dict(zip(("novelty", "disruption", "criticality"), rng.integers(1, 6, 3), strict=True))
        end = None if k % 3 == 0 else str(min(start + k % 3, last))
        rows.append({"event_id": f"E{k}", "rater": "R", "passive": 1, "date_start": str(start), "date_end": end})
        rows[-1] |= scope | ratings
    return pd.DataFrame(rows)


def with_codes(data: pd.DataFrame) -> pd.DataFrame:
    """The panel with industries and regions as text, as every panel of the project has them."""
    codes = {name: name[0] + data[name].astype(str).str.zfill(3) for name in ("industry", "region")}
    return data.assign(**codes, in_sample=True, event_exposure=0.0)


@dataclass(frozen=True)
class Own:
    """What the project finds, and what others need to estimate it again."""

    setting: Setting
    pool: Pool
    strengths: np.ndarray
    expected: np.ndarray
    calendars: Calendars
    found: Fitted
    slopes: np.ndarray

    def frame(self, calendar: int) -> pd.DataFrame:
        """The rows of the regression with the exposure of a calendar and its product; slopes by year as they are."""
        from involution.models.demeaned import Deviations

        drawn, design = self.calendars, self.found.design
        exposure = self.pool.exposure(self.strengths, drawn.dates[calendar], drawn.places[calendar]) - self.expected
        values = self.setting.over_rows(exposure)[self.found.fit.rows]
        sample = next(iter(design._samples.values()))
        product = Deviations(sample).products(design.data["x1"].to_numpy(), values[:, None])[:, 0]
        slopes = {f"slope_{k}": design.data[name] for k, name in enumerate(self.found.hidden)}
        return design.data[["firm", "year", "y", "x1", "x2"]].assign(e=values, product=product, **slopes)


def own(data: pd.DataFrame, table: pd.DataFrame) -> Own:
    """All slopes, from the data frame on."""
    from involution.measures import dictionary
    from involution.measures.event_reach import Reach
    from involution.models.blocks import Run
    from involution.models.exposure.pool import calendars, pool_of
    from involution.models.exposure.randomise import randomised
    from involution.models.exposure.regression import fitted
    from involution.models.exposure.setting import settings_of
    from involution.study.sections import Blocks

    now = {"treatment": 0, "outcome": 0, "controls": 0}
    asked = {"name": "m", "outcome": "y", "treatment": "x1", "controls": ["x2"], "cluster": "industry", "timing": now}
    run = Run("s", dictionary(pd.DataFrame()).assign(reason=""), {}, SEED, DRAWS, table)
    (setting,) = settings_of(Blocks.model_validate({"exposure": [{**asked, "vcov": "crv1"}]}), data, run)
    pool = pool_of(setting.events, setting.places, Reach())
    strengths, permute = setting.strengths(setting.events), setting.asked.permute
    expected = pool.expected(strengths, permute)
    found = fitted(setting, {"event_exposure": setting.over_rows(pool.exposure(strengths) - expected)})
    drawn = calendars(len(setting.events), permute, DRAWS, SEED)
    slopes = randomised(found, pool, strengths, expected, setting.place, drawn).slopes
    return Own(setting, pool, strengths, expected, drawn, found, slopes)


def _involution(data: pd.DataFrame) -> Callable[[], float]:
    data = with_codes(data)
    table = events(data)
    return lambda: float(own(data, table).slopes[0])


def _again(estimator: Estimator) -> Prepare:
    def prepare(data: pd.DataFrame) -> Callable[[], float]:
        data = with_codes(data)
        found = own(data, events(data))
        frames = [found.frame(calendar) for calendar in range(FEW)]
        right = " + ".join(["product", "e", "x1", "x2", *(name for name in frames[0] if name.startswith("slope_"))])

        def timed() -> float:
            slopes = [estimator(frame, right) for frame in frames]
            return slopes[0]

        return timed

    return prepare


def pyfixest_slope(strict: bool = False) -> Estimator:
    """The slope by pyfixest, without standard errors that are not wanted."""

    def estimate(frame: pd.DataFrame, right: str) -> float:
        import pyfixest

        options = {"vcov": "iid", "lean": True, "store_data": False, "copy_data": False, "fixef_rm": "none"}
        if strict:
            options["demeaner"] = pyfixest.MapDemeaner(fixef_tol=1e-15, fixef_maxiter=100_000)
        return float(pyfixest.feols(f"y ~ {right} | firm + year", frame, **options).coef()["product"])

    return estimate


def panel_ols_slope(frame: pd.DataFrame, right: str) -> float:
    """The slope by PanelOLS."""
    from linearmodels.panel import PanelOLS

    panel = frame.set_index(["firm", "year"])
    model = PanelOLS(panel["y"], panel[right.split(" + ")], entity_effects=True, time_effects=True)
    return float(model.fit(cov_type="unadjusted").params["product"])


PYFIXEST, PANEL_OLS = "pyfixest, each calendar again", "linearmodels PanelOLS, each calendar again"
CALENDARS = {
    "involution": _involution,
    PYFIXEST: _again(pyfixest_slope()),
    PANEL_OLS: _again(panel_ols_slope),
}


def main(count: int = 30) -> None:
    """Compare calendar by calendar with pyfixest; a difference beyond its tolerance is an error."""
    from cases import simulate

    data = with_codes(simulate(5_000))
    found = own(data, events(data))
    frames = [found.frame(calendar) for calendar in range(count)]
    right = " + ".join(["product", "e", "x1", "x2", *(name for name in frames[0] if name.startswith("slope_"))])
    again = np.array([pyfixest_slope(strict=True)(frame, right) for frame in frames])
    difference = float(np.abs(again - found.slopes[:count]).max())
    print(f"{count} calendars: largest difference {difference:.1e}")
    if not difference < EXACT:
        raise SystemExit(f"more than {EXACT:.0e}: the slopes are not exact")


if __name__ == "__main__":
    main()
