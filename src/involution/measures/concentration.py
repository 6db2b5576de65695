"""How an industry's sales are spread over its firms.

Shares are of the sales of all firms of the industry-year with positive revenue. The leave-one-out forms share
the sales of the *other* firms among them (shares renormalised over k != i), so that a firm's own size is not in
its own measure of competition.
"""

from __future__ import annotations

import numpy as np

from involution.measures.cells import Ordered
from involution.measures.registry import measure_entry
from involution.measures.view import Floats, View, positive, ratio, shared

NEEDS = ("industry", "year", "revenue")


@shared
def _sales(panel: View) -> Floats:
    """Revenue of firms that sell, else missing."""
    return positive(panel["revenue"])


@shared
def _shares(panel: View) -> Floats:
    sales = _sales(panel)
    return ratio(sales, panel.industry_years.sum(sales))


@shared
def _ordered_shares(panel: View) -> Ordered:
    return panel.industry_years.ordered(_shares(panel))


def _sum_of_shares(panel: View, largest: int) -> Floats:
    return panel.industry_years.spread(_ordered_shares(panel).sum_of_largest(largest))


@measure_entry(
    "n_firms",
    "Firms in the industry",
    "行业企业数",
    "count of firms with revenue > 0 in the industry-year",
    unit="firms",
    family="concentration",
    direction="+",
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def n_firms(panel: View) -> Floats:
    """Firms with positive revenue in the industry-year."""
    return panel.industry_years.count(_sales(panel))


@measure_entry(
    "hhi",
    "Herfindahl-Hirschman index",
    "赫芬达尔指数",
    "sum of squared revenue shares in the industry-year",
    unit="0-1",
    family="concentration",
    direction="-",
    source="Hirschman 1945; Herfindahl 1950",
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def hhi(panel: View) -> Floats:
    """Sum of squared shares."""
    return panel.industry_years.sum(_shares(panel) ** 2)


@measure_entry(
    "cr4",
    "Concentration ratio, four firms",
    "前四企业集中度",
    "sum of the four largest revenue shares in the industry-year",
    unit="0-1",
    family="concentration",
    direction="-",
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def cr4(panel: View) -> Floats:
    """Share of the four largest firms."""
    return _sum_of_shares(panel, 4)


@measure_entry(
    "cr8",
    "Concentration ratio, eight firms",
    "前八企业集中度",
    "sum of the eight largest revenue shares in the industry-year",
    unit="0-1",
    family="concentration",
    direction="-",
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def cr8(panel: View) -> Floats:
    """Share of the eight largest firms."""
    return _sum_of_shares(panel, 8)


@measure_entry(
    "entropy",
    "Entropy of sales shares",
    "销售份额熵",
    "-sum of share x ln(share) in the industry-year",
    unit="nats",
    family="concentration",
    direction="+",
    source="Theil 1967",
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def entropy(panel: View) -> Floats:
    """Entropy of the shares."""
    shares = _shares(panel)
    # Adding zero turns the minus zero of a monopoly into zero.
    return -panel.industry_years.sum(shares * np.log(shares)) + 0.0


@measure_entry(
    "fragmentation",
    "Fragmentation",
    "市场分散度",
    "1 - hhi",
    unit="0-1",
    family="crowding",
    direction="+",
    needs=("hhi",),
    level="industry",
    of_population=True,
)
def fragmentation(panel: View) -> Floats:
    """One minus the Herfindahl-Hirschman index."""
    return 1 - panel["hhi"]


@measure_entry(
    "hhi_loo",
    "Herfindahl-Hirschman index, firm left out",
    "赫芬达尔指数(剔除本企业)",
    "sum over the other firms of squared shares of the other firms' revenue",
    unit="0-1",
    family="concentration",
    direction="-",
    needs=NEEDS,
    level="industry",
    leave_one_out=True,
    of_population=True,
)
def hhi_loo(panel: View) -> Floats:
    """Herfindahl-Hirschman index of the other firms; missing without another seller.

    Notes
    -----
    With shares s of all firms the others of firm i have ``(sum s^2 - s_i^2) / (1 - s_i)^2``. Those differences lose
    their digits where one firm has nearly all sales, which only the largest can have: its others are summed directly.
    """
    cells, shares = panel.industry_years, _shares(panel)
    own = np.where(np.isnan(shares), 0.0, shares)
    index = ratio(cells.sum(shares**2) - own**2, (1 - own) ** 2)
    largest = cells.first_largest(shares)
    smaller = _sales(panel).copy()
    smaller[largest] = np.nan
    index[largest] = cells.sum(ratio(smaller, cells.sum(smaller)) ** 2)[largest]
    return index


@measure_entry(
    "fragmentation_loo",
    "Fragmentation, firm left out",
    "市场分散度(剔除本企业)",
    "1 - hhi_loo",
    unit="0-1",
    family="crowding",
    direction="+",
    needs=("hhi_loo",),
    level="industry",
    leave_one_out=True,
    of_population=True,
)
def fragmentation_loo(panel: View) -> Floats:
    """One minus the leave-one-out Herfindahl-Hirschman index."""
    return 1 - panel["hhi_loo"]
