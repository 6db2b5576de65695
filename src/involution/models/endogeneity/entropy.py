"""Weights nearest to equal ones under which columns have given means.

Of all weights with these means the ones of least relative entropy are ``w = q exp(-c'z)`` of the base weights q; the
multipliers z minimise the convex ``log sum q exp(-c'z)``, whose gradient is what is left of the means
(Hainmueller 2012, *Political Analysis* 20: 25-46).
"""

from __future__ import annotations

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.solve import independent

TOLERANCE = 1e-6
"""What may be left of a mean, in standard deviations of its column."""
_STEPS, _HALVINGS, _NEWTON, _FLAT = 200, 40, 1e-11, 1e-12


def balanced(columns: Floats, base: Floats, spread: Floats | None = None) -> Floats:
    """Weights with mean one under which every column has mean zero.

    Parameters
    ----------
    columns : array of float, shape (n, p)
        Deviations from the means that are wanted; those that others imply are left out.
    base : array of float, shape (n,)
        Positive.
    spread : array of float, shape (p,), optional
        Units of the columns; their root mean squares unless given.

    Raises
    ------
    NotEstimable
        When no weights do it, since a wanted mean lies outside what the rows can reach.

    Examples
    --------
    >>> balanced(np.array([[-1.0], [0.0], [2.0]]), np.ones(3)).round(4).tolist()
    [1.3079, 1.0381, 0.654]
    """
    size = np.sqrt(np.mean(columns**2, axis=0)) if spread is None else spread
    kept = [j for j in range(columns.shape[1]) if size[j] > _FLAT]
    scaled = columns[:, kept] / size[kept]
    names = [str(j) for j in range(len(kept))]
    places = independent(names, scaled, np.linalg.norm(scaled, axis=0)).positions if kept else []
    weights = _newton(scaled[:, places], base / base.sum())
    if np.abs(weights @ scaled).max(initial=0.0) > TOLERANCE:
        raise NotEstimable("no weights balance the covariates: a mean that is wanted is out of reach of the rows")
    return np.asarray(weights * len(columns))


def _newton(columns: Floats, base: Floats) -> Floats:
    """The dual by Newton's method with halved steps; weights that sum to one."""
    multipliers = np.zeros(columns.shape[1])
    value, weights = _dual(columns, base, multipliers)
    for _ in range(_STEPS):
        gradient = -(weights @ columns)
        if np.abs(gradient).max(initial=0.0) <= _NEWTON:
            break
        centred = columns + gradient
        hessian = (centred * weights[:, None]).T @ centred
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        share = 1.0
        for _ in range(_HALVINGS):
            trial, moved = _dual(columns, base, multipliers - share * step)
            if trial <= value - 1e-4 * share * float(gradient @ step) or abs(trial - value) <= 1e-15:
                break
            share /= 2
        multipliers = multipliers - share * step
        value, weights = trial, moved
        if not np.isfinite(value):
            break
    return weights


def _dual(columns: Floats, base: Floats, multipliers: Floats) -> tuple[float, Floats]:
    exponent = np.log(base) - columns @ multipliers
    largest = exponent.max()
    raw = np.exp(exponent - largest)
    return float(largest + np.log(raw.sum())), raw / raw.sum()
