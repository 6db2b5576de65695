"""What every estimator hands to inference: coefficients, their influence, and how they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from involution.models.groupings import Floats, Grouping
from involution.models.matrix import INTERCEPT
from involution.models.notes import Note
from involution.models.sample import Sample

if TYPE_CHECKING:
    from involution.models.linear import Linear


@dataclass(frozen=True)
class Jackknife:
    """Coefficients with each cluster left out.

    Attributes
    ----------
    replicates : array of float, shape (G, k)
        NaN where a coefficient is not identified without that cluster.
    notes : tuple of Note
        What has to be said about them.
    """

    replicates: Floats
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Solution:
    """A fitted model before its variance is chosen.

    Attributes
    ----------
    names : tuple of str
    beta : array of float, shape (k,)
    bread : array of float, shape (k, k)
        Inverse of the (projected) cross-products, or of minus the Hessian.
    influence : array of float, shape (n, k)
        Row i moves the coefficients by this much: its cluster sums' cross-product is CRV1 without factor.
    sample : Sample
    sum_of_squares : float
        Sum of squared residuals; unused in likelihood models.
    likelihood : bool
        True for models whose statistics are normal rather than t.
    jackknife : callable
        From a cluster grouping to a `Jackknife`.
    statistics : dict
        Name to (value, df, p_value).
    notes : tuple of Note
    fitted, residuals : array of float, shape (n,)
    linear : Linear or None
        The absorbed columns, for what needs more than the influence (wild bootstrap).
    unreported : int
        Parameters estimated beside `names` and the levels of the fixed effects.
    repeated : int
        Of `names`, those made of the other coefficients of one regression, which are no parameters of their own.
    beside : array of float, shape (n, q), or None
        Columns whose coefficients are not in `names`, where these are not absorbed.
    margins : Solution or None
        Average marginal effects in place of coefficients.
    """

    names: tuple[str, ...]
    beta: Floats
    bread: Floats
    influence: Floats
    sample: Sample
    sum_of_squares: float
    likelihood: bool
    jackknife: Callable[[Grouping], Jackknife] | None
    r2: float = np.nan
    r2_within: float = np.nan
    statistics: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    fitted: Floats | None = None
    residuals: Floats | None = None
    linear: Linear | None = None
    unreported: int = 0
    repeated: int = 0
    beside: Floats | None = None
    margins: Solution | None = None


def with_intercept(
    names: list[str],
    beta: Floats,
    bread: Floats,
    influence: Floats,
    scores: Floats,
    means: Floats,
    mean_outcome: float,
    total_weight: float,
) -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    """Put back the constant that was absorbed: ``a = mean(y) - mean(x)'b`` and its influence.

    Parameters
    ----------
    names, beta, bread, influence
        Of the slopes, estimated about the (weighted) means.
    scores : array of float, shape (n,)
        Weighted residuals.
    means : array of float, shape (k,)
        (Weighted) means of the regressors.
    mean_outcome : float
        Value of the index at the means' origin: the (weighted) mean of the outcome in a linear model.
    total_weight : float
        Sum of the weights.
    """
    k = len(beta)
    change = np.eye(k + 1)
    change[0, 1:] = -means
    centred = np.zeros((k + 1, k + 1))
    centred[0, 0] = 1 / total_weight
    centred[1:, 1:] = bread
    stacked = np.column_stack([scores / total_weight, influence])
    return (
        (INTERCEPT, *names),
        np.concatenate([[mean_outcome - means @ beta], beta]),
        change @ centred @ change.T,
        stacked @ change.T,
    )
