"""Reading shares of units in shocks, and the shocks: one row per unit and shock, one per shock and year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.convert import as_codes, as_numbers, check_options, typed
from involution.panel.evaluate import check_columns, computed, filtered, place
from involution.panel.join import stacked
from involution.panel.match import comparable
from involution.panel.read import Reading, read_source
from involution.study.data import Shares, ShiftShare, Shocks

SHOCK, SHARE, YEAR, GROUP = "shock", "share", "year", "group"
_WHERE = "data.shift_share"
_ROUNDING = 1e-6


@dataclass(frozen=True)
class ReadShiftShare:
    """Shares and shocks as read.

    Attributes
    ----------
    shares : DataFrame
        Columns of the unit under the panel's names, shock, share; no row where the study names none.
    shocks : DataFrame
        Columns shock, year, group, and the sizes under the study's names; missing sizes are left out row by row.
    report : dict
    readings : list of Reading
    """

    shares: pd.DataFrame
    shocks: pd.DataFrame
    report: dict[str, Any] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)


def no_shares() -> pd.DataFrame:
    """The shares of a study that names none."""
    return pd.DataFrame({SHOCK: pd.Series(dtype=str), SHARE: pd.Series(dtype=float)})


def no_shocks() -> pd.DataFrame:
    """The shocks of a study that names none."""
    return pd.DataFrame({name: pd.Series(dtype=float if name == YEAR else str) for name in (SHOCK, YEAR, GROUP)})


def read_shift_share(options: ShiftShare | None, panel: pd.DataFrame, resolve: Callable[[str], str]) -> ReadShiftShare:
    """Read, check and describe the shares and shocks of a study.

    Parameters
    ----------
    options : study.data.ShiftShare or None
    panel : DataFrame
        In which the units are looked up.
    resolve : callable
        From a source to a path.

    Raises
    ------
    InputError
        For a file or a row that cannot be used: shares below zero or that add up to more than one, pairs that stand
        twice, units or shocks of which the other side knows none.
    """
    if options is None:
        return ReadShiftShare(no_shares(), no_shocks())
    shares, read = _shares(options.shares, resolve)
    shocks, more = _shocks(options.shocks, resolve)
    keys = list(options.shares.keys)
    known = comparable(panel, keys, "code", f"{_WHERE}.shares").drop_duplicates()
    units = shares[keys].drop_duplicates()
    matched = units.merge(known, on=keys, how="inner")
    without = shares.loc[~shares[SHOCK].isin(shocks[SHOCK]), SHOCK].unique()
    if matched.empty:
        raise InputError(
            Problem(f"{_WHERE}.shares.keys", "no unit of the file is in the panel", mend="check the codes")
        )
    if len(without) == shares[SHOCK].nunique():
        what = "no shock of the shares is among the shocks"
        raise InputError(Problem(f"{_WHERE}.shocks.shock", what, mend="name them alike in both files"))
    report = {
        "units": len(units),
        "unmatched_units": len(units) - len(matched),
        "panel_units_without_shares": len(known.dropna()) - len(matched),
        "shocks": int(shocks[SHOCK].nunique()),
        "shocks_without_size": sorted(without.tolist())[:20],
        "sources": [*options.shares.source, *options.shocks.source],
    }
    return ReadShiftShare(shares, shocks, report, [*read, *more])


def _read(options: Shares | Shocks, named: dict[str, str], where: str, resolve: Callable[[str], str]) -> Any:
    readings = read_source(options, resolve)
    raw = stacked(readings, where)
    check_columns(raw, named, options.filter, f"{where}.filter")
    kept = filtered(raw, options.filter, f"{where}.filter").reset_index(drop=True)
    if kept.empty:
        raise InputError(Problem(f"{where}.filter", "no row is left", mend="check the filter"))
    return kept, readings


def _shares(options: Shares, resolve: Callable[[str], str]) -> tuple[pd.DataFrame, list[Reading]]:
    where = f"{_WHERE}.shares"
    taken = [name for name in options.keys if name in (SHOCK, SHARE)]
    if taken:
        raise InputError(Problem(f"{where}.keys", f"'{taken[0]}' is no column of a unit"))
    named = {f"{where}.keys.{name}": source for name, source in options.keys.items()}
    named |= {f"{where}.shock": options.shock, f"{where}.share": options.share}
    raw, readings = _read(options, named, where, resolve)
    check_options([*options.keys], options.pad, {}, where)
    out = pd.DataFrame(index=raw.index)
    for name, source in options.keys.items():
        place_of = f"{where}.keys.{name}"
        out[name] = typed(name, computed(raw, source, place_of), raw, place_of, options.pad, {})
    keys = list(options.keys)
    out = comparable(out, keys, "code", where)
    out[SHOCK] = as_codes(computed(raw, options.shock, f"{where}.shock"))
    out[SHARE] = as_numbers(computed(raw, options.share, f"{where}.share"), raw, f"{where}.share")
    problems = [
        *_wrong(raw, out[[*keys, SHOCK, SHARE]].isna().any(axis=1), where, "rows have no unit, shock or share"),
        *_wrong(raw, out[SHARE] < 0, f"{where}.share", "shares are below zero"),
        *_wrong(raw, out.duplicated([*keys, SHOCK], keep=False), where, "rows share unit and shock with another"),
    ]
    sums = out.groupby(keys)[SHARE].transform("sum")
    problems += _wrong(raw, sums > 1 + _ROUNDING, f"{where}.share", "rows are of units whose shares add up to over one")
    if problems:
        raise InputError(problems)
    return out[out[SHARE] > 0].sort_values([*keys, SHOCK], kind="stable").reset_index(drop=True), readings


def _shocks(options: Shocks, resolve: Callable[[str], str]) -> tuple[pd.DataFrame, list[Reading]]:
    where = f"{_WHERE}.shocks"
    taken = [name for name in options.columns if name in (SHOCK, YEAR, GROUP)]
    if taken:
        raise InputError(Problem(f"{where}.columns", f"'{taken[0]}' is taken: call the column by another name"))
    named = {f"{where}.columns.{name}": source for name, source in options.columns.items()}
    named |= {f"{where}.shock": options.shock, f"{where}.year": options.year}
    named |= {f"{where}.group": options.group} if options.group is not None else {}
    raw, readings = _read(options, named, where, resolve)
    out = pd.DataFrame({SHOCK: as_codes(computed(raw, options.shock, f"{where}.shock"))})
    out[YEAR] = as_numbers(computed(raw, options.year, f"{where}.year"), raw, f"{where}.year")
    out[GROUP] = out[SHOCK] if options.group is None else as_codes(computed(raw, options.group, f"{where}.group"))
    for name, source in options.columns.items():
        out[name] = as_numbers(computed(raw, source, f"{where}.columns.{name}"), raw, f"{where}.columns.{name}")
    problems = [
        *_wrong(raw, out[[SHOCK, YEAR, GROUP]].isna().any(axis=1), where, "rows have no shock, year or group"),
        *_wrong(raw, out.duplicated([SHOCK, YEAR], keep=False), where, "rows share shock and year with another"),
        *_wrong(raw, out.groupby(SHOCK)[GROUP].transform("nunique") > 1, where, "rows are of shocks in several groups"),
    ]
    if problems:
        raise InputError(problems)
    return out.sort_values([SHOCK, YEAR], kind="stable").reset_index(drop=True), readings


def _wrong(raw: pd.DataFrame, bad: pd.Series, where: str, what: str) -> Iterator[Problem]:
    rows = np.flatnonzero(bad.to_numpy(dtype=bool))
    if len(rows):
        shown = tuple(place(raw, int(row)) for row in rows[:10])
        yield Problem(where, f"{len(rows):,} {what}", shown, "correct them, or filter them out")
