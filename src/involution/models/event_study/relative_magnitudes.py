r"""Intervals when the drift changes no faster after adoption than a multiple of its fastest change before.

The set of drifts is a union over the year s before adoption in which the drift changed most, and the sign of that
change (Rambachan and Roth 2023, section 2.4.1); an interval for the union is the union of intervals. For one s and sign
let v take that (signed) change out of the coefficients and :math:`\Delta_t` the change in year t after adoption. The
hypothesis that the effect :math:`l'\tau` is :math:`\theta` says that some effects make all of

.. math:: \pm\Delta_t(\beta - \tau) - \bar M v'\beta \le 0

hold. The test statistic is the smallest :math:`\eta` such that they hold up to :math:`\eta` standard deviations each, a
linear programme over the effects that are not asked for (Andrews, Roth and Pakes 2023, eq. 10). Its dual has few
vertices here, so that no programme is solved. Multipliers that cancel these effects weigh the changes by
:math:`w_t = \sum_{u \ge t} l_u` times a constant, which leaves, with :math:`W = \sum_t |w_t|`,

.. math::

    (l'\beta - \theta - \bar M W v'\beta) / n_+, \quad (\theta - l'\beta - \bar M W v'\beta) / n_-, \quad
    -2 \bar M v'\beta / n_t,

the n the same sums of the standard deviations. The statistic is the largest of them. Moments of the years before
adoption alone are left out, as the authors' own programme does with several years after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from involution.models.groupings import Floats

_FIRST_STAGE = 0.1
"""Share of the size spent on the least-favourable test, as Andrews, Roth and Pakes advise."""
_NODES = 201
_POINTS = 1_001
_HALVINGS = 45
_FAR = 9.0


@dataclass(frozen=True)
class _Piece:
    """Moments of one year and sign, each linear in the effect asked for, the value tested and the change v'b.

    Attributes
    ----------
    values : array of float, shape (k,)
        At a tested value of zero.
    slopes : array of float, shape (k,)
        In the value tested.
    covariance : array of float, shape (k, k)
    least_favourable : float
        Critical value of the first stage.
    """

    values: Floats
    slopes: Floats
    covariance: Floats
    least_favourable: float


def relative_magnitudes_interval(
    estimate: Floats, covariance: Floats, leads: int, target: Floats, m: float, level: float
) -> tuple[float, float]:
    """Both ends of the values of the effect that are not rejected, found to a 1e-12th of the range searched.

    Parameters
    ----------
    estimate, covariance : arrays of float
        Leads, earliest first, then lags.
    leads : int
    target : array of float, shape (lags,)
    m : float
        Multiple of the largest change before adoption.
    level : float
    """
    pieces = _pieces(estimate, covariance, leads, target, m, level)
    centre = float(target @ estimate[leads:])
    largest = np.abs(np.diff(np.append(estimate[:leads], 0.0))).max()
    spread = float(np.sqrt(target @ covariance[leads:, leads:] @ target))
    reach = m * np.abs(_weights(target)).sum() * (largest + 3 * np.sqrt(np.diag(covariance).max())) + 8 * spread
    while True:
        tested = centre + np.linspace(-reach, reach, _POINTS)
        kept = np.flatnonzero(_accepted(pieces, tested, level))
        if not len(kept):
            return np.nan, np.nan
        if kept[0] > 0 and kept[-1] < _POINTS - 1:
            break
        reach *= 2
    low = _edge(pieces, tested[kept[0]], tested[kept[0] - 1], level)
    return low, _edge(pieces, tested[kept[-1]], tested[kept[-1] + 1], level)


def rejects_zero(estimate: Floats, covariance: Floats, leads: int, target: Floats, m: float, level: float) -> bool:
    """Whether an effect of zero is rejected under every year and sign; arguments as `relative_magnitudes_interval`."""
    return not _accepted(_pieces(estimate, covariance, leads, target, m, level), np.zeros(1), level).any()


def _weights(target: Floats) -> Floats:
    """Weights of the yearly changes that add up to the target's of the levels."""
    return np.cumsum(target[::-1])[::-1]


def _pieces(estimate: Floats, covariance: Floats, leads: int, target: Floats, m: float, level: float) -> list[_Piece]:
    k = len(estimate)
    levels = np.insert(np.eye(k), leads, 0.0, axis=0)
    changes = np.diff(levels, axis=0)
    asked = np.concatenate([np.zeros(leads), target])
    return [
        _piece(estimate, covariance, asked, changes[leads:], sign * changes[s], _weights(target), m, level)
        for s in range(leads)
        for sign in (1.0, -1.0)
    ]


