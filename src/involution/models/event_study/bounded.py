"""What an event study says of drifts: bounds, breakdown values, and the drift that its test of leads would miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.event_study.honest import Kind, breakdown, honest_bounds
from involution.models.event_study.pretrend import POWERS, detectable_slope
from involution.models.event_study.result import EventStudy, event_positions
from involution.models.event_study.smoothness import largest_bend
from involution.models.event_study.terms import event_of
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.reported import Row

CURVES: dict[Kind, str] = {"relative_magnitudes": "honest_relative_magnitudes", "smoothness": "honest_smoothness"}
BREAKDOWN: dict[Kind, str] = {"relative_magnitudes": "breakdown_m", "smoothness": "breakdown_smoothness"}
MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0)
_STEPS = 5


@dataclass(frozen=True)
class Bounded:
    """Statistics, curves (curve, x, estimate, ci_low, ci_high) and remarks."""

    details: tuple[Row, ...]
    curves: pd.DataFrame
    remarks: tuple[Note, ...]


@dataclass(frozen=True)
class _Clock:
    """Coefficients in the order that bounds take: leads, earliest first, then all years after the one of reference."""

    estimate: Floats
    covariance: Floats
    leads: int
    lags: int
    target: Floats
    years: Floats
    reference: int


def bounded(fit: EventStudy, multiples: Sequence[float] = MULTIPLES) -> Bounded:
    """Bounds on the average effect over years since adoption, each year weighing the same.

    Parameters
    ----------
    fit : EventStudy
    multiples : sequence of float
        Of the largest change before adoption, for the curve under relative magnitudes; none leaves bounds out.

    Returns
    -------
    Bounded
        Statistics ``breakdown_m`` and ``breakdown_smoothness``; ``pre_trend_slope_50`` and ``pre_trend_slope_80``, the
        straight drift per year that the joint test of leads finds half of the time and four times in five, and
        ``pre_trend_bias_80``, what the latter adds to the average effect. Nothing but a note where leads are not
        relative to the last year before adoption.
    """
    if not multiples:
        return Bounded((), _no_points(), ())
    clock = _clock(fit)
    if isinstance(clock, Note):
        return Bounded((), _no_points(), (clock,))
    details, parts = _powers(clock, fit), []
    bend = largest_bend(clock.estimate, clock.covariance, clock.leads)
    grids = {"relative_magnitudes": [float(m) for m in multiples]}
    grids["smoothness"] = [] if np.isnan(bend) else [float(m) for m in np.linspace(0, bend, _STEPS)]
    asked = (clock.estimate, clock.covariance, clock.leads, clock.lags, clock.target.tolist())
    for kind, curve in CURVES.items():
        details.append((BREAKDOWN[kind], breakdown(*asked, kind), np.nan, np.nan))
        ends = honest_bounds(*asked, kind, grids[kind])
        middle = float(clock.target @ clock.estimate[clock.leads :])
        points = ends.rename(columns={"m": "x", "low": "ci_low", "high": "ci_high"})
        parts.append(points.assign(curve=curve, estimate=middle)[["curve", "x", "estimate", "ci_low", "ci_high"]])
    said = note("honest", reference=str(clock.reference), leads=clock.leads)
    return Bounded(tuple(details), pd.concat(parts, ignore_index=True), (said,))


def _clock(fit: EventStudy) -> _Clock | Note:
    """The coefficients in order, or why they cannot be bounded."""
    at = event_positions(fit.terms)
    years = np.array([event_of(fit.terms[j]) for j in at], dtype=float)
    if fit.reference is None:
        return note("honest_no_reference")
    leads, lags = int((years < fit.reference).sum()), int((years > fit.reference).sum())
    whole = np.delete(np.arange(fit.reference - leads, fit.reference + lags + 1), leads)
    effects = years >= 0
    if not leads or not effects.any() or not np.array_equal(years[years != fit.reference], whole):
        return note("honest_gaps")
    kept = [j for j, year in zip(at, years, strict=True) if year != fit.reference]
    covariance = fit.covariance[np.ix_(kept, kept)]
    if not (np.isfinite(covariance).all() and (np.diag(covariance) > 0).all()):
        return note("honest_gaps")
    target = effects[years > fit.reference] / effects.sum()
    return _Clock(fit.estimate[kept], covariance, leads, lags, target, whole.astype(float), fit.reference)


def _powers(clock: _Clock, fit: EventStudy) -> list[Row]:
    """Slopes of straight drifts that the joint test of leads finds, and what the larger one adds to the effect."""
    degrees = fit.degrees_of_freedom
    before = clock.covariance[: clock.leads, : clock.leads]
    years = clock.years[: clock.leads].tolist()
    slopes = {
        power: detectable_slope(before, years, clock.reference, power, degrees_of_freedom=degrees) for power in POWERS
    }
    rows = [(f"pre_trend_slope_{round(100 * power)}", slope, np.nan, np.nan) for power, slope in slopes.items()]
    distance = float(clock.target @ (clock.years[clock.leads :] - clock.reference))
    rows.append(("pre_trend_bias_80", slopes[0.8] * distance, np.nan, np.nan))
    return [row for row in rows if np.isfinite(row[1])]


def _no_points() -> pd.DataFrame:
    return pd.DataFrame({"curve": [], "x": [], "estimate": [], "ci_low": [], "ci_high": []})
