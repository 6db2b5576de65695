"""What the terms of event studies are called: ``att[overall]``, ``att[e=-3]``, ``att[g=2014,t=2016]``."""

from __future__ import annotations

import re

OVERALL = "att[overall]"
_CELL = re.compile(r"att\[g=(\d+),t=(\d+)\]")
_EVENT = re.compile(r"att\[e=(-?\d+)\]")


def event_term(event: int) -> str:
    """The effect at years since adoption."""
    return f"att[e={event}]"


def cell_term(cohort: float, year: float) -> str:
    """The effect on a cohort in a year."""
    return f"att[g={cohort:g},t={year:g}]"


def cohort_term(cohort: float) -> str:
    """The effect on a cohort."""
    return f"att[g={cohort:g}]"


def year_term(year: float) -> str:
    """The effect in a calendar year."""
    return f"att[t={year:g}]"


def event_of(term: str) -> int | None:
    """Years since adoption that a term is of; None for every other term."""
    found = _EVENT.fullmatch(term)
    return None if found is None else int(found[1])


def cell_event(term: str) -> int | None:
    """Years since adoption that a cohort's effect in a year is of; None for every other term."""
    found = _CELL.fullmatch(term)
    return None if found is None else int(found[2]) - int(found[1])


def is_part(cell: str, term: str) -> bool:
    """Whether a cohort's effect in a year is one of those that a term averages."""
    found = _CELL.fullmatch(cell)
    if found is None or cell == term:
        return False
    event = int(found[2]) - int(found[1])
    after = {OVERALL, f"att[g={found[1]}]", f"att[t={found[2]}]"} if event >= 0 else set()
    return term in {event_term(event), *after}
