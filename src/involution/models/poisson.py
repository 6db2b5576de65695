"""Poisson regression with absorbed fixed effects (PPML).

Newton's method on the likelihood with the largest effect concentrated out: given the other parameters its
levels have the closed form ``log(sum y / sum exp(rest))``. The rest of an iteration is weighted sums over
levels; columns are absorbed once, at the solution, for the scores.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Floats, Grouping
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.separation import separate
from involution.models.solution import Jackknife, Solution, with_intercept
from involution.models.solve import column_scales, independent, inverse

_ITERATIONS = 100
_TOLERANCE = 1e-15
_SETTLED = 1e-5
"""Largest change of a linear index in the last step; Newton's method then errs by its square."""


@dataclass(frozen=True)
class _Point:
    """Parameters and what follows from them; mu includes the concentrated effect."""

    beta: Floats
    gamma: Floats
    index: Floats
    mu: Floats
    log_likelihood: float


def fit_poisson(sample: Sample, outcome_name: str, outcome: Floats, regressors: Columns) -> Solution:
    """Estimate by Poisson pseudo maximum likelihood.

    Parameters
    ----------
    sample : Sample
    outcome_name : str
    outcome : array of float, shape (N,)
        Over all rows of the data; zero or positive.
    regressors : Columns

    Raises
    ------
    NotEstimable
        When the outcome is negative or does not vary, every row is separated, nothing is left to estimate or
        the iterations do not converge.

    Notes
    -----
    Observations separated by a fixed effect or by a regressor are dropped and counted (Correia, Guimaraes and
    Zylkin 2019); singletons that this leaves are dropped too unless the sample keeps them.
    """
    y = sample.raw(outcome)
    if (y < 0).any():
        raise NotEstimable(f"the outcome {outcome_name} has {int((y < 0).sum()):,} negative values; Poisson needs none")
    if not y.any():
        raise NotEstimable(f"the outcome {outcome_name} is zero in every row of the sample")
    separation = separate(sample, outcome, regressors)
    sample = separation.sample
    if sample.n == 0:
        raise NotEstimable("every row of the sample is separated")
    y, x = sample.raw(outcome), sample.raw(regressors.values)
    notes: list[Note] = []
    informative = sample
    if separation.flat.any():
        notes.append(note("flat", count=int(separation.flat.sum())))
        informative = sample.subset(~separation.flat)
        y, x = y[~separation.flat], x[~separation.flat]
    x, names = _independent(informative, x, list(regressors.names), notes)
    if not names and not sample.intercept:
        raise NotEstimable(f"the fixed effects absorb every regressor: {', '.join(regressors.names)}")
    return _counted(_assemble(informative, names, x, y, notes), sample, ~separation.flat)


def _counted(solution: Solution, sample: Sample, informative: NDArray[np.bool_]) -> Solution:
    """The solution over all counted rows: flat ones are fitted as zero and move nothing."""
    if informative.all():
        return solution
    spread = np.zeros((sample.n, len(solution.beta)))
    spread[informative] = solution.influence
    fitted = np.zeros(sample.n)
    fitted[informative] = solution.fitted
    residuals = np.zeros(sample.n)
    residuals[informative] = solution.residuals
    jackknife = solution.jackknife
    assert jackknife is not None

    def without(cluster: Grouping) -> Jackknife:
        # Clusters of flat rows alone leave the estimate as it is.
        part = jackknife(cluster.take(informative))
        present = np.bincount(cluster.codes[informative], minlength=cluster.n_levels) > 0
        replicates = np.tile(solution.beta, (cluster.n_levels, 1))
        replicates[present] = part.replicates
        return Jackknife(replicates, part.notes)

    return replace(solution, sample=sample, influence=spread, fitted=fitted, residuals=residuals, jackknife=without)


def _independent(sample: Sample, x: Floats, names: list[str], notes: list[Note]) -> tuple[Floats, list[str]]:
    kept = independent(names, sample.absorbed(names, x), column_scales(x, sample.weights, bool(sample.effects)))
    for code, lost in (("absorbed", kept.absorbed), ("collinear", kept.collinear)):
        if lost:
            notes.append(note(code, names=", ".join(lost)))
    return np.asfortranarray(x[:, kept.positions]), [names[j] for j in kept.positions]


