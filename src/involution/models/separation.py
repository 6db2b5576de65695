"""Separated observations of Poisson models: found, dropped, counted.

A zero outcome is separated when some combination of regressors and fixed effects is zero wherever the outcome
is positive, never negative where it is zero, and positive at the observation: the likelihood then rises for
ever along it and no maximum exists (Correia, Guimaraes and Zylkin 2019, "Verifying the existence of maximum
likelihood estimates for generalized linear models"). The combinations that vanish wherever the outcome is positive
form a space of few dimensions, found by linear algebra; a linear programme over it finds the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.groupings import Codes, Floats, rows_of
from involution.models.matrix import Columns
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent

Mask = NDArray[np.bool_]

_SUSPICIOUS = 1e-9
"""Smallest eigenvalue of the scaled cross-products among positive rows below which their null space is looked for."""
_VANISHES = 1e-9
_ZERO = 1e-7


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
    A search is needed only if the positive outcomes alone do not determine what the sample determines, which
    is rare.
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
            inner = inner[sample.mask(int(before.rows[-1]) + 1)[before.rows]]
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
    none = np.zeros(sample.n, dtype=bool)
    positive = y > 0
    if positive.all() or not positive.any():
        return none, none
    # Effects are fitted to the positive rows and carried over to the others: every level has a positive row.
    among = Absorber(sample.effects, positive.astype(float))
    free_effects = np.zeros((sample.n, 0)) if among.rank == sample.unweighted.rank else among.null_values()
    free_regressors = _free_directions(sample, positive, regressors, among)
    flat = support(free_effects, ~positive)
    if not free_regressors.shape[1]:
        return flat, none
    both = support(np.hstack([free_effects, free_regressors]), ~positive)
    return flat, both & ~flat


def _free_directions(sample: Sample, positive: Mask, regressors: Columns, among: Absorber) -> Floats:
    """Combinations of regressors, effects taken out, that vanish wherever the outcome is positive; shape (n, r)."""
    x, centred = regressors.values, bool(sample.effects)
    full = sample.absorbed(regressors.names, x) if sample.weights is None else sample.unweighted.residuals(x)
    kept = independent(regressors.names, full, column_scales(x, None, centred)).positions
    if not kept:
        return np.zeros((sample.n, 0))
    columns = among.residuals(x)[:, kept] / np.linalg.norm(full[:, kept], axis=0)
    inside = columns[positive]
    if np.linalg.eigvalsh(inside.T @ inside)[0] > _SUSPICIOUS:
        return np.zeros((sample.n, 0))
    _, sizes, directions = np.linalg.svd(inside, full_matrices=len(inside) < len(kept))
    null = np.ones(len(directions), dtype=bool)
    null[: len(sizes)] = sizes <= _VANISHES
    return np.asarray(columns @ directions[null].T)


def perfectly_predicted(design: Floats, y: Floats) -> Mask:
    """Rows of an outcome between 0 and 1 that some combination of columns predicts perfectly.

    The combination vanishes where the outcome lies inside, is never negative where it is 1 and never positive where
    it is 0: the likelihood of a binary or fractional model rises for ever along it.

    Parameters
    ----------
    design : array of float, shape (n, p)
    y : array of float, shape (n,)
    """
    from scipy.linalg import null_space

    inside = (y > 0) & (y < 1)
    directions = design / np.maximum(np.abs(design).max(axis=0), np.finfo(float).tiny)
    if inside.any():
        directions = directions @ null_space(directions[inside], rcond=_VANISHES)
    return support(directions * np.where(y > 0, 1.0, -1.0)[:, None], ~inside)


def support(directions: Floats, rows: Mask) -> Mask:
    """Rows at which some combination of the directions is positive while it is negative at none.

    Sums of such combinations are such combinations, so that one linear programme finds all rows: the largest sum of
    ``min(1, combination)``.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity

    found = np.zeros(len(rows), dtype=bool)
    sizes = np.abs(directions).max(axis=0, initial=0.0)
    values = directions[:, sizes > _VANISHES] / sizes[sizes > _VANISHES]
    values = np.where(np.abs(values) < _ZERO, 0.0, values)
    candidates = np.flatnonzero(rows & values.any(axis=1))
    if not len(candidates):
        return found
    # A row's scale does not matter to its sign.
    values = values[candidates] / np.abs(values[candidates]).max(axis=1, keepdims=True)
    m, r = values.shape
    programme = linprog(
        np.concatenate([np.zeros(r), -np.ones(m)]),
        A_ub=hstack([csr_matrix(-values), identity(m)], format="csr"),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * r + [(0, 1)] * m,
        method="highs",
    )
    if programme.status != 0:
        raise NotEstimable("whether observations are separated could not be determined")
    found[candidates[programme.x[r:] > 0.5]] = True
    return found
