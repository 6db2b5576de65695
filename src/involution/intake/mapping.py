"""The section `data` of a proposal: which column of which file is what, and how the files come together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from involution.intake.coding import Coding, as_dates, firm_width, industry_coding, place_coding, two_vintages
from involution.intake.files import Files
from involution.intake.joins import cohort_source, firm_join, industry_join, region_join
from involution.intake.magnitudes import Units, guessed_units
from involution.intake.sources import CONSOLIDATED, DECEMBER, STATEMENT, Remark, Source, columns_of, read_as, row_filter
from involution.intake.tables import Table, numbers
from involution.panel.columns import kind
from involution.panel.convert import as_codes

CODES = ("industry", "region", "province", "ownership")


@dataclass(frozen=True)
class Mapped:
    """The section `data`.

    Attributes
    ----------
    panel : Source
    joins : list of Source
    cohorts : dict of str to Source
    events : Source or None
    firm_years : DataFrame
        Of the panel's files, the rows that the filter keeps: firm (code), year, and those of industry, region and
        ownership that it has, as codes.
    places, industries : Coding
    columns : dict of str to float
        Columns that the panel will have, each with the share of rows that have a value, as far as it can be told.
    left_out : list of (Path, str)
    """

    panel: Source
    joins: list[Source]
    cohorts: dict[str, Source]
    events: Source | None
    firm_years: pd.DataFrame = field(repr=False)
    places: Coding
    industries: Coding
    columns: dict[str, float]
    left_out: list[tuple[Path, str]]


def mapped(files: Files) -> Mapped:
    """Put the files together."""
    main = files.main
    units = guessed_units(main)
    places = place_coding(main.values("region")) if "region" in main.names else Coding("other")
    industries = Coding("other")
    widths = _widths(files)
    section, remarks = _panel_section(files, units, places, widths)
    panel = Source(main, section, units, remarks)
    firm_years = _firm_years(files, section)
    columns = {name: float(main.values(name).notna().mean()) for name in section["columns"] if name in main.names}
    columns |= {name: 1.0 for name in section["columns"] if name not in columns}
    joins, left_out = list[Source](), list(files.left_out)
    for table in files.joined:
        joined = firm_join(table, columns, firm_years, widths, units)
        _kept(joined, joins, columns, left_out, table)
    _of_firms(files, firm_years, widths)
    if "industry" in columns:
        industries = _industries(next(t for t in [main, *files.joined] if "industry" in t.names))
    if "region" in columns and places.kind == "other":
        places = place_coding(next(t for t in [main, *files.joined] if "region" in t.names).values("region"))
    columns |= _derived(columns, places, industries)
    for table in files.regional:
        _kept(region_join(table, columns, firm_years, places), joins, columns, left_out, table)
    for table in files.industrial:
        _kept(industry_join(table, columns, firm_years), joins, columns, left_out, table)
    cohorts = dict[str, Source]()
    for cohort in files.cohorts:
        name = "pilot" if not cohorts else f"pilot_{len(cohorts) + 1}"
        source = cohort_source(cohort, columns, firm_years, places)
        if source is None:
            left_out.append((cohort.table.path, "no_match"))
        else:
            cohorts[name] = source
            columns[name] = 1.0
    events = Source(files.events, read_as(files.events)) if files.events else None
    return Mapped(panel, joins, cohorts, events, firm_years, places, industries, columns, left_out)


def _kept(
    joined: Source | None,
    joins: list[Source],
    columns: dict[str, float],
    left_out: list[tuple[Path, str]],
    table: Table,
) -> None:
    """Note a join and the columns it brings, or that there is none."""
    if joined is None:
        left_out.append((table.path, "no_match"))
        return
    joins.append(joined)
    for name, header in joined.section["columns"].items():
        there = header in table.frame.columns
        columns[name] = float(table.frame[header].notna().mean()) if there else 1.0


def _widths(files: Files) -> dict[str, int]:
    """Widths of codes that some file holds without its leading zeros."""
    widths = {}
    for table in [*files.panels, *files.joined]:
        header = table.header("firm")
        width = firm_width(table.values("firm"), header) if header is not None else None
        if width:
            widths["firm"] = width
    return widths


def _panel_section(
    files: Files, units: Units, places: Coding, widths: Mapping[str, int]
) -> tuple[dict[str, Any], list[Remark]]:
    main = files.main
    section = read_as(main)
    if len(files.panels) > 1:
        section["source"] = [table.source for table in files.panels]
    condition = row_filter(main)
    if condition:
        section["filter"] = condition
    section["columns"] = columns_of(main, ())
    money = {name: units.factors[name] for name in section["columns"] if name in units.factors}
    # A sum of columns is in the unit of the file, as all that say nothing of theirs.
    more = {name: units.general for name in section["columns"] if kind(name) == "money" and name not in money}
    section["units"] = money | more
    pad = {name: width for name, width in widths.items() if name in section["columns"]}
    if "industry" in section["columns"]:
        coding = industry_coding(main.values("industry"), None, str(main.header("industry")))
        pad |= {"industry": coding.width} if coding.width else {}
    if pad:
        section["pad"] = pad
    remarks = []
    if places.kind == "county":
        section["region_codes"] = "prefecture"
        remarks.append(Remark("counties"))
    elif places.kind == "prefecture" and two_vintages(main.values("region")):
        section["region_codes"] = "current"
        remarks.append(Remark("vintages"))
    if condition:
        remarks.append(Remark("filter", {"filter": condition}))
    return section, remarks


def _firm_years(files: Files, section: Mapping[str, Any]) -> pd.DataFrame:
    """Keys and codes of the rows that the panel's filter keeps."""
    parts = []
    for table in files.panels:
        frame = table.frame
        months = as_dates(frame[files.main.header("year")])
        year = frame[files.main.header("year")]
        part = pd.DataFrame(
            {"firm": as_codes(frame[files.main.header("firm")], dict(section.get("pad", {})).get("firm"))}
        )
        part["year"] = numbers(year) if months is None else pd.to_datetime(year.astype("str"), errors="coerce").dt.year
        for name in CODES:
            header = files.main.header(name)
            if header is not None:
                part[name] = as_codes(frame[header], dict(section.get("pad", {})).get(name))
        keep = pd.Series(True, index=frame.index)
        if STATEMENT in str(section.get("filter", "")):
            keep &= frame[STATEMENT] == CONSOLIDATED
        if "month(" in str(section.get("filter", "")) and months is not None:
            keep &= year.map(months) == DECEMBER
        parts.append(part[keep])
    made = pd.concat(parts, ignore_index=True)
    if section.get("region_codes") == "prefecture":
        made["region"] = made["region"].str[:4] + "00"
    return made


def _of_firms(files: Files, firm_years: pd.DataFrame, widths: Mapping[str, int]) -> None:
    """Codes that the panel's own files lack, from further files: the first that is known of each firm."""
    for table in files.joined:
        for name in CODES:
            if name not in firm_years and name in table.names:
                firms = as_codes(table.values("firm"), widths.get("firm"))
                known = pd.Series(as_codes(table.values(name)).to_numpy(), index=firms).dropna()
                firm_years[name] = firm_years["firm"].map(known[~known.index.duplicated()])


def _industries(table: Table) -> Coding:
    """The classification of industries in the file that has them."""
    years = table.values("year") if "year" in table.names else None
    return industry_coding(table.values("industry"), years, str(table.header("industry")))


def _derived(columns: Mapping[str, float], places: Coding, industries: Coding) -> dict[str, float]:
    """Coarser codes that the panel gets of itself."""
    made = {}
    if "region" in columns and "province" not in columns and places.kind in ("county", "prefecture", "province"):
        made["province"] = columns["region"]
    if "industry" in columns and industries.kind != "other":
        made |= {name: columns["industry"] for name in ("industry2", "industry3") if name not in columns}
    return made
