"""Johnson-Neyman regions: values of the moderator at which the effect of the treatment differs from zero.

The effect ``b + c w`` is significant where ``(b + c w)^2 > t^2 (Vbb + 2 w Vbc + w^2 Vcc)``: a quadratic inequality
in w, whose roots are exact (Johnson and Neyman 1936; Bauer and Curran 2005, *Multivariate Behavioral Research* 40:
373-400). It is solved about the mean of w: far from it the terms of the inequality cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats


@dataclass(frozen=True)
class Regions:
    """Where the effect differs from zero.

    Attributes
    ----------
    roots : tuple of float
        Values of the moderator at which the interval touches zero, lowest first; none, one or two.
    negative, positive : float
        Shares of the rows whose moderator has an effect significantly below and above zero.
    """

    roots: tuple[float, ...]
    negative: float
    positive: float


def johnson_neyman(
    estimate: Floats, covariance: Floats, critical: float, moderator: Floats, weights: Floats | None = None
) -> Regions:
    """Regions of significance of a linear effect.

    Parameters
    ----------
    estimate : array of float, shape (2,)
        Effect at a moderator of zero, and its change per unit.
    covariance : array of float, shape (2, 2)
    critical : float
        Of the t statistic.
    moderator : array of float, shape (n,)
        Of the rows, in the units of `estimate`.
    weights : array of float, shape (n,), optional
    """
    if not np.isfinite(covariance).all():
        return Regions((), float("nan"), float("nan"))
    middle = float(np.mean(moderator))
    about = np.array([[1.0, middle], [0.0, 1.0]])
    (b, c), square = about @ estimate, critical**2
    covariance, away = about @ covariance @ about.T, moderator - middle
    polynomial = np.array(
        [
            c * c - square * covariance[1, 1],
            2 * (b * c - square * covariance[0, 1]),
            b * b - square * covariance[0, 0],
        ]
    )
    effect = b + c * away
    significant = np.polyval(polynomial, away) > 0
    shares = [float(np.average(significant & (sign * effect > 0), weights=weights)) for sign in (-1.0, 1.0)]
    return Regions(tuple(root + middle for root in _real_roots(*polynomial)), shares[0], shares[1])


def _real_roots(a: float, b: float, c: float) -> tuple[float, ...]:
    """Real roots of ``a w^2 + b w + c``, by the formula that loses no digits."""
    if a == 0:
        return (-c / b,) if b else ()
    inside = b * b - 4 * a * c
    if inside < 0:
        return ()
    half = -(b + np.copysign(np.sqrt(inside), b)) / 2
    found = {float(half / a), *([float(c / half)] if half else [])}
    return tuple(sorted(found))
