"""The command `involution`: the commands of `involution.commands` under one name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from involution.commands.check import check
from involution.commands.dictionary import dictionary
from involution.commands.init import init
from involution.commands.numbers import numbers
from involution.commands.rehearse import rehearse
from involution.commands.schema import schema
from involution.commands.simulate import simulate
from involution.commands.terminal import refuse, say
from involution.commands.verify import verify
from involution.errors import InputError

app = typer.Typer(
    help="From a firm panel to the tables of a paper: describe data, check and rehearse studies, simulate.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init, check, dictionary, rehearse, simulate, schema, numbers, verify):
    app.command()(command)


def _version(asked: bool) -> None:
    from involution import __version__

    if asked:
        say(f"involution {__version__}")
        raise typer.Exit


@app.callback()
def involution(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show the version and exit")
    ] = False,
) -> None:
    """From a firm panel to the tables of a paper."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a user's mistake is one message and status 1, wrong usage status 2."""
    try:
        app(None if arguments is None else list(arguments), prog_name="involution")
    except InputError as error:
        refuse(error)
        return 1
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
