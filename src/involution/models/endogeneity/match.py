"""Propensity-score matching before the regression: rows under high and low treatment that were alike before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.endogeneity.balance_of import densities, group_rows
from involution.models.endogeneity.matching import Matches, nearest_neighbours
from involution.models.endogeneity.propensity import probability, scores, spread
from involution.models.endogeneity.treated import (
    check_columns,
    check_named,
    complete,
    covariates,
    dated_covariates,
    high,
    in_order,
    lost_rows,
    said_of_weights,
    treated_name,
    treatment_values,
)
from involution.models.groupings import Codes, Floats
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, of_failure, of_fit
from involution.study.balancing import Match
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import quoted

ESTIMATOR = "matching"
WEIGHTS = "matching weights"
_BESIDE = ("ols", "ols", "ols", "logit")


@dataclass(frozen=True)
class _Matched:
    """A design whose data hold the indicator and the weights, its rows before, their scores and matches."""

    design: Design
    rows: Codes
    logit: Floats
    matches: Matches
    said: tuple[Note, ...]

    @property
    def mask(self) -> np.ndarray:
        """Matched rows as a mask over the data."""
        out = np.zeros(len(self.design.data), dtype=bool)
        out[self.rows[self.matches.weights > 0]] = True
        return out


def _match(asked: Endogeneity) -> Match:
    assert asked.match is not None
    return asked.match


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    own = _match(asked)
    check_named(asked, own.on, "match.on")
    if WEIGHTS in data.columns:
        raise InputError(Problem("match", f"the column '{WEIGHTS}' is made here", mend="rename it"))
    design, said = prepared(asked, covariates(asked, own.on), data, run)
    check_columns(own.exact, "match.exact", design, run)
    return design, said


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    names = endogeneity_names(asked)
    options: dict[str, Any] = {"vcov": asked.vcov, "draws": run.draws, "seed": spawned_seed(run.seed, asked.name)}
    on = dated_covariates(asked, _match(asked).on)
    whole = design.on(rows=complete(design, [*on, *_match(asked).exact]))
    treatment, indicator = treatment_of(asked), treated_name(asked)
    before = whole.estimate(_formula(asked, treatment), **options, remarks=said)
    # Rows without a covariate are out of the design already: all that are lost are counted together.
    said = (*said, *lost_rows(asked, design, [*on, *_match(asked).exact]))
    kept = (remark for remark in before.remarks if remark.code != "missing")
    before = replace(before, remarks=tuple(dict.fromkeys((*kept, *said))))
    try:
        matched = _matched(asked, whole, before.rows, said)
    except NotEstimable as error:
        return _unmatched(asked, str(error), of_fit(names[3], before))
    weighted = matched.design.on(weights=WEIGHTS, rows=matched.mask)
    once = matched.design.on(rows=matched.mask)

    degrees = not np.isin(treatment_values(asked, whole, before.rows), (0.0, 1.0)).all()
    within = [note("match_within")] if degrees else []

    def result(name: str, part: Design, term: str, *more: Note) -> BlockResult:
        def fitted() -> BlockResult:
            fit = part.estimate(_formula(asked, term), **options, remarks=(*matched.said, *more))
            return of_fit(name, said_of_weights(fit, WEIGHTS, "match_weighted", asked))

        return or_failure(name, asked, "ols", fitted)

    headline = result(names[0], weighted, treatment, *within)
    rest = [
        result(names[1], once, treatment, *within, note("match_once_each")),
        result(names[2], weighted, indicator),
        or_failure(
            names[3], asked, "ols", lambda: of_fit(names[3], _before(asked, whole, matched, before, said, options))
        ),
    ]
    return [_with_balance(headline, names[0], asked, matched, on), *rest, _score(names[4], asked, matched, on)]


def _before(
    asked: Endogeneity, whole: Design, matched: _Matched, every: Fit, said: tuple[Note, ...], options: Mapping[str, Any]
) -> Fit:
    """The regression before on the rows that have a score: those that were matched, or could have been."""
    if len(matched.rows) == len(every.rows):
        return every
    scored = whole.on(rows=np.isin(np.arange(len(whole.data)), matched.rows))
    lost = [remark for remark in matched.said if remark.code == "match_years_lost"]
    return scored.estimate(_formula(asked, treatment_of(asked)), **options, remarks=(*said, *lost))


def _unmatched(asked: Endogeneity, reason: str, before: BlockResult) -> list[BlockResult]:
    """The regression before, and rows with the reason for what matching would have given."""
    names, outcome, effects = endogeneity_names(asked), outcome_of(asked), asked.fixed_effects or ()
    rows = [
        of_failure(name, reason, estimator=estimator, outcome=outcome, fixed_effects=effects)
        for name, estimator in zip(names, (ESTIMATOR, *_BESIDE), strict=True)
    ]
    return [*rows[:3], before, rows[4]]


def _formula(asked: Endogeneity, term: str) -> str:
    return f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, [term, *controls_of(asked)]))}"


def _matched(asked: Endogeneity, design: Design, rows: Codes, said: tuple[Note, ...]) -> _Matched:
    """Treat, score and match the rows of the regression."""
    own, name = _match(asked), treated_name(asked)
    on = dated_covariates(asked, own.on)
    years = pd.factorize(design.data[PANEL["year"]].to_numpy()[rows], sort=True)[0]
    treated, rule = high(treatment_values(asked, design, rows), years if own.by_year else None, own.treat)
    column = np.full(len(design.data), np.nan)
    column[rows] = treated
    marked = design.on(design.data.assign(**{name: column}))
    logit, lost = scores(marked, name, on, rows, by_year=own.by_year)
    known = ~np.isnan(logit)
    rows, logit, years, is_treated = rows[known], logit[known], years[known], treated[known] == 1
    matches = nearest_neighbours(
        logit if own.scale == "logit" else probability(logit), is_treated, _strata(asked, design, rows, years),
        in_order(design)[rows], k=own.k, caliper=_caliper(own, logit, is_treated), replace=own.replace,
    )  # fmt: skip
    if not (matches.weights > 0).any():
        raise NotEstimable("no common support: no treated row has an untreated one within the caliper")
    counted = np.zeros(len(design.data))
    counted[rows] = matches.weights * (1.0 if design.weights is None else numbers(design.data, design.weights)[rows])
    data = marked.data.assign(**{WEIGHTS: counted})
    remarks = [
        rule,
        *_method_notes(own),
        note("match_among", count=len(treated)),
        *([note("match_years_lost", years=", ".join(lost))] if lost else []),
    ]
    return _Matched(marked.on(data), rows, logit, matches, (*said, *remarks))


def _strata(asked: Endogeneity, design: Design, rows: Codes, years: Codes) -> Codes:
    own = _match(asked)
    parts = [design.data[name].astype(str).to_numpy()[rows] for name in own.exact]
    parts += [years.astype(str)] if own.by_year else []
    if not parts:
        return np.zeros(len(rows), dtype=np.intp)
    return np.asarray(pd.MultiIndex.from_arrays(parts).factorize()[0], dtype=np.intp)


def _caliper(own: Match, logit: Floats, treated: np.ndarray) -> float | None:
    if own.caliper is None or own.scale == "probability":
        return own.caliper
    return own.caliper * spread(logit, treated)


def _method_notes(own: Match) -> list[Note]:
    how = "match_replace" if own.replace else "match_once"
    unit = "match_no_caliper" if own.caliper is None else f"match_caliper_{own.scale}"
    within = [note("match_exact", names=", ".join(own.exact))] if own.exact else []
    year = "match_by_year" if own.by_year else "match_pooled"
    return [
        note("match", k=own.k), note(year), *within, note(how), note(unit, caliper=f"{own.caliper}"),
        note("match_given"),
    ]  # fmt: skip


def _with_balance(
    headline: BlockResult, name: str, asked: Endogeneity, matched: _Matched, on: list[str]
) -> BlockResult:
    """The headline with the numbers of the balance table and the densities of the scores."""
    treated = treatment_mask(matched, asked)
    weights, matches = matched.matches.weights, matched.matches
    counts = {
        "n_treated": treated.sum(),
        "n_control": (~treated).sum(),
        "n_treated_matched": (treated & (weights > 0)).sum(),
        "n_control_matched": (~treated & (weights > 0)).sum(),
        "n_off_support": matches.off_support.sum(),
        "n_beyond_caliper": matches.beyond.sum(),
        "largest_match_weight": weights[~treated].max(),
    }
    rows: list[Row] = [(key, float(value), np.nan, np.nan) for key, value in counts.items()]
    rows += _pseudo_r2(asked, matched, on)
    data, own = matched.design.data, matched.design.weights
    base = np.ones(len(weights)) if own is None else numbers(data, own)[matched.rows]
    rows += group_rows(
        matched.design, treated_name(asked), on, matched.rows, base, base * weights, by_year=_match(asked).by_year
    )
    more = pd.DataFrame(rows, columns=["statistic", "value", "df", "p_value"]).assign(model=name)
    curves = densities(probability(matched.logit), treated, weights).assign(model=name)
    statistics = pd.concat([headline.statistics, more], ignore_index=True)
    return replace(headline, statistics=statistics, curves=curves)


def treatment_mask(matched: _Matched, asked: Endogeneity) -> np.ndarray:
    """Which of the rows before are treated."""
    return np.asarray(numbers(matched.design.data, treated_name(asked))[matched.rows] == 1)


def _score_formula(asked: Endogeneity, on: list[str]) -> str:
    return f"{quoted(treated_name(asked))} ~ {' + '.join(map(quoted, on))}"


def _score_design(asked: Endogeneity, matched: _Matched, *, after: bool) -> Design:
    mask = matched.mask
    if not after:
        mask = np.zeros(len(matched.design.data), dtype=bool)
        mask[matched.rows] = True
    effects = [PANEL["year"]] if _match(asked).by_year else []
    return matched.design.on(fixed_effects=effects, rows=mask, weights=WEIGHTS if after else None)


def _pseudo_r2(asked: Endogeneity, matched: _Matched, on: list[str]) -> list[Row]:
    """McFadden's R2 of one logit with year effects, before and after: near zero after where the rows are alike."""
    out: list[Row] = []
    for when, after in (("before", False), ("after", True)):
        try:
            part = _score_design(asked, matched, after=after)
            found, _ = part.solution(_score_formula(asked, on), estimator="logit")
            out.append((f"score_r2[{when}]", found.statistics["pseudo_r2"][0], np.nan, np.nan))
        except NotEstimable:
            continue
    return out


def _score(name: str, asked: Endogeneity, matched: _Matched, on: list[str]) -> BlockResult:
    """The logit itself, over all years, with year effects where matching is by year."""

    def fitted() -> BlockResult:
        part = _score_design(asked, matched, after=False)
        said = [note("score_pooled")] if _match(asked).by_year else []
        fit = part.estimate(_score_formula(asked, on), estimator="logit", vcov="crv1", remarks=said)
        return of_fit(name, fit)

    return or_failure(name, asked, "logit", fitted)


MATCH = Method(_prepare, _estimate, ESTIMATOR, _BESIDE)
