"""Which statements a file of accounts holds: consolidated and parent, of which months, as they were before a change."""

from __future__ import annotations

from typing import Any

import pandas as pd

TYPES = ("typrep", "报表类型", "报表类型编码")
"""What the type of statement is called in CSMAR and its exports, without regard to case."""
ENDS = ("accper", "会计期间", "统计截止日期", "enddate")
"""What the end of the period is called there."""
_CONSOLIDATED, _PARENT = "consolidated", "parent"
_KINDS = {"a": _CONSOLIDATED, "b": _PARENT, "合并报表": _CONSOLIDATED, "母公司报表": _PARENT}
DATES = 0.9
"""Share of values that are dates from which a column is one."""


def statements(raw: pd.DataFrame) -> dict[str, Any]:
    """Types and months of the statements in a file's rows; nothing where the file does not say.

    Parameters
    ----------
    raw : DataFrame
        The rows that are used, under the file's own column names.

    Returns
    -------
    dict
        types: column, and rows by ``consolidated`` and ``parent``; ends: column, rows by month in which the period
        ends, and opening, the rows of a 1 January (balances restated for a change of rules or of the group).
    """
    found: dict[str, Any] = {}
    for column in raw.columns:
        name = str(column).strip().lower()
        if name in TYPES and "types" not in found:
            kinds = raw[column].astype("str").str.strip().str.lower().map(_KINDS)
            if kinds.notna().any():
                found["types"] = {"column": str(column), **_counted(kinds)}
        elif name in ENDS and "ends" not in found:
            ends = _ends(raw[column])
            if ends is not None:
                found["ends"] = {"column": str(column), **ends}
    return found


def _ends(column: pd.Series) -> dict[str, Any] | None:
    distinct = column.dropna().drop_duplicates()
    days = pd.to_datetime(distinct.astype("str").str.slice(0, 10), errors="coerce", format="mixed")
    if not len(distinct) or days.notna().mean() < DATES:
        return None
    dates = column.map(dict(zip(distinct, days, strict=True)))
    opening = (dates.dt.month == 1) & (dates.dt.day == 1)
    months = dates[~opening].dt.month.dropna().astype(int).value_counts().sort_index()
    return {"months": {str(month): int(rows) for month, rows in months.items()}, "opening": int(opening.sum())}


def _counted(kinds: pd.Series) -> dict[str, int]:
    return {kind: int((kinds == kind).sum()) for kind in (_CONSOLIDATED, _PARENT)}


def one_statement(raw: pd.DataFrame) -> str:
    """The filter that leaves one statement a firm-year, as far as the rows' own columns tell; else an example."""
    found = statements(raw)
    parts = []
    if found.get("types", {}).get(_CONSOLIDATED) and found["types"][_PARENT]:
        column = found["types"]["column"]
        values = raw[column].dropna().astype("str").str.strip()
        parts.append(f"{column} == '{next(v for v in values if _KINDS.get(v.lower()) == _CONSOLIDATED)}'")
    ends = found.get("ends")
    if ends and (ends["opening"] or set(ends["months"]) - {"12"}):
        parts.append(f"month({ends['column']}) == 12")
    if parts:
        return f'filter to one statement per firm-year: filter: "{" and ".join(parts)}"'
    return "filter to one statement per firm-year (for CSMAR Typrep == 'A' and month(Accper) == 12)"
