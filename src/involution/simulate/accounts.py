"""Raw accounts from the latent state: what a researcher would really have, with the latent columns beside.

Every amount is in yuan and rounded to the cent before sums are taken, so that the accounts add up as printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from involution.simulate.process import Floats, Streams, World

if TYPE_CHECKING:
    import pandas as pd

LATENT = (
    "latent_pressure", "latent_margin", "latent_short_termism", "latent_constraint", "latent_innovation",
    "latent_opportunity", "latent_management", "latent_exposure", "latent_rd_intensity",
    "latent_event_effect",
)  # fmt: skip
AVERAGE_REVENUE = 20e6
CENTRE = -0.2
"""Logarithm of relative size towards which sizes draw together."""
SMALL = 300
"""Employees below which R&D may go unreported."""

Columns = dict[str, Floats]


@dataclass(frozen=True)
class Growth:
    """Paths that accumulate from each firm's first year in the panel."""

    first: np.ndarray

    def __call__(self, yearly: Floats) -> Floats:
        """Sum of yearly growth since the firm's first year, which counts nothing."""
        total = np.cumsum(yearly, axis=1)
        return np.asarray(total - np.take_along_axis(total, self.first[:, None], axis=1))

    def start(self, values: Floats) -> Floats:
        """Each firm's value of its first year, one column."""
        return np.take_along_axis(values, self.first[:, None], axis=1)

    def change(self, values: Floats) -> Floats:
        """Change since the year before; nothing in the first year."""
        years = np.arange(values.shape[1])
        change = np.diff(values, axis=1, prepend=values[:, :1])
        return np.where(years > self.first[:, None], change, 0.0)


def raw_accounts(world: World, draws: Streams) -> pd.DataFrame:
    """Accounts of every firm and year that exists, sorted, canonical columns first and latent columns last.

    Notes
    -----
    ``G_t = mean(G_{t-1}, G_{t-2}, G_{t-3}) - .025 L_t`` is the industry's margin path and
    ``cogs = revenue (1 - GM)`` with ``GM = clip(.22 + G + .05 M1, -.3, .8)``. The other loadings on pressure L are
    those of `Loadings`. R&D is ``max(0, 4 + 1.5 Y)`` per cent of revenue and inside administrative expense.
    """
    growth = Growth(world.firms.entry)
    columns: Columns = {}
    columns |= _sales(world, growth, draws["accounts"])
    columns |= _expenses(world, growth, columns, draws["accounts"])
    columns |= _assets(world, growth, columns, draws["accounts"])
    columns |= _profit(columns)
    columns |= _debt_and_cash(world, growth, columns, draws["accounts"])
    columns |= _outputs(world, columns, draws["outputs"])
    return _frame(world, columns, draws)


def _cents(values: Floats) -> Floats:
    return np.round(values, 2)


def _sales(world: World, growth: Growth, draws: np.random.Generator) -> Columns:
    """Revenue chases volume as pressure rises; cost follows the margin."""
    from involution.simulate.process import persistent

    loads, industry, shape = world.settings.loadings, world.firms.industry, world.margin.shape
    trend = np.cumsum(loads.revenue_growth + loads.revenue * world.places.pressure, axis=1)
    own = world.firms.size[:, None] + persistent(draws, shape, *world.settings.noise.revenue)
    relative = own - loads.size * world.pressure * (own - CENTRE)
    revenue = _cents(AVERAGE_REVENUE * np.exp(trend[industry] + relative))
    noise = 0.01 * draws.standard_normal(shape)
    margin = 0.22 + world.places.margin_path[industry] + loads.margin_firm * world.margin + noise
    cogs = _cents(revenue * (1 - np.clip(margin, -0.3, 0.8)))
    staff = np.exp(np.log(40) + 0.8 * relative + 0.1 * draws.standard_normal(shape))
    return {"revenue": revenue, "cogs": cogs, "employees": np.maximum(3, np.rint(staff))}


def _expenses(world: World, growth: Growth, made: Columns, draws: np.random.Generator) -> Columns:
    """Effort grows with pressure whatever revenue does; R&D follows innovation and stands inside administration."""
    loads, effects, shape = world.settings.loadings, world.settings.planted, world.margin.shape
    start = growth.start(made["revenue"])
    path = growth(loads.effort_growth + loads.effort * world.pressure + 0.06 * draws.standard_normal(shape))
    management = np.exp(-0.1 * world.firms.management + 0.2 * draws.standard_normal(len(start)))[:, None]
    effort = 0.10 * start * np.exp(path)
    percent = np.maximum(0, effects.rd_intercept + effects.rd_slope * world.innovation)
    rd_spend = _cents(made["revenue"] * percent / 100)
    rd_expensed = _cents(rd_spend * 0.8)
    wages = made["employees"] * 60_000 * 1.05 ** np.arange(shape[1]) * np.exp(0.1 * draws.standard_normal(shape))
    return {
        "selling_expense": _cents(0.45 * effort * np.exp(0.05 * draws.standard_normal(shape))),
        "admin_expense": _cents(0.55 * effort * management + rd_expensed),
        "rd_expensed": rd_expensed,
        "rd_spend": rd_spend,
        "wages": _cents(wages),
        "taxes_surcharges": _cents(made["revenue"] * 0.006),
    }


