"""The proposed study file as text: every section with what it is, why it is so, and what could not be proposed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from involution.intake.allowed import MEDIATORS, Allowed
from involution.intake.chapter import Chapter
from involution.intake.mapping import Mapped
from involution.intake.sources import Source
from involution.intake.texts import has, said
from involution.intake.yaml_text import block, entry, items
from involution.shipped import schema_file

SECTIONS = (
    "population", "size_standard", "accounting", "index", "variables", "sample", "design", "robustness", "endogeneity",
    "mediation", "moderation", "event_study", "heterogeneity", "placebo", "attrition", "models", "hypotheses",
    "tables", "labels",
)  # fmt: skip
TITLE = {"en": "Involution-type competition and firm innovation", "zh": "内卷式竞争与企业创新"}


@dataclass(frozen=True)
class Proposal:
    """What is proposed.

    Attributes
    ----------
    name : str
    language : str
        Of the comments.
    output : Path
    data : Mapped
    can : Allowed
    chapter : Chapter
    refused : dict of str to str
        Items that these data cannot support, by section and name, with the reason.
    """

    name: str
    language: str
    output: Path
    data: Mapped
    can: Allowed
    chapter: Chapter
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The study file."""
        lines = [
            f"# yaml-language-server: $schema={schema_link(self.output)}",
            *self._comment("head", file=self.output.name),
        ]
        lines += entry("name", self.name)
        lines += [*entry("title", TITLE), *self._comment("title"), "", *self._data()]
        for section in SECTIONS:
            if section in self.chapter.sections:
                lines += ["", *self._section(section)]
            elif section in self.chapter.absent:
                lines += ["", *self._comment(self.chapter.absent[section])]
        lines += ["", *self._comment("figures")]
        return "\n".join(lines) + "\n"

    def _comment(self, key: str, indent: int = 0, **values: object) -> list[str]:
        return comment(said(key, self.language, **values), indent)

    def _section(self, section: str) -> list[str]:
        value = self.chapter.sections[section]
        lines = self._comment(f"section_{section}") if has(f"section_{section}") else []
        lines += self._why(section)
        if isinstance(value, list):
            held = [item for item in value if f"{section}.{item.get('name')}" not in self.refused]
            lines += [f"{section}:", *items(held, 2)] if held else []
        elif isinstance(value, str):
            lines += entry(section, value)
        else:
            lines += [f"{section}:", *block(value, 2)]
        for path, reason in self.refused.items():
            if path.startswith(f"{section}."):
                lines += self._comment("refused", 2, name=path.removeprefix(f"{section}."), reason=reason)
        return lines

    def _why(self, section: str) -> list[str]:
        """What is said of a section on these data."""
        can = self.can
        if section == "index":
            lacking = [name for name in _COMPONENTS if not any(name in names for names in can.families.values())]
            return [line for name in lacking for line in self._lacking(name)]
        if section == "mediation":
            return [line for name in MEDIATORS if not can.has(name) for line in self._lacking(name)]
        if section == "design" and not can.families:
            return self._comment("no_index")
        if section == "heterogeneity" and can.registered and can.groups:
            return self._comment("registered")
        return []

    def _lacking(self, name: str) -> list[str]:
        """Why a measure is not there: columns that are missing, or too seldom known."""
        lacking = self.can.missing.get(name)
        if lacking:
            columns = ", ".join(lacking).replace(" or ", said("or", self.language))
            return self._comment("lacking", name=name, columns=columns)
        return self._comment("seldom", name=name)

    def _data(self) -> list[str]:
        data = self.data
        lines = [*self._comment("section_data"), "data:", "  panel:"]
        lines += [line for remark in self._remarks(data.panel, main=True) for line in comment(remark, 4)]
        lines += block(data.panel.section, 4)
        if data.joins:
            lines.append("  join:")
            for join in data.joins:
                lines += [line for remark in self._remarks(join) for line in comment(remark, 4)]
                lines += items([join.section], 4)
        if data.cohorts:
            lines += [*self._comment("cohorts", 2), "  cohorts:"]
            for name, source in data.cohorts.items():
                lines += [line for remark in self._remarks(source) for line in comment(remark, 4)]
                lines += entry(name, source.section, 4)
        if data.events is not None:
            lines += entry("events", data.events.section, 2)
        for path, reason in data.left_out:
            lines += self._comment("left_out", 2, file=path.name, reason=said(f"left_out_{reason}", self.language))
        return lines

    def _remarks(self, source: Source, *, main: bool = False) -> Iterable[str]:
        """What is said above a file's part."""
        language, table = self.language, source.table
        if main:
            yield said("rows", language, rows=f"{len(table.frame):,}", first=self.can.years[0], last=self.can.years[1])
        if table.encoding:
            yield said("encoding", language, encoding=table.encoding)
        if table.others:
            yield said("sheets", language, sheet=table.sheet, others=", ".join(table.others))
        if source.units.factors:
            yield unit_text(source, language)
        for remark in source.remarks:
            yield said(remark.key, language, **remark.values)
        if main:
            yield said(f"coding_{self.data.industries.kind}", language)
            yield said(f"places_{self.data.places.kind}", language)
        for column in table.columns:
            if column.suggestions and not column.names:
                shown = " / ".join(column.suggestions)
                yield said("suggestion", language, header=column.header, column=shown)


_COMPONENTS = (
    "margin_compression", "growth_without_profit", "price_deflation", "effort_return_gap", "inventory_build",
    "capacity_gap", "fragmentation", "homogeneity",
)  # fmt: skip


def unit_text(source: Source, language: str) -> str:
    """In which unit a file is taken to be, and why."""
    units = source.units
    unit = said("unit", language, factor=f"{units.general:,.0f}")
    known: Mapping[str, Any] = {
        "unit": unit,
        "dialect": said(f"dialect_{source.table.dialect}", language) if source.table.dialect else "",
        "columns": ", ".join([*units.of_header[:3], *(["..."] if len(units.of_header) > 3 else [])]),
        "per_head": "" if units.per_head is None else f"{units.per_head:,.0f}",
    }
    text = said(f"units_{units.reason}", language, **known)
    return text + (said("units_per_head", language, **known) if units.per_head is not None else "")


def comment(text: str, indent: int = 0) -> list[str]:
    """A text as lines of comment; Chinese may be broken anywhere."""
    room = 116 - indent
    lines = []
    for paragraph in text.split("\n"):
        rest = paragraph
        while _wide(rest) > room:
            cut = _cut(rest, room)
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        lines.append(rest)
    return [f"{' ' * indent}# {line}".rstrip() for line in lines]


def _wide(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _cut(text: str, room: int) -> int:
    """Where a line of text ends: after the last space that fits, or between Chinese characters."""
    width, last = 0, 0
    for place, character in enumerate(text):
        width += 2 if ord(character) > 0x2E7F else 1
        if width > room:
            return last or place
        if character == " " or ord(character) > 0x2E7F:
            last = place + 1
    return len(text)


def schema_link(output: Path) -> str:
    """Where an editor finds the schema of study files, from a study file."""
    schema = schema_file().resolve()
    try:
        link = Path(os.path.relpath(schema, output.resolve().parent)).as_posix()
    except ValueError:
        return schema.as_uri()
    return quote(link, safe="/.-_~")
