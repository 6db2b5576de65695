"""The table of policy events, typed and checked: one row per event and rater."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, Problem
from involution.panel.convert import as_codes, as_numbers
from involution.panel.evaluate import place
from involution.panel.read import FILE, LINE
from involution.panel.scope import scope_of
from involution.study.data import EventColumn

COLUMNS: tuple[str, ...] = get_args(EventColumn)
NEEDED = ("event_id", "date_start", "passive", "novelty", "disruption", "criticality")
SCALES = ("novelty", "disruption", "criticality")
LOWEST, HIGHEST = 1, 5
ONE_RATER = "1"
"""Name of the rater of a table that names none."""

_SHARED = ("date_start", "date_end", "passive", "scope_region", "scope_industry")
"""What all raters of an event must say alike, since it is not rated."""
_DATE = re.compile(r"(\d{4})(?:[-/.年]?(\d{1,2})(?:[-/.月]?(\d{1,2})日?)?)?月?(?:[ T].*)?")
_FLAGS = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}


def no_events() -> pd.DataFrame:
    """The table of a study without events: its columns and no row."""
    numbers = ("passive", *SCALES)
    return pd.DataFrame({name: pd.Series(dtype="float64" if name in numbers else "str") for name in COLUMNS})


def event_table(raw: pd.DataFrame, where: str = "events") -> pd.DataFrame:
    """The events as every later step takes them; a table that is so already comes back as it is.

    Parameters
    ----------
    raw : DataFrame
        One row per event and rater; the columns of `COLUMNS`, of which those of `NEEDED` must be there.
    where : str
        For messages.

    Returns
    -------
    DataFrame
        All of `COLUMNS`, by event and rater: dates as 2015-03-01, `passive` and ratings as numbers, scopes as codes
        joined by semicolons.

    Raises
    ------
    InputError
        With every mistake found: a column or an event_id that is missing, a date that is none, an end before the
        start, `passive` that is neither 0 nor 1, a rating beyond 1 to 5, an event that nobody rated in full, raters
        who disagree on what is not rated, an event that a rater has twice.
    """
    if raw.empty:
        return no_events()
    missing = [name for name in NEEDED if name not in raw.columns]
    if missing:
        mend = "map them under columns, or name the file's columns so"
        raise InputError(Problem(where, f"the events have no column {', '.join(missing)}", mend=mend))
    raw = _placed(raw.reset_index(drop=True), where)
    problems: list[Problem] = []
    table = _typed(raw, where, problems)
    problems += [*_periods(table, raw, where), *_keys(table, raw, where)]
    if not problems:
        problems += [*_raters_apart(table, where), *_unrated(table, where)]
    if problems:
        raise InputError(problems)
    return table.sort_values(["event_id", "rater"], kind="stable").reset_index(drop=True)


def _placed(raw: pd.DataFrame, where: str) -> pd.DataFrame:
    """The rows with their places, for messages: those of a table that is no file are counted."""
    if LINE in raw.columns:
        return raw
    return pd.concat([raw, pd.DataFrame({FILE: where, LINE: np.arange(1, len(raw) + 1)}, index=raw.index)], axis=1)


def _typed(raw: pd.DataFrame, where: str, problems: list[Problem]) -> pd.DataFrame:
    """The columns, built one by one; what cannot be read is missing and told in `problems`."""
    out = no_events().reindex(raw.index)
    for name in ("event_id", "rater", "title", "issuer", "origin_level", "source_url"):
        if name in raw.columns:
            out[name] = as_codes(raw[name])
    if "rater" not in raw.columns:
        out["rater"] = ONE_RATER
    for name in ("date_start", "date_end"):
        if name in raw.columns:
            out[name] = _dates(raw, name, where, problems)
    out["passive"] = _flags(raw, where, problems)
    for name in SCALES:
        out[name] = _ratings(raw, name, where, problems)
    for name in ("scope_region", "scope_industry"):
        if name in raw.columns:
            listed = [";".join(scope_of(text)) or None for text in as_codes(raw[name])]
            out[name] = pd.Series(listed, index=raw.index, dtype="str")
    return out


def _problem(
    raw: pd.DataFrame, bad: NDArray[np.bool_], name: str, where: str, what: str, mend: str
) -> Iterator[Problem]:
    rows = np.flatnonzero(bad)
    if len(rows):
        shown = tuple(place(raw, row, raw[name].tolist()[row]) for row in rows[:10])
        yield Problem(f"{where}.{name}", f"{len(rows):,} {what}", shown, mend)


def _dates(raw: pd.DataFrame, name: str, where: str, problems: list[Problem]) -> pd.Series:
    values = raw[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    texts = as_codes(values)
    found = [None if pd.isna(text) else _date(str(text), last=name == "date_end") for text in texts]
    dates = pd.Series(found, index=raw.index, dtype="str")
    bad = (texts.notna() & dates.isna()).to_numpy()
    problems += _problem(raw, bad, name, where, "values are not dates", "write them as 2015-03-01, 201503 or 2015")
    return dates


def _date(text: str, *, last: bool) -> str | None:
    """A date as 2015-03-01; of a month or a year the first day, or the last. None for what is no date."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1])
    month = int(found[2] or (12 if last else 1))
    try:
        day = int(found[3] or (monthrange(year, month)[1] if last else 1))
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _flags(raw: pd.DataFrame, where: str, problems: list[Problem]) -> pd.Series:
    flags = as_codes(raw["passive"]).str.lower().map(_FLAGS).astype(float)
    what = "values of passive are unknown; expected 1 (passive) or 0 (active)"
    problems += _problem(raw, flags.isna().to_numpy(), "passive", where, what, "fill in 0 or 1")
    return flags