def _piece(
    estimate: Floats,
    covariance: Floats,
    asked: Floats,
    changes: Floats,
    largest: Floats,
    weights: Floats,
    m: float,
    level: float,
) -> _Piece:
    up, down = (
        np.sqrt(np.einsum("tk,kl,tl->t", rows, covariance, rows))
        for rows in (changes - m * largest, -changes - m * largest)
    )
    positive, size, total = weights > 0, np.abs(weights), float(np.abs(weights).sum())
    above, below = size @ np.where(positive, up, down), size @ np.where(positive, down, up)
    directions = [(asked - m * total * largest) / above, (-asked - m * total * largest) / below]
    slopes = [-1 / above, 1 / below]
    if m > 0:
        # Of the moments that bound the change itself only the one of largest variance can be the largest when positive,
        # and only that of smallest when negative.
        for spread in {float((up + down).min()), float((up + down).max())}:
            directions.append(-2 * m * largest / spread)
            slopes.append(0.0)
    rows = np.array(directions)
    pair = np.array([asked, largest])
    critical = _least_favourable(
        pair @ covariance @ pair.T,
        m,
        total,
        float(above),
        float(below),
        float((up + down).min()),
        (1 - level) * _FIRST_STAGE,
    )
    return _Piece(rows @ estimate, np.array(slopes), rows @ covariance @ rows.T, critical)


def _least_favourable(
    covariance: Floats, m: float, total: float, above: float, below: float, spread: float, size: float
) -> float:
    """The value that the largest moment exceeds with probability `size` when all have mean zero.

    The moments are linear in two normals, the effect asked for and the change before adoption: given the latter the
    former lies in an interval, and one integral is left.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    sd = float(np.sqrt(covariance[1, 1]))
    slope = covariance[0, 1] / covariance[1, 1]
    rest = float(np.sqrt(max(covariance[0, 0] - slope * covariance[0, 1], 1e-300)))
    nodes, node_weights = _rule()

    def exceeded(c: float) -> float:
        low = -_FAR if m == 0 else max(-_FAR, -c * spread / (2 * m) / sd)
        z = low + (_FAR - low) * (nodes + 1) / 2
        change = z * sd
        inside = ndtr((c * above + m * total * change - slope * change) / rest) - ndtr(
            (-c * below - m * total * change - slope * change) / rest
        )
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return 1 - float((_FAR - low) / 2 * node_weights @ (density * np.maximum(inside, 0)))

    return float(brentq(lambda c: exceeded(c) - size, 1e-6, 60.0, xtol=1e-10))


@cache
def _rule() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return np.asarray(nodes), np.asarray(weights)


def _accepted(pieces: list[_Piece], tested: Floats, level: float) -> np.ndarray:
    """Which of the values tested some year and sign does not reject."""
    return np.asarray(np.any([~_rejected(piece, tested, 1 - level) for piece in pieces], axis=0))


def _rejected(piece: _Piece, tested: Floats, size: float) -> np.ndarray:
    """The hybrid test: least favourable first, then conditional on which moment is the largest and by how much."""
    first = size * _FIRST_STAGE
    values = piece.values[:, None] + piece.slopes[:, None] * tested
    largest = values.argmax(axis=0)
    statistic = values.max(axis=0)
    rejected = np.asarray(statistic > piece.least_favourable)
    for k in range(len(piece.values)):
        of_k = (largest == k) & ~rejected
        if not of_k.any():
            continue
        variance = piece.covariance[k, k]
        shares = piece.covariance[:, k] / variance
        low, high = _truncation(values[:, of_k], shares, k)
        p_value = _truncated_tail(
            statistic[of_k], low, np.minimum(high, piece.least_favourable), float(np.sqrt(variance))
        )
        rejected[of_k] = (statistic[of_k] > 0) & (p_value < (size - first) / (1 - first))
    return rejected


def _truncation(values: Floats, shares: Floats, k: int) -> tuple[Floats, Floats]:
    """Between which values moment k stays the largest, what is independent of it held fixed."""
    low, high = np.full(values.shape[1], -np.inf), np.full(values.shape[1], np.inf)
    for j in range(len(values)):
        if j == k or abs(1 - shares[j]) < 1e-12:
            continue
        bound = (values[j] - shares[j] * values[k]) / (1 - shares[j])
        if shares[j] < 1:
            low = np.maximum(low, bound)
        else:
            high = np.minimum(high, bound)
    return low, high


def _truncated_tail(x: Floats, low: Floats, high: Floats, sd: float) -> Floats:
    """Probability that a normal of mean zero within (low, high) exceeds x, exact far out in the tail."""
    from scipy.special import log_ndtr

    at, start, end = (log_ndtr(-np.asarray(value) / sd) for value in (x, low, high))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.exp(at - start) * -np.expm1(end - at) / -np.expm1(end - start))


def _edge(pieces: list[_Piece], inside: float, outside: float, level: float) -> float:
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if _accepted(pieces, np.array([middle]), level)[0]:
            inside = middle
        else:
            outside = middle
    return float(inside)
