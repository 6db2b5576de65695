"""Which rows of a file belong to which rows of the panel, and what keys that do not meet have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.convert import as_codes
from involution.panel.places import bare, named_places

TOLERATED = 0.25
"""Share of the panel's rows that may be without a match because of leading zeros alone."""


def comparable(frame: pd.DataFrame, names: list[str], match: str, where: str) -> pd.DataFrame:
    """Comparable keys: years as numbers, everything else as text; names of places without spaces and suffixes."""
    out: dict[str, pd.Series] = {}
    for name in names:
        if name not in frame.columns:
            raise InputError(Problem(f"{where}.keys", f"the panel has no column '{name}'"))
        values = frame[name]
        if name == "year":
            out[name] = values.astype(float)
            continue
        shown = as_codes(values)
        if match == "name":
            shown = named_places(shown.rename(name))
            bared = {value: bare(value) for value in shown.dropna().unique()}
            shown = shown.map(bared).astype("str").where(shown.notna())
        out[name] = shown
    return pd.DataFrame(out)


def examples(keys: pd.DataFrame) -> list[str]:
    """The first twenty keys, written out."""
    ordered = keys.apply(as_codes).fillna("missing").sort_values(list(keys.columns)).head(20)
    return [", ".join(row) for row in ordered.itertuples(index=False)]


def lacking(keys: pd.DataFrame, others: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """By key, the values that no row on the other side has: rows, values, and the first of them, written out."""
    out = {}
    for name in keys.columns:
        alone = keys[name].notna() & ~keys[name].isin(others[name])
        if alone.any():
            values = as_codes(keys.loc[alone, name]).drop_duplicates().sort_values()
            out[str(name)] = {"rows": int(alone.sum()), "values": len(values), "examples": list(values.head(10))}
    return out


def check_matches(left: pd.DataFrame, right: pd.DataFrame, matched: pd.Series, where: str) -> None:
    """Hold the panel's keys against the file's.

    Parameters
    ----------
    left, right : DataFrame
        Comparable keys of the panel and of the file.
    matched : Series of bool
        Whether each row of the panel has its row in the file.
    where : str
        Section of the study file.

    Raises
    ------
    InputError
        When no row matches, and when many do not for want of leading zeros.
    """
    if matched.mean() >= 1 - TOLERATED:
        return
    alike = _alike(left[~matched.to_numpy()], right)
    if len(alike) > TOLERATED * len(left) or (len(alike) and not matched.any()):
        raise InputError(_zeros(alike, list(left.columns), len(left), where))
    if not matched.any():
        raise InputError(_nothing(left, right, where))


def _alike(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Rows of the panel whose keys a row of the file has but for leading zeros, both side by side."""
    names = list(left.columns)
    sides = []
    for keys, suffix in ((left, "_panel"), (right.drop_duplicates(), "_file")):
        known = keys.dropna()
        bare = known.apply(lambda values: values if values.name == "year" else values.str.lstrip("0"))
        sides.append(pd.concat([bare, known.add_suffix(suffix)], axis=1))
    panel, file = sides
    return pd.DataFrame(panel.merge(file.drop_duplicates(names), on=names))


def _zeros(alike: pd.DataFrame, names: list[str], rows: int, where: str) -> Problem:
    short: dict[str, dict[str, int]] = {}
    shown: list[str] = []
    for name in names:
        panel, file = alike[f"{name}_panel"].astype(str).str.len(), alike[f"{name}_file"].astype(str).str.len()
        width = int(max(panel.max(), file.max()))
        if name != "year" and (file < panel).any():
            short.setdefault(where, {})[name] = width
        if name != "year" and (panel < file).any():
            short.setdefault("data.panel", {})[name] = width
        if name != "year" and (panel != file).any():
            first = alike[(panel != file).to_numpy()].iloc[0]
            shown.append(f"{name}: '{first[f'{name}_panel']}' in the panel, '{first[f'{name}_file']}' in the file")
    mend = " and ".join(f"pad: {_flow(widths)} in {section}" for section, widths in short.items())
    what = f"{len(alike):,} of the panel's {rows:,} rows do not match because leading zeros are missing"
    return Problem(where, what, tuple(shown), mend)


def _flow(widths: Mapping[str, int]) -> str:
    return "{" + ", ".join(f"{name}: {width}" for name, width in widths.items()) + "}"


def _nothing(left: pd.DataFrame, right: pd.DataFrame, where: str) -> Problem:
    names = ", ".join(left.columns)
    rows = tuple(
        f"first keys of the {side}: {'; '.join(examples(keys.drop_duplicates())[:5]) or 'none, no row is left'}"
        for side, keys in (("panel", left), ("file", right))
    )
    mend = "make the keys equal: pad for leading zeros, match: name for names, year(<date column>) for dates"
    return Problem(where, f"no row of the panel has its keys ({names}) in the file", rows, mend)
