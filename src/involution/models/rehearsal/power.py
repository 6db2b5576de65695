"""Rates of rejection, and the smallest effect that is found often enough, each with its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.models.groupings import Floats
from involution.models.rehearsal.statistics import Tests

TARGET = 0.8
"""Power at which an effect counts as detectable."""
_LARGEST = 1e4
_POINTS = 41


@dataclass(frozen=True)
class Rate:
    """A number with the error that the number of draws leaves."""

    value: float
    error: float


def rate(hits: Floats | np.ndarray, *, complete: bool = False) -> Rate:
    """The mean of what happened in each draw; without error where the draws are all that there are.

    Examples
    --------
    >>> rate(np.array([1.0, 0.0, 0.0, 0.0])).value
    0.25
    """
    known = np.asarray(hits, dtype=float)
    value = float(known.mean())
    return Rate(value, 0.0 if complete else float(known.std() / np.sqrt(len(known))))


def power(test: Tests, effect: float, *, complete: bool = False) -> Rate:
    """How often an effect of this size is found, of either sign: draws serve both."""
    return rate((test.rejects(effect).astype(float) + test.rejects(-effect)) / 2, complete=complete)


def smallest(test: Tests, start: float, *, target: float = TARGET, complete: bool = False) -> Rate:
    """The smallest effect whose power reaches the target; infinite where none does.

    Parameters
    ----------
    test : Test
    start : float
        An effect of about the right size, such as a standard error.
    target : float
    complete : bool

    Notes
    -----
    Its Monte Carlo error is half the distance of the effects at which power is the target less and plus its own error.
    """
    found = _crossing(test, start, target)
    if not np.isfinite(found):
        return Rate(np.inf, np.nan)
    error = power(test, found, complete=complete).error
    low, high = (_crossing(test, start, min(max(target + side * error, 0.0), 0.999)) for side in (-1.0, 1.0))
    return Rate(found, (high - low) / 2 if np.isfinite(high) else np.nan)


def _crossing(test: Tests, start: float, target: float) -> float:
    """Where power first reaches a level, by halving."""
    low, high = 0.0, start
    while power(test, high).value < target:
        low, high = high, 2 * high
        if high > _LARGEST * start:
            return np.inf
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if power(test, middle).value < target else (low, middle)
    return high


def grid(unit: float, largest: float, effects: Sequence[float]) -> Floats:
    """Effects at which a curve of power is drawn, in the units of the section.

    Parameters
    ----------
    unit : float
        The coefficient that is one such unit.
    largest : float
        The smallest detectable coefficient; infinite where there is none.
    effects : sequence of float
    """
    end = 2 * largest / unit if np.isfinite(largest) else max(effects)
    return np.linspace(0.0, end, _POINTS)
