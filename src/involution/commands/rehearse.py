"""The command `involution rehearse`: what the planned models of a study can find in its own panel."""

from __future__ import annotations

from typing import Annotated

import typer

from involution.commands.terminal import Language, say, tell, written


def rehearse(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="study file; its section `rehearsal`, or the defaults")],
    draws: Annotated[int | None, typer.Option(help="outcomes drawn for each model")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="seed of the draws; that of a run unless given")] = None,
    language: Annotated[Language, typer.Option(help="of the table")] = "en",
    output: Annotated[str | None, typer.Option(metavar="FOLDER", help="where table and numbers are written")] = None,
) -> None:
    """Say what the planned models can find in this panel: size, power, smallest detectable effects."""
    from involution.exhibits.render import render
    from involution.rehearse import rehearse_study, write_rehearsal
    from involution.study import load_study
    from involution.study.config import Config

    drawn = Config.model_fields["seed"].default if seed is None else seed
    content, result = rehearse_study(load_study(study), draws=draws, seed=drawn, language=language, told=tell)
    say(render(content, "txt").decode().removesuffix("\n"))
    if output is not None:
        written(write_rehearsal(output, content, result))
