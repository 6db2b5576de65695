"""What a suspicion finds, and what all suspicions look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.panel.columns import kind
from involution.panel.suspicions.texts import Severity, severity_of

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Mask = NDArray[np.bool_]
SHOWN = 5
"""Rows that a finding shows."""


@dataclass(frozen=True)
class Finding:
    """Something suspicious in the data.

    Attributes
    ----------
    name : str
        The suspicion; what it says, why it matters and what to do stand under this name in `texts`.
    count : int
        Rows, or what else the text says is counted.
    columns : tuple of str
    rows : tuple of dict
        The first cases: column names to values.
    values : mapping
        Further numbers and names that the text tells.
    """

    name: str
    count: int
    columns: tuple[str, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How sure it is that something is wrong: see `SEVERITIES`."""
        return severity_of(self.name)

    def record(self) -> dict[str, Any]:
        """The finding as plain data: what ``panel/report.json`` holds under ``suspicious``."""
        made = {**asdict(self), "columns": list(self.columns), "rows": list(self.rows)}
        return {"name": made.pop("name"), "severity": self.severity, **made}


@dataclass(frozen=True)
class Evidence:
    """A panel, sorted by firm and year, and the report on how it was built.

    What several suspicions need is worked out once.
    """

    panel: pd.DataFrame
    report: Mapping[str, Any]

    def has(self, *names: str) -> bool:
        """Whether all the columns are there, as numbers."""
        return all(name in self.numeric for name in names)

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        """Columns of numbers but for the year."""
        panel = self.panel
        return tuple(
            str(name) for name in panel.columns if name != "year" and pd.api.types.is_numeric_dtype(panel[name])
        )

    @cached_property
    def money(self) -> tuple[str, ...]:
        """Amounts of money of firms."""
        return tuple(name for name in self.numeric if kind(name) == "money" and name != "gdp_per_capita")

    @cached_property
    def year(self) -> NDArray[np.int64]:
        """Year of each row."""
        return self.panel["year"].to_numpy(dtype=np.int64)

    @cached_property
    def years(self) -> list[int]:
        """The panel's years, in order."""
        return [int(year) for year in np.unique(self.year)]

    def values(self, name: str) -> Floats:
        """A column as floats."""
        return self.panel[name].to_numpy(dtype=float, na_value=np.nan)

    @cached_property
    def later(self) -> Positions:
        """Rows that follow a row of the same firm, of the panel's year before; ordered by year."""
        codes = pd.factorize(self.panel["firm"])[0]
        place = np.searchsorted(self.years, self.year)
        follows = (codes[1:] == codes[:-1]) & (place[1:] == place[:-1] + 1)
        rows = np.flatnonzero(follows) + 1
        return rows[np.argsort(self.year[rows], kind="stable")]

    @cached_property
    def of_year(self) -> dict[int, slice]:
        """By year, its part of `later`."""
        bounds = np.searchsorted(self.year[self.later], [*self.years, self.years[-1] + 1])
        return {year: slice(bounds[k], bounds[k + 1]) for k, year in enumerate(self.years)}

    def growth(self, name: str) -> Floats:
        """Decimal logarithm of each row of `later` over its firm's row before; missing unless both are positive."""
        positive = self.values(name)
        logs = np.log10(np.where(positive > 0, positive, np.nan))
        return np.asarray(logs[self.later] - logs[self.later - 1])

    def shown(self, rows: Mask | Positions, columns: Sequence[str]) -> tuple[dict[str, Any], ...]:
        """The first of some rows: firm, year and the columns."""
        places = np.flatnonzero(rows) if rows.dtype == bool else np.sort(rows)
        part = self.panel.iloc[places[:SHOWN].astype(np.intp)][["firm", "year", *columns]]
        return tuple({str(key): plain(value) for key, value in row.items()} for row in part.to_dict("records"))


def plain(value: object) -> object:
    """A value of a table as JSON has it; missing is None."""
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.item() if isinstance(value, np.generic) else value


def share(mask: Mask) -> float:
    """Share of a mask that holds; 0 of none."""
    return float(mask.mean()) if len(mask) else 0.0


def percent(part: float) -> float:
    """A share in per cent, one decimal."""
    return round(100 * part, 1)
