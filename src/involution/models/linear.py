"""Ordinary, weighted and two-stage least squares with absorbed fixed effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models import instruments
from involution.models.groupings import Floats
from involution.models.jackknife import leave_one_cluster_out
from involution.models.matrix import Columns
from involution.models.notes import Note, note
from involution.models.sample import Sample
from involution.models.solution import Solution, with_intercept
from involution.models.solve import Kept, column_scales, independent, inverse, least_squares


@dataclass(frozen=True)
class Linear:
    """Columns of a linear model on its sample, after absorption, collinear ones removed.

    Attributes
    ----------
    exogenous, endogenous, excluded : array of float, shape (n, k)
        Regressors; endogenous regressors; instruments that are not regressors. Times root weights.
    outcome : array of float, shape (n,)
    raw : array of float, shape (n, p)
        The outcome and all columns before absorption and weighting.
    positions : tuple of int
        Where `regressors` stand in `raw`.
    """

    sample: Sample
    exogenous: Columns
    endogenous: Columns
    excluded: Columns
    outcome: Floats
    raw: Floats
    positions: tuple[int, ...]

    @property
    def raw_outcome(self) -> Floats:
        """The outcome before absorption and weighting."""
        return np.asarray(self.raw[:, 0])

    @property
    def raw_regressors(self) -> Floats:
        """Columns of `regressors` before absorption and weighting."""
        return np.asarray(self.raw[:, self.positions])

    @property
    def regressors(self) -> Floats:
        """Endogenous regressors first, as fixest lists them, then the exogenous ones."""
        if not self.endogenous.names:
            return self.exogenous.values
        return np.hstack([self.endogenous.values, self.exogenous.values])

    @property
    def instruments(self) -> Floats:
        """Excluded instruments, then the exogenous regressors."""
        return np.hstack([self.excluded.values, self.exogenous.values])

    @property
    def names(self) -> list[str]:
        """Names of `regressors`."""
        return [*self.endogenous.names, *self.exogenous.names]


def fit_linear(
    sample: Sample, outcome_name: str, outcome: Floats, exogenous: Columns, endogenous: Columns, excluded: Columns
) -> Solution:
    """Estimate by (two-stage) least squares.

    Parameters
    ----------
    sample : Sample
    outcome_name : str
    outcome : array of float, shape (N,)
        Over all rows of the data, as the columns are.
    exogenous, endogenous, excluded : Columns
        The last two are empty without instruments.

    Raises
    ------
    NotEstimable
        When the outcome does not vary, no regressor is left, or the instruments are too few.
    """
    notes: list[Note] = []
    linear = _prepare(sample, outcome_name, outcome, exogenous, endogenous, excluded, notes)
    if linear.endogenous.names:
        beta, bread, residual, projected = _two_stage(linear)
    else:
        projected = linear.regressors
        beta, bread, residual = least_squares(projected, linear.outcome)
    influence = projected @ bread
    influence *= residual[:, None]
    names: tuple[str, ...] = tuple(linear.names)
    statistics = instruments.diagnostics(linear, beta, residual) if linear.endogenous.names else {}
    if linear.endogenous.names:
        notes.append(note("iv_r2"))
    r2, r2_within = _fit_measures(linear, linear.outcome - projected @ beta if linear.endogenous.names else residual)
    root = sample.root_weights
    if sample.intercept:
        weights = np.ones(sample.n) if sample.weights is None else sample.weights
        total = float(weights.sum())
        means = weights @ linear.raw_regressors / total
        scores = residual if root is None else residual * root
        names, beta, bread, influence = with_intercept(
            linear.names, beta, bread, influence, scores, means, float(weights @ linear.raw_outcome / total), total
        )
    raw_residual = residual if root is None else residual / root
    return Solution(
        names=names,
        beta=beta,
        bread=bread,
        influence=influence,
        sample=sample,
        sum_of_squares=float(residual @ residual),
        likelihood=False,
        jackknife=partial(leave_one_cluster_out, linear),
        r2=r2,
        r2_within=r2_within,
        statistics=statistics,
        notes=tuple(notes),
        fitted=linear.raw_outcome - raw_residual,
        residuals=raw_residual,
        linear=linear,
    )


def _prepare(
    sample: Sample,
    outcome_name: str,
    outcome: Floats,
    exogenous: Columns,
    endogenous: Columns,
    excluded: Columns,
    notes: list[Note],
) -> Linear:
    names = [*exogenous.names, *endogenous.names, *excluded.names]
    raw = _stacked(sample, [outcome[:, None], exogenous.values, endogenous.values, excluded.values])
    if float(np.ptp(raw[:, 0])) == 0:
        raise NotEstimable(f"the outcome {outcome_name} does not vary in the {sample.n:,} rows of the sample")
    absorbed = sample.absorbed([outcome_name, *names], raw)
    scales = column_scales(raw, sample.weights, bool(sample.effects))
    if np.linalg.norm(absorbed[:, 0]) <= 1e-9 * scales[0]:
        raise NotEstimable(f"the fixed effects leave no variation in the outcome {outcome_name}")
    kept = _independent_columns(absorbed[:, 1:], scales[1:], exogenous, endogenous, excluded)
    _report_lost(kept, endogenous, sample, notes)
    groups = [_select(block, names, kept, absorbed[:, 1:]) for block in (exogenous, endogenous, excluded)]
    if not groups[0].names and not groups[1].names and not sample.intercept:
        raise NotEstimable(_nothing_left(kept))
    both = [name for name in excluded.names if name in (*exogenous.names, *endogenous.names)]
    if both:
        raise NotEstimable(f"{', '.join(both)} cannot be an instrument and a regressor at once")
    if len(groups[2].names) < len(groups[1].names):
        lost = {"absorbed by the fixed effects": kept.absorbed, "collinear with other columns": kept.collinear}
        why = "; ".join(f"{how}: {', '.join(names)}" for how, names in lost.items() if names)
        raise NotEstimable(
            f"{len(groups[2].names)} instruments with variation of their own for "
            f"{len(groups[1].names)} endogenous regressors{f' ({why})' if why else ''}"
        )
    positions = tuple(1 + names.index(name) for name in (*groups[1].names, *groups[0].names))
    return Linear(sample, groups[0], groups[1], groups[2], absorbed[:, 0], raw, positions)


def _stacked(sample: Sample, blocks: Sequence[Floats]) -> Floats:
    """The sample's rows of several blocks of columns, side by side."""
    out = np.empty((sample.n, sum(block.shape[1] for block in blocks)), order="F")
    start = 0
    for block in blocks:
        for j in range(block.shape[1]):
            out[:, start + j] = sample.raw(block[:, j])
        start += block.shape[1]
    return out


