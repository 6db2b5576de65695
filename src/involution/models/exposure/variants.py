"""The headline with one judgement in its exposure changed at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.measures.event_reach import USUAL, Event, Reach
from involution.models.exposure.pool import pool_of
from involution.models.exposure.regression import fitted
from involution.models.exposure.setting import Setting
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, of_failure, statistic_rows

ESTIMATOR = "exposure_sensitivity"
HEADLINE = "headline"


@dataclass(frozen=True)
class Variant:
    """One choice of judgements: how far events reach, and how strong each is (zero for those left out)."""

    label: str
    reach: Reach
    strengths: Floats


def variants(setting: Setting) -> Iterator[Variant]:
    """The headline's choice, then the others, in the order of the study file."""
    asked, events = setting.asked.sensitivity, setting.of_kind(True)
    usual = setting.strengths(events)
    yield Variant(HEADLINE, USUAL, usual)
    if asked is None:
        return
    for value in asked.half_life:
        yield Variant(f"half_life={value:g}", Reach(half_life=value), usual)
    for value in asked.near:
        yield Variant(f"near={value:g}", Reach(near=value), usual)
    for value in asked.distance:
        yield Variant(f"distance={value:g}", Reach(distance=value), usual)
    for name, weights in asked.weights.items():
        yield Variant(f"weights={name}", USUAL, setting.strengths(events, weights))
    for origin in origins(events) if asked.origin_level else ():
        chosen = np.array([event.origin == origin for event in events])
        yield Variant(f"origin_level={origin}", USUAL, np.where(chosen, usual, 0.0))


def origins(events: Sequence[Event]) -> list[str]:
    """Levels of government that passive events come from, where they are several."""
    found = sorted({event.origin for event in events} - {""})
    return found if len(found) > 1 else []


def sensitivity(setting: Setting, name: str) -> BlockResult:
    """The slope under each variant, as the terms of one model.

    Parameters
    ----------
    setting : Setting
    name : str
        Of the model.
    """
    parts, failed = [], list[Note]()
    events, effects = setting.of_kind(True), setting.asked.fixed_effects or ()
    if not events:
        why = "there is no passive event"
        return of_failure(name, why, estimator=ESTIMATOR, outcome=setting.outcome, fixed_effects=effects)
    for variant in variants(setting):
        try:
            pool = pool_of(events, setting.places, variant.reach)
            exposure = pool.exposure(variant.strengths) - pool.expected(variant.strengths, setting.asked.permute)
            found = fitted(setting, {setting.exposure: setting.over_rows(exposure)})
        except NotEstimable as error:
            failed.append(note("exposure_variant", name=f"[{variant.label}]", reason=str(error)))
            continue
        tidy = found.fit.tidy()
        row = tidy[tidy["term"] == found.products[0]].assign(term=f"{found.products[0]}[{variant.label}]")
        rows = estimate_rows(name, row, found.fit, (), estimator=ESTIMATOR, outcome=setting.outcome)
        parts.append(BlockResult(rows, statistic_rows(name, ()), note_rows(name, ())))
    usual = note("exposure_sensitivity", half_life=f"{USUAL.half_life:g}", near=f"{USUAL.near:g}")
    remarks = [usual, *failed]
    if not parts:
        reason = dict(failed[0].values)["reason"]
        return of_failure(name, reason, estimator=ESTIMATOR, outcome=setting.outcome, fixed_effects=effects)
    whole = gathered(parts, study="", block="")
    estimates = whole.estimates.assign(note="; ".join(remark.text() for remark in remarks))
    counted = [("variants", float(len(parts)), np.nan, np.nan)]
    return BlockResult(estimates, statistic_rows(name, counted), pd.DataFrame(note_rows(name, remarks)))
