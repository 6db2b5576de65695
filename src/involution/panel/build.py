"""From the files that a study names to the population panel, with an account of every row.

The order: read, filter, stack, map columns, join, contract, codes, derive, population.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.concordance import coarser_industries, one_industry, province_of
from involution.panel.contract import check_panel, negatives
from involution.panel.convert import check_options, typed
from involution.panel.evaluate import check_columns, computed, filtered
from involution.panel.event_table import no_events
from involution.panel.events import ReadEvents, read_events
from involution.panel.join import cohort_column, join_file, stacked
from involution.panel.read import FILE, LINE, Reading, read_source
from involution.panel.regions import check_vintages, one_vintage
from involution.panel.shift_share import read_shift_share
from involution.panel.statements import one_statement, statements
from involution.panel.suspicions import suspicions
from involution.panel.truth import no_truth, read_truth
from involution.study.data import Data, PanelSource
from involution.study.expressions import ExpressionError, parse_expression
from involution.study.population import Population

Resolve = Callable[[str], str]


@dataclass(frozen=True)
class Built:
    """The data of a study, read.

    Attributes
    ----------
    panel : DataFrame
        One row per firm-year, sorted, codes as text, numbers in base units.
    events : DataFrame
        One row per event and rater; no row where the study names no events.
    truth : DataFrame
        Planted effects, name and truth; no row where the study names none.
    shares, shocks : DataFrame
        See `panel.shift_share`; no row where the study names none.
    report : dict
        Sources with hashes and encodings, rows in and out of each step and why, joins, missing and
        negative values, units, industry switchers, codes of regions brought to one vintage, the panel's shape, the
        events and how far their raters agree, the kinds of statements, and what is suspicious (`panel.suspicions`).
    """

    panel: pd.DataFrame
    events: pd.DataFrame
    truth: pd.DataFrame
    shares: pd.DataFrame
    shocks: pd.DataFrame
    report: dict[str, Any]


def build_panel(
    data: Data, derive: Mapping[str, str], population: Population, resolve: Resolve
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The population panel of a study and its report: two of the parts of `built`."""
    found = built(data, derive, population, resolve)
    return found.panel, found.report


def built(data: Data, derive: Mapping[str, str], population: Population, resolve: Resolve) -> Built:
    """Read the files of a study into the population panel and the tables beside it.

    Parameters
    ----------
    data : study.data.Data
    derive : mapping of str to str
        Columns made before measuring, in order.
    population : study.population.Population
    resolve : callable
        From a source, as the study names it, to a path.

    Returns
    -------
    Built

    Raises
    ------
    InputError
        For any input that cannot be used, with file, column, rows and mend.
    """
    steps: list[dict[str, Any]] = []
    readings = read_source(data.panel, resolve)
    raw = stacked(readings, "data.panel")
    steps.append(_step("read", len(raw), len(raw)))
    _check_named(raw, data.panel)
    kept = filtered(raw, data.panel.filter, "data.panel.filter")
    if data.panel.filter is not None:
        steps.append(_step(f"filter {data.panel.filter}", len(raw), len(kept)))
    if kept.empty:
        raise InputError(Problem("data.panel.filter", "no row is left", mend="check the filter"))
    panel = _mapped(kept, data.panel)
    check_panel(panel, "data.panel.columns", one_statement(kept))
    panel = panel.sort_values(["firm", "year"], kind="stable").reset_index(drop=True)
    panel, industries = one_industry(panel, data.panel.industry_assignment)
    panel, regions = one_vintage(panel, data.panel.region_codes, "data.panel")
    check_vintages(panel, "data.panel")
    panel = province_of(coarser_industries(panel))
    panel, joins, more = _joined(panel, data, resolve, industries)
    check_panel(panel, "data")
    panel = panel.drop(columns=[FILE, LINE])
    panel = _derived(panel, derive)
    panel = _populated(panel, population, steps)
    events = read_events(data.events, panel, resolve) if data.events else ReadEvents(no_events(), {}, [])
    truth, planted = read_truth(data.truth, resolve) if data.truth else (no_truth(), [])
    exposure = read_shift_share(data.shift_share, panel, resolve)
    report = {
        "sources": _sources([*readings, *more, *events.readings, *planted, *exposure.readings]),
        "rows_read": len(raw),
        "steps": steps,
        "joins": joins,
        "industries": industries,
        "units": {**data.panel.units, **{k: v for join in data.join for k, v in join.units.items()}},
        "missing": {str(name): int(count) for name, count in panel.isna().sum().items() if count},
        "negative": negatives(panel),
        "regions": regions,
        "statements": statements(kept),
        "shape": _shape(panel),
        "events": events.report,
        "shift_share": exposure.report,
    }
    report["suspicious"] = [finding.record() for finding in suspicions(panel, report)]
    return Built(panel, events.table, truth, exposure.shares, exposure.shocks, report)


