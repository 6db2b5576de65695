"""From the sections of a study to the tidy results of one of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.models.attrition_block import check_attrition, run_attrition
from involution.models.baseline import baseline_models, check_baseline, run_baseline, with_baseline_columns
from involution.models.blocks import Run, check_free, run_free
from involution.models.breakthrough.block import check_breakthrough, run_breakthrough
from involution.models.endogeneity.block import check_endogeneity, run_endogeneity
from involution.models.event_study.block import check_event_study, run_event_study
from involution.models.expected import Found, Runs, with_expected
from involution.models.exposure.block import check_exposure, run_exposure
from involution.models.facts import facts
from involution.models.heterogeneity.block import check_heterogeneity, run_heterogeneity
from involution.models.mediation.block import check_mediation, run_mechanism, run_mediation, with_outcome
from involution.models.moderation.block import check_moderation, run_moderation
from involution.models.outcome_ranges import check_outcome_ranges
from involution.models.placebo import check_placebo, run_placebo
from involution.models.quantile_regression_block import check_quantile_regression, run_quantile_regression
from involution.models.rehearsal.block import run_rehearsal
from involution.models.response_surface_block import check_response_surface, run_response_surface
from involution.models.robustness.block import check_robustness, run_robustness
from involution.models.specification.block import check_specification_curve, run_specification_curve
from involution.models.threshold.block import check_threshold, run_threshold
from involution.models.tidy import BlockResult
from involution.models.truth import truth_table
from involution.study.sections import Blocks
from involution.study.truth import Truth

if TYPE_CHECKING:
    from involution.study.study import Study

Checks = Callable[[Blocks, pd.DataFrame, Run], object]

_RUNS: dict[str, Runs] = {
    "models": run_free,
    "baseline": run_baseline,
    "robustness": run_robustness,
    "endogeneity": run_endogeneity,
    "mechanism": run_mechanism,
    "mediation": run_mediation,
    "moderation": run_moderation,
    "threshold": run_threshold,
    "response_surface": run_response_surface,
    "exposure": run_exposure,
    "event_study": run_event_study,
    "breakthrough": run_breakthrough,
    "heterogeneity": run_heterogeneity,
    "quantile_regression": run_quantile_regression,
    "placebo": run_placebo,
    "specification_curve": run_specification_curve,
    "attrition": run_attrition,
    "rehearsal": run_rehearsal,
}
"""What estimates each block: of the sections, the analysis panel and what all blocks share."""

_CHECKS: dict[str, Checks] = {
    "models": check_free,
    "design": check_baseline,
    "robustness": check_robustness,
    "endogeneity": check_endogeneity,
    "mediation": check_mediation,
    "moderation": check_moderation,
    "threshold": check_threshold,
    "response_surface": check_response_surface,
    "exposure": check_exposure,
    "event_study": check_event_study,
    "breakthrough": check_breakthrough,
    "attrition": check_attrition,
    "heterogeneity": check_heterogeneity,
    "quantile_regression": check_quantile_regression,
    "placebo": check_placebo,
    "specification_curve": check_specification_curve,
}
"""What raises an InputError for the names and designs of a section, and else gives what is ready to be estimated."""


def run_block(
    block: str,
    sections: Mapping[str, Any],
    data: pd.DataFrame,
    *,
    study: str,
    dictionary: pd.DataFrame,
    seed: int,
    draws: int,
    events: pd.DataFrame | None = None,
    full: bool = False,
    shift_share: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    workers: int = 1,
) -> BlockResult:
    """Estimate one block of a study.

    Parameters
    ----------
    block : str
        One of `study.sections.BLOCK_SECTIONS`.
    sections : mapping
        The sections of the study that the block uses, as plain data.
    data : DataFrame
        The analysis panel: all rows of the population, with ``in_sample``.
    study : str
        Name of the study.
    dictionary : DataFrame
        Measures with level, unit, family and whether the panel has them.
    seed, draws : int
        Of the run.
    events : DataFrame, optional
        The study's policy events, one row per event and rater.
    full : bool
        Slow tests take all draws too.
    shift_share : tuple of DataFrame, optional
        The study's shares and shocks.
    workers : int
        Threads of what can be divided; what is found does not depend on their number.

    Raises
    ------
    InputError
        For names that do not exist and designs that a rule refuses: all of them, before anything is estimated.
    """
    asked = Blocks.model_validate(sections)
    run = Run(study, dictionary, asked.definitions, seed, draws, events, full, shift_share, workers)
    return _RUNS[block](asked, data, run)


def check_blocks(
    study: Study,
    data: pd.DataFrame,
    dictionary: pd.DataFrame,
    events: pd.DataFrame | None = None,
    shift_share: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> None:
    """Check the names and designs of every block without estimating.

    Parameters
    ----------
    study : Study
    data : DataFrame
        The analysis panel.
    dictionary : DataFrame
    events : DataFrame, optional
    shift_share : tuple of DataFrame, optional

    Raises
    ------
    InputError
        With the problems of all blocks.
    """
    _, problems = checked_blocks(study, data, dictionary, events, shift_share)
    if problems:
        raise InputError(problems)


def checked_blocks(
    study: Study,
    data: pd.DataFrame,
    dictionary: pd.DataFrame,
    events: pd.DataFrame | None = None,
    shift_share: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> tuple[dict[str, Any], list[Problem]]:
    """What every section has ready to be estimated, and the mistakes of those that have none.

    Parameters
    ----------
    study, data, dictionary, events, shift_share
        As of `check_blocks`.

    Returns
    -------
    tuple
        By section, what its check gives: see `models.prospects`; and the problems of the sections that are not there.
    """
    run = Run(study.name, dictionary, study.definitions, seed=0, draws=0, events=events, shift_share=shift_share)
    ready, problems = dict[str, Any](), list[Problem]()
    for section, check in _CHECKS.items():
        try:
            ready[section] = check(study, data, run)
        except InputError as error:
            problems += error.problems
    try:
        check_outcome_ranges(study, data, run)
    except InputError as error:
        problems += error.problems
    return ready, problems


def run_truth(
    sections: Mapping[str, Any],
    planted: pd.DataFrame,
    estimates: pd.DataFrame,
    data: pd.DataFrame,
    *,
    dictionary: pd.DataFrame,
    events: pd.DataFrame | None = None,
    shift_share: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """A study's estimates beside the effects planted in its data; no row where it names none.

    Parameters
    ----------
    sections : mapping
        truth and the sections of every block, as plain data.
    planted : DataFrame
        Columns name and truth.
    estimates : DataFrame
        Of all blocks.
    data : DataFrame
        The analysis panel.
    dictionary : DataFrame
    events : DataFrame, optional
    shift_share : tuple of DataFrame, optional

    Raises
    ------
    InputError
        For effects, models and terms that do not exist.
    """
    rows = [Truth.model_validate(row) for row in sections["truth"]]
    study = Blocks.model_validate({name: part for name, part in sections.items() if name != "truth"})
    models, known = list(study.models), facts(dictionary, study.definitions)
    if rows and study.design is not None:
        data, _ = with_baseline_columns(study.design, data, known)
        models += baseline_models(study.design, data, dictionary, known)
    decompositions: dict[str, Found] = {
        section.name: partial(with_outcome, section.completed(study.design), data, known, study.measured_index)
        for section in study.mediation
    }
    run = Run("", dictionary, study.definitions, seed=0, draws=0, events=events, shift_share=shift_share)
    replaced = {**decompositions, **with_expected(study, data, run, _RUNS)}
    return truth_table(rows, planted, estimates, {model.name: model for model in models}, data, replaced)
