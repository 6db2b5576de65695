"""A checked study as lines for people and as plain data for machines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from involution.commands.check_texts import CHECK_TEXTS

if TYPE_CHECKING:
    from involution.checked import Checked
    from involution.errors import Problem
    from involution.models.prospects import Prospect

Line = tuple[str, str]
"""A style of the terminal and a text."""
STYLES = {"mistake": "bold red", "doubt": "yellow", "note": "cyan"}
SHOWN_NAMES = 12
"""Names of measures or models that a line shows."""
_NEEDS = re.compile(r"^needs ([\w.*, ]+)$")
_NO_COMPONENT = re.compile(r"^no component of the family '(?P<family>\w+)' is left \((?P<parts>.*)\)$")
_COVERAGE = re.compile(r"^(?P<names>.+) known in (?P<share>\S+) of the rows, fewer than (?P<least>\S+)$")


def text(key: str, language: str, **values: Any) -> str:
    """A text of this command, filled in."""
    return CHECK_TEXTS[key][language == "zh"].format(**values)


def lines(checked: Checked, language: str) -> Iterator[Line]:
    """What a check has found, section by section."""
    yield "bold", text("study", language, path=checked.study.path, name=checked.study.name)
    for key, part in (
        ("found", _found), ("suspicious", _suspicious), ("unavailable", _unavailable), ("models", _models),
    ):  # fmt: skip
        yield "bold", text(key, language)
        made = list(part(checked, language))
        yield from made or [("dim", f"  {text('nothing', language)}")]


def _found(checked: Checked, language: str) -> Iterator[Line]:
    report, study = checked.report, checked.study
    shape = report["shape"]
    rows = {"read": report["rows_read"], "population": shape["rows"], "sample": checked.sample["sample_rows"]}
    first, last = shape["years"]
    told = [
        text("rows", language, **rows),
        text("shape", language, firms=shape["firms"], first=first, last=last, models=len(study.model_names)),
    ]
    for source in report["sources"]:
        encoding = text("encoding", language, encoding=source["encoding"]) if source["encoding"] else ""
        told.append(text("source", language, source=source["source"], rows=source["rows"], encoding=encoding))
    for join in report["joins"]:
        counts = {
            "matched": join["matched_rows"], "panel": join["unmatched_panel_rows"], "file": join["unmatched_file_rows"],
        }  # fmt: skip
        told.append(text("joined", language, source=", ".join(join["sources"]), **counts))
    told += _recoded(report, language)
    events = report["events"]
    if events:
        told.append(text("events", language, events=events["events"], raters=events["raters"]))
    sizes = {"available": len(checked.available), "unavailable": len(checked.unavailable)}
    told.append(text("measures", language, **sizes))
    yield from (("", f"  {line}") for line in told)


def _recoded(report: Mapping[str, Any], language: str) -> Iterator[str]:
    """Codes of regions that were changed."""
    for part in (report, *report["joins"]):
        regions = part["regions"]
        if regions and regions["codes"] != "as_is":
            name = "data.panel" if part is report else part["sources"][0]
            yield text("recoded", language, source=name, rows=regions["recoded_rows"], codes=regions["codes"])


def notes(checked: Checked, language: str) -> list[str]:
    """What the study leaves unsaid, and rows that have no index."""
    from involution.study.absolute import assumed_units

    told = assumed_units(checked.study, language)
    if checked.question[language]:
        told.append(checked.question[language])
    if checked.small_cells["rows"]:
        told.append(text("small_cells", language, **checked.small_cells))
    return told


def _suspicious(checked: Checked, language: str) -> Iterator[Line]:
    from involution.panel.suspicions import told

    for record in checked.suspicious:
        said = told(record, language)
        severity = record["severity"]
        values = {"severity": text(severity, language), "what": said.what, "name": record["name"]}
        yield STYLES[severity], f"  {text('finding', language, **values)}"
        yield from (("dim", f"      {written(row)}") for row in record["rows"])
        yield "", f"    {text('why', language, text=said.why)}"
        yield "", f"    {text('mend', language, text=said.mend)}"
    for note in notes(checked, language):
        yield STYLES["note"], f"  {text('told', language, severity=text('note', language), what=note)}"


def written(row: Mapping[str, Any]) -> str:
    """A case under the names that the study file has."""
    return ", ".join(f"{name} {_shown(value)}" for name, value in row.items())


def _shown(value: Any) -> str:
    """A value; large amounts without decimals, years without a comma."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.6g}"
    return str(value)


