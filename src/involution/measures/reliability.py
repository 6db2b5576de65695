"""How much of the index is signal: the agreement of its two halves.

The leave-one-out index is a noisy mean over a firm's peers, and noise shrinks its coefficient by the reliability. Two
indices from disjoint halves of the firms share the signal and not the noise. What counts is the variation that a model
uses: halves that are not residualised on its fixed effects agree too well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.measures.view import Cells, Floats, View

COLUMNS = ("index", "fixed_effects", "n_obs", "correlation", "reliability")
HALVES = ("involution_half_a", "involution_half_b")
_TOLERANCE = 1e-12
_SWEEPS = 10_000


def reliability(
    frame: pd.DataFrame, fixed_effects: Sequence[Sequence[str]] = ((), ("year",), ("firm", "year"))
) -> pd.DataFrame:
    """Split-half reliability of the involution index.

    Parameters
    ----------
    frame : DataFrame
        Measured, with `involution_half_a` and `involution_half_b`.
    fixed_effects : sequence of sequence of str
        Sets of columns; the halves are residualised on each set in turn.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row per set; none where the panel has no index.

    Notes
    -----
    With r the correlation of the residualised halves the reliability of the whole is ``2 r / (1 + r)`` (Spearman 1910;
    Brown 1910), the factor by which classical error shrinks a coefficient. It is missing where r is not positive.
    """
    rows = []
    if all(name in frame.columns for name in HALVES):
        known = frame[[*HALVES, *dict.fromkeys(name for names in fixed_effects for name in names)]].dropna()
        view = View(known)
        for names in fixed_effects:
            effects = [view.cells(name) for name in names]
            correlation = _correlation(*(residual(view[half], effects) for half in HALVES))
            whole = 2 * correlation / (1 + correlation) if correlation > 0 else np.nan
            rows.append(("involution", " + ".join(names), len(known), correlation, whole))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def residual(values: Floats, effects: Sequence[Cells]) -> Floats:
    """Known values less their projection on groups, by subtracting each grouping's means until nothing is left of them.

    Parameters
    ----------
    values : array, shape (n,)
    effects : sequence of Cells
        Every row belongs to a group of each; without any, the mean is subtracted.
    """
    out = values - values.mean() if len(values) else values
    scale = float(np.abs(out).max(initial=0.0))
    for _ in range(_SWEEPS if len(effects) > 1 else len(effects)):
        largest = 0.0
        for cells in effects:
            means = cells.mean(out)
            out = out - means
            largest = max(largest, float(np.abs(means).max(initial=0.0)))
        if largest <= _TOLERANCE * scale:
            break
    return np.asarray(out)


def _correlation(first: Floats, second: Floats) -> float:
    size = float(np.sqrt((first @ first) * (second @ second)))
    # What rounding leaves of a variable that the effects absorb is no variation.
    if len(first) < 3 or size <= _TOLERANCE * len(first):
        return float("nan")
    return float(first @ second) / size
