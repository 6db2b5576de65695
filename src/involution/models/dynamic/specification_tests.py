"""What a dynamic panel is judged by: serial correlation of differenced errors and overidentifying restrictions."""

from __future__ import annotations

import numpy as np

from involution.models.distributions import f_p_value, t_p_values
from involution.models.dynamic.gmm import Moments, Step, Sums, hansen
from involution.models.dynamic.layout import Layout
from involution.models.groupings import Floats
from involution.models.reported import Row


def serial_correlation(
    order: int, moments: Moments, step: Step, place: Layout, level: tuple[Floats, Floats], sums: Sums
) -> tuple[float, float]:
    r"""The test of Arellano and Bond (1991) that differenced errors have no correlation of an order.

    Parameters
    ----------
    order : int
    moments : Moments
    step : Step
    place : Layout
    level : tuple of array
        Outcome and regressors over the level rows.
    sums : callable
        From values by differenced row to their sums by cluster.

    Returns
    -------
    tuple of float
        z and its two-sided p-value; missing where no firm has differences so many years apart.

    Notes
    -----
    With w the differenced residuals, :math:`q_g = \sum w_t w_{t-o}` of cluster g and a = X'w_{t-o}, the variance is
    :math:`\sum_g q_g^2 - 2 a' J \sum_g s_g q_g + a' V a`, J from moments to the estimate, V its covariance.
    """
    y, x = level
    w, dx = place.differencing @ (y - x @ step.beta), place.differencing @ x
    before = _years_before(place, w, order)
    if not before.any():
        return np.nan, np.nan
    q, a = sums(w * before), before @ dx
    cross = step.linear @ (moments.scores(step.residuals).T @ q)
    variance = float(q @ q - 2 * a @ cross + a @ step.covariance @ a)
    if variance <= 0:
        return np.nan, np.nan
    z = float(before @ w) / np.sqrt(variance)
    return z, float(t_p_values(z, np.inf))


def _years_before(place: Layout, values: Floats, order: int) -> Floats:
    """The firm's value so many calendar years before, over the differenced rows; zero where there is none."""
    firm, year = place.differenced
    if not len(year):
        return np.zeros(0)
    column = year - year.min()
    spread = np.zeros((firm.max() + 1, column.max() + 1))
    spread[firm, column] = values
    return np.where(column >= order, spread[firm, np.maximum(column - order, 0)], 0.0)


def overidentification(
    moments: Moments, first: Step, second: Step | None, variance: float, of_level: np.ndarray
) -> list[Row]:
    """Sargan's test, Hansen's, and by how much the lagged changes in the level equation raise Hansen's.

    Parameters
    ----------
    moments : Moments
    first : Step
    second : Step or None
        None where there are too few clusters for it: Hansen's tests are missing then.
    variance : float
        Of the errors, for Sargan's test.
    of_level : array of bool, shape (m,)
        The lagged changes in the level equation.

    Returns
    -------
    list of tuple
        None for a model that is just identified. The difference keeps the part of the first step's covariance of
        moments that its fewer instruments have, so that it is not negative where that covariance is not singular.
    """
    m, k = moments.z.shape[1], moments.x.shape[1]
    if m == k:
        return []
    total = moments.z.T @ first.residuals
    rows = [_chi2("sargan", float(total @ first.weight @ total) / variance, m - k)]
    if second is None:
        return rows
    whole = hansen(moments, second)
    rows.append(_chi2("hansen_j", whole, m - k))
    added = int(of_level.sum())
    if added and m - added >= k:
        fewer = hansen(moments, second, ~of_level, moments.scores(first.residuals))
        rows.append(_chi2("difference_hansen", whole - fewer, added))
    return rows


def _chi2(name: str, value: float, degrees: int) -> Row:
    p_value = f_p_value(value / degrees, degrees, np.inf) if value >= 0 else np.nan
    return name, value, float(degrees), p_value
