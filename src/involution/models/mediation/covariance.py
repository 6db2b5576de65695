"""The joint covariance of the coefficients of all equations."""

from __future__ import annotations

import numpy as np

from involution.errors import NotEstimable
from involution.models.clustered import two_way
from involution.models.groupings import Floats, Grouping
from involution.models.mediation.effects import Layout, coefficients
from involution.models.mediation.equations import influence, solutions
from involution.models.mediation.inference import Sampled
from involution.models.mediation.products import Products, products_of
from involution.models.mediation.system import System
from involution.models.notes import Note, note

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

    covariance, notes = two_way(clusters, meat, subtract=False)
    degrees = float(min(cluster.n_levels for cluster in clusters) - 1)
    left_out, products = made[0] if len(clusters) == 1 else (None, None)
    if np.isnan(covariance).any():
        raise NotEstimable("a path is not identified when some cluster is left out")
    return Sampled(theta, covariance, degrees, left_out, products), notes


def _heteroskedastic(system: System, layout: Layout, theta: Floats) -> tuple[Floats, float]:
    """``sum_i u_i u_i' N / (N - K)``, u the rows' influence on all coefficients, K those of the largest equation."""
    sample, widest = system.sample, max(len(equation.regressors) for equation in layout.equations)
    degrees = float(sample.n - widest - sample.absorber.rank)
    if degrees < 1:
        raise NotEstimable(f"{sample.n:,} rows: no degrees of freedom are left")
    betas = np.split(theta[: layout.total], layout.starts[1:-1])
    parts = [influence(system, equation, beta) for equation, beta in zip(layout.equations, betas, strict=False)]
    reduced = layout.equations[-1]
    moved = solutions((system.absorbed.T @ system.absorbed)[None], [reduced])[0][0]
    moves = np.hstack([*parts, influence(system, reduced, moved)[:, :1]])
    return moves.T @ moves * (sample.n / degrees), degrees
