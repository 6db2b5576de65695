"""The command `involution simulate`: a simulated panel of small firms, as raw files."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from involution.commands.terminal import say, working, written

FileFormat = Literal["csv", "parquet"]
Headers = Literal["en", "zh"]


def simulate(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="where the files go; it is made if need be")],
    seed: Annotated[int | None, typer.Option(min=0, help="the same seed gives the same bytes")] = None,
    firms: Annotated[int | None, typer.Option(help="firms of the first year; 2,500 unless given")] = None,
    fmt: Annotated[FileFormat, typer.Option("--format", help="of the files")] = "csv",
    headers: Annotated[Headers, typer.Option(help="zh: Chinese names, thousand yuan, csv in GB18030")] = "en",
) -> None:
    """Write a simulated panel of small firms, as raw files, with the truth that was planted."""
    from involution.simulate import DEFAULT_SEED, Settings
    from involution.simulate import simulate as simulated_firms
    from involution.simulate.write import sized, write_simulated

    drawn = DEFAULT_SEED if seed is None else seed
    settings = Settings() if firms is None else sized(firms)
    with working("drawing the panel"):
        simulated = simulated_firms(settings, drawn)
    paths = write_simulated(simulated, folder, fmt, headers)
    say(f"{len(simulated.accounts):,} firm-years of {simulated.accounts['firm'].nunique():,} firms, seed {drawn}")
    written(paths)
