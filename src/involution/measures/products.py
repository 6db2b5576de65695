"""Products alike and prices undercut."""

from __future__ import annotations

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.texts import mean_cosine
from involution.measures.view import Floats, View, positive, ratio

PREFIX = "ipc_"


@measure_entry(
    "undercutting",
    "Price undercutting",
    "低价竞争",
    "ln(median of revenue / quantity in the industry-year) - ln(revenue / quantity); missing unless both are > 0",
    unit="log points",
    family="squeeze",
    direction="+",
    needs=("industry", "year", "revenue", "quantity"),
    of_population=True,
)
def undercutting(panel: View) -> Floats:
    """How far the firm's unit value lies below its industry's median, in logs."""
    price = positive(ratio(panel["revenue"], panel["quantity"]))
    return np.log(panel.industry_years.median(price)) - np.log(price)


@measure_entry(
    "homogeneity_text",
    "Homogeneity of business descriptions",
    "业务描述同质化",
    "mean over the other firms of the industry-year of the cosine of the TF-IDF vectors of business_text; a term that "
    "a text uses f times and d of the year's n texts use weighs (1 + ln f)(1 + ln(n / d)); terms are words and pairs "
    "of neighbouring Chinese characters; missing without a text that has one",
    unit="0-1",
    family="crowding",
    direction="+",
    source="Hoberg and Phillips 2016, with TF-IDF weights",
    needs=("industry", "year", "business_text"),
    of_population=True,
)
def homogeneity_text(panel: View) -> Floats:
    """Mean cosine of the firm's description of its business with those of its peers."""
    return mean_cosine(panel.frame["business_text"], panel.year, panel.industry_years)


@measure_entry(
    "homogeneity_patents",
    "Homogeneity of technology",
    "技术同质化",
    "mean over the other firms of the industry-year of the cosine of the firm's and their vectors of ipc_* columns; "
    "missing if a column is or all are 0",
    unit="0-1",
    family="crowding",
    direction="+",
    source="Jaffe 1986",
    needs=("industry", "year", f"{PREFIX}*"),
    of_population=True,
)
def homogeneity_patents(panel: View) -> Floats:
    """Mean cosine of the firm's shares of patent classes with those of its peers.

    Notes
    -----
    With u the vectors at unit length the mean over the other firms is ``u_i . (sum of u - u_i) / (n - 1)``: one pass
    over the classes for the lengths and one for the sums, no pair of firms is formed.
    """
    classes, cells = panel.starting_with(PREFIX), panel.industry_years
    if not classes:
        return np.full(len(panel), np.nan)
    length = np.zeros(len(panel))
    for name in classes:
        length += panel[name] ** 2
    length = np.sqrt(positive(length))
    cosines, itself = np.zeros(len(panel)), np.zeros(len(panel))
    for name in classes:
        unit = ratio(panel[name], length)
        cosines += unit * cells.sum(unit)
        itself += unit**2
    return np.clip(ratio(cosines - itself, cells.count(length) - 1), -1.0, 1.0)


@measure_entry(
    "homogeneity",
    "Homogeneity of products",
    "产品同质化",
    "homogeneity_text where the panel has business_text, else homogeneity_patents",
    unit="0-1",
    family="crowding",
    direction="+",
    source="Hoberg and Phillips 2016; Jaffe 1986",
    needs=("industry", "year"),
    first_of=("homogeneity_text", "homogeneity_patents"),
    of_population=True,
)
def homogeneity(panel: View) -> Floats:
    """Likeness of texts before that of patents: an index that explains patents must not be made of them.

    One of the two serves the whole panel; were it chosen row by row, having a text would look like being alike.
    """
    return panel["homogeneity_text" if "homogeneity_text" in panel else "homogeneity_patents"]
