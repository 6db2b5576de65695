"""Separated observations of Poisson models: found, dropped, counted.

A zero outcome is separated when some combination of regressors and fixed effects is zero wherever the outcome
is positive, never negative where it is zero, and positive at the observation: the likelihood then rises for
ever along it and no maximum exists (Correia, Guimaraes and Zylkin 2019, "Verifying the existence of maximum
likelihood estimates for generalized linear models"). Their iterative rectifier finds these rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.models.absorb import Absorber
from involution.models.groupings import Codes, Floats, rows_of
from involution.models.matrix import Columns
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent

Mask = NDArray[np.bool_]

_PENALTY = 1e9
_CERTIFICATE = 1e-5
_ITERATIONS = 500


@dataclass(frozen=True)
class Separation:
    """What separation leaves of a sample.

    Attributes
    ----------
    sample : Sample
        Without the rows that an effect's level or a regressor separates.
    rows : array of int
        Its rows, as positions in the sample given.
    flat : array of bool, shape (sample.n,)
        Rows that combinations of fixed effects alone separate. Their fitted value is zero and they carry no
        information; like fixest, the sample keeps and counts them.
    """

    sample: Sample
    rows: Codes
    flat: Mask


def separate(sample: Sample, outcome: Floats, regressors: Columns) -> Separation:
    """Drop separated rows, and the singletons that this leaves, until nothing changes.

    Parameters
    ----------
    sample : Sample
    outcome : array of float, shape (N,) or (n,)
    regressors : Columns

    Notes
    -----
    A search is needed only if the positive outcomes alone do not determine what the sample determines; that
    is checked exactly beforehand, and rarely fails.
    """
    y, x = sample.raw(outcome), sample.raw(regressors.values)
    rows = np.arange(sample.n)
    while True:
        keep = _levels_with_positive(sample, y)
        if keep.all():
            flat, separated = _separated(sample, y, Columns(regressors.names, x))
            if not separated.any():
                return Separation(sample, rows, flat)
            keep = ~separated
        before = sample.subset(keep, separated=int((~keep).sum()))
        sample = before.without_singletons()
        inner = np.flatnonzero(keep)
        if sample is not before:
            remains = np.zeros(int(before.rows[-1]) + 1, dtype=bool)
            remains[sample.rows] = True
            inner = inner[remains[before.rows]]
        rows, y, x = rows[inner], y[inner], rows_of(x, inner)


def _levels_with_positive(sample: Sample, y: Floats) -> Mask:
    """Rows whose every effect level has a positive outcome somewhere; once is enough, for no positive row goes."""
    keep = np.ones(len(y), dtype=bool)
    for effect in sample.effects:
        alive = effect.sums(y) > 0
        if not alive.all():
            keep &= alive[effect.codes]
    return keep


def _separated(sample: Sample, y: Floats, regressors: Columns) -> tuple[Mask, Mask]:
    """Rows separated by combinations of effects alone, and those that need a regressor for it."""
    flat = np.zeros(sample.n, dtype=bool)
    separated = np.zeros(sample.n, dtype=bool)
    positive = y > 0
    if positive.all() or not positive.any():
        return flat, separated
    rows = np.flatnonzero(positive)
    among = Absorber([effect.take(rows) for effect in sample.effects])
    effects_determined = among.rank == sample.unweighted.rank
    if not effects_determined:
        flat = _rectify(sample, positive, Columns((), regressors.values[:, :0]))
    if not effects_determined or not _regressors_determined(sample, positive, regressors, among):
        inner = sample.subset(~flat) if flat.any() else sample
        values = regressors.values[~flat]
        separated[~flat] = _rectify(inner, positive[~flat], Columns(regressors.names, values))
    return flat, separated


def _regressors_determined(sample: Sample, positive: Mask, regressors: Columns, among: Absorber) -> bool:
    """Whether the positive outcomes alone identify every slope that the sample identifies."""
    if not regressors.names:
        return True
    x, centred = regressors.values, bool(sample.effects)
    full = sample.absorbed(regressors.names, x)
    identified = independent(regressors.names, full, column_scales(x, sample.weights, centred)).positions
    columns = rows_of(x, np.flatnonzero(positive))[:, identified]
    names = [regressors.names[j] for j in identified]
    kept = independent(names, among.residuals(columns), column_scales(columns, None, centred))
    return len(kept.positions) == len(identified)


def _rectify(sample: Sample, positive: Mask, regressors: Columns) -> Mask:
    """The iterative rectifier: project a positive target, cut what is negative, until nothing is cut."""
    weights = np.where(positive, _PENALTY, 1.0)
    root = np.sqrt(weights)
    absorber = Absorber(sample.effects, weights)
    x = absorber.residuals(regressors.values) * root[:, None]
    scales = column_scales(regressors.values, None, bool(sample.effects))
    x = x[:, independent(regressors.names, x, scales).positions]
    target = np.where(positive, 0.0, 1.0)
    for _ in range(_ITERATIONS):
        residual = absorber.residuals(target[:, None])[:, 0] * root
        if x.shape[1]:
            residual = residual - x @ np.linalg.lstsq(x, residual, rcond=1e-12)[0]
        fitted = target - residual / root
        fitted = np.where(positive | (np.abs(fitted) < _CERTIFICATE), 0.0, fitted)
        if not (fitted < 0).any():
            return fitted > 0
        target = np.maximum(fitted, 0.0)
        if not target.any():
            break
    return np.zeros(sample.n, dtype=bool)
