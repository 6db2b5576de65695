"""What each file is: accounts of firms, something to be joined to them, a list of pilots, or nothing that is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from involution.errors import InputError, Problem
from involution.intake.coding import Coding, are_years, as_dates, place_coding
from involution.intake.tables import DATA, Table, is_data, numbers, read_table
from involution.panel.columns import kind

PLACES = ("region", "province")
_EVENTS = {"event_id", "date_start", "passive"}
_TRUTH = {"name", "truth"}


@dataclass(frozen=True)
class Cohort:
    """A list of who was treated first when.

    Attributes
    ----------
    key : str
        Panel column: region, province, industry or firm.
    header, year : str
        The file's columns of the unit and of the first year.
    coding : Coding
        Of places.
    """

    table: Table
    key: str
    header: str
    year: str
    coding: Coding


@dataclass(frozen=True)
class Files:
    """The files by what they are.

    Attributes
    ----------
    panels : list of Table
        Files of firm-years, the main one first, then those with its columns, which are stacked.
    joined : list of Table
        Further files of firms.
    regional, industrial : list of Table
    cohorts : list of Cohort
    events : Table or None
    left_out : list of (Path, str)
        Files that are not used, each with the key of the reason.
    """

    panels: list[Table]
    joined: list[Table] = field(default_factory=list)
    regional: list[Table] = field(default_factory=list)
    industrial: list[Table] = field(default_factory=list)
    cohorts: list[Cohort] = field(default_factory=list)
    events: Table | None = None
    left_out: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def main(self) -> Table:
        """The file of accounts."""
        return self.panels[0]

    @property
    def tables(self) -> list[Table]:
        """Every file that is used, in order."""
        lists = [cohort.table for cohort in self.cohorts]
        events = [self.events] if self.events else []
        return [*self.panels, *self.joined, *self.regional, *self.industrial, *lists, *events]


def read_files(paths: Sequence[Path], base: Path, chosen: Mapping[str, str]) -> Files:
    """Read files and say what each is.

    Raises
    ------
    InputError
        When a file is not there or cannot be read, and when none holds firm-years.
    """
    absent = [path for path in paths if not path.exists()]
    if absent:
        raise InputError([Problem(str(path), "there is no such file") for path in absent])
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(path for path in paths[0].iterdir() if path.is_file())
    left_out = [(path, "unknown_kind") for path in paths if not is_data(path)]
    tables = [read_table(path, base, chosen) for path in dict.fromkeys(paths) if is_data(path)]
    if not tables:
        expected = "no file of a kind that is read: " + ", ".join(path.name for path in paths)
        raise InputError(Problem("", expected, mend=f"name files that end in {', '.join(DATA)}"))
    firms, rest = list[Table](), list[Table]()
    for table in tables:
        (firms if _has_year(table) and "firm" in table.names else rest).append(table)
    firms = [table for table in firms if not _is_events(table)]
    if not firms:
        raise InputError(_no_panel(tables))
    return _sorted(firms, [table for table in tables if table not in firms], left_out)


def _sorted(firms: list[Table], rest: list[Table], left_out: list[tuple[Path, str]]) -> Files:
    main = max(firms, key=lambda table: ("revenue" in table.names, _accounts(table), len(table.frame)))
    same = [t for t in firms if t is not main and set(main.frame.columns) <= set(t.frame.columns)]
    joined = [table for table in firms if table is not main and table not in same]
    found = Files([main, *same], joined, left_out=left_out)
    events: Table | None = None
    for table in rest:
        cohort = _cohort(table)
        if _is_events(table):
            events = table
        elif set(table.frame.columns) >= _TRUTH:
            left_out.append((table.path, "truth"))
        elif cohort is not None:
            found.cohorts.append(cohort)
        elif "firm" in table.names:
            found.joined.append(table)
        elif "industry" in table.names and _has_year(table):
            found.industrial.append(table)
        elif any(name in table.names for name in PLACES):
            found.regional.append(table)
        else:
            left_out.append((table.path, "no_key"))
    return Files(found.panels, found.joined, found.regional, found.industrial, found.cohorts, events, left_out)


def _accounts(table: Table) -> int:
    """How many amounts and counts the file has."""
    return sum(kind(name) in ("money", "count") for name in table.names)


def _has_year(table: Table) -> bool:
    if "year" not in table.names:
        return False
    values = table.values("year")
    return are_years(values) or as_dates(values) is not None


def _is_events(table: Table) -> bool:
    return set(map(str, table.frame.columns)) >= _EVENTS


def _cohort(table: Table) -> Cohort | None:
    """The list of first years that a file is: units that stand once, a column of years, no other numbers."""
    headers = [str(name) for name in table.frame.columns]
    years = [name for name in headers if are_years(table.frame[name])]
    measured = [name for name in headers if name not in years and numbers(table.frame[name]).notna().mean() > 0.5]
    key = _unit(table, [name for name in headers if name not in years])
    if len(years) != 1 or key is None:
        return None
    name, header, coding = key
    if set(measured) - {header} or table.frame[header].duplicated().mean() > 0.5:
        return None
    return Cohort(table, name, header, years[0], coding)


def _unit(table: Table, headers: Sequence[str]) -> tuple[str, str, Coding] | None:
    """The column whose values are places; without one that of industries or firms."""
    for header in headers:
        coding = place_coding(table.frame[header])
        if coding.kind != "other":
            name = "province" if coding.kind in ("province", "province_names") else "region"
            return name, header, coding
    for name in ("industry", "firm"):
        header_of = table.header(name)
        if header_of is not None and header_of in headers:
            return name, header_of, Coding("other")
    return None


def _no_panel(tables: Sequence[Table]) -> list[Problem]:
    """Which of firm and year each file lacks, and the columns that could be it."""
    problems = []
    for table in tables:
        for name, candidates in (("firm", _firm_candidates), ("year", _year_candidates)):
            if name in table.names and (name == "firm" or _has_year(table)):
                continue
            shown = candidates(table.frame)
            what = (
                f"no column is recognised as the {name}" if name not in table.names else "its year is no year or date"
            )
            rows = (f"could be: {', '.join(shown)}",) if shown else ("no column looks like it",)
            example = shown[0] if shown else "HEADER"
            problems.append(Problem(table.path.name, what, rows, f"--column '{name}={example}'"))
    return problems


def _firm_candidates(frame: pd.DataFrame) -> list[str]:
    """Columns with many values that repeat, as a firm's do over the years; at most five."""
    found = {}
    for name in map(str, frame.columns):
        different = frame[name].nunique()
        fractional = (numbers(frame[name].head(1_000)) % 1 > 0).any()
        if 1 < different < len(frame) and not fractional and not are_years(frame[name]):
            found[name] = different
    return sorted(found, key=lambda name: -found[name])[:5]


def _year_candidates(frame: pd.DataFrame) -> list[str]:
    """Columns of years or dates; at most five."""
    names = [name for name in map(str, frame.columns) if are_years(frame[name]) or as_dates(frame[name]) is not None]
    return names[:5]
