"""The block `threshold` of a study."""

from __future__ import annotations

from functools import partial

import pandas as pd

from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.notes import Note
from involution.models.own_design import each_prepared, or_failure, prepared_design
from involution.models.threshold.estimate import estimate_threshold
from involution.models.threshold.result import ThresholdModel
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, statistic_rows
from involution.study.sections import Blocks
from involution.study.threshold import Threshold
from involution.study.timing import dated

BLOCK = ESTIMATOR = "threshold"
MOST_DRAWS = 999
"""Draws of the bootstrap tests where a section names none and the run has more."""


def run_threshold(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each threshold model of a study.

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
    parts = [
        or_failure(asked.name, asked, ESTIMATOR, partial(_estimated, asked, design, said, run))
        for asked, design, said in check_threshold(study, data, run)
    ]
    return gathered(parts, study=run.study, block=BLOCK)


def check_threshold(study: Blocks, data: pd.DataFrame, run: Run) -> list[tuple[Threshold, Design, tuple[Note, ...]]]:
    """Each threshold model with its design and what the rules have to say; an InputError for what they refuse."""

    def prepare(asked: Threshold) -> tuple[Design, tuple[Note, ...]]:
        timing, treatment = asked.clock, str(asked.treatment)
        columns = [(treatment, timing.treatment), (asked.threshold, timing.moderator)]
        return prepared_design(BLOCK, asked, columns, treatment, data, run)

    return each_prepared("threshold", [asked.completed(study.design) for asked in study.threshold], prepare)


def model_of(asked: Threshold) -> ThresholdModel:
    """A completed section in dated columns."""
    timing = asked.clock
    return ThresholdModel(
        outcome=dated(asked.outcome, timing.outcome),
        treatment=dated(str(asked.treatment), timing.treatment),
        threshold=dated(asked.threshold, timing.moderator),
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        own_effect=asked.own_effect,
        regime_level=asked.regime_level,
        regimes=asked.regimes,
        trim=asked.trim,
        grid=None if asked.grid == "all" else asked.grid,
    )


def _estimated(asked: Threshold, design: Design, said: tuple[Note, ...], run: Run) -> BlockResult:
    found = estimate_threshold(
        model_of(asked),
        design,
        vcov=asked.vcov,
        draws=run.draws_of(asked.draws, MOST_DRAWS),
        seed=spawned_seed(run.seed, asked.name),
        said=said,
    )
    fit = found.fit
    rows = estimate_rows(asked.name, found.tidy(), fit, found.remarks, estimator=ESTIMATOR, outcome=fit.outcome)
    return BlockResult(
        rows.assign(r2=fit.r2, r2_within=fit.r2_within),
        statistic_rows(asked.name, found.details),
        note_rows(asked.name, found.remarks),
        found.curves.assign(model=asked.name),
    )
