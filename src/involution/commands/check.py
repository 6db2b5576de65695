"""The command `involution check`: study files and their data, without estimating anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from involution.commands.terminal import say, working
from involution.errors import InputError, Problem

if TYPE_CHECKING:
    from involution.study.study import Study


def check(studies: Annotated[list[str], typer.Argument(metavar="STUDY...", help="study files")]) -> None:
    """Read study files and their data without estimating anything."""
    from involution.study import load_study

    problems: list[Problem] = []
    for path in studies:
        try:
            study = load_study(path)
        except InputError as error:
            problems += error.problems
            continue
        try:
            with working(f"{study.name}: reading and measuring"):
                found = _found(study)
            say(found)
        except InputError as error:
            # What is wrong with the data, or with a section on these data, is this study's.
            problems += [replace(p, where=f"{path}: {p.where}" if p.where else path) for p in error.problems]
    if problems:
        raise InputError(problems)


def _found(study: Study) -> str:
    """What a study's data hold: rows in and out, measures that are not available; its models' names are checked."""
    from involution.measures.accounting import unsaid
    from involution.models.run import check_blocks
    from involution.prepared import prepared
    from involution.study.absolute import assumed_units

    ready = prepared(study)
    data, found, analysis, sample = ready.data, ready.found, ready.analysis, ready.sample
    report = data.report
    check_blocks(study, analysis, found.dictionary, data.events, (data.shares, data.shocks))
    shape = report["shape"]
    lines = [
        f"{study.path}: study '{study.name}'",
        f"  {report['rows_read']:,} rows read, {shape['rows']:,} in the population, "
        f"{sample['sample_rows']:,} in the sample",
        f"  {shape['firms']:,} firms, {shape['years'][0]}-{shape['years'][1]}, {len(study.model_names)} models",
        f"  models: {', '.join(study.model_names)}",
    ]
    lines += [
        f"  {s['source']}: {s['rows']:,} rows{', ' + s['encoding'] if s['encoding'] else ''}" for s in report["sources"]
    ]
    for join in report["joins"]:
        lines.append(
            f"  joined {', '.join(join['sources'])}: {join['matched_rows']:,} rows matched, "
            f"{join['unmatched_panel_rows']:,} of the panel and {join['unmatched_file_rows']:,} of the file not"
        )
    lines += _regions_and_signs(report)
    lines += [f"  note: {assumed}" for assumed in assumed_units(study)]
    if report["events"]:
        lines.append(f"  {report['events']['events']:,} events, {report['events']['raters']:,} raters")
        lines += [f"  note: {note}" for note in report["events"]["notes"]]
    question = unsaid(data.panel, study.accounting)
    lines += [f"  note: {question}"] if question else []
    small = found.index.get("small_cells", {"rows": 0})
    if small["rows"]:
        lines.append(
            f"  note: {small['rows']:,} rows, in {small['cells']:,} industry-years of fewer than "
            f"{found.index['min_firms']} firms, have no index"
        )
    for row in found.dictionary.itertuples():
        if not row.available:
            lines.append(f"  not available: {row.name} ({row.reason})")
    return "\n".join(lines)


def _regions_and_signs(report: Mapping[str, Any]) -> list[str]:
    """Codes of regions that were changed or whose place is divided, and amounts that are negative."""
    lines = []
    parts = [report, *report["joins"]]
    for name, regions in (("data.panel" if part is report else part["sources"][0], part["regions"]) for part in parts):
        if regions and regions["codes"] != "as_is":
            lines.append(f"  {name}: region codes of {regions['recoded_rows']:,} rows changed ({regions['codes']})")
    for code, count in report["regions"].get("split", {}).items():
        lines.append(f"  note: {count:,} rows are of region {code}, which has been divided among other prefectures")
    for name, count in report["negative"].items():
        lines.append(f"  note: {name} is negative in {count:,} rows; what is divided by it is missing there")
    return lines
