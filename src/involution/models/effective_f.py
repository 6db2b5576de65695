r"""When are instruments weak? The critical value of the effective F statistic.

Montiel Olea and Pflueger (2013, *JBES* 31: 358-369) call instruments weak where the Nagar bias of two-stage least
squares may be more than a share :math:`\tau` of its worst-case benchmark. With W the covariance of the reduced form's
coefficients (instruments orthonormal, blocks W1, W12, W2 of outcome and regressor) and, for a coefficient b,
:math:`S_1 = W_1 - 2 b W_{12} + b^2 W_2`, :math:`S_{12} = W_{12} - b W_2`, their bound is

.. math:: B = \sup_{b, c'c = 1} |tr(S_{12}) - 2 c' S_{12} c| / \sqrt{tr(S_1) tr(W_2)},

and with :math:`x = B / \tau` the critical value is the upper 5 % point of :math:`\chi^2_{k}(x k) / k`, noncentral, with
:math:`k = tr(W_2)^2 (1 + 2 x) / (tr(W_2'W_2) + 2 x\, tr(W_2) \lambda_{max}(W_2))` (their theorem 1 and section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from involution.models.groupings import Floats
from involution.models.reduced_form import reduced_form

if TYPE_CHECKING:
    from involution.models.linear import Linear

BIAS = 0.10
_LEVEL = 0.05
_ANGLES = 2_001


def critical_effective_f(linear: Linear, bias: float = BIAS) -> float:
    """The effective F below which the instruments of one endogenous regressor count as weak.

    Parameters
    ----------
    linear : Linear
        With one endogenous regressor.
    bias : float
        Largest share of the worst-case bias that is tolerated.

    Returns
    -------
    float
        Critical value of the test at 5 %: 23.1 with one instrument and a tolerated share of a tenth.

    Raises
    ------
    NotEstimable
        Without an endogenous regressor, and with fewer clusters than instruments.
    """
    meat = reduced_form(linear).meat
    bound = largest_bias(meat[0, 0], (meat[0, 1] + meat[0, 1].T) / 2, meat[1, 1])
    return critical_value(meat[1, 1], bound / bias)


def largest_bias(outcome: Floats, cross: Floats, regressor: Floats) -> float:
    """The bound B, over all coefficients.

    Parameters
    ----------
    outcome, cross, regressor : array of float, shape (K, K)
        W1, the symmetric part of W12, and W2.

    Notes
    -----
    Coefficients are the tangents of a grid of angles, infinite ones included, in units in which W1 and W2 have one
    trace.
    """
    unit = np.sqrt(np.trace(outcome) / np.trace(regressor))
    angles = np.linspace(-np.pi / 2, np.pi / 2, _ANGLES)
    cosine, sine = np.cos(angles), np.sin(angles) * unit
    s12 = cosine[:, None, None] * cross - sine[:, None, None] * regressor
    first = cosine**2 * np.trace(outcome) - 2 * cosine * sine * np.trace(cross) + sine**2 * np.trace(regressor)
    values = np.linalg.eigvalsh(s12)
    traces = values.sum(axis=1)
    reach = np.maximum(np.abs(traces - 2 * values[:, 0]), np.abs(traces - 2 * values[:, -1]))
    return float((reach / np.sqrt(np.maximum(first, np.finfo(float).tiny) * np.trace(regressor))).max())


def critical_value(regressor: Floats, x: float) -> float:
    """Upper 5 % point of the approximation to the effective F at the border of weakness.

    Parameters
    ----------
    regressor : array of float, shape (K, K)
        W2.
    x : float
        The bound over the tolerated share.
    """
    from scipy import stats

    trace, largest = float(np.trace(regressor)), float(np.linalg.eigvalsh(regressor)[-1])
    k = trace**2 * (1 + 2 * x) / (float(np.trace(regressor.T @ regressor)) + 2 * x * trace * largest)
    return float(stats.ncx2.isf(_LEVEL, k, x * k) / k)
