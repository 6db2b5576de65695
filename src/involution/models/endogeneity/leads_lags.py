"""Leads and lags of the treatment beside it: what has not happened yet has no effect, unless the causes run backwards.

With strict exogeneity of the treatment given the fixed effects, its values after the outcome's year say nothing of
the outcome once those up to that year are in (Wooldridge 2010, *Econometric Analysis of Cross Section and Panel
Data*, section 10.7.1). A lead that does may be reverse causality, or a cause of both that moves before either. Years
between the treatment's own and the outcome's are no leads: the treatment may act at once. They stand beside it,
outside the test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from involution.models.blocks import Run, spawned_seed
from involution.models.derived import joint_few_clusters, wald
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.tidy import BlockResult, of_fit
from involution.study.endogeneity import Endogeneity
from involution.study.formulas import quoted
from involution.study.timing import dated


def _years(asked: Endogeneity) -> tuple[list[int], list[int], list[int]]:
    """From the row's own: years up to the outcome's, years of the leads, the first of them first, and of the lags."""
    assert asked.leads_lags is not None
    own = asked.clock.treatment
    last = max(own, asked.clock.outcome)
    # Without leads nothing is tested that the years up to the outcome's could confound.
    between = list(range(own + 1, last + 1)) if asked.leads_lags.leads else []
    leads = [last + ahead for ahead in range(1, asked.leads_lags.leads + 1)]
    return between, leads, [own - back for back in range(1, asked.leads_lags.lags + 1)]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    years_beside = [years for part in _years(asked) for years in part]
    return prepared(asked, [(str(asked.treatment), years) for years in years_beside], data, run)


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    between, leads, lags = ([dated(str(asked.treatment), years) for years in part] for part in _years(asked))
    regressors = [treatment_of(asked), *between, *leads, *lags, *controls_of(asked)]
    fit = design.estimate(
        f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, regressors))}",
        vcov=asked.vcov,
        draws=run.draws,
        seed=spawned_seed(run.seed, asked.name),
        remarks=said,
    )
    rows: list[Row] = []
    told = [note("endogeneity_leads", first=leads[0])] if leads else []
    if between:
        told.append(note("endogeneity_between", names=", ".join(between)))
    for key, terms in (("leads_f", leads), ("lags_f", lags)):
        known = [term for term in terms if term in fit.terms]
        rows += [(key, *wald(fit, known))] if known else []
        told += _untested(fit, known) if known and np.isnan(rows[-1][1]) else joint_few_clusters(fit, known)
    found = of_fit(
        asked.name, replace(fit, details=(*fit.details, *rows), remarks=(*fit.remarks, *dict.fromkeys(told)))
    )
    by_date = [*reversed(lags), treatment_of(asked), *between, *leads]
    return [replace(found, estimates=_in_order(found.estimates, by_date))]


def _in_order(estimates: pd.DataFrame, first: Sequence[str]) -> pd.DataFrame:
    """Estimates with these terms first, the others as they are."""
    place = {term: number for number, term in enumerate(first)}
    order = estimates["term"].map(place).fillna(len(place)).argsort(kind="stable")
    return estimates.iloc[order].reset_index(drop=True)


def _untested(fit: Fit, terms: Sequence[str]) -> list[Note]:
    """Why coefficients cannot be tested together: too few clusters for so many, or one without a standard error."""
    names = ", ".join(terms)
    if fit.degrees_of_freedom < len(terms):
        return [note("joint_too_few_clusters", names=names, count=len(terms), clusters=fit.n_clusters or 0)]
    return [note("joint_no_error", names=names)]


LEADS_LAGS = Method(_prepare, _estimate, "ols")
