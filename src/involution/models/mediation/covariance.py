"""The joint covariance of the coefficients of all equations."""

from __future__ import annotations

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats, Grouping
from involution.models.inference import two_way
from involution.models.mediation.effects import Layout, coefficients
from involution.models.mediation.inference import Sampled
from involution.models.mediation.products import Products, products_of
from involution.models.mediation.system import System
from involution.models.notes import Note, note
from involution.models.solve import inverse

LEAST_CLUSTERS = 3


def sampled(system: System, layout: Layout) -> tuple[Sampled, tuple[Note, ...]]:
    """Coefficients of all equations and their joint covariance.

    Parameters
    ----------
    system : System
    layout : Layout

    Returns
    -------
    Sampled
        CRV3 over one or two clusterings with t(G - 1); without clusters HC1 from the rows' influence.
    tuple of Note

    Raises
    ------
    NotEstimable
        With fewer than three clusters.
    """
    clusters = system.sample.clusters
    theta = coefficients((system.absorbed.T @ system.absorbed)[None], layout)[0]
    if not clusters:
        covariance, degrees = _heteroskedastic(system, layout, theta)
        return Sampled(theta, covariance, degrees, None, None), (note("mediation_rows"),)
    for cluster in clusters:
        if cluster.n_levels < LEAST_CLUSTERS:
            raise NotEstimable(f"{cluster.n_levels} clusters of {cluster.name}: at least {LEAST_CLUSTERS} are needed")
    made: list[tuple[Floats, Products]] = []

    def meat(cluster: Grouping) -> Floats:
        products = products_of(system.sample, system.raw, system.absorbed, cluster)
        left_out = np.concatenate([coefficients(part, layout) for part in products.left_out()])
        made.append((left_out, products))
        deviations = left_out - theta
        g = cluster.n_levels
        return np.asarray((g - 1) / g * (deviations.T @ deviations))

    covariance, notes = two_way(clusters, meat)
    degrees = float(min(cluster.n_levels for cluster in clusters) - 1)
    left_out, products = made[0] if len(clusters) == 1 else (None, None)
    if np.isnan(covariance).any():
        raise NotEstimable("a path is not identified when some cluster is left out")
    return Sampled(theta, covariance, degrees, left_out, products), notes


def _heteroskedastic(system: System, layout: Layout, theta: Floats) -> tuple[Floats, float]:
    """``sum_i u_i u_i' N / (N - K)``, u the rows' influence on all coefficients, K those of the largest equation."""
    columns, sample = system.absorbed, system.sample
    parts = []
    exogenous = columns[:, system.exogenous]
    bread = inverse(exogenous.T @ exogenous)
    width = layout.n_exogenous
    for k, mediator in enumerate(system.mediators):
        residual = columns[:, mediator] - exogenous @ theta[k * width : (k + 1) * width]
        parts.append((exogenous * residual[:, None]) @ bread)
    regressors = columns[:, layout.outcome_columns]
    start = width * len(system.mediators)
    residual = columns[:, system.outcome] - regressors @ theta[start : layout.total]
    parts.append((regressors * residual[:, None]) @ inverse(regressors.T @ regressors))
    total = bread @ (exogenous.T @ columns[:, system.outcome])
    residual = columns[:, system.outcome] - exogenous @ total
    parts.append(((exogenous * residual[:, None]) @ bread)[:, :1])
    influence = np.hstack(parts)
    degrees = float(sample.n - regressors.shape[1] - sample.absorber.rank)
    if degrees < 1:
        raise NotEstimable(f"{sample.n:,} rows: no degrees of freedom are left")
    return influence.T @ influence * (sample.n / degrees), degrees
