"""What a firm keeps of its sales, and how much less than before."""

from __future__ import annotations

from involution.measures.registry import measure_entry
from involution.measures.standardise import mean_before
from involution.measures.view import Floats, View, ratio


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
def gross_margin(panel: View) -> Floats:
    """Gross margin, a share of revenue."""
    return ratio(panel["revenue"] - panel["cogs"], panel["revenue"])


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
def price_cost_margin(panel: View) -> Floats:
    """Price-cost margin before R&D, a share of revenue."""
    costs = panel["cogs"] + panel["selling_expense"] + panel["admin_expense"] - panel["rd_expensed"]
    return ratio(panel["revenue"] - costs, panel["revenue"])


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
def margin_compression(panel: View) -> Floats:
    """Fall of the gross margin below its mean of the three years before."""
    margin = panel["gross_margin"]
    return mean_before(panel, margin) - margin
