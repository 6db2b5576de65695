"""What a section of the study asks for, on the data: dated columns, rows, clusters, events and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem, each
from involution.measures.event_reach import Event, Places, places_of, rated_events
from involution.measures.view import View
from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.exposure.pool import Lead
from involution.models.groupings import Codes, Floats
from involution.models.matrix import no_column, text_problems
from involution.models.notes import Note
from involution.models.own_design import formula_of, rows_of, ruled_clusters
from involution.panel.event_table import SCALES, event_table
from involution.study.exposure import EventExposure
from involution.study.sections import Blocks
from involution.study.timing import Timing, dated

LEAD = "event_exposure_lead"
_OF_ONE_SCALE = {f"event_{scale}": tuple(float(scale == other) for other in SCALES) for scale in SCALES}


@dataclass(frozen=True)
class Setting:
    """One section on the data.

    Attributes
    ----------
    asked : study.exposure.EventExposure
        Completed.
    data : DataFrame
        Columns of the models alone, over all rows of the population.
    rows : array of bool, shape (n,)
        Rows that may be used.
    cluster : tuple of str
    outcome, treatment : str
        Dated columns.
    controls : tuple of str
    table : DataFrame
        One row per event and rater.
    events : tuple of Event
    places : Places
    place : array of int, shape (n,)
        Where each row's firm stands in the year of the exposure; -1 where it has no row then.
    said : tuple of Note
    """

    asked: EventExposure
    data: pd.DataFrame
    rows: np.ndarray
    cluster: tuple[str, ...]
    outcome: str
    treatment: str
    controls: tuple[str, ...]
    table: pd.DataFrame
    events: tuple[Event, ...]
    places: Places
    place: Codes
    said: tuple[Note, ...]

    @property
    def timing(self) -> Timing:
        """The years of the columns."""
        assert self.asked.timing is not None
        return self.asked.timing

    @property
    def exposure(self) -> str:
        """Name of the exposure to passive events."""
        return dated(self.asked.exposure, self.asked.years)

    @property
    def active(self) -> str:
        """Name of the exposure to active events."""
        return dated("event_exposure_active", self.asked.years)

    @property
    def lead(self) -> Lead:
        """The year after the outcome's, and the events that have not begun in that of the outcome."""
        latest = max(self.timing.outcome, self.asked.years) - self.asked.years
        return Lead(latest + 1, latest)

    def of_kind(self, passive: bool) -> list[Event]:
        """The passive or the active events."""
        return [event for event in self.events if event.passive == passive]

    def strengths(self, events: Sequence[Event], weights: Sequence[float] | None = None) -> Floats:
        """Strength of each event by the scales of the exposure, or by other weights."""
        chosen = weights or _OF_ONE_SCALE.get(self.asked.exposure)
        found = [event.strength if chosen is None else event.weighted(chosen) for event in events]
        return np.array(found, dtype=float)

    def over_rows(self, by_place: Floats) -> Floats:
        """What places have, over the rows of the data; missing where a firm has no place."""
        return np.append(by_place, np.nan)[self.place]


def settings_of(study: Blocks, data: pd.DataFrame, run: Run) -> list[Setting]:
    """Every section on the data, names and rules checked.

    Raises
    ------
    InputError
        For events that are not there, columns that do not exist and designs that a rule refuses, all together.
    """
    whole = [section.completed(study.design) for section in study.exposure]
    return each(whole, lambda asked: _setting(asked, data, run), lambda asked: f"exposure: {asked.name}")


def _setting(asked: EventExposure, data: pd.DataFrame, run: Run) -> Setting:
    where, timing = f"exposure: {asked.name}", asked.timing or Timing()
    treatment, controls = asked.treatment or "", list(asked.controls or ())
    table = _events(asked, data, run, where)
    columns = [(asked.outcome, timing.outcome), (treatment, timing.treatment)]
    columns += [(name, timing.controls) for name in controls]
    whole, made = with_dated(data, columns, where, run.known.unavailable)
    outcome, regressor, *held = (dated(name, years) for name, years in columns)
    _check_numbers(whole, {"outcome": [outcome], "treatment": [regressor], "controls": held})
    rows = rows_of(asked.where, whole)
    formula = formula_of(outcome, [regressor, *held], asked.fixed_effects)
    cluster, said = ruled_clusters(asked, formula, treatment, whole, rows, run.known.defining(made), asked.vcov)
    parts = [name for effect in asked.fixed_effects or () for name in effect.split("^")]
    needed = ["firm", "year", outcome, regressor, *held, *parts, *cluster, *([asked.weights] if asked.weights else [])]
    missing = [name for name in dict.fromkeys(needed) if name not in whole.columns]
    if missing:
        raise InputError([Problem(where, no_column(name, whole.columns, run.known.unavailable)) for name in missing])
    view = View(data)
    places = places_of(view)
    _check_distance(asked, places)
    position = view.before(-asked.years)
    place = np.where(position < 0, -1, places.row[position])
    return Setting(
        asked, whole[list(dict.fromkeys(needed))], rows, tuple(cluster), outcome, regressor, tuple(held), table,
        tuple(rated_events(table)), places, place, tuple(said),
    )  # fmt: skip


def _events(asked: EventExposure, data: pd.DataFrame, run: Run, where: str) -> pd.DataFrame:
    """The study's events; an InputError where it has none or the panel not what they are aimed at."""
    if run.events is None or run.events.empty:
        mend = "give data.events, one row per event and rater"
        raise InputError(Problem(where, "the study has no events to be exposed to", mend=mend))
    if asked.exposure not in data.columns:
        raise InputError(Problem(f"{where}, exposure", no_column(asked.exposure, data.columns, run.known.unavailable)))
    return event_table(run.events)


def _check_distance(asked: EventExposure, places: Places) -> None:
    if asked.sensitivity is not None and asked.sensitivity.distance and places.coordinates is None:
        mend = "bring latitude and longitude of regions, in degrees, by data.panel.keep or a join at level region"
        raise InputError(Problem("sensitivity.distance", "the panel has no coordinates of regions", mend=mend))


def _check_numbers(data: pd.DataFrame, places: dict[str, list[str]]) -> None:
    problems = text_problems(data, places)
    if problems:
        raise InputError(problems)