def _ratings(raw: pd.DataFrame, name: str, where: str, problems: list[Problem]) -> pd.Series:
    try:
        ratings = as_numbers(raw[name], raw, f"{where}.{name}")
    except InputError as error:
        problems += error.problems
        return pd.Series(np.nan, index=raw.index)
    bad = (ratings.notna() & ~ratings.between(LOWEST, HIGHEST)).to_numpy()
    what = f"ratings are not between {LOWEST} and {HIGHEST}"
    problems += _problem(raw, bad, name, where, what, "rate on the anchored scale, or leave the cell empty")
    return ratings


def _periods(table: pd.DataFrame, raw: pd.DataFrame, where: str) -> Iterator[Problem]:
    unknown = table["date_start"].isna() & raw["date_start"].isna()
    yield from _problem(raw, unknown.to_numpy(), "date_start", where, "events have no start", "fill in the date")
    early = (table["date_end"] < table["date_start"]).fillna(False).to_numpy(dtype=bool)
    what = "events end before they start"
    yield from _problem(raw, early, "date_end", where, what, "correct date_start or date_end")


def _keys(table: pd.DataFrame, raw: pd.DataFrame, where: str) -> Iterator[Problem]:
    for name in ("event_id", "rater"):
        if name in raw.columns:
            unknown = table[name].isna().to_numpy()
            yield from _problem(raw, unknown, name, where, f"rows have no {name}", "fill it, or filter them out")
    known = table["event_id"].notna() & table["rater"].notna()
    twice = (table.duplicated(["event_id", "rater"], keep=False) & known).to_numpy()
    what = "rows share event and rater with another"
    yield from _problem(raw, twice, "event_id", where, what, "one row per event and rater")


def _raters_apart(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Events whose rows differ in what is not rated."""
    kinds = table.groupby("event_id")[list(_SHARED)].nunique(dropna=False) > 1
    rows = tuple(
        f"event {event}: {', '.join(name for name in _SHARED if kinds.loc[event, name])}"
        for event in kinds.index[kinds.any(axis=1)][:10]
    )
    if rows:
        what = f"{int(kinds.any(axis=1).sum()):,} events are not the same in the rows of all their raters"
        yield Problem(where, what, rows, "only novelty, disruption and criticality are each rater's own")


def _unrated(table: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Events that no rater rated on all three scales: they have no strength."""
    rated = table[list(SCALES)].notna().all(axis=1).groupby(table["event_id"]).any()
    events = tuple(f"event {event}" for event in rated.index[~rated][:10])
    if events:
        what = f"{int((~rated).sum()):,} events have no rater who rated all of {', '.join(SCALES)}"
        yield Problem(where, what, events, "rate them, or filter them out")
