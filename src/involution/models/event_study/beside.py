"""What a study's event study has beside its estimators: the decomposition of TWFE, strength, and a changed slope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.event_study.dose import dose_effects
from involution.models.event_study.goodman_bacon import TREATED, Decomposition, goodman_bacon
from involution.models.event_study.triple import triple_difference
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.tidy import BlockResult, estimate_rows, note_rows, of_failure, of_fit, statistic_rows
from involution.study.block_names import beside_names
from involution.study.event_study import EventStudy

Made = Callable[[str], BlockResult]


def beside(
    asked: EventStudy, data: pd.DataFrame, rows: np.ndarray, cluster: Sequence[str], said: Sequence[Note]
) -> list[BlockResult]:
    """The models that a section asks for beside those of its estimators, each in its row.

    Parameters
    ----------
    asked : EventStudy
    data : DataFrame
    rows : array of bool, shape (n,)
    cluster : sequence of str
    said : sequence of Note
        What the rules have to say.
    """
    makes: dict[str, Made] = {
        "bacon": partial(_bacon, asked, data, rows, cluster, said),
        "dose": partial(_dose, asked, data, rows, cluster, said),
        "triple": partial(_triple, asked, data, rows, cluster, said, "did2s"),
        "triple_twoway": partial(_triple, asked, data, rows, cluster, said, "twfe"),
    }
    out = []
    for kind, name in beside_names(asked).items():
        try:
            out.append(makes[kind](name))
        except NotEstimable as error:
            effects = ["firm", "year"] if kind == "bacon" else asked.fixed_effects
            out.append(of_failure(name, str(error), estimator=kind, outcome=asked.outcome, fixed_effects=effects))
    return out


def _bacon(
    asked: EventStudy,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    said: Sequence[Note],
    name: str,
) -> BlockResult:
    found = goodman_bacon(
        data,
        asked.outcome,
        cohort=asked.cohort,
        cluster=cluster,
        anticipation=asked.anticipation,
        vcov=asked.vcov,
        rows=rows,
    )
    fit = found.fit
    remarks = (*said, note("bacon_plain"), *found.remarks, *fit.remarks)
    by_type = found.by_type
    parts = pd.DataFrame({"term": [f"bacon[{kind}]" for kind in by_type["type"]], "estimate": by_type["estimate"]})
    whole = fit.tidy().replace({"term": {TREATED: "bacon[twfe]"}})
    terms = pd.concat([whole, parts], ignore_index=True)
    weights: list[Row] = [
        (f"weight[{kind}]", float(weight), np.nan, np.nan)
        for kind, weight in zip(by_type["type"], by_type["weight"], strict=True)
    ]
    return BlockResult(
        estimate_rows(name, terms, fit, remarks, estimator="bacon", outcome=asked.outcome),
        statistic_rows(name, [*fit.details, *weights]),
        note_rows(name, remarks),
        _comparisons(found).assign(model=name),
    )


def _comparisons(found: Decomposition) -> pd.DataFrame:
    """Each comparison as a point of its own curve: weight and estimate."""
    parts = found.comparisons
    names = [
        f"{row.type}[g={row.cohort:g}"
        + ("]" if row.type in ("treated_never", "treated_always") else f",h={row.against:g}]")
        for row in parts.itertuples()
    ]
    return pd.DataFrame(
        {"curve": names, "x": parts["weight"], "estimate": parts["estimate"], "ci_low": np.nan, "ci_high": np.nan}
    )


def _dose(
    asked: EventStudy,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    said: Sequence[Note],
    name: str,
) -> BlockResult:
    fit = dose_effects(
        data,
        asked.outcome,
        asked.strength or "",
        cohort=asked.cohort,
        cluster=cluster,
        controls=asked.controls,
        anticipation=asked.anticipation,
        fixed_effects=asked.fixed_effects,
        weights=asked.weights,
        vcov=asked.vcov,
        rows=rows,
        remarks=said,
    )
    told = _named(name, fit, "dose")
    return BlockResult(told.estimates, told.statistics, told.notes, fit.curves().assign(model=name))


def _triple(
    asked: EventStudy,
    data: pd.DataFrame,
    rows: np.ndarray,
    cluster: Sequence[str],
    said: Sequence[Note],
    estimator: str,
    name: str,
) -> BlockResult:
    fit = triple_difference(
        data,
        asked.outcome,
        asked.triple or "",
        cohort=asked.cohort,
        estimator="twfe" if estimator == "twfe" else "did2s",
        cluster=cluster,
        controls=asked.controls,
        anticipation=asked.anticipation,
        fixed_effects=asked.fixed_effects,
        vcov=asked.vcov,
        rows=rows,
        remarks=said if asked.weights is None else (*said, note("triple_unweighted", weights=asked.weights)),
    )
    return _named(name, fit, "triple_twoway" if estimator == "twfe" else "triple")


def _named(name: str, fit: Fit, estimator: str) -> BlockResult:
    """A fit with the name of what it is beside, so that it is not taken for the event study."""
    told = of_fit(name, fit)
    return BlockResult(told.estimates.assign(estimator=estimator), told.statistics, told.notes)