def _assemble(sample: Sample, names: list[str], x: Floats, y: Floats, notes: list[Note]) -> Solution:
    weights = np.ones(sample.n) if sample.weights is None else sample.weights
    for effect in sample.effects:
        effect.prepare_sums()
    absorber = Absorber(sample.effects)
    point = maximise(absorber, x, y, weights)
    absorber.reweight(point.mu * weights)
    within = absorber.residuals(x)
    bread = inverse(within.T @ ((point.mu * weights)[:, None] * within)) if names else np.zeros((0, 0))
    scores = (y - point.mu) * weights
    influence = within @ bread
    influence *= scores[:, None]
    beta, shown = point.beta, tuple(names)
    if sample.intercept:
        total = float((point.mu * weights).sum())
        means = (point.mu * weights) @ x / total
        level = float(np.log(weights @ y / (weights @ np.exp(x @ beta))))
        shown, beta, bread, influence = with_intercept(
            names, beta, bread, influence, scores, means, level + float(means @ beta), total
        )
    return Solution(
        names=shown,
        beta=beta,
        bread=bread,
        influence=influence,
        sample=sample,
        sum_of_squares=float(sample.n),
        likelihood=True,
        jackknife=partial(_leave_one_cluster_out, sample, names, x, y, beta),
        statistics=_statistics(y, point, weights),
        notes=tuple(notes),
        fitted=point.mu,
        residuals=y - point.mu,
    )


def _statistics(y: Floats, point: _Point, weights: Floats) -> dict[str, tuple[float, float, float]]:
    """Log likelihood, deviance and McFadden's pseudo R2 against a constant."""
    constant = float(weights @ _log_factorial(y))
    total = float(weights @ y)
    full = point.log_likelihood - constant
    mean = total / float(weights.sum())
    null = total * np.log(mean) - total - constant
    positive = y > 0
    saturated = float(weights[positive] @ (y[positive] * np.log(y[positive]))) - total
    deviance = 2 * (saturated - point.log_likelihood)
    return {
        "log_likelihood": (full, np.nan, np.nan),
        "deviance": (deviance, np.nan, np.nan),
        "pseudo_r2": (1 - full / null, np.nan, np.nan),
    }


def _log_factorial(y: Floats) -> Floats:
    """``log y!``, by a table where the outcome is a count."""
    from scipy.special import gammaln

    if y.max() < len(y) and np.array_equal(y, np.floor(y)):
        return np.asarray(gammaln(np.arange(y.max() + 1) + 1)[y.astype(np.intp)])
    return np.asarray(gammaln(y + 1))


def maximise(absorber: Absorber, x: Floats, y: Floats, weights: Floats, start: Floats | None = None) -> _Point:
    """Newton's method with step halving; columns are scaled to unit deviation for it.

    Parameters
    ----------
    absorber : Absorber
        Of the effects; its weights are replaced on the way.
    x : array of float, shape (n, k)
    y, weights : array of float, shape (n,)
    start : array of float, shape (k,), optional
    """
    scale = np.maximum(x.std(axis=0), 1e-300)
    centred = np.asfortranarray((x - x.mean(axis=0)) / scale)
    beta = np.zeros(x.shape[1]) if start is None else start * scale
    point = _evaluate(absorber, centred, y, weights, beta, _starting_effects(absorber, y, weights))
    for _ in range(_ITERATIONS):
        step, decrement = _newton_step(absorber, centred, y, weights, point)
        if not np.isfinite(decrement):
            break
        size = 1.0
        while True:
            moved = _evaluate(absorber, centred, y, weights, point.beta + size * step[0], point.gamma + size * step[1])
            enough = moved.log_likelihood >= point.log_likelihood - 1e-9 * abs(point.log_likelihood)
            if enough or size < 1e-6:
                break
            size /= 2
        # A small group beside large counts hardly moves the likelihood: its fitted values must have settled too.
        settled = float(np.abs(moved.index - point.index).max(initial=0.0)) <= _SETTLED
        point = moved
        if settled and decrement <= _TOLERANCE * max(1.0, abs(point.log_likelihood)):
            return _Point(point.beta / scale, point.gamma, point.index, point.mu, point.log_likelihood)
    raise NotEstimable(f"the Poisson likelihood did not converge in {_ITERATIONS} steps")


