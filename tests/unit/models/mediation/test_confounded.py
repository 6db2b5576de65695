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
import pytest
from tests.unit.simulate.conftest import ORACLE, at_clock

from involution.models.mediation.mediate import mediate
from involution.models.mediation.sensitivity import sensitivity
from involution.simulate import Settings, planted_effects, simulate

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


def in_errors(differences: pd.Series) -> float:
    """The mean of draws in Monte Carlo standard errors.

    Parameters
    ----------
    differences : Series
    """
    return float(differences.mean() / (differences.std() / np.sqrt(len(differences))))


def inside(value: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """Whether intervals hold a value."""
    return low.le(value) & value.le(high)


def check(found: pd.DataFrame, limit: float) -> None:
    """What both lengths of the tier ask for.

    Parameters
    ----------
    found : DataFrame
    limit : float
        Monte Carlo errors of a bias.
    """
    assert abs(in_errors(found["indirect"] - found["truth"] - found["bias"])) <= limit
    assert abs(in_errors(found["indirect"] - found["truth"])) > 5
    assert abs(in_errors(found["corrected"] - found["truth"])) <= limit


def test_tier_e_the_indirect_effect_is_biased_as_predicted_and_right_at_the_planted_correlation():
    """Twenty draws: the planted effect is found at the error correlation of the confounder, and not without it."""
    found = confounded(range(5_000, 5_020))
    check(found, 2)
    assert found["rho"].between(0.15, 0.25).all()
    assert inside(found["truth"], found["low"], found["high"]).sum() <= 2
    assert inside(found["truth"], found["corrected_low"], found["corrected_high"]).sum() >= 17
    # More than the confounder would be needed to make the effect zero: it is overstated, its sign is right.
    assert (found["star_low"] > found["rho"]).all()


def test_tier_e_rho_star_flags_an_effect_that_is_nothing_but_the_confounder():
    """Twenty draws without an effect of margin: always significant, and rho_star is what the confounder plants."""
    found = confounded(range(5_000, 5_020), SPURIOUS)
    check(found, 2)
    assert (found["high"] < 0).all()
    assert abs(in_errors(found["rho_star"] - found["rho"])) <= 2
    assert inside(found["rho"], found["star_low"], found["star_high"]).sum() >= 17


@pytest.mark.slow
@pytest.mark.parametrize("settings", [CONFOUNDED, SPURIOUS])
def test_tier_e_at_five_hundred_draws(settings):
    found = confounded(range(5_000, 5_500), settings)
    check(found, 3)
    assert 0.91 <= inside(found["truth"], found["corrected_low"], found["corrected_high"]).mean() <= 0.98
    if settings is SPURIOUS:
        assert 0.91 <= inside(found["rho"], found["star_low"], found["star_high"]).mean() <= 0.98
