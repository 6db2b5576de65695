"""What is told of the events beside every model of exposure: how many, how far their raters agree, whom they miss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.measures.event_reach import LEVELS, Event
from involution.models.exposure.setting import Setting
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.panel.events import agreement
from involution.panel.scope import unmatched

_SHOWN = 10
_CHINESE = {"novelty": "新颖性", "disruption": "颠覆性", "criticality": "关键性"}


def event_notes(setting: Setting) -> list[Note]:
    """Raters and their agreement, events outside the panel's years, targets without a firm."""
    table, events = setting.table, setting.events
    raters = int(table["rater"].nunique())
    said = []
    if raters == 1:
        said.append(note("exposure_one_rater", events=len(events)))
    else:
        alphas = agreement(table)
        shown = ", ".join(f"{scale} {_alpha(value)}" for scale, value in alphas.items())
        shown_zh = "、".join(f"{_CHINESE[scale]} {_alpha(value)}" for scale, value in alphas.items())
        said.append(note("exposure_agreement", events=len(events), raters=raters, alphas=shown, alphas_zh=shown_zh))
    outside = outside_years(setting)
    if outside:
        names = ", ".join(outside[:_SHOWN]) + (", ..." if len(outside) > _SHOWN else "")
        said.append(note("exposure_outside", count=len(outside), names=names))
    beyond = [entry for level in LEVELS for entry in _beyond(events, setting, level)]
    if beyond:
        names = ", ".join(beyond[:_SHOWN]) + (", ..." if len(beyond) > _SHOWN else "")
        said.append(note("exposure_nowhere", names=names))
    return said


def event_statistics(setting: Setting) -> list[Row]:
    """Counts of events and raters, and Krippendorff's alpha of each scale where it is defined."""
    passive = len(setting.of_kind(True))
    counts = {
        "events_passive": passive,
        "events_active": len(setting.events) - passive,
        "events_outside_years": len(outside_years(setting)),
        "raters": int(setting.table["rater"].nunique()),
    }
    rows: list[Row] = [(name, float(value), np.nan, np.nan) for name, value in counts.items()]
    alphas = agreement(setting.table)
    return rows + [(f"alpha[{scale}]", value, np.nan, np.nan) for scale, value in alphas.items() if value is not None]


def outside_years(setting: Setting) -> list[str]:
    """Events that begin after the panel's last year, or end before its first."""
    first, last = float(setting.places.year.min()), float(setting.places.year.max())
    names = setting.table.drop_duplicates("event_id")["event_id"].astype(str)
    return [name for name, event in zip(names, setting.events, strict=True) if event.start > last or event.end < first]


def _beyond(events: Sequence[Event], setting: Setting, level: str) -> list[str]:
    return unmatched((event.scopes[level] for event in events), setting.places.names[level])


def _alpha(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
