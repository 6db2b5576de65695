"""Selection into being observed, in two steps: probits of it, and the inverse Mills ratio beside the regressors.

Heckman (1979, *Econometrica* 47: 153-161). In a panel the probit is one of each year and firm means of all explanatory
columns stand for the firm effects of both equations (Semykina and Wooldridge 2010, *Journal of Econometrics* 157:
375-380, without endogenous regressors): the within estimator does not do, since what the firm effect of
the outcome has to do with selection does not difference out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.glm import Model, maximise, scores_and_bread
from involution.models.groupings import Codes, Floats
from involution.models.solve import independent, inverse, least_squares


class NoMaximum(NotEstimable):
    """A probit whose likelihood has no maximum; `year` is the code of its year."""

    def __init__(self, year: int, reason: str) -> None:
        super().__init__(reason)
        self.year = year


@dataclass(frozen=True)
class Probit:
    """The probit of one year.

    Attributes
    ----------
    rows : array of int
        Of the selection sample.
    columns : list of int
        Of the explanatory columns; the constant is added.
    params : array of float, shape (1 + len(columns),)
    bread : array of float
        Their covariance.
    """

    rows: Codes
    columns: list[int]
    params: Floats
    bread: Floats

    def design(self, explanatory: Floats) -> Floats:
        """The constant and its columns on its rows."""
        return np.column_stack([np.ones(len(self.rows)), explanatory[self.rows][:, self.columns]])


def mills(index: Floats) -> Floats:
    """``phi(z)/Phi(z)``, without overflow in the tail; zero where all are observed (an infinite index)."""
    from scipy.special import log_ndtr

    known = np.where(np.isposinf(index), 0.0, index)
    ratio = np.exp(-0.5 * known**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(known))
    return np.asarray(np.where(np.isposinf(index), 0.0, ratio))


def probits(
    explanatory: Floats,
    observed: np.ndarray,
    years: Codes,
    weights: Floats | None = None,
    near: Sequence[Probit] = (),
) -> list[Probit]:
    """The probits of being observed, one a year; none of a year in which all are.

    Parameters
    ----------
    explanatory : array of float, shape (n, q)
    observed : array of bool, shape (n,)
    years : array of int, shape (n,)
        One value where a single probit is wanted.
    weights : array of float, shape (n,), optional
    near : sequence of Probit
        Of almost the same rows, in the same years: where the search begins.

    Raises
    ------
    NoMaximum
        For the first year whose likelihood has none.
    """
    starts = {int(years[probit.rows[0]]): probit for probit in near} if len(near) else {}
    out = []
    for year in np.unique(years):
        rows = np.flatnonzero(years == year)
        if observed[rows].all() or not observed[rows].any():
            continue
        try:
            out.append(_probit(explanatory, observed, rows, weights, starts.get(int(year))))
        except NotEstimable as error:
            raise NoMaximum(int(year), str(error)) from None
    return out


def _probit(
    explanatory: Floats, observed: np.ndarray, rows: Codes, weights: Floats | None, near: Probit | None
) -> Probit:
    x = explanatory[rows]
    centred = x - x.mean(axis=0)
    scales = np.maximum(np.linalg.norm(centred, axis=0), 1e-9 * np.linalg.norm(x, axis=0))
    columns = independent([str(j) for j in range(x.shape[1])], centred, scales).positions
    # In standard units, since neither steps nor their end should depend on those of the columns.
    means, sizes = x[:, columns].mean(axis=0), scales[columns] / np.sqrt(len(rows))
    design = np.column_stack([np.ones(len(rows)), (x[:, columns] - means) / sizes])
    back = np.diag(np.append(1.0, 1 / sizes))
    back[0, 1:] = -means / sizes
    own = None if weights is None else weights[rows]
    names = tuple(str(j) for j in range(design.shape[1]))
    model = Model("probit", names, design, 0, observed[rows].astype(float), own)
    start = (
        np.asarray(np.linalg.solve(back, near.params), dtype=float)
        if near is not None and near.columns == columns
        else None
    )
    maximum = maximise(model, start)
    _, bread = scores_and_bread(model, maximum)
    return Probit(rows, columns, back @ maximum.params, back @ bread @ back.T)


def index_of(found: Sequence[Probit], explanatory: Floats, observed: np.ndarray) -> Floats:
    """The index of each row; infinite in years in which all are observed, missing where none is."""
    out = np.where(observed, np.inf, np.nan)
    for probit in found:
        out[probit.rows] = probit.design(explanatory) @ probit.params
    return out


def two_step_covariance(
    regressors: Floats, residual: Floats, ratio: float, found: Sequence[Probit], explanatory: Floats, chosen: Codes
) -> tuple[Floats, float, float]:
    """Heckman's covariance of the second step, for rows that are independent.

    Parameters
    ----------
    regressors : array of float, shape (m, k)
        Of the observed rows, effects out, the Mills ratio last.
    residual : array of float, shape (m,)
    ratio : float
        The coefficient of the Mills ratio.
    found : sequence of Probit
    explanatory : array of float, shape (n, q)
        Over the selection sample.
    chosen : array of int, shape (m,)
        Places of the observed rows in it.

    Returns
    -------
    array of float, shape (k, k)
    float, float
        Standard deviation of the outcome's error, and its correlation with that of selection.

    Notes
    -----
    ``s2 (W'W)^-1 (W'(I - r2 D) W + Q) (W'W)^-1``, ``Q = r2 (W'D Z) V (Z'D W)``, with ``D`` the diagonal of
    ``mills (mills + index)`` and V the probit's covariance; probits of several years are independent.
    """
    place = np.full(len(explanatory), -1)
    place[chosen] = np.arange(len(chosen))
    delta = np.zeros(len(chosen))
    crossed = np.zeros((regressors.shape[1], regressors.shape[1]))
    for probit in found:
        inside = place[probit.rows] >= 0
        own = place[probit.rows][inside]
        design = probit.design(explanatory)[inside]
        index = design @ probit.params
        above = mills(index)
        delta[own] = above * (above + index)
        part = (regressors[own] * delta[own, None]).T @ design
        crossed += part @ probit.bread @ part.T
    variance = float(residual @ residual / len(residual) + ratio**2 * delta.mean())
    share = ratio**2 / variance
    inner = (regressors * (1 - share * delta)[:, None]).T @ regressors + share * crossed
    bread = inverse(regressors.T @ regressors)
    sigma = float(np.sqrt(variance))
    return np.asarray(variance * bread @ inner @ bread), sigma, ratio / sigma


def second_step(regressors: Floats, outcome: Floats, scales: Floats) -> Floats:
    """Coefficients by least squares on columns with the effects out.

    Parameters
    ----------
    regressors : array of float, shape (n, k)
    outcome : array of float, shape (n,)
    scales : array of float, shape (k,)
        Norms of the regressors before the effects are out, beside which what is left may be rounding.

    Returns
    -------
    array of float, shape (k,)
        Missing where a regressor is absorbed, or a combination of those before it.
    """
    k = regressors.shape[1]
    kept = list(independent([str(j) for j in range(k)], regressors, scales).positions)
    out = np.full(k, np.nan)
    out[kept] = least_squares(regressors[:, kept], outcome)[0]
    return out
