"""Between which levels of a treatment effects are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import InputError, NotEstimable, Problem
from involution.models.groupings import Floats
from involution.models.notes import Note, note

Levels = tuple[Any, Any] | Literal["each"] | None
EACH = "each"
FEW_VALUES = 10


@dataclass(frozen=True)
class Contrast:
    """A low and a high level of the treatment, in its columns.

    Attributes
    ----------
    label : str
        Of the high level, such as ``size=large``; empty where there is only one contrast.
    low, high : array of float, shape (q,)
        Values of the treatment's columns.
    """

    label: str
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Treatment:
    """The treatment as columns of every equation, and the contrasts asked for.

    Attributes
    ----------
    columns : dict of str to array of float, shape (N,)
        Columns to be added to the data: indicators of levels; empty where the treatment enters as it is.
    names : tuple of str
        Columns of the treatment, q of them.
    contrasts : tuple of Contrast
    remark : Note
    """

    columns: Mapping[str, Floats]
    names: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    remark: Note


def is_text(column: pd.Series) -> bool:
    """Whether a treatment's values are names rather than numbers."""
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def coded_treatment(data: pd.DataFrame, name: str, rows: NDArray[np.bool_], levels: Levels) -> Treatment:
    """Code a treatment.

    Parameters
    ----------
    data : DataFrame
    name : str
    rows : array of bool, shape (N,)
        Rows that are used; the treatment is known there.
    levels : tuple, "each" or None
        A low and a high level; ``each``: every value against the lowest. By default the two values of a binary
        treatment; each value against the lowest where these are text, or whole numbers and at most `FEW_VALUES`; for
        any other half a standard deviation below and above the mean.

    Raises
    ------
    InputError
        For levels that are no pair of different values of the treatment.
    NotEstimable
        When the treatment does not vary.
    """
    values = sorted(data.loc[rows, name].unique())
    if len(values) < 2:
        raise NotEstimable(f"the treatment {name} does not vary in the sample")
    if levels is not None and levels != EACH:
        return _between(data, name, rows, values, levels)
    numeric = not is_text(data[name])
    if numeric and levels is None:
        if len(values) == 2:
            return _numeric(name, float(values[0]), float(values[1]))
        if len(values) > FEW_VALUES or any(float(value) % 1 for value in values):
            column = data.loc[rows, name].to_numpy(dtype=float)
            low, high = column.mean() - column.std(ddof=1) / 2, column.mean() + column.std(ddof=1) / 2
            return _numeric(name, float(low), float(high), "potential_half_deviations")
    if len(values) - 1 > FEW_VALUES:
        mend = "name two: levels=(low, high)"
        raise InputError(Problem("levels", f"{name} has {len(values)} values, too many for each of them", (), mend))
    return _each(data, name, values, values[1:])


def _between(
    data: pd.DataFrame, name: str, rows: NDArray[np.bool_], values: list[Any], levels: Sequence[Any]
) -> Treatment:
    if isinstance(levels, str) or len(levels) != 2 or levels[0] == levels[1]:
        raise InputError(Problem("levels", f"found {levels!r}", mend="write a low and a high level, or 'each'"))
    if not is_text(data[name]):
        return _numeric(name, float(levels[0]), float(levels[1]))
    unknown = [level for level in levels if level not in values]
    if unknown:
        known = ", ".join(map(str, values[:FEW_VALUES]))
        raise InputError(Problem("levels", f"'{unknown[0]}' is no value of {name}; there are {known}"))
    others = [value for value in values if value != levels[0]]
    made = _each(data, name, [levels[0], *others], [levels[1]])
    return Treatment(
        made.columns, made.names, (Contrast("", made.contrasts[0].low, made.contrasts[0].high),), made.remark
    )


def _numeric(name: str, low: float, high: float, code: str = "potential_levels") -> Treatment:
    remark = note(code, treatment=name, low=f"{low:.6g}", high=f"{high:.6g}")
    return Treatment({}, (name,), (Contrast("", np.array([low]), np.array([high])),), remark)


def _each(data: pd.DataFrame, name: str, values: list[Any], asked: list[Any]) -> Treatment:
    """Indicators of every value but the first, and the contrasts of those asked for with the first."""
    names = {value: f"{name}={shown(value)}" for value in values[1:]}
    columns = {
        label: np.where(data[name].isna(), np.nan, (data[name] == value).to_numpy(dtype=float))
        for value, label in names.items()
    }
    reference = np.zeros(len(names))
    contrasts = tuple(
        Contrast(names[value], reference, np.array([float(other == value) for other in names])) for value in asked
    )
    remark = note("potential_each", treatment=name, low=shown(values[0]), high=", ".join(map(shown, asked)))
    return Treatment(columns, tuple(names.values()), contrasts, remark)


def shown(value: Any) -> str:
    """A level as terms have it: whole numbers without a decimal point."""
    number = isinstance(value, (bool, int, float, np.number, np.bool_))
    return f"{float(value):.15g}" if number else str(value)


def within_contrast(term: str, contrast: str) -> str | None:
    """The term without the level of a treatment that has several; None where it is of another level.

    ``indirect[m,size=large]`` is ``indirect[m]`` and ``total[size=large]`` is ``total`` within ``size=large``; within
    the empty contrast every term is itself.
    """
    if not contrast:
        return term
    for ending, rest in ((f",{contrast}]", "]"), (f"[{contrast}]", "")):
        if term.endswith(ending):
            return term.removesuffix(ending) + rest
    return None