def _step(step: str, before: int, after: int) -> dict[str, Any]:
    return {"step": step, "rows_before": before, "rows_dropped": max(0, before - after), "rows_after": after}


def _check_named(raw: pd.DataFrame, options: PanelSource) -> None:
    """Every column that the panel names, also in its filter, is in its files."""
    named = {f"{', '.join(options.source)}: column {name}": source for name, source in options.columns.items()}
    kept = {f"data.panel.keep: {name}": name for name in options.keep if name not in options.columns}
    check_columns(raw, {**named, **kept}, options.filter, "data.panel.filter")


def _mapped(raw: pd.DataFrame, options: PanelSource) -> pd.DataFrame:
    """The canonical columns, built one by one: what survives is what is listed."""
    check_options([*options.columns, *options.keep], options.pad, options.units, "data.panel")
    out = pd.DataFrame(index=raw.index)
    for name, source in options.columns.items():
        where = f"{', '.join(options.source)}: column {name}"
        out[name] = typed(name, computed(raw, source, where), raw, where, options.pad, options.units)
    for name in options.keep:
        if name not in out.columns:
            where = f"data.panel.keep: {name}"
            out[name] = typed(name, computed(raw, name, where), raw, where, options.pad, options.units)
    out[FILE], out[LINE] = raw[FILE], raw[LINE]
    return out.reset_index(drop=True)


def _joined(
    panel: pd.DataFrame, data: Data, resolve: Resolve, industries: dict[str, Any]
) -> tuple[pd.DataFrame, list[dict[str, Any]], list[Reading]]:
    """The panel with every further file; `industries` is brought up to date when one of them brings the industry."""
    reports: list[dict[str, Any]] = []
    readings: list[Reading] = []
    for position, options in enumerate(data.join):
        panel, report, read = join_file(panel, options, position, resolve)
        if "industry" in options.columns:
            panel, assigned = one_industry(panel, data.panel.industry_assignment)
            industries.update(assigned)
        if "region" in options.columns:
            check_vintages(panel, f"data.join[{position}]")
        panel = province_of(coarser_industries(panel))
        reports.append(report)
        readings += read
    for name, cohort in data.cohorts.items():
        panel, report, read = cohort_column(panel, name, cohort, resolve)
        reports.append(report)
        readings += read
    return panel, reports, readings


def _derived(panel: pd.DataFrame, derive: Mapping[str, str]) -> pd.DataFrame:
    for name, text in derive.items():
        if name in ("firm", "year"):
            raise InputError(Problem(f"derive: {name}", "this column is a key and cannot be made anew"))
        panel = panel.assign(**{name: _value(panel, text, f"derive: {name}")})
    return panel


def _value(panel: pd.DataFrame, text: str, where: str) -> pd.Series:
    try:
        return parse_expression(text).evaluate(panel)
    except ExpressionError as error:
        raise InputError(Problem(where, str(error))) from None


def _populated(panel: pd.DataFrame, population: Population, steps: list[dict[str, Any]]) -> pd.DataFrame:
    conditions: list[tuple[str, pd.Series]] = []
    if population.years is not None:
        first, last = population.years
        conditions.append((f"population years {first}-{last}", ~panel["year"].between(first, last)))
    for text in population.drop_if:
        held = _value(panel, text, "population.drop_if").fillna(False).astype(bool)
        conditions.append((f"population drop_if {text}", held))
    keep = pd.Series(True, index=panel.index)
    for step, drop in conditions:
        before = int(keep.sum())
        keep &= ~drop
        steps.append(_step(step, before, int(keep.sum())))
    if not keep.any():
        raise InputError(Problem("population", "no row is left", mend="widen years or drop_if"))
    return panel[keep].reset_index(drop=True)


def _sources(readings: list[Reading]) -> list[dict[str, Any]]:
    return [
        {"source": r.source, "sha256": r.sha256, "encoding": r.encoding or None, "rows": len(r.frame)} for r in readings
    ]


def _shape(panel: pd.DataFrame) -> dict[str, Any]:
    firms = panel.groupby("firm")["year"]
    spans = firms.max() - firms.min() + 1
    counts = firms.size()
    years = panel["year"].nunique()
    shape: dict[str, Any] = {
        "rows": len(panel),
        "firms": len(counts),
        "years": [int(panel["year"].min()), int(panel["year"].max())],
        "balanced": bool((counts == years).all()),
        "firms_with_gaps": int((spans != counts).sum()),
        "rows_per_firm_mean": float(counts.mean()),
        "columns": [str(name) for name in panel.columns],
    }
    if "industry" in panel.columns:
        shape["industries"] = int(panel["industry"].nunique())
    return shape
