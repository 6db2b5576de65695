"""A market of firms for the tests of the index, and the index written again in plain pandas, slowly and apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

MONEY = [
    "revenue", "cogs", "op_profit", "selling_expense", "admin_expense", "rd_expensed", "fixed_assets", "inventory",
]  # fmt: skip
FAMILIES = {
    "squeeze": ["margin_compression", "price_deflation"],
    "effort": ["inventory_build", "calm"],
    "crowding": ["fragmentation"],
}
CALM = {"calm": {"column": "calm_words", "level": "firm", "sign": -1}}
INDEX = {"families": FAMILIES, "components": CALM, "min_firms": 6}
LEVELS = {
    "margin_compression": ("firm", 1),
    "inventory_build": ("firm", 1),
    "effort_return_gap_revenue": ("firm", 1),
    "calm_words": ("firm", -1),
    "price_deflation": ("industry", 1),
    "fragmentation": ("industry", 1),
}


def market(seed: int, firms: int = 90, years: int = 6, industries: int = 8) -> pd.DataFrame:
    """A panel whose industries differ; gaps, missing values, an industry of few firms, firms without sales.

    Parameters
    ----------
    seed, firms, years, industries : int
    """
    random = np.random.default_rng(seed)
    firm, time = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry = np.where(firm < 3, industries - 1, firm % (industries - 1))
    pressure = np.cumsum(random.normal(size=(industries, years)), axis=1)[industry, time]
    n = len(firm)
    panel = pd.DataFrame({"firm": [f"f{code:03d}" for code in firm], "year": 2010 + time})
    panel["industry"] = pd.Series([f"C{code // 3}{code % 3}" for code in industry], dtype="str")
    panel["industry2"] = panel["industry"].str[:2]
    panel["revenue"] = random.lognormal(3, 1, n) ** np.clip(1 - 0.15 * pressure, 0.3, 2)
    margin = 0.3 - 0.03 * pressure + 0.05 * random.normal(size=n)
    panel["cogs"] = panel["revenue"] * (1 - margin)
    panel["op_profit"] = panel["revenue"] * (margin - 0.2)
    panel["rd_expensed"] = panel["revenue"] * 0.02
    panel["selling_expense"] = panel["revenue"] * np.exp(0.2 * random.normal(size=n)) * 0.1
    panel["admin_expense"] = panel["revenue"] * 0.08
    panel["fixed_assets"] = panel["revenue"] * random.lognormal(0, 0.3, n)
    panel["inventory"] = panel["revenue"] * random.lognormal(-1, 0.3, n) * np.exp(0.1 * pressure)
    panel["ppi"] = 100 * np.exp(-0.02 * np.round(pressure, 2))
    panel["calm_words"] = random.normal(size=n) - 0.3 * pressure
    kind = random.uniform(size=n)
    panel.loc[kind < 0.04, "revenue"] = 0.0
    panel.loc[(kind >= 0.04) & (kind < 0.08), "calm_words"] = np.nan
    panel.loc[(kind >= 0.08) & (kind < 0.1), "industry"] = None
    panel["industry2"] = panel["industry2"].where(panel["industry"].notna())
    return panel[kind < 0.95].reset_index(drop=True)


def clipped(values: pd.Series, year: pd.Series) -> pd.Series:
    """Set to the quantiles of the year beyond them."""
    return values.groupby(year).transform(lambda part: part.clip(part.quantile(0.01), part.quantile(0.99)))


def score(values: pd.Series) -> pd.Series:
    """Less the mean, over the standard deviation."""
    return (values - values.mean()) / values.std()


def mean(parts: list[pd.Series]) -> pd.Series:
    """Row by row, missing where one is."""
    return pd.concat(parts, axis=1).mean(axis=1, skipna=False)


def of_others(values: pd.Series, cell: pd.Series, counts: pd.Series, least: int) -> pd.Series:
    """Mean over the other rows of the cell that count, by a loop."""

    def mean_of(others):
        others = others[~np.isnan(others)]
        return others.mean() if len(others) >= least else np.nan

    return _looped(values, cell, counts, mean_of)


def fragmentation_of_others(revenue: pd.Series, cell: pd.Series, counts: pd.Series) -> pd.Series:
    """One less the sum of squared shares among the other sellers of the cell that count, by a loop."""

    def fragmentation(others):
        sellers = others[others > 0]
        return 1 - ((sellers / sellers.sum()) ** 2).sum() if len(sellers) else np.nan

    return _looped(revenue, cell, counts, fragmentation)


def _looped(values: pd.Series, cell: pd.Series, counts: pd.Series, function) -> pd.Series:
    """A function of the other rows of each row's cell."""
    out = pd.Series(np.nan, index=values.index)
    for _, rows in values.groupby(cell):
        inside, member = rows.to_numpy(), counts[rows.index].to_numpy()
        place = np.arange(len(rows))
        out[rows.index] = [function(inside[member & (place != row)]) for row in place]
    return out


def component(measured: pd.DataFrame, name: str, counts: pd.Series, *, least: int, min_firms: int, level: str):
    """A component among peers, standardised."""
    cell = (measured[level] + measured["year"].astype(str)).where(measured[level].notna())
    kind, sign = LEVELS[name]
    if kind == "firm":
        return score(of_others(sign * clipped(measured[name], measured["year"]), cell, counts, least))
    values = measured[name]
    if name == "fragmentation":
        values = fragmentation_of_others(measured["revenue"], cell, counts)
    sellers = (measured["revenue"] > 0).groupby(cell).transform("sum").where(cell.notna())
    return score(clipped(values, measured["year"]).where(sellers >= min_firms))


def plain_index(measured: pd.DataFrame, families, *, min_firms=6, level="industry", counts=None, least=None):
    """Components, families and the index, in the documented order; families name columns."""
    counts = pd.Series(True, index=measured.index) if counts is None else counts
    least = min_firms - 1 if least is None else least
    options = {"least": least, "min_firms": min_firms, "level": level}
    parts = {name: component(measured, name, counts, **options) for names in families.values() for name in names}
    scores = {family: score(mean([parts[name] for name in names])) for family, names in families.items()}
    return parts, scores, score(mean(list(scores.values())))
