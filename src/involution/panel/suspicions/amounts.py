"""Amounts and counts that cannot be: parts above their whole, losses beyond sales, units that do not go together."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from involution.panel.columns import kind
from involution.panel.suspicions.finding import Evidence, Finding, percent, share

PARTS: dict[str, tuple[str, ...]] = {
    "fixed_assets": ("total_assets",),
    "intangibles": ("total_assets",),
    "current_assets": ("total_assets",),
    "inventory": ("current_assets", "total_assets"),
    "receivables": ("current_assets", "total_assets"),
    "cash": ("current_assets", "total_assets"),
    "trading_assets": ("current_assets", "total_assets"),
    "short_term_investments": ("current_assets", "total_assets"),
    "current_liabilities": ("liabilities",),
    "long_term_debt": ("liabilities",),
    "short_term_debt": ("current_liabilities", "liabilities"),
    "new_product_sales": ("revenue",),
    "rd_expensed": ("rd_spend",),
    "rd_staff": ("employees",),
    "patents_invention": ("patents",),
    "patents_utility": ("patents",),
    "myopia_words": ("total_words",),
    "birth_year": ("year",),
}
"""Each part with the whole that holds it, the first of them that a panel has."""
ROUNDING = 1e-3
"""Share by which a part may exceed its whole: accounts in thousand or million are rounded."""
NOT_ZERO = ("revenue", "total_assets", "employees")
"""What a firm that is at work has some of."""
MOST_EMPLOYEES = 2_500_000
"""The largest employers of the world have 2.3 million or fewer (Walmart, annual reports 2015-2024: 2.1 to 2.3)."""
FRACTIONS = 0.5
"""Share of head counts with decimals from which the column is no head count: averages over the year have some."""
REVENUE_PER_HEAD = (5e3, 2e8)
"""Median revenue per head of any industry and decade in yuan, euro, dollars or yen lies well inside."""
ABOVE_REVENUE = 100.0
"""A column whose median is a hundred times revenue is in another unit: even banks hold tens of times their revenue."""
BELOW_REVENUE = 1 / 300
"""Likewise for cost and assets, which are of the order of revenue."""
OF_SIZE = ("cogs", "total_assets", "current_assets", "liabilities")
LEAST_ROWS = 10
"""Rows from which a median is told."""
_SHARE = re.compile(r"share|ratio|rate(?!d)|percent|intensity|比例|比重|占比|比率|率$", re.IGNORECASE)
MOSTLY = 0.9
"""Share of a column inside zero and one from which it is meant as a share."""


def loss_beyond_sales(found: Evidence) -> Iterator[Finding]:
    """Cost of more than twice the revenue: revenue is below cost by more than itself."""
    if found.has("revenue", "cogs"):
        revenue, cost = found.values("revenue"), found.values("cogs")
        held = (revenue > 0) & (cost - revenue > revenue)
        if held.any():
            rows = found.shown(held, ["revenue", "cogs"])
            yield Finding("loss_beyond_sales", int(held.sum()), ("revenue", "cogs"), rows)


def part_above_whole(found: Evidence) -> Iterator[Finding]:
    """Parts that exceed what holds them."""
    known = (*found.numeric, "year")
    for part, wholes in PARTS.items():
        whole = next((name for name in wholes if name in known), None)
        if part not in known or whole is None:
            continue
        inner, outer = found.values(part), found.values(whole)
        slack = 0.0 if kind(part) in ("count", "year") else ROUNDING
        held = inner > outer + slack * np.abs(outer)
        if held.any():
            shown = [part] if whole == "year" else [part, whole]
            rows = found.shown(held, shown)
            yield Finding("part_above_whole", int(held.sum()), (part, whole), rows, {"part": part, "whole": whole})


def negative(found: Evidence) -> Iterator[Finding]:
    """Amounts below zero where accounts hardly have one."""
    for name, count in (found.report.get("negative") or {}).items():
        rows = found.shown(found.values(name) < 0, [name]) if name in found.numeric else ()
        yield Finding("negative", count, (name,), rows)


def zero(found: Evidence) -> Iterator[Finding]:
    """Nothing where a firm that is at work has something."""
    for name in NOT_ZERO:
        if name in found.numeric:
            held = found.values(name) == 0
            if held.any():
                yield Finding("zero", int(held.sum()), (name,), found.shown(held, [name]))


def employees_beyond(found: Evidence) -> Iterator[Finding]:
    """More employees than any firm of the world has, or head counts with decimals."""
    if "employees" not in found.numeric:
        return
    heads = found.values("employees")
    held = heads > MOST_EMPLOYEES
    if held.any():
        yield Finding("employees_beyond", int(held.sum()), ("employees",), found.shown(held, ["employees"]))
    known = ~np.isnan(heads)
    broken = known & (np.abs(heads - np.rint(heads)) > 1e-6 * np.maximum(1.0, np.abs(heads)))
    if share(broken[known]) >= FRACTIONS:
        rows = found.shown(broken, ["employees"])
        values = {"percent": percent(share(broken[known]))}
        yield Finding("employees_fractions", int(broken.sum()), ("employees",), rows, values)


def revenue_per_head(found: Evidence) -> Iterator[Finding]:
    """Revenue and employees whose units do not go together."""
    if not found.has("revenue", "employees"):
        return
    revenue, heads = found.values("revenue"), found.values("employees")
    held = (revenue > 0) & (heads > 0)
    if held.sum() < LEAST_ROWS:
        return
    median = float(np.median(revenue[held] / heads[held]))
    if not REVENUE_PER_HEAD[0] <= median <= REVENUE_PER_HEAD[1]:
        low, high = (f"{bound:,.0f}" for bound in REVENUE_PER_HEAD)
        values = {"median": f"{median:,.3g}", "low": low, "high": high}
        yield Finding("revenue_per_head", int(held.sum()), ("revenue", "employees"), (), values)


def unit_of_column(found: Evidence) -> Iterator[Finding]:
    """Columns of money in another unit than revenue."""
    if "revenue" not in found.numeric:
        return
    revenue = found.values("revenue")
    for name in found.money:
        amounts = found.values(name)
        held = (revenue > 0) & (amounts > 0)
        if name == "revenue" or held.sum() < LEAST_ROWS:
            continue
        median = float(np.median(amounts[held] / revenue[held]))
        if median > ABOVE_REVENUE or (name in OF_SIZE and median < BELOW_REVENUE):
            values = {"median": f"{median:,.3g}"}
            yield Finding("unit_of_column", int(held.sum()), (name, "revenue"), (), values)


def share_beyond_one(found: Evidence) -> Iterator[Finding]:
    """Columns called shares of which most lie between zero and one, but not all."""
    for name in found.numeric:
        if not _SHARE.search(name) or kind(name):
            continue
        values = found.values(name)
        known = ~np.isnan(values)
        held = known & ((values < 0) | (values > 1))
        if held.any() and share(~held[known]) >= MOSTLY:
            yield Finding("share_beyond_one", int(held.sum()), (name,), found.shown(held, [name]))
