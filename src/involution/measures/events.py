"""Policy events: how strong they are, and how much of them each firm-year meets.

An event's strength is that of its ratings, from zero to one; a firm meets it by its industry and region, from the year
of the onset on, in full while the event lasts and by halves after it. Distance plays no part in the measures: a panel
has codes of regions, and coordinates only where a study brings them; a `Reach` may take it in.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from involution.measures.event_reach import (
    HALF_LIFE,
    LEVELS,
    NEAR,
    USUAL,
    Event,
    Places,
    Reach,
    places_of,
    rated_events,
)
from involution.measures.registry import Entry, Made
from involution.measures.view import Floats, View
from involution.panel.event_table import SCALES, event_table


def event_measures(panel: View, events: pd.DataFrame | None, reach: Reach = USUAL) -> list[Made]:
    """The exposure of each firm-year to the events of a study.

    Parameters
    ----------
    panel : View
    events : DataFrame or None
        One row per event and rater.
    reach : Reach

    Raises
    ------
    InputError
        For events that cannot be used.

    Notes
    -----
    Where a firm's industry or region is missing and an event in force is aimed at some of them, its measures are
    missing. Firms of one industry, region and year meet the same events: these are worked out once.
    """
    table = event_table(pd.DataFrame() if events is None else events)
    known = rated_events(table)
    needed = ["year", *(level for level in LEVELS if any(event.scopes[level] for event in known))]
    missing = [name for name in needed if name not in panel.frame.columns]
    reason = "needs data.events" if not known else f"needs {', '.join(missing)}" if missing else ""
    if reason:
        return [Made(entry, None, reason) for entry in EVENT_ENTRIES]
    places = places_of(panel)
    met = zip(EVENT_ENTRIES, _met(known, places, reach), strict=True)
    return [Made(entry, by_place[places.row]) for entry, by_place in met]


def _met(events: list[Event], places: Places, reach: Reach) -> Iterator[Floats]:
    """The measures in the order of `EVENT_ENTRIES`, one value a place."""
    n = len(places.year)
    passive, active = np.zeros((len(SCALES), n)), np.zeros(n)
    strongest, latest, nearest = np.zeros(n), np.zeros(n), np.zeros(n)
    for event in events:
        kernel = reach.kernel(places.year, event.start, event.end)
        # An event that is not there yet is aimed at nobody, whether or not the firm's place is known.
        proximity = np.where(kernel > 0, places.proximity(event, reach), 0.0)
        dose = proximity * kernel
        if not event.passive:
            active += event.strength * dose
            continue
        passive += event.ratings[:, None] * dose
        touched = np.where(proximity > 0, 1.0, 0.0 * proximity)
        strongest = np.maximum(strongest, np.where(kernel == 1, event.strength * touched, 0.0))
        latest = np.maximum(latest, kernel * touched)
        nearest = np.maximum(nearest, proximity)
    yield from (passive.mean(axis=0), active, strongest, *passive, latest, nearest)


_STRENGTH = "s = [(novelty + disruption + criticality)/3 - 1]/4, mean over raters"
_PROXIMITY = (
    f"proximity 1 in the target industries and regions (an empty target is all), {NEAR} in one of the two, else 0, "
    "without distance"
)
_REACH = (
    "k 0 before the year of date_start, 1 to the year of date_end (without one: to the last year), then "
    f"2^(-(t - end)/{HALF_LIFE:g})"
)


def _entry(name: str, label_en: str, label_zh: str, formula: str, unit: str = "0-1") -> Entry:
    return Entry(
        name=name,
        label_en=label_en,
        label_zh=label_zh,
        formula=formula,
        unit=unit,
        family="events",
        direction="",
        source="Morgeson, Mitchell and Liu 2015; formula: definition",
        needs=(),
        any_of=(),
        level="firm",
        leave_one_out=False,
        of_population=False,
    )


_SUM = "sum of strengths"
EVENT_ENTRIES = (
    _entry(
        "event_exposure",
        "Exposure to passive events",
        "被动事件暴露",
        f"sum over passive events of s x proximity x k; {_STRENGTH}; {_PROXIMITY}; {_REACH}; missing where the firm's "
        "industry or region is and an event with k > 0 is aimed at some of them",
        _SUM,
    ),
    _entry(
        "event_exposure_active",
        "Exposure to active events",
        "主动事件暴露",
        "sum over active events of s x proximity x k, as for event_exposure",
        _SUM,
    ),
    _entry(
        "event_strength",
        "Strength of the strongest passive event",
        "最强被动事件强度",
        f"largest s of the passive events in effect (k = 1) with proximity > 0; 0 without one; {_STRENGTH}",
    ),
    *(
        _entry(
            f"event_{scale}",
            f"Exposure by {scale} alone",
            f"按{label}的被动事件暴露",
            f"event_exposure with ({scale} - 1)/4 in place of s; event_exposure is the mean of the three",
            _SUM,
        )
        for scale, label in zip(SCALES, ("新颖性", "颠覆性", "关键性"), strict=True)
    ),
    _entry(
        "event_time",
        "Nearness in time to passive events",
        "被动事件时间邻近度",
        f"largest k of the passive events with proximity > 0; {_REACH}",
    ),
    _entry(
        "event_space",
        "Proximity to passive events",
        "被动事件空间邻近度",
        f"largest proximity of the passive events with k > 0; {_PROXIMITY}",
    ),
)
"""What the dictionary says of the measures of events, in the order in which they are made."""
