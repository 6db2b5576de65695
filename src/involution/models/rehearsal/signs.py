"""Random signs of clusters: what turns a residual into an outcome without an effect.

Where the errors of different clusters are independent and symmetric about zero, every pattern of signs is as likely as
the one that nature chose. The share of patterns in which a test rejects is then, on average over panels, its size:
of any test, with any number and inequality of clusters. Numbers with other than two points (Webb's six, the normal's)
change the kurtosis of the clusters' scores and do not have this property.
"""

from __future__ import annotations

import numpy as np

from involution.models.groupings import Floats


def signs(n_clusters: int, draws: int, seed: int | np.random.Generator) -> Floats:
    """Signs of clusters, one draw a row.

    Parameters
    ----------
    n_clusters, draws : int
    seed : int or Generator

    Returns
    -------
    array of float, shape (draws, n_clusters)
        Every pattern once, up to a change of all signs, where these are no more than the draws asked for.

    Examples
    --------
    >>> signs(2, 10, 0).tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    if is_complete(n_clusters, draws):
        patterns = np.arange(2 ** (n_clusters - 1))
        bits = (patterns[:, None] >> np.arange(n_clusters - 1)) & 1
        return np.column_stack([np.ones(len(patterns)), 1.0 - 2.0 * bits])
    drawn = np.random.default_rng(seed).integers(0, 2, size=(draws, n_clusters), dtype=np.int8)
    return np.asarray(2.0 * drawn - 1.0)


def is_complete(n_clusters: int, draws: int) -> bool:
    """Whether all patterns of signs are taken, so that nothing is left to chance."""
    return n_clusters <= 30 and 2 ** (n_clusters - 1) <= draws
