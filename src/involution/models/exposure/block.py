"""The block `exposure` of a study: exposure to policy events and the effect of the treatment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.measures.event_reach import USUAL, Event
from involution.models.blocks import Run, spawned_seed
from involution.models.exposure.curves import histogram
from involution.models.exposure.facts import event_notes, event_statistics
from involution.models.exposure.pool import Lead, calendars, pool_of
from involution.models.exposure.randomise import Randomised, randomised
from involution.models.exposure.regression import Fitted, difference, fitted, without
from involution.models.exposure.setting import LEAD, Setting, settings_of
from involution.models.exposure.variants import sensitivity
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.tidy import BlockResult, estimate_rows, gathered, note_rows, of_failure, of_fit, statistic_rows
from involution.study.block_names import exposure_names
from involution.study.sections import Blocks

BLOCK = "exposure"
MOST_DRAWS = 999
"""Permuted calendars where a section names none and the run has more draws."""
_KINDS = {True: ("passive", "被动"), False: ("active", "主动")}
_PERMUTED = {"dates": ("dates", "日期"), "places": ("places", "目标")}


def run_exposure(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate every section `exposure` of a study.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run
        With the study's events.

    Raises
    ------
    InputError
        For events that are not there, columns that do not exist and designs that a rule refuses, all together.
    """
    parts = [part for setting in settings_of(study, data, run) for part in _section(setting, run)]
    return gathered(parts, study=run.study, block=BLOCK)


def check_exposure(study: Blocks, data: pd.DataFrame, run: Run) -> list[Setting]:
    """Every section on the data; an InputError for what `run_exposure` would refuse."""
    return settings_of(study, data, run)


def _section(setting: Setting, run: Run) -> list[BlockResult]:
    asked, told = setting.asked, event_notes(setting)
    makers: dict[str, Callable[[str], BlockResult]] = {
        asked.name: lambda name: _headline(setting, name, run),
        f"{asked.name}_unadjusted": lambda name: _plain(setting, name, run, recentred=False),
        f"{asked.name}_product": lambda name: _plain(setting, name, run, demeaned=False),
        f"{asked.name}_no_years": lambda name: _plain(setting, name, run, by_year=False),
        f"{asked.name}_active": lambda name: _plain(setting, name, run, passive=False),
        f"{asked.name}_both": lambda name: _both(setting, name, run),
        f"{asked.name}_leads": lambda name: _leads(setting, name, run),
    }
    parts = [_made(setting, name, makers[name]) for name in exposure_names(asked)]
    if asked.sensitivity is not None:
        parts.append(sensitivity(setting, f"{asked.name}_sensitivity"))
    return [_with_notes(part, told) for part in parts]


def _made(setting: Setting, name: str, make: Callable[[str], BlockResult]) -> BlockResult:
    try:
        return make(name)
    except NotEstimable as error:
        effects = setting.asked.fixed_effects or ()
        return of_failure(name, str(error), estimator="ols", outcome=setting.outcome, fixed_effects=effects)


def _with_notes(part: BlockResult, told: Sequence[Note]) -> BlockResult:
    """A model with what is told of the events."""
    name = str(part.estimates["model"].iloc[0])
    notes = pd.concat([part.notes, note_rows(name, told)], ignore_index=True)
    more = "; ".join(remark.text() for remark in told)
    return replace(part, notes=notes, estimates=part.estimates.assign(note=part.estimates["note"] + f"; {more}"))


def _recentred(setting: Setting, passive: bool, lead: Lead | None = None, *, recentred: bool = True) -> Floats:
    """Exposure to the events of one kind over the rows of the data, less its mean over permuted calendars."""
    events = _some(setting, passive)
    pool, strengths = pool_of(events, setting.places, USUAL, lead), _strengths(setting, events, passive)
    exposure = pool.exposure(strengths)
    if recentred:
        if len(events) == 1:
            raise NotEstimable(f"a calendar of one {_KINDS[passive][0]} event cannot be permuted: recentred is zero")
        exposure = exposure - pool.expected(strengths, setting.asked.permute)
    return setting.over_rows(exposure)


def _some(setting: Setting, passive: bool) -> list[Event]:
    events = setting.of_kind(passive)
    if not events:
        raise NotEstimable(f"there is no {_KINDS[passive][0]} event")
    return events


def _strengths(setting: Setting, events: Sequence[Event], passive: bool) -> Floats:
    """By the scales of the exposure; those of active events are always the mean of the three."""
    return setting.strengths(events) if passive else np.array([event.strength for event in events])


