"""How the indirect effect through a mediator changes with the correlation of its error and the outcome's.

For mediator k, with O the columns that the outcome's equation has beside M_k (treatment, controls, the *other
mediators*; fixed effects are out of all columns), let

``M_k = O'h + e``, ``Y = O'g + b M_k + v``, ``corr(e, v) = rho``.

Least squares takes rho for zero. If it is not, E(v | e) = rho (sd v / sd e) e, so least squares estimates
``b + rho sd(v)/sd(e)``, and its residual has the variance ``s^2 = (1 - rho^2) var(v)``. With ``r = s/sd(e)``:

``b(rho) = b - r rho/sqrt(1 - rho^2)``, ``indirect(rho) = a b(rho)``.

Since ``b = rho_tilde sd(Y|O)/sd(e)`` and ``s^2 = (1 - rho_tilde^2) var(Y|O)``, with rho_tilde the correlation of the
residuals of M_k and of Y on O, this is

``indirect(rho) = a sd(Y|O)/sd(e) [rho_tilde - rho sqrt((1 - rho_tilde^2)/(1 - rho^2))]``,

the formula of Imai, Keele and Yamamoto (2010, *Statistical Science* 25: 51-71, section 4.1) with the other mediators
among the covariates. It is zero at ``rho_star = rho_tilde``.

The other mediators are in both equations, because b_k is the effect of M_k given them; a_k is the path of the
decomposition, from the equation without them. What is asked is therefore how a confounder of M_k and Y alone would
change ``a_k b_k``: the other mediators and a_k are taken as they are.

Where the effect of M_k on Y is moderated, ``M_k W`` is in Y's equation and not in M_k's. The argument is the same, b is
the slope at the moderator's mean, and ``rho_star = t/sqrt(1 + t^2)`` with ``t = b/r`` is no longer exactly the
correlation of two residuals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.clustered import two_way
from involution.models.distributions import critical_value
from involution.models.groupings import Floats, Grouping
from involution.models.mediation.products import products_of
from involution.models.mediation.result import Mediation
from involution.models.mediation.system import System, product
from involution.models.partial import residual_products

GRID = np.arange(-18, 19) / 20
"""Error correlations at which indirect effects are given unless others are asked for."""
_STEP = 1e-30


@dataclass(frozen=True)
class Channel:
    """The columns of one mediator's paths.

    Attributes
    ----------
    name : str
    mediator, treatment, outcome : int
    first : list of int
        What the mediator's equation has beside the treatment.
    second : list of int
        What the outcome's equation has beside the mediator.
    own : list of int
        The mediator's products with moderators, part of `second`.
    """

    name: str
    mediator: int
    treatment: int
    outcome: int
    first: list[int]
    second: list[int]
    own: list[int]

    @property
    def others(self) -> list[int]:
        """What the mediator is explained by in the analysis of errors: `second` without `own`."""
        return [column for column in self.second if column not in self.own]


def channels(system: System) -> list[Channel]:
    """One channel for each mediator, in their order."""
    specification = system.specification
    treatment = system.position[specification.treatment]
    regressors = [*system.exogenous, *system.mediators, *system.second_products]
    return [
        Channel(
            name,
            system.position[name],
            treatment,
            system.outcome,
            [column for column in system.exogenous if column != treatment],
            [column for column in regressors if column != system.position[name]],
            [system.position[product(name, by)] for path, by in specification.second_stage if path == name],
        )
        for name in specification.mediators
    ]


def parts(products: Floats, channel: Channel) -> Floats:
    """``a``, ``b`` and ``r``, the standard deviation of Y's residual over that of M_k's, from cross-products.

    Parameters
    ----------
    products : array of float, shape (g, p, p)
    channel : Channel

    Returns
    -------
    array of float, shape (3, g)
    """
    first = residual_products(products, [channel.treatment, channel.mediator], channel.first)
    second = residual_products(products, [channel.mediator, channel.outcome], channel.second)
    alone = residual_products(products, [channel.mediator], channel.others)[:, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        a = first[:, 0, 1] / first[:, 0, 0]
        b = second[:, 0, 1] / second[:, 0, 0]
        left = np.maximum(second[:, 1, 1] - b * second[:, 0, 1], 0.0)
        return np.stack([a, b, np.sqrt(left / alone)])


def rho_star(found: Floats) -> Floats:
    """The error correlation at which the indirect effect is zero, from `parts`."""
    return np.asarray(np.tanh(_fisher(found)))


def _fisher(found: Floats) -> Floats:
    """Fisher's transform of `rho_star`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.arcsinh(found[1] / found[2]))


