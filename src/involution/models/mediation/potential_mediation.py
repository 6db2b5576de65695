"""One mediation by potential outcomes: equations, their joint covariance, effects with intervals, what is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.clustered import FEW_EFFECTIVE_CLUSTERS, effective_clusters, two_way
from involution.models.design import Design
from involution.models.groupings import Floats, Grouping
from involution.models.inference import counted_parameters
from involution.models.influence import frame_of
from involution.models.mediation.covariance import LEAST_CLUSTERS
from involution.models.mediation.details import Row, of_contrast, share_means_nothing, without_shares
from involution.models.mediation.inference import Sampled, drawn_coefficients
from involution.models.mediation.intervals import Found, by_quantiles, t_interval, tidied
from involution.models.mediation.potential_equations import Equations, Potential, check_options, estimated
from involution.models.mediation.potential_outcomes import PotentialEffects
from involution.models.mediation.result import PotentialMediation
from involution.models.mediation.specification import Specification
from involution.models.notes import Note, note
from involution.models.threads import single_threaded

METHODS = ("monte_carlo", "delta", "jackknife")
_STEP = 1e-4


def decomposed_by_outcomes(
    specification: Specification,
    design: Design,
    options: Potential,
    *,
    inference: str = "monte_carlo",
    draws: int = 9_999,
    seed: int = 0,
    said: Sequence[Note] = (),
) -> PotentialMediation:
    """The mediation of a specification whose equations are not all linear, or hold products with the treatment.

    Parameters
    ----------
    specification : Specification
        Without moderators.
    design : Design
    options : Potential
    inference : str
        ``monte_carlo``: effects at draws of all coefficients from a multivariate t(G - 1) with their joint CRV3
        covariance (the quasi-Bayesian algorithm of Imai, Keele and Tingley 2010, with clusters). ``delta``: first
        order, by central differences. Both take the rows, the residuals and the fixed effects as given.
        ``jackknife``: effects with each cluster left out, of the coefficients and of the rows averaged over.
    draws, seed : int
    said : sequence of Note
        Said beside what the mediation says itself.

    Raises
    ------
    InputError
        For names and options that do not exist.
    NotEstimable
        When the data do not support the decomposition.
    """
    check_asked(specification, design, options, inference)
    with single_threaded():
        equations = estimated(specification, design, options)
        everywhere = np.ones(equations.sample.n, dtype=bool)
        effects = PotentialEffects(equations, everywhere, specification.blocks)
        sampled, notes = _sampled(effects)
        found, moved = _found(effects, sampled, inference, draws, np.random.default_rng(seed))
    estimates = {term: float(value[0]) for term, value in effects(effects.theta[None]).items()}
    frame, sample = tidied(estimates, found), equations.sample
    return PotentialMediation(
        effects=without_shares(frame, [contrast.label for contrast in equations.treatment.contrasts]),
        details=_details(equations, sampled, specification.treatment),
        remarks=(*_remarks(equations, frame, inference, draws, seed), *notes, *said),
        inference=inference,
        vcov_label=f"crv3({'+'.join(cluster.name for cluster in sample.clusters)})" if sample.clusters else "hetero",
        n_obs=sample.n,
        n_firms=None if sample.firm is None else sample.firm.n_levels,
        n_clusters=min(cluster.n_levels for cluster in sample.clusters) if sample.clusters else None,
        fixed_effects=tuple("^".join(effect) for effect in design.effects),
        equations=equations,
        sampled=sampled,
        cluster_influence=frame_of(sample, moved),
    )


def check_asked(specification: Specification, design: Design, options: Potential, inference: str) -> None:
    """Raise an InputError for families, paths and intervals that do not exist here."""
    check_options(specification, options)
    if inference not in METHODS:
        what = f"found '{inference}'; expected one of {', '.join(METHODS)} where an equation is not linear"
        raise InputError(Problem("inference", what))
    if inference == "jackknife" and len(design.cluster) != 1:
        what = f"'jackknife' leaves out clusters, and {'none is' if not design.cluster else 'two are'} named"
        raise InputError(Problem("inference", what, mend="use monte_carlo or delta"))


def _sampled(effects: PotentialEffects) -> tuple[Sampled, tuple[Note, ...]]:
    """Coefficients of all equations and their joint covariance: CRV3, without clusters HC1."""
    solutions, theta = [equation.solution for equation in effects.equations.all], effects.theta
    sample = effects.equations.sample
    if not sample.clusters:
        influence = np.hstack([solution.influence for solution in solutions])
        degrees = float(sample.n - max(counted_parameters(solution, "full", []) for solution in solutions))
        if degrees < 1:
            raise NotEstimable(f"{sample.n:,} rows: no degrees of freedom are left")
        covariance = influence.T @ influence * (sample.n / degrees)
        return Sampled(theta, covariance, degrees, None, None), (note("mediation_rows"),)
    for cluster in sample.clusters:
        if cluster.n_levels < LEAST_CLUSTERS:
            raise NotEstimable(f"{cluster.n_levels} clusters of {cluster.name}: at least {LEAST_CLUSTERS} are needed")
    left_out: list[Floats] = []

    def meat(cluster: Grouping) -> Floats:
        left_out.append(_left_out(effects.equations, cluster))
        deviations, g = left_out[-1] - theta, cluster.n_levels
        return np.asarray((g - 1) / g * (deviations.T @ deviations))

    covariance, notes = two_way(sample.clusters, meat, subtract=False)
    degrees = float(min(cluster.n_levels for cluster in sample.clusters) - 1)
    return Sampled(theta, covariance, degrees, left_out[0] if len(sample.clusters) == 1 else None, None), notes


def _left_out(equations: Equations, cluster: Grouping) -> Floats:
    """Coefficients of all equations, each estimated anew without each cluster, shape (G, q)."""
    parts = []
    for equation in equations.all:
        assert equation.solution.jackknife is not None
        replicates = equation.solution.jackknife(cluster).replicates
        lost = [
            name for name, column in zip(equation.solution.names, replicates.T, strict=True) if np.isnan(column).any()
        ]
        if lost:
            raise NotEstimable(
                f"{', '.join(lost)} is not identified in the equation of {equation.name} when some cluster is left out"
            )
        parts.append(replicates)
    return np.hstack(parts)


def _found(
    effects: PotentialEffects, sampled: Sampled, inference: str, draws: int, rng: np.random.Generator
) -> tuple[dict[str, Found], dict[str, Floats]]:
    """Each effect with its uncertainty, and how much each cluster moves it."""
    estimates = {term: float(value[0]) for term, value in effects(sampled.theta[None]).items()}
    moved: dict[str, Floats] = {}
    if inference == "jackknife":
        moved = _jackknife_moves(effects, sampled, estimates)
        errors = {term: float(np.sqrt(values @ values)) for term, values in moved.items()}
    else:
        slopes = _slopes(effects, sampled)
        errors = {term: _first_order_error(slope, sampled) for term, slope in slopes.items()}
        if sampled.left_out is not None:
            deviations = sampled.scale * (sampled.theta - sampled.left_out)
            moved = {term: deviations @ slope for term, slope in slopes.items()}
    if inference == "monte_carlo":
        drawn = effects(drawn_coefficients(sampled, draws, rng))
        return {term: by_quantiles(values, errors[term]) for term, values in drawn.items()}, moved
    return {term: t_interval(value, errors[term], sampled.degrees) for term, value in estimates.items()}, moved


def _slopes(effects: PotentialEffects, sampled: Sampled) -> dict[str, Floats]:
    """Derivatives of the effects by central differences in steps of a small part of a standard error."""
    step = _STEP * np.sqrt(np.diag(sampled.covariance))
    moved = effects(np.vstack([sampled.theta + np.diag(step), sampled.theta - np.diag(step)]))
    half = np.where(step > 0, 2 * step, np.inf)
    return {term: np.subtract(*np.split(values, 2)) / half for term, values in moved.items()}


def _first_order_error(slope: Floats, sampled: Sampled) -> float:
    """Standard error by the delta method."""
    return float(np.sqrt(np.maximum(slope @ sampled.covariance @ slope, 0.0)))


def _jackknife_moves(effects: PotentialEffects, sampled: Sampled, estimates: dict[str, float]) -> dict[str, Floats]:
    assert sampled.left_out is not None
    codes = effects.equations.sample.clusters[0].codes
    without = [
        PotentialEffects(effects.equations, codes != k, effects.blocks)(theta[None])
        for k, theta in enumerate(sampled.left_out)
    ]
    return {
        term: sampled.scale * np.array([estimate - float(part[term][0]) for part in without])
        for term, estimate in estimates.items()
    }


def _details(equations: Equations, sampled: Sampled, treatment: str) -> tuple[Row, ...]:
    """Statistic, value, degrees of freedom, p-value."""
    sample, outcome = equations.sample, equations.outcome.solution
    assert outcome.fitted is not None
    assert outcome.residuals is not None
    values: dict[str, float] = {
        "n_obs": sample.n,
        "n_firms": np.nan if sample.firm is None else sample.firm.n_levels,
        "mean_outcome": float(np.average(outcome.fitted + outcome.residuals, weights=sample.weights)),
        f"contrasts[{treatment}]": len(equations.treatment.contrasts),
        "dropped_missing": equations.missing,
        "dropped_unusable": equations.unusable,
        "degrees_of_freedom": sampled.degrees,
    }
    for contrast in equations.treatment.contrasts:
        if not contrast.label and len(contrast.low) == 1:
            values |= {"level[x=0]": float(contrast.low[0]), "level[x=1]": float(contrast.high[0])}
    values |= {f"n_clusters[{cluster.name}]": cluster.n_levels for cluster in sample.clusters}
    if sample.clusters:
        values["effective_clusters"] = min(effective_clusters(cluster) for cluster in sample.clusters)
    return tuple((name, float(value), np.nan, np.nan) for name, value in values.items() if not np.isnan(value))


def _remarks(equations: Equations, frame: pd.DataFrame, inference: str, draws: int, seed: int) -> tuple[Note, ...]:
    """What has to be said under a table of the effects."""
    mediators, outcome, sample = equations.mediators, equations.outcome, equations.sample
    written = ", ".join(f"{equation.name} ({equation.estimator})" for equation in equations.all)
    said = [note("mediation_sample", count=sample.n)]
    if equations.unusable:
        said.append(note("potential_unusable", count=equations.unusable))
    said += [*equations.remarks, note("potential_outcomes", equations=written), equations.treatment.remark]
    if len(mediators) > 1:
        said.append(note("potential_several"))
    linear = [equation.name for equation in mediators if equation.estimator == "ols"]
    counts = [equation.name for equation in mediators if equation.estimator == "poisson"]
    if outcome.estimator != "ols" and linear:
        said.append(note("potential_residuals", names=", ".join(linear)))
    if outcome.estimator != "ols" and counts:
        said.append(note("potential_counts", names=", ".join(counts)))
    said.append(note(f"potential_{inference}", draws=draws, seed=str(seed)))
    for contrast in (contrast.label for contrast in equations.treatment.contrasts):
        code = share_means_nothing(of_contrast(frame, contrast))
        if code:
            said.append(note(f"{code}_of" if contrast else code, contrast=contrast))
    effective = min((effective_clusters(cluster) for cluster in sample.clusters), default=np.inf)
    if effective < FEW_EFFECTIVE_CLUSTERS:
        limit = FEW_EFFECTIVE_CLUSTERS
        said.append(note("few_clusters", count=f"{effective:.1f}", limit=limit, prefer="jackknife"))
    said.append(note("mediation_status"))
    return tuple(dict.fromkeys(said))
