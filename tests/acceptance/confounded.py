"""Acceptance tier E: a confounder of margin and innovation biases the indirect effect as predicted; rho_star flags it.

The error correlation that the confounder plants, and the bias it gives, are computed from the settings: within firms an
autoregression of persistence p and standard deviation d has over n consecutive years the mean square
``d^2 (1 - sum_st p^|s-t| / n^2)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from involution.models.mediation.mediate import mediate
from involution.models.mediation.sensitivity import sensitivity
from involution.simulate import Settings, planted_effects, simulate
from tests.acceptance.draws import Found
from tests.unit.simulate.conftest import ORACLE, at_clock

CONFOUNDED = replace(ORACLE, confounder=True, dose=False)
SPURIOUS = replace(CONFOUNDED, effects=replace(CONFOUNDED.effects, margin=0.0))
"""The confounder alone ties innovation to margins."""
MEDIATORS = ["latent_margin", "latent_short_termism", "latent_constraint"]
MODERATORS = ["latent_opportunity", "latent_management", "latent_exposure"]
CHANNEL = "latent_margin"


def within_firms(process: tuple[float, float], years: Sequence[int]) -> float:
    """Mean square within firms of an autoregression.

    Parameters
    ----------
    process : tuple of float
        Persistence and standard deviation.
    years : sequence of int
        Consecutive years of each firm.
    """
    persistence, deviation = process
    squares = {n: n - (persistence ** abs(np.subtract.outer(np.arange(n), np.arange(n)))).sum() / n for n in set(years)}
    return deviation**2 * sum(squares[n] for n in years) / sum(years)


def predicted(settings: Settings, years: Sequence[int]) -> tuple[float, float]:
    """Bias of the indirect effect of margin and the error correlation, as the settings imply them.

    Parameters
    ----------
    settings : Settings
    years : sequence of int
        Consecutive years of each firm in the sample.
    """
    effects, noise = settings.planted, settings.noise
    confounder = within_firms(noise.confounder, years)
    together = effects.confounder_margin * effects.confounder_innovation * confounder
    margin = effects.confounder_margin**2 * confounder
    margin += within_firms(noise.mediators, years) + within_firms(noise.margin_shock, years)
    innovation = effects.confounder_innovation**2 * confounder
    innovation += within_firms((0.0, noise.innovation), years) + within_firms(noise.innovation_shock, years)
    return effects.pressure_margin * together / margin, together / np.sqrt(margin * innovation)


def confounded(seeds: Sequence[int], settings: Settings = CONFOUNDED) -> pd.DataFrame:
    """One row per draw: the indirect effect through margin, as estimated and at the planted error correlation.

    Parameters
    ----------
    seeds : sequence of int
    settings : Settings

    Returns
    -------
    DataFrame
        Columns indirect, low, high (as estimated), corrected, corrected_low, corrected_high (at the planted error
        correlation), rho_star, star_low, star_high, and what the settings imply: truth, bias, rho.
    """
    rows = []
    for seed in seeds:
        data = at_clock(simulate(settings, seed))
        products = {f"pressure_{name}": data["pressure"] * data[name] for name in MODERATORS}
        found = mediate(
            data.assign(**products),
            "innovation",
            "pressure",
            MEDIATORS,
            [*products],
            ["firm", "year"],
            "industry",
            inference="delta",
        )
        bias, rho = predicted(settings, found.system.sample.firm.counts.tolist())
        analysis = sensitivity(found, grid=[rho])
        indirect = found.tidy().set_index("term").loc[f"indirect[{CHANNEL}]"]
        star = analysis.rho_star.set_index("term").loc[f"rho_star[{CHANNEL}]"]
        curve = analysis.curves[analysis.curves["curve"] == f"rho[{CHANNEL}]"].set_index("x").loc[rho]
        columns = ["estimate", "ci_low", "ci_high"]
        truth = planted_effects(settings)["indirect[margin]"]
        rows.append([*indirect[columns], *curve[columns], *star[columns], truth, bias, rho])
    names = ["indirect", "low", "high", "corrected", "corrected_low", "corrected_high"]
    return pd.DataFrame(rows, columns=[*names, "rho_star", "star_low", "star_high", "truth", "bias", "rho"])


def confounded_margin(seed: int) -> list[Found]:
    """E: what least squares says of the margin's channel, and what it says at the planted error correlation."""
    out = []
    for label, settings in (("", CONFOUNDED), (", no effect of the margin", SPURIOUS)):
        row = confounded([seed], settings).iloc[0]
        truth = row["truth"]
        out += [
            Found(f"indirect[margin], as estimated{label}", truth, row["indirect"], row["low"], row["high"]),
            Found(f"its bias, as the settings predict{label}", row["bias"], row["indirect"] - truth),
            Found(
                f"indirect[margin], at the planted error correlation{label}",
                truth,
                *row[["corrected", "corrected_low", "corrected_high"]],
            ),
        ]
    star = row[["rho_star", "star_low", "star_high"]]
    return [*out, Found("rho_star[margin], no effect of the margin", row["rho"], *star)]
