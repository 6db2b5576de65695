"""Entropy balancing before the regression: rows weighted until the treatment has nothing to do with the covariates.

With a treatment of degrees the weights take every covariance of treatment and covariates to zero and keep the means
(Tuebbicke 2022, *Journal of Econometric Methods* 11: 71-89; Vegetabile et al. 2021, *Health Services and Outcomes
Research Methodology* 21: 69-110); with two groups they give untreated rows the treated ones' means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.endogeneity.balance_of import AFTER, BEFORE, group_rows
from involution.models.endogeneity.entropy import balanced
from involution.models.endogeneity.treated import (
    check_named,
    complete,
    covariates,
    dated_covariates,
    high,
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
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, of_fit
from involution.models.weighted import mean
from involution.study.balancing import Balance
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.formulas import quoted

ESTIMATOR = "balancing"
WEIGHTS = "balancing weights"


def _balance(asked: Endogeneity) -> Balance:
    assert asked.balance is not None
    return asked.balance


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    check_named(asked, _balance(asked).on, "balance.on")
    if WEIGHTS in data.columns:
        raise InputError(Problem("balance", f"the column '{WEIGHTS}' is made here", mend="rename it"))
    return prepared(asked, covariates(asked, _balance(asked).on), data, run)


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    own, names = _balance(asked), endogeneity_names(asked)
    options: dict[str, Any] = {"vcov": asked.vcov, "draws": run.draws, "seed": spawned_seed(run.seed, asked.name)}
    on = dated_covariates(asked, own.on)
    whole = design.on(rows=complete(design, on))
    first = whole.estimate(_formula(asked, treatment_of(asked)), **options)
    # The regressions below have no rows but its own: what these leave out is said of both.
    said = (*said, *(remark for remark in first.remarks if remark.code == "singletons"), *lost_rows(asked, design, on))
    rows, term = first.rows, treatment_of(asked)
    years = pd.factorize(design.data[PANEL["year"]].to_numpy()[rows], sort=True)[0]
    treatment = treatment_values(asked, design, rows)
    remarks = [*said, note("balance_by_year" if own.by_year else "balance_pooled")]
    data = design.data
    if own.treat is not None:
        treatment, rule = high(treatment, years if own.by_year else None, own.treat)
        remarks, term = [*remarks, rule], treated_name(asked)
        column = np.full(len(data), np.nan)
        column[rows] = treatment
        data = data.assign(**{term: column})
    base = np.ones(len(rows)) if design.weights is None else numbers(data, design.weights)[rows]
    values = np.column_stack([numbers(data, name)[rows] for name in on])
    plain = design.on(data, rows=rows_mask(len(data), rows))
    before = plain.estimate(_formula(asked, term), **options, remarks=said)
    remarks += [note("balance" if own.treat is None else "balance_groups", moments=own.moments), note("balance_given")]

    def weighted() -> BlockResult:
        weights = _by_year(own, values, treatment, base, years)
        counted = np.zeros(len(data))
        counted[rows] = weights
        made = plain.on(data.assign(**{WEIGHTS: counted}))
        fit = made.on(weights=WEIGHTS).estimate(_formula(asked, term), **options, remarks=remarks)
        headline = of_fit(names[0], said_of_weights(fit, WEIGHTS, "balance_weighted", asked))
        more = _rows(asked, made, on, rows, values, treatment, (base, weights), years)
        frame = pd.DataFrame(more, columns=["statistic", "value", "df", "p_value"]).assign(model=names[0])
        return replace(headline, statistics=pd.concat([headline.statistics, frame], ignore_index=True))

    return [or_failure(names[0], asked, ESTIMATOR, weighted), of_fit(names[1], before)]


def rows_mask(length: int, rows: Codes) -> np.ndarray:
    """Rows as a mask over the data."""
    out = np.zeros(length, dtype=bool)
    out[rows] = True
    return out


def _formula(asked: Endogeneity, term: str) -> str:
    return f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, [term, *controls_of(asked)]))}"


def _by_year(own: Balance, values: Floats, treatment: Floats, base: Floats, years: Codes) -> Floats:
    """The weights of each year, or of all rows at once; every year counts as it did before."""
    make: Callable[[Balance, Floats, Floats, Floats], Floats] = _degrees if own.treat is None else _groups
    out, reasons = np.empty(len(treatment)), []
    for part in [years == year for year in np.unique(years)] if own.by_year else [np.ones(len(years), dtype=bool)]:
        try:
            out[part] = make(own, values[part], treatment[part], base[part])
        except NotEstimable as error:
            reasons.append(str(error))
    if reasons:
        where = f" ({len(reasons)} of {len(np.unique(years))} years; by_year: false asks less)" if own.by_year else ""
        raise NotEstimable(f"{reasons[0]}{where}")
    return out


def _powers(values: Floats, moments: int, base: Floats) -> Floats:
    """Standardised columns and, for second moments, their squares; a column without variation stays zero."""
    centre = np.average(values, axis=0, weights=base)
    size = np.sqrt(np.average((values - centre) ** 2, axis=0, weights=base))
    standard = (values - centre) / np.where(size > 0, size, 1.0)
    return standard if moments == 1 else np.hstack([standard, standard**2])


def _degrees(own: Balance, values: Floats, treatment: Floats, base: Floats) -> Floats:
    """Weights that keep the means of covariates and treatment and take their covariances to zero."""
    covariates_, doses = (_powers(part, own.moments, base) for part in (values, treatment[:, None]))
    covariates_, doses = (part - np.average(part, axis=0, weights=base) for part in (covariates_, doses))
    products = np.hstack([covariates_ * dose[:, None] for dose in doses.T])
    weights = balanced(np.hstack([covariates_, doses, products]), base)
    return np.asarray(weights * base.sum() / len(base))


def _groups(own: Balance, values: Floats, treatment: Floats, base: Floats) -> Floats:
    """Weights that give the untreated rows the means of the treated ones, and as much weight in all."""
    treated = treatment == 1
    if treated.all() or not treated.any():
        raise NotEstimable("every row or none counts as treated")
    powers = _powers(values, own.moments, base)
    wanted = np.average(powers[treated], axis=0, weights=base[treated])
    out = base.copy()
    made = balanced(powers[~treated] - wanted, base[~treated])
    out[~treated] = made / made.sum() * base[treated].sum()
    return out


def _rows(
    asked: Endogeneity,
    design: Design,
    on: list[str],
    rows: Codes,
    values: Floats,
    treatment: Floats,
    counted: tuple[Floats, Floats],
    years: Codes,
) -> list[Row]:
    """What the balance table has, and how far the weights are from equal ones."""
    base, weights = counted
    own = _balance(asked)
    told = {"effective_rows": weights.sum() ** 2 / (weights**2).sum(), "largest_weight": weights.max() / weights.mean()}
    out: list[Row] = [(key, float(value), np.nan, np.nan) for key, value in told.items()]
    if own.treat is not None:
        return [*out, *group_rows(design, treated_name(asked), on, rows, base, weights, by_year=own.by_year)]
    groups = years if own.by_year else np.zeros(len(years), dtype=np.intp)
    for when, weight in ((BEFORE, base), (AFTER, weights)):
        for name, column in zip(on, values.T, strict=True):
            out.append((f"mean[{when},{name}]", mean(column, weight), np.nan, np.nan))
            out.append((f"correlation[{when},{name}]", _correlation(column, treatment, weight, groups), np.nan, np.nan))
    return out


def _correlation(first: Floats, second: Floats, weights: Floats, groups: Codes) -> float:
    """The weighted correlation about the means of each group."""
    parts = []
    for column in (first, second):
        total = np.bincount(groups, weights)
        parts.append(column - (np.bincount(groups, weights * column) / total)[groups])
    covariance, *variances = (mean(a * b, weights) for a, b in (parts, (parts[0], parts[0]), (parts[1], parts[1])))
    size = float(np.sqrt(variances[0] * variances[1]))
    return covariance / size if size > 0 else np.nan


BALANCE = Method(_prepare, _estimate, ESTIMATOR)
