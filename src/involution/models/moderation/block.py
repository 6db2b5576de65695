"""The block `moderation` of a study: each interaction in its forms, and the effect over its moderators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from involution.errors import NotEstimable, Problem, each
from involution.models.blocks import Run, spawned_seed
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.facts import Facts, varying_level
from involution.models.matrix import numbers
from involution.models.mediation.purity import _parts
from involution.models.moderation.asked import clock, columns_of, instruments_of, specification_of, treatment_of
from involution.models.moderation.demeaning import varies
from involution.models.moderation.forms import Options, sample_of
from involution.models.moderation.instrumented import instrumented_rows
from involution.models.moderation.moderate import check_columns, check_variance, main_formula
from involution.models.moderation.result import Moderation, moderation_of
from involution.models.moderation.rows import bins_rows, effects_rows, form_rows, kernel_rows, part_of
from involution.models.moderation.specification import Specification
from involution.models.notes import Note, note
from involution.models.own_design import rows_of, ruled_clusters
from involution.models.rules import Refused
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, gathered, of_fit
from involution.study import moderation as section
from involution.study.block_names import moderation_names
from involution.study.formulas import parse_formula
from involution.study.sections import Blocks
from involution.study.timing import dated


def run_moderation(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate the moderated effects that a study asks for.

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
    parts = [part for asked, moderation in check_moderation(study, data, run) for part in _parts_of(asked, moderation)]
    return gathered(parts, study=run.study, block="moderation")


def check_moderation(study: Blocks, data: pd.DataFrame, run: Run) -> list[tuple[section.Moderation, Moderation]]:
    """Each section with its moderation, ready to be estimated; the mistakes of all of them together.

    Raises
    ------
    InputError
    """
    whole = [asked.completed(study.design) for asked in study.moderation]

    def prepare(asked: section.Moderation) -> tuple[section.Moderation, Moderation]:
        return asked, _prepared(asked, data, run, f"moderation: {asked.name}")

    return each(whole, prepare, lambda asked: f"moderation: {asked.name}")


def _prepared(asked: section.Moderation, data: pd.DataFrame, run: Run, where: str) -> Moderation:
    """A section's moderation, its names and rules checked."""
    known, timing, treatment = run.known, clock(asked), treatment_of(asked)
    frame, made = with_dated(data, columns_of(asked), where, known.unavailable)
    specification = specification_of(asked)
    check_columns(specification, frame, PANEL)
    for _, years, named in instruments_of(asked):
        for name in named:
            numbers(frame, dated(name, years))
    _check_parts(asked, known)
    rows = rows_of(asked.where, frame)
    level, effects = varying_level(treatment, known), asked.fixed_effects or []
    formula = parse_formula(main_formula(specification, effects))
    cluster, said = ruled_clusters(asked, formula, treatment, frame, rows, known.defining(made), asked.vcov)
    check_variance(asked.vcov or "crv3", cluster, asked.estimator)
    design = Design(frame, effects, cluster, weights=asked.weights, rows=rows)
    _check_absorbed(specification, design)
    options = Options(asked.vcov, asked.draws or run.draws, spawned_seed(run.seed, asked.name))
    remarks = (*said, *_regional(specification, design))
    found = moderation_of(specification, design, options, remarks, "" if level == "firm" else level)
    return _with_means(found, data, treatment, timing.treatment, where) if found.level else found


def _with_means(found: Moderation, data: pd.DataFrame, treatment: str, years: int, where: str) -> Moderation:
    """The means of the treatment's own year, then dated: firms that have left since are in them."""
    name = f"{treatment}_cell_mean"
    means = data.groupby([found.level, PANEL["year"]], dropna=False)[treatment].transform("mean")
    frame, _ = with_dated(data.assign(**{name: means}), [(name, years)], where)
    known = ~np.isnan(numbers(found.design.data, found.specification.treatment))
    return replace(found, means=np.where(known, numbers(frame, dated(name, years)), np.nan))


def _check_parts(asked: section.Moderation, known: Facts) -> None:
    """Refuse a moderator that holds the outcome."""
    if asked.allow_mechanical:
        return
    problems = [
        Problem(
            f"moderator: {moderator.by}",
            f"it holds the outcome '{asked.outcome}'",
            mend="name another moderator, or say allow_mechanical: true",
        )
        for moderator in asked.moderator
        if asked.outcome in _parts(moderator.by, known)
    ]
    if problems:
        raise Refused(problems)


def _check_absorbed(specification: Specification, design: Design) -> None:
    """Refuse fixed effects that absorb the treatment, whose own effect is to be reported."""
    try:
        sample = sample_of(specification, design)
    except NotEstimable:
        # Why nothing is left is said in the rows of the models.
        return
    values = numbers(design.data, specification.treatment)
    if design.effects and np.ptp(sample.raw(values)) > 0 and not varies(values, sample.absorber, sample):
        effects = " + ".join("^".join(effect) for effect in design.effects)
        what = f"they absorb {specification.treatment}, which is to be reported"
        mend = "use coarser effects; the model <name>_interaction has effects at its level and the interaction alone"
        raise Refused(Problem(f"fixed_effects {effects}", what, mend=mend))


def _regional(specification: Specification, design: Design) -> list[Note]:
    """Moderators that vary by region and year alone, where no cluster holds whole regions."""
    data = design.data.loc[design.rows]
    if "region" not in data.columns or data.empty:
        return []
    whole = [name for name in design.cluster if data.groupby("region")[name].nunique().max() == 1]
    if whole:
        return []
    cells = data.groupby(["region", design.panel["year"]])
    regional = [
        name
        for name in specification.moderating
        if (cells.size() > 1).any() and np.allclose(cells[name].min(), cells[name].max(), rtol=1e-9, equal_nan=True)
    ]
    return (
        [note("moderation_region", names=", ".join(regional), cluster=" + ".join(design.cluster))] if regional else []
    )


def _parts_of(asked: section.Moderation, moderation: Moderation) -> Iterator[BlockResult]:
    names = moderation_names(asked)
    for form in ("", "product", "no_year", "plain"):
        name = names[form]
        yield part_of(name, moderation, partial(form_rows, name, moderation, form))
    name = names["interaction"]
    yield part_of(name, moderation, lambda: of_fit(name, moderation.interaction().fit))
    for by, years, columns_named in instruments_of(asked):
        moved = [dated(column, years) for column in columns_named]
        make = partial(instrumented_rows, names["iv"], moderation, dated(by, years), moved)
        yield part_of(names["iv"], moderation, make)
    columns = _moderators(asked, moderation)
    for by, column in columns:
        yield part_of(names[f"bins {by}"], moderation, partial(bins_rows, names[f"bins {by}"], moderation, column))
    yield part_of(names["effects"], moderation, partial(effects_rows, names["effects"], moderation))
    for by, column in columns:
        if f"kernel {by}" in names:
            kernel = names[f"kernel {by}"]
            yield part_of(kernel, moderation, partial(kernel_rows, kernel, moderation, column))


def _moderators(asked: section.Moderation, moderation: Moderation) -> Sequence[tuple[str, str]]:
    """Each moderator as the section names it, and its dated column."""
    named = [moderator.by for moderator in asked.moderator]
    return list(zip(named, moderation.specification.moderating, strict=True))
