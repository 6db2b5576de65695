"""The list of measures: one function each, registered with its dictionary entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from pandas.api.extensions import ExtensionArray

from involution.measures.view import Floats, View

Measure = Callable[[View], Floats]
Level = Literal["firm", "industry", "region"]


@dataclass(frozen=True)
class Entry:
    """What the dictionary says of a measure.

    Attributes
    ----------
    name, label_en, label_zh : str
    formula : str
        In canonical column names.
    unit : str
    family : str
        squeeze, effort, crowding, concentration, margins, innovation, short_termism, constraint, capabilities,
        size, events.
    direction : {"+", "-", ""}
        Sign with which it enters involution-type competition.
    source : str
        Author and year, or "definition".
    needs : tuple of str
        Canonical columns or other measures it is computed from; a name that ends in ``*`` stands for every column
        that begins so, of which one is enough.
    any_of : tuple of str
        Columns or measures of which it takes those that the panel has, and needs at least one.
    first_of : tuple of str
        Columns or measures of which it takes the first that the panel has, and needs one.
    level : {"firm", "industry", "region"}
        Level at which it varies (with the year); an index that leaves the firm out is at its industry's level.
    leave_one_out : bool
    of_population : bool
        Computed over the firms of the panel: its coverage is that of the panel.
    """

    name: str
    label_en: str
    label_zh: str
    formula: str
    unit: str
    family: str
    direction: str
    source: str
    needs: tuple[str, ...]
    any_of: tuple[str, ...]
    level: Level
    leave_one_out: bool
    of_population: bool
    first_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A measure that takes more than the panel's columns (a standard, a table of events), as it was made.

    Attributes
    ----------
    entry : Entry
    values : array or None
        One a row, numbers or text; None where the measure is not available.
    reason : str
        Why it is not available.
    """

    entry: Entry
    values: Floats | ExtensionArray | None
    reason: str = ""


REGISTRY: dict[str, Entry] = {}
FUNCTIONS: dict[str, Measure] = {}
"""By name, from the prepared panel to the measure, one value a row."""


def measure_entry(
    name: str,
    label_en: str,
    label_zh: str,
    formula: str,
    *,
    unit: str,
    family: str,
    needs: tuple[str, ...],
    any_of: tuple[str, ...] = (),
    first_of: tuple[str, ...] = (),
    direction: str = "",
    source: str = "definition",
    level: Level = "firm",
    leave_one_out: bool = False,
    of_population: bool = False,
) -> Callable[[Measure], Measure]:
    """Register the decorated function as the measure `name`; names are unique."""

    def register(function: Measure) -> Measure:
        if name in REGISTRY:
            raise ValueError(f"the measure '{name}' is registered twice")
        REGISTRY[name] = Entry(
            name, label_en, label_zh, formula, unit, family, direction, source, needs, any_of, level,
            leave_one_out, of_population, first_of,
        )  # fmt: skip
        FUNCTIONS[name] = function
        return function

    return register


def make(name: str, panel: View) -> Floats:
    """A measure, after those that it is made of; what the panel has under the name, if it does.

    Parameters
    ----------
    name : str
        Registered, its needs not missing from the panel.
    panel : View
        Keeps the measure, and those that it is made of.
    """
    if name not in panel:
        entry = REGISTRY[name]
        for need in (*entry.needs, *entry.any_of, *entry.first_of):
            if need in REGISTRY and not _missing(need, panel.frame.columns):
                make(need, panel)
        panel.made[name] = FUNCTIONS[name](panel)
    return panel[name]


def missing_needs(entry: Entry, columns: pd.Index) -> tuple[str, ...]:
    """Columns that the measure needs and the panel does not have (directly, or through other measures)."""
    missing: dict[str, None] = {}
    for name in entry.needs:
        missing |= dict.fromkeys(_missing(name, columns))
    for choice in (entry.any_of, entry.first_of):
        if choice and all(_missing(name, columns) for name in choice):
            missing[" or ".join(choice)] = None
    return tuple(missing)


def _missing(name: str, columns: pd.Index) -> tuple[str, ...]:
    """Columns that are missing for the need `name`."""
    if name in columns or (name.endswith("*") and any(str(column).startswith(name[:-1]) for column in columns)):
        return ()
    return missing_needs(REGISTRY[name], columns) if name in REGISTRY else (name,)
