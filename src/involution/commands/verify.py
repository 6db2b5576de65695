"""The command `involution verify`: whether the numbers of a paper are those of the results."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from involution.commands.terminal import Language, say, working

Format = Literal["text", "csv", "json"]


def verify(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help=".docx, .tex or .md")],
    results: Annotated[str, typer.Option(metavar="FOLDER", help="of the study's results, such as results/NAME")],
    previous: Annotated[
        str | None, typer.Option(metavar="FILE", help="numbers.json of an earlier run: what it tells apart is stale")
    ] = None,
    excepted: Annotated[
        list[str] | None,
        typer.Option("--except", metavar="NUMBER", help="no result, as the paper writes it; repeatable"),
    ] = None,
    language: Annotated[Language, typer.Option(help="of what is said")] = "en",
    fmt: Annotated[Format, typer.Option("--format", help="csv and json list every number")] = "text",
) -> None:
    """Compare every number and star of a paper's tables and text with the results; status 1 if one differs."""
    from involution.audit.report import as_csv, as_json, as_text
    from involution.audit.verify import verify_paper
    from involution.exhibits.labels import Labels

    with working(f"{paper}: comparing"):
        audit = verify_paper(paper, results, previous, excepted or ())
        write = {"text": as_text, "csv": as_csv, "json": as_json}[fmt]
        said = write(audit, Labels(language))
    say(said.removesuffix("\n"))
    if audit.wrong:
        raise typer.Exit(1)
