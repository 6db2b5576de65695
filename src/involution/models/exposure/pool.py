r"""Exposure to the events of a pool as a function of their calendar: who begins when, and who is aimed at whom.

Events fall where and when they do for reasons: a firm in a favoured industry meets more of them under *any* calendar,
and that part of its exposure is not as good as random. Borusyak and Hull (2023, *Econometrica* 91: 2155-2185) take it
out: with :math:`\mu_{it}` the mean of :math:`E_{it}` over calendars that could as well have happened,
:math:`E_{it} - \mu_{it}` is free of who tends to be exposed.

The calendars here are those in which events exchange onsets, or targets, or both independently; an event keeps its
strength and its duration. Exposure is a sum over events,

.. math:: E_{it}(\sigma, \tau) = \sum_e s_e \, prox_{i \sigma(e)} \, k(t; start_{\tau(e)}, duration_e),

so its mean over all permutations is a sum of products of means, exact without a draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial

import numpy as np

from involution.measures.event_reach import Event, Places, Reach
from involution.models.groupings import Codes, Floats
from involution.study.exposure import Permuted

_DECIMALS = 12


@dataclass(frozen=True)
class Lead:
    """Exposure in a later year to events that have not begun.

    Attributes
    ----------
    ahead : int
        Years from the place's own at which the exposure is taken.
    begun : int
        Years from the place's own up to which events have begun: these do not count.
    """

    ahead: int
    begun: int


@dataclass(frozen=True)
class Calendars:
    """Ways in which events could have exchanged dates and places.

    Attributes
    ----------
    dates, places : array of int, shape (calendars, events)
        The event whose onset, and whose targets, each event has; the first row is the calendar as it was.
    complete : bool
        Whether these are all that are possible.
    """

    dates: Codes
    places: Codes
    complete: bool


def calendars(events: int, permute: Sequence[Permuted], draws: int, seed: int) -> Calendars:
    """The calendar as it was, and permuted ones: all of them where they are no more than `draws`, else random ones.

    Parameters
    ----------
    events : int
        How many there are.
    permute : sequence of {"dates", "places"}
    draws : int
    seed : int
    """
    moved = [name in permute for name in ("dates", "places")]
    same = np.arange(events)
    if factorial(min(events, 12)) ** sum(moved) <= draws + 1:
        every = [list(permutations(range(events))) if moves else [tuple(same.tolist())] for moves in moved]
        rows = list(product(*every))
        dates, places = (np.array([row[k] for row in rows], dtype=np.intp).reshape(-1, events) for k in (0, 1))
        return Calendars(dates, places, complete=True)
    random = np.random.default_rng(seed)
    drawn = np.stack([[random.permutation(events) if moves else same for moves in moved] for _ in range(draws)])
    whole = np.concatenate([np.stack([same, same])[None], drawn])
    return Calendars(whole[:, 0], whole[:, 1], complete=False)


@dataclass(frozen=True)
class Pool:
    """Events of one kind, on the places and years of a panel.

    Attributes
    ----------
    events : tuple of Event
    proximity : array of float, shape (targets, places)
        Of each set of targets that an event has.
    target : array of int, shape (events,)
        Row of `proximity`.
    start, duration : array of float, shape (events,)
        Years; the duration of an event that lasts is infinite.
    year : array of float, shape (places,)
    reach : Reach
    lead : Lead or None
    """

    events: tuple[Event, ...]
    proximity: Floats
    target: Codes
    start: Floats
    duration: Floats
    year: Floats
    reach: Reach
    lead: Lead | None

    def met(self, target: int, start: float, duration: float) -> Floats:
        """Proximity times reach of an event of strength one, shape (places,); missing where a place is not known."""
        return _dose(self.proximity[target], self._kernel(start, duration))

    def _kernel(self, start: float, duration: float) -> Floats:
        if self.lead is None:
            return self.reach.kernel(self.year, start, start + duration)
        kernel = self.reach.kernel(self.year + self.lead.ahead, start, start + duration)
        return np.where(start > self.year + self.lead.begun, kernel, 0.0)

    def exposure(self, strengths: Floats, dates: Codes | None = None, places: Codes | None = None) -> Floats:
        """Exposure under a calendar, that as it was unless given, shape (places,)."""
        starts = self.start if dates is None else self.start[dates]
        targets = self.target if places is None else self.target[places]
        out = np.zeros(len(self.year))
        for event in np.flatnonzero(strengths):
            out += strengths[event] * self.met(targets[event], starts[event], self.duration[event])
        return out

    def expected(self, strengths: Floats, permute: Sequence[Permuted]) -> Floats:
        """Mean exposure over all permutations, shape (places,); missing where one of them is."""
        mean = self.proximity[self.target].mean(axis=0) if "places" in permute else None
        out = np.zeros(len(self.year))
        for event in np.flatnonzero(strengths):
            starts = self.start if "dates" in permute else self.start[[event]]
            kernel = np.mean([self._kernel(start, self.duration[event]) for start in starts], axis=0)
            out += strengths[event] * _dose(self.proximity[self.target[event]] if mean is None else mean, kernel)
        return out

    def parts(self, strengths: Floats, drawn: Calendars) -> tuple[list[tuple[int, float, float]], Floats]:
        """Target, start and duration of every event of some calendar, and how much of each a calendar has.

        Returns
        -------
        list of (int, float, float)
            Arguments of `met`.
        array of float, shape (calendars, parts)
            Exposures are these times what is met.
        """
        starts, durations = np.unique(self.start), np.unique(self.duration)
        when = np.searchsorted(starts, self.start)[drawn.dates]
        how_long = np.searchsorted(durations, self.duration)
        joined = (self.target[drawn.places] * len(starts) + when) * len(durations) + how_long
        found, position = np.unique(joined, return_inverse=True)
        amounts = np.zeros((len(joined), len(found)))
        rows = np.arange(len(joined))[:, None]
        np.add.at(amounts, (rows, position.reshape(joined.shape)), np.broadcast_to(strengths, joined.shape))
        used = np.flatnonzero(amounts.any(axis=0))
        keys = [np.unravel_index(code, (len(self.proximity), len(starts), len(durations))) for code in found[used]]
        return [(int(t), float(starts[s]), float(durations[d])) for t, s, d in keys], amounts[:, used]


def _dose(proximity: Floats, kernel: Floats) -> Floats:
    # An event that is not there yet is aimed at nobody, whether or not the firm's place is known.
    return np.where(kernel > 0, proximity, 0.0) * kernel


def pool_of(events: Sequence[Event], places: Places, reach: Reach, lead: Lead | None = None) -> Pool:
    """The events on the places of a panel.

    Parameters
    ----------
    events : sequence of Event
    places : Places
    reach : Reach
    lead : Lead, optional
        Take the exposure in a later year, to events that have not begun.
    """
    scopes = [tuple(sorted(event.scopes.items())) for event in events]
    first = dict(reversed(list(zip(scopes, events, strict=True))))
    order = {scope: position for position, scope in enumerate(dict.fromkeys(scopes))}
    proximity = [places.proximity(first[scope], reach) for scope in order]
    start, end = (np.array([getattr(event, name) for event in events], dtype=float) for name in ("start", "end"))
    return Pool(
        tuple(events),
        np.stack(proximity) if proximity else np.zeros((0, len(places.year))),
        np.array([order[scope] for scope in scopes], dtype=np.intp),
        start,
        end - start,
        places.year,
        reach,
        lead,
    )


def distinct(amounts: Floats) -> tuple[int, float]:
    """How many of the calendars differ in the exposure they give, and the share of those that give that of the first.

    Parameters
    ----------
    amounts : array of float, shape (calendars, parts)
        As `Pool.parts` gives them.
    """
    rounded = np.round(amounts, _DECIMALS) + 0.0
    keys = [row.tobytes() for row in rounded]
    return len(set(keys)), keys.count(keys[0]) / len(keys)
