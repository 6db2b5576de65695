"""From a section with a design of its own to the `Design` it is estimated on, its names and rules checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, each
from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.facts import Facts
from involution.models.matrix import in_sample, numbers
from involution.models.notes import Note
from involution.models.options import check_weights
from involution.models.rules import check_design
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, of_failure
from involution.models.treatment_level import treatment_level
from involution.study.formulas import Formula, parse_formula, quoted
from involution.study.mediation import Mediation
from involution.study.own_design import OwnDesign, WithVariance
from involution.study.timing import dated

Asked = TypeVar("Asked", bound=WithVariance)
Section = OwnDesign | Mediation
"""A completed section that names its rows, fixed effects, clusters and weights."""


def rows_of(where: str | None, data: pd.DataFrame) -> np.ndarray:
    """The rows of the sample in which a section's condition holds, as a mask."""
    rows = in_sample(data)
    return rows if where is None else rows & selected(where, data, PANEL)


def formula_of(outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str] | None) -> Formula:
    """A section's main equation, for the rules."""
    effects = f" | {' + '.join(fixed_effects)}" if fixed_effects else ""
    return parse_formula(f"{quoted(outcome)} ~ {' + '.join(map(quoted, regressors))}{effects}")


def ruled_clusters(
    asked: Section,
    formula: Formula,
    treatment: str,
    data: pd.DataFrame,
    rows: np.ndarray,
    known: Facts,
    vcov: str | None = None,
) -> tuple[list[str], list[Note]]:
    """A section's clusters, at the level of the treatment unless named, and what the rules have to say.

    Raises
    ------
    InputError
        For names that do not exist and designs that a rule refuses.
    """
    cluster, low = asked.cluster or [treatment_level(treatment, data, rows, known)], bool(asked.allow_low_cluster)
    return check_design(formula, data, rows, cluster, vcov, known, PANEL, allow_low_cluster=low)


def prepared_design(
    key: str, asked: WithVariance, columns: Sequence[tuple[str, int]], treatment: str, data: pd.DataFrame, run: Run
) -> tuple[Design, tuple[Note, ...]]:
    """The design of a completed section and what the rules have to say.

    Parameters
    ----------
    key : str
        The section, for messages.
    asked : WithVariance
    columns : sequence of (str, int)
        Regressors but for the controls, each with its years from the row's own; the rules look at all of them.
    treatment : str
        The column at whose level clusters stand unless they are named.
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist or hold text, and designs that a rule refuses.
    """
    where = f"{key}: {asked.name}"
    timing = asked.clock
    pairs = [(asked.outcome, timing.outcome), *columns, *((name, timing.controls) for name in asked.controls or ())]
    whole, made = with_dated(data, pairs, where, run.known.unavailable)
    rows = rows_of(asked.where, whole)
    names = list(dict.fromkeys(dated(name, years) for name, years in pairs))
    check_columns(names, asked.weights, whole)
    formula = formula_of(names[0], names[1:], asked.fixed_effects)
    cluster, said = ruled_clusters(asked, formula, treatment, whole, rows, run.known.defining(made), asked.vcov)
    design = Design(whole, asked.fixed_effects or (), cluster, weights=asked.weights, rows=rows)
    return design, tuple(said)


def check_columns(names: Iterable[str], weights: str | None, data: pd.DataFrame) -> None:
    """Raise an InputError for every column that is no number."""
    problems: list[Problem] = []
    for name in names:
        try:
            numbers(data, name)
        except InputError as error:
            problems += error.problems
    if weights is not None and weights in data.columns:
        check_weights(data, weights)
    if problems:
        raise InputError(problems)


def each_prepared(
    key: str, sections: Iterable[Asked], prepare: Callable[[Asked], tuple[Design, tuple[Note, ...]]]
) -> list[tuple[Asked, Design, tuple[Note, ...]]]:
    """Each item of a section with its design and what the rules have to say; the mistakes of all of them together.

    Raises
    ------
    InputError
    """
    return each(sections, lambda asked: (asked, *prepare(asked)), lambda asked: f"{key}: {asked.name}")


def or_failure(name: str, asked: WithVariance, estimator: str, estimated: Callable[[], BlockResult]) -> BlockResult:
    """The result of a model, or its row with the reason where the data do not support it."""
    try:
        return estimated()
    except NotEstimable as error:
        outcome = dated(asked.outcome, asked.clock.outcome)
        return of_failure(
            name, str(error), estimator=estimator, outcome=outcome, fixed_effects=asked.fixed_effects or ()
        )
