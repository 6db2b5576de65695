"""What the terms of an event study say: ``att[overall]``, ``att[e=-3]``, ``att[g=2014,t=2016]`` in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

BLOCK = "event_study"
OVERALL = "att[overall]"
_TERM = re.compile(r"att\[(?:(?P<overall>overall)|e=(?P<e>-?\d+)|(?:g=(?P<g>\d+))?,?(?:t=(?P<t>\d+))?)\]")


def is_event_term(term: str) -> bool:
    """Whether a term is of an event study."""
    return _TERM.fullmatch(term) is not None


def event_of(term: str) -> int | None:
    """Years since adoption that a term is of; None for every other term."""
    found = _TERM.fullmatch(term)
    return int(found["e"]) if found and found["e"] else None


def event_label(term: str, labels: Labels) -> str:
    """A term of an event study in words."""
    found = _TERM.fullmatch(term)
    if found is None:
        return term
    if found["overall"]:
        return labels.text("event_overall")
    if found["e"]:
        return labels.text("event_time", event=found["e"].replace("-", "−"))
    key = "event_cell" if found["g"] and found["t"] else "event_cohort" if found["g"] else "event_year"
    return labels.text(key, cohort=found["g"], year=found["t"])


def event_order(terms: Iterable[str]) -> list[str]:
    """The overall effect, then years since adoption from the earliest to the latest."""
    known = list(dict.fromkeys(terms))
    events = sorted((event, term) for term in known if (event := event_of(term)) is not None)
    return [*([OVERALL] if OVERALL in known else []), *(term for _, term in events)]
