"""Variance estimators and their small-sample factors, all explicit.

Names follow fixest; a factor is applied only where the choice says so. What each estimator is:

========  ==================================================================================
iid       residual variance times ``(X'X)^-1``
hetero    HC1: outer products of the rows' influence
crv1      outer products of the clusters' influence; two-way by inclusion and exclusion
          (Cameron, Gelbach and Miller 2011, *JBES* 29: 238-249)
crv3      cluster jackknife (MacKinnon, Nielsen and Webb 2023, *JAE* 38: 671-694); two-way
          by inclusion and exclusion of the jackknife variances
wild      crv1 for the standard error, restricted wild cluster bootstrap for p and interval
driscoll_kraay   Bartlett kernel over the periods' influence (Driscoll and Kraay 1998)
conley    products of rows near each other in space (Conley 1999), and of a firm's own years
========  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from involution.errors import NotEstimable
from involution.models.clustered import (
    FEW_EFFECTIVE_CLUSTERS,
    effective_clusters,
    few_clusters,
    few_for_jackknife,
    positive_part,
    two_way,
)
from involution.models.conley import Places, conley_meat
from involution.models.groupings import Floats, Grouping
from involution.models.notes import Note, note
from involution.models.parameters import counted
from involution.models.sample import Sample
from involution.models.solution import Solution
from involution.models.wild import wild_tests

__all__ = [
    "FEW_EFFECTIVE_CLUSTERS", "KINDS", "Choice", "Inference", "Small", "counted_parameters", "effective_clusters",
    "infer", "two_way",
]  # fmt: skip

KINDS = ("iid", "hetero", "crv1", "crv3", "wild", "driscoll_kraay", "conley")
_CLUSTERED = ("crv1", "crv3", "wild")
_TINY = float(np.finfo(float).tiny)
_NO_VARIANCE = 1e-16
"""Share of the rows' own variance below which clustered scores are rounding."""


@dataclass(frozen=True)
class Small:
    """Small-sample choices.

    Attributes
    ----------
    observations : bool
        Multiply by (N - 1)/(N - K).
    fixed_effects : {"none", "nonnested", "full"}
        Which absorbed effects K counts; nonnested as fixest counts them.
    clusters : bool
        Multiply by G/(G - 1), G the smallest number of clusters when two-way.
    """

    observations: bool = True
    fixed_effects: str = "nonnested"
    clusters: bool = True


@dataclass(frozen=True)
class Choice:
    """A variance estimator with everything it needs; `places` for conley."""

    kind: str
    small: Small = field(default_factory=Small)
    draws: int = 9_999
    seed: int = 0
    level: float = 0.95
    places: Places | None = None


@dataclass(frozen=True)
class Inference:
    """Covariance of the coefficients and what tests on them use.

    Attributes
    ----------
    vcov : array of float, shape (k, k)
    degrees_of_freedom : float
        Of the t statistic; infinite for normal ones.
    k : int
        Parameters that the factor (N - 1)/(N - K) counts.
    factor : float
        The product of the small-sample factors applied.
    p_values, intervals : arrays or None
        Where the estimator has its own (wild bootstrap).
    influence : array of float, shape (G, k), or None
        How much each cluster moves each coefficient, so scaled that the sum of outer products is `vcov`; None without
        clusters and with two clusterings, whose variance is no sum over clusters.
    """

    vcov: Floats
    degrees_of_freedom: float
    k: int
    factor: float
    p_values: Floats | None = None
    intervals: Floats | None = None
    notes: tuple[Note, ...] = ()
    influence: Floats | None = None


def infer(solution: Solution, choice: Choice) -> Inference:
    """Apply a variance estimator to a fitted model.

    Raises
    ------
    NotEstimable
        With fewer than two clusters, no degrees of freedom, or an estimator that the model does not have.
    """
    clusters = solution.sample.clusters
    if choice.kind in _CLUSTERED:
        if not clusters:
            raise NotEstimable(f"{choice.kind} needs clusters, and none are named")
        for cluster in clusters:
            if cluster.n_levels < 2:
                raise NotEstimable(f"{cluster.n_levels} cluster of {cluster.name}: at least two are needed")
    full = counted_parameters(solution, "full", [])
    if solution.sample.n <= full and not solution.likelihood:
        raise NotEstimable(f"{solution.sample.n:,} rows for {full:,} parameters: no degrees of freedom are left")
    return _ESTIMATORS[choice.kind](solution, choice)