def _independent_columns(
    absorbed: Floats, scales: Floats, exogenous: Columns, endogenous: Columns, excluded: Columns
) -> Kept:
    """Regressors that are independent of each other, and instruments independent of the exogenous regressors.

    An instrument is compared with exogenous regressors and other instruments alone: that it explains an endogenous
    regressor is no reason to drop it.
    """
    names = [*exogenous.names, *endogenous.names, *excluded.names]
    first, second = len(exogenous.names), len(exogenous.names) + len(endogenous.names)
    regressors = independent(names[:second], absorbed[:, :second], scales[:second])
    if not excluded.names:
        return regressors
    among = [*range(first), *range(second, len(names))]
    instruments = independent([names[j] for j in among], absorbed[:, among], scales[among])
    own = [among[j] for j in instruments.positions if among[j] >= second]
    lost = [name for name in (*instruments.absorbed, *instruments.collinear) if name in excluded.names]
    return Kept(
        [*regressors.positions, *own],
        [*regressors.absorbed, *(name for name in lost if name in instruments.absorbed)],
        [*regressors.collinear, *(name for name in lost if name in instruments.collinear)],
    )


def _nothing_left(kept: Kept) -> str:
    if kept.absorbed:
        return f"the fixed effects absorb every regressor: {', '.join(kept.absorbed)}"
    return "no regressor is left"


def _report_lost(kept: Kept, endogenous: Columns, sample: Sample, notes: list[Note]) -> None:
    lost = [name for name in (*kept.absorbed, *kept.collinear) if name in endogenous.names]
    if lost:
        raise NotEstimable(f"the endogenous regressor {', '.join(lost)} has no variation of its own left")
    # Without fixed effects what is absorbed is a constant, collinear with the intercept.
    absorbed, collinear = (
        ([], [*kept.absorbed, *kept.collinear]) if sample.intercept else (kept.absorbed, kept.collinear)
    )
    for code, names in (("absorbed", absorbed), ("collinear", collinear)):
        if names:
            notes.append(note(code, names=", ".join(names)))


def _select(block: Columns, names: list[str], kept: Kept, absorbed: Floats) -> Columns:
    positions = [j for j in kept.positions if names[j] in block.names]
    together = positions == list(range(positions[0], positions[0] + len(positions))) if positions else False
    values = absorbed[:, positions[0] : positions[-1] + 1] if together else np.asfortranarray(absorbed[:, positions])
    return Columns(tuple(names[j] for j in positions), values)


def _two_stage(linear: Linear) -> tuple[Floats, Floats, Floats, Floats]:
    """Coefficients, bread, residuals (of the structural equation) and projected regressors."""
    first, _, _ = least_squares(linear.instruments, linear.endogenous.values)
    projected = np.hstack([linear.instruments @ first, linear.exogenous.values])
    kept = independent(linear.names, projected, np.linalg.norm(linear.regressors, axis=0))
    if len(kept.positions) < len(linear.names):
        raise NotEstimable("the instruments do not identify the endogenous regressors separately")
    bread = inverse(projected.T @ projected)
    beta = bread @ (projected.T @ linear.outcome)
    beta = beta + bread @ (projected.T @ (linear.outcome - linear.regressors @ beta))
    return beta, bread, linear.outcome - linear.regressors @ beta, projected


def _fit_measures(linear: Linear, residual: Floats) -> tuple[float, float]:
    """R2 about the (weighted) mean, and R2 within: both of the residual that the coefficients leave."""
    weights = linear.sample.weights
    outcome = linear.raw_outcome
    mean = np.average(outcome, weights=weights)
    deviations = outcome - mean
    total = float(deviations @ (deviations if weights is None else weights * deviations))
    left = float(residual @ residual)
    within = (
        np.nan
        if linear.sample.intercept or not linear.sample.effects
        else 1 - left / float(linear.outcome @ linear.outcome)
    )
    return 1 - left / total, within
