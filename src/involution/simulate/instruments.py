"""What moves pressure from outside, and what only seems to: instruments of industries, and shares in shocks.

They are drawn after everything else, from streams of their own, given the pressure and innovation that are there: no
other column changes by a digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from involution.simulate.accounts import industry_codes
from involution.simulate.process import Floats, World, persistent
from involution.simulate.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

AHEAD = 2
"""Years from an instrument to the innovation that its pressure moves."""


def instrument_table(world: World, draws: np.random.Generator) -> pd.DataFrame:
    r"""One row per industry and year: an instrument of pressure, and one with an effect of its own on innovation.

    Notes
    -----
    With L pressure, :math:`\nu` the industry's shock to innovation two years on in units of its standard deviation and
    u of pressure's own persistence, all of variance one: :math:`z = r L + \sqrt{1 - r^2} u` and
    :math:`z^* = r L + k \nu + \sqrt{1 - r^2 - k^2} u^*`, r and k the `instrument` and `instrument_invalid` of `Noise`.
    """
    import pandas as pd

    settings, noise = world.settings, world.settings.noise
    pressure, shock = world.places.pressure, world.places.innovation_shock / noise.innovation_shock[1]
    last = shock.shape[1] - 1
    ahead = shock[:, np.minimum(np.arange(last + 1) + AHEAD, last)]
    r, k = noise.instrument, noise.instrument_invalid
    own = [persistent(draws, pressure.shape, noise.pressure) for _ in range(2)]
    valid = r * pressure + np.sqrt(1 - r**2) * own[0]
    invalid = r * pressure + k * ahead + np.sqrt(1 - r**2 - k**2) * own[1]
    years = settings.first_year + np.arange(settings.years)
    columns = {"instrument": valid, "instrument_invalid": invalid}
    return pd.DataFrame(
        {
            "industry": np.repeat(industry_codes(settings.industries), settings.years),
            "year": np.tile(years, settings.industries),
            **{name: np.round(values[:, settings.burn_in :], 8).ravel() for name, values in columns.items()},
        }
    )


def shift_share_tables(world: World, draws: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Shares of industries in foreign markets, and the demand shocks of these, which are among the causes of pressure.

    Returns
    -------
    tuple of DataFrame
        Columns industry, market, share; and market, year, shock.

    Notes
    -----
    With S the shares and u of pressure's persistence, shocks are :math:`g = \theta S'L + C u`,
    :math:`C C' = I - \theta^2 S'S`: independent of each other with variance one, and pressure is
    :math:`\theta S g` plus a part that has nothing to do with them. :math:`\theta` is the share `shift_share` of the
    largest for which there is such a part. Shares add up to between .6 and one: the rest is sold at home.
    """
    import pandas as pd

    settings = world.settings
    shares = draws.dirichlet(np.full(settings.markets, 0.03), settings.industries)
    shares = np.round(shares * draws.uniform(0.6, 1.0, (settings.industries, 1)), 6)
    shocks = _shocks(world.places.pressure, shares, settings, draws)[:, settings.burn_in :]
    markets = [f"M{place + 1:02d}" for place in range(settings.markets)]
    unit, market = np.nonzero(shares)
    long = pd.DataFrame(
        {
            "industry": np.asarray(industry_codes(settings.industries))[unit],
            "market": np.asarray(markets)[market],
            "share": shares[unit, market],
        }
    )
    years = settings.first_year + np.arange(settings.years)
    table = pd.DataFrame(
        {
            "market": np.repeat(markets, settings.years),
            "year": np.tile(years, settings.markets),
            "shock": np.round(shocks, 8).ravel(),
        }
    )
    return long, table


def _shocks(pressure: Floats, shares: Floats, settings: Settings, draws: np.random.Generator) -> Floats:
    """Shocks given the pressure that they are among the causes of, shape (markets, years)."""
    largest = float(np.linalg.svd(shares, compute_uv=False)[0])
    theta = settings.noise.shift_share / largest
    values, vectors = np.linalg.eigh(np.eye(shares.shape[1]) - theta**2 * shares.T @ shares)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    own = persistent(draws, (shares.shape[1], pressure.shape[1]), settings.noise.pressure)
    return np.asarray(theta * shares.T @ pressure + root @ own)
