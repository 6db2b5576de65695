r"""How far trends may differ before an effect is lost: the bounds of Rambachan and Roth.

Rambachan and Roth (2023, "A more credible approach to parallel trends", *Review of Economic Studies* 90: 2555-2591)
let the treated drift away from parallel trends by :math:`\delta`, so that the coefficients after adoption are the
effects plus :math:`\delta`, and bound what it may do:

- *relative magnitudes*: from one year to the next the drift changes after adoption by at most :math:`\bar M` times its
  largest change before it;
- *smoothness*: its slope changes by at most M from one year to the next (M = 0: the trend goes on in a straight line).

Both take coefficients relative to the year before adoption, one for each year. Intervals under relative magnitudes
invert the hybrid conditional and least-favourable test of Andrews, Roth and Pakes (2023, *Review of Economic Studies*
90: 2763-2791), see `relative_magnitudes`; those under smoothness are the shortest ones of fixed length, see
`smoothness`.
Estimates are taken as normal with a known covariance, as in both papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.event_study.relative_magnitudes import rejects_zero, relative_magnitudes_interval
from involution.models.event_study.smoothness import smoothness_interval
from involution.models.groupings import Floats
from involution.models.threads import single_threaded

Kind = Literal["relative_magnitudes", "smoothness"]
KINDS: tuple[Kind, ...] = ("relative_magnitudes", "smoothness")
COLUMNS = ("kind", "m", "low", "high")
_LARGEST = 1e4
_HALVINGS = 40


@dataclass(frozen=True)
class _Study:
    """Coefficients by year, checked."""

    estimate: Floats
    covariance: Floats
    leads: int
    target: Floats

    @property
    def centre(self) -> tuple[float, float]:
        """The effect asked for and its standard error were trends parallel."""
        weights = np.concatenate([np.zeros(self.leads), self.target])
        return float(weights @ self.estimate), float(np.sqrt(weights @ self.covariance @ weights))


def honest_bounds(
    estimate: Floats,
    covariance: Floats,
    leads: int,
    lags: int,
    target: Sequence[float] | None = None,
    kind: Kind = "relative_magnitudes",
    grid: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0),
    level: float = 0.95,
) -> pd.DataFrame:
    """Intervals of an effect that hold however the trends differ within a bound.

    Parameters
    ----------
    estimate : array of float, shape (leads + lags,)
        Coefficients by year since adoption without the year before it, to which they are relative: of all `leads` years
        before that one, the earliest first, then of all `lags` years from adoption on.
    covariance : array of float, shape (leads + lags, leads + lags)
    leads, lags : int
    target : sequence of float, optional
        Weights of the years from adoption on whose effect is asked for; the average of all by default.
    kind : {"relative_magnitudes", "smoothness"}
    grid : sequence of float
        Bounds: multiples of the largest change before adoption, or changes of slope in units of the outcome.
    level : float
        Coverage.

    Returns
    -------
    DataFrame
        Columns kind, m, low, high; one row per bound.

    Raises
    ------
    InputError
        For shapes that do not fit, no lead or no lag, negative bounds, or a covariance with a zero variance.
    """
    study = _checked(estimate, covariance, leads, lags, target, kind, grid)
    with single_threaded():
        ends = [_interval(study, kind, float(m), level) for m in grid]
    return pd.DataFrame([(kind, float(m), *pair) for m, pair in zip(grid, ends, strict=True)], columns=list(COLUMNS))


def breakdown(
    estimate: Floats,
    covariance: Floats,
    leads: int,
    lags: int,
    target: Sequence[float] | None = None,
    kind: Kind = "relative_magnitudes",
    level: float = 0.95,
) -> float:
    """The bound up to which an effect stays distinguishable from zero.

    Parameters
    ----------
    estimate, covariance, leads, lags, target, kind, level
        As in `honest_bounds`.

    Returns
    -------
    float
        The smallest bound whose interval holds zero; zero where that of no violation (smoothness: of a straight trend)
        holds it already, infinite where none up to 10,000 (smoothness: times the effect's size) does.

    Raises
    ------
    InputError
        As in `honest_bounds`.
    """
    study = _checked(estimate, covariance, leads, lags, target, kind, ())
    # Smoothness is measured in units of the outcome: steps in those of the effect.
    unit = 1.0 if kind == "relative_magnitudes" else max(abs(study.centre[0]), study.centre[1])
    with single_threaded():
        if not _excludes_zero(study, kind, 0.0, level):
            return 0.0
        inside, outside = 0.0, 0.125
        while _excludes_zero(study, kind, outside * unit, level):
            inside, outside = outside, outside * 1.5
            if outside > _LARGEST:
                return np.inf
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if _excludes_zero(study, kind, middle * unit, level):
                inside = middle
            else:
                outside = middle
    return outside * unit


def _interval(study: _Study, kind: Kind, m: float, level: float) -> tuple[float, float]:
    within = relative_magnitudes_interval if kind == "relative_magnitudes" else smoothness_interval
    return within(study.estimate, study.covariance, study.leads, study.target, m, level)


def _excludes_zero(study: _Study, kind: Kind, m: float, level: float) -> bool:
    if kind == "relative_magnitudes":
        return rejects_zero(study.estimate, study.covariance, study.leads, study.target, m, level)
    low, high = _interval(study, kind, m, level)
    return low > 0 or high < 0


def _checked(
    estimate: Floats,
    covariance: Floats,
    leads: int,
    lags: int,
    target: Sequence[float] | None,
    kind: str,
    grid: Sequence[float],
) -> _Study:
    values, matrix = np.asarray(estimate, dtype=float), np.asarray(covariance, dtype=float)
    weights = np.full(lags, 1 / lags) if target is None and lags else np.asarray(target or (), dtype=float)
    wrong = []
    if kind not in KINDS:
        wrong.append(f"found kind '{kind}'; expected one of {', '.join(KINDS)}")
    if leads < 1 or lags < 1:
        wrong.append(f"bounds need a coefficient before and one after the year before adoption: {leads} and {lags}")
    if values.shape != (leads + lags,) or matrix.shape != (leads + lags, leads + lags):
        wrong.append(f"{leads} leads and {lags} lags beside {values.shape} estimates and covariance {matrix.shape}")
    elif not (np.isfinite(values).all() and np.isfinite(matrix).all() and (np.diag(matrix) > 0).all()):
        wrong.append("an estimate is missing or has no variance")
    if weights.shape != (lags,) or not np.any(weights):
        wrong.append(f"the target weighs the {lags} years from adoption on, found {weights.tolist()}")
    if any(m < 0 for m in grid):
        wrong.append("bounds are not negative")
    if wrong:
        raise InputError([Problem("honest bounds", what) for what in wrong])
    return _Study(values, matrix, leads, weights)
