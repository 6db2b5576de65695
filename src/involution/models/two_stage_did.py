r"""Difference in differences with staggered adoption, in two stages.

Two-way fixed effects compare firms that adopt late with firms that adopted before, and where effects differ or grow
such comparisons enter with the wrong sign (Goodman-Bacon 2021, *Journal of Econometrics* 225: 254-277). Gardner (2022,
"Two-stage differences in differences", arXiv 2207.05943) and Butts and Gardner (2022, *R Journal* 14: 162-173) estimate
the effects of firms and years on untreated observations alone, take them out of every outcome, and average what is left
over the treated ones.

With Z the first stage's regressors, Z0 those of the untreated rows and a the weights that average a cell,

.. math:: \hat\theta = a'(y - Z \hat\gamma), \qquad \hat\gamma = (Z_0'Z_0)^{-1} Z_0'y_0

so row i moves the estimate by :math:`a_i u_i - z_{0i}'(Z_0'Z_0)^{-1} Z'a \, e_i`: u is the residual of the second stage
and e that of the first. The cross-product of the clusters' sums is the covariance of Butts and Gardner (2022, eq. 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.absorb import Absorber
from involution.models.design import Design
from involution.models.groupings import Floats, Grouping
from involution.models.matrix import Columns, no_column, numbers
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution
from involution.models.solve import column_scales, independent, inverse
from involution.models.threads import single_threaded

Mask = np.ndarray
OVERALL = "att[overall]"
_UNIDENTIFIED = 1e-8


@dataclass(frozen=True)
class FirstStage:
    """Effects and controls as the untreated rows have them.

    Attributes
    ----------
    absorber : Absorber
        Of the fixed effects, with weight one on untreated rows and zero on treated ones.
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


def two_stage_did(
    data: pd.DataFrame,
    outcome: str,
    firm: str = "firm",
    year: str = "year",
    cohort: str = "cohort",
    cluster: Sequence[str] | str = (),
    controls: Sequence[str] = (),
    horizons: Sequence[int] | None = None,
    *,
    fixed_effects: Sequence[str] = (),
    vcov: str = "crv1",
    small_sample: Mapping[str, Any] | None = None,
    rows: Mask | None = None,
) -> Fit:
    """Average effects on the treated, overall and by years since adoption.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year. Rows with a missing value in a column of the model are dropped and counted.
    outcome : str
    firm, year : str
        Keys; years are numbers.
    cohort : str
        Year of adoption, the same in every row of a firm; zero or missing where a firm never adopts.
    cluster : sequence of str
        One or two columns; the firm by default.
    controls : sequence of str
        Columns of numbers whose slopes the untreated rows give.
    horizons : sequence of int, optional
        Years since adoption to report, negative ones before it; by default all from zero on. Leads average residuals
        of rows that the first stage is fitted on, relative to all untreated rows and not to the year before adoption.
    fixed_effects : sequence of str
        Columns or ``a^b``; firm and year by default.
    vcov : {"crv1", "crv3", "hetero"}
        With the first stage accounted for; crv3 estimates both stages anew without each cluster.
    small_sample : mapping, optional
        ``observations`` (default False, as in Butts and Gardner) and ``clusters`` (default True: G/(G - 1)).
    rows : array of bool, shape (n,), optional
        Rows that may be used.

    Returns
    -------
    Fit
        Terms ``att[overall]`` (all treated rows weigh the same) and ``att[e=k]``; `residuals` are the outcomes less
        what they would have been untreated. Statistics count treated and untreated rows, and rows left out because no
        untreated observation identifies one of their effects (firms always treated, years when all are).

    Raises
    ------
    InputError
        For a column that is not there or not of numbers, and a cohort that changes within a firm.
    NotEstimable
        When no treated row has an identified effect.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"firm": list("aabbccdd"), "year": [1, 2] * 4, "cohort": [2, 2] + [0] * 6})
    >>> data["y"] = [1.0, 5.0, 0.0, 1.0, 2.0, 2.0, 7.0, 9.0]
    >>> two_stage_did(data, "y").tidy().round(12)[["term", "estimate"]].values.tolist()
    [['att[overall]', 3.0], ['att[e=0]', 3.0]]
    """
    missing = [name for name in (outcome, firm, year, cohort, *controls) if name not in data.columns]
    if missing:
        raise InputError([Problem("", no_column(name, data.columns)) for name in missing])
    since = years_since_adoption(data, firm, year, cohort)
    absorbed, clusters = list(fixed_effects) or [firm, year], [cluster] if isinstance(cluster, str) else list(cluster)
    design = Design(data, absorbed, clusters or [firm], rows=rows, firm=firm, year=year)
    values = numbers(data, outcome)
    block = Columns(tuple(controls), np.column_stack([np.zeros((len(data), 0)), *(numbers(data, c) for c in controls)]))
    whole = design.sample(values, [block], constant=False)
    with single_threaded():
        sample = _identified(whole, since)
        solution = _estimated(sample, values, block, since[sample.rows], horizons, whole.n - sample.n)
        return summarise(
            solution,
            variance_choice(vcov, design.cluster, {"observations": False, **(small_sample or {})}, 0, 0),
            formula=f"{outcome} ~ {' + '.join(controls) or '1'} | {' + '.join(absorbed)}",
            estimator="did2s",
            outcome=outcome,
            effects=absorbed,
            outcome_values=values,
        )


