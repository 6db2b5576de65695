"""The command `involution`: checking and rehearsing studies, simulating data and writing schemas at a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from involution.errors import InputError, Problem

if TYPE_CHECKING:
    from involution.study.study import Study


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a user's mistake is one message and status 1."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
        return result
    except InputError as error:
        print(f"involution: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from involution import __version__

    parser = argparse.ArgumentParser(
        prog="involution", description="Check and rehearse studies, simulate data, write schemas."
    )
    parser.add_argument("--version", action="version", version=f"involution {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="read study files and their data without estimating anything")
    check.add_argument("studies", nargs="+", metavar="STUDY", help="study file")
    check.set_defaults(run=_check)
    _add_rehearse(commands)
    _add_simulate(commands)
    schema = commands.add_parser("schema", help="write the JSON Schemas and the generated pages")
    schema.add_argument("--check", action="store_true", help="only say whether they are up to date")
    schema.add_argument("--folder", default=".", help="root of the source tree")
    schema.set_defaults(run=_schema)
    return parser


def _add_rehearse(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rehearse = commands.add_parser(
        "rehearse", help="what the planned models can find in this panel: size, power, smallest detectable effects"
    )
    rehearse.add_argument("study", metavar="STUDY", help="study file; its section `rehearsal`, or the defaults")
    rehearse.add_argument("--draws", type=int, help="outcomes drawn for each model")
    rehearse.add_argument("--seed", type=int, help="seed of the draws; that of a run unless given")
    rehearse.add_argument("--language", choices=("en", "zh"), default="en", help="of the table")
    rehearse.add_argument("--output", metavar="FOLDER", help="where the table and its numbers are written, too")
    rehearse.set_defaults(run=_rehearse)


def _rehearse(options: argparse.Namespace) -> int:
    from involution.exhibits.render import render
    from involution.rehearse import rehearse_study, write_rehearsal
    from involution.study import load_study
    from involution.study.config import Config

    seed = Config.model_fields["seed"].default if options.seed is None else options.seed
    if seed < 0:
        raise InputError(Problem("--seed", f"found {seed}; expected zero or a positive whole number"))
    study = load_study(options.study)
    told = partial(print, file=sys.stderr, flush=True)
    content, result = rehearse_study(study, draws=options.draws, seed=seed, language=options.language, told=told)
    print(render(content, "txt").decode(), end="")
    if options.output is not None:
        print("\n".join(f"written: {path}" for path in write_rehearsal(options.output, content, result)))
    return 0


def _add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser("simulate", help="write a simulated panel of small firms, as raw files")
    simulate.add_argument("folder", metavar="FOLDER", help="where the files go; it is made if need be")
    simulate.add_argument("--seed", type=int, help="seed of the draws; the same seed gives the same bytes")
    simulate.add_argument("--firms", type=int, help="firms of the first year; 2,500 by default")
    simulate.add_argument("--format", choices=("csv", "parquet"), default="csv", dest="fmt")
    simulate.add_argument(
        "--headers", choices=("en", "zh"), default="en", help="zh: Chinese names, thousand yuan, csv in GB18030"
    )
    simulate.set_defaults(run=_simulate)


def _simulate(options: argparse.Namespace) -> int:
    from involution.simulate import DEFAULT_SEED, Settings, simulate
    from involution.simulate.write import sized, write_simulated

    seed = DEFAULT_SEED if options.seed is None else options.seed
    if seed < 0:
        raise InputError(Problem("--seed", f"found {seed}; expected zero or a positive whole number"))
    settings = Settings() if options.firms is None else sized(options.firms)
    simulated = simulate(settings, seed)
    paths = write_simulated(simulated, options.folder, options.fmt, options.headers)
    rows, firms = len(simulated.accounts), simulated.accounts["firm"].nunique()
    print(f"{rows:,} firm-years of {firms:,} firms, seed {seed}")
    print("\n".join(f"written: {path}" for path in paths))
    return 0


def _check(options: argparse.Namespace) -> int:
    from involution.study import load_study

    problems: list[Problem] = []
    for path in options.studies:
        try:
            study = load_study(path)
        except InputError as error:
            problems += error.problems
            continue
        try:
            print(_found(study))
        except InputError as error:
            # What is wrong with the data, or with a section on these data, is this study's.
            problems += [replace(p, where=f"{path}: {p.where}" if p.where else path) for p in error.problems]
    if problems:
        raise InputError(problems)
    return 0


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


def generated() -> dict[str, str]:
    """Files that are written from the code, by their place in the source tree."""
    from involution.measures.pages import columns_page, measures_page
    from involution.study.schema import documentation, json_schema

    return {
        "workflow/schemas/study.schema.json": json_schema("study"),
        "workflow/schemas/config.schema.json": json_schema("config"),
        "docs/study-file.md": documentation(),
        "docs/measures.md": measures_page(),
        "data/README.md": columns_page(),
    }


def _schema(options: argparse.Namespace) -> int:
    root = Path(options.folder)
    stale = []
    for name, content in generated().items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
    if options.check and stale:
        raise InputError(f"not up to date: {', '.join(stale)}; run `make docs`")
    print("\n".join(f"written: {name}" for name in stale) or "all up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
