"""The command `involution simulate`: a simulated panel of small firms, as raw files."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from involution.commands.terminal import say, working, written

FileFormat = Literal["csv", "parquet"]
Headers = Literal["en", "zh"]
Layout = Literal["tables", "extracts"]


def simulate(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="where the files go; it is made if need be")],
    seed: Annotated[int | None, typer.Option(min=0, help="the same seed gives the same bytes")] = None,
    firms: Annotated[int | None, typer.Option(help="firms of the first year; 2,500 unless given")] = None,
    fmt: Annotated[FileFormat, typer.Option("--format", help="of the files")] = "csv",
    headers: Annotated[Headers, typer.Option(help="zh: Chinese names, thousand yuan, csv in GB18030")] = "en",
    layout: Annotated[
        Layout,
        typer.Option(help="extracts: what a researcher would hold, three Chinese files without the truth"),
    ] = "tables",
) -> None:
    """Write a simulated panel of small firms, as raw files, with the truth that was planted."""
    from involution.simulate import DEFAULT_SEED, Settings
    from involution.simulate import simulate as simulated_firms
    from involution.simulate.extracts import write_extracts
    from involution.simulate.write import sized, write_simulated

    if layout == "extracts" and (fmt, headers) != ("csv", "en"):
        raise typer.BadParameter("extracts have their own format and headers: leave --format and --headers out")

    drawn = DEFAULT_SEED if seed is None else seed
    settings = Settings() if firms is None else sized(firms)
    with working("drawing the panel"):
        simulated = simulated_firms(settings, drawn)
    extracts = layout == "extracts"
    paths = write_extracts(simulated, folder) if extracts else write_simulated(simulated, folder, fmt, headers)
    say(f"{len(simulated.accounts):,} firm-years of {simulated.accounts['firm'].nunique():,} firms, seed {drawn}")
    written(paths)
