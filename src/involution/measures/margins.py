"""What a firm keeps of its sales, and how much less than before."""

from __future__ import annotations

import pandas as pd

from involution.measures.registry import measure_entry
from involution.measures.shifts import lagged


@measure_entry(
    "gross_margin",
    "Gross margin",
    "毛利率",
    "(revenue - cogs) / revenue; missing if revenue <= 0",
    unit="share",
    family="margins",
    direction="-",
    needs=("revenue", "cogs"),
)
def gross_margin(panel: pd.DataFrame) -> pd.Series:
    """Gross margin, a share of revenue."""
    revenue = panel["revenue"].where(panel["revenue"] > 0)
    return (revenue - panel["cogs"]) / revenue


@measure_entry(
    "price_cost_margin",
    "Price-cost margin",
    "价格成本加成率",
    "(revenue - cogs - selling_expense - admin_expense + rd_expensed) / revenue; missing if revenue <= 0",
    unit="share",
    family="margins",
    direction="-",
    source="Lerner 1934, accounting proxy before R&D",
    needs=("revenue", "cogs", "selling_expense", "admin_expense", "rd_expensed"),
)
def price_cost_margin(panel: pd.DataFrame) -> pd.Series:
    """Price-cost margin before R&D, a share of revenue."""
    revenue = panel["revenue"].where(panel["revenue"] > 0)
    costs = panel["cogs"] + panel["selling_expense"] + panel["admin_expense"] - panel["rd_expensed"]
    return (revenue - costs) / revenue


@measure_entry(
    "margin_compression",
    "Margin compression",
    "利润率压缩",
    "mean gross_margin of t-3..t-1 (at least two observed) - gross_margin of t",
    unit="share points",
    family="squeeze",
    direction="+",
    needs=("firm", "year", "gross_margin"),
)
def margin_compression(panel: pd.DataFrame) -> pd.Series:
    """Fall of the gross margin below its mean of the three years before."""
    margin = panel["gross_margin"]
    before = pd.concat([lagged(panel, margin, years) for years in (1, 2, 3)], axis=1)
    return before.mean(axis=1).where(before.notna().sum(axis=1) >= 2) - margin
