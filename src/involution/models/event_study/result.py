"""The result of an event study: a fit with its clock, tests before adoption and bands for all years together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from involution.models.bands import uniform_critical_value
from involution.models.distributions import LEVEL, f_p_value
from involution.models.event_study.terms import cell_event, event_of
from involution.models.groupings import Grouping
from involution.models.notes import note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.solution import Jackknife, Solution

POINTWISE, UNIFORM = "event_time", "event_time_uniform"
"""Names of the curves."""
_RANK = 1e-9


@dataclass(frozen=True)
class EventStudy(Fit):
    """Effects of staggered adoption.

    Attributes
    ----------
    anticipation : int
        Years before adoption in which effects may already show.
    reference : int or None
        The year from adoption that others are relative to, where the estimator has one.
    critical_value : float
        Standard errors on both sides of the estimates that cover all years since adoption together in 95 % of samples.
    """

    anticipation: int = 0
    reference: int | None = None
    critical_value: float = np.nan

    def event_times(self) -> pd.DataFrame:
        """One row per year since adoption.

        Returns
        -------
        DataFrame
            event, estimate, std_error, ci_low, ci_high, uniform_low, uniform_high.
        """
        at = event_positions(self.terms)
        estimate, wide = self.estimate[at], self.critical_value * self.std_error[at]
        return pd.DataFrame(
            {
                "event": [event_of(self.terms[j]) for j in at],
                "estimate": estimate,
                "std_error": self.std_error[at],
                "ci_low": self.ci_low[at],
                "ci_high": self.ci_high[at],
                "uniform_low": estimate - wide,
                "uniform_high": estimate + wide,
            }
        )

    def curves(self) -> pd.DataFrame:
        """Estimates over years since adoption with pointwise and simultaneous intervals: curve, x, estimate, ends."""
        times = self.event_times().rename(columns={"event": "x"})
        names = {POINTWISE: ("ci_low", "ci_high"), UNIFORM: ("uniform_low", "uniform_high")}
        parts = [
            times[["x", "estimate"]].assign(curve=name, ci_low=times[low], ci_high=times[high])
            for name, (low, high) in names.items()
        ]
        return pd.concat(parts, ignore_index=True)


def event_positions(terms: Sequence[str]) -> list[int]:
    """Where the years since adoption stand among the terms, the earliest first."""
    events = {j: event for j, term in enumerate(terms) if (event := event_of(term)) is not None}
    return sorted(events, key=events.__getitem__)


def in_order(solution: Solution) -> Solution:
    """The same with its years since adoption from the earliest to the latest, all before what follows them."""
    at = event_positions(solution.names)
    if at == sorted(at):
        return solution
    first = min(at)
    rest = [j for j in range(len(solution.names)) if j not in at]
    order = [*(j for j in rest if j < first), *at, *(j for j in rest if j > first)]
    jackknife = solution.jackknife

    def reordered(cluster: Grouping) -> Jackknife:
        assert jackknife is not None
        found = jackknife(cluster)
        return replace(found, replicates=found.replicates[:, order])

    return replace(
        solution,
        names=tuple(solution.names[j] for j in order),
        beta=solution.beta[order],
        influence=solution.influence[:, order],
        jackknife=None if jackknife is None else reordered,
    )


def as_event_study(
    fit: Fit,
    *,
    anticipation: int,
    reference: int | None,
    counts: Sequence[Row],
    draws: int,
    seed: int,
) -> EventStudy:
    """A fit with the joint test of its leads and the critical value of simultaneous bands.

    Parameters
    ----------
    fit : Fit
    anticipation : int
    reference : int or None
    counts : sequence of Row
        Statistics of who adopts.
    draws, seed : int
        Of the bands.
    """
    said = list(fit.remarks)
    critical = simultaneous(fit, draws, seed)
    known = {row[0] for row in fit.details}
    details = [*fit.details, *(row for row in counts if row[0] not in known)]
    tests = {
        "pre_trend": [j for j in event_positions(fit.terms) if (event_of(fit.terms[j]) or 0) < -anticipation],
        "pre_trend_cells": [j for j, term in enumerate(fit.terms) if (cell_event(term) or 0) < -anticipation],
    }
    for name, leads in tests.items():
        test = joint_test(fit, leads) if leads else None
        if test is not None:
            details.append((name, *test))
            bare = [fit.terms[j] for j in leads if not fit.std_error[j] > 0]
            if bare:
                said.append(note("event_leads_without_error", names=", ".join(bare)))
            elif np.isnan(test[0]):
                said.append(note("event_no_joint_test", count=len(leads), clusters=fit.n_clusters or 0))
    if np.isfinite(critical):
        details.append(("uniform_critical_value", critical, np.nan, np.nan))
        said.append(note("event_uniform", draws=draws, seed=str(seed)))
    if reference is not None:
        details.append(("reference", float(reference), np.nan, np.nan))
    details.append(("anticipation", float(anticipation), np.nan, np.nan))
    whole = replace(fit, details=tuple(details), remarks=tuple(dict.fromkeys(said)))
    own = {item.name: getattr(whole, item.name) for item in fields(Fit)}
    return EventStudy(**own, anticipation=anticipation, reference=reference, critical_value=critical)


def joint_test(fit: Fit, at: Sequence[int]) -> tuple[float, float, float]:
    """F that the terms at these positions are all zero, its restrictions and p-value.

    Combinations without variance (leads that are residuals of one regression sum to zero) are no restriction. Missing
    where clusters are no more than the terms.
    """
    covariance, estimate = fit.covariance[np.ix_(at, at)], fit.estimate[list(at)]
    size = np.sqrt(np.diag(covariance))
    degrees = fit.degrees_of_freedom
    if not (np.isfinite(size) & (size > 0)).all() or len(at) > degrees:
        return np.nan, float(len(at)), np.nan
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    kept = values > _RANK * values[-1]
    rank = int(kept.sum())
    turned = vectors[:, kept].T @ (estimate / size)
    value = float((turned**2 / values[kept]).sum() / rank)
    return value, float(rank), f_p_value(value, rank, degrees)


def simultaneous(fit: Fit, draws: int, seed: int) -> float:
    """The critical value of bands that cover all years since adoption together, with the intervals' own degrees of
    freedom (`uniform_critical_value`); years without a standard error are not covered."""
    at = event_positions(fit.terms)
    if not at or draws < 1:
        return np.nan
    return uniform_critical_value(fit.covariance[np.ix_(at, at)], LEVEL, fit.degrees_of_freedom, draws, seed)
