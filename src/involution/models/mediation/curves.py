"""Indirect effects as functions of a moderator, with the moderator's own distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.inference import infer_effects
from involution.models.mediation.result import Mediation
from involution.models.mediation.specification import DIRECT

POINTS, BINS = 41, 30
_SUPPORT = (0.01, 0.99)


def conditional_curves(mediation: Mediation, draws: int, seed: int) -> pd.DataFrame:
    """Moderated indirect effects over the moderator's support, and histograms of the moderators.

    Parameters
    ----------
    mediation : Mediation
    draws, seed : int
        Of the inference that the mediation itself uses.

    Returns
    -------
    DataFrame
        Columns curve, x, estimate, ci_low, ci_high. Curves are ``conditional[m,w]`` between the 1 % and 99 % quantiles
        of w, and ``support[w]`` with the number of rows in each bin; x is in the moderator's own units.
    """
    system, parts = mediation.system, []
    layout = Layout(system)
    for name, values in system.moderators.items():
        origin = system.origins[name]
        low, high = np.quantile(values, _SUPPORT)
        grid = np.linspace(low, high, POINTS)
        effects = Effects(layout, {name: {str(k): float(value) for k, value in enumerate(grid)}})
        frame = infer_effects(
            effects, mediation.sampled, mediation.inference, draws, np.random.default_rng(seed)
        ).set_index("term")
        for path, moderator in system.specification.moderators.items():
            if path != DIRECT and moderator.by == name:
                rows = frame.loc[[f"indirect[{path},{name}={k}]" for k in range(POINTS)]]
                parts.append(_curve(f"conditional[{path},{name}]", grid + origin, rows))
        counts, edges = np.histogram(values, bins=BINS)
        centres = (edges[:-1] + edges[1:]) / 2 + origin
        bins = pd.DataFrame({"estimate": counts.astype(float), "ci_low": np.nan, "ci_high": np.nan})
        parts.append(_curve(f"support[{name}]", centres, bins))
    columns = ["curve", "x", "estimate", "ci_low", "ci_high"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _curve(name: str, x: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    shown = rows[["estimate", "ci_low", "ci_high"]].reset_index(drop=True)
    return shown.assign(curve=name, x=x)
