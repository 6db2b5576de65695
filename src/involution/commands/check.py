"""The command `involution check`: study files and their data, without estimating anything."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from involution.commands.terminal import Language, say, show, tell, working
from involution.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from involution.checked import Checked

OutputFormat = Literal["text", "json"]


def check(
    studies: Annotated[list[str], typer.Argument(metavar="STUDY...", help="study files")],
    strict: Annotated[bool, typer.Option("--strict", help="status 1 when something is a mistake or in doubt")] = False,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="a suspicion that --strict lets pass; may be repeated")
    ] = None,
    language: Annotated[Language, typer.Option(help="of what is said")] = "en",
    fmt: Annotated[OutputFormat, typer.Option("--format", help="json: for programs; its keys are in docs/check.md")] = (
        "text"
    ),
) -> None:
    """Say what study files and their data hold, what looks wrong and what can be estimated, without estimating."""
    from involution.commands.check_lines import lines, text

    accepted = _accepted(accept or [])
    found = list[Problem]()
    records = list[dict[str, Any]]()
    suspicious = 0
    for path in studies:
        mistakes, checked = _checked(path)
        found += [_of(path, mistake) for mistake in mistakes]
        if fmt == "json":
            records.append(_record(path, checked, mistakes, language))
        elif checked is not None:
            show(lines(checked, language))
        if checked is not None:
            suspicious += sum(
                record["severity"] != "note" and record["name"] not in accepted for record in checked.suspicious
            )
    if fmt == "json":
        say(json.dumps({"studies": records}, ensure_ascii=False, indent=1))
    if found:
        raise InputError(found)
    if strict and suspicious:
        tell(text("strict", language, count=suspicious))
        raise typer.Exit(1)


def _checked(path: str) -> tuple[tuple[Problem, ...], Checked | None]:
    """The mistakes of a study and, where its data can be used, what is found."""
    from involution.checked import check_study
    from involution.study import load_study

    try:
        study = load_study(path)
        with working(f"{study.name}: reading and measuring"):
            checked = check_study(study)
    except InputError as error:
        return error.problems, None
    return checked.problems, checked


def _of(path: str, problem: Problem) -> Problem:
    """A mistake under the study that it is of."""
    if problem.where.startswith(path):
        return problem
    return replace(problem, where=f"{path}: {problem.where}" if problem.where else path)


def _record(path: str, checked: Checked | None, mistakes: tuple[Problem, ...], language: str) -> dict[str, Any]:
    from involution.commands.check_lines import data, problems

    return {"path": path, "problems": problems(mistakes)} if checked is None else data(checked, language)


def _accepted(names: Collection[str]) -> frozenset[str]:
    """The names of suspicions that are let pass.

    Raises
    ------
    InputError
        For a name that no suspicion has.
    """
    from involution.panel.suspicions.texts import suspicion_texts

    known = [str(name) for name in suspicion_texts().index]
    wrong = [Problem("--accept", f"there is no suspicion '{name}'{nearest(name, known)}") for name in names]
    wrong = [problem for problem, name in zip(wrong, names, strict=True) if name not in known]
    if wrong:
        raise InputError(wrong)
    return frozenset(names)
