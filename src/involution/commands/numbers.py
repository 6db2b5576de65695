"""The command `involution numbers`: the fields of a Word document set to what the results say."""

from __future__ import annotations

from typing import Annotated

import typer

from involution.commands.terminal import say, written
from involution.errors import InputError, Problem


def numbers(
    paper: Annotated[
        str, typer.Argument(metavar="PAPER.docx", help="Word document with fields of tables/numbers.docx")
    ],
    results: Annotated[str, typer.Option(metavar="FOLDER", help="of the study's results, such as results/NAME")],
    output: Annotated[str | None, typer.Option(metavar="FILE", help="the paper itself unless given")] = None,
) -> None:
    """Set the numbers that a Word document shows as fields to what the results now say."""
    from involution.exhibits.numbers_files import numbers_in
    from involution.exhibits.refresh import refreshed
    from involution.files import read_bytes, write_bytes

    done = refreshed(read_bytes(paper), numbers_in(results), paper)
    for name, before, now in done.changed:
        say(f"{name}: {before or '(nothing)'} -> {now}")
    say(f"{done.fields:,} fields, {len(done.changed):,} changed")
    if not done.fields:
        say("no field shows a number of the results: copy some from tables/numbers.docx")
    try:
        write_bytes(output or paper, done.content)
    except OSError as error:
        mend = "close the document where it is open, or name another file with --output"
        raise InputError(Problem(output or paper, error.strerror or "cannot be written", mend=mend)) from None
    written([output or paper])
