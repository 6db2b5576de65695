"""The blocks `mechanism` and `mediation` of a study: what the treatment does to each channel, and the decomposition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import PANEL, run_models, spawned_seed
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.mediation.curves import conditional_curves
from involution.models.mediation.mediate import decomposed
from involution.models.mediation.purity import check_purity
from involution.models.mediation.result import Mediation
from involution.models.mediation.specification import DIRECT, Moderator, Specification
from involution.models.notes import Note
from involution.models.rules import Facts, check_design, facts, varying_level
from involution.models.tidy import BlockResult, gathered, note_rows, of_failure, statistic_rows
from involution.study import mediation as section
from involution.study.block_names import mechanism_names
from involution.study.formulas import parse_formula, quoted
from involution.study.index import Index
from involution.study.models import Model
from involution.study.timing import Timing, dated

ESTIMATOR = "mediation"
# Terms that claim a decomposition of the total: not given where the treatment holds a part of a mediator.
_DECOMPOSED = ("total", "direct", "share[")


def run_mediation(
    sections: Sequence[section.Mediation],
    data: pd.DataFrame,
    *,
    study: str,
    dictionary: pd.DataFrame,
    definitions: Mapping[str, str],
    index: Index,
    seed: int,
    draws: int,
) -> BlockResult:
    """Decompose each effect that a study asks for.

    Parameters
    ----------
    sections : sequence of study.mediation.Mediation
        Completed by the study's design.
    data : DataFrame
        The analysis panel, all rows of the population.
    study : str
    dictionary : DataFrame
    definitions : mapping of str to str
        Expressions of the study's own columns.
    index : Index
        Of what the involution index is made.
    seed, draws : int

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, those of all sections together.
    """
    parts = [
        _run(asked, design, said, draws=asked.draws or draws, seed=spawned_seed(seed, asked.name))
        for asked, design, said in prepared(sections, data, facts(dictionary, definitions), index)
    ]
    return gathered(parts, study=study, block="mediation")


def prepared(
    sections: Sequence[section.Mediation], data: pd.DataFrame, known: Facts, index: Index
) -> list[tuple[section.Mediation, Design, tuple[Note, ...]]]:
    """Each section with its design and what the rules have to say; the mistakes of all of them together.

    Raises
    ------
    InputError
    """
    out: list[tuple[section.Mediation, Design, tuple[Note, ...]]] = []
    problems: list[Problem] = []
    for asked in sections:
        try:
            out.append(_prepared(asked, data, known, index))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return out


def run_mechanism(
    sections: Sequence[section.Mediation],
    data: pd.DataFrame,
    *,
    study: str,
    dictionary: pd.DataFrame,
    definitions: Mapping[str, str],
    seed: int,
    draws: int,
) -> BlockResult:
    """Regress each mediator on the treatment: the mechanism without a claim on what follows from it.

    Parameters
    ----------
    sections : sequence of study.mediation.Mediation
        Completed by the study's design.
    data, study, dictionary, definitions, seed, draws
        As in `run_mediation`.
    """
    known, models, made = facts(dictionary, definitions), [], dict(definitions)
    for asked in sections:
        data, more = with_dated(data, _columns(asked), f"mediation: {asked.name}", known.unavailable)
        made |= more
        models += [_first_stage(asked, mediator, name, known) for mediator, name in mechanism_names(asked).items()]
    return run_models(
        models,
        data,
        study=study,
        block="mechanism",
        dictionary=dictionary,
        definitions=made,
        seed=seed,
        draws=draws,
    )


def _clock(asked: section.Mediation) -> Timing:
    assert asked.timing is not None
    return asked.timing


def _year(moderator: section.PathModerator, timing: Timing) -> int:
    return timing.moderator if moderator.years is None else moderator.years


def _columns(asked: section.Mediation) -> list[tuple[str, int]]:
    """The columns of a decomposition, each with its years from the row's own."""
    timing = _clock(asked)
    return [
        (asked.outcome, timing.outcome),
        (asked.treatment, timing.treatment),
        *((name, timing.mediator) for name in asked.mediators),
        *((moderator.by, _year(moderator, timing)) for moderator in asked.moderators.values()),
        *((name, timing.controls) for name in asked.controls or ()),
    ]


