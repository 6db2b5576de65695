"""The blocks `mechanism` and `mediation` of a study: what the treatment does to each channel, and the decomposition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from involution.errors import InputError, NotEstimable, each
from involution.models.blocks import Run, spawned_seed
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.facts import Facts
from involution.models.influence import influence_rows
from involution.models.matrix import text_problems
from involution.models.mediation.asked import (
    clock,
    columns_of,
    first_stage,
    moderator_year,
    potential_of,
    specification_of,
)
from involution.models.mediation.curves import conditional_curves
from involution.models.mediation.mediate import decomposed
from involution.models.mediation.potential_mediation import check_asked, decomposed_by_outcomes
from involution.models.mediation.purity import check_purity
from involution.models.mediation.result import Decomposition, Mediation
from involution.models.mediation.sensitivity import Sensitivity, sensitivity
from involution.models.mediation.specification import Specification
from involution.models.notes import Note, note
from involution.models.own_design import formula_of, rows_of, ruled_clusters
from involution.models.tidy import (
    BlockResult,
    estimate_rows,
    gathered,
    no_curves,
    note_rows,
    of_failure,
    statistic_rows,
)
from involution.study import mediation as section
from involution.study.block_names import mechanism_names
from involution.study.index import Index
from involution.study.sections import Blocks
from involution.study.timing import dated

ESTIMATOR = "mediation"
# Terms that claim a decomposition of the total: not given where the treatment holds a part of a mediator.
_DECOMPOSED = ("total", "direct", "share[")


def run_mediation(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Decompose each effect that a study asks for.

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
        _run(asked, design, said, draws=asked.draws or run.draws, seed=spawned_seed(run.seed, asked.name))
        for asked, design, said in check_mediation(study, data, run)
    ]
    return gathered(parts, study=run.study, block="mediation")


def check_mediation(
    study: Blocks, data: pd.DataFrame, run: Run
) -> list[tuple[section.Mediation, Design, tuple[Note, ...]]]:
    """Each decomposition with its design and what the rules have to say; an InputError for what they refuse."""
    return prepared(_completed(study), data, run.known, study.measured_index)


def _completed(study: Blocks) -> list[section.Mediation]:
    return [asked.completed(study.design) for asked in study.mediation]


def prepared(
    sections: Sequence[section.Mediation], data: pd.DataFrame, known: Facts, index: Index
) -> list[tuple[section.Mediation, Design, tuple[Note, ...]]]:
    """Each section with its design and what the rules have to say; the mistakes of all of them together.

    Raises
    ------
    InputError
    """
    return each(sections, lambda asked: _prepared(asked, data, known, index), lambda asked: f"mediation: {asked.name}")


def run_mechanism(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Regress each mediator on the treatment: the mechanism without a claim on what follows from it.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
    run : Run
    """
    sections = _completed(study)
    models = []
    made: dict[str, str] = {}
    for asked in sections:
        data, more = with_dated(data, columns_of(asked), f"mediation: {asked.name}", run.known.unavailable)
        made |= more
        models += [
            first_stage(asked, mediator, name, run.known, data) for mediator, name in mechanism_names(asked).items()
        ]
    result = run.models(models, data, "mechanism", made)
    said = [note_rows(name, [remark]) for asked in sections for name, remark in _about_zero(asked)]
    return replace(result, notes=pd.concat([result.notes, *said], ignore_index=True))


def _about_zero(asked: section.Mediation) -> Iterator[tuple[str, Note]]:
    """For each moderated regression of a mediator, where its main effect holds."""
    timing = clock(asked)
    for mediator, name in mechanism_names(asked).items():
        moderator = asked.moderators.get(mediator)
        if moderator is not None and moderator.stage in ("first", "both"):
            treatment = dated(asked.mechanism_treatments.get(mediator, asked.treatment), timing.treatment)
            by = dated(moderator.by, moderator_year(moderator, timing))
            yield name, note("mechanism_moderated", treatment=treatment, names=by)


