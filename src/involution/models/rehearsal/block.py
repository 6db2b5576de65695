"""The block `rehearsal` of a study: its planned models, before their outcomes are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.measures.reliability import HALVES, reliability
from involution.models.baseline import baseline_models, with_baseline_columns
from involution.models.blocks import Run, check_models, spawned_seed
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.facts import Facts
from involution.models.mediation.asked import potential_of, specification_of
from involution.models.mediation.block import check_mediation
from involution.models.notes import note
from involution.models.rehearsal.mediated import base_of, rehearsed_mediation
from involution.models.rehearsal.planned import drawn_level, planned_model
from involution.models.rehearsal.power import Rate
from involution.models.rehearsal.regression import rehearsed_model
from involution.models.rehearsal.rows import Rehearsed, row
from involution.models.sample import Sample
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, of_failure, statistic_rows
from involution.study.block_names import baseline_names, rehearsal_name
from involution.study.formulas import effect_label, parse_formula
from involution.study.mediation import Mediation
from involution.study.models import Model
from involution.study.rehearsal import DRAWS, Rehearsal
from involution.study.sections import Blocks
from involution.study.timing import Timing, dated

BLOCK = ESTIMATOR = "rehearsal"
INDEX = "involution"

Rehearse = Callable[[], BlockResult]


def run_rehearsal(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Rehearse the planned models of a study.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, all together.
    """
    parts = [rehearse() for _, rehearse in rehearsals(study, data, run)]
    return gathered(parts, study=run.study, block=BLOCK)


def rehearsals(study: Blocks, data: pd.DataFrame, run: Run) -> list[tuple[str, Rehearse]]:
    """Each planned model with what rehearses it; names and rules are checked, nothing is drawn yet.

    Parameters and what is raised are those of `run_rehearsal`; a study without the section has that of the defaults.
    """
    named = study.rehearsal or Rehearsal()
    asked = named.model_copy(update={"draws": run.draws_of(named.draws, DRAWS)})
    return [*_of_baseline(study, asked, data, run), *_of_mediations(study, asked, data, run)]


def _of_baseline(study: Blocks, asked: Rehearsal, data: pd.DataFrame, run: Run) -> Iterator[tuple[str, Rehearse]]:
    design = study.design
    if design is None or asked.models == []:
        return
    whole, made = with_baseline_columns(design, data, run.known)
    models = baseline_models(design, whole, run.dictionary, run.known)
    check_models(models, whole, run.dictionary, {**run.definitions, **made})
    treatment, known = dated(design.treatment, design.timing.treatment), run.known.defining(made)
    halves = _halves(design.treatment, design.timing, data)
    # Of the baseline the models themselves: those that build up to them are planned for the table alone.
    chosen = baseline_names(design).values() if asked.models is None else asked.models
    for model in models:
        if model.name in chosen:
            seed = spawned_seed(run.seed, rehearsal_name(model.name))
            yield model.name, partial(_regression, model, treatment, whole, known, halves, asked, seed)


def _regression(
    model: Model,
    treatment: str,
    data: pd.DataFrame,
    known: Facts,
    halves: pd.DataFrame | None,
    asked: Rehearsal,
    seed: int,
) -> BlockResult:
    formula, name = parse_formula(model.formula), rehearsal_name(model.name)
    effects = [effect_label(effect) for effect in formula.fixed_effects]
    try:
        with single_threaded():
            planned = planned_model(model, treatment, data, known)
            found = rehearsed_model(planned, asked, seed)
    except NotEstimable as error:
        return of_failure(name, str(error), estimator=ESTIMATOR, outcome=formula.outcome.label, fixed_effects=effects)
    if halves is not None:
        found = _with_reliability(found, split_half(halves, planned.sample, effects, data))
    return _reported(name, found, planned.sample, formula.outcome.label, effects)


