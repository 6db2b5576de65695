"""The block `breakthrough` of a study: how far each lever offsets a rise of the treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, each
from involution.models.blocks import Run
from involution.models.breakthrough.by_group import Grouped
from involution.models.breakthrough.estimated import estimated
from involution.models.breakthrough.joint import ESTIMATOR, Groups
from involution.models.breakthrough.specification import Specification, columns_of, specification_of
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.facts import Facts
from involution.models.matrix import no_column, text_problems
from involution.models.notes import Note
from involution.models.own_design import formula_of, rows_of, ruled_clusters
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, of_failure, statistic_rows
from involution.study import breakthrough as section
from involution.study.sections import Blocks

BLOCK = "breakthrough"


@dataclass(frozen=True)
class Prepared:
    """A section whose names and rules are checked."""

    asked: section.Breakthrough
    specification: Specification
    design: Design
    grouped: Grouped | None
    said: tuple[Note, ...]


def run_breakthrough(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate every joint model of levers that a study asks for.

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
    parts = [_run(prepared) for prepared in check_breakthrough(study, data, run)]
    return gathered(parts, study=run.study, block=BLOCK)


MOST_GROUPS = 12


def check_breakthrough(study: Blocks, data: pd.DataFrame, run: Run) -> list[Prepared]:
    """Each section with its design and what the rules have to say; an InputError for what they refuse."""
    whole = [asked.completed(study.design) for asked in study.breakthrough]
    return each(whole, lambda asked: _prepared(asked, data, run.known), lambda asked: f"breakthrough: {asked.name}")


def _prepared(asked: section.Breakthrough, data: pd.DataFrame, known: Facts) -> Prepared:
    where = f"breakthrough: {asked.name}"
    dated_data, made = with_dated(data, columns_of(asked), where, known.unavailable)
    specification = specification_of(asked)
    rows = rows_of(asked.where, dated_data)
    assert asked.treatment is not None
    _check_columns(asked, specification, dated_data)
    regressors = (specification.treatment, *specification.controls)
    formula = formula_of(specification.outcome, regressors, asked.fixed_effects)
    cluster, said = ruled_clusters(asked, formula, asked.treatment, dated_data, rows, known.defining(made))
    design = Design(dated_data, asked.fixed_effects or (), cluster, weights=asked.weights, rows=rows)
    return Prepared(asked, specification, design, _grouped(asked, dated_data), tuple(said))


def _check_columns(asked: section.Breakthrough, specification: Specification, data: pd.DataFrame) -> None:
    """Raise an InputError for text where a number is needed, and groups that nobody is in."""
    problems = text_problems(data, _numeric(specification))
    if asked.by is not None and asked.by not in data.columns:
        problems.append(Problem("by", no_column(asked.by, data.columns)))
    elif asked.by is not None:
        known = set(_text(data[asked.by]).dropna())
        if len(asked.groups or known) > MOST_GROUPS:
            what = f"'{asked.by}' has {len(known):,} values; up to {MOST_GROUPS} groups are shown side by side"
            problems.append(Problem("by", what, mend="name those wanted under groups, or a coarser column"))
        problems += [
            Problem("groups", f"no row has {asked.by} '{value}'; there are {', '.join(sorted(known)[:10])}")
            for value in asked.groups
            if value not in known
        ]
    if problems:
        raise InputError(problems)


def _numeric(specification: Specification) -> dict[str, Sequence[str]]:
    levers = {
        f"levers.{lever}": [name for name in columns if name not in specification.products]
        for lever, columns in specification.levers.items()
    }
    outcome, treatment = (specification.outcome,), (specification.treatment,)
    return {"outcome": outcome, "treatment": treatment, **levers, "controls": specification.controls}


def _grouped(asked: section.Breakthrough, data: pd.DataFrame) -> Grouped | None:
    if asked.by is None:
        return None
    values = _text(data[asked.by]).to_numpy(dtype=object)
    return Grouped(Groups(asked.by, values), tuple(asked.groups), asked.slopes == "group", asked.move == "group")


def _text(column: pd.Series) -> pd.Series:
    """Groups as text, a whole number without its point; missing stays missing."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype(str).where(column.notna(), None)


def _run(prepared: Prepared) -> BlockResult:
    name, specification = prepared.asked.name, prepared.specification
    try:
        found = estimated(specification, prepared.design, prepared.grouped, prepared.said)
    except NotEstimable as error:
        effects = prepared.asked.fixed_effects or ()
        return of_failure(name, str(error), estimator=ESTIMATOR, outcome=specification.outcome, fixed_effects=effects)
    rows = [
        estimate_rows(name, part.terms, part.of, found.remarks, estimator=ESTIMATOR, outcome=specification.outcome)
        for part in found.parts
    ]
    return BlockResult(
        pd.concat(rows, ignore_index=True), statistic_rows(name, found.details), note_rows(name, found.remarks)
    )
