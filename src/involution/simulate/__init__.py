"""A panel of small firms whose truth is known: latent process, raw accounts, tables beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from involution.simulate.settings import Effects, Loadings, Noise, Settings
from involution.simulate.truth import planted_effects, truth_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Effects", "Loadings", "Noise", "Settings", "Simulated", "planted_effects", "simulate", "truth_table",
]  # fmt: skip

DEFAULT_SEED = 20_260_101


@dataclass(frozen=True)
class Simulated:
    """What a simulation gives.

    Attributes
    ----------
    accounts : DataFrame
        One row per firm-year: canonical columns in yuan, then the latent columns.
    regions, industries, events : DataFrame
        One row per city-year, industry-year, event and rater.
    pilots : DataFrame
        City, industry, year of the passive event aimed at both, and its strength.
    instruments : DataFrame
        One row per industry-year: an instrument of pressure, and one that has an effect of its own on innovation.
    shares, shocks : DataFrame
        Shares of industries in foreign markets, and the demand shocks of these by year.
    truth : DataFrame
        Planted effects: name, truth.
    settings : Settings
    seed : int
    """

    accounts: pd.DataFrame = field(repr=False)
    regions: pd.DataFrame = field(repr=False)
    industries: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    pilots: pd.DataFrame = field(repr=False)
    instruments: pd.DataFrame = field(repr=False)
    shares: pd.DataFrame = field(repr=False)
    shocks: pd.DataFrame = field(repr=False)
    truth: pd.DataFrame = field(repr=False)
    settings: Settings
    seed: int

    @property
    def panel(self) -> pd.DataFrame:
        """Accounts with the columns of their city and industry, one row per firm-year."""
        joined = self.accounts.merge(self.regions, on=["region", "year"], how="left", validate="many_to_one")
        return joined.merge(self.industries, on=["industry", "year"], how="left", validate="many_to_one")


def simulate(settings: Settings | None = None, seed: int = DEFAULT_SEED) -> Simulated:
    """Simulate a panel of small firms.

    Parameters
    ----------
    settings : Settings, optional
        Size, switches and coefficients; by default about 30,000 firm-years.
    seed : int
        The same seed and settings give the same numbers. Each part of the process has its own stream.

    Returns
    -------
    Simulated

    Examples
    --------
    >>> simulate(Settings(firms=600), seed=1).accounts[["firm", "year"]].duplicated().any().item()
    False
    """
    from involution.simulate.accounts import raw_accounts
    from involution.simulate.instruments import instrument_table, shift_share_tables
    from involution.simulate.process import latent_world, streams
    from involution.simulate.tables import event_table, industry_table, pilot_table, region_table

    chosen = settings or Settings()
    draws = streams(seed)
    world = latent_world(chosen, draws)
    accounts = raw_accounts(world, draws)
    shares, shocks = shift_share_tables(world, draws["shift_share"])
    return Simulated(
        accounts=accounts,
        regions=region_table(world, draws["regions"]),
        industries=industry_table(world, accounts, draws["industries"]),
        events=event_table(world.events, chosen),
        pilots=pilot_table(world.events, chosen),
        instruments=instrument_table(world, draws["instruments"]),
        shares=shares,
        shocks=shocks,
        truth=truth_table(chosen),
        settings=chosen,
        seed=seed,
    )
