"""A file's part of a study: how it is read, which rows are kept, which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from involution.intake.coding import as_dates, distinct
from involution.intake.dialects import names_of
from involution.intake.magnitudes import Units
from involution.intake.tables import Table
from involution.panel.columns import canonical_columns

DECEMBER = 12
STATEMENT = "Typrep"
CONSOLIDATED = "A"
"""In CSMAR the column that tells consolidated statements from those of the parent, and its value for the first."""


@dataclass(frozen=True)
class Remark:
    """Something to be said: the key of its text and what it fills in."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A file's part of the study, with what is said of it."""

    table: Table
    section: dict[str, Any]
    units: Units = field(default_factory=Units)
    remarks: list[Remark] = field(default_factory=list)


def read_as(table: Table) -> dict[str, Any]:
    """How a file is read."""
    section: dict[str, Any] = {"source": table.source}
    if table.sheet is not None:
        section["sheet"] = table.sheet
    if table.delimiter is not None:
        section["delimiter"] = table.delimiter
    if table.skip_rows:
        section["skip_rows"] = list(table.skip_rows)
    return section


def row_filter(table: Table) -> str | None:
    """Consolidated statements of the end of the year, where a file has others too."""
    conditions = []
    if STATEMENT in table.frame.columns and {CONSOLIDATED} < set(distinct(table.frame[STATEMENT])):
        conditions.append(f"{STATEMENT} == '{CONSOLIDATED}'")
    header = table.header("year")
    months = as_dates(table.values("year")) if header is not None else None
    if header is not None and months is not None and (months == DECEMBER).any() and (months != DECEMBER).any():
        conditions.append(f"month({header}) == {DECEMBER}")
    return " and ".join(conditions) or None


def expression_of(table: Table, name: str) -> str:
    """The file's column of a canonical one, or the year of its dates."""
    header = str(table.header(name))
    dated = name in ("year", "birth_year") and as_dates(table.values(name)) is not None
    return f"year({header})" if dated and header.isidentifier() else header


def columns_of(table: Table, taken: Sequence[str]) -> dict[str, str]:
    """Canonical columns of a file in the order of the list, sums of its columns among them."""
    found = {}
    for name in map(str, canonical_columns().index):
        if name in taken:
            continue
        if name in table.names:
            found[name] = expression_of(table, name)
            continue
        for said in names_of(name, "compustat"):
            if "+" in said and all(part.strip() in table.frame.columns for part in said.split("+")):
                found[name] = said
    return found
