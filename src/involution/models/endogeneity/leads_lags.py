"""Leads and lags of the treatment beside it: what has not happened yet has no effect, unless the causes run backwards.

With strict exogeneity of the treatment given the fixed effects, its later values say nothing of an outcome once its own
value is in (Wooldridge 2010, *Econometric Analysis of Cross Section and Panel Data*, section 10.7.1). A lead that does
may be reverse causality, or a cause of both that moves before either.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from involution.models.blocks import Run, spawned_seed
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.endogeneity.asked import Method, Prepared, controls_of, outcome_of, prepared, treatment_of
from involution.models.notes import Note, note
from involution.models.tidy import BlockResult, of_fit
from involution.study.endogeneity import Endogeneity
from involution.study.formulas import quoted
from involution.study.timing import dated


def _years(asked: Endogeneity) -> tuple[list[int], list[int]]:
    """Years of the leads, the next one first, and of the lags, from the row's own."""
    assert asked.leads_lags is not None
    own = asked.clock.treatment
    leads = [own + ahead for ahead in range(1, asked.leads_lags.leads + 1)]
    return leads, [own - back for back in range(1, asked.leads_lags.lags + 1)]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    leads, lags = _years(asked)
    return prepared(asked, [(str(asked.treatment), years) for years in (*leads, *lags)], data, run)


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    leads, lags = ([dated(str(asked.treatment), years) for years in part] for part in _years(asked))
    regressors = [treatment_of(asked), *leads, *lags, *controls_of(asked)]
    fit = design.estimate(
        f"{quoted(outcome_of(asked))} ~ {' + '.join(map(quoted, regressors))}",
        vcov=asked.vcov,
        draws=run.draws,
        seed=spawned_seed(run.seed, asked.name),
        remarks=said,
    )
    rows = []
    for key, terms in (("leads_f", leads), ("lags_f", lags)):
        known = [term for term in terms if term in fit.terms]
        rows += [(key, *wald(fit, known))] if known else []
    remarks = (*fit.remarks, note("endogeneity_leads")) if leads else fit.remarks
    return [of_fit(asked.name, replace(fit, details=(*fit.details, *rows), remarks=remarks))]


LEADS_LAGS = Method(_prepare, _estimate, "ols")