def _headline(setting: Setting, name: str, run: Run) -> BlockResult:
    """Recentred, demeaned, slopes by year; with the slopes under permuted calendars."""
    found = _fitted(setting, {setting.exposure: _recentred(setting, True)}, name, run)
    events, permute = setting.of_kind(True), setting.asked.permute
    seed = spawned_seed(run.seed, name)
    pool, strengths = pool_of(events, setting.places, USUAL), setting.strengths(events)
    drawn = calendars(len(events), permute, run.draws_of(setting.asked.draws, MOST_DRAWS), seed)
    shuffled = randomised(found, pool, strengths, pool.expected(strengths, permute), setting.place, drawn)
    remarks = [_said_recentred(setting, True), _said_randomised(shuffled, seed)]
    lost = int(np.isnan(shuffled.slopes).sum())
    remarks += [note("exposure_unidentified", count=lost)] if lost else []
    part = _reported(name, found, remarks, [*_randomisation(shuffled), *event_statistics(setting)])
    return replace(part, curves=histogram(shuffled.slopes).assign(model=name))


def _randomisation(found: Randomised) -> list[Row]:
    permuted = found.slopes[1:][~np.isnan(found.slopes[1:])]
    values = {
        "randomisation_calendars": float(len(found.slopes)),
        "randomisation_distinct": float(found.distinct),
        "randomisation_smallest_p": found.smallest,
        "randomisation_mean": float(permuted.mean()) if len(permuted) else np.nan,
        "randomisation_sd": float(permuted.std(ddof=1)) if len(permuted) > 1 else np.nan,
    }
    rows: list[Row] = [("randomisation_p", found.p_value, np.nan, found.p_value)]
    return rows + [(name, value, np.nan, np.nan) for name, value in values.items() if not np.isnan(value)]


def _plain(
    setting: Setting,
    name: str,
    run: Run,
    *,
    passive: bool = True,
    recentred: bool = True,
    demeaned: bool = True,
    by_year: bool = True,
) -> BlockResult:
    term = setting.exposure if passive else setting.active
    exposure = {term: _recentred(setting, passive, recentred=recentred)}
    found = _fitted(setting, exposure, name, run, demeaned=demeaned, by_year=by_year)
    said = _said_recentred(setting, passive) if recentred else note("exposure_unadjusted")
    return _reported(name, found, [said], [])


def _both(setting: Setting, name: str, run: Run) -> BlockResult:
    """Passive and active exposure in one model, and the difference of their slopes."""
    exposures = {setting.exposure: _recentred(setting, True), setting.active: _recentred(setting, False)}
    found = _fitted(setting, exposures, name, run)
    row, wald = difference(found.fit, *found.products)
    remarks = [_said_recentred(setting, True), _said_recentred(setting, False), note("exposure_difference")]
    part = _reported(name, found, remarks, [wald])
    fit = found.fit
    more = estimate_rows(name, pd.DataFrame([row]), fit, (), estimator=fit.estimator, outcome=fit.outcome)
    more = more.assign(r2=fit.r2, r2_within=fit.r2_within, note=str(part.estimates["note"].iloc[0]))
    return replace(part, estimates=pd.concat([part.estimates, more], ignore_index=True))


def _leads(setting: Setting, name: str, run: Run) -> BlockResult:
    """Exposure, and exposure to events that have not begun when the outcome is known."""
    lead = setting.lead
    exposures = {setting.exposure: _recentred(setting, True), LEAD: _recentred(setting, True, lead)}
    found = _fitted(setting, exposures, name, run)
    years = setting.asked.years
    said = note("exposure_lead", lead=LEAD, ahead=lead.ahead + years, begun=lead.begun + years)
    return _reported(name, found, [_said_recentred(setting, True), said], [])


def _fitted(
    setting: Setting,
    exposures: Mapping[str, Floats],
    name: str,
    run: Run,
    *,
    demeaned: bool = True,
    by_year: bool = True,
) -> Fitted:
    seed = spawned_seed(run.seed, f"{name}_wild")
    return fitted(setting, exposures, demeaned=demeaned, by_year=by_year, seed=seed, draws=run.draws or 999)


def _reported(name: str, found: Fitted, remarks: Sequence[Note], rows: Sequence[Row]) -> BlockResult:
    """A fitted model with further remarks and statistics."""
    fit = without(found.fit, found.hidden)
    part = of_fit(name, replace(fit, remarks=(*fit.remarks, *remarks)))
    return replace(part, statistics=pd.concat([part.statistics, statistic_rows(name, rows)], ignore_index=True))


def _said_recentred(setting: Setting, passive: bool) -> Note:
    kind, kind_zh = _KINDS[passive]
    names = [_PERMUTED[what] for what in ("dates", "places") if what in setting.asked.permute]
    return note(
        "exposure_recentred", kind=kind, kind_zh=kind_zh, permuted=" and ".join(en for en, _ in names),
        permuted_zh="与".join(zh for _, zh in names),
    )  # fmt: skip


def _said_randomised(found: Randomised, seed: int) -> Note:
    code = "exposure_randomisation_all" if found.complete else "exposure_randomisation"
    shown = f"{found.smallest:.3g}"
    return note(code, count=len(found.slopes), draws=len(found.slopes) - 1, seed=str(seed), distinct=found.distinct,
                smallest=shown)  # fmt: skip