def _assets(world: World, growth: Growth, made: Columns, draws: np.random.Generator) -> Columns:
    """Capital and inventories are built up under pressure; liquid assets grow with a short horizon."""
    loads, shape = world.settings.loadings, world.margin.shape
    start, n = growth.start(made["revenue"]), world.margin.shape[0]
    turnover = np.exp(-0.15 * world.firms.management + 0.2 * draws.standard_normal(n))[:, None]
    capital = growth(loads.capital_growth + loads.capital * world.pressure + 0.05 * draws.standard_normal(shape))
    fixed = 0.40 * start * turnover * np.exp(capital)
    build = growth(loads.inventory * world.pressure + 0.08 * draws.standard_normal(shape))
    stock = np.exp(-0.2 * world.firms.management + 0.2 * draws.standard_normal(n))[:, None]
    intangibles = 0.05 * start * np.exp(capital + 0.1 * draws.standard_normal((n, 1)))
    liquid = (fixed + intangibles) * 0.10 * np.exp(0.4 * world.short_termism + 0.15 * draws.standard_normal(shape))
    return {
        "fixed_assets": _cents(fixed),
        "intangibles": _cents(intangibles),
        "inventory": _cents(0.15 * made["revenue"] * stock * np.exp(build)),
        "receivables": _cents(0.18 * made["revenue"] * np.exp(0.1 * draws.standard_normal(shape))),
        "trading_assets": _cents(0.6 * liquid),
        "short_term_investments": _cents(0.4 * liquid),
        "depreciation": _cents(0.09 * fixed),
    }


def _profit(made: Columns) -> Columns:
    """Operating profit before financial items, as the accounts have it."""
    costs = made["cogs"] + made["selling_expense"] + made["admin_expense"] + made["taxes_surcharges"]
    return {"op_profit": _cents(made["revenue"] - costs)}


def _debt_and_cash(world: World, growth: Growth, made: Columns, draws: np.random.Generator) -> Columns:
    """A constrained firm holds less cash, owes more and dearer, and earns less cash than its profit says."""
    tight, shape = world.constraint, world.margin.shape
    core = made["fixed_assets"] + made["intangibles"] + made["inventory"] + made["receivables"]
    noise = draws.standard_normal((4, *shape))
    cash = _cents(0.12 * core * np.exp(-0.35 * tight + 0.15 * noise[0]))
    short = _cents(0.16 * core * np.exp(0.20 * tight + 0.10 * noise[1]))
    long = _cents(0.08 * core * np.exp(0.20 * tight + 0.10 * noise[2]))
    interest = _cents((short + long) * 0.06 * np.exp(0.20 * tight + 0.05 * noise[3]))
    current = _cents(made["inventory"] + made["receivables"] + made["trading_assets"] + cash)
    current = _cents(current + made["short_term_investments"])
    owed = _cents(short + 0.20 * made["cogs"])
    total = _cents(made["op_profit"] - interest)
    net = _cents(total - 0.15 * np.maximum(total, 0))
    tied = growth.change(made["inventory"]) + growth.change(made["receivables"])
    return {
        "cash": cash,
        "short_term_debt": short,
        "long_term_debt": long,
        "interest": interest,
        "current_assets": current,
        "current_liabilities": owed,
        "liabilities": _cents(owed + long),
        "total_assets": _cents(current + made["fixed_assets"] + made["intangibles"]),
        "total_profit": total,
        "net_profit": net,
        "cfo": _cents(net + made["depreciation"] + interest - 0.5 * tied - 0.03 * tight * core),
        "capex": _cents(np.maximum(0, growth.change(made["fixed_assets"]) + made["depreciation"])),
        "dividends_interest": _cents(interest + 0.2 * np.maximum(net, 0)),
    }