def counted_parameters(solution: Solution, effects: str, clusters: Sequence[Grouping]) -> int:
    """K of the small-sample factor, as fixest counts it.

    Levels of all effects less one for each effect after the first; with ``nonnested`` an effect nested in the
    clusters counts once. Where every cluster bears the name of an effect, only effects so named are taken as
    nested (fixest 0.14 looks at the codes only if some cluster is not an effect). Means that stand for firm effects
    count as the regressors do.
    """
    return counted(solution.sample, len(solution.names) - solution.repeated + solution.unreported, effects, clusters)


def _observations_factor(sample: Sample, k: int, small: Small) -> float:
    return (sample.n - 1) / (sample.n - k) if small.observations and sample.n > k else 1.0


def _residual_degrees(solution: Solution) -> float:
    return np.inf if solution.likelihood else solution.sample.n - counted_parameters(solution, "full", [])


def _iid(solution: Solution, choice: Choice) -> Inference:
    k = counted_parameters(solution, choice.small.fixed_effects, [])
    factor = _observations_factor(solution.sample, k, choice.small)
    scale = 1.0 if solution.likelihood else solution.sum_of_squares / (solution.sample.n - 1)
    return Inference(solution.bread * scale * factor, _residual_degrees(solution), k, factor)


def _hetero(solution: Solution, choice: Choice) -> Inference:
    n = solution.sample.n
    k = counted_parameters(solution, choice.small.fixed_effects, [])
    factor = _observations_factor(solution.sample, k, choice.small) * (n / (n - 1) if choice.small.clusters else 1.0)
    return Inference(solution.influence.T @ solution.influence * factor, _residual_degrees(solution), k, factor)


def _crv1(solution: Solution, choice: Choice) -> Inference:
    clusters = solution.sample.clusters
    k = counted_parameters(solution, choice.small.fixed_effects, clusters)
    smallest = min(cluster.n_levels for cluster in clusters)
    factor = _observations_factor(solution.sample, k, choice.small)
    factor *= smallest / (smallest - 1) if choice.small.clusters else 1.0

    sums = [cluster.sums(solution.influence) for cluster in clusters[:1]]

    def meat(cluster: Grouping) -> Floats:
        own = sums[0] if cluster is clusters[0] else cluster.sums(solution.influence)
        return np.asarray(own.T @ own)

    vcov, notes = two_way(clusters, meat, subtract=True)
    vcov, lost = _without_rounding(solution, vcov)
    degrees = np.inf if solution.likelihood else smallest - 1
    prefer = (
        "crv3" if solution.linear is None or solution.linear.endogenous.names or len(clusters) > 1 else "crv3, wild"
    )
    said = () if choice.kind == "wild" else few_clusters(clusters, prefer)
    influence = sums[0] * np.sqrt(factor) if len(clusters) == 1 else None
    return Inference(vcov * factor, degrees, k, factor, notes=notes + lost + said, influence=influence)


def _without_rounding(solution: Solution, vcov: Floats) -> tuple[Floats, tuple[Note, ...]]:
    """The covariance without the coefficients that one cluster alone identifies.

    The scores of such a cluster sum to zero by the first-order condition: what is left of the variance is rounding.
    """
    rows = np.einsum("ij,ij->j", solution.influence, solution.influence)
    lost = np.diag(vcov) < _NO_VARIANCE * rows
    if not lost.any():
        return vcov, ()
    vcov = np.where(lost[:, None] | lost[None, :], np.nan, vcov)
    names = ", ".join(name for name, gone in zip(solution.names, lost, strict=True) if gone)
    return vcov, (note("one_cluster_alone", names=names),)


