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
    needs=NEEDS,
    level="industry",
    of_population=True,
)
def fragmentation(panel: pd.DataFrame) -> pd.Series:
    """One minus the Herfindahl-Hirschman index."""
    return 1 - hhi(panel)


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
    With total S, sum of squares Q and own revenue x the others have ``(Q - x^2) / (S - x)^2``. Where one firm has
    nearly all sales those differences lose their digits, so the sums are taken over the others directly there.
    """
    sales = _seller(panel)
    groups = _industry_years(panel)
    others = sales.groupby(groups, sort=False).transform("count") - sales.notna().astype(float)
    own = sales.fillna(0.0)
    # Scaling by the industry's largest firm changes no share and keeps the squares in range.
    largest = sales.groupby(groups, sort=False).transform("max")
    scaled, own = sales / largest, own / largest
    total, squares = _total(panel, scaled), _total(panel, scaled**2)
    rest = total - own
    index = (squares - own**2) / rest**2
    index = index.where(rest > 1e-4 * total, _direct_hhi_loo(panel, scaled, rest <= 1e-4 * total))
    return index.where((others >= 1) & panel["industry"].notna())


def _direct_hhi_loo(panel: pd.DataFrame, sales: pd.Series, rows: pd.Series) -> pd.Series:
    """The index by summing over the others, for the few rows where differences would cancel."""
    out = pd.Series(np.nan, index=panel.index)
    chosen = rows & sales.notna()
    if not chosen.any():
        return out
    keys = pd.MultiIndex.from_arrays(_industry_years(panel))
    grouped = pd.Series(np.arange(len(panel))).groupby(keys, sort=False).indices
    values = sales.to_numpy()
    for position in np.flatnonzero(chosen.to_numpy()):
        members = grouped[keys[position]]
        others = values[members[members != position]]
        others = others[~np.isnan(others)]
        if len(others):
            out.iloc[position] = float(np.sum((others / others.sum()) ** 2))
    return out


@measure_entry(
    "fragmentation_loo",
    "Fragmentation, firm left out",
    "市场分散度(剔除本企业)",
    "1 - hhi_loo",
    unit="0-1",
    family="crowding",
    direction="+",
    needs=NEEDS,
    level="industry",
    leave_one_out=True,
    of_population=True,
)
def fragmentation_loo(panel: pd.DataFrame) -> pd.Series:
    """One minus the leave-one-out Herfindahl-Hirschman index."""
    return 1 - hhi_loo(panel)
