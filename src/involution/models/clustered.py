"""Clusters: how many they are worth, and variances over two clusterings at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from involution.models.groupings import Floats, Grouping, crossed
from involution.models.notes import Note, note

FEW_EFFECTIVE_CLUSTERS, FEW_FOR_JACKKNIFE = 40, 10
_ROUNDING = 1e-12
_UNITS_MATTER = 0.1


def two_way(
    clusters: Sequence[Grouping], meat: Callable[[Grouping], Floats], *, subtract: bool
) -> tuple[Floats, tuple[Note, ...]]:
    """Inclusion and exclusion over one or two clusterings; a matrix that is not positive is mended and said so.

    Parameters
    ----------
    clusters : sequence of Grouping
    meat : callable
        A clustering's own covariance.
    subtract : bool
        How it is mended. True sets negative eigenvalues to zero (Cameron, Gelbach and Miller 2011), as others do, which
        leaves errors that are far too small in just these samples. False does not subtract what both clusterings
        count: the sum of the two is a covariance, and no variance in it is less than that of either.
    """
    if len(clusters) == 1:
        return meat(clusters[0]), ()
    both = crossed("^".join(cluster.name for cluster in clusters), clusters)
    added = meat(clusters[0]) + meat(clusters[1])
    vcov = added - meat(both)
    if np.isnan(vcov).any():
        return vcov, ()
    own = np.sqrt(np.maximum(np.diag(added), np.finfo(float).tiny))
    free = positive_part(vcov, own)
    if free is None:
        return vcov, ()
    if not subtract:
        return added, (note("not_subtracted"),)
    # The repair in the columns' units is fixest's; where units would decide the result, it is made free of them.
    mended = positive_part(vcov, np.ones(len(own)))
    close = mended is not None and np.allclose(np.diag(mended), np.diag(free), rtol=_UNITS_MATTER, atol=0)
    return mended if mended is not None and close else free, (note("not_positive"),)


def positive_part(vcov: Floats, size: Floats) -> Floats | None:
    """The matrix with negative eigenvalues set to zero in units of `size`; None where none is beyond rounding."""
    values, vectors = np.linalg.eigh((vcov + vcov.T) / 2 / np.outer(size, size))
    if values[0] >= -_ROUNDING * max(values[-1], 0.0):
        return None
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T * np.outer(size, size))


def few_for_jackknife(clusters: Sequence[Grouping]) -> tuple[Note, ...]:
    """That there are too few clusters even for the jackknife."""
    effective = min(effective_clusters(cluster) for cluster in clusters)
    if effective >= FEW_FOR_JACKKNIFE:
        return ()
    return (note("few_clusters_jackknife", count=f"{effective:.1f}", limit=FEW_FOR_JACKKNIFE),)


def few_clusters(clusters: Sequence[Grouping], prefer: str) -> tuple[Note, ...]:
    """That there are few clusters for `crv1`, and what does better."""
    effective = min(effective_clusters(cluster) for cluster in clusters)
    if effective >= FEW_EFFECTIVE_CLUSTERS:
        return ()
    return (note("few_clusters", count=f"{effective:.1f}", limit=FEW_EFFECTIVE_CLUSTERS, prefer=prefer),)


def effective_clusters(cluster: Grouping) -> float:
    """``(sum n_g)^2 / sum n_g^2``: the number of equal clusters that would be as uneven."""
    counts = cluster.counts.astype(float)
    return float(counts.sum() ** 2 / (counts @ counts))
