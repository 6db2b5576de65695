"""How many parameters a small-sample factor counts."""

from __future__ import annotations

from collections.abc import Sequence

from involution.models.groupings import Grouping
from involution.models.sample import Sample


def counted(sample: Sample, k: int, effects: str, clusters: Sequence[Grouping]) -> int:
    """K of the factor (N - 1)/(N - K) for k coefficients beside the absorbed effects of a sample, as fixest counts it.

    Parameters
    ----------
    sample : Sample
    k : int
    effects : {"none", "nonnested", "full"}
        Which absorbed effects are counted.
    clusters : sequence of Grouping
        An effect nested in one of them counts once with ``nonnested``.
    """
    absorbed = [] if sample.intercept else sample.effects
    if effects == "none" or not absorbed:
        return k
    total = k + sum(effect.n_levels for effect in absorbed) - (len(absorbed) - 1)
    if effects == "full" or not clusters:
        return total
    names = {cluster.name for cluster in clusters}
    if names <= {effect.name for effect in absorbed}:
        nested = [effect for effect in absorbed if effect.name in names]
    else:
        nested = [effect for effect in absorbed if any(effect.nested_in(cluster) for cluster in clusters)]
    return total - sum(effect.n_levels - 1 for effect in nested)