def _unavailable(checked: Checked, language: str) -> Iterator[Line]:
    """Measures that the panel does not have, those for the same reason together."""
    groups: dict[str, list[str]] = {}
    for name, reason in checked.unavailable.items():
        groups.setdefault(reason, []).append(name)
    for reason, names in groups.items():
        yield (
            "",
            "  "
            + text("unavailable_for", language, reason=reason_in(reason, language), names=_listed(names, language)),
        )


def reason_in(reason: str, language: str) -> str:
    """Why a measure is not available, as the dictionary says it, in a language; rare reasons as they are."""
    if language == "en":
        return reason
    comma = text("comma", language)
    if found := _NEEDS.match(reason):
        return text("needs", language, names=found[1].replace(", ", comma).replace(" or ", text("or", language)))
    if found := _COVERAGE.match(reason):
        return text("coverage", language, **{**found.groupdict(), "names": found["names"].replace(", ", comma)})
    if found := _NO_COMPONENT.match(reason):
        pairs = [part.split(": ", 1) for part in found["parts"].split("; ")]
        parts = [text("component", language, name=name, reason=reason_in(why, language)) for name, why in pairs]
        return text("no_component", language, family=found["family"], parts=text("semicolon", language).join(parts))
    return reason


def _listed(names: Sequence[str], language: str) -> str:
    more = len(names) - SHOWN_NAMES
    shown = text("comma", language).join(names[:SHOWN_NAMES])
    return shown if more <= 0 else f"{shown} (+{more})"


def _models(checked: Checked, language: str) -> Iterator[Line]:
    whole = checked.prospects
    possible = [prospect for prospect in whole if not prospect.why]
    if whole:
        yield "", f"  {text('will', language, count=len(possible), whole=len(whole))}"
    for section in dict.fromkeys(prospect.section for prospect in possible):
        part = [prospect for prospect in possible if prospect.section == section]
        sizes = ("，" if language == "zh" else ", ").join(_sizes(part, language))
        yield "", f"    {text('section', language, section=section, count=len(part), sizes=sizes)}"
    for prospect in whole:
        if prospect.why:
            values = {"section": prospect.section, "model": prospect.model, "reason": prospect.reason(language)}
            yield STYLES["doubt"], f"  {text('will_not', language, **values)}"
    for problem in checked.problems:
        yield STYLES["mistake"], f"  {text('refused', language, text=f'{problem.where}: {problem.what}')}"
    more = checked.uncounted
    if more:
        shown = _listed([f"{section} ({count:,})" for section, count in more.items()], language)
        yield "", f"  {text('repeat', language, count=sum(more.values()), sections=shown)}"


def _sizes(part: Sequence[Prospect], language: str) -> Iterator[str]:
    """The least and the most rows, firms and clusters of a section's models."""
    for key in ("rows", "firms", "clusters", "treated"):
        known = [value for value in (getattr(prospect, key) for prospect in part) if value is not None]
        if known:
            low, high = min(known), max(known)
            shown = f"{low:,}" if low == high else f"{low:,}-{high:,}"
            yield text(f"size_{key}", language, range=shown)


def data(checked: Checked, language: str) -> dict[str, Any]:
    """A checked study as plain data: the keys of ``--format json``."""
    from involution.panel.suspicions import told

    report = checked.report
    return {
        "path": str(checked.study.path),
        "study": checked.study.name,
        "found": {
            "rows_read": report["rows_read"],
            "population_rows": report["shape"]["rows"],
            "sample_rows": checked.sample["sample_rows"],
            "firms": report["shape"]["firms"],
            "years": report["shape"]["years"],
            "models": len(checked.study.model_names),
            "sources": report["sources"],
            "joins": report["joins"],
        },
        "suspicious": [{**record, **asdict(told(record, language))} for record in checked.suspicious],
        "notes": notes(checked, language),
        "measures": {
            "available": list(checked.available),
            "unavailable": {name: reason_in(why, language) for name, why in checked.unavailable.items()},
        },
        "models": [_model(prospect, language) for prospect in checked.prospects],
        "not_counted": checked.uncounted,
        "problems": problems(checked.problems),
    }


def _model(prospect: Prospect, language: str) -> dict[str, Any]:
    kept = ("section", "model", "outcome", "rows", "firms", "clusters", "treated")
    known = {key: getattr(prospect, key) for key in kept}
    return {**known, "estimated": not prospect.why, "reason": prospect.reason(language)}


def problems(found: Sequence[Problem]) -> list[dict[str, Any]]:
    """Mistakes as plain data."""
    return [{**asdict(problem), "rows": list(problem.rows)} for problem in found]
