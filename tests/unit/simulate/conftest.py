"""Simulated panels that several tests share, and the clock of the planted equations."""

from __future__ import annotations

import pandas as pd
import pytest

from involution.simulate import Settings, Simulated, simulate

ORACLE = Settings(firms=1_200, attrition=False)
"""Exit at random: on the latent columns of these panels the planted effects hold exactly."""


def at_clock(simulated: Simulated) -> pd.DataFrame:
    """The panel with pressure and digital finance of t-1, the mediators of t, and outcomes of t+1.

    Parameters
    ----------
    simulated : Simulated
    """
    panel = simulated.panel.sort_values(["firm", "year"], ignore_index=True)
    assert (panel.groupby("firm")["year"].diff().dropna() == 1).all()
    firms = panel.groupby("firm")
    return panel.assign(
        pressure=firms["latent_pressure"].shift(1),
        finance=firms["digital_finance"].shift(1) / 100 - 2.5,
        innovation=firms["latent_innovation"].shift(-1),
        patents_next=firms["patents_invention"].shift(-1),
        rd_next=100 * firms["rd_spend"].shift(-1) / firms["revenue"].shift(-1),
    )


@pytest.fixture(scope="session")
def small() -> Simulated:
    """Six hundred firms of the shipped kind."""
    return simulate(Settings(firms=600), seed=3)


@pytest.fixture(scope="session")
def usual() -> Simulated:
    """The shipped size."""
    return simulate(Settings(), seed=4)
