"""Files that are joined to the panel: by firm, place or industry, and lists of who was treated first when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from involution.intake.coding import Coding, distinct, place_coding
from involution.intake.files import Cohort
from involution.intake.magnitudes import Units, guessed_units
from involution.intake.recognise import Column
from involution.intake.sources import Remark, Source, columns_of, expression_of, read_as, row_filter
from involution.intake.tables import Table, numbers
from involution.panel.columns import kind
from involution.panel.concordance import province_codes, shorter_codes
from involution.panel.convert import as_codes
from involution.panel.places import bare, place_name

_DIGITS = {"province": 2, "region": 4}


def firm_join(
    table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame, widths: Mapping[str, int], main: Units
) -> Source | None:
    """A further file of firms; several rows of one firm and year are added up."""
    yearly = "year" in table.names
    new = columns_of(table, [*columns, "firm", "year"])
    firms = as_codes(table.values("firm"), widths.get("firm"))
    known = firm_years["firm"].str.zfill(widths["firm"]) if "firm" in widths else firm_years["firm"]
    if not new or not firms.isin(set(known)).any():
        return None
    units = guessed_units(table)
    if units.reason == "unknown" and table.dialect != "english":
        units = Units(dict.fromkeys(units.factors, main.general), "dialect", (), main.general)
    section: dict[str, Any] = {"level": "firm", **read_as(table)}
    condition = row_filter(table)
    if condition:
        section["filter"] = condition
    section["keys"] = {"firm": table.header("firm")}
    if yearly:
        section["keys"]["year"] = expression_of(table, "year")
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


def region_join(table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame, places: Coding) -> Source | None:
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
            keys["year"] = expression_of(table, "year")
        new = columns_of(table, [*columns, "firm", "year", "industry", "region", "province"])
        new |= _further(table, [header, *new.values(), *keys.values()], [*columns, *new])
        if not new:
            return None
        units = guessed_units(table)
        section: dict[str, Any] = {"level": "region", **read_as(table), **match, "keys": keys, "columns": new}
        factors = {key: units.factors.get(key, 1.0) for key in new if kind(key) == "money"}
        section |= {"units": factors} if factors else {}
        return Source(table, section, units, [Remark("by_names")] if match.get("match") == "name" else [])
    # A panel of codes of places has their provinces; a file that calls its provinces regions is one of provinces.
    header = table.header("region")
    if header is not None and "province" in columns and place_coding(table.frame[header]).kind.startswith("province"):
        renamed = [_as_province(column) for column in table.columns]
        return region_join(_with(table, renamed), columns, firm_years, places)
    return None


def _as_province(column: Column) -> Column:
    return replace(column, names=tuple("province" if name == "region" else name for name in column.names))


def _with(table: Table, columns: list[Column]) -> Table:
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
        return set(province_codes(firm_years["region"]).dropna().unique())
    return set()


def industry_join(table: Table, columns: Mapping[str, float], firm_years: pd.DataFrame) -> Source | None:
    """A file of industries, at the level at which most of its codes are the panel's."""
    if "industry" not in firm_years:
        return None
    theirs = set(distinct(table.values("industry")))
    ours = firm_years["industry"].dropna().drop_duplicates()
    shorter = shorter_codes(ours)
    levels = {"industry": set(ours), **{str(name): set(codes.dropna()) for name, codes in shorter.items()}}
    shared = {level: len(codes & theirs) / max(1, len(codes)) for level, codes in levels.items() if level in columns}
    best = max(shared, key=lambda level: shared[level], default="industry")
    new = columns_of(table, [*columns, "firm", "year", "industry", "region", "province"])
    if not shared.get(best) or not new:
        return None
    keys = {best: str(table.header("industry")), "year": expression_of(table, "year")}
    return Source(table, {"level": "industry", **read_as(table), "keys": keys, "columns": new})


def cohort_source(
    cohort: Cohort, columns: Mapping[str, float], firm_years: pd.DataFrame, places: Coding
) -> Source | None:
    """A list of first years; None where none of its units is in the panel."""
    section: dict[str, Any] = read_as(cohort.table)
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
