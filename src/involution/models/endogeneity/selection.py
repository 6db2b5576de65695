"""The outcome where it is reported, corrected for who reports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.absorb import Absorber
from involution.models.blocks import Run, spawned_seed
from involution.models.dating import with_dated
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.endogeneity.heckman import NoMaximum, Probit, probits
from involution.models.endogeneity.two_steps import (
    MILLS,
    Lost,
    Selected,
    jackknife,
    own_covariance,
    with_inference,
    without_means,
)
from involution.models.groupings import Grouping
from involution.models.matrix import binary_problems, numbers
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.solve import column_scales, independent
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, of_fit
from involution.study.balancing import Selection
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import effect_label, quoted
from involution.study.timing import dated

ESTIMATOR = "heckman"
_VARIANCES = ("crv3", "hetero")
_SHOWN = 5
"""Clusters or years that a note lists."""


def _selection(asked: Endogeneity) -> Selection:
    assert asked.selection is not None
    return asked.selection


def _exclusions(asked: Endogeneity) -> list[str]:
    return [dated(name, asked.clock.outcome) for name in _selection(asked).exclusion]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    own, years = _selection(asked), asked.clock.outcome
    problems = []
    if (asked.vcov or "crv3") not in _VARIANCES:
        what = f"'{asked.vcov}' takes the first step as given, and its errors would be too small"
        problems.append(Problem("vcov", what, mend="crv3 (both steps without each cluster), or hetero (Heckman's own)"))
    named = {str(asked.treatment): "the treatment", asked.outcome: "the outcome"}
    named |= dict.fromkeys(asked.controls or (), "a control")
    for name in own.exclusion:
        if name in named and dated(name, years) in (treatment_of(asked), *controls_of(asked), outcome_of(asked)):
            mend = "name what moves reporting and not the outcome"
            problems.append(Problem("selection.exclusion", f"'{name}' is {named[name]}", mend=mend))
    if own.reported is not None:
        problems += binary_problems(data, {"selection.reported": [own.reported]})
    if MILLS in data.columns:
        problems.append(Problem("selection", f"the column '{MILLS}' is made here", mend="rename it"))
    if problems:
        raise InputError(problems)
    # A firm's row in the outcome's year: where it has none there is nothing to report.
    pairs = [(PANEL["year"], years), *([(own.reported, years)] if own.reported else [])]
    whole, _ = with_dated(data, pairs, f"endogeneity: {asked.name}", run.known.unavailable)
    design, said = prepared(asked, [(name, years) for name in own.exclusion], whole, run)
    return design, said


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    names = endogeneity_names(asked)
    selected = _selected(asked, design)
    said = (*said, *design.lost([treatment_of(asked), *controls_of(asked), *_exclusions(asked)]))
    found = _found(selected)
    if not found:
        raise NotEstimable("in every year all rows have the outcome, or none has: there is nothing to correct")
    options: dict[str, Any] = {"vcov": asked.vcov, "draws": run.draws, "seed": spawned_seed(run.seed, asked.name)}

    def uncorrected() -> Fit:
        remarks = (*said, *_effects_note(selected))
        fit = selected.design.on(rows=selected.mask).estimate(_formula(asked, selected.means), **options)
        return without_means(replace(fit, remarks=(*fit.remarks, *remarks)), selected.means)

    # What one of them cannot say, or not without some cluster, the others can.
    def result(name: str, estimator: str, fitted: Callable[[], Fit]) -> BlockResult:
        return or_failure(name, asked, estimator, lambda: of_fit(name, fitted()))

    return [
        result(names[0], ESTIMATOR, lambda: _corrected(asked, selected, found, said)),
        result(names[1], "ols", uncorrected),
        result(names[2], "probit", lambda: _reporting(asked, selected, said)),
    ]


def _found(selected: Selected) -> list[Probit]:
    """The probits of all rows; a year in which there is none is named, with what to do about it."""
    try:
        return probits(selected.explanatory, selected.observed, selected.years, selected.weights)
    except NoMaximum as error:
        if not selected.periods:
            raise
        year = selected.periods[error.year]
        raise NotEstimable(f"the probit of {year}: {error}; `by_year: false` takes one probit of all years") from None


def _selected(asked: Endogeneity, design: Design) -> Selected:
    """Rows that either equation can use: explanatory columns, effects, clusters and the firm's outcome year known."""
    own, data, years = _selection(asked), design.data, asked.clock.outcome
    explaining = [treatment_of(asked), *controls_of(asked), *_exclusions(asked)]
    rows = design.known_rows() & data[dated(PANEL["year"], years)].notna().to_numpy()
    for name in explaining:
        rows &= data[name].notna().to_numpy()
    outcome = numbers(data, outcome_of(asked))
    observed = ~np.isnan(outcome)
    if own.reported is not None:
        told = numbers(data, dated(own.reported, years))
        # What is reported and yet missing is missing for another reason: no row of either equation.
        rows &= ~np.isnan(told) & ~((told == 1) & ~observed)
        observed &= told == 1
    weights = None if design.weights is None else numbers(data, design.weights)
    places = np.flatnonzero(rows)
    if not observed[places].any():
        raise NotEstimable("no row has the outcome and every explanatory column")
    by_firm = any(effect == (PANEL["firm"],) for effect in design.effects)
    made = {f"mean[{name}]": _firm_means(data, name, rows) for name in explaining} if by_firm else {}
    effects = [effect_label(effect) for effect in design.effects if effect != (PANEL["firm"],)]
    marked = data.assign(**made, **{reported_name(asked): np.where(rows, observed.astype(float), np.nan)})
    columns = np.column_stack([numbers(marked, name)[places] for name in (*explaining, *made)])
    year, called = pd.factorize(data[PANEL["year"]].to_numpy()[places], sort=True)
    return Selected(
        design.on(marked, fixed_effects=effects),
        places,
        columns,
        observed[places],
        year.astype(np.intp) if own.by_year else np.zeros(len(year), dtype=np.intp),
        list(made),
        None if weights is None else weights[places],
        [f"{name:g}" for name in called] if own.by_year else [],
    )


