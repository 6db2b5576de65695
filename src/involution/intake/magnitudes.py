"""In which unit a file's amounts are: by its headers, by its dialect, and by what firms can plausibly sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.intake.tables import Table, numbers
from involution.panel.columns import kind

FACTORS = (1.0, 1e3, 1e4, 1e6)
PER_HEAD = (1e4, 2e7)
"""Sales per person and year, in currency units, between which the median firm of a data set lies."""
USUAL_PER_HEAD = 5e5
_LOOKED_AT = 20_000
_OF_DIALECT = {"csmar": 1.0, "asif": 1e3, "compustat": 1e6}
_STAFF_OF_DIALECT = {"compustat": 1e3}
AMOUNTS = ("revenue", "total_assets", "cogs")


@dataclass(frozen=True)
class Units:
    """The units of a file.

    Attributes
    ----------
    factors : dict of str to float
        Factor of each amount, and of employees where it is not one.
    reason : str
        header, dialect, doubted (a dialect whose unit is at odds with the magnitudes), magnitudes, or unknown.
    of_header : tuple of str
        Columns whose own header says the unit.
    general : float
        Factor of the amounts whose header says nothing.
    per_head : float or None
        Median sales per person in currency units, under these factors.
    """

    factors: dict[str, float] = field(default_factory=dict)
    reason: str = "unknown"
    of_header: tuple[str, ...] = ()
    general: float = 1.0
    per_head: float | None = None


def guessed_units(table: Table, beside: Mapping[str, pd.Series] | None = None) -> Units:
    """The units of a table's amounts.

    Parameters
    ----------
    table : Table
    beside : mapping of str to Series, optional
        Columns of another file by which the magnitudes are judged, such as its employees.
    """
    amounts = [name for name in table.names if kind(name) == "money"]
    said = {name: column.unit for column in table.columns for name in column.names if column.unit is not None}
    staff = said.get("employees", _STAFF_OF_DIALECT.get(_dialect_of(table, "employees"), 1.0))
    of_header = tuple(name for name in amounts if name in said)
    silent = [name for name in amounts if name not in said]
    ratio = _sales_per_head(table, said.get("revenue", 1.0), staff)
    if not silent:
        general, reason = 1.0, "header"
    elif "revenue" in said and ratio is not None:
        # What stands beside amounts of a known unit, and says nothing, is in that unit.
        general, reason = float(said["revenue"] or 1.0), "header"
        ratio = ratio / general
    else:
        general, reason = _general(table, ratio)
    factors = {name: float(said.get(name) or general) for name in amounts}
    if "employees" in table.names and staff != 1.0:
        factors["employees"] = staff
    per_head = None if ratio is None else ratio * general
    return Units(factors, reason, of_header, general, per_head)


def _general(table: Table, ratio: float | None) -> tuple[float, str]:
    """The unit of amounts whose headers say nothing, and by what it is told."""
    usual = _OF_DIALECT.get(_accounts_dialect(table))
    if usual is not None and (ratio is None or PER_HEAD[0] <= ratio * usual <= PER_HEAD[1]):
        return usual, "dialect"
    if ratio is not None:
        near = min(FACTORS, key=lambda factor: abs(np.log10(ratio * factor / USUAL_PER_HEAD)))
        return near, "magnitudes" if usual is None else "doubted"
    return 1.0, "unknown"


def _accounts_dialect(table: Table) -> str:
    """The dialect of most amounts."""
    dialects = [column.dialect for column in table.columns if any(kind(name) == "money" for name in column.names)]
    return max(dict.fromkeys(dialects), key=dialects.count, default="")


def _dialect_of(table: Table, name: str) -> str:
    return next((column.dialect for column in table.columns if name in column.names), "")


def _sales_per_head(table: Table, unit: float, staff: float) -> float | None:
    """Median of sales per person, in the file's own money."""
    if not {"revenue", "employees"} <= set(table.names):
        return None
    every = max(1, len(table.frame) // _LOOKED_AT)
    revenue = numbers(table.values("revenue").iloc[::every]) * unit
    people = numbers(table.values("employees").iloc[::every]) * staff
    ratio = (revenue / people)[(revenue > 0) & (people > 0)]
    return float(ratio.median()) if len(ratio) >= 10 else None
