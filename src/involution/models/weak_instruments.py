"""Tests and confidence sets whose size does not depend on how strong the instruments are, with clusters.

Anderson and Rubin (1949, *Annals of Mathematical Statistics* 20: 46-63): at the true coefficients b of the endogenous
regressors Y the outcome less Yb has nothing to do with the instruments, which is tested by a Wald statistic under the
model's clusters, against F(k, G - 1) with k instruments and G clusters. A set for one of several coefficients
projects: a value is in it where some values of the others are not rejected (Dufour and Taamouti 2005, *Econometrica*
73: 1351-1365), which covers at least as often as the joint set does. Sets may be unbounded (weak instruments), several
intervals, or empty (instruments that contradict each other).

They are not safe from few clusters, from which the covariance of k coefficients is noisy: the test at 5 % rejects the
truth in 16 % with 8 clusters and 3 instruments, in 15 % with 30 and 8, in 6 % with 15 and 3, and in 5 % or less with
ten clusters an instrument and more (simulated in `tests/unit/models/test_weak_instruments.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from involution.errors import InputError, NotEstimable, Problem
from involution.models.groupings import Floats
from involution.models.instruments import Statistic, conditional_strength
from involution.models.reduced_form import Line, least_over_turns, reduced_form

if TYPE_CHECKING:
    from involution.models.linear import Linear

LEVEL = 0.95
MOST_ENDOGENOUS = 2
_VALUES = 401
_CLOSER, _REACH = 80, 1e5
CLUSTERS_EACH = 10
"""Clusters per instrument below which the test may reject the truth too often."""
_NEAR = 1.2
"""Times the bound: grid values closer to it than this are looked at more closely."""


@dataclass(frozen=True)
class ConfidenceSet:
    """Values of a coefficient that a test does not reject.

    Attributes
    ----------
    intervals : tuple of (float, float)
        Ascending and apart; ends may be infinite; none where the set is empty.
    level : float
    """

    intervals: tuple[tuple[float, float], ...]
    level: float = LEVEL

    @property
    def kind(self) -> str:
        """empty, interval, intervals (several, all bounded), unbounded, or line (every value)."""
        if not self.intervals:
            return "empty"
        if self.intervals == ((-np.inf, np.inf),):
            return "line"
        if np.isinf(self.intervals[0][0]) or np.isinf(self.intervals[-1][1]):
            return "unbounded"
        return "interval" if len(self.intervals) == 1 else "intervals"

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value, infinite where the set has no bound; missing where it is empty."""
        return (self.intervals[0][0], self.intervals[-1][1]) if self.intervals else (np.nan, np.nan)

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.intervals)

    def text(self) -> str:
        """The set in signs, the same in every language: ``(-∞, -0.31] ∪ [0.12, ∞)``, ``∅`` for an empty one."""
        if not self.intervals:
            return "∅"
        shown = [
            f"{'(-∞' if np.isinf(low) else f'[{low:.4g}'}, {'∞)' if np.isinf(high) else f'{high:.4g}]'}"
            for low, high in self.intervals
        ]
        return " ∪ ".join(shown)


def anderson_rubin_test(linear: Linear, values: Mapping[str, float]) -> Statistic:
    """Test that the endogenous regressors have these coefficients, all of them together.

    Parameters
    ----------
    linear : Linear
        With instruments.
    values : mapping of str to float
        By endogenous regressor; zero unless named.

    Returns
    -------
    tuple
        F statistic, its degrees of freedom (the instruments), its p-value with clusters less one in the denominator;
        too small where there are few clusters per instrument.
    """
    form = reduced_form(linear)
    unknown = [name for name in values if name not in form.names]
    if unknown:
        raise InputError(Problem("instruments", f"'{unknown[0]}' is not an endogenous regressor"))
    b = np.array([values.get(name, 0.0) for name in form.names])
    wald = float(form.wald(np.concatenate([[1.0], -b]) * form.scales))
    return wald / form.count, float(form.count), form.p_value(wald)


def anderson_rubin_set(
    linear: Linear, name: str, estimate: float, std_error: float, level: float = LEVEL
) -> ConfidenceSet:
    """Values of one endogenous regressor's coefficient that the Anderson-Rubin test does not reject.

    Parameters
    ----------
    linear : Linear
        With instruments for one or two endogenous regressors; the coefficient of the other one is projected out.
    name : str
    estimate, std_error : float
        Where the search begins and its step; any finite ones give the same set.
    level : float

    Raises
    ------
    NotEstimable
        With more than two endogenous regressors.
    """
    form = reduced_form(linear)
    if len(form.names) > MOST_ENDOGENOUS:
        raise NotEstimable("Anderson-Rubin sets are built for one or two endogenous regressors")
    place = 1 + form.names.index(name)
    ratio = form.scales[place] / form.scales[0]
    step = std_error * ratio if np.isfinite(std_error) and std_error > 0 else 1.0
    line = Line(form, place, estimate * ratio, step)
    bound = form.bound(level)
    angles = _nodes()
    values = line.coarse(angles)
    near = (values > bound) & (values < _NEAR * bound)
    values[near] = [line.least(angle) for angle in angles[near]]
    found = _with_extrema(angles, values, line.least, bound)
    pieces = _pieces(*found, line.least, bound)
    return ConfidenceSet(tuple((line.value(low) / ratio, line.value(high) / ratio) for low, high in pieces), level)