def indirect_at(found: Floats, rho: Floats) -> Floats:
    """The indirect effect at error correlations, from `parts`.

    Parameters
    ----------
    found : array, shape (3, g)
    rho : array of float, shape (m,)
        Between -1 and 1, both excluded.

    Returns
    -------
    array, shape (m, g)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = found[1] - np.multiply.outer(rho / np.sqrt(1 - rho**2), found[2])
    return np.asarray(found[0] * slope)


def _quantities(found: Floats, rho: Floats) -> Floats:
    """rho_star, its Fisher transform and the curve, one below the other, shape (2 + m, g)."""
    return np.vstack([rho_star(found), _fisher(found), indirect_at(found, rho)])


def correlations(mediation: Mediation, grid: Floats) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`rho_star` of each mediator and the indirect effects over the error correlation.

    Parameters
    ----------
    mediation : Mediation
    grid : array of float, shape (m,)
        Error correlations of the curves, beside `rho_star` itself.

    Returns
    -------
    DataFrame
        Terms ``rho_star[m]``: estimate, std_error, ci_low, ci_high. The interval is symmetric on Fisher's scale.
        That rho_star is zero is that b is, which row ``b[m]`` tests: statistic and p_value are missing.
    DataFrame
        Columns curve (``rho[m]``), x, estimate, ci_low, ci_high; pointwise intervals.

    Notes
    -----
    Standard errors over clusters left out in turn with t(G - 1) whatever the mediation's own inference is: each
    leave-out has its own residual variances and its own curve. With two clusterings the variances are added and that
    of the intersection is taken away; one that comes out negative gives no interval. Without clusters they come from
    the rows' influence, as the covariance of the coefficients does.
    """
    system = mediation.system
    whole = (system.absorbed.T @ system.absorbed)[None]
    found = [parts(whole, channel) for channel in channels(system)]
    at = [np.unique(np.append(grid, rho_star(values))) for values in found]
    estimates = [_quantities(values, rho)[:, 0] for values, rho in zip(found, at, strict=True)]
    variances = _variances(mediation, found, at, estimates)
    rows, curves = [], []
    for channel, rho, estimate, variance in zip(channels(system), at, estimates, variances, strict=True):
        error = np.where(variance > 0, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        low, high = (estimate + sign * critical_value(mediation.sampled.degrees) * error for sign in (-1, 1))
        star = estimate[0], error[0], np.nan, np.nan, np.tanh(low[1]), np.tanh(high[1])
        rows.append((f"rho_star[{channel.name}]", *star))
        curve = {"x": rho, "estimate": estimate[2:], "ci_low": low[2:], "ci_high": high[2:]}
        curves.append(pd.DataFrame({"curve": f"rho[{channel.name}]", **curve}))
    names = ["term", "estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=names), pd.concat(curves, ignore_index=True)


def _variances(mediation: Mediation, found: list[Floats], at: list[Floats], estimates: list[Floats]) -> list[Floats]:
    """Variances of the `_quantities` of each channel; not positive where two clusterings give none."""
    system = mediation.system
    clusters = system.sample.clusters
    if not clusters:
        factor = system.sample.n / mediation.sampled.degrees
        each = zip(channels(system), found, at, strict=True)
        return [_of_rows(system, channel, values[:, 0], rho) * factor for channel, values, rho in each]

    def meat(cluster: Grouping) -> Floats:
        left_out = _left_out(mediation, cluster)
        g = cluster.n_levels
        each = zip(left_out, at, estimates, strict=True)
        deviations = [_quantities(values, rho) - estimate[:, None] for values, rho, estimate in each]
        return np.diag((g - 1) / g * np.sum(np.vstack(deviations) ** 2, axis=1))

    variances, _ = two_way(clusters, meat, subtract=True)
    ends = np.cumsum([len(estimate) for estimate in estimates])[:-1]
    return np.split(np.diag(variances), ends)


def _left_out(mediation: Mediation, cluster: Grouping) -> list[Floats]:
    """`parts` of each channel without each cluster, shape (3, G) each."""
    system, products = mediation.system, mediation.sampled.products
    if products is None:
        products = products_of(system.sample, system.raw, system.absorbed, cluster)
    each = [[parts(chunk, channel) for channel in channels(system)] for chunk in products.left_out()]
    return [np.concatenate(list(chunks), axis=1) for chunks in zip(*each, strict=True)]


def _of_rows(system: System, channel: Channel, found: Floats, rho: Floats) -> Floats:
    """Variances of the `_quantities` from the rows' influence on a, b and r."""
    moved = found[:, None] + 1j * _STEP * np.eye(3)
    jacobian = _quantities(moved, rho).imag / _STEP
    influence = _influence(system, channel, found)
    return np.asarray(np.einsum("qi,ij,qj->q", jacobian, influence @ influence.T, jacobian))


def _influence(system: System, channel: Channel, found: Floats) -> Floats:
    """Derivatives of a, b and r by each row's weight, shape (3, n)."""
    columns, (a, b, r) = system.absorbed, found

    def residual(column: int, given: list[int]) -> Floats:
        return np.asarray(columns[:, column] - columns[:, given] @ _slopes(columns[:, given], columns[:, column]))

    treatment, mediator = residual(channel.treatment, channel.first), residual(channel.mediator, channel.first)
    partial, outcome = residual(channel.mediator, channel.second), residual(channel.outcome, channel.second)
    alone, left = residual(channel.mediator, channel.others), outcome - b * partial
    return np.stack(
        [
            treatment * (mediator - a * treatment) / (treatment @ treatment),
            partial * left / (partial @ partial),
            r / 2 * (left**2 / (left @ left) - alone**2 / (alone @ alone)),
        ]
    )


def _slopes(regressors: Floats, outcome: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(regressors, outcome, rcond=None)[0])
