"""Two stages and imputation on the clock of an event study.

Both impute what treated rows would have been from untreated ones, and agree on every effect. Two stages (Gardner 2022)
average the residuals of untreated rows as leads; imputation (Borusyak, Jaravel and Spiess 2024, section 4.4) tests
them in a regression of untreated rows alone, relative to all earlier untreated ones, so that the test says nothing of
the effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from involution.errors import InputError, NotEstimable, Problem
from involution.models.event_study.adoption import Adoption
from involution.models.event_study.averages import averages, by_cohort_and_year
from involution.models.event_study.combination import Average, Averaged, joined
from involution.models.event_study.first_stage import Asked
from involution.models.event_study.regressions import indicators
from involution.models.event_study.terms import event_term
from involution.models.notes import Note, note
from involution.models.solution import Solution


def did2s(made: Adoption, events: Sequence[int]) -> Solution:
    """Two stages, with leads relative to all untreated rows."""
    return _with_notes(averages(made.sample, _asked(made, events)), made.remarks)


def imputation(made: Adoption, events: Sequence[int]) -> Solution:
    """Imputation, with leads from a regression of untreated rows.

    Parameters
    ----------
    made : Adoption
    events : sequence of int
        Years since adoption that have a term.

    Raises
    ------
    InputError
        For two clusterings: the conservative variance is of one.
    NotEstimable
        When no treated row has an identified effect.
    """
    if len(made.sample.clusters) != 1:
        raise InputError(Problem("cluster", "the variance of imputation takes one clustering", mend="name one column"))
    effects = [event for event in events if event >= -made.anticipation]
    centre = by_cohort_and_year(made.cohort, made.year)
    solution = averages(made.sample, replace(_asked(made, effects), centre=centre))
    said = list(made.remarks)
    whole = Averaged(solution, tuple(Average(name, (name,)) for name in solution.names), {})
    try:
        leads = _leads(made.on(solution.sample), events)
    except NotEstimable as error:
        said.append(note("event_no_leads", reason=str(error)))
        return _with_notes(solution, said)
    both = joined((whole, leads), solution, said)
    return replace(both, statistics=solution.statistics)


def _leads(made: Adoption, events: Sequence[int]) -> Averaged:
    """Years before adoption in a regression of untreated rows."""
    since = made.since[made.sample.rows]
    untreated = made.sample.subset(since < -made.anticipation).without_singletons()
    before = since[np.isfinite(since) & (since < -made.anticipation)]
    earliest = before.min() if len(before) else 0
    asked = [event for event in events if earliest < event < -made.anticipation]
    if not asked:
        raise NotEstimable("no lead has an earlier untreated year to be compared with")
    cells = {event_term(event): made.since == event for event in asked}
    solution = indicators(made, untreated, cells)
    names = [name for name in cells if name in solution.names]
    return Averaged(solution, tuple(Average(name, (name,)) for name in names), cells)


def _asked(made: Adoption, events: Sequence[int]) -> Asked:
    return Asked(made.outcome, made.controls, made.since, events, made.anticipation)


def _with_notes(solution: Solution, said: Sequence[Note]) -> Solution:
    return replace(solution, notes=(*said, *solution.notes))
