r"""Effects as what outcomes exceed the untreated ones by, averaged: two stages, and imputation.

The effects of firms and years are estimated on untreated rows alone (Gardner 2022; Borusyak, Jaravel and Spiess 2024,
*Review of Economic Studies* 91: 3253-3285). With Z the first stage's regressors, Z0 those of the untreated rows, W the
weights and a what averages a cell,

.. math:: \hat\theta = a'(y - Z \hat\gamma), \qquad \hat\gamma = (Z_0'W_0Z_0)^{-1} Z_0'W_0 y_0

and row i moves the estimate by :math:`a_i u_i - w_{0i} z_{0i}'(Z_0'W_0Z_0)^{-1} Z'a \, e_i`: e is the residual of the
first stage, and u what a treated row's effect exceeds a centre by. The centre of two stages is the cell's own mean
(Butts and Gardner 2022, eq. 6); that of imputation the mean effect of the row's cohort and year, weighted so that the
variance is least among the conservative ones (Borusyak, Jaravel and Spiess 2024, eq. 8):

.. math:: \tilde\tau_{gt} = \sum_c v_{cgt} \sum_{i \in c,g,t} a_i \hat\tau_i \Big/ \sum_c v_{cgt}^2,
   \qquad v_{cgt} = \sum_{i \in c,g,t} a_i
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.event_study.adoption import treated_clusters
from involution.models.event_study.first_stage import Asked, Centre, first_stage, identified
from involution.models.event_study.terms import OVERALL, event_term
from involution.models.groupings import Floats, Grouping, crossed
from involution.models.notes import note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution

Mask = np.ndarray


def averages(whole: Sample, asked: Asked) -> Solution:
    """Average effects on the treated with the influence of each row.

    Parameters
    ----------
    whole : Sample
    asked : Asked

    Returns
    -------
    Solution
        Terms ``att[overall]`` and ``att[e=k]``.

    Raises
    ------
    NotEstimable
        When no treated row has an identified effect.
    """
    sample = identified(whole, asked)
    since = asked.since[sample.rows]
    if not (since >= 0).any():
        raise NotEstimable("no treated row is left whose effects untreated observations identify")
    untreated = asked.untreated(sample)
    first = first_stage(sample, asked, untreated)
    wanted = _times(since, asked.horizons)
    times = {name: time for name, time in wanted.items() if _cell(since, time).any()}
    empty = ", ".join(name for name in wanted if name not in times)
    beta, influence = np.empty(len(times)), np.empty((sample.n, len(times)), order="F")
    for j, time in enumerate(times.values()):
        weights = cell_weights(sample, _cell(since, time))
        beta[j] = weights @ first.residuals
        centre = beta[j] if asked.centre is None else asked.centre(sample, weights, first.residuals)
        influence[:, j] = weights * (first.residuals - centre) - first.share(weights) * untreated * first.residuals
    dropped = whole.n - sample.n
    counts = {
        "n_treated_clusters": treated_clusters(sample.clusters, since >= 0),
        "n_treated": (since >= 0).sum(),
        "n_untreated": (untreated > 0).sum(),
        "dropped_unidentified": dropped,
    }
    lost = [note("unidentified", count=dropped)] if dropped else []
    return Solution(
        names=tuple(times),
        beta=beta,
        bread=np.full((len(times), len(times)), np.nan),
        influence=influence,
        sample=sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, sample, asked, times),
        statistics={name: (float(count), np.nan, np.nan) for name, count in counts.items()},
        notes=(*first.notes, *lost, *([note("empty_cells", names=empty)] if empty else [])),
        fitted=sample.raw(asked.outcome) - first.residuals,
        residuals=first.residuals,
    )


def by_cohort_and_year(cohort: Floats, year: Floats) -> Centre:
    """The centre of imputation: mean effects of cohorts and years, rows of one cluster together.

    Parameters
    ----------
    cohort, year : array of float, shape (N,)
    """

    def centre(sample: Sample, weights: Floats, effects: Floats) -> Floats:
        at = np.flatnonzero(weights)
        codes = [np.unique(values[sample.rows[at]], return_inverse=True) for values in (cohort, year)]
        parts = [Grouping("", inverse.astype(np.intp), len(levels)) for levels, inverse in codes]
        cells = crossed("", parts)
        inside = crossed("", [cells, sample.clusters[0].take(at)])
        together = inside.spread(inside.sums(weights[at]))
        scale = cells.sums(weights[at] * together)
        means = cells.sums(weights[at] * together * effects[at]) / scale
        out = np.zeros(len(weights))
        out[at] = cells.spread(means)
        return out

    return centre


def cell_weights(sample: Sample, cell: Mask) -> Floats:
    """Weights that average the rows of a cell."""
    weights = cell.astype(float) if sample.weights is None else cell * sample.weights
    return np.asarray(weights / weights.sum())


def _times(since: Floats, horizons: Sequence[int] | None) -> dict[str, int | None]:
    """Years since adoption of each term; None for all from zero on."""
    times = sorted({int(time) for time in since[since >= 0]}) if horizons is None else sorted(set(horizons))
    return {OVERALL: None, **{event_term(time): time for time in times}}


def _cell(since: Floats, time: int | None) -> Mask:
    """Rows that a term averages."""
    return since >= 0 if time is None else since == time


def _leave_one_cluster_out(
    sample: Sample, asked: Asked, times: Mapping[str, int | None], cluster: Grouping
) -> Jackknife:
    """Both stages without each cluster; rows that the others no longer identify are left out of the averages."""
    replicates = np.full((cluster.n_levels, len(times)), np.nan)
    for g in range(cluster.n_levels):
        kept = identified(sample.subset(cluster.codes != g), asked)
        if not kept.n:
            continue
        left = asked.since[kept.rows]
        residuals = first_stage(kept, asked, asked.untreated(kept)).residuals
        for j, time in enumerate(times.values()):
            cell = _cell(left, time)
            replicates[g, j] = cell_weights(kept, cell) @ residuals if cell.any() else np.nan
    lost = [name for name, column in zip(times, replicates.T, strict=True) if np.isnan(column).any()]
    return Jackknife(replicates, (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ())
