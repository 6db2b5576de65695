"""What a block finds with another column in the place of its outcome: the truth of its effects in simulated data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.tidy import BlockResult
from involution.study.sections import MODEL_NAMES, Blocks
from involution.study.timing import dated

SECTIONS = (
    "moderation", "threshold", "response_surface", "exposure", "event_study", "breakthrough", "heterogeneity",
    "quantile_regression",
)  # fmt: skip
"""Sections whose items have one outcome each; every one is the block of the same name."""
_DRAWS = 99
"""Of bands and tests, which are not looked at."""

Runs = Callable[[Blocks, pd.DataFrame, Run], BlockResult]
Found = Callable[[str], Mapping[str, float]]


def with_expected(study: Blocks, data: pd.DataFrame, run: Run, runs: Mapping[str, Runs]) -> dict[str, Found]:
    """By model of such a block: from the column that stands in for the outcome to the estimates by term.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel.
    run : Run
    runs : mapping of str to callable
        What estimates each block.

    Returns
    -------
    dict of str to callable
        A section is estimated once for each column. The rows are those on which the outcome is known.
    """
    out: dict[str, Found] = {}
    for section in SECTIONS:
        for asked in getattr(study, section):
            found = _estimated_once(section, asked, study, data, replace(run, draws=_DRAWS), runs[section])
            alone = Blocks.model_validate({section: [asked]})
            out |= {name: _of_model(found, name) for name in MODEL_NAMES[section](alone)}
    return out


def _of_model(found: Callable[[str], Mapping[str, Mapping[str, float]]], name: str) -> Found:
    return lambda expected: found(expected).get(name, {})


def _estimated_once(
    section: str, asked: Any, study: Blocks, data: pd.DataFrame, run: Run, estimate: Runs
) -> Callable[[str], Mapping[str, Mapping[str, float]]]:
    """Estimates by model and term of one item, whatever number of its models is asked for."""

    @cache
    def found(expected: str) -> dict[str, dict[str, float]]:
        # Event studies have the row's own year; the others say theirs.
        whole = asked if section == "event_study" else asked.completed(study.design)
        years = 0 if section == "event_study" else whole.timing.outcome
        made, _ = with_dated(data, [(whole.outcome, years)], f"{section}: {asked.name}")
        column = dated(whole.outcome, years)
        changed = made.assign(**{column: made[expected].where(made[column].notna())})
        rows = estimate(study.model_copy(update={section: [asked]}), changed, run).estimates
        by_model = rows.dropna(subset=["estimate"]).groupby("model", sort=False)
        return {str(name): dict(zip(part["term"], part["estimate"], strict=True)) for name, part in by_model}

    return found