def _prepared(
    asked: section.Mediation, data: pd.DataFrame, known: Facts, index: Index
) -> tuple[section.Mediation, Design, tuple[Note, ...]]:
    """A section with its design and what the rules have to say, its names and rules checked."""
    where = f"mediation: {asked.name}"
    dated_data, made = with_dated(data, columns_of(asked), where, known.unavailable)
    facts_here = known.defining(made)
    specification = specification_of(asked)
    rows = rows_of(asked.where, dated_data)
    _check_numbers(specification, dated_data)
    impure = check_purity(asked, index, facts_here)
    regressors = (specification.treatment, *specification.controls)
    formula = formula_of(specification.outcome, regressors, asked.fixed_effects)
    cluster, said = ruled_clusters(asked, formula, asked.treatment, dated_data, rows, facts_here)
    design = Design(dated_data, asked.fixed_effects or (), cluster, weights=asked.weights, rows=rows)
    options = potential_of(asked)
    if options is not None:
        check_asked(specification, design, options, asked.inference)
    return asked, design, (*said, *impure)


def _check_numbers(specification: Specification, data: pd.DataFrame) -> None:
    """Raise an InputError for text where a number is needed; a treatment of text has levels."""
    places = {
        "outcome": (specification.outcome,),
        "mediators": specification.mediators,
        "moderators": specification.moderating,
        "controls": specification.controls,
    }
    problems = text_problems(data, places)
    if problems:
        raise InputError(problems)


def _run(asked: section.Mediation, design: Design, said: Sequence[Note], *, draws: int, seed: int) -> BlockResult:
    specification = specification_of(asked)
    try:
        found = _decomposed(asked, specification, design, said, draws, seed)
        curves = conditional_curves(found, draws, seed) if isinstance(found, Mediation) else no_curves()
        beyond = _sensitivity(found) if isinstance(found, Mediation) else None
    except NotEstimable as error:
        effects = asked.fixed_effects or ()
        return of_failure(
            asked.name, str(error), estimator=ESTIMATOR, outcome=specification.outcome, fixed_effects=effects
        )
    mixed = any(remark.code == "mediation_impure" for remark in said)
    terms, remarks, details = found.tidy(), found.remarks, found.details
    if beyond is not None:
        terms = pd.concat([terms, beyond.rho_star], ignore_index=True)
        remarks, details = (*remarks, *beyond.remarks), (*details, *beyond.details)
        curves = pd.concat([curves, beyond.curves], ignore_index=True)
    if mixed:
        terms = terms[~terms["term"].str.startswith(_DECOMPOSED)]
    return BlockResult(
        estimate_rows(asked.name, terms, found, remarks, estimator=ESTIMATOR, outcome=specification.outcome),
        statistic_rows(asked.name, details),
        note_rows(asked.name, remarks),
        curves.assign(model=asked.name),
        influence_rows(asked.name, found.cluster_influence, terms["term"]),
    )


def _decomposed(
    asked: section.Mediation,
    specification: Specification,
    design: Design,
    said: Sequence[Note],
    draws: int,
    seed: int,
) -> Decomposition:
    """Linear equations, or potential outcomes where an equation is not linear."""
    potential, inference = potential_of(asked), asked.inference
    if potential is None:
        return decomposed(specification, design, inference=inference, draws=draws, seed=seed, said=said)
    return decomposed_by_outcomes(
        specification, design, potential, inference=inference, draws=draws, seed=seed, said=said
    )


def with_outcome(
    asked: section.Mediation, data: pd.DataFrame, known: Facts, index: Index, expected: str
) -> dict[str, float]:
    """The effects that a decomposition finds with another column in place of its outcome, on the same rows.

    Parameters
    ----------
    asked : study.mediation.Mediation
        Completed by the study's design.
    data : DataFrame
    known : Facts
    index : Index
    expected : str
        Column at the outcome's year.
    """
    _, design, _ = _prepared(asked, data, known, index)
    specification = specification_of(asked)
    rows = design.rows & design.data[specification.outcome].notna().to_numpy()
    design = design.on(rows=rows)
    changed, potential = replace(specification, outcome=expected), potential_of(asked)
    found: Decomposition
    if potential is None:
        found = decomposed(changed, design, inference="delta", feedback=False)
    else:
        found = decomposed_by_outcomes(changed, design, potential, inference="delta")
    return dict(zip(found.effects["term"], found.effects["estimate"], strict=True))


def _sensitivity(found: Mediation) -> Sensitivity | None:
    """The analysis of what is not observed: of parallel channels by least squares."""
    specification = found.system.specification
    if specification.serial or specification.instruments:
        return None
    return sensitivity(found)
