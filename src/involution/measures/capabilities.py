"""Dual capabilities: identifying opportunities and managing operations, both before the year they moderate.

Total factor productivity is not among the items of management: estimated from revenue it holds the very prices and
margins that competition moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.standardise import mean_before, mean_of, winsorised, zscores
from involution.measures.view import Floats, View, positive, ratio

OPPORTUNITY = ("patent_breadth", "rd_staff_share", "new_product_share")
OPERATION = ("asset_turnover", "inventory_turnover", "lean_administration")


def _earlier(panel: View, names: Sequence[str]) -> Floats:
    """Mean over the items that the panel has of their z-scores' means over t-3..t-1."""
    return mean_of([mean_before(panel, item) for item in zscores(panel, names)] or [np.full(len(panel), np.nan)])


@measure_entry(
    "patent_breadth",
    "Technological breadth of patents",
    "专利技术广度",
    "1 - sum of squared shares of the columns ipc_* in their sum; missing if that is not positive or one is missing",
    unit="0-1",
    family="capabilities",
    needs=("ipc_*",),
)
def patent_breadth(panel: View) -> Floats:
    """One minus the concentration of the year's applications over IPC classes."""
    classes = panel.starting_with("ipc_")
    total, squares = (sum((panel[name] ** k for name in classes), start=np.zeros(len(panel))) for k in (1, 2))
    return 1 - ratio(squares, np.where(total > 0, total**2, np.nan))


@measure_entry(
    "rd_staff_share",
    "Share of R&D staff",
    "研发人员占比",
    "rd_staff / employees",
    unit="share",
    family="capabilities",
    needs=("rd_staff", "employees"),
)
def rd_staff_share(panel: View) -> Floats:
    """Share of the staff that does R&D."""
    return ratio(panel["rd_staff"], panel["employees"])


@measure_entry(
    "asset_turnover",
    "Asset turnover",
    "总资产周转率",
    "revenue / total_assets",
    unit="times a year",
    family="capabilities",
    needs=("revenue", "total_assets"),
)
def asset_turnover(panel: View) -> Floats:
    """Sales by assets."""
    return ratio(panel["revenue"], panel["total_assets"])


@measure_entry(
    "inventory_turnover",
    "Inventory turnover",
    "存货周转率",
    "cogs / inventory; missing if there is none",
    unit="times a year",
    family="capabilities",
    needs=("cogs", "inventory"),
)
def inventory_turnover(panel: View) -> Floats:
    """Costs of what is sold by what is in stock."""
    return ratio(panel["cogs"], panel["inventory"])


@measure_entry(
    "lean_administration",
    "Lean administration",
    "管理精简度",
    "minus the residual of (admin_expense - rd_expensed) / revenue (winsorised 1/99 within year) on ln(total_assets) "
    "and industry effects, over all years",
    unit="share",
    family="capabilities",
    needs=("year", "industry", "revenue", "admin_expense", "rd_expensed", "total_assets"),
    of_population=True,
)
def lean_administration(panel: View) -> Floats:
    """How far administrative expense before R&D stays below that of firms of the size and industry."""
    share = winsorised(panel, ratio(panel["admin_expense"] - panel["rd_expensed"], panel["revenue"]))
    size = np.log(positive(panel["total_assets"]))
    industries = panel.cells("industry")
    known = ~np.isnan(share + size)
    share, size = (
        part - industries.mean(part) for part in (np.where(known, share, np.nan), np.where(known, size, np.nan))
    )
    varies = np.nansum(size**2)
    slope = np.nansum(share * size) / varies if varies > 0 else 0.0
    return slope * size - share


@measure_entry(
    "opportunity_identification",
    "Opportunity identification",
    "机会识别能力",
    f"mean of t-3..t-1 (at least two observed) of the z-scores (winsorised 1/99 within year) of those of "
    f"{', '.join(OPPORTUNITY)} that the panel has, averaged over these",
    unit="SD",
    family="capabilities",
    needs=("firm", "year"),
    any_of=OPPORTUNITY,
)
def opportunity_identification(panel: View) -> Floats:
    """Breadth of patents, R&D staff and new products over the three years before."""
    return _earlier(panel, OPPORTUNITY)


@measure_entry(
    "operation_management",
    "Operation management",
    "运营管理能力",
    f"mean of t-3..t-1 (at least two observed) of the z-scores (winsorised 1/99 within year) of those of "
    f"{', '.join(OPERATION)} that the panel has, averaged over these",
    unit="SD",
    family="capabilities",
    needs=("firm", "year"),
    any_of=OPERATION,
)
def operation_management(panel: View) -> Floats:
    """Turnover of assets and inventories and lean administration over the three years before."""
    return _earlier(panel, OPERATION)


@measure_entry(
    "dual_capability",
    "Dual capability",
    "双元能力",
    "opportunity_identification x operation_management",
    unit="SD squared",
    family="capabilities",
    needs=("opportunity_identification", "operation_management"),
)
def dual_capability(panel: View) -> Floats:
    """Product of the two capabilities; models that use it have both by themselves too."""
    return panel["opportunity_identification"] * panel["operation_management"]


@measure_entry(
    "capability_balance",
    "Balance of capabilities",
    "双元能力平衡度",
    "minus the absolute difference of opportunity_identification and operation_management",
    unit="SD",
    family="capabilities",
    needs=("opportunity_identification", "operation_management"),
)
def capability_balance(panel: View) -> Floats:
    """How near to each other the two capabilities are; zero at most."""
    return -np.abs(panel["opportunity_identification"] - panel["operation_management"])
