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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.event_study.adoption import treated_clusters
from involution.models.event_study.terms import OVERALL, event_term
from involution.models.groupings import Floats, Grouping, crossed
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution
from involution.models.solve import column_scales, independent, inverse

Mask = np.ndarray
Centre = Callable[[Sample, Floats, Floats], Floats]
"""From the sample, the cell's weights and the effects to the centre of each row."""
_UNIDENTIFIED = 1e-8
_LOOSE = 1e-4
_ROUNDING = 1e-9


@dataclass(frozen=True)
class FirstStage:
    """Effects and controls as the untreated rows have them.

    Attributes
    ----------
    absorber : Absorber
        Of the fixed effects, with weight zero on treated rows.
    controls : array of float, shape (n, k)
        Less their effects among the untreated.
    bread : array of float, shape (k, k)
        Inverse of the controls' cross-products over the untreated rows.
    residuals : array of float, shape (n,)
        The outcome less what it would have been untreated.
    notes : tuple of Note
    """

    absorber: Absorber
    controls: Floats
    bread: Floats
    residuals: Floats
    notes: tuple[Note, ...]

    def share(self, weights: Floats) -> Floats:
        """How the average with these weights depends on each untreated row's residual, shape (n,)."""
        absorber = self.absorber
        assert absorber.main is not None
        sums = absorber.main.sums(weights)
        means, spread = sums / absorber.main_weight, np.zeros(len(weights))
        if absorber.others:
            effects = absorber.solve(absorber.other_sums(weights) - absorber.within_main(sums))
            means = means - (absorber.cross @ effects) / absorber.root_weight
            spread = absorber.spread(effects)
        own = self.controls @ (self.bread @ (self.controls.T @ weights))
        return np.asarray(absorber.main.spread(means) + spread + own)


@dataclass(frozen=True)
class Asked:
    """What is averaged.

    Attributes
    ----------
    outcome : array of float, shape (N,)
        Over all rows of the data, as all that follow.
    controls : Columns
    since : array of float, shape (N,)
        Years since adoption, minus infinity for firms that never adopt.
    horizons : sequence of int or None
        Years since adoption that have a term; all from zero on where there is none.
    anticipation : int
        Years before adoption that count as treated.
    centre : callable or None
        The cell's own mean unless given.
    required : set of str
        Controls whose slopes effects cannot be told without: a row that needs one which no untreated row identifies
        has no identified effect. Other such controls are left out.
    """

    outcome: Floats
    controls: Columns
    since: Floats
    horizons: Sequence[int] | None = None
    anticipation: int = 0
    centre: Centre | None = None
    required: frozenset[str] = frozenset()

    def untreated(self, sample: Sample) -> Floats:
        """Weights of the sample's untreated rows; zero for the others."""
        untreated = (self.since[sample.rows] < -self.anticipation).astype(float)
        return untreated if sample.weights is None else untreated * sample.weights


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


def identified(sample: Sample, asked: Asked) -> Sample:
    """The rows whose every effect, and every slope that is required, is identified by untreated ones."""
    untreated = (asked.untreated(sample) > 0).astype(float)
    keep = np.ones(sample.n, dtype=bool)
    for effect in sample.effects:
        keep &= effect.spread(effect.sums(untreated)) > 0
    kept = sample if keep.all() else sample.subset(keep)
    if kept.n:
        # Levels that untreated rows do not connect leave a combination that vanishes on all of them, and only on them.
        loose = np.abs(Absorber(kept.effects, untreated[keep]).null_values()).max(axis=1, initial=0.0) > _UNIDENTIFIED
        kept = kept.subset(~loose) if loose.any() else kept
    if kept.n and asked.required:
        slopes = _slopes(kept, asked, asked.untreated(kept))
        required = [j for j, name in enumerate(slopes.lost) if name in asked.required]
        told = slopes.loose[:, required].sum(axis=1) == 0
        kept = kept if told.all() else kept.subset(told)
    return kept


@dataclass(frozen=True)
class _Slopes:
    """Controls as the untreated rows have them.

    Attributes
    ----------
    absorber : Absorber
    outcome : array of float, shape (n,)
    controls : array of float, shape (n, k)
        Less their effects among the untreated; those whose slopes untreated rows identify.
    absorbed, collinear : tuple of str
        The others.
    loose : array of bool, shape (n, lost)
        Rows where another control is not the combination of effects and controls that it is among the untreated.
    """

    absorber: Absorber
    outcome: Floats
    controls: Floats
    absorbed: tuple[str, ...]
    collinear: tuple[str, ...]
    loose: Mask

    @property
    def lost(self) -> tuple[str, ...]:
        """Controls whose slopes untreated rows do not identify."""
        return (*self.absorbed, *self.collinear)


def _slopes(sample: Sample, asked: Asked, untreated: Floats) -> _Slopes:
    names, raw = asked.controls.names, sample.raw(asked.controls.values)
    absorber = Absorber(sample.effects, untreated)
    left = absorber.residuals(np.column_stack([sample.raw(asked.outcome), raw]))
    x, root = left[:, 1:], np.sqrt(untreated)[:, None]
    largest = np.abs(raw).max(axis=0, initial=0.0)
    # What treated rows leave behind in sums that hold none of them is rounding of their size, not of untreated values.
    scales = np.maximum(column_scales(raw, untreated, centred=True), 1e-4 * np.sqrt(untreated.sum()) * largest)
    kept = independent(names, x * root, scales)
    lost = [names.index(name) for name in (*kept.absorbed, *kept.collinear)]
    inside = x[:, kept.positions]
    loose = np.zeros((sample.n, len(lost)), dtype=bool)
    if lost:
        other = x[:, lost]
        known = inside @ np.linalg.lstsq(inside * root, other * root, rcond=None)[0]
        size = np.maximum(_LOOSE * np.abs(other).max(axis=0), _ROUNDING * largest[lost])
        loose = (np.abs(other - known) > size) & (untreated == 0)[:, None]
    return _Slopes(absorber, left[:, 0], inside, tuple(kept.absorbed), tuple(kept.collinear), loose)


def first_stage(sample: Sample, asked: Asked, untreated: Floats) -> FirstStage:
    """Effects and slopes of the untreated rows, and every row's outcome less what they say of it."""
    slopes = _slopes(sample, asked, untreated)
    x, y = slopes.controls, slopes.outcome
    bread = inverse((x * untreated[:, None]).T @ x) if x.shape[1] else np.zeros((0, 0))
    residuals = y - x @ (bread @ (x.T @ (untreated * y)))
    return FirstStage(slopes.absorber, x, bread, residuals, _told(slopes))


def _told(slopes: _Slopes) -> tuple[Note, ...]:
    """Which controls are left out, and why: among all rows, or because untreated rows do not know their slopes."""
    unknown = [name for name, rows in zip(slopes.lost, slopes.loose.T, strict=True) if rows.any()]
    lost = {"absorbed": slopes.absorbed, "collinear": slopes.collinear}
    told = {code: [name for name in names if name not in unknown] for code, names in lost.items()}
    told["slope_unidentified"] = unknown
    return tuple(note(code, names=", ".join(names)) for code, names in told.items() if names)


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
