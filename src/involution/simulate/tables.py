"""The tables beside the accounts: cities, industries, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from involution.simulate.accounts import industry_codes, region_codes
from involution.simulate.events import Events
from involution.simulate.process import World
from involution.simulate.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


def region_table(world: World, draws: np.random.Generator) -> pd.DataFrame:
    """One row per city and year: digital finance (index points, 100 a unit of the process), income, instruments."""
    import pandas as pd

    settings, places = world.settings, world.places
    finance = places.finance[:, settings.burn_in :]
    shape = finance.shape
    index = 100 * (2.5 + finance)
    income = 55_000 * np.exp(0.06 * np.arange(shape[1]) + 0.2 * draws.standard_normal((shape[0], 1)))
    near = 1 - places.distance / 2_000
    telephones = np.round(20 + 40 * near + 8 * draws.standard_normal(shape[0]), 2)
    noise = draws.standard_normal((3, *shape))
    columns = {
        "digital_finance": index,
        "digital_coverage": index + 8 * noise[0],
        "digital_depth": index + 12 * noise[1],
        "digital_digitization": index + 20 * noise[2],
        "gdp_per_capita": np.round(income * np.exp(0.02 * noise[0] + 0.05 * finance)),
        "distance_hangzhou": np.repeat(places.distance[:, None], shape[1], axis=1),
        "telephones_1984": np.repeat(telephones[:, None], shape[1], axis=1),
    }
    keys = _keys("region", region_codes(settings.cities), settings)
    return pd.DataFrame({**keys, **{name: np.round(values, 4).ravel() for name, values in columns.items()}})


def industry_table(world: World, accounts: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """One row per industry and year: prices fall and capacity idles as pressure rises; concentration of all firms."""
    import pandas as pd

    settings, loads = world.settings, world.settings.loadings
    pressure = world.places.pressure[:, settings.burn_in :]
    noise = draws.standard_normal((2, *pressure.shape))
    table = pd.DataFrame(
        {
            **_keys("industry", industry_codes(settings.industries), settings),
            "ppi": np.round(100 * np.exp(0.01 + loads.prices * pressure + settings.noise.prices * noise[0]), 4).ravel(),
            "capacity_utilization": np.round(
                np.clip(0.76 + loads.capacity * pressure + settings.noise.capacity * noise[1], 0.2, 0.99), 6
            ).ravel(),
        }
    )
    shares = accounts["revenue"] / accounts.groupby(["industry", "year"])["revenue"].transform("sum")
    hhi = (shares**2).groupby([accounts["industry"], accounts["year"]]).sum().rename("hhi_official").round(8)
    return table.merge(hhi.reset_index(), on=["industry", "year"], how="left", validate="one_to_one")


def event_table(events: Events, settings: Settings) -> pd.DataFrame:
    """One row per event and rater; targets are codes joined by semicolons."""
    import pandas as pd

    cities, industries = np.asarray(region_codes(settings.cities)), np.asarray(industry_codes(settings.industries))
    rows = []
    for event, ratings in enumerate(events.ratings):
        start, end = (settings.first_year + int(when[event]) - settings.burn_in for when in (events.start, events.end))
        shared = {
            "event_id": f"E{event + 1}",
            "title": f"政策 {event + 1}",
            "issuer": "国务院" if event % 3 == 0 else "省政府",
            "date_start": f"{start}-01-01",
            "date_end": f"{end}-12-31",
            "passive": int(events.passive[event]),
            "scope_region": ";".join(sorted(cities[events.cities[event]])),
            "scope_industry": ";".join(sorted(industries[events.industries[event]])),
            "origin_level": "central" if event % 3 == 0 else "provincial",
            "source_url": "",
        }
        for rater, (novelty, disruption, criticality) in enumerate(ratings.tolist()):
            scales = {"novelty": novelty, "disruption": disruption, "criticality": criticality}
            rows.append({**shared, "rater": f"R{rater + 1}", **scales})
    return pd.DataFrame(rows)


def pilot_table(events: Events, settings: Settings) -> pd.DataFrame:
    """The passive events as pilots: each city and industry aimed at, the first year and the event's strength."""
    import pandas as pd

    cities, industries = np.asarray(region_codes(settings.cities)), np.asarray(industry_codes(settings.industries))
    parts = []
    for event in np.flatnonzero(events.passive):
        city, industry = np.nonzero(np.outer(events.cities[event], events.industries[event]))
        start = settings.first_year + int(events.start[event]) - settings.burn_in
        pilots = {"region": cities[city], "industry": industries[industry], "first_year": start}
        parts.append(pd.DataFrame({**pilots, "strength": round(float(events.strength[event]), 8)}))
    return pd.concat(parts).sort_values(["region", "industry"], ignore_index=True)


def _keys(name: str, codes: list[str], settings: Settings) -> dict[str, object]:
    years = settings.first_year + np.arange(settings.years)
    return {name: np.repeat(codes, settings.years), "year": np.tile(years, len(codes))}
