"""Policy events: who rates them, whom they reach, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.simulate.settings import Settings

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

N_EVENTS, N_ACTIVE, RATERS, HALF_LIFE, NEAR = 8, 2, 5, 2.0, 0.5
WEAK, STRONG = 27, 69
"""Sums of fifteen ratings (five raters, three scales): strengths ``(sum/15 - 1)/4`` of .2 and .9."""


@dataclass(frozen=True)
class Events:
    """Events as they were, and as they were rated.

    Attributes
    ----------
    start, end : array of int, shape (events,)
        Columns of the first and last year.
    passive : array of bool, shape (events,)
    ratings : array of int, shape (events, raters, 3)
        Novelty, disruption and criticality, 1 to 5.
    cities : array of bool, shape (events, cities)
    industries : array of bool, shape (events, industries)
        Whom they aim at.
    """

    start: Codes
    end: Codes
    passive: NDArray[np.bool_]
    ratings: Codes
    cities: NDArray[np.bool_]
    industries: NDArray[np.bool_]

    @property
    def strength(self) -> Floats:
        """Mean rating, from zero to one."""
        return np.asarray((self.ratings.mean(axis=(1, 2)) - 1) / 4)


@dataclass(frozen=True)
class Exposure:
    """Of each firm in each year: to passive events, and the effect that events have of themselves."""

    passive: Floats
    dose: Floats


def draw_events(settings: Settings, draws: np.random.Generator) -> Events:
    """Eight events at staggered dates, half of them weak, the last two active; a fifth of the cities has none."""
    first = settings.burn_in + 2
    start = first + np.arange(N_EVENTS) * max(1, settings.years - 4) // N_EVENTS
    end = start + draws.integers(0, 3, N_EVENTS)
    reached = draws.permutation(settings.cities)[: settings.cities * 4 // 5]
    cities = np.zeros((N_EVENTS, settings.cities), dtype=bool)
    cities[np.arange(len(reached)) % N_EVENTS, reached] = True
    industries = draws.uniform(size=(N_EVENTS, settings.industries)) < 1 / 3
    sums = np.where(np.arange(N_EVENTS) % 2 == 0, STRONG, WEAK)
    ratings = np.stack([_ratings(int(total), draws) for total in sums])
    passive = np.arange(N_EVENTS) < N_EVENTS - N_ACTIVE
    return Events(start, end, passive, ratings, cities, industries)


def _ratings(total: int, draws: np.random.Generator) -> Codes:
    """Ratings of one event, as equal as their sum allows, with the odd ones at random places."""
    cells = RATERS * 3
    ratings = np.full(cells, total // cells)
    ratings[: total % cells] += 1
    return draws.permutation(ratings).reshape(RATERS, 3)


def kernel(years: Codes, start: int, end: int) -> Floats:
    """Zero before the onset, one while the event lasts, then halved every `HALF_LIFE` years."""
    after = np.maximum(years - end, 0)
    return np.where(years < start, 0.0, 2.0 ** (-after / HALF_LIFE))


def exposure_to(events: Events, settings: Settings, industry: Codes, city: Codes) -> Exposure:
    """Exposure ``sum of passive x strength x proximity x kernel``, and the events' own effects.

    Notes
    -----
    Proximity is one in a target city and industry, `NEAR` in one of the two, else zero. The own effect grows with
    tenure: ``dose x strength x (1 + dose_growth x years since onset)`` in target cities and industries.
    """
    years = np.arange(settings.burn_in + settings.years)
    passive = np.zeros((len(industry), len(years)))
    dose = np.zeros_like(passive)
    effects = settings.planted
    for event in np.flatnonzero(events.passive):
        in_city, in_industry = events.cities[event][city], events.industries[event][industry]
        proximity = np.where(in_city & in_industry, 1.0, np.where(in_city | in_industry, NEAR, 0.0))
        strength, start = events.strength[event], int(events.start[event])
        passive += np.outer(strength * proximity, kernel(years, start, int(events.end[event])))
        growth = np.where(years < start, 0.0, 1 + effects.dose_growth * (years - start))
        dose += np.outer(effects.dose * strength * (in_city & in_industry), growth)
    return Exposure(passive, dose)
