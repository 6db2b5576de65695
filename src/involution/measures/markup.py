"""Markups from cost shares, for robustness alone.

With revenue in place of quantities the ratio of an output elasticity to a revenue share may hold no information on
markups (Bond, Hashemi, Kaplan and Zoch 2021, *Journal of Monetary Economics* 121: 1-14): never a headline.
"""

from __future__ import annotations

import numpy as np

from involution.measures.registry import measure_entry
from involution.measures.view import Floats, View, positive, ratio

USER_COST = 0.1
"""Rental rate of capital of a panel without the column `user_cost`."""


def _cost_share(panel: View) -> Floats:
    """Share of the variable input in the firm's cost; missing where a cost is negative or there is no input."""
    variable, wages = panel["cogs"], panel["wages"]
    rate = panel["user_cost"] if "user_cost" in panel else np.full(len(panel), USER_COST)
    capital = rate * panel["fixed_assets"]
    sound = (variable > 0) & (wages >= 0) & (capital >= 0)
    return np.where(sound, ratio(variable, variable + wages + capital), np.nan)


@measure_entry(
    "markup",
    "Markup (cost shares)",
    "成本加成率(成本份额法)",
    "theta x revenue / cogs, theta = median over the industry-year of cogs / (cogs + wages + r x fixed_assets), r = "
    "user_cost if the panel has it, else 0.1; missing unless revenue and cogs are > 0; robustness only",
    unit="ratio",
    family="margins",
    direction="-",
    source="De Loecker, Eeckhout and Unger 2020, cost-share version",
    needs=("industry", "year", "revenue", "cogs", "wages", "fixed_assets"),
    of_population=True,
)
def markup(panel: View) -> Floats:
    """Price over marginal cost: the industry's cost share of the variable input over the firm's share of revenue."""
    elasticity = panel.industry_years.median(_cost_share(panel))
    return elasticity * ratio(positive(panel["revenue"]), panel["cogs"])
