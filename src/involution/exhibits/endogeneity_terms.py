"""What the terms of the section `endogeneity` say in words: ``union[x]``, ``rotemberg[k]``, ``bound[c,2x]``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

BLOCK = "endogeneity"
_OF_COLUMN = re.compile(r"(?P<what>union|local_to_zero|lewbel|balance)\[(?P<of>.+)\]")
_OF_SHOCK = re.compile(r"rotemberg\[(?P<of>.+)\]")
_ALONE = ("shift_share", "sum_of_shares", "inverse_mills")
_BY_YEAR = re.compile(r"sum_of_shares::(?P<year>\d+)")
_BOUND = re.compile(r"bound\[(?P<control>.+),(?P<times>[^,]+x)\]")
_OSTER = re.compile(r"oster\[delta=(?P<delta>[^\]]+)\]")
_MADE = re.compile(r"(?P<what>treated|reported)\[(?P<column>.+)\]")


def bound_of(term: str) -> tuple[str, str] | None:
    """The control of a bound and how many times as strong; None for every other term."""
    found = _BOUND.fullmatch(term)
    return None if found is None else (found["control"], found["times"])


def endogeneity_label(term: str, labels: Labels) -> str | None:
    """A term of the section in words; None for one that has no words of its own."""
    if term in _ALONE:
        return labels.text(f"term_{term}")
    bound = bound_of(term)
    if bound is not None:
        return labels.text("omitted_bound", control=labels.column(bound[0]), times=bound[1])
    for pattern, label in _LABELS:
        found = pattern.fullmatch(term)
        if found is not None:
            return label(found, labels)
    return None


_LABELS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Labels], str]], ...] = (
    (_OF_COLUMN, lambda found, labels: labels.text(f"term_{found['what']}", of=labels.column(found["of"]))),
    (_OF_SHOCK, lambda found, labels: labels.text("term_rotemberg", of=labels.value(found["of"]))),
    (_BY_YEAR, lambda found, labels: labels.text("term_sum_of_shares_year", year=found["year"])),
    (_OSTER, lambda found, labels: labels.text("oster_at", delta=found["delta"])),
    (_MADE, lambda found, labels: labels.text(f"{found['what']}_indicator", column=labels.column(found["column"]))),
)
"""Forms of terms, and what each is called."""
