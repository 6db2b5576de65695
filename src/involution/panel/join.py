"""Joining further files to the panel: by firm, region or industry, never multiplying a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.convert import as_first_years, check_options, typed
from involution.panel.evaluate import check_columns, computed, filtered, place
from involution.panel.match import check_matches, comparable, examples, lacking
from involution.panel.read import FILE, LINE, Reading, read_source
from involution.panel.regions import check_other_vintage, one_vintage
from involution.panel.statements import statements
from involution.study.data import Cohort, Join

_OF_TEXT = ("min", "max", "count", "first", "last")


def stacked(readings: list[Reading], where: str) -> pd.DataFrame:
    """Several files as one; each must have the columns of the first."""
    first = list(readings[0].frame.columns)
    for reading in readings[1:]:
        missing = [name for name in first if name not in reading.frame.columns]
        if missing:
            raise InputError(
                Problem(where, f"{reading.source} has no column '{missing[0]}', which {readings[0].source} has")
            )
    return pd.concat([reading.frame[first] for reading in readings], ignore_index=True)


def join_file(
    panel: pd.DataFrame, options: Join, position: int, resolve: Callable[[str], str]
) -> tuple[pd.DataFrame, dict[str, Any], list[Reading]]:
    """Add the columns of one file to the panel.

    Parameters
    ----------
    panel : DataFrame
    options : study.data.Join
    position : int
        Of the join in the study file, for messages.
    resolve : callable
        From a source to a path.

    Returns
    -------
    tuple
        The panel with the new columns; what matched and what did not; the files read.

    Raises
    ------
    InputError
        When keys are missing, repeat against the join's kind or match nothing, or a column exists already.
    """
    where = f"data.join[{position}]"
    taken = [name for name in options.columns if name in panel.columns]
    if taken:
        raise InputError(Problem(f"{where}.columns", f"the panel already has a column '{taken[0]}'"))
    readings = read_source(options, resolve)
    raw = _rows(readings, options, options.columns, where)
    table = _table(raw, options.keys, options.columns, options.pad, options.units, where)
    table, places = one_vintage(table, options.region_codes, where)
    _check_new(options.fill, table, options.columns, f"{where}.fill")
    _check_new(options.aggregate, table, options.columns, f"{where}.aggregate")
    unsaid = [name for name in options.columns if options.aggregate and name not in options.aggregate]
    if unsaid:
        raise InputError(Problem(f"{where}.aggregate", f"it does not say how to aggregate '{unsaid[0]}'"))
    keys = list(options.keys)
    left = comparable(panel, keys, options.match, where)
    right = comparable(table, keys, options.match, where)
    if options.aggregate:
        table, right = _aggregated(table, right, options)
    _check_unique(table, right, keys, where, "aggregate them, or filter the file")
    if options.kind == "one_to_one":
        _check_unique(panel, left, keys, where, "use validate: many_to_one")
    merged, report = _merged(panel, table, left, right, list(options.columns), options.fill, where)
    account = {"sources": options.source, "level": options.level, **_filtered(readings, raw), "regions": places}
    account |= {"filled": sorted(options.fill), "statements": statements(raw)}
    return merged, {**account, **report}, readings


def cohort_column(
    panel: pd.DataFrame, name: str, options: Cohort, resolve: Callable[[str], str]
) -> tuple[pd.DataFrame, dict[str, Any], list[Reading]]:
    """Add the first year of treatment; missing means never. Several years of a unit give the first."""
    where = f"data.cohorts.{name}"
    if name in panel.columns:
        raise InputError(Problem(where, f"the panel already has a column '{name}'"))
    readings = read_source(options, resolve)
    raw = _rows(readings, options, {}, where)
    table = _table(raw, options.keys, {}, options.pad, {}, where)
    table, places = one_vintage(table, options.region_codes, where)
    years = computed(raw, options.first_year, f"{where}.first_year")
    table[name] = as_first_years(years, raw, f"{where}.first_year").to_numpy()
    keys = list(options.keys)
    first = table.groupby(keys, sort=True, as_index=False)[[name]].min()
    first[FILE], first[LINE] = "", 0
    left, right = comparable(panel, keys, options.match, where), comparable(first, keys, options.match, where)
    _check_unique(first, right, keys, where, "write each name in one way, or filter the file")
    merged, report = _merged(panel, first, left, right, [name], {}, where)
    account = {"sources": options.source, "cohort": name, **_filtered(readings, raw), "regions": places}
    return merged, {**account, **report}, readings


def _rows(readings: list[Reading], options: Join | Cohort, columns: Mapping[str, str], where: str) -> pd.DataFrame:
    """The rows of a file that its filter keeps, once every column that is named is known to be there."""
    raw = stacked(readings, where)
    named = {f"{where}.keys.{name}": source for name, source in options.keys.items()}
    named |= {f"{where}.columns.{name}": source for name, source in columns.items()}
    if isinstance(options, Cohort):
        named[f"{where}.first_year"] = options.first_year
    check_columns(raw, named, options.filter, f"{where}.filter")
    return filtered(raw, options.filter, f"{where}.filter")


def _filtered(readings: list[Reading], kept: pd.DataFrame) -> dict[str, int]:
    read = sum(len(reading.frame) for reading in readings)
    return {"rows_read": read, "rows_filtered": read - len(kept)}


def _table(
    raw: pd.DataFrame,
    keys: Mapping[str, str],
    columns: Mapping[str, str],
    pad: Mapping[str, int],
    units: Mapping[str, float],
    where: str,
) -> pd.DataFrame:
    check_options([*keys, *columns], pad, units, where)
    out = pd.DataFrame(index=raw.index)
    for part, mapping in (("keys", keys), ("columns", columns)):
        for name, source in mapping.items():
            values = computed(raw, source, f"{where}.{part}.{name}")
            out[name] = typed(name, values, raw, f"{where}.{part}.{name}", pad, units)
    out[FILE], out[LINE] = raw[FILE], raw[LINE]
    return out.reset_index(drop=True)


def _check_new(named: Mapping[str, object], table: pd.DataFrame, columns: Mapping[str, str], where: str) -> None:
    """What is to be filled or aggregated is a new column, and numbers unless the aggregate is at home in text."""
    for name, how in named.items():
        if name not in columns:
            raise InputError(Problem(where, f"there is no new column '{name}'"))
        if how not in _OF_TEXT and not pd.api.types.is_numeric_dtype(table[name]):
            raise InputError(Problem(where, f"'{name}' is text and not a number (asked for: {how})"))


def _aggregated(table: pd.DataFrame, keys: pd.DataFrame, options: Join) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list(keys.columns)
    values = table[list(options.columns)]
    grouped = pd.concat([keys, values], axis=1).groupby(names, sort=True, dropna=False)
    parts = {}
    for name in options.columns:
        how = options.aggregate[name]
        # A sum of nothing but missing values is missing, not zero.
        parts[name] = grouped[name].sum(min_count=1) if how == "sum" else grouped[name].agg(how)
    result = pd.DataFrame(parts).reset_index()
    result[FILE], result[LINE] = "", 0
    return result, result[names]


def _check_unique(frame: pd.DataFrame, keys: pd.DataFrame, names: list[str], where: str, mend: str) -> None:
    complete = keys.notna().all(axis=1)
    twice = (keys.duplicated(keep=False) & complete).to_numpy().nonzero()[0]
    if not len(twice):
        return
    rows = []
    for row in twice[:10]:
        key = ", ".join(str(value) for value in frame[names].iloc[row])
        rows.append(f"{place(frame, row)}: {key}" if LINE in frame.columns and frame[LINE].iloc[row] else key)
    shown = ", ".join(names)
    raise InputError(Problem(where, f"{len(twice):,} rows share their keys ({shown}) with another", tuple(rows), mend))


def _merged(
    panel: pd.DataFrame,
    table: pd.DataFrame,
    left: pd.DataFrame,
    right: pd.DataFrame,
    columns: list[str],
    fill: Mapping[str, float],
    where: str,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    names = list(left.columns)
    known = right.notna().all(axis=1)
    source = pd.concat([right, table[columns]], axis=1)[known.to_numpy()].assign(_found=True)
    found = left.merge(source, on=names, how="left", validate="many_to_one")
    matched = found["_found"].fillna(False).astype(bool)
    check_other_vintage(left, right, matched, where)
    check_matches(left, right, matched, where)
    out = panel.copy()
    for name in columns:
        out[name] = found[name].to_numpy() if found[name].dtype != "str" else found[name].array
    for name, value in fill.items():
        # A row that the file has and leaves empty stays missing: only absence stands for the value.
        out[name] = out[name].where(matched.to_numpy(), value)
    # Missing keys are equal to pandas when it merges; here they match nothing.
    listed = right.merge(left.drop_duplicates(), on=names, how="left", indicator=True)["_merge"] == "both"
    used = listed & known.to_numpy()
    missing = left[~matched.to_numpy()].drop_duplicates()
    unused = right[~used.to_numpy()].drop_duplicates()
    return out, {
        "matched_rows": int(matched.sum()),
        "unmatched_panel_rows": int((~matched).sum()),
        "unmatched_panel_keys": examples(missing),
        "unmatched_file_rows": int((~used).sum()),
        "unmatched_file_keys": examples(unused),
        "lacking": {"panel": lacking(left, right), "file": lacking(right, left)},
    }
