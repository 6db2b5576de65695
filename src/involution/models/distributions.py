"""The distributions that estimates are held against: t and F, or normal and chi-squared with infinite degrees."""

from __future__ import annotations

import numpy as np

from involution.models.groupings import Floats

LEVEL = 0.95


def critical_value(degrees: float, level: float = LEVEL) -> float:
    """Standard errors from an estimate to either end of its interval.

    Examples
    --------
    >>> round(critical_value(float("inf")), 3), round(critical_value(9.0), 3)
    (1.96, 2.262)
    """
    from scipy.special import ndtri, stdtrit

    upper = (1 + level) / 2
    return float(ndtri(upper) if np.isinf(degrees) else stdtrit(degrees, upper))


def t_p_values(statistics: Floats | float, degrees: float) -> Floats:
    """Two-sided p-values of t statistics; missing where the statistic is.

    Parameters
    ----------
    statistics : array of float, or float
        Of any shape, which the p-values share.
    degrees : float
    """
    from scipy.special import ndtr, stdtr

    against = -np.abs(statistics)
    return np.asarray(2 * (ndtr(against) if np.isinf(degrees) else stdtr(degrees, against)))


def f_p_value(statistic: float, restrictions: float, degrees: float) -> float:
    """Of an F statistic with `restrictions` and `degrees` degrees of freedom; missing where it is missing or negative.

    Examples
    --------
    >>> round(f_p_value(3.0, 2, float("inf")), 4) == round(f_p_value(3.0, 2, 1e9), 4)
    True
    """
    from scipy.special import chdtrc, fdtrc

    if np.isinf(degrees):
        return float(chdtrc(restrictions, statistic * restrictions))
    return float(fdtrc(restrictions, degrees, statistic))
