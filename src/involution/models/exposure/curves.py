"""The distribution of the slopes under permuted calendars, as curves that figures are drawn from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.tidy import CURVES

KIND = "randomisation"
HISTOGRAM, DENSITY = f"{KIND}_histogram", f"{KIND}_density"
_MOST_BINS, _POINTS, _FEWEST = 50, 201, 20


def histogram(slopes: Floats, kind: str = KIND) -> pd.DataFrame:
    """Densities of the slopes in bins, and smoothed.

    Parameters
    ----------
    slopes : array of float, shape (calendars,)
        Missing ones are left out.
    kind : str
        With which the names of the curves begin.

    Returns
    -------
    DataFrame
        Curves ``randomisation_histogram`` (x is the middle of a bin) and, for twenty different slopes or more,
        ``randomisation_density`` (a Gaussian kernel with Scott's width); columns curve, x, estimate, ci_low, ci_high,
        the last two missing.
    """
    known = slopes[~np.isnan(slopes)]
    edges = np.histogram_bin_edges(known, "auto")
    if len(edges) - 1 > _MOST_BINS:
        edges = np.histogram_bin_edges(known, _MOST_BINS)
    heights = np.histogram(known, edges, density=True)[0]
    curves = [curve(f"{kind}_histogram", (edges[1:] + edges[:-1]) / 2, heights)]
    if len(np.unique(known)) >= _FEWEST:
        from scipy.stats import gaussian_kde

        room = (known.max() - known.min()) / 10
        x = np.linspace(known.min() - room, known.max() + room, _POINTS)
        curves.append(curve(f"{kind}_density", x, gaussian_kde(known)(x)))
    return pd.concat(curves, ignore_index=True)


def curve(name: str, x: Floats, estimate: Floats) -> pd.DataFrame:
    """A curve without a band: columns curve, x, estimate, ci_low, ci_high."""
    frame = pd.DataFrame({"curve": name, "x": x, "estimate": estimate, "ci_low": np.nan, "ci_high": np.nan})
    return frame.reindex(columns=[column for column in CURVES if column in frame.columns])
