"""The latent process: pressure on industries, mediators and innovation of firms, who enters and who leaves.

Arrays have one row per firm (industry, city) and one column per year, burn-in first; nothing loops over firms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from involution.simulate.events import Events, draw_events, exposure_to
from involution.simulate.settings import Settings

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Streams = Mapping[str, np.random.Generator]

PARTS = (
    "industries",
    "regions",
    "firms",
    "mediators",
    "innovation",
    "exit",
    "events",
    "accounts",
    "outputs",
    "missing",
    "instruments",
    "shift_share",
)
"""Each draws from a stream of its own: more of one part changes no other, and a part added at the end none."""


@dataclass(frozen=True)
class Places:
    """Industries and cities.

    Attributes
    ----------
    pressure, margin_path, margin_shock, innovation_shock : array, shape (industries, years)
    size : array of int, shape (industries,)
        Firms of the first year.
    finance : array, shape (cities, years)
        Digital finance in hundreds of index points, mean zero.
    distance : array, shape (cities,)
        Kilometres to Hangzhou.
    """

    pressure: Floats
    margin_path: Floats
    margin_shock: Floats
    innovation_shock: Floats
    size: Codes
    finance: Floats
    distance: Floats


@dataclass(frozen=True)
class Firms:
    """What a firm is for good.

    Attributes
    ----------
    industry, city, entry : array of int, shape (firms,)
        `entry` is the column of its first year; incumbents have zero.
    incumbent : array of bool, shape (firms,)
    size : array, shape (firms,)
        Logarithm of revenue at entry, relative to the mean of incumbents.
    opportunity, management : array, shape (firms,)
    """

    industry: Codes
    city: Codes
    entry: Codes
    incumbent: NDArray[np.bool_]
    size: Floats
    opportunity: Floats
    management: Floats


@dataclass(frozen=True)
class World:
    """The latent state of every firm and year, burn-in left out of none of its arrays.

    `expected_innovation` is innovation without what moves it beside everything that is planted; `event_effect` what
    events add to it of themselves.
    """

    settings: Settings
    places: Places
    firms: Firms
    events: Events
    margin: Floats
    short_termism: Floats
    constraint: Floats
    innovation: Floats
    expected_innovation: Floats
    exposure: Floats
    event_effect: Floats
    present: NDArray[np.bool_]
    leaves: NDArray[np.bool_]

    @property
    def pressure(self) -> Floats:
        """Pressure on each firm's industry."""
        return self.places.pressure[self.firms.industry]


def streams(seed: int) -> dict[str, np.random.Generator]:
    """One generator for each part, spawned from the seed."""
    children = np.random.SeedSequence(seed).spawn(len(PARTS))
    return {part: np.random.default_rng(child) for part, child in zip(PARTS, children, strict=True)}


def persistent(
    draws: np.random.Generator, shape: tuple[int, int], persistence: float, deviation: float = 1.0
) -> Floats:
    """Rows of a stationary first-order autoregression with the given standard deviation."""
    shocks = draws.standard_normal(shape)
    out = np.empty(shape)
    out[:, 0] = shocks[:, 0]
    rest = np.sqrt(1 - persistence**2)
    for year in range(1, shape[1]):
        out[:, year] = persistence * out[:, year - 1] + rest * shocks[:, year]
    return deviation * out


def before(values: Floats) -> Floats:
    """Values of the year before; the first year has none and takes its own."""
    return np.concatenate([values[:, :1], values[:, :-1]], axis=1)


def latent_world(settings: Settings, draws: Streams) -> World:
    """Draw the latent process.

    Parameters
    ----------
    settings : Settings
    draws : mapping
        A generator for each of `PARTS`.

    Notes
    -----
    With L pressure, DF digital finance, M the mediators (margin, short-termism, constraint), E exposure, nu shocks to
    industry-years, all effects as in `Settings.effects`:

    ``M1_t = -.30 L_{t-1} + e1_t + nu1_t``, ``M2_t = .25 L_{t-1} + e2_t``,
    ``M3_t = .20 L_{t-1} - .08 L_{t-1} DF_{t-1} + .10 DF_{t-1} + e3_t``,
    ``Y_{t+1} = -.10 L_{t-1} + .40 M1_t - .30 M2_t - .35 M3_t + L_{t-1} (.05 OI + .05 OM + .04 E_t) + nu2_{t+1} + u``,
    each with a lasting part of the firm. The two shocks nu are independent: one shared by margin and innovation would
    confound the margin's path.
    """
    places = _places(settings, draws)
    firms = _firms(settings, places, draws["firms"])
    events = draw_events(settings, draws["events"])
    exposure = exposure_to(events, settings, firms.industry, firms.city)
    mediators, innovation, expected = _paths(settings, places, firms, exposure.passive, exposure.dose, draws)
    present, leaves = _presence(settings, firms, mediators[0], draws["exit"])
    own = exposure.dose if settings.dose else np.zeros_like(exposure.dose)
    latent = (*mediators, innovation, expected, exposure.passive, own)
    return World(settings, places, firms, events, *latent, present, leaves)


