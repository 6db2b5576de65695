"""Reading policy events, and how far their raters agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.evaluate import computed, filtered
from involution.panel.event_table import COLUMNS, SCALES, event_table
from involution.panel.join import stacked
from involution.panel.read import FILE, LINE, Reading, read_source
from involution.panel.scope import scope_of, unmatched
from involution.study.data import Events

AGREED = 0.667
"""Krippendorff's alpha below which even tentative conclusions are not drawn (Krippendorff 2004)."""
_WHERE = "data.events"


@dataclass(frozen=True)
class ReadEvents:
    """Events as read: the table, what was found in it, and the files.

    Attributes
    ----------
    table : DataFrame
        See `event_table`.
    report : dict
    readings : list of Reading
    """

    table: pd.DataFrame
    report: dict[str, Any]
    readings: list[Reading]


def read_events(options: Events, panel: pd.DataFrame, resolve: Callable[[str], str]) -> ReadEvents:
    """Read, check and describe the events of a study.

    Parameters
    ----------
    options : study.data.Events
    panel : DataFrame
        In whose industries and regions the scopes are looked up.
    resolve : callable
        From a source to a path.

    Raises
    ------
    InputError
        For a file or a row that cannot be used.
    """
    readings = read_source(options, resolve)
    raw = stacked(readings, _WHERE)
    kept = filtered(raw, options.filter, f"{_WHERE}.filter").reset_index(drop=True)
    if kept.empty:
        raise InputError(Problem(f"{_WHERE}.filter", "no row is left", mend="check the filter"))
    table = event_table(_mapped(kept, options.columns), _WHERE)
    rows = {"rows_read": len(raw), "rows_filtered": len(raw) - len(kept)}
    return ReadEvents(table, {"sources": options.source, **rows, **_described(table, panel)}, readings)


def _mapped(raw: pd.DataFrame, columns: Mapping[Any, str]) -> pd.DataFrame:
    """The columns under their own names: those mapped, then those that the file calls so itself."""
    out = pd.DataFrame(index=raw.index)
    for name in COLUMNS:
        if name in columns:
            out[name] = computed(raw, columns[name], f"{_WHERE}.columns.{name}")
        elif name in raw.columns:
            out[name] = raw[name]
    return out.assign(**{FILE: raw[FILE], LINE: raw[LINE]})


def _described(table: pd.DataFrame, panel: pd.DataFrame) -> dict[str, Any]:
    events = table.drop_duplicates("event_id")
    passive = int(events["passive"].sum())
    alphas = agreement(table)
    beyond = {level: _beyond(events, panel, level) for level in ("region", "industry")}
    return {
        "events": len(events),
        "passive": passive,
        "active": len(events) - passive,
        "open_ended": int(events["date_end"].isna().sum()),
        "first_start": str(events["date_start"].min()),
        "last_start": str(events["date_start"].max()),
        "raters": int(table["rater"].nunique()),
        "rated_once": int((table.groupby("event_id")["rater"].nunique() == 1).sum()),
        "agreement": alphas,
        "unmatched_regions": beyond["region"],
        "unmatched_industries": beyond["industry"],
        "notes": [*_notes(table, alphas), *_reach(beyond)],
    }


def agreement(table: pd.DataFrame) -> dict[str, float | None]:
    """Krippendorff's alpha of each scale, ordinal, over the events that two raters or more have rated.

    Parameters
    ----------
    table : DataFrame
        See `event_table`.

    Returns
    -------
    dict
        By scale; None where it is not defined, with one rater or with one rating throughout.
    """
    return {name: _alpha(table.pivot(index="rater", columns="event_id", values=name)) for name in SCALES}


def _alpha(ratings: pd.DataFrame) -> float | None:
    """Alpha of a table of raters by events."""
    from krippendorff import alpha

    paired = ratings.loc[:, ratings.notna().sum() > 1].to_numpy(dtype=float)
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        return None
    return float(alpha(reliability_data=paired, level_of_measurement="ordinal"))


def _notes(table: pd.DataFrame, alphas: Mapping[str, float | None]) -> Iterator[str]:
    raters = table.groupby("event_id")["rater"].nunique()
    alone = int((raters == 1).sum())
    if alone == len(raters):
        yield "the events have one rater only: how far their strength is a matter of opinion cannot be known"
    elif alone:
        yield f"{alone} of {len(raters)} events have one rater only"
    for name, value in alphas.items():
        if value is not None and value < AGREED:
            yield f"raters disagree on {name}: Krippendorff's alpha is {value:.3f}, below {AGREED}"
        elif value is None and alone < len(raters):
            yield f"all ratings of {name} are the same: Krippendorff's alpha is not defined"


def _beyond(events: pd.DataFrame, panel: pd.DataFrame, level: str) -> list[str]:
    """Entries of the scopes in which no firm lies."""
    codes = panel[level].dropna().drop_duplicates() if level in panel.columns else pd.Series(dtype="str")
    return unmatched(map(scope_of, events[f"scope_{level}"]), codes.astype(str))


def _reach(beyond: Mapping[str, list[str]]) -> Iterator[str]:
    for level, entries in beyond.items():
        if entries:
            shown = ", ".join(entries[:10]) + (", ..." if len(entries) > 10 else "")
            yield f"no firm of the panel lies in scope_{level} {shown}"
