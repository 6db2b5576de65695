"""What the files say of themselves: statements, listed firms, thresholds of surveys, vintages of codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from involution.panel.regions import region_changes
from involution.panel.suspicions.finding import SHOWN, Evidence, Finding, percent, share
from involution.panel.vintages import code_breaks

REVISIONS = {2002: "GB/T 4754-2002", 2011: "GB/T 4754-2011", 2017: "GB/T 4754-2017"}
"""Revisions of the classification of industries, by the year in which they came into force."""
LATE = 2
"""Years that a data set may take to adopt a revision: ASIF has that of 2002 in 2003."""
A_SHARES = r"(?:00[0-3]|30[0-2]|60[0135]|68[89]|[48]\d\d|92\d)\d{3}"
"""Codes of shares listed in Shenzhen (000-003, 300-302), Shanghai (600-605, 688, 689) and Beijing (4, 8, 92)."""
SHANGHAI = r"6\d{5}"
LISTED = 0.95
"""Share of firms under such codes from which a panel is taken to be of listed firms alone."""
IN_SHANGHAI = 0.10
"""Share listed in Shanghai, which has two fifths of A-shares: firms that are merely numbered from 000001 have none."""
LEAVING = {2007: 0.025, 2011: 0.10}
"""Changes of the scope of the survey of industrial firms, each with the share of firms of the year before that have
less revenue than nearly all of the year: state firms below five million yuan were few, firms between five and twenty
million many (on the scope until 2007: Brandt, Van Biesebroeck and Zhang 2014, China Economic Review 30: 339-352)."""
LOWEST = 0.01
"""Share of a year's firms that may lie below its threshold by late corrections; where the scope stays, about as many
firms of the year before lie below this quantile."""
LEAST_FIRMS = 100
"""Firms of each year from which low quantiles are told."""
CODES = 0.5
"""Share of regions that are six-digit codes from which provinces can be made."""


def statement_types(found: Evidence) -> Iterator[Finding]:
    """Rows of consolidated and of parent statements together, or of parents alone."""
    for name, facts in _statements(found.report):
        types = facts.get("types")
        if types and types["parent"]:
            suspicion = "both_statements" if types["consolidated"] else "parent_statements"
            values = {"source": name, "column": types["column"], "consolidated": types["consolidated"]}
            yield Finding(suspicion, types["parent"], (types["column"],), (), values)


def statement_ends(found: Evidence) -> Iterator[Finding]:
    """Rows whose period does not end in December, and balances of a 1 January."""
    for name, facts in _statements(found.report):
        ends = facts.get("ends")
        if not ends:
            continue
        other = {month: rows for month, rows in ends["months"].items() if month != "12"}
        values = {"source": name, "column": ends["column"]}
        if other:
            months = ", ".join(f"{month}: {rows:,}" for month, rows in other.items())
            yield Finding("other_months", sum(other.values()), (ends["column"],), (), {**values, "months": months})
        if ends["opening"]:
            yield Finding("opening_balances", ends["opening"], (ends["column"],), (), values)


def _statements(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "data.panel", report.get("statements") or {}
    for join in report.get("joins") or ():
        yield ", ".join(join["sources"]), join.get("statements") or {}


def listed_only(found: Evidence) -> Iterator[Finding]:
    """A panel of listed firms alone."""
    firms = pd.Series(found.panel["firm"].unique(), dtype="str")
    padded = firms.where(~firms.str.fullmatch(r"\d{1,6}"), firms.str.zfill(6))
    listed = padded.str.fullmatch(A_SHARES).to_numpy(dtype=bool)
    shanghai = padded.str.fullmatch(SHANGHAI).to_numpy(dtype=bool)
    if share(listed) >= LISTED and share(shanghai) >= IN_SHANGHAI:
        rows = tuple({"firm": firm} for firm in firms[listed][:SHOWN])
        yield Finding("listed_only", int(listed.sum()), ("firm",), rows, {"percent": percent(share(listed))})


def survey_threshold(found: Evidence) -> Iterator[Finding]:
    """Small firms that leave at once in a year in which the survey of industrial firms changed its scope."""
    if "revenue" not in found.numeric:
        return
    revenue = found.values("revenue")
    for year, least in LEAVING.items():
        before, now = (revenue[(found.year == when) & (revenue > 0)] for when in (year - 1, year))
        if min(len(before), len(now)) < LEAST_FIRMS:
            continue
        below = share(before < np.quantile(now, LOWEST))
        if below >= least:
            values = {"percent": percent(below), "firms_before": len(before), "firms": len(now)}
            yield Finding(f"survey_threshold_{year}", len(now), ("revenue",), (), values)


def industry_vintage(found: Evidence) -> Iterator[Finding]:
    """Years in which industry codes are largely others than in the year before."""
    for turn in (found.report.get("industries") or {}).get("breaks", ()):
        year = turn["year"]
        revision = next((name for came, name in REVISIONS.items() if came <= year <= came + LATE), "")
        suspicion = "industry_revision" if revision else "industry_break"
        yield _turned(suspicion, "industry", turn, found, {"revision": revision})


def region_vintage(found: Evidence) -> Iterator[Finding]:
    """Years in which region codes are largely others than in the year before."""
    if "region" in found.panel.columns:
        for turn in code_breaks(found.panel, "region"):
            yield _turned("region_break", "region", turn, found, {})


def _turned(
    suspicion: str, column: str, turn: Mapping[str, Any], found: Evidence, values: Mapping[str, Any]
) -> Finding:
    told = {"year": turn["year"], "new": percent(turn["new"]), "gone": percent(turn["gone"])}
    told["changed"] = percent(turn["changed"] or 0.0)
    count = int((found.year == turn["year"]).sum())
    return Finding(suspicion, count, (column,), (dict(turn),), {**told, **values})


def region_codes(found: Evidence) -> Iterator[Finding]:
    """Regions that are not all codes, that were divided, or whose code is older than the rows."""
    if "region" not in found.panel.columns:
        return
    region = found.panel["region"]
    code = region.str.fullmatch(r"[1-9]\d{5}").fillna(False).to_numpy(dtype=bool)
    known = region.notna().to_numpy()
    other = known & ~code
    if other.any() and share(code[known]) >= CODES:
        yield Finding("region_mixed", int(other.sum()), ("region",), found.shown(other, ["region"]))
    elif other.any() and "province" in found.panel.columns and found.panel["province"].isna().all():
        yield Finding("region_names", int(other.sum()), ("region",), found.shown(other, ["region"]))
    for place, rows in ((found.report.get("regions") or {}).get("split") or {}).items():
        yield Finding("region_divided", rows, ("region",), (), {"code": place})
    changes = region_changes()
    changes = changes[changes["change"] == "renumbered"]
    since = region.str[:4].map(changes["year"].astype(float)).to_numpy(dtype=float, na_value=np.nan)
    old = code & (found.year >= since)
    if old.any():
        yield Finding("region_old_code", int(old.sum()), ("region",), found.shown(old, ["region"]))