def _starting_effects(absorber: Absorber, y: Floats, weights: Floats) -> Floats:
    """Log means of the outcome at each other level: a start from which Newton rarely needs to halve."""
    if not absorber.others:
        return np.zeros(0)
    overall = float(weights @ y / weights.sum())
    parts = [
        np.log(np.maximum(g.sums(weights * y) / g.sums(weights), 1e-3 * overall) / overall) for g in absorber.others
    ]
    return np.concatenate(parts) / max(1, len(parts))


def _evaluate(absorber: Absorber, x: Floats, y: Floats, weights: Floats, beta: Floats, gamma: Floats) -> _Point:
    """The means and the log likelihood, up to the factorials; the main effect takes one logarithm a level."""
    index = x @ beta
    if absorber.others:
        index += absorber.spread(gamma)
    index -= index.max(initial=0.0)
    mu = np.exp(index)
    weighted = weights * y
    value = float(weighted @ index)
    if absorber.main is not None:
        sums = absorber.main.sums(weighted)
        level = sums / absorber.main.sums(weights * mu)
        mu *= level[absorber.main.codes]
        with np.errstate(divide="ignore", invalid="ignore"):
            value += float(np.where(sums > 0, sums * np.log(level), 0.0).sum())
    value -= float(weights @ mu)
    return _Point(beta, gamma, index, mu, value if np.isfinite(value) else -np.inf)


def _newton_step(
    absorber: Absorber, x: Floats, y: Floats, weights: Floats, point: _Point
) -> tuple[tuple[Floats, Floats], float]:
    """Direction for (beta, other effects) and the Newton decrement."""
    w = point.mu * weights
    score = (y - point.mu) * weights
    absorber.reweight(w)
    weighted = w[:, None] * x
    hessian = x.T @ weighted
    gradient = x.T @ score
    if absorber.main is None:
        step = inverse(hessian) @ gradient
        return (step, np.zeros(0)), float(step @ gradient)
    main_sums = absorber.main.sums(weighted)
    hessian = hessian - main_sums.T @ (main_sums / absorber.main_weight[:, None])
    if not absorber.others:
        step = inverse(hessian) @ gradient if len(gradient) else gradient
        return (step, np.zeros(0)), float(step @ gradient)
    other_gradient = absorber.other_sums(score)
    cross = absorber.other_sums(weighted) - absorber.within_main(main_sums)
    solved = absorber.solve(np.column_stack([cross, other_gradient]))
    reduced = hessian - cross.T @ solved[:, :-1]
    beta_step = inverse(reduced) @ (gradient - cross.T @ solved[:, -1]) if len(gradient) else gradient
    gamma_step = solved[:, -1] - solved[:, :-1] @ beta_step
    return (beta_step, gamma_step), float(beta_step @ gradient + gamma_step @ other_gradient)


def _leave_one_cluster_out(
    sample: Sample, names: list[str], x: Floats, y: Floats, beta: Floats, cluster: Grouping
) -> Jackknife:
    """Coefficients with each cluster left out, each re-estimated from the full sample's."""
    out = np.full((cluster.n_levels, len(beta)), np.nan)
    slopes = beta[1:] if sample.intercept else beta
    for g in range(cluster.n_levels):
        keep = cluster.codes != g
        found = separate(sample.subset(keep), y[keep], Columns(tuple(names), x[keep]))
        part = found.sample.subset(~found.flat)
        inner = np.flatnonzero(keep)[found.rows[~found.flat]]
        columns = x[inner]
        absorbed = part.absorber.residuals(columns)
        kept = independent(names, absorbed, column_scales(columns, part.weights, bool(part.effects))).positions
        if not kept and names:
            continue
        weights = np.ones(part.n) if part.weights is None else part.weights
        point = maximise(Absorber(part.effects), columns[:, kept], y[inner], weights, slopes[kept])
        positions = [j + int(sample.intercept) for j in kept]
        out[g, positions] = point.beta
        if sample.intercept:
            out[g, 0] = np.log(weights @ y[inner] / (weights @ np.exp(columns[:, kept] @ point.beta)))
    lost = [
        name for name, column in zip(names, out[:, int(sample.intercept) :].T, strict=True) if np.isnan(column).any()
    ]
    return Jackknife(out, (note("jackknife_unidentified", names=", ".join(lost)),) if lost else ())