def _firm_means(data: pd.DataFrame, name: str, rows: np.ndarray) -> pd.Series:
    return data[name].astype(float).where(rows).groupby(data[PANEL["firm"]].to_numpy()).transform("mean")


def reported_name(asked: Endogeneity) -> str:
    """What the indicator of the reported outcome is called."""
    return f"reported[{outcome_of(asked)}]"


def _formula(asked: Endogeneity, more: Sequence[str]) -> str:
    return f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, [treatment_of(asked), *controls_of(asked), *more]))}"


def _moving(asked: Endogeneity, selected: Selected) -> list[str]:
    """Exclusions with variation of their own beside the years and whatever else explains reporting."""
    explaining = [treatment_of(asked), *controls_of(asked), *_exclusions(asked)]
    names = [*explaining, *selected.means]
    own = set(_exclusions(asked))
    # Whose means stand for the firm effects is explained by them, not they by it.
    order = [j for j, name in enumerate(names) if name not in own and name not in {f"mean[{one}]" for one in own}]
    order += [names.index(name) for name in _exclusions(asked)]
    columns = selected.explanatory[:, order]
    by_year = Absorber([Grouping(PANEL["year"], selected.years, int(selected.years.max()) + 1)], selected.weights)
    left = by_year.residuals(columns)
    left = left if selected.weights is None else left * np.sqrt(selected.weights)[:, None]
    chosen = [names[j] for j in order]
    kept = independent(chosen, left, column_scales(columns, selected.weights, centred=True))
    return [chosen[j] for j in kept.positions if chosen[j] in own]


