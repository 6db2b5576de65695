"""Instruments for the treatment: second stage, first stage, reduced form and least squares on the same rows.

An instrument moves the treatment and has no other way to the outcome. What the data can tell is told: how strongly it
moves it (the effective F against its critical value, the Anderson-Rubin set that does not mind), and with more
instruments than one whether they agree (Hansen's J with clusters). That it has no other way they cannot tell;
`plausibly_exogenous` says how much of one it would take.
"""

from __future__ import annotations

import pandas as pd

from involution.errors import InputError, Problem
from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.endogeneity.asked import (
    SECTION,
    Method,
    Prepared,
    controls_of,
    outcome_of,
    prepared,
    treatment_of,
)
from involution.models.endogeneity.plausibly_exogenous import bounds
from involution.models.endogeneity.two_stage import TwoStage, beside, second_stage
from involution.models.notes import Note
from involution.models.tidy import BlockResult
from involution.study.endogeneity import Endogeneity
from involution.study.timing import dated


def _pairs(asked: Endogeneity) -> list[tuple[str, int]]:
    assert asked.instruments is not None
    return [item.pair(asked.clock.treatment) for item in asked.instruments]


def _misused(asked: Endogeneity) -> list[Problem]:
    """Instruments that are a column of the equation itself."""
    taken = {outcome_of(asked): "the outcome", **dict.fromkeys(controls_of(asked), "a control")}
    taken[treatment_of(asked)] = "the treatment itself"
    names = [dated(*pair) for pair in _pairs(asked)]
    mend = "name a column that moves the treatment and has no other way to the outcome"
    where = f"{SECTION}: {asked.name}, instruments"
    return [Problem(where, f"'{name}' is {taken[name]}", mend=mend) for name in names if name in taken]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    problems = _misused(asked)
    try:
        found = prepared(asked, _pairs(asked), data, run)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return found


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    model = TwoStage(asked, design, said, tuple(dated(*pair) for pair in _pairs(asked)), run)
    parts = [second_stage(model), *(beside(model, part) for part in ("first", "reduced", "ols"))]
    return [*parts, *([bounds(model)] if asked.plausibly_exogenous else [])]


INSTRUMENTS = Method(_prepare, _estimate, "iv")
