r"""Whether a quadratic turns inside the data: the test of Lind and Mehlum (2010).

A significant square says that the slope changes, not that it changes sign among the firms at hand. With ``b x + c x^2``
and x between l and h, a U needs a negative slope at l *and* a positive one at h,

.. math:: b + 2 c l < 0 < b + 2 c h,

each tested on one side; the p-value of both together is the larger one (Lind and Mehlum 2010, *Oxford Bulletin of
Economics and Statistics* 72: 109-118, an intersection-union test after Sasabuchi 1980). The interval of the extremum
``-b / 2c`` is Fieller's (1954): the values that a test of ``b + 2 c v = 0`` does not reject. It is unbounded where the
square may be zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit

LEVEL = 0.05


@dataclass(frozen=True)
class TurningPoint:
    """A quadratic in one regressor.

    Attributes
    ----------
    column : str
    low, high : float
        Ends of the regressor's range in the rows used.
    slopes, statistics, p_values : tuple of float
        At the low and the high end; p-values are one-sided, in the direction that the square's sign asks for.
    extremum, ci_low, ci_high : float
        With the ends of Fieller's interval, infinite where it is unbounded and missing where it is not an interval.
    degrees_of_freedom : float
        Infinite for the normal distribution.
    """

    column: str
    low: float
    high: float
    slopes: tuple[float, float]
    statistics: tuple[float, float]
    p_values: tuple[float, float]
    extremum: float
    ci_low: float
    ci_high: float
    degrees_of_freedom: float

    @property
    def p_value(self) -> float:
        """Of the null that the quadratic does not turn inside the range."""
        return max(self.p_values)

    @property
    def is_u(self) -> bool:
        """U-shaped, or else inverted."""
        return self.slopes[1] > self.slopes[0]

    def rows(self) -> Iterator[Row]:
        """As statistics of a model: the test at the end that decides it, the slopes at both ends, the extremum."""
        decisive = int(np.argmax(self.p_values))
        name, df = self.column, self.degrees_of_freedom
        yield f"lind_mehlum[{name}]", self.statistics[decisive], df, self.p_value
        for end, slope, p_value in zip(("low", "high"), self.slopes, self.p_values, strict=True):
            yield f"slope_{end}[{name}]", slope, np.nan, p_value
        for what, value in (("", self.extremum), ("_ci_low", self.ci_low), ("_ci_high", self.ci_high)):
            yield f"extremum{what}[{name}]", value, np.nan, np.nan


def turning_points(fit: Fit, data: pd.DataFrame) -> list[TurningPoint]:
    """The quadratics of a model: each column that stands beside its square, ``x + I(x^2)`` or ``x + x:x``.

    Parameters
    ----------
    fit : Fit
    data : DataFrame
        That the model was fitted on.

    Returns
    -------
    list of TurningPoint
        None for a column with a further term, whose slope is not that of the quadratic alone.
    """
    out = []
    for name in fit.terms:
        square = next((f for f in (f"I({name}^2)", f"I({name}**2)", f"{name}:{name}") if f in fit.terms), None)
        if square is None or name not in data.columns or _elsewhere(name, square, fit):
            continue
        values = data[name].to_numpy(dtype=float)[fit.rows]
        positions = [fit.terms.index(name), fit.terms.index(square)]
        beta, covariance = fit.estimate[positions], fit.covariance[np.ix_(positions, positions)]
        out.append(turning_point(name, beta, covariance, (values.min(), values.max()), fit.degrees_of_freedom))
    return out


def turning_point(
    column: str, beta: Floats, covariance: Floats, ends: tuple[float, float], df: float = np.inf
) -> TurningPoint:
    """The test from the coefficients of a column and its square, their covariance and the ends of its range.

    Parameters
    ----------
    column : str
    beta : array of float, shape (2,)
    covariance : array of float, shape (2, 2)
    ends : (float, float)
    df : float
        Of the t distribution.
    """
    from scipy.special import ndtr, stdtr

    gradients = np.array([[1.0, 2 * end] for end in ends])
    slopes = gradients @ beta
    errors = np.sqrt(np.einsum("ij,jk,ik->i", gradients, covariance, gradients))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = slopes / errors
    direction = np.array([-1.0, 1.0]) * (1.0 if beta[1] > 0 else -1.0)
    against = -direction * statistics
    p_values = ndtr(against) if np.isinf(df) else stdtr(df, against)
    low, high = _fieller(beta, covariance, df)
    return TurningPoint(
        column=column,
        low=float(ends[0]),
        high=float(ends[1]),
        slopes=(float(slopes[0]), float(slopes[1])),
        statistics=(float(statistics[0]), float(statistics[1])),
        p_values=(float(p_values[0]), float(p_values[1])),
        extremum=float(-beta[0] / (2 * beta[1])) if beta[1] else np.nan,
        ci_low=low,
        ci_high=high,
        degrees_of_freedom=df,
    )


def with_turning_points(fit: Fit, data: pd.DataFrame) -> Fit:
    """The model with the test of each of its quadratics among its statistics and notes."""
    found = turning_points(fit, data)
    if not found:
        return fit
    rows = [row for point in found for row in point.rows()]
    said = [remark for point in found for remark in _remarks(point)]
    return replace(fit, details=(*fit.details, *rows), remarks=(*fit.remarks, *said))


def _remarks(point: TurningPoint) -> list[Note]:
    """The shape where the test shows it, else that it does not; and why the extremum has no interval."""
    shape = "turning_u" if point.is_u else "turning_inverted"
    told = note(
        shape if point.p_value < LEVEL else f"{shape}_unshown",
        column=point.column,
        extremum=f"{point.extremum:.4g}",
        low=f"{point.low:.4g}",
        high=f"{point.high:.4g}",
        p_value=f"{point.p_value:.3f}",
    )
    unbounded = np.isnan(point.ci_low) and not np.isnan(point.extremum)
    return [told, *([note("fieller_outside", column=point.column)] if unbounded else [])]


def _elsewhere(name: str, square: str, fit: Fit) -> bool:
    """Whether the column has a part in a further term."""
    from involution.study.formulas import parse_formula

    terms = parse_formula(f"y ~ {' + '.join(term for term in fit.terms if term != '(Intercept)' and '::' not in term)}")
    return any(name in term.columns for term in terms.terms if term.label not in (name, square))


def _fieller(beta: Floats, covariance: Floats, df: float) -> tuple[float, float]:
    """Ends of the interval of the extremum; infinite where it is the whole line, missing where it has a hole."""
    critical = critical_value(df) ** 2
    # (b + 2cv)^2 <= critical Var(b + 2cv), a quadratic in w = 2v.
    square = beta[1] ** 2 - critical * covariance[1, 1]
    linear = beta[0] * beta[1] - critical * covariance[0, 1]
    constant = beta[0] ** 2 - critical * covariance[0, 0]
    discriminant = linear**2 - square * constant
    if square > 0 and discriminant >= 0:
        root = float(np.sqrt(discriminant))
        return float((-linear - root) / square / 2), float((-linear + root) / square / 2)
    return (-np.inf, np.inf) if discriminant < 0 else (np.nan, np.nan)