def _corrected(asked: Endogeneity, selected: Selected, found: list[Probit], said: tuple[Note, ...]) -> Fit:
    """The second step with the variance of both."""
    moving = _moving(asked, selected)
    if not moving:
        names = _exclusions(asked)
        raise NotEstimable(
            f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} no variation beside the years and the other "
            "regressors, and only the curvature of the probit is left: name another exclusion"
        )
    column = np.full(len(selected.design.data), np.nan)
    column[selected.rows] = selected.ratio(found)
    design = selected.design.on(selected.design.data.assign(**{MILLS: column}), rows=selected.mask)
    fit = design.estimate(_formula(asked, [*selected.means, MILLS]), vcov="crv1" if design.cluster else None)
    if MILLS not in fit.terms:
        raise NotEstimable("the inverse Mills ratio has no variation of its own: name another exclusion")
    remarks = [*said, *_effects_note(selected), note("heckman_by_year" if _selection(asked).by_year else "heckman")]
    remarks.append(note("heckman_exclusion", names=", ".join(moving)))
    still = [name for name in _exclusions(asked) if name not in moving]
    remarks += [note("heckman_exclusion_still", names=", ".join(still))] if still else []
    if asked.vcov == "hetero":
        inference, rows = own_covariance(selected, design, fit, found)
        fit = with_inference(fit, inference, "two_step", None, 0)
    else:
        inference, lost, unidentified = jackknife(selected, design, fit, found)
        rows = []
        count = int(inference.degrees_of_freedom) + 1
        fit = with_inference(fit, inference, f"crv3({design.cluster[0]})", design.cluster, count)
        named = [term for term in unidentified if term not in selected.means]
        remarks += [note("jackknife_unidentified", names=", ".join(named))] if named else []
    if asked.vcov == "hetero":
        remarks.append(note("heckman_two_step"))
    else:
        remarks.append(_lost_note(lost, design.cluster[0]) if lost else note("heckman_jackknife"))
    counts = {"n_reported": selected.observed.sum(), "n_unreported": (~selected.observed).sum()}
    rows += [(key, float(value), np.nan, np.nan) for key, value in counts.items()]
    whole = replace(fit, estimator=ESTIMATOR, remarks=(*fit.remarks, *remarks), details=(*fit.details, *rows))
    return without_means(whole, selected.means)


def _lost_note(lost: list[Lost], column: str) -> Note:
    """Why there are no standard errors: by what no probit can be estimated, and what to do about it."""
    years = list(dict.fromkeys(one.year for one in lost if one.year))
    clusters = _listed_some(list(dict.fromkeys(one.cluster for one in lost)))
    code = "heckman_lost_year" if years else "heckman_lost"
    return note(code, column=column, clusters=clusters, years=_listed_some(years))


def _listed_some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _effects_note(selected: Selected) -> list[Note]:
    return [note("heckman_means")] if selected.means else []


def _reporting(asked: Endogeneity, selected: Selected, said: tuple[Note, ...]) -> Fit:
    """The probit of reporting over all years, with year effects, and the test of the exclusions."""
    mask = np.zeros(len(selected.design.data), dtype=bool)
    mask[selected.rows] = True
    effects = [PANEL["year"]] if _selection(asked).by_year else []
    exclusions = _exclusions(asked)
    terms = [treatment_of(asked), *controls_of(asked), *exclusions, *selected.means]
    formula = f"{quoted(reported_name(asked))} ~ {' + '.join(map(quoted, terms))}"
    design = selected.design.on(fixed_effects=effects, rows=mask)
    fit = design.estimate(formula, estimator="probit", vcov="crv1" if design.cluster else None)
    known = [term for term in exclusions if term in fit.terms]
    rows: list[Row] = [("exclusion_f", *wald(fit, known))] if known else []
    remarks = (*fit.remarks, *said, note("heckman_pooled_probit" if _selection(asked).by_year else "heckman_no_years"))
    return without_means(replace(fit, details=(*fit.details, *rows), remarks=remarks), selected.means)


SELECTION = Method(_prepare, _estimate, ESTIMATOR, ("ols", "probit"))
