"""The structure of a planned model: regressors as they are, and errors as the real outcome's residual has them.

The residual of the outcome from fixed effects, treatment and controls is the same whatever the effect of the treatment
is: nothing of that effect is left in it. Least squares makes the residuals of a cluster smaller than its errors, the
more so the more the cluster weighs; they are put back by ``(I - H_gg)^(-1/2)`` with ``H`` the hat matrix (Bell and
McCaffrey 2002, *Survey Methodology* 28: 169-181, equation 7), by algebra on the clusters' cross-products:
``(I - Z B Z')^(-1/2) e = e + Z d``, d of as many entries as Z has columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.crossproducts import cluster_columns, explicit_is_possible
from involution.models.groupings import Floats, Grouping
from involution.models.linear import Linear
from involution.models.solve import inverse

MOST_CELLS = 60_000_000
"""Numbers in the products by cluster that are held at once."""
_GONE = 1e-8


@dataclass(frozen=True)
class Structure:
    """Columns of a linear model, rows sorted by the clusters whose signs are drawn.

    Attributes
    ----------
    regressors : array of float, shape (n, k)
        Treatment and controls, and dummies of effects that cross the clusters; effects nested in them taken out.
    residual : array of float, shape (n,)
        Of the outcome, free of all of these, at the size of the errors.
    bounds : array of int, shape (G + 1,)
        Rows of each cluster.
    order : array of int, shape (n,)
        Places of the rows in the sample.
    place : int
        The treatment among the regressors.
    gram : array of float, shape (G, k, k)
        Products of the regressors by cluster.
    bread : array of float, shape (k, k)
        Inverse of their sum.
    scores : array of float, shape (G, k)
        Products of regressors and residual by cluster.
    """

    regressors: Floats
    residual: Floats
    bounds: np.ndarray
    order: np.ndarray
    place: int
    gram: Floats
    bread: Floats
    scores: Floats

    @property
    def n_clusters(self) -> int:
        """Clusters."""
        return len(self.gram)

    @property
    def effective_clusters(self) -> float:
        """The number of equal clusters that would tell the treatment's estimate as unevenly, by partial leverage."""
        shares = cluster_sums(self.own**2, self.bounds)
        return float(shares.sum() ** 2 / (shares @ shares))

    @property
    def own(self) -> Floats:
        """How much a unit of the error of each row moves the treatment's estimate, shape (n,)."""
        return np.asarray(self.regressors @ self.bread[self.place])


def structure_of(linear: Linear, treatment: str, cluster: Grouping) -> Structure:
    """The structure of a model, whose outcome's effect is not looked at.

    Parameters
    ----------
    linear : Linear
    treatment : str
    cluster : Grouping
        Over the model's sample.

    Raises
    ------
    NotEstimable
        Where the fixed effects take the treatment out, or cross the clusters in too many levels.
    """
    if treatment not in linear.names:
        raise NotEstimable(f"fixed effects and controls leave no variation in the treatment {treatment}")
    if cluster.n_levels < 3:
        raise NotEstimable(f"{cluster.n_levels} clusters of {cluster.name}: a rehearsal needs at least three")
    if not explicit_is_possible(linear.sample, cluster):
        raise NotEstimable("the fixed effects that cross the clusters are too many to be rehearsed with")
    columns = cluster_columns(linear, cluster)
    width = len(columns.regressors)
    if columns.n_clusters * width * width > MOST_CELLS:
        raise NotEstimable(f"{columns.n_clusters:,} clusters and {width:,} columns are too many to be rehearsed with")
    regressors = columns.values[:, columns.regressors]
    gram = np.stack(
        [columns.products(g)[np.ix_(columns.regressors, columns.regressors)] for g in range(columns.n_clusters)]
    )
    bread = inverse(gram.sum(axis=0))
    outcome = columns.values[:, columns.outcome]
    residual = restored(regressors, outcome - regressors @ (bread @ (regressors.T @ outcome)), columns.bounds, gram)
    return Structure(
        regressors=regressors,
        residual=residual,
        bounds=columns.bounds,
        order=np.argsort(cluster.codes, kind="stable"),
        place=linear.names.index(treatment),
        gram=gram,
        bread=bread,
        scores=cluster_sums(regressors * residual[:, None], columns.bounds),
    )


def cluster_sums(values: Floats, bounds: np.ndarray) -> Floats:
    """Sums of sorted rows by cluster, shape (G, ...)."""
    return np.asarray(np.add.reduceat(values, bounds[:-1], axis=0))


def restored(regressors: Floats, residual: Floats, bounds: np.ndarray, gram: Floats) -> Floats:
    """Residuals at the size of the errors, shape (n,).

    Parameters
    ----------
    regressors : array of float, shape (n, k)
        Rows sorted by cluster.
    residual : array of float, shape (n,)
        Of least squares on them.
    bounds : array of int, shape (G + 1,)
    gram : array of float, shape (G, k, k)
    """
    values, vectors = np.linalg.eigh(gram.sum(axis=0))
    root = vectors / np.sqrt(values)
    bread = root @ root.T
    out = residual.copy()
    for g, inner in enumerate(gram):
        rows = slice(bounds[g], bounds[g + 1])
        if bounds[g + 1] - bounds[g] < len(bread):
            out[rows] = _restored_rows(regressors[rows] @ bread @ regressors[rows].T, residual[rows])
            continue
        leverage, directions = np.linalg.eigh(root.T @ inner @ root)
        basis = root @ directions
        # Where a cluster alone tells a coefficient its residual is zero and stays so.
        inside = (leverage > _GONE) & (leverage < 1 - _GONE)
        share = leverage[inside]
        stretch = np.zeros(len(leverage))
        stretch[inside] = (1 / np.sqrt(1 - share) - 1) / share
        out[rows] += regressors[rows] @ (basis @ (stretch * (basis.T @ (regressors[rows].T @ residual[rows]))))
    return out


def _restored_rows(hat: Floats, residual: Floats) -> Floats:
    """The same for a cluster of fewer rows than there are columns, from its part of the hat matrix."""
    leverage, directions = np.linalg.eigh(hat)
    inside = (leverage > _GONE) & (leverage < 1 - _GONE)
    stretch = np.ones(len(leverage))
    stretch[inside] = 1 / np.sqrt(1 - leverage[inside])
    return np.asarray(directions @ (stretch * (directions.T @ residual)))
