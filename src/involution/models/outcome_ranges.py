"""Outcomes outside the range of their estimator, such as negative ones of Poisson: told before anything is estimated.

A run puts the reason into the model's row; who only checks a study would not see that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.baseline import baseline_models, with_baseline_columns
from involution.models.blocks import Run
from involution.models.glm import check_range
from involution.models.matrix import numbers
from involution.models.robustness.block import check_robustness
from involution.models.tasks import Task, tasks
from involution.study.formulas import Column
from involution.study.models import Model
from involution.study.sections import Blocks


def check_outcome_ranges(study: Blocks, data: pd.DataFrame, run: Run) -> None:
    """Raise an InputError for outcomes that their estimator does not have, in the rows that can be used.

    What makes a section unusable otherwise is left to its own check.
    """
    problems = []
    try:
        for where, models, frame in _regressions(study, data, run):
            for task in tasks(models, frame, run.known):
                problems += _outside(task, frame, where)
    except InputError:
        return
    if problems:
        raise InputError(problems)


def _regressions(study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[tuple[str, Sequence[Model], pd.DataFrame]]:
    """The regressions that a study names estimators of, with the data that have their columns."""
    yield "models: ", study.models, data
    if study.design is not None:
        frame, _ = with_baseline_columns(study.design, data, run.known)
        yield "design: ", baseline_models(study.design, frame, run.dictionary, run.known), frame
    for item in check_robustness(study, data, run):
        yield "robustness: ", item.models, item.data


def _outside(task: Task, data: pd.DataFrame, where: str) -> list[Problem]:
    outcome = task.formula.outcome
    if not isinstance(outcome, Column):
        return []
    rows = task.rows.copy()
    terms = (*task.formula.terms, *task.formula.endogenous)
    for name in {factor.name for term in terms for factor in term.factors if isinstance(factor, Column)}:
        rows &= ~np.isnan(numbers(data, name))
    values = numbers(data, outcome.name)[rows]
    try:
        check_range(task.model.estimator, outcome.name, values[~np.isnan(values)])
    except NotEstimable as error:
        mend = "name another estimator, such as ols, or another outcome"
        what = f"{error}; found values from {np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
        return [Problem(f"{where}{task.name}.estimator", what, mend=mend)]
    return []
