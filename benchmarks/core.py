"""The common core of measuring, by each program: what every index of an industry's competition begins with.

From a Parquet file: the Herfindahl-Hirschman index of the industry-year, the mean margin of the other firms of the
industry-year, sales of the calendar year before, and the margin winsorised at its 1 % and 99 % quantiles by year.
Each program ends with four columns of its own kind in memory; that they hold the same numbers is checked after.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

COLUMNS = ["firm", "year", "industry", "revenue", "margin"]
CELL = ["industry", "year"]
RESULTS = ["hhi", "others", "before", "winsorised"]
LOW, HIGH = 0.01, 0.99
Checks = Callable[[], list[float]]


def involution(path: Path) -> Callable[[], Checks]:
    """This project: the industry read as the dictionary that it is in the file, then the project's own functions."""
    import pandas as pd

    from involution.measures.concentration import hhi
    from involution.measures.standardise import winsorised
    from involution.measures.view import View

    def timed() -> Checks:
        panel = View(pd.read_parquet(path, columns=COLUMNS, read_dictionary=["industry"]))
        margin = panel["margin"]
        columns = (
            hhi(panel),
            panel.industry_years.mean_of_others(margin),
            panel.lag(panel["revenue"]),
            winsorised(panel, margin, (LOW, HIGH)),
        )
        made = pd.DataFrame(dict(zip(RESULTS, columns, strict=True)), copy=False)
        return lambda: _of_pandas(made)

    return timed


def pandas(path: Path) -> Callable[[], Checks]:
    """Plain pandas: each column by a transformation of its own, the lag by a merge."""
    import pandas as pd

    def timed() -> Checks:
        panel = pd.read_parquet(path, columns=COLUMNS)
        panel["sales"] = panel["revenue"].where(panel["revenue"] > 0)
        panel["share"] = panel["sales"] / panel.groupby(CELL)["sales"].transform("sum")
        panel["squared"] = panel["share"] ** 2
        panel["hhi"] = panel.groupby(CELL)["squared"].transform("sum", min_count=1)
        others = panel.groupby(CELL)["margin"].transform("count") - panel["margin"].notna()
        rest = panel.groupby(CELL)["margin"].transform("sum") - panel["margin"].fillna(0.0)
        panel["others"] = rest.where(others > 0) / others.where(others > 0)
        earlier = panel[["firm", "year", "revenue"]].assign(year=panel["year"] + 1)
        panel = panel.merge(earlier.rename(columns={"revenue": "before"}), on=["firm", "year"], how="left")
        low, high = (panel.groupby("year")["margin"].transform("quantile", at) for at in (LOW, HIGH))
        panel["winsorised"] = panel["margin"].clip(low, high)
        return lambda: _of_pandas(panel)

    return timed


def pandas_tuned(path: Path) -> Callable[[], Checks]:
    """Pandas by one who knows it: one grouping for all, no column joined but the lag, quantiles by a table of years."""
    import pandas as pd

    def timed() -> Checks:
        panel = pd.read_parquet(path, columns=COLUMNS)
        panel["sales"] = panel["revenue"].where(panel["revenue"] > 0)
        cells = panel.groupby(CELL, sort=False)
        panel["squared"] = (panel["sales"] / cells["sales"].transform("sum")) ** 2
        panel["hhi"] = cells["squared"].transform("sum", min_count=1)
        others = cells["margin"].transform("count") - panel["margin"].notna()
        rest = cells["margin"].transform("sum") - panel["margin"].fillna(0.0)
        panel["others"] = rest.where(others > 0) / others.where(others > 0)
        earlier = panel[["firm", "year", "revenue"]].assign(year=panel["year"] + 1)
        panel["before"] = panel[["firm", "year"]].merge(earlier, on=["firm", "year"], how="left")["revenue"]
        limits = panel.groupby("year")["margin"].quantile([LOW, HIGH]).unstack()
        panel["winsorised"] = panel["margin"].clip(panel["year"].map(limits[LOW]), panel["year"].map(limits[HIGH]))
        made = panel[RESULTS]
        return lambda: _of_pandas(made)

    return timed


def polars(path: Path) -> Callable[[], Checks]:
    """Polars, lazily: window expressions, a join for the lag and one for the quantiles."""
    import polars as pl

    def timed() -> Checks:
        panel = pl.scan_parquet(path).select(COLUMNS)
        sales = pl.when(pl.col("revenue") > 0).then(pl.col("revenue"))
        known = pl.col("margin").is_not_null()
        by_cell = panel.group_by(CELL).agg(
            hhi=(sales**2).sum() / sales.sum() ** 2, total=pl.col("margin").sum(), count=known.sum().cast(pl.Int64)
        )
        limits = panel.group_by("year").agg(
            low=pl.col("margin").quantile(LOW, "linear"), high=pl.col("margin").quantile(HIGH, "linear")
        )
        earlier = panel.select("firm", pl.col("year") + 1, before="revenue")
        count = pl.col("count") - known.cast(pl.Int64)
        made = (
            panel.join(by_cell, on=CELL, how="left")
            .join(limits, on="year", how="left")
            .join(earlier, on=["firm", "year"], how="left")
            .select(
                "hhi",
                pl.when(count > 0).then((pl.col("total") - pl.col("margin").fill_null(0.0)) / count).alias("others"),
                "before",
                pl.col("margin").clip(pl.col("low"), pl.col("high")).alias("winsorised"),
            )
            .collect()
        )
        return lambda: [value for name in RESULTS for value in _moments(made[name].drop_nulls().to_numpy())]

    return timed


_QUERY = """
WITH panel AS (SELECT firm, year, industry, revenue, margin FROM read_parquet($path)),
cells AS (
    SELECT industry, year, sum(revenue * revenue) FILTER (revenue > 0) / sum(revenue) FILTER (revenue > 0) ^ 2 AS hhi,
        sum(margin) AS total, count(margin) AS known
    FROM panel GROUP BY ALL
),
years AS (SELECT year, quantile_cont(margin, [$low, $high]) AS limits FROM panel GROUP BY year)
SELECT cells.hhi,
    (cells.total - coalesce(panel.margin, 0)) / nullif(cells.known - (panel.margin IS NOT NULL)::INTEGER, 0) AS others,
    earlier.revenue AS before,
    CASE WHEN panel.margin IS NOT NULL THEN least(greatest(panel.margin, limits[1]), limits[2]) END AS winsorised
FROM panel JOIN cells USING (industry, year) JOIN years USING (year)
LEFT JOIN panel AS earlier ON earlier.firm = panel.firm AND earlier.year = panel.year - 1
"""


def duckdb(path: Path) -> Callable[[], Checks]:
    """DuckDB: one query, its result as an Arrow table."""
    import duckdb as engine

    def timed() -> Checks:
        with engine.connect() as connection:
            found = connection.sql(_QUERY, params={"path": str(path), "low": LOW, "high": HIGH})
            made = found.to_arrow_table()
        return lambda: [value for name in RESULTS for value in _moments(made[name].drop_null().to_numpy())]

    return timed


def _of_pandas(made: Any) -> list[float]:
    return [value for name in RESULTS for value in _moments(made[name].dropna().to_numpy())]


def _moments(values: Any) -> list[float]:
    """Number, mean and mean square: the same in whatever order the rows are."""
    return [float(len(values)), float(values.mean()), float((values**2).mean())]