def _places(settings: Settings, draws: Streams) -> Places:
    noise, span = settings.noise, settings.burn_in + settings.years
    industries, regions = draws["industries"], draws["regions"]
    shape = (settings.industries, span)
    sizes = np.clip(np.exp(industries.normal(3.2, 0.7, settings.industries)), 8, 120)
    pressure = persistent(industries, shape, noise.pressure)
    distance = regions.uniform(0, 2_000, settings.cities)
    trend = 0.12 * (np.arange(span) - (span - 1) / 2)
    near = (distance.mean() - distance) / 1_000
    # Nearer to Hangzhou digital finance stands higher and grows faster: distance moves it within a city too.
    growth = trend * (1 + noise.finance_diffusion * near[:, None])
    finance = growth + 0.3 * near[:, None] + persistent(regions, (settings.cities, span), *noise.finance)
    return Places(
        pressure=pressure,
        margin_path=_integrated(settings.loadings.margin_path * pressure),
        margin_shock=persistent(industries, shape, *noise.margin_shock),
        innovation_shock=persistent(industries, shape, *noise.innovation_shock),
        size=np.maximum(8, np.rint(sizes * settings.firms / sizes.sum())).astype(np.intp),
        finance=finance - finance[:, settings.burn_in :].mean(),
        distance=distance,
    )


def _integrated(steps: Floats) -> Floats:
    """A path that moves by each year's step from its mean of the three years before."""
    path = np.zeros((steps.shape[0], steps.shape[1] + 3))
    for year in range(steps.shape[1]):
        path[:, year + 3] = path[:, year : year + 3].mean(axis=1) + steps[:, year]
    return path[:, 3:]


def _firms(settings: Settings, places: Places, draws: np.random.Generator) -> Firms:
    span = settings.burn_in + settings.years
    expected = settings.entry_rate * places.size[:, None] * np.exp(settings.loadings.entry * places.pressure)
    expected[:, : settings.burn_in + 1] = 0
    entrants = draws.poisson(expected)
    industry = np.concatenate(
        [np.repeat(np.arange(settings.industries), places.size)]
        + [np.repeat(np.arange(settings.industries), entrants[:, year]) for year in range(span)]
    )
    entry = np.concatenate(
        [np.zeros(places.size.sum(), dtype=np.intp), np.repeat(np.arange(span), entrants.sum(axis=0))]
    )
    incumbent, n = entry == 0, len(entry)
    size = np.where(incumbent, draws.normal(0, 0.8, n), draws.normal(-1.0, 0.5, n))
    traits = draws.standard_normal((2, n))
    return Firms(industry, draws.integers(0, settings.cities, n), entry, incumbent, size, *traits)


def _paths(
    settings: Settings, places: Places, firms: Firms, exposure: Floats, dose: Floats, draws: Streams
) -> tuple[tuple[Floats, Floats, Floats], Floats, Floats]:
    """Mediators, innovation and its expectation year by year: innovation may move the margin of its own year."""
    effects, noise, span = settings.planted, settings.noise, settings.burn_in + settings.years
    n, rows = len(firms.industry), draws["mediators"]
    pressure, finance = before(places.pressure)[firms.industry], before(places.finance)[firms.city]
    own = [persistent(rows, (n, span), *noise.mediators) for _ in range(3)]
    lasting = noise.firm * rows.standard_normal((4, n, 1))
    confounder = persistent(rows, (n, span), *noise.confounder) if settings.confounder else np.zeros((n, span))
    margin = effects.pressure_margin * pressure + own[0] + places.margin_shock[firms.industry] + lasting[0]
    margin += effects.confounder_margin * confounder
    short = effects.pressure_short_termism * pressure + own[1] + lasting[1]
    slope = effects.pressure_constraint + effects.finance_pressure_constraint * finance
    constraint = slope * pressure + effects.finance_constraint * finance + own[2] + lasting[2]
    rest = _rest_of_innovation(settings, places, firms, draws["innovation"])
    innovation = lasting[3] + rest
    moderated = effects.direct + effects.exposure * exposure
    moderated += (effects.opportunity * firms.opportunity + effects.management * firms.management)[:, None]
    innovation[:, 1:] += (moderated * pressure + effects.confounder_innovation * confounder)[:, :-1]
    innovation[:, 1:] += (effects.short_termism * short + effects.constraint * constraint)[:, :-1]
    innovation += dose if settings.dose else 0.0
    back = effects.feedback if settings.feedback else 0.0
    for year in range(span - 1):
        margin[:, year] += back * innovation[:, year]
        innovation[:, year + 1] += effects.margin * margin[:, year]
    margin[:, -1] += back * innovation[:, -1]
    return (margin, short, constraint), innovation, innovation - rest


def _rest_of_innovation(settings: Settings, places: Places, firms: Firms, draws: np.random.Generator) -> Floats:
    """What moves innovation beside everything that is planted."""
    noise, span = settings.noise, settings.burn_in + settings.years
    years = noise.year * draws.standard_normal(span)
    own = noise.innovation * draws.standard_normal((len(firms.industry), span))
    return np.asarray(own + years + places.innovation_shock[firms.industry])


def _presence(
    settings: Settings, firms: Firms, margin: Floats, draws: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Firm-years that exist, and those after which the firm leaves."""
    odds = settings.exit_intercept - (settings.exit_slope * margin if settings.attrition else 0.0)
    leaves = draws.uniform(size=margin.shape) < 1 / (1 + np.exp(-odds))
    year = np.arange(margin.shape[1])
    leaves &= year >= np.maximum(firms.entry, settings.burn_in)[:, None]
    already: Codes = np.cumsum(leaves, axis=1) - leaves
    present = (year >= firms.entry[:, None]) & (already == 0)
    return present, np.logical_and(leaves, present)
