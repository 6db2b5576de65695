"""The regressions of a block before any is estimated: names, options and rules checked, rows chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem, each
from involution.models.conley import places
from involution.models.estimate import selected
from involution.models.facts import Facts
from involution.models.matrix import check_names, in_sample, no_column, numbers
from involution.models.notes import Note
from involution.models.options import check_estimator, check_mundlak, check_weights, variance_choice
from involution.models.rules import check_design
from involution.study.formulas import Column, Formula, parse_formula

if TYPE_CHECKING:
    from involution.study.models import Model

PANEL = {"firm": "firm", "year": "year"}


@dataclass(frozen=True)
class Task:
    """One model on its rows, checked and ready."""

    name: str
    model: Model
    formula: Formula
    rows: np.ndarray
    cluster: tuple[str, ...]
    remarks: tuple[Note, ...]


def tasks(models: Sequence[Model], data: pd.DataFrame, known: Facts) -> list[Task]:
    """Every model against the data: one task each, or one a group of `by`.

    Raises
    ------
    InputError
        The problems of all models together.
    """
    sample = in_sample(data)
    made = each(models, lambda model: _of_model(model, data, sample, known), lambda model: f"model '{model.name}'")
    return [task for part in made for task in part]


def _of_model(model: Model, data: pd.DataFrame, sample: np.ndarray, known: Facts) -> list[Task]:
    where = f"model '{model.name}'"
    formula = parse_formula(model.formula)
    check_names(formula, data.columns, f"{where}, formula", known.unavailable)
    _check_columns(model, data, where)
    _check_options(model, formula, data)
    rows = sample.copy() if model.where is None else sample & selected(model.where, data, PANEL)
    out = []
    # The rules look at the rows of each group: what varies in the whole may not vary in a part.
    for name, part in _parts(model, data, rows):
        cluster, remarks = check_design(
            formula, data, part, model.cluster, model.vcov, known, PANEL, allow_low_cluster=model.allow_low_cluster
        )
        out.append(Task(name, model, formula, part, tuple(cluster), tuple(remarks)))
    return out


def _check_columns(model: Model, data: pd.DataFrame, where: str) -> None:
    named = [("cluster", name) for name in model.cluster]
    named += [(key, name) for key, name in (("weights", model.weights), ("by", model.by)) if name is not None]
    problems = [
        Problem(f"{where}, {key}", no_column(name, data.columns)) for key, name in named if name not in data.columns
    ]
    if problems:
        raise InputError(problems)


def _check_options(model: Model, formula: Formula, data: pd.DataFrame) -> None:
    """What can be told without estimating: estimator and variance that do not fit, text where numbers are needed."""
    check_estimator(model.estimator, formula, model.vcov)
    if model.mundlak:
        check_mundlak(model.estimator, formula.fixed_effects, PANEL["firm"])
    implied = ["industry"] if model.vcov is None else []
    variance_choice(model.vcov, model.cluster or implied, model.small_sample.model_dump(), 99, 0)
    if model.conley is not None:
        places(model.conley.model_dump(), data, PANEL)
    if model.weights is not None:
        check_weights(data, model.weights)
    if isinstance(formula.outcome, Column):
        numbers(data, formula.outcome.name)
    for term in (*formula.terms, *formula.endogenous, *formula.instruments):
        for factor in term.factors:
            if isinstance(factor, Column):
                numbers(data, factor.name, in_formula=True)


def _parts(model: Model, data: pd.DataFrame, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The model itself, or one part per group of `by`."""
    if model.by is None:
        yield model.name, rows
        return
    groups = data[model.by]
    values = sorted(groups[rows].dropna().unique())
    if not values:
        # Without any group the model keeps its name and its row, which says that no observation is left.
        yield model.name, np.zeros(len(data), dtype=bool)
    for value in values:
        shown = int(value) if isinstance(value, float) and value.is_integer() else value
        yield f"{model.name}[{shown}]", rows & (groups == value).fillna(False).to_numpy(dtype=bool)
