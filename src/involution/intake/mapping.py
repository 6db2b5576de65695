"""The section `data` of a proposal: which column of which file is what, and how the files come together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from involution.intake.coding import Coding, as_dates, distinct, firm_width, industry_coding, place_coding, two_vintages
from involution.intake.dialects import names_of
from involution.intake.files import Cohort, Files
from involution.intake.magnitudes import Units, guessed_units
from involution.intake.tables import Table, numbers
from involution.panel.columns import canonical_columns, kind
from involution.panel.convert import as_codes
from involution.panel.places import bare, place_name

DECEMBER = 12
_STATEMENT = "Typrep"
_CONSOLIDATED = "A"
_DIGITS = {"province": 2, "region": 4}


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
        joined = _firm_join(table, columns, firm_years, widths, units)
        _kept(joined, joins, columns, left_out, table)
    if "industry" in columns:
        holder = next(t for t in [main, *files.joined] if "industry" in t.names)
        industries = _industries(holder, firm_years)
    if "region" in columns and places.kind == "other":
        places = place_coding(next(t for t in [main, *files.joined] if "region" in t.names).values("region"))
    columns |= _derived(columns, places, industries)
    for table in files.regional:
        _kept(_region_join(table, columns, firm_years, places), joins, columns, left_out, table)
    for table in files.industrial:
        _kept(_industry_join(table, columns, firm_years), joins, columns, left_out, table)
    cohorts = dict[str, Source]()
    for cohort in files.cohorts:
        name = "pilot" if not cohorts else f"pilot_{len(cohorts) + 1}"
        source = _cohort(cohort, columns, firm_years, places)
        if source is None:
            left_out.append((cohort.table.path, "no_match"))
        else:
            cohorts[name] = source
            columns[name] = 1.0
    events = Source(files.events, _read_as(files.events)) if files.events else None
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


def _read_as(table: Table) -> dict[str, Any]:
    """How a file is read."""
    section: dict[str, Any] = {"source": table.source}
    if table.sheet is not None:
        section["sheet"] = table.sheet
    if table.delimiter is not None:
        section["delimiter"] = table.delimiter
    if table.skip_rows:
        section["skip_rows"] = list(table.skip_rows)
    return section


def _filter(table: Table) -> str | None:
    """Consolidated statements of the end of the year, where a file has others too."""
    conditions = []
    if _STATEMENT in table.frame.columns and {_CONSOLIDATED} < set(distinct(table.frame[_STATEMENT])):
        conditions.append(f"{_STATEMENT} == '{_CONSOLIDATED}'")
    header = table.header("year")
    months = as_dates(table.values("year")) if header is not None else None
    if header is not None and months is not None and (months == DECEMBER).any() and (months != DECEMBER).any():
        conditions.append(f"month({header}) == {DECEMBER}")
    return " and ".join(conditions) or None


def _expression(table: Table, name: str) -> str:
    """The file's column of a canonical one, or the year of its dates."""
    header = str(table.header(name))
    dated = name in ("year", "birth_year") and as_dates(table.values(name)) is not None
    return f"year({header})" if dated and header.isidentifier() else header


def _columns(table: Table, taken: Sequence[str]) -> dict[str, str]:
    """Canonical columns of a file in the order of the list, sums of its columns among them."""
    found = {}
    for name in map(str, canonical_columns().index):
        if name in taken:
            continue
        if name in table.names:
            found[name] = _expression(table, name)
            continue
        for said in names_of(name, "compustat"):
            if "+" in said and all(part.strip() in table.frame.columns for part in said.split("+")):
                found[name] = said
    return found


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
    section = _read_as(main)
    if len(files.panels) > 1:
        section["source"] = [table.source for table in files.panels]
    condition = _filter(main)
    if condition:
        section["filter"] = condition
    section["columns"] = _columns(main, ())
    money = {name: units.factors[name] for name in section["columns"] if name in units.factors}
    # A sum of columns is in the unit of the file, as all that say nothing of theirs.
    more = {name: units.general for name in section["columns"] if kind(name) == "money" and name not in money}
    section["units"] = {name: factor for name, factor in {**money, **more}.items()}
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
        part = pd.DataFrame({"firm": as_codes(frame[files.main.header("firm")])})
        part["year"] = numbers(year) if months is None else pd.to_datetime(year.astype("str"), errors="coerce").dt.year
        for name in ("industry", "region", "province", "ownership"):
            header = files.main.header(name)
            if header is not None:
                part[name] = as_codes(frame[header], dict(section.get("pad", {})).get(name))
        keep = pd.Series(True, index=frame.index)
        if _STATEMENT in str(section.get("filter", "")):
            keep &= frame[_STATEMENT] == _CONSOLIDATED
        if "month(" in str(section.get("filter", "")) and months is not None:
            keep &= year.map(months) == DECEMBER
        parts.append(part[keep])
    made = pd.concat(parts, ignore_index=True)
    if section.get("region_codes") == "prefecture":
        made["region"] = made["region"].str[:4] + "00"
    return made


