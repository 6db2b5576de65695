"""The block `event_study` of a study: the effect of adopting, from several estimators side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, each
from involution.models.blocks import Run, spawned_seed
from involution.models.event_study.adoption import first_years
from involution.models.event_study.beside import beside
from involution.models.event_study.bounded import bounded
from involution.models.event_study.dose import check_strength
from involution.models.event_study.event_study import event_study
from involution.models.event_study.repeated import repeated
from involution.models.groupings import Grouping, crossed
from involution.models.matrix import no_column, text_problems
from involution.models.notes import Note, note
from involution.models.options import check_weights
from involution.models.own_design import rows_of
from involution.models.rules import Refused, check_design
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, gathered, of_failure, of_fit
from involution.study import event_study as section
from involution.study.block_names import event_study_names
from involution.study.formulas import effect_label, parse_formula, quoted
from involution.study.sections import Blocks

Prepared = tuple[section.EventStudy, np.ndarray, list[str], tuple[Note, ...]]
"""A section with its rows, its clusters and what the rules have to say."""
_PLACES = ("region", "industry")


def run_event_study(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each event study that a study asks for, one model per estimator.

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
    parts = []
    for asked, rows, cluster, said in check_event_study(study, data, run):
        names = event_study_names(asked).items()
        parts += [_run(asked, estimator, name, data, rows, cluster, said, run) for estimator, name in names]
        parts += beside(asked, data, rows, cluster, said)
    return gathered(parts, study=run.study, block="event_study")


def check_event_study(study: Blocks, data: pd.DataFrame, run: Run) -> list[Prepared]:
    """Each event study with its rows and clusters; an InputError with the mistakes of all of them."""
    named = "event_study: {}".format
    return each(study.event_study, lambda asked: _prepared(asked, data, run), lambda asked: named(asked.name))


def _prepared(asked: section.EventStudy, data: pd.DataFrame, run: Run) -> Prepared:
    _check_columns(asked, data, run)
    _check_years(asked, data)
    rows = rows_of(asked.where, data)
    first = first_years(data, PANEL["firm"], asked.cohort)
    if asked.strength is not None:
        treated = rows & (first > 0) & (data[PANEL["year"]].to_numpy(dtype=float) >= first)
        check_strength(data.loc[treated, asked.strength], data.loc[treated, PANEL["firm"]])
    _check_effects(asked, data, rows, first)
    cluster, said = _clusters(asked, data, rows, first)
    if len(cluster) > 1 and "imputation" in asked.estimators:
        mend = "name one column, or leave imputation out of estimators"
        raise InputError(Problem("cluster", "the variance of imputation takes one clustering", mend=mend))
    effects = " + ".join(asked.fixed_effects)
    formula = parse_formula(f"{quoted(asked.outcome)} ~ 1 | {effects}")
    _, told = check_design(formula, data, rows, cluster, None, run.known, PANEL)
    return asked, rows, cluster, (note("event_clock"), *said, *told)


def _check_years(asked: section.EventStudy, data: pd.DataFrame) -> None:
    """Raise an InputError for years of adoption that are no whole numbers."""
    values = data[asked.cohort].dropna().unique()
    odd = sorted(float(value) for value in values if float(value) != int(value))
    if odd:
        shown = ", ".join(f"{value:g}" for value in odd[:5])
        mend = "give the first treated year, zero or missing for never"
        raise InputError(Problem("cohort", f"'{asked.cohort}' holds {shown}, which are no years", mend=mend))


def _check_columns(asked: section.EventStudy, data: pd.DataFrame, run: Run) -> None:
    """Raise an InputError for columns that are not there, and text where numbers are needed."""
    numeric = {"outcome": [asked.outcome], "cohort": [asked.cohort], "controls": asked.controls}
    numeric |= {
        "strength": [asked.strength] if asked.strength else [],
        "triple": [asked.triple] if asked.triple else [],
    }
    numeric["weights"] = [] if asked.weights is None else [asked.weights]
    parts = [part for effect in asked.fixed_effects for part in effect.split("^")]
    named = {**numeric, "fixed_effects": parts, "cluster": asked.cluster}
    problems = [
        Problem(key, no_column(name, data.columns, run.known.unavailable))
        for key, names in named.items()
        for name in names
        if name not in data.columns
    ]
    problems += text_problems(data, numeric)
    if asked.outcome in asked.controls or asked.cohort in asked.controls:
        problems.append(Problem("controls", "the outcome or the cohort is among them"))
    if problems:
        raise InputError(problems)
    if asked.weights is not None:
        check_weights(data, asked.weights)


def _check_effects(asked: section.EventStudy, data: pd.DataFrame, rows: np.ndarray, first: np.ndarray) -> None:
    """Rule 9: raise for fixed effects within which no firm adopts while others do not."""
    treated = (first > 0) & (data[PANEL["year"]].to_numpy(dtype=float) >= first)
    if not treated[rows].any() or treated[rows].all():
        return
    firms = _codes(data.loc[rows], [PANEL["firm"]])
    problems = []
    for effect in asked.fixed_effects:
        cells = _codes(data.loc[rows], effect.split("^"))
        share = cells.sums(treated[rows].astype(float)) / cells.counts
        if cells.n_levels < rows.sum() and not firms.nested_in(cells) and np.isin(share, (0.0, 1.0)).all():
            what = f"every cell of {effect_label(effect.split('^'))} is treated as a whole or not at all: it absorbs "
            mend = "use coarser effects, such as year"
            problems.append(Problem("fixed_effects", f"{what}the adoption of {asked.cohort}", mend=mend))
    if problems:
        raise Refused(problems)


def _clusters(
    asked: section.EventStudy, data: pd.DataFrame, rows: np.ndarray, first: np.ndarray
) -> tuple[list[str], list[Note]]:
    """Clusters at the level at which firms adopt, or above (rule 3)."""
    level = _level(data.loc[rows], first[rows])
    shown = " × ".join(level)
    if not asked.cluster:
        return [level[0]], [note("event_level", cluster=level[0], cohort=asked.cohort, level=shown)]
    cells = _codes(data.loc[rows], level)
    if any(cells.nested_in(_codes(data.loc[rows], [name])) for name in asked.cluster):
        return asked.cluster, []
    names = "+".join(asked.cluster)
    if not asked.allow_low_cluster:
        raise Refused(
            Problem(
                "cluster",
                f"{names} is below {shown}, at which {asked.cohort} varies: the standard error would be too small",
                mend=f"cluster: [{level[0]}], or allow_low_cluster: true, which the table's note then says",
            )
        )
    return asked.cluster, [note("event_low_cluster", cluster=names, cohort=asked.cohort, level=shown)]


def _level(data: pd.DataFrame, first: np.ndarray) -> list[str]:
    """Columns within whose combination all firms adopt together: region, industry, both, or the firm."""
    known = [name for name in _PLACES if name in data.columns]
    firms = data[PANEL["firm"]].nunique()
    for level in (*([name] for name in known), known):
        if not level:
            continue
        whole = data[level].notna().all(axis=1).to_numpy()
        groups = _codes(data.loc[whole], level)
        if not whole.any() or groups.n_levels >= firms:
            continue
        largest, least = np.full(groups.n_levels, -np.inf), np.full(groups.n_levels, np.inf)
        np.maximum.at(largest, groups.codes, first[whole])
        np.minimum.at(least, groups.codes, first[whole])
        if (largest == least).all():
            return level
    return [PANEL["firm"]]


def _codes(data: pd.DataFrame, names: Sequence[str]) -> Grouping:
    parts = []
    for name in names:
        codes, levels = pd.factorize(data[name], use_na_sentinel=False)
        parts.append(Grouping(name, codes.astype(np.intp), len(levels)))
    return crossed(effect_label(names), parts)


def _run(
    asked: section.EventStudy,
    estimator: str,
    name: str,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    said: Sequence[Note],
    run: Run,
) -> BlockResult:
    options = {
        **_options(asked, estimator),
        "vcov": asked.vcov,
        "draws": asked.draws or run.draws,
        "seed": spawned_seed(run.seed, asked.name),
    }
    try:
        fit = event_study(data, asked.outcome, cluster=cluster, rows=rows, remarks=said, **options)
    except NotEstimable as error:
        return of_failure(
            name, str(error), estimator=estimator, outcome=asked.outcome, fixed_effects=asked.fixed_effects
        )
    bounds = bounded(fit, asked.honest)
    told = of_fit(name, replace(fit, details=(*fit.details, *bounds.details), remarks=(*fit.remarks, *bounds.remarks)))
    curves = pd.concat([part for part in (fit.curves(), bounds.curves) if len(part)], ignore_index=True)
    first = first_years(data, PANEL["firm"], asked.cohort)
    asked_for = repeated(name, estimator, asked, fit.terms, fit.estimate, data, rows, first)
    return BlockResult(told.estimates, told.statistics, told.notes, curves.assign(model=name), recorded=(asked_for,))


def _options(asked: section.EventStudy, estimator: str) -> dict[str, Any]:
    """What is estimated, but for outcome, rows and variance."""
    names = (
        "cohort", "control", "controls", "anticipation", "leads", "lags", "fixed_effects", "weights", "base_period",
        "method",
    )  # fmt: skip
    return {"estimator": estimator, **{name: getattr(asked, name) for name in names}}