def years_since_adoption(data: pd.DataFrame, firm: str, year: str, cohort: str) -> Floats:
    """Years since adoption of each row: zero in the first treated year, minus infinity where a firm never adopts.

    Raises
    ------
    InputError
        When a firm has two cohorts, missing and zero counting as one.
    """
    first = pd.Series(np.nan_to_num(numbers(data, cohort)), index=data.index)
    by_firm = first.groupby(data[firm], sort=False)
    torn = by_firm.transform("nunique") > 1
    if torn.any():
        shown = data.loc[torn, [firm, cohort]].drop_duplicates().head(10)
        found = tuple(f"{firm} {name}: {value}" for name, value in shown.itertuples(index=False))
        raise InputError(Problem(f"column '{cohort}'", "a firm adopts once, and these have two years", found))
    return np.where(first == 0, -np.inf, numbers(data, year) - first)


def _identified(sample: Sample, since: Floats) -> Sample:
    """The rows whose every effect is identified by untreated ones."""
    untreated = (since[sample.rows] < 0).astype(float)
    keep = np.ones(sample.n, dtype=bool)
    for effect in sample.effects:
        keep &= effect.spread(effect.sums(untreated)) > 0
    kept = sample if keep.all() else sample.subset(keep)
    if kept.n:
        # Levels that untreated rows do not connect leave a combination that vanishes on all of them, and only on them.
        loose = np.abs(Absorber(kept.effects, untreated[keep]).null_values()).max(axis=1, initial=0.0) > _UNIDENTIFIED
        kept = kept.subset(~loose) if loose.any() else kept
    if not (since[kept.rows] >= 0).any():
        raise NotEstimable("no treated row is left whose effects untreated observations identify")
    return kept


def _first_stage(sample: Sample, outcome: Floats, controls: Columns, untreated: Floats) -> FirstStage:
    absorber = Absorber(sample.effects, untreated)
    raw = sample.raw(controls.values)
    left = absorber.residuals(np.column_stack([sample.raw(outcome), raw]))
    y, x = left[:, 0], left[:, 1:]
    kept = independent(controls.names, x * untreated[:, None], column_scales(raw, untreated, centred=True))
    lost = {"absorbed": kept.absorbed, "collinear": kept.collinear}
    said = tuple(note(code, names=", ".join(names)) for code, names in lost.items() if names)
    x = x[:, kept.positions]
    bread = inverse((x * untreated[:, None]).T @ x) if kept.positions else np.zeros((0, 0))
    return FirstStage(absorber, x, bread, y - x @ (bread @ (x.T @ (untreated * y))), said)


def _estimated(
    sample: Sample, outcome: Floats, controls: Columns, since: Floats, horizons: Sequence[int] | None, dropped: int
) -> Solution:
    """Both stages on rows whose effects are identified, with the influence of each row on each average."""
    untreated = (since < 0).astype(float)
    first = _first_stage(sample, outcome, controls, untreated)
    asked = _times(since, horizons)
    times = {name: time for name, time in asked.items() if _cell(since, time).any()}
    empty = ", ".join(name for name in asked if name not in times)
    beta, influence = np.empty(len(times)), np.empty((sample.n, len(times)), order="F")
    for j, time in enumerate(times.values()):
        cell = _cell(since, time)
        weights = cell / cell.sum()
        beta[j] = weights @ first.residuals
        second = weights * (first.residuals - beta[j])
        influence[:, j] = second - first.share(weights) * untreated * first.residuals
    counts = {"n_treated": (since >= 0).sum(), "n_untreated": untreated.sum(), "dropped_unidentified": dropped}
    lost = [note("unidentified", count=dropped)] if dropped else []
    return Solution(
        names=tuple(times),
        beta=beta,
        bread=np.full((len(times), len(times)), np.nan),
        influence=influence,
        sample=sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, sample, outcome, controls, since, times),
        statistics={name: (float(count), np.nan, np.nan) for name, count in counts.items()},
        notes=(*first.notes, *lost, *([note("empty_cells", names=empty)] if empty else [])),
        fitted=sample.raw(outcome) - first.residuals,
        residuals=first.residuals,
    )


def _times(since: Floats, horizons: Sequence[int] | None) -> dict[str, int | None]:
    """Years since adoption of each term; None for all from zero on."""
    times = sorted({int(time) for time in since[since >= 0]}) if horizons is None else sorted(set(horizons))
    return {OVERALL: None, **{f"att[e={time}]": time for time in times}}


def _cell(since: Floats, time: int | None) -> Mask:
    """Rows that a term averages."""
    return since >= 0 if time is None else since == time


def _leave_one_cluster_out(
    sample: Sample,
    outcome: Floats,
    controls: Columns,
    since: Floats,
    times: Mapping[str, int | None],
    cluster: Grouping,
) -> Jackknife:
    """Both stages without each cluster; rows that the others no longer identify are left out of the averages."""
    replicates = np.full((cluster.n_levels, len(times)), np.nan)
    by_row = np.full(len(outcome), np.nan)
    by_row[sample.rows] = since
    for g in range(cluster.n_levels):
        kept = _identified(sample.subset(cluster.codes != g), by_row)
        left = by_row[kept.rows]
        residuals = _first_stage(kept, outcome, controls, (left < 0).astype(float)).residuals
        for j, time in enumerate(times.values()):
            cell = _cell(left, time)
            replicates[g, j] = residuals[cell].mean() if cell.any() else np.nan
    lost = [name for name, column in zip(times, replicates.T, strict=True) if np.isnan(column).any()]
    return Jackknife(replicates, (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ())
