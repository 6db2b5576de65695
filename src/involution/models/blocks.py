"""A block of a study: many models on one data frame, each in its row whether it could be estimated or not."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable
from involution.models.design import Design
from involution.models.estimate import refuse_absorbed
from involution.models.facts import Facts, facts
from involution.models.mechanical import mechanical_notes
from involution.models.result import Fit
from involution.models.rules import subjects
from involution.models.tasks import Task, tasks
from involution.models.tidy import BlockResult, gathered, of_failure, of_fit
from involution.models.turning_point import with_turning_points
from involution.study.formulas import effect_label, parse_formula
from involution.study.mechanical import of_formula

if TYPE_CHECKING:
    from involution.study.models import Model
    from involution.study.sections import Blocks

Finish = Callable[[str, Fit, Design], Fit]


@dataclass(frozen=True)
class Run:
    """What all blocks of a study share.

    Attributes
    ----------
    study : str
        Its name, written into every row.
    dictionary : DataFrame
        Measures with level, unit, family, coverage and whether the panel has them.
    definitions : mapping of str to str
        Expressions of the study's own columns.
    seed, draws : int
    events : DataFrame or None
        Policy events, one row per event and rater.
    full : bool
        Slow tests take all draws too.
    shift_share : tuple of DataFrame or None
        Shares of units in shocks, and the shocks.
    workers : int
        Threads of what can be divided.
    """

    study: str
    dictionary: pd.DataFrame
    definitions: Mapping[str, str]
    seed: int
    draws: int
    events: pd.DataFrame | None = None
    full: bool = False
    shift_share: tuple[pd.DataFrame, pd.DataFrame] | None = None
    workers: int = 1

    def draws_of(self, asked: int | None, most: int) -> int:
        """Draws of a slow test: those that its section names; else the run's, no more than `most` unless it is full."""
        if asked is not None:
            return asked
        return self.draws if self.full else min(self.draws, most)

    @cached_property
    def known(self) -> Facts:
        """What is known of the columns beyond their values."""
        return facts(self.dictionary, self.definitions)

    def models(
        self,
        models: Sequence[Model],
        data: pd.DataFrame,
        block: str,
        made: Mapping[str, str] | None = None,
        finish: Finish | None = None,
    ) -> BlockResult:
        """Estimate regressions of a block.

        Parameters
        ----------
        models : sequence of study.models.Model
        data : DataFrame
        block : str
        made : mapping of str to str, optional
            Expressions of the columns that the block makes.
        finish : callable, optional
            As of `run_models`.
        """
        return run_models(
            models,
            data,
            study=self.study,
            block=block,
            dictionary=self.dictionary,
            definitions={**self.definitions, **(made or {})},
            seed=self.seed,
            draws=self.draws,
            finish=finish,
        )


def run_free(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """The regressions that a study writes out itself."""
    allowed = {model.name: model for model in study.models if model.allow_mechanical}

    def finish(name: str, fit: Fit, on: Design) -> Fit:
        model = allowed.get(name.split("[")[0])
        if model is None:
            return fit
        said = mechanical_notes(study, of_formula("", parse_formula(model.formula)), data.columns)
        return replace(fit, remarks=(*fit.remarks, *said))

    return run.models(study.models, data, "models", finish=finish)


def check_free(study: Blocks, data: pd.DataFrame, run: Run) -> list[Task]:
    """The regressions on their rows; an InputError for what `run_free` would refuse."""
    return check_models(study.models, data, run.dictionary, run.definitions)


def run_models(
    models: Sequence[Model],
    data: pd.DataFrame,
    *,
    study: str,
    block: str = "models",
    dictionary: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
    seed: int = 0,
    draws: int = 9_999,
    finish: Finish | None = None,
) -> BlockResult:
    """Estimate the models of a block; each set of fixed effects and rows is absorbed once.

    Parameters
    ----------
    models : sequence of study.models.Model
    data : DataFrame
        The analysis panel; rows with ``in_sample`` false are seen by lags only.
    study, block : str
        Written into every row.
    dictionary : DataFrame, optional
        Measures with level, leave_one_out and coverage.
    definitions : mapping of str to str, optional
        Expressions of the study's own columns.
    seed, draws : int
        Of the run; each model's seed is spawned from its name, so that order does not matter.
    finish : callable, optional
        From a model's name, its fit and the design that it was estimated on to the fit with what else is told of it;
        a NotEstimable that it raises is the model's.

    Raises
    ------
    InputError
        For names that do not exist and designs that a rule refuses: all of them, before anything is estimated.
    """
    known = facts(dictionary, definitions)
    designs: dict[tuple[object, ...], Design] = {}
    parts = [_run(task, data, known, designs, seed, draws, finish) for task in tasks(models, data, known)]
    return gathered(parts, study=study, block=block)


def check_models(
    models: Sequence[Model],
    data: pd.DataFrame,
    dictionary: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
) -> list[Task]:
    """Check names and designs without estimating; every model on its rows.

    Raises
    ------
    InputError
        As `run_models` would, all problems together.
    """
    return tasks(models, data, facts(dictionary, definitions))


def _run(
    task: Task,
    data: pd.DataFrame,
    known: Facts,
    designs: dict[tuple[object, ...], Design],
    seed: int,
    draws: int,
    finish: Finish | None,
) -> BlockResult:
    formula = task.formula
    try:
        design = _design(task, data, designs)
        fit = _fit(task, design, seed, draws)
        refuse_absorbed(fit, [subject.term for subject in subjects(formula, known)])
        fit = with_turning_points(fit, data)
        fit = fit if finish is None else finish(task.name, fit, design)
    except InputError as error:
        raise InputError([problem.within(f"model '{task.name}'") for problem in error.problems]) from None
    except NotEstimable as error:
        return of_failure(
            task.name,
            str(error),
            estimator="iv" if formula.endogenous else task.model.estimator,
            outcome=formula.outcome.label,
            fixed_effects=[effect_label(effect) for effect in formula.fixed_effects],
        )
    return of_fit(task.name, fit)


def _design(task: Task, data: pd.DataFrame, designs: dict[tuple[object, ...], Design]) -> Design:
    """The design of a task: one for all tasks with its rows, fixed effects, clusters and weights."""
    model = task.model
    effects = tuple(effect_label(effect) for effect in task.formula.fixed_effects)
    key = (effects, task.cluster, model.weights, model.singletons, task.rows.tobytes())
    if key not in designs:
        designs[key] = Design(
            data, effects, task.cluster, weights=model.weights, singletons=model.singletons, rows=task.rows
        )
    return designs[key]


def _fit(task: Task, design: Design, seed: int, draws: int) -> Fit:
    model = task.model
    return design.estimate(
        task.formula,
        estimator=model.estimator,
        vcov=model.vcov,
        small_sample=model.small_sample.model_dump(),
        conley=None if model.conley is None else model.conley.model_dump(),
        draws=model.draws or draws,
        seed=spawned_seed(seed, task.name),
        mundlak=model.mundlak,
        remarks=task.remarks,
    )


def spawned_seed(seed: int, name: str) -> int:
    """A seed for the task of this name, independent of every other task's and of their order."""
    sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))
    return int(sequence.generate_state(1)[0])