def _industries(table: Table, firm_years: pd.DataFrame) -> Coding:
    """The classification, and the industries in `firm_years` where another file has them."""
    header = str(table.header("industry"))
    same = "year" in table.names and len(table.frame)
    coding = industry_coding(table.values("industry"), table.values("year") if same else None, header)
    if "industry" not in firm_years:
        first = pd.Series(as_codes(table.values("industry")).to_numpy(), index=as_codes(table.values("firm")))
        first = first[~first.index.duplicated()]
        firm_years["industry"] = firm_years["firm"].map(first)
    return coding


def _derived(columns: Mapping[str, float], places: Coding, industries: Coding) -> dict[str, float]:
    """Coarser codes that the panel gets of itself."""
    made = {}
    if "region" in columns and "province" not in columns and places.kind in ("county", "prefecture", "province"):
        made["province"] = columns["region"]
    if "industry" in columns and industries.kind != "other":
        made |= {name: columns["industry"] for name in ("industry2", "industry3") if name not in columns}
    return made


def _firm_join(
    table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame, widths: Mapping[str, int], main: Units
) -> Source | None:
    """A further file of firms; several rows of one firm and year are added up."""
    yearly = "year" in table.names
    new = _columns(table, [*columns, "firm", "year"])
    firms = as_codes(table.values("firm"), widths.get("firm"))
    known = firm_years["firm"].str.zfill(widths["firm"]) if "firm" in widths else firm_years["firm"]
    if not new or not firms.isin(set(known)).any():
        return None
    units = guessed_units(table)
    if units.reason == "unknown" and table.dialect != "english":
        units = Units({name: main.general for name in units.factors}, "dialect", (), main.general)
    section: dict[str, Any] = {"level": "firm", **_read_as(table)}
    condition = _filter(table)
    if condition:
        section["filter"] = condition
    section["keys"] = {"firm": table.header("firm")}
    if yearly:
        section["keys"]["year"] = _expression(table, "year")
    section["columns"] = new
    factors = {name: units.factors.get(name, units.general) for name in new if kind(name) == "money"}
    factors |= {name: units.factors[name] for name in new if name == "employees" and name in units.factors}
    if factors:
        section["units"] = factors
    if "firm" in widths:
        section["pad"] = {"firm": widths["firm"]}
    if not yearly:
        section["validate"] = "many_to_one"
    elif condition is None and _repeats(table):
        section["aggregate"] = {name: "sum" if kind(name) in ("money", "count") else "first" for name in new}
    elif condition is None and not yearly:
        return None
    remarks = [Remark("filter", {"filter": condition})] if condition else []
    if "aggregate" in section:
        remarks.append(Remark("aggregated"))
    return Source(table, section, units, remarks)


def _repeats(table: Table) -> bool:
    keys = pd.DataFrame({"firm": table.values("firm"), "year": table.values("year")})
    return bool(keys.duplicated().any())


