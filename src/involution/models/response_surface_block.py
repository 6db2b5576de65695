"""The block `response_surface` of a study."""

from __future__ import annotations

from functools import partial

import pandas as pd

from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.notes import Note
from involution.models.own_design import each_prepared, or_failure, prepared_design
from involution.models.response_surface import SurfaceModel, estimate_balance, estimate_surface
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, statistic_rows
from involution.study.block_names import surface_names
from involution.study.response_surface import ResponseSurface
from involution.study.sections import Blocks
from involution.study.timing import dated

BLOCK = ESTIMATOR = "response_surface"


def run_response_surface(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each response surface of a study, and beside it the model of the absolute difference.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, those of all sections together.
    """
    parts = []
    for asked, design, said in check_response_surface(study, data, run):
        for name, estimated in zip(surface_names(asked), (_surface, _balance), strict=False):
            parts.append(or_failure(name, asked, ESTIMATOR, partial(estimated, name, asked, design, said)))
    return gathered(parts, study=run.study, block=BLOCK)


def check_response_surface(
    study: Blocks, data: pd.DataFrame, run: Run
) -> list[tuple[ResponseSurface, Design, tuple[Note, ...]]]:
    """Each surface with its design and what the rules have to say; an InputError for what they refuse."""

    def prepare(asked: ResponseSurface) -> tuple[Design, tuple[Note, ...]]:
        timing = asked.clock
        columns = [(name, timing.moderator) for name in asked.columns]
        if asked.treatment is not None:
            columns = [(asked.treatment, timing.treatment), *columns]
        return prepared_design(BLOCK, asked, columns, asked.treatment or asked.columns[0], data, run)

    return each_prepared(
        "response_surface", [asked.completed(study.design) for asked in study.response_surface], prepare
    )


def model_of(asked: ResponseSurface) -> SurfaceModel:
    """A completed section in dated columns."""
    timing = asked.clock
    first, second = (dated(name, timing.moderator) for name in asked.columns)
    return SurfaceModel(
        outcome=dated(asked.outcome, timing.outcome),
        columns=(first, second),
        about=(asked.about[0], asked.about[1]),
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        treatment=None if asked.treatment is None else dated(asked.treatment, timing.treatment),
        by_year=asked.by_year,
    )


def _surface(name: str, asked: ResponseSurface, design: Design, said: tuple[Note, ...]) -> BlockResult:
    found = estimate_surface(model_of(asked), design, vcov=asked.vcov, said=said)
    fit = found.fit
    rows = estimate_rows(name, found.tidy(), fit, found.remarks, estimator=ESTIMATOR, outcome=fit.outcome)
    return BlockResult(
        rows.assign(r2=fit.r2, r2_within=fit.r2_within),
        statistic_rows(name, found.details),
        note_rows(name, found.remarks),
        found.curves.assign(model=name),
    )


def _balance(name: str, asked: ResponseSurface, design: Design, said: tuple[Note, ...]) -> BlockResult:
    terms, fit, remarks = estimate_balance(model_of(asked), design, vcov=asked.vcov, said=said)
    rows = estimate_rows(name, terms, fit, remarks, estimator=ESTIMATOR, outcome=fit.outcome)
    return BlockResult(
        rows.assign(r2=fit.r2, r2_within=fit.r2_within), statistic_rows(name, fit.details), note_rows(name, remarks)
    )
