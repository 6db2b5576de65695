"""Ever more effort, ever less return: growth without profit, the effort-return gap, inventories, capital.

Growth is that of `View.growth`: a difference of logs where both years are positive, else the symmetric growth rate,
so that firms with losses or without value added stay in. R&D is neither effort nor a cost of profit here: an index
of competition that explains innovation must not hold it.
"""

from __future__ import annotations

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.view import Floats, View, shared

PROFIT = ("op_profit", "rd_expensed")
VALUE_ADDED = ("depreciation", "wages", "taxes_surcharges", *PROFIT)
EFFORT = ("selling_expense", "admin_expense", "rd_expensed", "fixed_assets", "inventory")


def profit_before_rd(panel: View) -> Floats:
    """Operating profit with the R&D charged to it added back.

    Parameters
    ----------
    panel : View

    Returns
    -------
    array, shape (n,)
        Missing where either item is: R&D that is not reported is not zero.
    """
    return panel["op_profit"] + panel["rd_expensed"]


def value_added(panel: View) -> Floats:
    """Value added by the income method: depreciation, wages, taxes and surcharges, profit before R&D.

    Parameters
    ----------
    panel : View

    Returns
    -------
    array, shape (n,)
        May be negative; missing where an item is.
    """
    return panel["depreciation"] + panel["wages"] + panel["taxes_surcharges"] + profit_before_rd(panel)


def spending_before_rd(panel: View) -> Floats:
    """Selling and administrative expense without the R&D in it; missing where an item is."""
    return panel["selling_expense"] + panel["admin_expense"] - panel["rd_expensed"]


@shared
def _sales_growth(panel: View) -> Floats:
    return panel.growth(panel["revenue"])


@shared
def _value_added_growth(panel: View) -> Floats:
    return panel.growth(value_added(panel))


@shared
def _effort_growth(panel: View) -> Floats:
    """Mean growth of what is spent on selling and running the firm, without R&D, and of what is tied up in it."""
    tied_up = panel["fixed_assets"] + panel["inventory"]
    return 0.5 * (panel.growth(spending_before_rd(panel)) + panel.growth(tied_up))


@measure_entry(
    "growth_without_profit",
    "Growth without profit",
    "增收不增利",
    "1 if g(revenue) > 0 and the change of op_profit + rd_expensed from t-1 is <= 0, else 0; missing if either is",
    unit="0/1",
    family="squeeze",
    direction="+",
    needs=("firm", "year", "revenue", *PROFIT),
)
def growth_without_profit(panel: View) -> Floats:
    """Whether sales grew and profit before R&D did not."""
    sales, profit = _sales_growth(panel), panel.change(profit_before_rd(panel))
    known = ~np.isnan(sales) & ~np.isnan(profit)
    return np.where(known, (sales > 0) & (profit <= 0), np.nan)


@measure_entry(
    "effort_return_gap",
    "Effort-return gap",
    "投入产出缺口",
    "1/2 [g(selling_expense + admin_expense - rd_expensed) + g(fixed_assets + inventory)] - g(value added), value "
    "added = depreciation + wages + taxes_surcharges + op_profit + rd_expensed",
    unit="log points",
    family="effort",
    direction="+",
    needs=("firm", "year", *dict.fromkeys(EFFORT + VALUE_ADDED)),
)
def effort_return_gap(panel: View) -> Floats:
    """Growth of effort beyond that of value added."""
    return _effort_growth(panel) - _value_added_growth(panel)


@measure_entry(
    "effort_return_gap_revenue",
    "Effort-return gap, revenue as the return",
    "投入产出缺口(以营业收入计)",
    "1/2 [g(selling_expense + admin_expense - rd_expensed) + g(fixed_assets + inventory)] - g(revenue)",
    unit="log points",
    family="effort",
    direction="+",
    needs=("firm", "year", "revenue", *EFFORT),
)
def effort_return_gap_revenue(panel: View) -> Floats:
    """Growth of effort beyond that of revenue; no profit inside."""
    return _effort_growth(panel) - _sales_growth(panel)


@measure_entry(
    "inventory_build",
    "Inventory build-up",
    "存货积压",
    "g(inventory) - g(revenue)",
    unit="log points",
    family="effort",
    direction="+",
    needs=("firm", "year", "inventory", "revenue"),
)
def inventory_build(panel: View) -> Floats:
    """Growth of inventories beyond that of revenue."""
    return panel.growth(panel["inventory"]) - _sales_growth(panel)


@measure_entry(
    "mrpk_fall",
    "Fall of the revenue product of capital",
    "资本边际收益下降",
    "g(fixed_assets) - g(depreciation + wages + taxes_surcharges + op_profit + rd_expensed)",
    unit="log points",
    family="effort",
    direction="+",
    needs=("firm", "year", "fixed_assets", *VALUE_ADDED),
)
def mrpk_fall(panel: View) -> Floats:
    """Growth of fixed assets beyond that of value added: the fall of the log of their average product."""
    return panel.growth(panel["fixed_assets"]) - _value_added_growth(panel)
