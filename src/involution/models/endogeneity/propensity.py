"""The probability of being treated, by a logit on covariates: in each year, or over all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.groupings import Codes, Floats
from involution.models.tasks import PANEL
from involution.study.formulas import quoted

_DIGITS = 10
"""Decimals of the score's logit: beyond them rounding errors would decide who is nearest."""


def scores(design: Design, treated: str, on: Sequence[str], rows: Codes, *, by_year: bool) -> tuple[Floats, list[str]]:
    """The logit of the probability of being treated on each of some rows.

    Parameters
    ----------
    design : Design
        Whose data hold the indicator and the covariates.
    treated : str
    on : sequence of str
    rows : array of int, shape (n,)
    by_year : bool
        One logit a year.

    Returns
    -------
    array of float, shape (n,)
        Missing in years in which the logit could not be estimated.
    list of str
        These years.

    Raises
    ------
    NotEstimable
        When there is no year with one.
    """
    out, lost = np.full(len(design.data), np.nan), []
    years = design.data[PANEL["year"]].to_numpy()[rows]
    parts = [(str(year), rows[years == year]) for year in np.unique(years)] if by_year else [("", rows)]
    reason = ""
    for year, part in parts:
        try:
            out[part] = _logit(design, treated, on, part)
        except NotEstimable as error:
            lost.append(year)
            reason = str(error)
    if len(lost) == len(parts):
        raise NotEstimable(f"no propensity score, and no common support: {reason}")
    return out[rows], lost


def _logit(design: Design, treated: str, on: Sequence[str], rows: Codes) -> Floats:
    mask = np.zeros(len(design.data), dtype=bool)
    mask[rows] = True
    part = design.on(fixed_effects=[], rows=mask)
    found, _ = part.solution(f"{quoted(treated)} ~ {' + '.join(map(quoted, on))}", estimator="logit")
    assert found.fitted is not None
    if any(remark.code == "perfectly_predicted" for remark in found.notes):
        raise NotEstimable("the covariates predict some rows perfectly: there is no common support")
    probability = np.full(len(design.data), np.nan)
    probability[found.sample.rows] = found.fitted
    inside = probability[rows]
    return np.asarray(np.round(np.log(inside / (1 - inside)), _DIGITS))


def probability(logit: Floats) -> Floats:
    """The score itself, from its logit."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def spread(logit: Floats, treated: np.ndarray) -> float:
    """The standard deviation of the logit, from the mean of the two groups' variances (Austin 2011)."""
    return float(np.sqrt((np.var(logit[treated], ddof=1) + np.var(logit[~treated], ddof=1)) / 2))
