r"""Several hypotheses at once: step-down p-values of Romano and Wolf from how much each cluster moves each estimate.

With z_gj the influence of cluster g on the estimate of hypothesis j over its standard error (squares sum to one), a
draw multiplies every cluster by one random number v_g, the same for all hypotheses, whatever models they come from:
:math:`T_j = \sum_g v_g z_{gj}`, the cluster bootstrap of the scores with the hypotheses true (Kline and Santos 2012,
*Journal of Econometric Methods* 1: 23-41). It keeps how estimates go together. A draw's p-value is the share of draws
that are further from zero; the p-value of a hypothesis is the share of draws whose smallest p-value, *among it and all
hypotheses with larger own p-values*, is at most its own, and never below that of a hypothesis before it (Romano and
Wolf 2005, *Econometrica* 73: 1237-1282; 2016, *Statistics & Probability Letters* 113: 38-40; with p-values as the
statistics, Westfall and Young 1993, *Resampling-Based Multiple Testing*). The chance of one false rejection or more in
the family is then at most the level, approximately, whichever hypotheses are true.

P-values are compared, and not t statistics, for what few clusters do: draws with given influence are normal or narrower
where some clusters dominate, statistics are t(G - 1) or wider, and a family of statistics compared with draws was
rejected too often (17 % at 5 % with 20 clusters, 9 % with draws studentised anew, 7 % with p-values; more in
docs/hypotheses.md). Each hypothesis so keeps the test that its model has (crv3 with t(G - 1), wild cluster bootstrap),
a family of one its p-value, and one-sided hypotheses, two-sided ones and models with other numbers of clusters are
weighed alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.wild import multipliers

Side = Literal["both", "greater", "less"]
_PART_BYTES = 32_000_000


def romano_wolf(
    p_values: Sequence[float] | Floats,
    influence: Sequence[pd.Series],
    *,
    sides: Sequence[Side] | None = None,
    draws: int = 9_999,
    seed: int = 0,
) -> Floats:
    """Step-down p-values of a family of hypotheses about single coefficients.

    Parameters
    ----------
    p_values : sequence of float
        Of each hypothesis alone, on the side named.
    influence : sequence of Series
        Of each hypothesis, how much each cluster moves the estimate, as a column of `Fit.cluster_influence`: indexed by
        clusters of one and the same column of the data. A cluster that a model does not have moves it by zero.
    sides : sequence of {"both", "greater", "less"}, optional
        On which side of zero the alternative to each hypothesis is; both unless given.
    draws, seed : int

    Returns
    -------
    array of float, shape (n_hypotheses,)
        In the order given, which does not matter, nor does that of the clusters; never below the hypothesis' own.

    Raises
    ------
    ValueError
        For a p-value that is not a number, and a hypothesis that no cluster moves.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> moves = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 2)))
    >>> romano_wolf([0.01, 0.3], [moves[0], moves[1]], draws=999).round(3).tolist()
    [0.018, 0.3]
    """
    own = np.asarray(p_values, dtype=float)
    if not len(own):
        return own
    if np.isnan(own).any():
        raise ValueError("a hypothesis has no p-value")
    drawn = _p_values(_drawn(_standardised(influence), draws, seed), sides or ["both"] * len(own))
    order = np.argsort(own, kind="stable")
    # The smallest among each hypothesis and those after it in the order.
    smallest = np.minimum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    found = ((smallest <= own[order]).sum(axis=0) + 1) / (draws + 1)
    out = np.empty(len(own))
    out[order] = np.maximum.accumulate(np.maximum(found, own[order]))
    return out


def adjusted(p_values: Sequence[float] | Floats, method: Literal["holm", "benjamini_yekutieli"]) -> Floats:
    """P-values of a family from those of its members alone, right whatever way they depend on each other.

    Parameters
    ----------
    p_values : sequence of float
    method : {"holm", "benjamini_yekutieli"}
        Holm (1979) bounds the chance of one false rejection or more; Benjamini and Yekutieli (2001, *Annals of
        Statistics* 29: 1165-1188) the expected share of false ones among the rejections.

    Returns
    -------
    array of float

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.5], "holm").round(3).tolist()
    [0.03, 0.08, 0.5]
    """
    from statsmodels.stats.multitest import multipletests

    if not len(p_values):
        return np.empty(0)
    name = {"holm": "holm", "benjamini_yekutieli": "fdr_by"}[method]
    return np.asarray(multipletests(np.asarray(p_values, dtype=float), method=name)[1])


def _standardised(influence: Sequence[pd.Series]) -> Floats:
    """Influence over the standard error, clusters by hypotheses."""
    # Clusters are sorted, so that neither the order of hypotheses nor that of rows moves a draw.
    clusters = sorted({str(label) for column in influence for label in column.index})
    place = {label: number for number, label in enumerate(clusters)}
    values = np.zeros((len(clusters), len(influence)))
    for j, column in enumerate(influence):
        np.add.at(values[:, j], [place[str(label)] for label in column.index], column.to_numpy(dtype=float))
    size = np.sqrt((values**2).sum(axis=0))
    if not (np.isfinite(size) & (size > 0)).all():
        raise ValueError("no cluster moves a hypothesis")
    return np.asarray(values / size)


def _drawn(standardised: Floats, draws: int, seed: int) -> Floats:
    """Statistics of draws with all hypotheses true, shape (draws, n_hypotheses)."""
    generator, g = np.random.default_rng(seed), len(standardised)
    part = max(1, _PART_BYTES // (8 * g))
    sizes = [min(part, draws - start) for start in range(0, draws, part)]
    return np.concatenate([multipliers(g, size, generator) @ standardised for size in sizes])


def _p_values(drawn: Floats, sides: Sequence[Side]) -> Floats:
    """Of each draw and hypothesis the share of draws further out, itself counted: ties do not make it larger."""
    signs = {"greater": 1.0, "less": -1.0}
    out = np.empty_like(drawn)
    for j, side in enumerate(sides):
        outward = np.abs(drawn[:, j]) if side == "both" else signs[side] * drawn[:, j]
        within = np.searchsorted(np.sort(outward), outward, side="right")
        out[:, j] = (len(outward) - within + 1) / len(outward)
    return out