def _halves(treatment: str, timing: Timing, data: pd.DataFrame) -> pd.DataFrame | None:
    """The two halves of the index at the year of the treatment, where that is the index and the panel has them."""
    if treatment != INDEX or any(name not in data.columns or data[name].isna().all() for name in HALVES):
        return None
    pairs = [(name, timing.treatment) for name in HALVES]
    made, _ = with_dated(data, pairs, "rehearsal")
    return pd.DataFrame({name: made[dated(*pair)] for name, pair in zip(HALVES, pairs, strict=True)})


def split_half(halves: pd.DataFrame, sample: Sample, effects: list[str], data: pd.DataFrame) -> float:
    """Reliability of the index on a model's rows, its halves residualised on the model's fixed effects.

    Parameters
    ----------
    halves : DataFrame
        Columns `measures.reliability.HALVES` over all rows of the data.
    sample : Sample
    effects : list of str
    data : DataFrame
    """
    rows = halves.iloc[sample.rows].reset_index(drop=True)
    within = data.iloc[sample.rows].reset_index(drop=True)
    columns = {effect: within.groupby(effect.split("^"), sort=False).ngroup() for effect in effects}
    return float(reliability(rows.assign(**columns), [effects])["reliability"].iloc[0])


def _with_reliability(found: Rehearsed, value: float) -> Rehearsed:
    if np.isnan(value):
        return found
    terms = pd.concat([found.terms, pd.DataFrame([row("reliability", Rate(value, np.nan))])], ignore_index=True)
    detectable = float(terms.loc[terms["term"] == "mde", "estimate"].iloc[0])
    detail = ("mde_reliability", detectable / value, np.nan, np.nan)
    said = note("rehearsal_reliability", value=f"{value:.2f}")
    return replace(found, terms=terms, details=(*found.details, detail), remarks=(*found.remarks, said))


def _of_mediations(study: Blocks, asked: Rehearsal, data: pd.DataFrame, run: Run) -> Iterator[tuple[str, Rehearse]]:
    if asked.mediations == []:
        return
    for mediation, design, _ in check_mediation(study, data, run):
        if asked.mediations is None or mediation.name in asked.mediations:
            seed = spawned_seed(run.seed, rehearsal_name(mediation.name))
            yield mediation.name, partial(_mediation, mediation, design, run.known, asked, seed)


def _mediation(mediation: Mediation, design: Design, known: Facts, asked: Rehearsal, seed: int) -> BlockResult:
    specification, name = specification_of(mediation), rehearsal_name(mediation.name)
    effects = [effect_label(effect) for effect in design.effects]
    try:
        if potential_of(mediation) is not None:
            raise NotEstimable("mediations by potential outcomes are not rehearsed")
        if not design.cluster:
            raise NotEstimable("a rehearsal draws signs of clusters, and none are named")
        level = drawn_level(design.cluster, mediation.treatment, design.data, design.rows, known)
        with single_threaded():
            drawn = Design(design.data, effects, [level], weights=design.weights, rows=design.rows)
            base = base_of(specification, drawn)
            found = rehearsed_mediation(base, asked, mediation.inference, seed)
    except NotEstimable as error:
        return of_failure(name, str(error), estimator=ESTIMATOR, outcome=specification.outcome, fixed_effects=effects)
    if [level] != list(design.cluster):
        said = note("rehearsal_low_cluster", planned=" + ".join(design.cluster), cluster=level)
        found = replace(found, remarks=(*found.remarks, said))
    return _reported(name, found, base.layout.system.sample, specification.outcome, effects)


class _Counted:
    """What rows say of the sample."""

    def __init__(self, sample: Sample, vcov: str, effects: list[str]) -> None:
        self.n_obs, self.vcov_label, self.fixed_effects = sample.n, vcov, tuple(effects)
        self.n_firms = None if sample.firm is None else sample.firm.n_levels
        self.n_clusters = sample.clusters[-1].n_levels


def _reported(name: str, found: Rehearsed, sample: Sample, outcome: str, effects: list[str]) -> BlockResult:
    counted = _Counted(sample, found.vcov, effects)
    return BlockResult(
        estimate_rows(name, found.terms, counted, found.remarks, estimator=ESTIMATOR, outcome=outcome),
        statistic_rows(name, found.details),
        note_rows(name, found.remarks),
        found.curves.assign(model=name),
    )
