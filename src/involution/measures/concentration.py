"""How an industry's sales are spread over its firms.

Shares are of the sales of all firms of the industry-year with positive revenue. The leave-one-out forms share
the sales of the *other* firms among them (shares renormalised over k != i), so that a firm's own size is not in
its own measure of competition.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.measures.registry import measure_entry

NEEDS = ("industry", "year", "revenue")


def _seller(panel: pd.DataFrame) -> pd.Series:
    """Revenue of firms that sell and whose industry is known, else missing."""
    return panel["revenue"].where((panel["revenue"] > 0) & panel["industry"].notna() & panel["year"].notna())


def _industry_years(panel: pd.DataFrame) -> list[pd.Series]:
    return [panel["industry"], panel["year"]]


def _total(panel: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Sum over the industry-year, on every row of it; missing where no value is."""
    return values.groupby(_industry_years(panel), sort=False).transform("sum", min_count=1)


def _shares(panel: pd.DataFrame) -> pd.Series:
    sales = _seller(panel)
    return sales / _total(panel, sales)


def _sum_of_shares(panel: pd.DataFrame, largest: int) -> pd.Series:
    shares = _shares(panel)
    order = shares.groupby(_industry_years(panel), sort=False).rank(method="first", ascending=False)
    return _total(panel, shares.where(order <= largest))


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
def n_firms(panel: pd.DataFrame) -> pd.Series:
    """Firms with positive revenue in the industry-year."""
    counts = _seller(panel).groupby(_industry_years(panel), sort=False).transform("count")
    return counts.astype(float).where(panel["industry"].notna())


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
def hhi(panel: pd.DataFrame) -> pd.Series:
    """Sum of squared shares."""
    return _total(panel, _shares(panel) ** 2)


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
def cr4(panel: pd.DataFrame) -> pd.Series:
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
def cr8(panel: pd.DataFrame) -> pd.Series:
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
def entropy(panel: pd.DataFrame) -> pd.Series:
    """Entropy of the shares."""
    shares = _shares(panel)
    # Adding zero turns the minus zero of a monopoly into zero.
    return -_total(panel, shares * np.log(shares)) + 0.0


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
def fragmentation(panel: pd.DataFrame) -> pd.Series:
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
def hhi_loo(panel: pd.DataFrame) -> pd.Series:
    """Herfindahl-Hirschman index of the other firms; missing without another seller.

    Notes
    -----
    With shares s of all firms the others of firm i have ``(sum s^2 - s_i^2) / (1 - s_i)^2``. Those differences lose
    their digits where one firm has nearly all sales, which only the largest can have: its others are summed directly.
    """
    shares = _shares(panel)
    order = shares.groupby(_industry_years(panel), sort=False).rank(method="first", ascending=False)
    own = shares.fillna(0.0)
    index = (_total(panel, shares**2) - own**2) / (1 - own) ** 2
    smaller = _seller(panel).where(order > 1)
    of_smaller = _total(panel, (smaller / _total(panel, smaller)) ** 2)
    return index.where(order != 1, of_smaller)


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
def fragmentation_loo(panel: pd.DataFrame) -> pd.Series:
    """One minus the leave-one-out Herfindahl-Hirschman index."""
    return 1 - panel["hhi_loo"]