def projected_test(linear: Linear, name: str, value: float = 0.0) -> Statistic:
    """Test of one endogenous regressor's coefficient, the other one's projected out.

    Parameters
    ----------
    linear : Linear
        With instruments for one or two endogenous regressors.
    name : str
    value : float

    Returns
    -------
    tuple
        Least Anderson-Rubin F over the other coefficient, its degrees of freedom (the instruments), its p-value,
        which is an upper bound.
    """
    form = reduced_form(linear)
    if len(form.names) > MOST_ENDOGENOUS:
        raise NotEstimable("Anderson-Rubin tests by projection are built for one or two endogenous regressors")
    place = 1 + form.names.index(name)
    wald = Line(form, place, value * form.scales[place] / form.scales[0], 1.0).least(0.0)
    return wald / form.count, float(form.count), form.p_value(wald)


def _nodes() -> Floats:
    """Angles at which the search looks first: evenly, and more and more closely about the centre and at infinity.

    The step is the two-stage standard error, which weak instruments make far larger than what there is to be seen.
    """
    even = np.linspace(-np.pi / 2, np.pi / 2, _VALUES)
    close = np.arctan(np.geomspace(1 / _REACH, _REACH, _CLOSER))
    return np.unique(np.concatenate([even, close, -close]))


def _with_extrema(
    angles: Floats, values: Floats, profile: Callable[[float], float], bound: float
) -> tuple[Floats, Floats]:
    """The grid with each local extremum between its nodes that is on the other side of the bound than these.

    Without them a part of the set, or of what it leaves out, that is narrower than a step would be lost. The ends of
    the grid are one point, infinity, with neighbours on both sides.
    """
    from scipy.optimize import minimize_scalar

    here = values[:-1]
    before, after = np.roll(here, 1), np.roll(here, -1)
    low = (here <= before) & (here <= after) & (here > bound)
    high = (here >= before) & (here >= after) & (here <= bound)
    for k in np.flatnonzero(low | high):
        bracket = (angles[k - 1] if k else angles[-2] - np.pi, angles[k + 1])
        sign = 1.0 if low[k] else -1.0
        found = minimize_scalar(
            lambda angle, sign=sign: sign * profile(angle), bounds=bracket, method="bounded", options={"xatol": 1e-10}
        )
        value = sign * float(found.fun)
        if (value <= bound) == bool(low[k]):
            place = found.x if found.x >= angles[0] else found.x + np.pi
            angles, values = np.append(angles, place), np.append(values, value)
    order = np.argsort(angles)
    return angles[order], values[order]


def _pieces(
    angles: Floats, values: Floats, profile: Callable[[float], float], bound: float
) -> list[tuple[float, float]]:
    """Ranges of the angle in which the profile is at most the bound."""
    from scipy.optimize import brentq

    inside = values <= bound
    pieces: list[tuple[float, float]] = []
    start = angles[0] if inside[0] else None
    for k in range(1, len(angles)):
        if inside[k] == inside[k - 1]:
            continue
        ends = [profile(angle) - bound for angle in (angles[k - 1], angles[k])]
        if not np.isfinite(ends).all() or ends[0] * ends[1] > 0:
            raise NotEstimable("the Anderson-Rubin set is not identified: one cluster alone moves the instruments")
        crossing = float(brentq(lambda angle: profile(angle) - bound, angles[k - 1], angles[k], xtol=1e-12))
        if inside[k]:
            start = crossing
        elif start is not None:
            pieces.append((float(start), crossing))
            start = None
    if start is not None:
        pieces.append((float(start), float(angles[-1])))
    return pieces


def underidentification(linear: Linear) -> Statistic:
    """Test that the instruments do not identify the endogenous regressors separately.

    The least Wald statistic over combinations of the endogenous regressors that the instruments say nothing of it, with
    L - p + 1 degrees of freedom (Cragg and Donald 1997, *Journal of Econometrics* 76: 223-250, with the model's
    clusters). It is the least Anderson-Rubin statistic at infinite coefficients.

    Raises
    ------
    NotEstimable
        With more than two endogenous regressors.
    """
    from scipy import stats

    form = reduced_form(linear)
    p = len(form.names)
    if p > MOST_ENDOGENOUS:
        raise NotEstimable("the test of under-identification is built for one or two endogenous regressors")
    if p == 1:
        value = float(form.wald(np.array([0.0, 1.0])))
    else:
        value = least_over_turns(lambda turn: form.wald(np.stack([0 * turn, np.cos(turn), np.sin(turn)], axis=-1)))
    degrees = form.count - p + 1
    return value, float(degrees), float(stats.chi2.sf(value, degrees))


def weak_instrument_statistics(linear: Linear) -> dict[str, Statistic]:
    """Strength of each endogenous regressor's instruments given the others', and whether they identify them at all.

    Parameters
    ----------
    linear : Linear
        With instruments for one or two endogenous regressors.

    Returns
    -------
    dict
        ``sanderson_windmeijer_f[x]`` with its form under the model's clusters, ``sanderson_windmeijer_f_robust[x]``;
        ``underidentification``; ``anderson_rubin``, the test that all their coefficients are zero.
    """
    strength = {
        name.replace("first_stage_f", "sanderson_windmeijer_f"): found
        for name, found in conditional_strength(linear).items()
    }
    return {
        **strength,
        "underidentification": underidentification(linear),
        "anderson_rubin": anderson_rubin_test(linear, {}),
    }
