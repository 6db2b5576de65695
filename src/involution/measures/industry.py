"""What an industry goes through: entry and exit, dispersion of margins, profit elasticity, price falls, capacity."""

from __future__ import annotations

import numpy as np

from involution.measures.cells import Ordered
from involution.measures.elasticity import slopes
from involution.measures.registry import measure_entry
from involution.measures.view import Codes, Floats, View, positive, ratio, shared

MIN_FIRMS = 30
"""Firms with a positive profit from which an industry-year gets a profit elasticity."""
_OF_MARGINS = ("industry", "year", "price_cost_margin")


@shared
def _ordered_margins(panel: View) -> Ordered:
    return panel.industry_years.ordered(panel["price_cost_margin"])


def _first_and_last_year(panel: View) -> tuple[Codes, Codes]:
    """First and last year in which each row's firm stands in the panel."""
    firm, year = panel.firm, panel.year
    n_firms = int(firm.max(initial=-1)) + 1
    first, last = np.full(n_firms, year.max()), np.full(n_firms, year.min())
    np.minimum.at(first, firm, year)
    np.maximum.at(last, firm, year)
    return first[firm], last[firm]


@measure_entry(
    "churn",
    "Churn of firms",
    "企业进出率",
    "(entrants + exits) / firms of the industry-year; entrant: the firm's first year in the panel, unless that is the "
    "panel's first; exit: its last year, unless that is the panel's last",
    unit="share",
    family="concentration",
    source="Dunne, Roberts and Samuelson 1988",
    needs=("firm", "year", "industry"),
    level="industry",
    of_population=True,
)
def churn(panel: View) -> Floats:
    """Firms that come and firms that leave after the year, a share of the firms there.

    Notes
    -----
    A year in which a firm has no row between others is neither an exit nor an entry; a firm that stays one year counts
    twice. In the panel's first year no entrant is known and in its last no exit: churn is lower there by construction.
    """
    if not len(panel):
        return np.zeros(0)
    year = panel.year
    first, last = _first_and_last_year(panel)
    entrant = (year == first) & (year > year.min())
    leaver = (year == last) & (year < year.max())
    return panel.industry_years.mean(entrant.astype(float) + leaver)


@measure_entry(
    "margin_dispersion",
    "Dispersion of margins",
    "利润率离散度",
    "75 % less 25 % quantile of price_cost_margin in the industry-year, by linear interpolation",
    unit="share points",
    family="margins",
    needs=_OF_MARGINS,
    level="industry",
    of_population=True,
)
def margin_dispersion(panel: View) -> Floats:
    """Interquartile range of the price-cost margin over the industry's firms."""
    low, high = (_ordered_margins(panel).quantile(at) for at in (0.25, 0.75))
    return panel.industry_years.spread(high - low)


@measure_entry(
    "profit_elasticity",
    "Profit elasticity",
    "利润弹性",
    "phi of the industry-year in ln(revenue - cogs) = firm + year - phi ln(cogs / revenue), one least-squares fit over "
    "all industry-years with at least 30 firms with cogs > 0 and revenue > cogs, else missing",
    unit="elasticity",
    family="margins",
    direction="+",
    source="Boone, van Ours and van der Wiel 2007",
    needs=("firm", "year", "industry", "revenue", "cogs"),
    level="industry",
    of_population=True,
)
def profit_elasticity(panel: View) -> Floats:
    """How many percent of its profit a firm loses to one percent more cost per sales: higher where competition is hard.

    Notes
    -----
    Losses drop out, having no logarithm. An industry-year whose slope the firms and years leave undetermined, as where
    each of its firms is seen but once, has none.
    """
    sales, cost = panel["revenue"], panel["cogs"]
    sound = (cost > 0) & (sales > cost)
    profit = np.log(np.where(sound, sales - cost, np.nan))
    share = np.log(ratio(cost, np.where(sound, sales, np.nan)))
    cells = panel.industry_years
    rows = np.flatnonzero(cells.member & (cells.count(profit) >= MIN_FIRMS) & ~np.isnan(profit))
    fitted = slopes(profit[rows], share[rows], panel.firm[rows], panel.years.codes[rows], cells.codes[rows])
    found = np.full(cells.n_cells, np.nan)
    found[: len(fitted)] = -fitted
    return cells.spread(found)


@measure_entry(
    "price_deflation",
    "Price deflation",
    "价格下降",
    "-ln(ppi / 100), ppi with the previous year = 100; missing if ppi <= 0",
    unit="log points",
    family="squeeze",
    direction="+",
    needs=("ppi",),
    level="industry",
)
def price_deflation(panel: View) -> Floats:
    """Fall of the industry's producer prices from the year before."""
    return -np.log(positive(panel["ppi"]) / 100) + 0.0


@measure_entry(
    "lerner_competition",
    "Competition, one minus Lerner",
    "竞争程度(1-勒纳指数)",
    "1 - median of price_cost_margin in the industry-year",
    unit="share",
    family="margins",
    direction="+",
    source="Aghion et al. 2005, median for mean",
    needs=_OF_MARGINS,
    level="industry",
    of_population=True,
)
def lerner_competition(panel: View) -> Floats:
    """One minus the median price-cost margin of the industry's firms."""
    return 1 - panel.industry_years.spread(_ordered_margins(panel).quantile(0.5))


@measure_entry(
    "capacity_gap",
    "Idle capacity",
    "产能闲置率",
    "1 - capacity_utilization",
    unit="share",
    family="effort",
    direction="+",
    needs=("capacity_utilization",),
    level="industry",
)
def capacity_gap(panel: View) -> Floats:
    """Share of the industry's capacity that stands idle."""
    return 1 - panel["capacity_utilization"]
