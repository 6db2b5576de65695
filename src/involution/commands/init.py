"""The command `involution init`: from data files to a study file that runs."""

from __future__ import annotations

import io
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from involution.commands.terminal import Language, say, tell, working, written
from involution.errors import InputError, Problem

if TYPE_CHECKING:
    from involution.intake.summary import Shown


def init(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="data files: accounts, indices, lists")],
    name: Annotated[str, typer.Option(help="of the study: letters, digits, _ and -")],
    output: Annotated[Path, typer.Option(metavar="STUDY", help="the study file that is written")],
    force: Annotated[bool, typer.Option("--force", help="replace a study file that is there")] = False,
    language: Annotated[Language, typer.Option(help="of the comments and of what is said")] = "en",
    column: Annotated[
        list[str] | None, typer.Option(metavar="NAME=HEADER", help="say which column is what; may be repeated")
    ] = None,
) -> None:
    """Recognise the columns of data files and write a commented study file that runs."""
    from involution.files import write_bytes
    from involution.intake.propose import propose, tried
    from involution.intake.summary import summary, warnings

    _check_name(name)
    if output.exists() and not force:
        raise InputError(Problem(str(output), "the file is there already", mend="another --output, or --force"))
    with working(", ".join(path.name for path in files)):
        paths = [path for path in files if path.resolve() != output.resolve()]
        proposal = propose(paths, name, output, language=language, chosen=_chosen(column or []))
        proposal = tried(proposal)
    for shown in summary(proposal):
        say(_printed(shown, language))
    for warning in warnings(proposal):
        tell(warning)
    write_bytes(output, proposal.text.encode())
    written([output])
    say(_next(output, language))


def _check_name(name: str) -> None:
    """The same rule as in a study file, before anything is read."""
    from pydantic import TypeAdapter, ValidationError

    from involution.study.base import Name

    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        what = f"'{name}' is no name: expected letters, digits, _ and -, beginning with a letter or digit"
        raise InputError(Problem("--name", what)) from None


def _chosen(pairs: Sequence[str]) -> dict[str, str]:
    """``firm=代码`` as the canonical column and the header that is it."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise InputError(Problem("--column", f"expected NAME=HEADER, found '{wrong[0]}'"))
    return dict(tuple(pair.split("=", 1)) for pair in pairs)  # type: ignore[misc]


def _printed(shown: Shown, language: Language) -> str:
    """A file's columns as a table, its amounts' unit below."""
    from rich.console import Console
    from rich.table import Table

    from involution.intake.texts import said

    heads = [said(key, language) for key in ("column", "named", "by", "unit_head", "remark")]
    table = Table(*heads, title=shown.title, title_justify="left", box=None, pad_edge=False)
    for row in shown.rows:
        table.add_row(*row)
    stream = io.StringIO()
    Console(file=stream, width=160, color_system=None, markup=False, highlight=False).print(table)
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    return "\n".join([*lines, *([shown.note] if shown.note else []), ""])


def _next(output: Path, language: Language) -> str:
    """The two commands to type next, where they are typed: the workflow reads its settings in its own folder."""
    from involution.intake.texts import said

    check = f"involution check {shlex.quote(str(output))}"
    root = Path(__file__).parents[3]
    where, study, results = "", str(output), "results"
    if not Path("Snakefile").is_file() and (root / "Snakefile").is_file():
        where = f"--directory {shlex.quote(str(root))} --snakefile {shlex.quote(str(root / 'Snakefile'))} "
        study, results = str(output.resolve()), str(Path.cwd() / "results")
    settings = " ".join(shlex.quote(part) for part in (f"studies={study}", f"results={results}"))
    run = f"snakemake {where}--cores all --config {settings} 'languages=[{language}]'"
    return f"{said('next', language)}\n  {check}\n  {run}"
