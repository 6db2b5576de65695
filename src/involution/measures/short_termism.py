"""Managerial short-termism: what is said, what is held, and how earnings are managed.

R&D is in none of the items, so that short-termism can be a mediator of R&D: the sales and administrative expenses and
the operating cash flow of earnings management are taken before R&D, and R&D cancels out of accruals (profit less cash
flow).
"""

from __future__ import annotations

import numpy as np

from involution.measures.cell_regression import regress_by_cell
from involution.measures.effort import spending_before_rd
from involution.measures.registry import measure_entry
from involution.measures.standardise import mean_of_zscores
from involution.measures.view import Floats, View, ratio

ITEMS = ("myopia", "short_term_tilt", "real_earnings_management", "discretionary_accruals")


@measure_entry(
    "myopia",
    "Managerial myopia in words",
    "管理者短视文本指标",
    "100 x myopia_words / total_words; missing if there are no words",
    unit="percent",
    family="short_termism",
    source="Hu, Xue and Wang 2021",
    needs=("myopia_words", "total_words"),
)
def myopia(panel: View) -> Floats:
    """Short-horizon words, percent of the words of the report."""
    return 100 * ratio(panel["myopia_words"], panel["total_words"])


@measure_entry(
    "short_term_tilt",
    "Tilt to short-term assets",
    "短期资产倾向",
    "F / (F + fixed_assets + intangibles), F = trading_assets + short_term_investments; missing if that sum is <= 0",
    unit="share",
    family="short_termism",
    needs=("trading_assets", "short_term_investments", "fixed_assets", "intangibles"),
)
def short_term_tilt(panel: View) -> Floats:
    """Short-term financial assets as a share of these and of long-lived assets; missing where there are none."""
    short = panel["trading_assets"] + panel["short_term_investments"]
    return ratio(short, short + panel["fixed_assets"] + panel["intangibles"])


@measure_entry(
    "real_earnings_management",
    "Real earnings management",
    "真实盈余管理",
    "abnormal (cogs + change of inventory) - abnormal (cfo + rd_expensed) - abnormal (selling_expense + admin_expense "
    "- rd_expensed), all by A = total_assets of t-1: residuals by industry-year (at least 15 firms) on an intercept, "
    "1/A, and revenue and its changes by A",
    unit="share of assets of t-1",
    family="short_termism",
    source="Roychowdhury 2006, before R&D",
    needs=(
        "firm", "year", "industry", "revenue", "cogs", "inventory", "cfo", "selling_expense", "admin_expense",
        "rd_expensed", "total_assets",
    ),
    of_population=True,
)  # fmt: skip
def real_earnings_management(panel: View) -> Floats:
    r"""Overproduction, less abnormal cash flow, less abnormal discretionary expenses.

    Notes
    -----
    With S revenue and A total assets, within each industry-year

    .. math::
        PROD_t / A_{t-1} &= a + b / A_{t-1} + c S_t / A_{t-1} + d \Delta S_t / A_{t-1}
            + e \Delta S_{t-1} / A_{t-1} + u \\
        CFO_t / A_{t-1} &= a + b / A_{t-1} + c S_t / A_{t-1} + d \Delta S_t / A_{t-1} + v \\
        EXP_t / A_{t-1} &= a + b / A_{t-1} + c S_{t-1} / A_{t-1} + w

    and the measure is u - v - w. Each regression takes the firms that have its variables, and needs 15 of them.
    """
    revenue = panel["revenue"]
    change = panel.change(revenue)
    assets = panel.lag(panel["total_assets"])
    size, sales, growth, earlier_growth, earlier_sales = (
        ratio(part, assets) for part in (np.ones(len(panel)), revenue, change, panel.lag(change), panel.lag(revenue))
    )

    def abnormal(amount: Floats, *drivers: Floats) -> Floats:
        return regress_by_cell(panel.industry_years, ratio(amount, assets), drivers, intercept=True).residuals

    production = abnormal(panel["cogs"] + panel.change(panel["inventory"]), size, sales, growth, earlier_growth)
    cash_flow = abnormal(panel["cfo"] + panel["rd_expensed"], size, sales, growth)
    expense = abnormal(spending_before_rd(panel), size, earlier_sales)
    return production - cash_flow - expense


@measure_entry(
    "discretionary_accruals",
    "Discretionary accruals, absolute",
    "可操纵性应计利润绝对值",
    "absolute value of (net_profit - cfo) / A - b1 / A - b2 (change of revenue - change of receivables) / A - "
    "b3 fixed_assets / A, A = total_assets of t-1; b estimated by industry-year (at least 15 firms) with the change of "
    "revenue alone",
    unit="share of assets of t-1",
    family="short_termism",
    source="Dechow, Sloan and Sweeney 1995",
    needs=(
        "firm", "year", "industry", "revenue", "receivables", "fixed_assets", "net_profit", "cfo", "total_assets",
    ),
    of_population=True,
)  # fmt: skip
def discretionary_accruals(panel: View) -> Floats:
    """Size of the accruals that the modified Jones model leaves unexplained.

    Notes
    -----
    The coefficients are those of the Jones model (without an intercept); the modification, credit sales taken out of
    the growth of revenue, enters the prediction. What it adds to the residual is b2 times the growth of receivables.
    """
    assets = panel.lag(panel["total_assets"])
    accruals, size, growth, credit, property_ = (
        ratio(part, assets)
        for part in (
            panel["net_profit"] - panel["cfo"],
            np.ones(len(panel)),
            panel.change(panel["revenue"]),
            panel.change(panel["receivables"]),
            panel["fixed_assets"],
        )
    )
    cells = panel.industry_years
    jones = regress_by_cell(cells, accruals, (size, growth, property_), intercept=False)
    return np.abs(jones.residuals + cells.spread(jones.slopes[:, 1]) * credit)


@measure_entry(
    "short_termism",
    "Short-termism",
    "短期主义",
    f"mean of the z-scores (winsorised 1/99 within year) of those of {', '.join(ITEMS)} that the panel has; missing if "
    "one of these is",
    unit="SD",
    family="short_termism",
    needs=("year",),
    any_of=ITEMS,
)
def short_termism(panel: View) -> Floats:
    """Mean of the standardised items that the panel has."""
    return mean_of_zscores(panel, ITEMS)