def _outputs(world: World, made: Columns, draws: np.random.Generator) -> Columns:
    """Patents, new products, people in R&D and the words of the report; utility models are a placebo."""
    effects, shape = world.settings.planted, world.margin.shape
    shared, noise = 1 / 0.6, draws.standard_normal((3, *shape))
    invention = np.exp(effects.patents_intercept + effects.patents_slope * world.innovation)
    inventions = draws.poisson(invention * draws.gamma(0.6, shared, shape)).astype(float)
    utility = draws.poisson(1.2 * draws.gamma(0.6, shared, shape)).astype(float)
    opportunity = world.firms.opportunity[:, None]
    novel = 1 / (1 + np.exp(1.8 - 0.4 * world.innovation - 0.4 * opportunity - 0.3 * noise[0]))
    research = 1 / (1 + np.exp(2.5 - 0.4 * opportunity - 0.1 * noise[1]))
    words = np.rint(8_000 * np.exp(0.2 * noise[2]))
    return {
        "new_product_sales": _cents(made["revenue"] * novel),
        "rd_staff": np.rint(made["employees"] * research),
        "patents": inventions + utility,
        "patents_invention": inventions,
        "patents_utility": utility,
        "citations": draws.poisson(2.0 * inventions).astype(float),
        "myopia_words": draws.poisson(words * 0.006 * np.exp(0.3 * world.short_termism)).astype(float),
        "total_words": words,
    }


def _frame(world: World, made: Columns, draws: Streams) -> pd.DataFrame:
    """Rows that exist in the years that are written."""
    import pandas as pd

    settings, firms = world.settings, world.firms
    written = world.present[:, settings.burn_in :]
    row, year = np.nonzero(written)

    def taken(values: Floats) -> Floats:
        return values[:, settings.burn_in :][row, year]

    frame = pd.DataFrame(_codes(world, row, year))
    for name, values in made.items():
        frame[name] = taken(values)
    small = frame["employees"] < SMALL
    hidden = small & (draws["missing"].uniform(size=len(frame)) < settings.unreported)
    frame.loc[hidden, ["rd_expensed", "rd_spend"]] = np.nan
    born = settings.first_year - settings.burn_in + firms.entry
    frame["birth_year"] = np.where(firms.incumbent, born - draws["missing"].integers(1, 25, len(born)), born)[row]
    frame["exit"] = taken(world.leaves.astype(float)).astype(np.int64)
    whole = [name for name in ("employees", *_COUNTS) if name in frame]
    frame[whole] = frame[whole].astype(np.int64)
    traits = (firms.opportunity[:, None], firms.management[:, None])
    states = (world.pressure, world.margin, world.short_termism, world.constraint, world.innovation)
    wide = (*states, *(np.broadcast_to(trait, world.margin.shape) for trait in traits), world.exposure)
    wide = (*wide, expected_rd_intensity(world), world.event_effect)
    return frame.assign(**{name: np.round(taken(values), 8) for name, values in zip(LATENT, wide, strict=True)})


def expected_rd_intensity(world: World) -> Floats:
    """Expected R&D in per cent of revenue given everything that is planted, over what moves innovation besides.

    Notes
    -----
    R&D is ``max(0, x)`` with x normal, mean m and standard deviation s: its expectation is ``m Phi(m/s) + s phi(m/s)``.
    """
    from scipy.special import ndtr

    effects, noise = world.settings.planted, world.settings.noise
    mean = effects.rd_intercept + effects.rd_slope * world.expected_innovation
    deviation = effects.rd_slope * float(np.hypot(np.hypot(noise.innovation, noise.year), noise.innovation_shock[1]))
    density = np.exp(-0.5 * (mean / deviation) ** 2) / np.sqrt(2 * np.pi)
    return np.asarray(mean * ndtr(mean / deviation) + deviation * density)


_COUNTS = (
    "rd_staff", "patents", "patents_invention", "patents_utility", "citations", "myopia_words", "total_words",
)  # fmt: skip


def _codes(world: World, row: np.ndarray, year: np.ndarray) -> dict[str, object]:
    """Keys and codes of the rows, as text."""
    firms, settings = world.firms, world.settings
    industries, regions = industry_codes(settings.industries), region_codes(settings.cities)
    owners = np.where(np.arange(len(firms.city)) % 20 == 7, "soe", np.where(firms.city % 13 == 5, "foreign", "private"))
    return {
        "firm": [f"{number + 1:06d}" for number in row],
        "year": settings.first_year + year,
        "industry": np.asarray(industries)[firms.industry[row]],
        "region": np.asarray(regions)[firms.city[row]],
        "ownership": owners[row],
    }


def industry_codes(count: int) -> list[str]:
    """Three-digit codes of manufacturing, two to a division: C131, C132, C141, ..."""
    codes = [f"C{13 + number // 2}{1 + number % 2}" for number in range(count)]
    return [code if len(code) == 4 else f"C9{number:02d}" for number, code in enumerate(codes)]


def region_codes(count: int) -> list[str]:
    """Six-digit codes of cities, in provinces of two and more."""
    provinces = [11, 12, 13, 14, 21, 22, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 50, 51, 61]
    return [f"{provinces[number % 20]}{1 + number // 20:02d}00" for number in range(count)]