def _crv3(solution: Solution, choice: Choice) -> Inference:
    if solution.jackknife is None:
        raise NotEstimable("the cluster jackknife (crv3) is not built for this estimator; use crv1")
    jackknife = solution.jackknife
    collected: list[Note] = []
    moves: list[Floats] = []

    def meat(cluster: Grouping) -> Floats:
        result = jackknife(cluster)
        collected.extend(result.notes)
        # With a cluster is what it moves: the sign is that of the rows' influence.
        deviations = solution.beta - result.replicates
        g = cluster.n_levels
        moves.append(np.sqrt((g - 1) / g) * deviations)
        return np.asarray((g - 1) / g * (deviations.T @ deviations))

    clusters = solution.sample.clusters
    vcov, notes = two_way(clusters, meat, subtract=False)
    degrees = min(cluster.n_levels for cluster in clusters) - 1
    influence = moves[0] if len(clusters) == 1 else None
    said = (*dict.fromkeys(collected), *notes, *few_for_jackknife(clusters))
    return Inference(vcov, degrees, len(solution.names), 1.0, notes=said, influence=influence)


def _wild(solution: Solution, choice: Choice) -> Inference:
    if solution.linear is None:
        raise NotEstimable("the wild cluster bootstrap is built for least squares only; use crv3")
    clusters = solution.sample.clusters
    if len(clusters) > 1:
        raise NotEstimable("the wild cluster bootstrap takes one clustering; use crv1 or crv3 for two")
    base = _crv1(solution, choice)
    tests = wild_tests(solution.linear, clusters[0], choice.draws, choice.seed, choice.level)
    p_values = np.array([tests[name].p_value if name in tests else np.nan for name in solution.names])
    intervals = np.array(
        [(tests[name].ci_low, tests[name].ci_high) if name in tests else (np.nan, np.nan) for name in solution.names]
    )
    said = note("wild", draws=choice.draws, seed=str(choice.seed))
    return replace(base, p_values=p_values, intervals=intervals, notes=(said, *base.notes))


def _driscoll_kraay(solution: Solution, choice: Choice) -> Inference:
    period = solution.sample.year
    if period is None:
        raise NotEstimable("driscoll_kraay needs the year of each row")
    if period.n_levels < 3:
        raise NotEstimable(f"{period.n_levels} periods: driscoll_kraay needs at least three")
    sums = period.sums(solution.influence)
    lags = int(np.floor(4 * (period.n_levels / 100) ** (2 / 9)))
    vcov = sums.T @ sums
    for lag in range(1, lags + 1):
        moved = sums[lag:].T @ sums[:-lag]
        vcov = vcov + (1 - lag / (lags + 1)) * (moved + moved.T)
    k = counted_parameters(solution, choice.small.fixed_effects, [period])
    factor = _observations_factor(solution.sample, k, choice.small)
    factor *= period.n_levels / (period.n_levels - 1) if choice.small.clusters else 1.0
    degrees = np.inf if solution.likelihood else period.n_levels - 1
    said = note("driscoll_kraay", lags=lags, periods=period.n_levels)
    return Inference(vcov * factor, degrees, k, factor, notes=(said,))


def _conley(solution: Solution, choice: Choice) -> Inference:
    places, sample = choice.places, solution.sample
    if places is None:
        raise NotEstimable("conley needs coordinates and a cutoff")
    meat, located = conley_meat(solution.influence, places.at(sample.rows))
    k = counted_parameters(solution, choice.small.fixed_effects, [])
    factor = _observations_factor(sample, k, choice.small)
    said = [note("conley", cutoff=f"{places.cutoff:g}", kernel=places.kernel, locations=located)]
    if places.year is not None:
        said.append(note("conley_lags", lags=places.lags) if places.lags else note("conley_no_lags"))
    mended = positive_part(meat, np.sqrt(np.maximum(np.diag(solution.influence.T @ solution.influence), _TINY)))
    if mended is not None:
        said.append(note("conley_not_positive"))
    vcov = (meat if mended is None else mended) * factor
    return Inference(vcov, _residual_degrees(solution), k, factor, notes=tuple(said))


_ESTIMATORS: dict[str, Callable[[Solution, Choice], Inference]] = {
    "iid": _iid,
    "hetero": _hetero,
    "crv1": _crv1,
    "crv3": _crv3,
    "wild": _wild,
    "driscoll_kraay": _driscoll_kraay,
    "conley": _conley,
}
