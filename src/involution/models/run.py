"""From the sections of a study to the tidy results of one of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.models.attrition_block import check_attrition, run_attrition
from involution.models.baseline import baseline_models, run_baseline, with_baseline_columns
from involution.models.blocks import Run, check_models
from involution.models.mediation.block import prepared, run_mechanism, run_mediation, with_outcome
from involution.models.rules import facts
from involution.models.tidy import BlockResult
from involution.models.truth import truth_table
from involution.study.attrition import Attrition
from involution.study.design import PaperDesign
from involution.study.index import Index
from involution.study.mediation import Mediation
from involution.study.models import Model
from involution.study.truth import Truth

if TYPE_CHECKING:
    from involution.study.study import Study


def run_block(
    block: str,
    sections: Mapping[str, Any],
    data: pd.DataFrame,
    *,
    study: str,
    dictionary: pd.DataFrame,
    seed: int,
    draws: int,
) -> BlockResult:
    """Estimate one block of a study.

    Parameters
    ----------
    block : str
        models, baseline, mechanism, mediation or attrition.
    sections : mapping
        The sections of the study that the block uses, as plain data: `study.study.BLOCK_SECTIONS`.
    data : DataFrame
        The analysis panel: all rows of the population, with ``in_sample``.
    study : str
        Name of the study.
    dictionary : DataFrame
        Measures with level, unit, family and whether the panel has them.
    seed, draws : int
        Of the run.

    Raises
    ------
    InputError
        For names that do not exist and designs that a rule refuses: all of them, before anything is estimated.
    """
    definitions = {**sections["derive"], **sections["variables"]}
    run = Run(study, dictionary, definitions, seed, draws)
    models = [Model.model_validate(model) for model in sections.get("models", ())]
    design = _design(sections)
    if block == "models":
        return run.models(models, data, "models")
    if block == "baseline":
        assert design is not None
        return run_baseline(design, data, run)
    if block in ("mechanism", "mediation"):
        mediations = [Mediation.model_validate(item).completed(design) for item in sections["mediation"]]
        if block == "mechanism":
            return run_mechanism(mediations, data, run)
        return run_mediation(mediations, data, _index(sections), run)
    attritions = [Attrition.model_validate(item) for item in sections["attrition"]]
    return run_attrition(attritions, models, design, data, run)


def check_blocks(study: Study, data: pd.DataFrame, dictionary: pd.DataFrame) -> None:
    """Check the names and designs of every block without estimating.

    Parameters
    ----------
    study : Study
    data : DataFrame
        The analysis panel.
    dictionary : DataFrame

    Raises
    ------
    InputError
        With the problems of all blocks.
    """
    definitions = {**study.derive, **study.variables}
    known = facts(dictionary, definitions)
    problems: list[Problem] = []

    def checked(check: Callable[[], object]) -> None:
        try:
            check()
        except InputError as error:
            problems.extend(error.problems)

    def baseline() -> None:
        if study.design is not None:
            dated, made = with_baseline_columns(study.design, data, known)
            models = baseline_models(study.design, dictionary, known)
            check_models(models, dated, dictionary, {**definitions, **made})

    mediations = [section.completed(study.design) for section in study.mediation]
    checked(lambda: check_models(study.models, data, dictionary, definitions))
    checked(baseline)
    checked(lambda: prepared(mediations, data, known, study.index or Index()))
    checked(lambda: check_attrition(study.attrition, data, known.unavailable))
    if problems:
        raise InputError(problems)


def run_truth(
    sections: Mapping[str, Any],
    planted: pd.DataFrame,
    estimates: pd.DataFrame,
    data: pd.DataFrame,
    *,
    dictionary: pd.DataFrame,
) -> pd.DataFrame:
    """A study's estimates beside the effects planted in its data; no row where it names none.

    Parameters
    ----------
    sections : mapping
        truth, models, design, mediation, index, derive and variables, as plain data.
    planted : DataFrame
        Columns name and truth.
    estimates : DataFrame
        Of all blocks.
    data : DataFrame
        The analysis panel.
    dictionary : DataFrame

    Raises
    ------
    InputError
        For effects, models and terms that do not exist.
    """
    rows = [Truth.model_validate(row) for row in sections["truth"]]
    models = [Model.model_validate(model) for model in sections["models"]]
    design = _design(sections)
    known = facts(dictionary, {**sections["derive"], **sections["variables"]})
    if rows and design is not None:
        data, _ = with_baseline_columns(design, data, known)
        models += baseline_models(design, dictionary, known)
    index = _index(sections)
    decompositions = {
        section.name: partial(with_outcome, section.completed(design), data, known, index)
        for section in map(Mediation.model_validate, sections["mediation"])
    }
    return truth_table(rows, planted, estimates, {model.name: model for model in models}, data, decompositions)


def _design(sections: Mapping[str, Any]) -> PaperDesign | None:
    return PaperDesign.model_validate(sections["design"]) if sections.get("design") else None


def _index(sections: Mapping[str, Any]) -> Index:
    """The study's index, or that of the package where it names none."""
    return Index() if sections["index"] is None else Index.model_validate(sections["index"])
