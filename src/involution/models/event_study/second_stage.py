r"""What exceeds the untreated outcome, regressed on what one likes: the second of two stages in general.

Gardner's second stage averages the outcomes of treated rows less what they would have been untreated. In its place can
stand any regression of them, since with X its regressors over its rows, W the weights and Z, :math:`\hat\gamma` the
first stage,

.. math:: \hat\theta = A'(y - Z \hat\gamma), \qquad A = W X (X'WX)^{-1},

is as linear in the outcome as an average is. Row i moves it by :math:`A_i (u_i - x_i\hat\theta) - w_{0i} z_{0i}'
(Z_0'W_0Z_0)^{-1} Z'A \, e_i`, so that standard errors account for the first stage (Newey and McFadden 1994, *Handbook
of Econometrics* 4, theorem 6.1; Butts and Gardner 2022, *R Journal* 14: 162-173, eq. 6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.event_study.adoption import Adoption, few_treated, treated_clusters
from involution.models.event_study.first_stage import Asked, FirstStage, Mask, first_stage, identified
from involution.models.groupings import Floats, Grouping
from involution.models.matrix import Columns
from involution.models.notes import note
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution

_SINGULAR = 1e-10


@dataclass(frozen=True)
class Regression:
    """One regression of effects.

    Attributes
    ----------
    names : tuple of str
        Terms; those that are empty are estimated and not told.
    values : array of float, shape (N, q)
        Regressors over all rows of the data.
    rows : array of bool, shape (N,)
        Rows that it is over.
    """

    names: tuple[str, ...]
    values: Floats
    rows: Mask


def second_stage(
    made: Adoption,
    regressions: Callable[[Sample], Sequence[Regression]],
    controls: Columns | None = None,
    required: Collection[str] = (),
) -> Solution:
    """Regressions of effects, in one solution with the influence of each row on every term.

    Parameters
    ----------
    made : Adoption
    regressions : callable
        From the rows whose effects are identified to regressions over those from adoption on. One whose regressors are
        collinear over its rows is left out and told.
    controls : Columns, optional
        Of the first stage, in place of the adoption's own.
    required : collection of str
        Controls without whose slopes a row has no effect: rows that need one which no untreated row identifies are left
        out and counted.

    Raises
    ------
    NotEstimable
        When no treated row has an identified effect, or no regression can be estimated.
    """
    asked = Asked(made.outcome, made.controls if controls is None else controls, made.since, None, made.anticipation)
    reached = identified(made.sample, asked)
    asked = replace(asked, required=frozenset(required))
    sample = identified(reached, asked) if required else reached
    since = made.since[sample.rows]
    if not (since >= 0).any():
        raise NotEstimable("no treated row is left whose effects untreated observations identify")
    untreated = asked.untreated(sample)
    first = first_stage(sample, asked, untreated)
    wanted = regressions(sample)
    kept = [regression for regression in wanted if _projection(sample, regression) is not None]
    lost = [
        name
        for regression in wanted
        if not any(regression is other for other in kept)
        for name in regression.names
        if name
    ]
    names, beta, influence = _estimated(sample, kept, first, untreated)
    if not names:
        raise NotEstimable(f"no treated rows, or collinear ones, for {', '.join(lost)}")
    dropped = made.sample.n - sample.n
    counts = {
        "n_treated_clusters": treated_clusters(sample.clusters, since >= 0),
        "n_treated": (since >= 0).sum(),
        "n_untreated": (untreated > 0).sum(),
        "dropped_unidentified": dropped,
    }
    said = [note("unidentified", count=made.sample.n - reached.n)] if made.sample.n > reached.n else []
    if reached.n > sample.n:
        said.append(note("rows_without_slope", count=reached.n - sample.n))
    if lost:
        said.append(note("empty_cells", names=", ".join(lost)))
    return Solution(
        names=names,
        beta=beta,
        bread=np.full((len(names), len(names)), np.nan),
        influence=influence,
        sample=sample,
        sum_of_squares=np.nan,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, sample, asked, kept, names),
        statistics={name: (float(count), np.nan, np.nan) for name, count in counts.items()},
        notes=(*made.remarks, *first.notes, *said, *few_treated(counts["n_treated_clusters"])),
        fitted=sample.raw(made.outcome) - first.residuals,
        residuals=first.residuals,
    )


def _projection(sample: Sample, regression: Regression) -> tuple[Floats, Floats] | None:
    """Regressors over the sample, zero outside the regression's rows, and what turns effects into coefficients."""
    inside = regression.rows[sample.rows].astype(float)
    values = np.nan_to_num(regression.values[sample.rows]) * inside[:, None]
    weighted = values if sample.weights is None else values * sample.weights[:, None]
    products = values.T @ weighted
    size = np.sqrt(np.diag(products))
    if not (size > 0).all():
        return None
    scaled = products / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] < _SINGULAR:
        return None
    return values, weighted @ (np.linalg.inv(scaled) / np.outer(size, size))


def _estimated(
    sample: Sample, regressions: Sequence[Regression], first: FirstStage, untreated: Floats
) -> tuple[tuple[str, ...], Floats, Floats]:
    names: list[str] = []
    beta: list[float] = []
    influence: list[Floats] = []
    for regression in regressions:
        found = _projection(sample, regression)
        assert found is not None
        values, weights = found
        coefficients = weights.T @ first.residuals
        left = first.residuals - values @ coefficients
        for j, name in enumerate(regression.names):
            if name:
                names.append(name)
                beta.append(float(coefficients[j]))
                share = first.share(weights[:, j])
                influence.append(weights[:, j] * left - share * untreated * first.residuals)
    return tuple(names), np.array(beta), np.column_stack(influence) if influence else np.zeros((sample.n, 0))


def _leave_one_cluster_out(
    sample: Sample, asked: Asked, regressions: Sequence[Regression], names: Sequence[str], cluster: Grouping
) -> Jackknife:
    """Both stages without each cluster; rows that the others no longer identify are left out."""
    replicates = np.full((cluster.n_levels, len(names)), np.nan)
    for g in range(cluster.n_levels):
        kept = identified(sample.subset(cluster.codes != g), asked)
        if not kept.n:
            continue
        residuals = first_stage(kept, asked, asked.untreated(kept)).residuals
        for regression in regressions:
            found = _projection(kept, regression)
            if found is not None:
                for j, name in enumerate(regression.names):
                    if name:
                        replicates[g, names.index(name)] = found[1][:, j] @ residuals
    lost = [name for name, column in zip(names, replicates.T, strict=True) if np.isnan(column).any()]
    return Jackknife(replicates, (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ())