def _first_stage(asked: section.Mediation, mediator: str, name: str, known: Facts) -> Model:
    """The regression of a mediator, with the treatment times its moderator where it has one."""
    timing = _clock(asked)
    treatment = quoted(dated(asked.treatment, timing.treatment))
    terms = [treatment, *(quoted(dated(control, timing.controls)) for control in asked.controls or ())]
    moderator = asked.moderators.get(mediator)
    if moderator is not None and moderator.stage in ("first", "both"):
        by = quoted(dated(moderator.by, _year(moderator, timing)))
        terms += [by, f"{treatment}:{by}"]
    effects = f" | {' + '.join(asked.fixed_effects)}" if asked.fixed_effects else ""
    return Model(
        name=name,
        formula=f"{quoted(dated(mediator, timing.mediator))} ~ {' + '.join(dict.fromkeys(terms))}{effects}",
        cluster=asked.cluster or [varying_level(asked.treatment, known)],
        vcov="crv3",
        weights=asked.weights,
        where=asked.where,
        allow_low_cluster=asked.allow_low_cluster,
    )


def _specification(asked: section.Mediation) -> Specification:
    """The decomposition in dated columns."""
    timing = _clock(asked)
    mediators = {name: dated(name, timing.mediator) for name in asked.mediators}
    moderators = {
        mediators.get(path, DIRECT): Moderator(dated(m.by, _year(m, timing)), m.stage, m.about)
        for path, m in asked.moderators.items()
    }
    return Specification(
        outcome=dated(asked.outcome, timing.outcome),
        treatment=dated(asked.treatment, timing.treatment),
        mediators=tuple(mediators.values()),
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        moderators=moderators,
        blocks=tuple(tuple(mediators[name] for name in block) for block in asked.blocks),
    )


def _prepared(
    asked: section.Mediation, data: pd.DataFrame, known: Facts, index: Index
) -> tuple[section.Mediation, Design, tuple[Note, ...]]:
    """A section with its design and what the rules have to say, its names and rules checked."""
    where = f"mediation: {asked.name}"
    dated_data, made = with_dated(data, _columns(asked), where, known.unavailable)
    facts_here = Facts(known.measures, {**known.definitions, **made})
    specification = _specification(asked)
    rows = data["in_sample"].to_numpy(dtype=bool)
    try:
        if asked.where is not None:
            rows &= selected(asked.where, dated_data, PANEL)
        impure = check_purity(asked, index, facts_here)
        regressors = " + ".join(map(quoted, (specification.treatment, *specification.controls)))
        effects = f" | {' + '.join(asked.fixed_effects)}" if asked.fixed_effects else ""
        formula = parse_formula(f"{quoted(specification.outcome)} ~ {regressors}{effects}")
        cluster, said = check_design(
            formula,
            dated_data,
            rows,
            asked.cluster or [varying_level(asked.treatment, known)],
            None,
            facts_here,
            PANEL,
            allow_low_cluster=asked.allow_low_cluster,
        )
        design = Design(dated_data, asked.fixed_effects or (), cluster, weights=asked.weights, rows=rows)
    except InputError as error:
        raise InputError([_within(problem, where) for problem in error.problems]) from None
    return asked, design, (*said, *impure)


def _within(problem: Problem, where: str) -> Problem:
    begun = problem.where.startswith(where)
    place = problem.where if begun else f"{where}, {problem.where}" if problem.where else where
    return Problem(place, problem.what, problem.rows, problem.mend)


def _run(asked: section.Mediation, design: Design, said: Sequence[Note], *, draws: int, seed: int) -> BlockResult:
    specification = _specification(asked)
    try:
        found = decomposed(specification, design, inference=asked.inference, draws=draws, seed=seed, said=said)
        curves = conditional_curves(found, draws, seed).assign(model=asked.name)
    except NotEstimable as error:
        effects = asked.fixed_effects or ()
        return of_failure(
            asked.name, str(error), estimator=ESTIMATOR, outcome=specification.outcome, fixed_effects=effects
        )
    mixed = any(remark.code == "mediation_impure" for remark in said)
    return BlockResult(
        _estimates(asked.name, found, mixed=mixed),
        statistic_rows(asked.name, found.details),
        note_rows(asked.name, found.remarks),
        curves,
    )


def _estimates(name: str, found: Mediation, *, mixed: bool) -> pd.DataFrame:
    frame = found.tidy()
    if mixed:
        frame = frame[~frame["term"].str.startswith(_DECOMPOSED)]
    return frame.assign(
        model=name,
        estimator=ESTIMATOR,
        outcome=found.system.specification.outcome,
        n_obs=found.n_obs,
        n_firms=np.nan if found.n_firms is None else found.n_firms,
        n_clusters=np.nan if found.n_clusters is None else found.n_clusters,
        fixed_effects=" + ".join(found.fixed_effects),
        vcov=found.vcov_label,
        r2=np.nan,
        r2_within=np.nan,
        note="; ".join(found.notes),
    )
