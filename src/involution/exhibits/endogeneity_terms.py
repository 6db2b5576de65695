"""Terms of the section endogeneity in words: ``bound[c,2x]``, ``oster[delta=1]``, ``treated[x]``, ``reported[y]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

_BOUND = re.compile(r"bound\[(?P<control>.+),(?P<times>[^,]+x)\]")
_OSTER = re.compile(r"oster\[delta=(?P<delta>[^\]]+)\]")
_MADE = re.compile(r"(?P<what>treated|reported)\[(?P<column>.+)\]")


def bound_of(term: str) -> tuple[str, str] | None:
    """The control of a bound and how many times as strong; None for every other term."""
    found = _BOUND.fullmatch(term)
    return None if found is None else (found["control"], found["times"])


def endogeneity_label(term: str, labels: Labels) -> str | None:
    """A term of the section in words; None for one that has no words of its own."""
    bound = bound_of(term)
    if bound is not None:
        return labels.text("omitted_bound", control=labels.column(bound[0]), times=bound[1])
    found = _OSTER.fullmatch(term)
    if found is not None:
        return labels.text("oster_at", delta=found["delta"])
    found = _MADE.fullmatch(term)
    if found is not None:
        return labels.text(f"{found['what']}_indicator", column=labels.column(found["column"]))
    return labels.text("inverse_mills") if term == "inverse_mills" else None