def _region_join(
    table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame, places: Coding
) -> Source | None:
    """A file of places, by names where either side has names, by codes else."""
    for name in ("region", "province"):
        header = table.header(name)
        if header is None or name not in columns:
            continue
        match = _matching(table.frame[header], name, firm_years, places)
        if match is None:
            continue
        keys: dict[str, str] = {name: header}
        if "year" in table.names:
            keys["year"] = _expression(table, "year")
        new = _columns(table, [*columns, "firm", "year", "industry", "region", "province"])
        new |= _further(table, [header, *new.values(), *keys.values()], [*columns, *new])
        if not new:
            return None
        units = guessed_units(table)
        section: dict[str, Any] = {"level": "region", **_read_as(table), **match, "keys": keys, "columns": new}
        factors = {key: units.factors.get(key, 1.0) for key in new if kind(key) == "money"}
        section |= {"units": factors} if factors else {}
        return Source(table, section, units, [Remark("by_names")] if match.get("match") == "name" else [])
    # A panel of codes of places has their provinces; a file that calls its provinces regions is one of provinces.
    header = table.header("region")
    if header is not None and "province" in columns and place_coding(table.frame[header]).kind.startswith("province"):
        renamed = [_as_province(column) for column in table.columns]
        return _region_join(_with(table, renamed), columns, firm_years, places)
    return None


def _as_province(column: Any) -> Any:
    from dataclasses import replace

    return replace(column, names=tuple("province" if name == "region" else name for name in column.names))


def _with(table: Table, columns: list[Any]) -> Table:
    from dataclasses import replace

    return replace(table, columns=columns)


def _further(table: Table, used: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """Numbers of a file of places that are no canonical column, under their own names."""
    return {
        str(name): str(name)
        for name in table.frame.columns
        if str(name) not in used and str(name) not in taken and str(name).isidentifier()
        and numbers(table.frame[name]).notna().mean() > 0.5
        and not any(column.header == name and (column.names or column.also) for column in table.columns)
    }  # fmt: skip


def _matching(values: pd.Series, name: str, firm_years: pd.DataFrame, places: Coding) -> dict[str, str] | None:
    """How a file's places meet the panel's, or None where none does."""
    theirs = set(distinct(values))
    ours = _places_of(name, firm_years)
    if theirs & ours and place_coding(values).kind in ("county", "prefecture"):
        return {"region_codes": "current"} if places.kind == "county" else {}
    bared = [{bare(place_name(value, _DIGITS[name])) for value in side} for side in (theirs, ours)]
    return {"match": "name"} if bared[0] & bared[1] else None


def _places_of(name: str, firm_years: pd.DataFrame) -> set[str]:
    if name in firm_years:
        return set(firm_years[name].dropna().unique())
    if name == "province" and "region" in firm_years:
        return set(firm_years["region"].dropna().str.extract(r"^(\d{2})\d{4}$")[0].dropna().unique())
    return set()


def _industry_join(table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame) -> Source | None:
    """A file of industries, at the level at which most of its codes are the panel's."""
    if "industry" not in firm_years:
        return None
    theirs = set(distinct(table.values("industry")))
    ours = firm_years["industry"].dropna().drop_duplicates()
    levels = {"industry": set(ours), "industry3": set(), "industry2": set()}
    parts = ours.str.upper().str.extract(r"^([A-Z]?)(\d{2})(\d?)\d*$")
    levels["industry2"] = set((parts[0] + parts[1]).dropna())
    levels["industry3"] = set((parts[0] + parts[1] + parts[2]).dropna())
    shared = {level: len(codes & theirs) / max(1, len(codes)) for level, codes in levels.items() if level in columns}
    best = max(shared, key=lambda level: shared[level], default="industry")
    new = _columns(table, [*columns, "firm", "year", "industry", "region", "province"])
    if not shared.get(best) or not new:
        return None
    keys = {best: str(table.header("industry")), "year": _expression(table, "year")}
    return Source(table, {"level": "industry", **_read_as(table), "keys": keys, "columns": new})


def _cohort(cohort: Cohort, columns: Mapping[str, float], firm_years: pd.DataFrame, places: Coding) -> Source | None:
    """A list of first years; None where none of its units is in the panel."""
    section: dict[str, Any] = _read_as(cohort.table)
    values = cohort.table.frame[cohort.header]
    if cohort.key in _DIGITS:
        match = _matching(values, cohort.key, firm_years, places) if cohort.key in columns else None
        if match is None:
            return None
        section |= match
    elif cohort.key not in firm_years or not set(distinct(values)) & set(firm_years[cohort.key].dropna()):
        return None
    section |= {"keys": {cohort.key: cohort.header}, "first_year": cohort.year}
    return Source(cohort.table, section, remarks=[Remark("by_names")] if section.get("match") == "name" else [])
