"""Financing constraints: the headline index, its items, and the indices of the literature.

Higher is tighter in all of them. Amounts in millions are millions of the panel's currency.
"""

from __future__ import annotations

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.standardise import mean_of_zscores
from involution.measures.view import Floats, View, positive, ratio

ITEMS = ("cfo_constraint", "cash_constraint", "leverage", "interest_burden", "illiquidity")


def _dividends(panel: View) -> Floats:
    """What is left of the cash paid for dividends and interest after the interest; never negative."""
    return np.maximum(panel["dividends_interest"] - panel["interest"], 0.0)


def _debt(panel: View) -> Floats:
    return panel["short_term_debt"] + panel["long_term_debt"]


@measure_entry(
    "cfo_constraint",
    "Lack of operating cash flow",
    "经营现金流约束",
    "-cfo / total_assets of t-1",
    unit="share of assets of t-1",
    family="constraint",
    needs=("firm", "year", "cfo", "total_assets"),
)
def cfo_constraint(panel: View) -> Floats:
    """Operating cash flow by earlier assets, sign reversed."""
    return -ratio(panel["cfo"], panel.lag(panel["total_assets"]))


@measure_entry(
    "cash_constraint",
    "Lack of cash",
    "现金约束",
    "-cash / total_assets of t-1",
    unit="share of assets of t-1",
    family="constraint",
    needs=("firm", "year", "cash", "total_assets"),
)
def cash_constraint(panel: View) -> Floats:
    """Cash by earlier assets, sign reversed."""
    return -ratio(panel["cash"], panel.lag(panel["total_assets"]))


@measure_entry(
    "leverage",
    "Leverage",
    "有息负债率",
    "(short_term_debt + long_term_debt) / total_assets",
    unit="share of assets",
    family="constraint",
    needs=("short_term_debt", "long_term_debt", "total_assets"),
)
def leverage(panel: View) -> Floats:
    """Debt by assets."""
    return ratio(_debt(panel), panel["total_assets"])


@measure_entry(
    "interest_burden",
    "Interest burden",
    "利息负担",
    "interest / (short_term_debt + long_term_debt); missing if there is no debt",
    unit="share of debt",
    family="constraint",
    needs=("interest", "short_term_debt", "long_term_debt"),
)
def interest_burden(panel: View) -> Floats:
    """Interest paid by debt."""
    return ratio(panel["interest"], _debt(panel))


@measure_entry(
    "illiquidity",
    "Illiquidity",
    "流动性约束",
    "-current_assets / current_liabilities; missing if these are <= 0",
    unit="ratio",
    family="constraint",
    needs=("current_assets", "current_liabilities"),
)
def illiquidity(panel: View) -> Floats:
    """Current ratio, sign reversed."""
    return -ratio(panel["current_assets"], panel["current_liabilities"])


@measure_entry(
    "constraint",
    "Financing constraint",
    "融资约束",
    f"mean of the z-scores (winsorised 1/99 within year) of those of {', '.join(ITEMS)} that the panel has; missing if "
    "one of these is",
    unit="SD",
    family="constraint",
    needs=("year",),
    any_of=ITEMS,
)
def constraint(panel: View) -> Floats:
    """Mean of the standardised items that the panel has."""
    return mean_of_zscores(panel, ITEMS)


@measure_entry(
    "sa_index",
    "Size-age index",
    "SA指数",
    "-0.737 S + 0.043 S^2 - 0.040 age, S = ln(total_assets in millions, at most 4,500), age = year - birth_year, at "
    "most 37; missing before birth",
    unit="index",
    family="constraint",
    source="Hadlock and Pierce 2010",
    needs=("year", "total_assets", "birth_year"),
)
def sa_index(panel: View) -> Floats:
    """Size-age index, for splits of a sample at its beginning.

    Notes
    -----
    The parabola turns at assets of 5,270 millions, beyond the cap: in millions the index falls with size throughout.
    With the logarithm of single units of currency it would rise, and large firms would seem the most constrained.
    Firm and year effects absorb age, so it is no mediator in a model with both.
    """
    size = np.log(positive(np.minimum(panel["total_assets"] / 1e6, 4_500)))
    age = panel.year - panel["birth_year"]
    return -0.737 * size + 0.043 * size**2 - 0.040 * np.where(age >= 0, np.minimum(age, 37), np.nan)


@measure_entry(
    "ww_index",
    "Whited-Wu index",
    "WW指数",
    "-0.091 cfo / total_assets - 0.062 (1 if dividends_interest > interest) + 0.021 long_term_debt / total_assets - "
    "0.044 ln(total_assets in millions) + 0.102 growth of the revenue of the industry's firms selling in t and t-1 "
    "(relative) - 0.035 growth of revenue (relative)",
    unit="index",
    family="constraint",
    source="Whited and Wu 2006",
    needs=(
        "firm", "year", "industry", "revenue", "cfo", "dividends_interest", "interest", "long_term_debt",
        "total_assets",
    ),
    of_population=True,
)  # fmt: skip
def ww_index(panel: View) -> Floats:
    """Whited-Wu index.

    Notes
    -----
    The industry's growth is that of the firms with revenue in both years: a change in who is surveyed is no growth.
    """
    assets, revenue = panel["total_assets"], panel["revenue"]
    earlier = panel.lag(revenue)
    both = (revenue > 0) & (earlier > 0)
    now, before = (panel.industry_years.sum(np.where(both, part, np.nan)) for part in (revenue, earlier))
    dividends = _dividends(panel)
    pays = np.where(np.isnan(dividends), np.nan, dividends > 0)
    return (
        -0.091 * ratio(panel["cfo"], assets)
        - 0.062 * pays
        + 0.021 * ratio(panel["long_term_debt"], assets)
        - 0.044 * np.log(positive(assets / 1e6))
        + 0.102 * (ratio(now, before) - 1)
        - 0.035 * (ratio(revenue, earlier) - 1)
    )


@measure_entry(
    "kz_index",
    "Kaplan-Zingales index",
    "KZ指数",
    "-1.002 cfo / total_assets - 39.368 (dividends_interest - interest, at least 0) / total_assets - 1.315 cash / "
    "total_assets + 3.139 leverage + 0.283 tobin_q",
    unit="index",
    family="constraint",
    source="Kaplan and Zingales 1997; Lamont, Polk and Saa-Requejo 2001",
    needs=("cfo", "dividends_interest", "interest", "cash", "total_assets", "leverage", "tobin_q"),
)
def kz_index(panel: View) -> Floats:
    """Kaplan-Zingales index; firms without a market value have none."""
    assets = panel["total_assets"]
    return (
        -1.002 * ratio(panel["cfo"], assets)
        - 39.368 * ratio(_dividends(panel), assets)
        - 1.315 * ratio(panel["cash"], assets)
        + 3.139 * panel["leverage"]
        + 0.283 * panel["tobin_q"]
    )
