"""Where and how strongly events reach: ratings, targets, years, and the places of a panel that they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.measures.view import Codes, Floats, View
from involution.panel.event_table import HIGHEST, LOWEST, SCALES
from involution.panel.scope import in_scope, scope_of

HALF_LIFE = 2.0
"""Years after its end in which an event's reach halves."""
NEAR = 0.5
"""Proximity of a firm in the target industries or the target regions, but not in both."""
LEVELS = ("industry", "region")
COORDINATES = ("latitude", "longitude")
EARTH_RADIUS = 6_371.0088
"""Kilometres: mean radius of the International Union of Geodesy and Geophysics."""


@dataclass(frozen=True)
class Reach:
    """How far events reach: the judgements of the measure beside the ratings.

    Attributes
    ----------
    half_life : float
        Years after its end in which an event's reach halves.
    near : float
        Proximity of a firm in the target industries or the target regions, but not in both.
    distance : float, optional
        Kilometres over which the proximity of a firm in neither falls by a factor e; none without.
    """

    half_life: float = HALF_LIFE
    near: float = NEAR
    distance: float | None = None

    def kernel(self, years: Floats, start: float, end: float) -> Floats:
        """Zero before the year of the onset, one from it to that of the end, then ``2 ** (-(t - end) / half_life)``."""
        after = np.maximum(years - end, 0.0)
        return np.where(years < start, 0.0, 2.0 ** (-after / self.half_life))


USUAL = Reach()


@dataclass(frozen=True)
class Event:
    """An event as its raters saw it.

    Attributes
    ----------
    passive : bool
        It befalls firms; an active one is of their own doing.
    ratings : array of float, shape (3,)
        Novelty, disruption and criticality from zero to one, mean over the raters who gave all three.
    start, end : float
        Years; the end of an event that lasts is infinite.
    scopes : dict
        By level, the codes it is aimed at; none for all.
    origin : str
        Level of government that it comes from; empty where the table does not say.
    """

    passive: bool
    ratings: Floats
    start: float
    end: float
    scopes: dict[str, tuple[str, ...]]
    origin: str = ""

    @property
    def strength(self) -> float:
        """``[(novelty + disruption + criticality) / 3 - 1] / 4`` over the raters."""
        return float(self.ratings.mean())

    def weighted(self, weights: Sequence[float]) -> float:
        """The strength with weights for novelty, disruption and criticality, which need not sum to one."""
        return float(np.average(self.ratings, weights=weights))


def rated_events(table: pd.DataFrame) -> list[Event]:
    """The events of a table with one row per event and rater, in the order of their names."""
    rated = table.dropna(subset=list(SCALES))
    ratings = (rated.groupby("event_id")[list(SCALES)].mean() - LOWEST) / (HIGHEST - LOWEST)
    shared = table.drop_duplicates("event_id")
    return [
        Event(
            passive=bool(row["passive"]),
            ratings=ratings.loc[str(row["event_id"])].to_numpy(dtype=float),
            start=float(str(row["date_start"])[:4]),
            end=np.inf if pd.isna(row["date_end"]) else float(str(row["date_end"])[:4]),
            scopes={level: scope_of(row[f"scope_{level}"]) for level in LEVELS},
            origin="" if pd.isna(row["origin_level"]) else str(row["origin_level"]),
        )
        for row in shared.to_dict("records")
    ]


@dataclass(frozen=True)
class Places:
    """The distinct industries, regions and years of a panel's rows: firms that share them meet the same events.

    Attributes
    ----------
    row : array of int, shape (n,)
        Place of each row.
    year : array of float, shape (places,)
    codes : dict
        By level, the number of the code of each place, -1 where it is missing.
    names : dict
        By level, the codes.
    coordinates : array of float, shape (regions, 2), or None
        Latitude and longitude of each region in degrees, where the panel has both.
    """

    row: Codes
    year: Floats
    codes: dict[str, Codes]
    names: dict[str, list[str]]
    coordinates: Floats | None = None

    def proximity(self, event: Event, reach: Reach = USUAL) -> Floats:
        """One in scope by industry and region, `near` by one of them, else zero, or ``exp(-km / distance)`` from the
        nearest target region of the panel; missing where a code is, or coordinates that are needed."""
        inside = np.zeros(len(self.year))
        for level in LEVELS:
            inside += self._inside(event.scopes[level], level)
        proximity = np.where(inside == len(LEVELS), 1.0, np.where(inside > 0, reach.near, 0.0 * inside))
        if reach.distance is None:
            return proximity
        return np.where(inside == 0, np.exp(-self._kilometres(event) / reach.distance), proximity)

    def _kilometres(self, event: Event) -> Floats:
        """From each place to the nearest region of the panel that the event aims at; infinite where there is none."""
        if self.coordinates is None:
            raise ValueError("distance needs the coordinates of regions")
        aimed = np.array([in_scope(name, event.scopes["region"]) for name in self.names["region"]], dtype=bool)
        known = self.coordinates[aimed & ~np.isnan(self.coordinates).any(axis=1)]
        away = great_circle(self.coordinates, known).min(axis=1, initial=np.inf)
        away[np.isnan(self.coordinates).any(axis=1)] = np.nan
        return np.append(away, np.nan)[self.codes["region"]]

    def _inside(self, scope: tuple[str, ...], level: str) -> Floats:
        if not scope:
            return np.ones(len(self.year))
        by_code = np.array([*(float(in_scope(name, scope)) for name in self.names[level]), np.nan])
        return by_code[self.codes[level]]


def places_of(panel: View) -> Places:
    """Where and when the rows of a panel stand; a level that the panel does not have is missing throughout."""
    joined = panel.year - panel.year.min() if len(panel) else panel.year
    size = int(joined.max(initial=0)) + 1
    codes: dict[str, Codes] = {}
    names: dict[str, list[str]] = {}
    for level in LEVELS:
        values = panel.frame[level] if level in panel.frame.columns else pd.Series(None, panel.frame.index, "str")
        found, known = pd.factorize(values)
        joined = joined + size * (found + 1)
        size *= len(known) + 1
        codes[level], names[level] = found, [str(name) for name in known]
    first = np.flatnonzero(~pd.Series(joined).duplicated().to_numpy())
    by_place = {level: found[first] for level, found in codes.items()}
    row, year = pd.factorize(joined)[0], panel.year[first].astype(float)
    return Places(row, year, by_place, names, _coordinates(panel, codes["region"], len(names["region"])))


def _coordinates(panel: View, region: Codes, regions: int) -> Floats | None:
    """Mean latitude and longitude of the rows of each region; None where the panel has not both as numbers."""
    columns = [panel.frame[name] for name in COORDINATES if name in panel.frame.columns]
    if len(columns) < len(COORDINATES) or not all(map(pd.api.types.is_numeric_dtype, columns)):
        return None
    known = np.flatnonzero(region >= 0)
    by_region = pd.DataFrame({column.name: column.to_numpy(dtype=float, na_value=np.nan)[known] for column in columns})
    return np.asarray(by_region.groupby(region[known]).mean().reindex(range(regions)), dtype=float)


def great_circle(start: Floats, end: Floats) -> Floats:
    """Kilometres between points on a sphere of the Earth's mean radius (haversine).

    Parameters
    ----------
    start, end : array of float, shape (n, 2) and (m, 2)
        Latitude and longitude in degrees.

    Returns
    -------
    array of float, shape (n, m)
    """
    (a, b), (c, d) = np.radians(start).T[:, :, None], np.radians(end).T[:, None, :]
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
