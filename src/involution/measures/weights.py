"""Weights of an index's components that the data choose: principal component, entropy, CRITIC.

Each function takes complete rows, one column a component, every column oriented so that higher is more involution,
and gives weights that are positive and sum to one. Equal weights are the headline; these are variants beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.measures.view import Floats

SHIFT = 1e-4
"""Added to values scaled to [0, 1] before their logarithm is taken; entropy weights hardly depend on it."""
_LEAST_LOADING = 1e-12


class NotAvailable(Exception):
    """A measure that this panel does not allow; `str()` is the reason that the dictionary gives."""


def pca_weights(values: Floats, names: Sequence[str]) -> Floats:
    """Loadings of the first principal component, scaled to sum to one.

    Parameters
    ----------
    values : array, shape (n, k)
    names : sequence of str
        Of the components, for messages.

    Raises
    ------
    NotAvailable
        When the loadings do not share one sign: their component would not be more of all, but a contrast.

    Notes
    -----
    The eigenvector of the largest eigenvalue of the correlation matrix.
    """
    _check(values, names)
    loadings = np.linalg.eigh(_correlation(values))[1][:, -1]
    loadings = loadings * (1.0 if loadings.sum() >= 0 else -1.0)
    if loadings.min() <= _LEAST_LOADING:
        shown = ", ".join(f"{name} {loading:.2f}" for name, loading in zip(names, loadings, strict=True))
        raise NotAvailable(f"the loadings of the first principal component do not share one sign: {shown}")
    return np.asarray(loadings / loadings.sum())


def critic_weights(values: Floats, names: Sequence[str]) -> Floats:
    """CRITIC weights: contrast times conflict.

    Parameters
    ----------
    values : array, shape (n, k)
    names : sequence of str

    Raises
    ------
    NotAvailable
        When a component does not vary, or all are the same.

    Notes
    -----
    With columns scaled to [0, 1], ``w_k`` is proportional to ``s_k sum_l (1 - r_kl)``, where s is the standard
    deviation and r the correlation (Diakoulaki, Mavrotas and Papayannakis 1995, *Computers & Operations Research* 22:
    763-770).
    """
    _check(values, names)
    if values.shape[1] == 1:
        return np.ones(1)
    conflict = (1 - _correlation(values)).sum(axis=0)
    spread = np.array([_scaled(column).std(ddof=1) for column in values.T])
    return _shares(spread * conflict, "no component differs from the others")


def entropy_weights(values: Floats, names: Sequence[str]) -> Floats:
    """Entropy weights: the more unevenly a component is spread, the more it weighs.

    Parameters
    ----------
    values : array, shape (n, k)
        Industry-years, not firm-years.
    names : sequence of str

    Raises
    ------
    NotAvailable
        When a component does not vary.

    Notes
    -----
    With columns scaled to [0, 1], shifted by `SHIFT` and divided by their sums, ``w_k`` is proportional to
    ``1 + sum_i p_ik ln p_ik / ln n``. The method chases skewness: of two normal, one lognormal and one rare 0/1
    component it gives the last .8.
    """
    _check(values, names)
    shifted = _scaled(values) + SHIFT
    shares = shifted / shifted.sum(axis=0)
    evenness = -(shares * np.log(shares)).sum(axis=0) / np.log(len(values))
    return _shares(1 - evenness, "every component is spread evenly")


def _check(values: Floats, names: Sequence[str]) -> None:
    if len(values) < 3:
        raise NotAvailable(f"{len(values)} complete rows to estimate weights on, fewer than 3")
    flat = [name for name, column in zip(names, values.T, strict=True) if column.min() == column.max()]
    if flat:
        raise NotAvailable(f"{', '.join(flat)} does not vary over the rows that weights are estimated on")


def _correlation(values: Floats) -> Floats:
    return np.atleast_2d(np.corrcoef(values, rowvar=False))


def _scaled(values: Floats) -> Floats:
    """Each column from its least value, 0, to its largest, 1."""
    least = values.min(axis=0)
    return np.asarray((values - least) / (values.max(axis=0) - least))


def _shares(parts: Floats, otherwise: str) -> Floats:
    """Parts over their sum; a part that rounding made negative is zero."""
    parts = np.maximum(parts, 0.0)
    if parts.sum() <= _LEAST_LOADING:
        raise NotAvailable(otherwise)
    return np.asarray(parts / parts.sum())
