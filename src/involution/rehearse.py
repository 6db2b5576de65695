"""The command `involution rehearse`: a study's data, measures and sample, then the rehearsal of its models alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from involution.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from involution.exhibits.content import TableContent
    from involution.models.tidy import BlockResult
    from involution.study.study import Study

Told = Callable[[str], None]
NAME = "rehearsal"


def rehearse_study(
    study: Study, *, draws: int | None = None, seed: int, language: str = "en", told: Told = print
) -> tuple[TableContent, BlockResult]:
    """Rehearse the planned models of a study, with its section `rehearsal` or the defaults.

    Parameters
    ----------
    study : Study
    draws : int, optional
        In place of the section's.
    seed : int
        Of the run: with that of a run of the whole study the numbers are the same.
    language : {"en", "zh"}
    told : callable
        Given a line on what is being done.

    Returns
    -------
    TableContent
    BlockResult

    Raises
    ------
    InputError
        For mistakes of the study or its data, and a study without a planned model.
    """
    from involution.models.blocks import Run
    from involution.models.rehearsal.block import BLOCK, rehearsals
    from involution.models.tidy import gathered
    from involution.prepared import prepared
    from involution.study.rehearsal import DRAWS

    asked = _asked(study, draws)
    told(f"{study.name}: reading and measuring")
    ready = prepared(study)
    dictionary = ready.found.dictionary
    run = Run(study.name, dictionary, study.definitions, seed, draws=DRAWS, events=ready.data.events)
    planned = rehearsals(asked, ready.analysis, run)
    parts = []
    for number, (name, rehearse) in enumerate(planned, 1):
        told(f"{study.name}: rehearsing {name} ({number} of {len(planned)})")
        parts.append(rehearse())
    result = gathered(parts, study=study.name, block=BLOCK)
    return _content(study, result, ready.sample, dictionary, language), result


def _asked(study: Study, draws: int | None) -> Study:
    """The study with its section, or the defaults, and the draws asked for."""
    from pydantic import ValidationError

    from involution.study.problems import problems_of
    from involution.study.rehearsal import Rehearsal

    if study.design is None and not study.mediation:
        what = "the study plans no model that could be rehearsed"
        raise InputError(Problem(str(study.path), what, mend="give the section design or mediation"))
    section = study.rehearsal or Rehearsal()
    if draws is not None:
        try:
            section = Rehearsal.model_validate({**section.model_dump(), "draws": draws})
        except ValidationError as error:
            raise InputError(problems_of(error, Rehearsal, "--draws")) from None
    return study.model_copy(update={"rehearsal": section})


def _content(
    study: Study, result: BlockResult, sample: dict[str, object], dictionary: pd.DataFrame, language: str
) -> TableContent:
    import pandas as pd

    from involution.exhibits.columns import Results
    from involution.exhibits.labels import labels_for
    from involution.exhibits.rehearsal_table import rehearsal_table
    from involution.exhibits.tables import title_of
    from involution.panel.columns import canonical_columns
    from involution.study.tables import Table

    labels = labels_for(language, study.labels, dictionary, canonical_columns())
    table = Table(name=NAME, kind="rehearsal")
    results = Results(result.estimates, result.statistics, result.notes, pd.DataFrame(), sample, result.curves)
    return rehearsal_table(table, results, labels, title_of(table, labels))


def write_rehearsal(folder: str | Path, content: TableContent, result: BlockResult) -> list[Path]:
    """Write the table as Markdown and CSV, and its numbers as tidy CSV files.

    Parameters
    ----------
    folder : str or Path
        Made if need be.
    content : TableContent
    result : BlockResult

    Returns
    -------
    list of Path
    """
    from involution.exhibits.render import render
    from involution.files import write_bytes, write_csv

    place = Path(folder)
    paths = []
    for kind in ("md", "csv"):
        paths.append(place / f"{NAME}.{kind}")
        write_bytes(paths[-1], render(content, kind))
    frames = {"estimates": result.estimates, "statistics": result.statistics, "curves": result.curves}
    for what, frame in frames.items():
        paths.append(place / f"{NAME}_{what}.csv")
        write_csv(paths[-1], frame)
    return paths
