"""Innovation: what is put in, what comes out of it, and how long it lasts.

R&D that a firm does not report is missing and never zero; `rd_reported` says which firms report.
"""

from __future__ import annotations

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.view import Floats, View, ratio


@measure_entry(
    "rd_intensity",
    "R&D intensity",
    "研发强度",
    "100 x rd_spend / revenue; missing if revenue <= 0 or R&D is not reported",
    unit="percentage points",
    family="innovation",
    needs=("rd_spend", "revenue"),
)
def rd_intensity(panel: View) -> Floats:
    """R&D spending, percent of revenue."""
    return 100 * ratio(panel["rd_spend"], panel["revenue"])


@measure_entry(
    "rd_reported",
    "R&D reported",
    "披露研发投入",
    "1 if rd_spend is known, else 0",
    unit="0/1",
    family="innovation",
    needs=("rd_spend",),
)
def rd_reported(panel: View) -> Floats:
    """Whether the firm reports its R&D spending, be it zero."""
    return (~np.isnan(panel["rd_spend"])).astype(float)


@measure_entry(
    "rd_to_assets",
    "R&D to earlier assets",
    "研发投入与前期资产比",
    "100 x rd_spend / total_assets of t-2; missing if these are <= 0",
    unit="percent",
    family="innovation",
    needs=("firm", "year", "rd_spend", "total_assets"),
)
def rd_to_assets(panel: View) -> Floats:
    """R&D spending, percent of total assets two years before: a denominator that competition has not moved yet."""
    return 100 * ratio(panel["rd_spend"], panel.lag(panel["total_assets"], 2))


@measure_entry(
    "patent_persistence",
    "Persistence of invention",
    "创新可持续性",
    "(I_t + I_{t-1}) / (I_{t-1} + I_{t-2}) x (I_t + I_{t-1}), I = patents_invention; missing if I_{t-1} + I_{t-2} = 0",
    unit="applications",
    family="innovation",
    needs=("firm", "year", "patents_invention"),
)
def patent_persistence(panel: View) -> Floats:
    """Output of inventions over two years times its growth over the two years before; level and growth in one."""
    applied = panel["patents_invention"]
    last = panel.lag(applied)
    recent = applied + last
    return ratio(recent, last + panel.lag(applied, 2)) * recent


@measure_entry(
    "rd_spell",
    "Years of unbroken R&D",
    "持续研发年数",
    "calendar years in a row, up to t, with rd_spend > 0; 0 if rd_spend of t is not positive, missing if not reported",
    unit="years",
    family="innovation",
    needs=("firm", "year", "rd_spend"),
)
def rd_spell(panel: View) -> Floats:
    """Years of unbroken R&D; a year without a row or a report ends a spell, as does the first year of the panel.

    Notes
    -----
    Each row reaches back over 1, 2, 4, ... years at a time, until no row reaches a positive year any more.
    """
    spending = panel["rd_spend"]
    years = np.where(spending > 0, 1.0, 0.0)
    reach = np.where(spending > 0, panel.before(1), -1)
    rows = np.flatnonzero(reach >= 0)
    while len(rows):
        target = reach[rows]
        gained, further = years[target], reach[target]
        years[rows] += gained
        reach[rows] = further
        rows = rows[further >= 0]
    return np.where(np.isnan(spending), np.nan, years)


@measure_entry(
    "rd_stop",
    "R&D stopped",
    "中止研发",
    "1 if rd_spend of t-1 > 0 and rd_spend of t is reported and not positive, 0 if both are positive; missing unless "
    "rd_spend of t-1 > 0 and rd_spend of t is reported",
    unit="0/1",
    family="innovation",
    needs=("firm", "year", "rd_spend"),
)
def rd_stop(panel: View) -> Floats:
    """Whether a firm with R&D in the year before stops it: the outcome of a hazard, on the firms at risk alone.

    Notes
    -----
    A firm that falls silent, or leaves the panel, has not been seen to stop. The years at risk are `rd_spell` of t-1.
    """
    spending = panel["rd_spend"]
    at_risk = (panel.lag(spending) > 0) & ~np.isnan(spending)
    return np.where(at_risk, (spending <= 0).astype(float), np.nan)


@measure_entry(
    "invention_share",
    "Share of inventions",
    "发明专利占比",
    "patents_invention / (patents_invention + patents_utility); missing if there are none",
    unit="share",
    family="innovation",
    needs=("patents_invention", "patents_utility"),
)
def invention_share(panel: View) -> Floats:
    """Share of inventions in the applications for inventions and utility models."""
    return ratio(panel["patents_invention"], panel["patents_invention"] + panel["patents_utility"])


@measure_entry(
    "citations_5y",
    "Citations to the patents of five years",
    "五年专利被引数",
    "sum of citations over the firm's rows of t-4..t; missing if one of these rows has none on record",
    unit="citations",
    family="innovation",
    needs=("firm", "year", "citations"),
)
def citations_5y(panel: View) -> Floats:
    """Citations to the patents of this year and the four before.

    Notes
    -----
    The column `citations` counts what each year's patents received, without the year of the citing patent; a window
    after the application cannot be cut out of it. Years before the firm enters the panel add nothing.
    """
    citations = panel["citations"]
    total = citations.copy()
    for years in range(1, 5):
        total += np.where(panel.before(years) >= 0, panel.lag(citations, years), 0.0)
    return total


@measure_entry(
    "new_product_share",
    "Share of new products in sales",
    "新产品销售占比",
    "new_product_sales / revenue; missing if revenue <= 0",
    unit="share",
    family="innovation",
    needs=("new_product_sales", "revenue"),
)
def new_product_share(panel: View) -> Floats:
    """Sales of new products, share of revenue."""
    return ratio(panel["new_product_sales"], panel["revenue"])


@measure_entry(
    "efficiency",
    "Patents per million of R&D",
    "每百万研发投入专利数",
    "patents / (rd_spend of t-1 in millions); missing if that is not positive",
    unit="patents per million",
    family="innovation",
    needs=("firm", "year", "patents", "rd_spend"),
)
def efficiency(panel: View) -> Floats:
    """Patent applications of the year per million currency units of R&D spending of the year before."""
    return ratio(panel["patents"], panel.lag(panel["rd_spend"]) / 1e6)
