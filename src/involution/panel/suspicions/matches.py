"""What was joined: places that match nothing, cohorts outside the panel's years, indices in another scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from involution.panel.events import AGREED
from involution.panel.suspicions.finding import SHOWN, Evidence, Finding, percent, share

UNMATCHED = 0.05
"""Share of the panel's rows under values of a key that the file lacks, from which a join is doubtful."""
FINANCE = ("digital_finance", "digital_coverage", "digital_depth", "digital_digitization")
FINANCE_SCALE = (10.0, 1000.0)
"""Medians between which the Peking University index lies: its points are tens in its first year and hundreds since
(Guo, Wang, Wang, Kong, Zhang and Cheng 2020, China Economic Quarterly 19(4): 1401-1418)."""
FINANCE_FIRST = 2011
"""The first year of the index."""
CARRIED = 0.9
"""Share of rows with the value of the year before from which values are carried and not measured."""
LEAST_ROWS = 10


def join_lacks(found: Evidence) -> Iterator[Finding]:
    """Rows of the panel under regions, industries or years that a joined file does not have."""
    for join in found.report.get("joins") or ():
        if "cohort" in join or join.get("filled"):
            continue
        for key, lacking in (join.get("lacking") or {}).get("panel", {}).items():
            if lacking["rows"] >= UNMATCHED * len(found.panel):
                values = {"source": ", ".join(join["sources"]), "key": key, "distinct": lacking["values"]}
                rows = tuple({key: example} for example in lacking["examples"][:SHOWN])
                name = "join_lacks_years" if key == "year" else "join_lacks"
                yield Finding(name, lacking["rows"], (key,), rows, values)


def cohort_unmatched(found: Evidence) -> Iterator[Finding]:
    """Places in a file of treatment years that no firm of the panel is in."""
    for join in found.report.get("joins") or ():
        if "cohort" not in join:
            continue
        for key, lacking in (join.get("lacking") or {}).get("file", {}).items():
            values = {"source": ", ".join(join["sources"]), "key": key, "cohort": join["cohort"]}
            rows = tuple({key: example} for example in lacking["examples"][:SHOWN])
            yield Finding("cohort_unmatched", lacking["values"], (key,), rows, values)


def cohort_years(found: Evidence) -> Iterator[Finding]:
    """Firms whose treatment starts before the panel, or after it."""
    for join in found.report.get("joins") or ():
        name = join.get("cohort")
        if name is None or name not in found.numeric:
            continue
        start, (first, last) = found.values(name), (found.years[0], found.years[-1])
        for suspicion, held in (("cohort_early", (start > 0) & (start <= first)), ("cohort_late", start > last)):
            each = held & ~found.panel["firm"].where(held).duplicated().to_numpy()
            firms = int(each.sum())
            if firms:
                values = {"cohort": name, "first": first, "last": last, "years": _years(start[held])}
                yield Finding(suspicion, firms, (name,), found.shown(each, [name]), values)


def _years(values: np.ndarray) -> str:
    years = np.unique(values).astype(int)
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def event_raters(found: Evidence) -> Iterator[Finding]:
    """Events that one rater has rated, and scales on which raters disagree."""
    events = found.report.get("events") or {}
    if not events:
        return
    alone = events["rated_once"]
    if alone:
        yield Finding("event_rated_once", alone, (), (), {"events": events["events"]})
    for scale, alpha in events["agreement"].items():
        if alpha is not None and alpha < AGREED:
            values = {"alpha": f"{alpha:.3f}", "least": AGREED}
            yield Finding("event_disagreement", events["events"], (scale,), (), values)
        elif alpha is None and alone < events["events"]:
            yield Finding("event_one_rating", events["events"], (scale,))


def event_scopes(found: Evidence) -> Iterator[Finding]:
    """Targets of events in which no firm lies."""
    events = found.report.get("events") or {}
    for scale, key in (("scope_region", "unmatched_regions"), ("scope_industry", "unmatched_industries")):
        beyond = events.get(key) or []
        if beyond:
            rows = tuple({scale: entry} for entry in beyond[:SHOWN])
            yield Finding("event_beyond", len(beyond), (scale,), rows)


def finance_scale(found: Evidence) -> Iterator[Finding]:
    """A digital finance index that is not in its own points."""
    for name in FINANCE:
        if name not in found.numeric:
            continue
        values = found.values(name)
        known = values[~np.isnan(values)]
        if len(known) >= LEAST_ROWS:
            median = float(np.median(known))
            if not FINANCE_SCALE[0] <= median <= FINANCE_SCALE[1]:
                yield Finding("finance_scale", len(known), (name,), (), {"median": f"{median:.4g}"})


def finance_years(found: Evidence) -> Iterator[Finding]:
    """A digital finance index in years before there was one, or carried from one year to the next."""
    for name in FINANCE:
        if name not in found.numeric:
            continue
        values = found.values(name)
        early = ~np.isnan(values) & (found.year < FINANCE_FIRST)
        if early.any():
            yield Finding("finance_years", int(early.sum()), (name,), found.shown(early, [name]))
        same = values[found.later] == values[found.later - 1]
        both = ~np.isnan(values[found.later]) & ~np.isnan(values[found.later - 1])
        for year, part in found.of_year.items():
            known = same[part][both[part]]
            if len(known) >= LEAST_ROWS and share(known) >= CARRIED:
                told = {"year": year, "percent": percent(share(known))}
                yield Finding("finance_carried", int(known.sum()), (name,), (), told)
