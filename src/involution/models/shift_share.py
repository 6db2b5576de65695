r"""Instruments of the form sum of share times shock, and inference that knows where their variation is.

:math:`B_{it} = \sum_k s_{ik} g_{kt}`. Units with like shares see like shocks, those that are measured and those that
are not: errors clustered by unit or industry are then too small, since the variation is that of the shocks (Adão,
Kolesár and Morales 2019, *QJE* 134: 1949-2010). With y, x and B less their projection on controls and fixed effects
(dotted), e the second stage's residual and :math:`R_{kt} = \sum_i w_{it} s_{ik} e_{it}`, the variance is

.. math:: \sum_c (\sum_{kt \in c} \hat g_{kt} R_{kt})^2 / (\sum_{it} w_{it} \ddot B_{it} \ddot x_{it})^2,

c groups of shocks, g-hat the coefficients of dotted B on the shares of its year. With the null imposed (AKM0) e is that
of the coefficient tested, and the values not rejected are the solutions of a quadratic inequality.

The same coefficient is that of shocks: the means of dotted y and x with weights :math:`w_{it} s_{ik}`, one row a shock
and year, with the shock itself as the instrument (Borusyak, Hull and Jaravel 2022, *REStud* 89: 181-213); and the mean
of one estimate a shock with Rotemberg weights (Goldsmith-Pinkham, Sorkin and Swift 2020, *AER* 110: 2586-2624).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.models.distributions import critical_value
from involution.models.groupings import Codes, Floats
from involution.models.weak_instruments import ConfidenceSet

COMPLETE = 1e-6
"""How far shares may be from adding up to one before they count as incomplete."""


@dataclass(frozen=True)
class Exposures:
    """Shares of units and shocks of years.

    Attributes
    ----------
    shocks : tuple of str, length K
    groups : array of int, shape (K,)
        Group of each shock.
    shares : array of float, shape (U, K)
    sizes : array of float, shape (K, T)
        Missing where a shock has none in a year.
    """

    shocks: tuple[str, ...]
    groups: Codes
    shares: Floats
    sizes: Floats

    @property
    def instrument(self) -> Floats:
        """The sum of shares times shocks, shape (U, T); missing where a shock with a share is."""
        missing = (self.shares @ np.isnan(self.sizes)) > 0
        return np.where(missing, np.nan, self.shares @ np.nan_to_num(self.sizes))


@dataclass(frozen=True)
class Rows:
    """Rows of an estimate, controls and fixed effects out of every column.

    Attributes
    ----------
    unit, year : array of int, shape (n,)
        Positions among the rows and columns of `Exposures`.
    weights, outcome, treatment, instrument : array of float, shape (n,)
    lasting : bool
        Effects of the units themselves are among those taken out.
    """

    unit: Codes
    year: Codes
    weights: Floats
    outcome: Floats
    treatment: Floats
    instrument: Floats
    lasting: bool


@dataclass(frozen=True)
class ByShock:
    """Sums over the rows of each shock and year, shape (K, T).

    Attributes
    ----------
    weight : array
        Of shares.
    outcome, treatment : array
        Of shares times the dotted columns.
    sizes : array
        Shocks about their mean of the year and, with effects of units, of the shock; zero without weight.
    fitted : array
        Coefficients of the dotted instrument on the shares of the year; `sizes` where these are not identified.
    identified : bool
    """

    weight: Floats
    outcome: Floats
    treatment: Floats
    sizes: Floats
    fitted: Floats
    identified: bool


def by_shock(exposures: Exposures, rows: Rows) -> ByShock:
    """Sum the rows by shock and year.

    Parameters
    ----------
    exposures : Exposures
    rows : Rows
    """

    def cells(values: Floats) -> Floats:
        shape = (len(exposures.shares), exposures.sizes.shape[1])
        place = rows.unit * shape[1] + rows.year
        return np.asarray(np.bincount(place, rows.weights * values, shape[0] * shape[1]).reshape(shape), dtype=float)

    weights = cells(np.ones(len(rows.unit)))
    weight = exposures.shares.T @ weights
    sizes = _about_means(np.nan_to_num(exposures.sizes), weight, lasting=rows.lasting)
    fitted = _fitted(exposures.shares, weights, exposures.shares.T @ cells(rows.instrument))
    outcome, treatment = (exposures.shares.T @ cells(column) for column in (rows.outcome, rows.treatment))
    return ByShock(weight, outcome, treatment, sizes, sizes if fitted is None else fitted, fitted is not None)


def _about_means(sizes: Floats, weight: Floats, *, lasting: bool) -> Floats:
    """Sizes about their weighted mean of the year and, if asked for, of the shock, by alternating projections."""
    out = np.where(weight > 0, sizes, 0.0)
    tiny = np.finfo(float).tiny
    for _ in range(1_000 if lasting else 1):
        before = out
        out = out - (weight * out).sum(axis=0) / np.maximum(weight.sum(axis=0), tiny)
        if lasting:
            out = out - ((weight * out).sum(axis=1) / np.maximum(weight.sum(axis=1), tiny))[:, None]
        if np.abs(out - before).max() <= 1e-13 * max(np.abs(sizes).max(), tiny):
            break
    return np.where(weight > 0, out, 0.0)


def _fitted(shares: Floats, weights: Floats, target: Floats) -> Floats | None:
    """Coefficients of the instrument on the shares, year by year; None where shares are too many or collinear."""
    out = np.zeros_like(target)
    for year in range(weights.shape[1]):
        gram = shares.T @ (weights[:, [year]] * shares)
        seen = np.diag(gram) > 0
        if not seen.any():
            continue
        size = np.sqrt(np.diag(gram)[seen])
        scaled = gram[np.ix_(seen, seen)] / np.outer(size, size)
        if np.linalg.eigvalsh(scaled)[0] < 1e-9:
            return None
        out[seen, year] = np.linalg.solve(scaled, target[seen, year] / size) / size
    return out


@dataclass(frozen=True)
class ExposureRobust:
    """A coefficient with inference by shocks.

    Attributes
    ----------
    estimate, std_error : float
    null_imposed : ConfidenceSet
        Values that the test with the null imposed does not reject (AKM0).
    """

    estimate: float
    std_error: float
    null_imposed: ConfidenceSet


def exposure_robust(exposures: Exposures, found: ByShock, rows: Rows) -> ExposureRobust:
    """The two-stage coefficient with the standard error and the set of Adão, Kolesár and Morales.

    Parameters
    ----------
    exposures : Exposures
    found : ByShock
    rows : Rows
    """
    weighted = rows.weights * rows.instrument
    reduced, first = float(weighted @ rows.outcome), float(weighted @ rows.treatment)
    estimate = reduced / first

    def grouped(values: Floats) -> Floats:
        summed = np.bincount(exposures.groups, (found.fitted * values).sum(axis=1), int(exposures.groups.max()) + 1)
        return np.asarray(summed, dtype=float)

    y, x = grouped(found.outcome), grouped(found.treatment)
    std_error = float(np.sqrt(np.sum((y - estimate * x) ** 2)) / abs(first))
    critical = float(critical_value(np.inf)) ** 2
    polynomial = (
        first**2 - critical * float(x @ x),
        -2 * (first * reduced - critical * float(x @ y)),
        reduced**2 - critical * float(y @ y),
    )
    return ExposureRobust(estimate, std_error, _solved(*polynomial))


def _solved(square: float, linear: float, constant: float) -> ConfidenceSet:
    """Where ``square b^2 + linear b + constant`` is at most zero."""
    discriminant = linear**2 - 4 * square * constant
    if discriminant < 0 or square == 0:
        return ConfidenceSet(((-np.inf, np.inf),))
    low, high = sorted((-linear + sign * np.sqrt(discriminant)) / (2 * square) for sign in (-1, 1))
    return ConfidenceSet(((low, high),) if square > 0 else ((-np.inf, low), (high, np.inf)))


def shock_rows(exposures: Exposures, found: ByShock, years: Floats) -> pd.DataFrame:
    """One row a shock and year with a weight: shock, year, group, outcome, treatment, size, weight.

    Outcome and treatment are means with the shares as weights.
    """
    shock, year = np.nonzero(found.weight > 0)
    weight = found.weight[shock, year]
    return pd.DataFrame(
        {
            "shock": np.asarray(exposures.shocks, dtype=object)[shock],
            "year": years[year],
            "group": exposures.groups[shock],
            "outcome": found.outcome[shock, year] / weight,
            "treatment": found.treatment[shock, year] / weight,
            "size": exposures.sizes[shock, year],
            "weight": weight,
        }
    )


def rotemberg_weights(found: ByShock) -> tuple[Floats, Floats]:
    """Weight and just-identified estimate of each shock, shape (K,).

    The weights add up to one and their mean of the estimates is the two-stage coefficient. Shocks are about their mean
    of the year (and of the shock, with effects of units): where shares add up to one the weights depend on that.
    """
    moved, reduced = (found.sizes * found.treatment).sum(axis=1), (found.sizes * found.outcome).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return moved / moved.sum(), np.where(moved != 0, reduced / moved, np.nan)


def effective_shocks(weight: NDArray[np.float64]) -> float:
    """The number of equally weighted shocks that would be as concentrated, one over the Herfindahl index."""
    return float(weight.sum() ** 2 / np.sum(weight**2))
