"""What estimates on measured columns should find: planted effect times the outcome's scale times the reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from involution.simulate.settings import Settings
from involution.simulate.truth import planted_effects

if TYPE_CHECKING:
    import pandas as pd


def uncensored_share(innovation: Sequence[float], settings: Settings) -> float:
    """Share of firm-years whose R&D is above zero: the effect on R&D intensity is `rd_total` times it."""
    import numpy as np

    effects = settings.planted
    return float(np.mean(effects.rd_intercept + effects.rd_slope * np.asarray(innovation, dtype=float) > 0))


def reliability(
    data: pd.DataFrame, measure: str, latent: str = "latent_pressure", effects: Sequence[str] = ("firm", "year")
) -> float:
    r"""Effect of one unit of a measure, as a multiple of that of latent pressure.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year; rows without the measure are left out.
    measure, latent : str
        Columns, on the rows and at the dates at which a model uses them.
    effects : sequence of str
        The model's fixed effects.

    Returns
    -------
    float
        :math:`\lambda = Cov(\tilde L, \tilde X) / Var(\tilde X)` within the fixed effects: an innovation that depends
        on L alone has on X the slope of L times :math:`\lambda`.
    """
    from involution.models.estimate import estimate

    fit = estimate(f"{latent} ~ {measure} | {' + '.join(effects)}", data, vcov="iid", allow_low_cluster=True)
    return float(fit.tidy()["estimate"].iloc[0])


def implied_effects(
    settings: Settings, data: pd.DataFrame, measure: str, latent: str = "latent_pressure"
) -> Mapping[str, float]:
    """Total effects of a *measured* index: planted effect times the outcome's scale times the index's reliability.

    Parameters
    ----------
    settings : Settings
    data : DataFrame
        The rows that a model uses, with the measure, latent pressure of its date, and `latent_innovation`.
    measure : str
    latent : str

    Returns
    -------
    mapping of str to float
        ``total`` (on latent innovation), ``rd_total`` and ``poisson_total``.
    """
    planted, scale = planted_effects(settings), reliability(data, measure, latent)
    kept = uncensored_share(data["latent_innovation"].dropna().tolist(), settings)
    return {
        "total": planted["total"] * scale,
        "rd_total": planted["rd_total"] * scale * kept,
        "poisson_total": planted["poisson_total"] * scale,
    }
