"""Places whose code has changed: found where a study has them under both codes, and brought to the later one."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.shipped import shipped_table
from involution.study.data import RegionCodes

_CODE = r"[1-9]\d{5}"
_PROVINCE, _PREFECTURE = "0000", "00"


@cache
def region_changes() -> pd.DataFrame:
    """Prefectures whose code has changed, by the first four digits of the old one, from `data/region_changes.csv`.

    Returns
    -------
    DataFrame
        new, change (``renumbered``; ``merged`` into a place that had its code before; ``split`` among several, new is
        empty), year from whose list on the old code is gone, label_en, label_zh_old, label_zh, source.
    """
    return shipped_table("region_changes.csv").set_index("old")


@cache
def _successors(changes: tuple[str, ...]) -> dict[str, str]:
    """From the first four digits of an old code to those of the code that now stands for it."""
    table = region_changes()
    return {str(old): str(new) for old, new in table.loc[table["change"].isin(changes), "new"].items()}


def one_vintage(frame: pd.DataFrame, codes: RegionCodes, where: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Bring the six-digit codes of a column `region` to one vintage.

    Parameters
    ----------
    frame : DataFrame
    codes : {"as_is", "current", "prefecture"}
        As they are; prefectures by their latest code; or that, and counties by their prefecture.
    where : str
        Section of the study file.

    Returns
    -------
    tuple
        The frame, and what was done: codes, recoded_rows, and split, the rows of each code whose prefecture was divided
        among others and which therefore stays. Empty without a column `region`.

    Raises
    ------
    InputError
        When codes are to be changed and there is no column `region`.
    """
    if "region" not in frame.columns:
        if codes != "as_is":
            raise InputError(
                Problem(f"{where}.region_codes", "there is no column 'region'", mend="map it, or remove this")
            )
        return frame, {}
    given = frame["region"]
    known = pd.Series(given.dropna().unique(), dtype="str")
    latest = dict(zip(known, _latest(known, codes), strict=True))
    made = given.map(latest).astype("str")
    split = made[made.str[:4].isin(_split()) & made.str.fullmatch(_CODE).fillna(False).astype(bool)]
    counts = split.value_counts().sort_index()
    recoded = int((made != given)[given.notna()].sum())
    report = {"codes": codes, "recoded_rows": recoded, "split": {str(code): int(n) for code, n in counts.items()}}
    return frame.assign(region=made), report


def _latest(known: pd.Series, codes: RegionCodes) -> pd.Series:
    if codes == "as_is":
        return known
    changed = known.str.fullmatch(_CODE) & ~known.str.endswith(_PROVINCE)
    if codes == "current":
        changed &= known.str.endswith(_PREFECTURE)
    successors = _successors(("renumbered", "merged"))
    prefixes = known.str[:4].map(lambda prefix: successors.get(prefix, prefix))
    return known.mask(changed, prefixes + _PREFECTURE)


def _split() -> list[str]:
    table = region_changes()
    return [str(old) for old in table.index[table["change"] == "split"]]


def check_vintages(panel: pd.DataFrame, where: str) -> None:
    """Hold the panel's regions against the list of codes that have changed.

    Raises
    ------
    InputError
        When a place that was given another code stands under both.
    """
    if "region" not in panel.columns:
        return
    codes = panel["region"]
    known = codes.str.fullmatch(_CODE).fillna(False).astype(bool)
    rows = panel.loc[known, ["region", "year"]].assign(prefix=codes[known].str[:4])
    present = set(rows["prefix"])
    pairs = {old: new for old, new in _successors(("renumbered",)).items() if {old, new} <= present}
    if not pairs:
        return
    shown = []
    for old, new in list(pairs.items())[:10]:
        sides = " and ".join(_counted(rows[rows["prefix"] == prefix]) for prefix in (old, new))
        shown.append(f"{_named(old)}: {sides}")
    both = rows["prefix"].isin([*pairs, *pairs.values()])
    counties = not rows.loc[both, "region"].str.endswith(_PREFECTURE).all()
    what = f"{len(pairs)} of its places stand under codes of two vintages of GB/T 2260"
    raise InputError(Problem(f"{where}: column region", what, tuple(shown), _mend(counties, f"in {where}")))


def check_other_vintage(left: pd.DataFrame, right: pd.DataFrame, matched: pd.Series, where: str) -> None:
    """Hold the panel's keys without a match against the file's, under the other code of their places.

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
        When the file has rows of the panel under a code of another vintage.
    """
    if "region" not in left.columns:
        return
    renumbered = _successors(("renumbered",))
    other = {**renumbered, **{new: old for old, new in renumbered.items()}}
    alone = left[~matched.to_numpy()]
    alone = alone[_is_code(alone["region"]) & alone["region"].str[:4].isin(list(other))]
    file = right[_is_code(right["region"])]
    if alone.empty or file.empty:
        return
    named = alone.assign(panel=alone["region"], region=_place(alone["region"], other))
    listed = file.assign(file=file["region"], region=_place(file["region"], {})).drop_duplicates(list(left.columns))
    found = named.merge(listed, on=list(left.columns), how="inner")
    if found.empty:
        return
    pairs = found.drop_duplicates(["panel", "file"]).sort_values(["panel", "file"]).head(10)
    shown = tuple(
        f"{_named(_old(str(row.panel)))}: {row.panel} in the panel, {row.file} in the file"
        for row in pairs.itertuples()
    )
    what = (
        f"{len(found):,} of the panel's rows do not match because the file has their place under another vintage's code"
    )
    counties = not found["panel"].str.endswith(_PREFECTURE).all()
    raise InputError(Problem(where, what, shown, _mend(counties, f"in data.panel and in {where}")))


def _is_code(codes: pd.Series) -> pd.Series:
    return codes.str.fullmatch(_CODE).fillna(False).astype(bool)


def _place(codes: pd.Series, other: dict[str, str]) -> pd.Series:
    """The prefecture, under its other code if it has one, and whether a code is its own or that of a county in it.

    Counties got other last digits when their prefecture was renumbered, so that they cannot be told apart.
    """
    prefixes = codes.str[:4].map(lambda prefix: other.get(prefix, prefix))
    return prefixes + codes.str[4:].where(codes.str.endswith(_PREFECTURE), "county")


def _old(code: str) -> str:
    """The first four digits that the place had before it was renumbered."""
    before = {new: old for old, new in _successors(("renumbered",)).items()}
    return before.get(code[:4], code[:4])


def _named(old: str) -> str:
    change = region_changes().loc[old]
    return f"{change['label_en']} {change['label_zh']} (renumbered in {change['year']})"


def _counted(rows: pd.DataFrame) -> str:
    codes = sorted(rows["region"].unique())
    more = f" and {len(codes) - 2} more" if len(codes) > 2 else ""
    return f"{', '.join(codes[:2])}{more}, {len(rows):,} rows of {rows['year'].min()}-{rows['year'].max()}"


def _mend(counties: bool, sections: str) -> str:
    if counties:
        return f"region_codes: prefecture {sections}: counties by their prefecture, under its latest code"
    return f"region_codes: current {sections}: prefectures by their latest code"
