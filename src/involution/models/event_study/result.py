"""The result of an event study: a fit with its clock, tests before adoption and bands for all years together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from involution.models.event_study.terms import cell_event, event_of
from involution.models.groupings import Floats, Grouping
from involution.models.notes import note
from involution.models.reported import Row
from involution.models.result import LEVEL, Fit
from involution.models.solution import Jackknife, Solution

POINTWISE, UNIFORM = "event_time", "event_time_uniform"
"""Names of the curves."""
_RANK = 1e-9
_BATCH = 250_000
_FEW_CLUSTERS = 12
_WEBB = np.sqrt([0.5, 1.0, 1.5])


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
    solution: Solution,
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
    solution : Solution
        What the fit is of.
    anticipation : int
    reference : int or None
    counts : sequence of Row
        Statistics of who adopts.
    draws, seed : int
        Of the multiplier bootstrap.
    """
    said = list(fit.remarks)
    critical = simultaneous(fit, solution, draws, seed)
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
            if np.isnan(test[0]):
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
    from scipy.stats import f

    covariance, estimate = fit.covariance[np.ix_(at, at)], fit.estimate[list(at)]
    size = np.sqrt(np.diag(covariance))
    degrees = next(row[1] for row in fit.details if row[0] == "degrees_of_freedom")
    if not (np.isfinite(size) & (size > 0)).all() or len(at) > degrees:
        return np.nan, float(len(at)), np.nan
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    kept = values > _RANK * values[-1]
    rank = int(kept.sum())
    turned = vectors[:, kept].T @ (estimate / size)
    value = float((turned**2 / values[kept]).sum() / rank)
    return value, float(rank), float(f.sf(value, rank, degrees))


def simultaneous(fit: Fit, solution: Solution, draws: int, seed: int) -> float:
    r"""The critical value of bands that cover all years since adoption together.

    The quantile of :math:`\max_e |\sum_c \xi_c \psi_{ce}| / (\sum_c \psi_{ce}^2)^{1/2}` over draws of independent signs
    for the clusters (Callaway and Sant'Anna 2021, algorithm 1, with Rademacher's weights; Webb's six values below
    thirteen clusters). With two clusterings and for the jackknife, draws of a normal vector with the correlation of the
    estimates (Montiel Olea and Plagborg-Møller 2019, *JAE* 34: 1-17). Never below the pointwise value.
    """
    at = [j for j in event_positions(fit.terms) if fit.std_error[j] > 0]
    if not at or draws < 1:
        return np.nan
    pointwise = float((fit.ci_high[at[0]] - fit.estimate[at[0]]) / fit.std_error[at[0]])
    generator = np.random.default_rng(seed)
    clusters = solution.sample.clusters
    if len(clusters) == 1 and fit.vcov_label.startswith("crv1"):
        sums = _in_order(clusters[0].sums(solution.influence[:, at]))
        largest = _largest(sums / np.linalg.norm(sums, axis=0), draws, generator)
    else:
        size = fit.std_error[at]
        values, vectors = np.linalg.eigh(fit.covariance[np.ix_(at, at)] / np.outer(size, size))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        largest = np.abs(generator.standard_normal((draws, len(at))) @ root.T).max(axis=1)
    return max(pointwise, float(np.quantile(largest, LEVEL, method="higher")))


def _in_order(sums: Floats) -> Floats:
    """Clusters in the order of their influence, so that draws do not depend on the order of rows or on names."""
    mixed = (sums / np.linalg.norm(sums, axis=0)) @ np.sqrt(np.arange(2.0, 2.0 + sums.shape[1]))
    return np.asarray(sums[np.argsort(np.round(mixed, 12), kind="stable")])


def _largest(sums: Floats, draws: int, generator: np.random.Generator) -> Floats:
    """Largest absolute statistic of each draw."""
    out, total = np.empty(draws), sums.sum(axis=0)
    if len(sums) <= _FEW_CLUSTERS:
        values = generator.choice(np.concatenate([-_WEBB, _WEBB]), (draws, len(sums)))
        return np.asarray(np.abs(values @ sums).max(axis=1))
    batch = max(1, _BATCH // len(sums))
    for start in range(0, draws, batch):
        stop = min(draws, start + batch)
        bytes_ = generator.integers(0, 256, (stop - start, -(-len(sums) // 8)), dtype=np.uint8)
        heads = np.unpackbits(bytes_, axis=1)[:, : len(sums)].astype(float)
        # A sign is one less twice a bit, so that signs times sums need no array of signs.
        out[start:stop] = np.abs(total - 2.0 * (heads @ sums)).max(axis=1)
    return out
