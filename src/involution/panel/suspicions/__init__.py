"""What looks wrong in a panel, or has to be known before its results are believed: one function per suspicion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from involution.panel.suspicions import amounts, jumps, matches, sources, structure
from involution.panel.suspicions.finding import Evidence, Finding
from involution.panel.suspicions.texts import SEVERITIES, Severity, Told, told

__all__ = ["SEVERITIES", "SUSPICIONS", "Evidence", "Finding", "Severity", "Told", "suspicions", "told"]

SUSPICIONS: tuple[Callable[[Evidence], Iterable[Finding]], ...] = (
    sources.statement_types,
    sources.statement_ends,
    jumps.unit_of_year,
    amounts.unit_of_column,
    amounts.revenue_per_head,
    jumps.unit_of_firm,
    jumps.growth_of_hundred,
    amounts.employees_beyond,
    amounts.loss_beyond_sales,
    amounts.negative,
    amounts.zero,
    amounts.part_above_whole,
    amounts.share_beyond_one,
    structure.copied_year,
    structure.zero_from_a_year,
    structure.empty_column,
    structure.identical_columns,
    structure.constant_column,
    structure.seen_once,
    structure.year_gap,
    structure.firms_with_gaps,
    structure.one_industry_dominates,
    sources.industry_vintage,
    sources.region_vintage,
    sources.region_codes,
    sources.survey_threshold,
    sources.listed_only,
    matches.join_lacks,
    matches.cohort_unmatched,
    matches.cohort_years,
    matches.event_raters,
    matches.event_scopes,
    matches.finance_scale,
    matches.finance_years,
)


def suspicions(panel: pd.DataFrame, report: Mapping[str, Any]) -> list[Finding]:
    """What is suspicious in a panel.

    Parameters
    ----------
    panel : DataFrame
        The population, one row per firm-year, sorted by them.
    report : mapping
        How it was built: joins, industries, regions, statements, negative amounts.

    Returns
    -------
    list of Finding
        Mistakes first, then doubts, then what is only to be known. Nothing of the panel is changed.
    """
    found = Evidence(panel, report)
    made = [finding for suspicion in SUSPICIONS for finding in suspicion(found)]
    return sorted(made, key=lambda finding: SEVERITIES.index(finding.severity))
