"""What every panel must satisfy before anything is measured on it."""

from __future__ import annotations

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.columns import kind
from involution.panel.evaluate import place
from involution.panel.statements import one_statement

NOT_NEGATIVE = (
    "revenue", "cogs", "rd_spend", "total_assets", "fixed_assets", "intangibles", "inventory", "receivables", "cash",
    "current_assets", "current_liabilities", "liabilities", "short_term_debt", "long_term_debt", "wages",
    "depreciation", "new_product_sales",
)  # fmt: skip
"""Amounts that are negative only by a correction of earlier accounts or by mistake, and are counted then."""


def negatives(panel: pd.DataFrame) -> dict[str, int]:
    """How many rows have a negative amount where accounts hardly have one, by column; only columns that have any.

    Such rows stay: what is divided by the amount, or takes its logarithm, is missing for them.
    """
    counts = {name: int((panel[name] < 0).sum()) for name in NOT_NEGATIVE if name in panel.columns}
    return {name: count for name, count in counts.items() if count}


def check_panel(panel: pd.DataFrame, where: str, one_row: str = "") -> None:
    """Hold the panel against the contract.

    Every row has a firm, no firm-year stands twice, counts are not negative, shares lie between zero and one.
    What leaves one row a firm-year is said by `one_row`, where it is known.

    Raises
    ------
    InputError
        With the first ten offending rows of each kind.
    """
    problems = [*_missing_firm(panel, where), *_duplicates(panel, where, one_row), *_ranges(panel, where)]
    if problems:
        raise InputError(problems)


def _missing_firm(panel: pd.DataFrame, where: str) -> list[Problem]:
    rows = panel["firm"].isna().to_numpy().nonzero()[0]
    if not len(rows):
        return []
    shown = tuple(place(panel, row) for row in rows[:10])
    return [Problem(f"{where}.firm", f"{len(rows):,} rows have no firm", shown, "fill it, or filter them out")]


def _duplicates(panel: pd.DataFrame, where: str, one_row: str) -> list[Problem]:
    twice = (panel.duplicated(["firm", "year"], keep=False) & panel["firm"].notna()).to_numpy().nonzero()[0]
    if not len(twice):
        return []
    keys = panel.iloc[twice][["firm", "year"]].drop_duplicates()
    rows = []
    for firm, year in keys.head(10).itertuples(index=False):
        same = ((panel["firm"] == firm) & (panel["year"] == year)).to_numpy().nonzero()[0]
        rows.append(f"firm {firm}, year {year}: " + "; ".join(place(panel, row) for row in same[:3]))
    mend = one_row or one_statement(panel.iloc[:0])
    return [Problem(where, f"{len(keys):,} firm-years stand more than once", tuple(rows), mend)]


def _ranges(panel: pd.DataFrame, where: str) -> list[Problem]:
    """Ranges that a kind of column implies, by pandera; one problem per column."""
    import pandera.errors
    import pandera.pandas as pa

    bounds = {"count": (0.0, None), "share": (0.0, 1.0), "flag": (0.0, 1.0)}
    columns = {
        name: pa.Column(float, _range_check(*bounds[kind(name)]), nullable=True)
        for name in map(str, panel.columns)
        if kind(name) in bounds
    }
    if not columns:
        return []
    try:
        pa.DataFrameSchema(columns).validate(panel[list(columns)].reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        problems = []
        for name in columns:
            rows = sorted({int(row) for row in cases.loc[cases["column"] == name, "index"].dropna()})
            if rows:
                low, high = bounds[kind(name)]
                expected = f"between {low:g} and {high:g}" if high is not None else f"at least {low:g}"
                shown = tuple(place(panel, row, float(panel[name].iloc[row])) for row in rows[:10])
                message = f"{len(rows):,} values are out of range ({kind(name)}: {expected})"
                problems.append(Problem(f"{where}.{name}", message, shown, "correct them in the file"))
        return problems
    return []


def _range_check(low: float, high: float | None) -> object:
    import pandera.pandas as pa

    return pa.Check.ge(low) if high is None else pa.Check.in_range(low, high)
