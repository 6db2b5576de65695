"""What was recognised, as rows to be shown: each column of each file, what it is taken for and why."""

from __future__ import annotations

from typing import NamedTuple

from involution.intake.mapping import Mapped
from involution.intake.proposal import Proposal, unit_text
from involution.intake.recognise import Column
from involution.intake.sources import Source
from involution.intake.texts import said


class Row(NamedTuple):
    """A column of a file: its header, what it is taken for, whose name it is, its unit, what else is to be said."""

    header: str
    column: str
    dialect: str
    unit: str
    remark: str


class Shown(NamedTuple):
    """A file: what it is, its columns, and in which unit its amounts are."""

    title: str
    rows: list[Row]
    note: str


def summary(proposal: Proposal) -> list[Shown]:
    """The files that are used, in the order of the study file."""
    data, language = proposal.data, proposal.language
    parts = [("panel", data.panel), *((str(join.section["level"]), join) for join in data.joins)]
    parts += [("cohort", source) for source in data.cohorts.values()]
    parts += [("events", data.events)] if data.events is not None else []
    return [_shown(role, source, language) for role, source in parts]


def _shown(role: str, source: Source, language: str) -> Shown:
    table = source.table
    key = "joined" if role == "firm" else role
    title = said(f"role_{key}", language, file=table.path.name, rows=f"{len(table.frame):,}")
    rows = [_row(column, source, language) for column in table.columns]
    return Shown(title, rows, unit_text(source, language) if source.units.factors else "")


def _row(column: Column, source: Source, language: str) -> Row:
    section, header = source.section, column.header
    mapped = dict(section.get("columns", {}))
    taken = [name for name, text in mapped.items() if header in (text, text[text.find("(") + 1 : -1])]
    keys = [name for name, text in section.get("keys", {}).items() if header in (text, text[text.find("(") + 1 : -1])]
    factors = [section.get("units", {}).get(name) for name in taken]
    unit = next((f"{factor:,.0f}" for factor in factors if factor is not None), "")
    dialect = said(f"by_{column.dialect}", language) if column.dialect else ""
    if taken:
        own = taken == [header] and not column.names
        return Row(header, ", ".join(taken), dialect, unit, said("kept_as", language) if own else "")
    if keys:
        return Row(header, ", ".join(keys), dialect, "", said("used_key", language))
    return Row(header, "", "", "", _remark(column, section, language))


def _remark(column: Column, section: dict[str, object], language: str) -> str:
    """Why a column is not taken."""
    if column.header == section.get("first_year"):
        return said("used_year", language)
    if column.header in str(section.get("filter", "")):
        return said("used_filter", language)
    if column.names or column.also:
        return said("second", language, column=", ".join(column.names or column.also))
    if column.suggestions:
        return said("resembles", language, column=" / ".join(column.suggestions))
    return said("nothing", language)


def warnings(proposal: Proposal) -> list[str]:
    """What a person has to see to before the file runs, or has to know."""
    from involution.intake.propose import duplicates

    data, language = proposal.data, proposal.language
    told = [
        said("left_out", language, file=path.name, reason=said(f"left_out_{reason}", language))
        for path, reason in data.left_out
    ]
    twice = duplicates(data)
    if len(twice):
        firm, year = twice.iloc[0]
        told.append(said("duplicates", language, count=f"{len(twice):,}", firm=firm, year=int(year)))
    told += _sheets(data, language)
    told += [said("refused", language, name=path, reason=reason) for path, reason in proposal.refused.items()]
    return told


def _sheets(data: Mapped, language: str) -> list[str]:
    """Which sheet was taken of files with several."""
    sources = [data.panel, *data.joins, *data.cohorts.values()]
    return [
        f"{source.table.path.name}: "
        + said("sheets", language, sheet=source.table.sheet, others=", ".join(source.table.others))
        for source in sources
        if source.table.others
    ]
