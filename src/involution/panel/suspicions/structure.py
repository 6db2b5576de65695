"""Columns and rows that do not carry what they seem to: constant, twice, copied, with gaps, of one industry."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from involution.panel.suspicions.finding import SHOWN, Evidence, Finding, percent, share

MADE = ("industry2", "industry3", "province")
"""Columns that are made of another, and may be equal to it."""
SEEN_TWICE = 0.5
"""Share of firms seen more than once below which firm effects throw most firms away."""
WITH_GAPS = 0.2
"""Share of firms with missing years between seen ones from which lags lose much."""
DOMINATING = 0.5
"""Share of rows in one industry from which an industry measure hardly varies between firms."""
LEAST_INDUSTRIES = 3
COPIED = ("revenue", "cogs", "total_assets", "fixed_assets", "wages")
LEAST_EQUAL = 2
"""Amounts, in the last unit, that two years of a firm do not share by chance."""
RESEARCH = ("rd_spend", "rd_expensed", "rd_staff", "new_product_sales")
ZERO_STEP = 0.25
"""Change of the share of zeros from one year to the next that no economy makes, but a change of reporting does."""
MOSTLY_ZERO = 0.5
LEAST_ROWS = 20
"""Rows of a year from which shares are told."""


def empty_column(found: Evidence) -> Iterator[Finding]:
    """Columns without any value."""
    panel = found.panel
    names = tuple(str(name) for name in panel.columns if name not in MADE and panel[name].isna().all())
    if names:
        yield Finding("empty_column", len(names), names)


def constant_column(found: Evidence) -> Iterator[Finding]:
    """Columns with one value throughout."""
    if len(found.panel) < 2:
        return
    names = tuple(
        str(name)
        for name in found.panel.columns
        if name not in ("firm", "year", *MADE) and _constant(found.panel[name])
    )
    if names:
        yield Finding("constant_column", len(names), names)


def _constant(column: pd.Series) -> bool:
    first = column.iloc[0]
    if pd.isna(first):
        return column.nunique() == 1
    return bool((column == first).all())


def identical_columns(found: Evidence) -> Iterator[Finding]:
    """Columns that are equal in every row, under two names."""
    groups: dict[tuple[float, float, int], list[str]] = {}
    for name in found.numeric:
        values = found.values(name)
        if not np.isnan(values).all() and not _constant(found.panel[name]):
            key = (float(np.nansum(values)), float(np.nanmax(values)), int(np.isnan(values).sum()))
            groups.setdefault(key, []).append(name)
    for names in groups.values():
        for k, name in enumerate(names):
            for other in names[k + 1 :]:
                if np.array_equal(found.values(name), found.values(other), equal_nan=True):
                    yield Finding("identical_columns", len(found.panel), (name, other))


def year_gap(found: Evidence) -> Iterator[Finding]:
    """Years that the panel does not have between those that it has."""
    missing = sorted(set(range(found.years[0], found.years[-1] + 1)) - set(found.years))
    if missing:
        yield Finding("year_gap", len(missing), (), (), {"years": ", ".join(map(str, missing))})


def firms_with_gaps(found: Evidence) -> Iterator[Finding]:
    """Many firms with years between that they are not seen in, though the panel has them."""
    counts = found.panel.groupby("firm")["year"].agg(["min", "max", "size"])
    place = np.searchsorted(found.years, counts[["min", "max"]].to_numpy())
    gaps = place[:, 1] - place[:, 0] + 1 != counts["size"].to_numpy()
    if share(gaps) >= WITH_GAPS:
        rows = tuple({"firm": str(firm)} for firm in counts.index[gaps][:SHOWN])
        yield Finding("firms_with_gaps", int(gaps.sum()), (), rows, {"percent": percent(share(gaps))})


def seen_once(found: Evidence) -> Iterator[Finding]:
    """A panel of which few firms are seen twice: repeated cross-sections, or codes that change."""
    sizes = found.panel.groupby("firm").size().to_numpy()
    once = sizes < 2
    if len(found.years) > 1 and share(~once) < SEEN_TWICE:
        values = {"percent": percent(share(~once))}
        yield Finding("seen_once", int(once.sum()), ("firm",), (), values)


def one_industry_dominates(found: Evidence) -> Iterator[Finding]:
    """More than half of all rows in one of several industries."""
    if "industry" not in found.panel.columns:
        return
    counts = found.panel["industry"].value_counts()
    if len(counts) >= LEAST_INDUSTRIES and counts.iloc[0] > DOMINATING * counts.sum():
        values = {"industry": str(counts.index[0]), "percent": percent(counts.iloc[0] / counts.sum())}
        yield Finding("one_industry_dominates", int(counts.iloc[0]), ("industry",), (), values)


def copied_year(found: Evidence) -> Iterator[Finding]:
    """Rows whose accounts are those of the firm's year before, to the last unit."""
    names = [name for name in COPIED if name in found.numeric]
    later = found.later
    equal, differ = np.zeros(len(later), dtype=int), np.zeros(len(later), dtype=bool)
    for name in names:
        values = found.values(name)
        now, before = values[later], values[later - 1]
        equal += (now == before) & (now != 0)
        differ |= (now != before) & ~(np.isnan(now) | np.isnan(before))
    held = (equal >= LEAST_EQUAL) & ~differ
    if held.any():
        yield Finding("copied_year", int(held.sum()), tuple(names), found.shown(later[held], names))


def zero_from_a_year(found: Evidence) -> Iterator[Finding]:
    """Innovation whose share of zeros changes at once between two years: what was missing has been made zero."""
    for name in RESEARCH:
        if name not in found.numeric:
            continue
        values = found.values(name)
        shares = {year: share(values[found.year == year] == 0) for year in found.years}
        rows = {year: int((found.year == year).sum()) for year in found.years}
        steps = tuple(
            {"year": year, "zeros_percent": percent(shares[year]), "zeros_percent_l1": percent(shares[before])}
            for before, year in zip(found.years, found.years[1:], strict=False)
            if min(rows[before], rows[year]) >= LEAST_ROWS and abs(shares[year] - shares[before]) >= ZERO_STEP
        )
        if steps:
            years = ", ".join(str(step["year"]) for step in steps)
            yield Finding("zero_from_a_year", int((values == 0).sum()), (name,), steps[:SHOWN], {"years": years})
        elif not np.isnan(values).any() and len(values) >= LEAST_ROWS and share(values == 0) >= MOSTLY_ZERO:
            told = {"percent": percent(share(values == 0))}
            yield Finding("zero_for_missing", int((values == 0).sum()), (name,), (), told)
