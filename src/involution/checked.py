"""A study held against its data: what is found, suspicious, not available, and what can be estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from involution.errors import Problem
    from involution.models.prospects import Prospect
    from involution.study.study import Study


@dataclass(frozen=True)
class Checked:
    """What a check of a study finds.

    Attributes
    ----------
    study : Study
    report : mapping
        ``panel/report.json``; what is suspicious stands in it.
    sample : mapping
        Rows in and out of the estimation sample.
    small_cells : mapping
        rows and cells (industry-years) with fewer firms than min_firms, which have no index; rows is 0 without any.
    question : mapping of str to str
        By language, what the study does not say of R&D in accounts that span a change of rules; empty texts where
        there is nothing to ask.
    available : tuple of str
        Measures that the panel has.
    unavailable : mapping of str to str
        Measures that it does not have, each with the reason.
    prospects : tuple of Prospect
        Main models with their rows, firms and clusters, and why some cannot be estimated.
    problems : tuple of Problem
        Names and designs of models that are refused: the study will not run before they are mended.
    """

    study: Study
    report: Mapping[str, Any]
    sample: Mapping[str, Any]
    small_cells: Mapping[str, int]
    question: Mapping[str, str]
    available: tuple[str, ...]
    unavailable: Mapping[str, str]
    prospects: tuple[Prospect, ...]
    problems: tuple[Problem, ...]

    @property
    def suspicious(self) -> list[dict[str, Any]]:
        """Findings as plain data: see `panel.suspicions`."""
        return list(self.report["suspicious"])

    @property
    def uncounted(self) -> dict[str, int]:
        """Sections whose models repeat others and are not counted, with how many models they make."""
        from involution.models.prospects import COUNTED

        names = self.study.names_by_section
        return {section: len(models) for section, models in names.items() if models and section not in COUNTED}


def check_study(study: Study) -> Checked:
    """Hold a study against its data without estimating.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        When its data cannot be read, measured or sampled. Models that are refused are in the result.
    """
    from involution.measures.accounting import unsaid
    from involution.models.blocks import Run
    from involution.models.prospects import prospects
    from involution.models.run import checked_blocks
    from involution.prepared import prepared

    made = prepared(study)
    data, found = made.data, made.found
    tables = (data.shares, data.shocks)
    ready, problems = checked_blocks(study, made.analysis, found.dictionary, data.events, tables)
    run = Run(study.name, found.dictionary, study.definitions, 0, 0, data.events, shift_share=tables)
    small = found.index.get("small_cells", {"rows": 0, "cells": 0})
    known = found.dictionary
    has = known["available"].astype(bool)
    return Checked(
        study,
        data.report,
        made.sample,
        {**small, "min_firms": found.index.get("min_firms", 0)},
        {language: unsaid(data.panel, study.accounting, language) for language in ("en", "zh")},
        tuple(known.loc[has, "name"]),
        dict(zip(known.loc[~has, "name"], known.loc[~has, "reason"], strict=True)),
        tuple(prospects(study, made.analysis, run, ready)),
        tuple(problems),
    )
