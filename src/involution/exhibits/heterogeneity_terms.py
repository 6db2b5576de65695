"""Groups and quantiles in words: ``x[ownership=soe]``, ``difference[ownership=soe-private]``, ``x[q=0.1]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from involution.exhibits.breakthrough_terms import group_label

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

PARTED = ("low", "middle", "high", "q1", "q2", "q3", "q4")
_DIFFERENCE = re.compile(r"difference\[(?P<by>[^\[\]=]+)=(?P<group>.+?)-(?P<reference>.+)\]")
_QUANTILE = re.compile(r"(?P<x>.+)\[q=(?P<quantile>[0-9.e-]+)\]")
_MOMENT = re.compile(r"(?P<x>.+)\[(?P<what>location|scale)\]")
_GROUP = re.compile(r"(?P<x>.+)\[(?P<by>[^\[\]=]+)=(?P<group>.+)\]")


def named_group(by: str, group: str, labels: Labels) -> str:
    """A group in words: a size class, a quantile group, a code that the study labels, else itself."""
    if group in PARTED and group not in labels.study:
        return labels.text(f"heterogeneity_{group}")
    return group_label(by, group, labels)


def heterogeneity_label(term: str, labels: Labels) -> str | None:
    """A term of heterogeneity or of a quantile regression in words; None for every other term."""
    found = _DIFFERENCE.fullmatch(term)
    if found is not None:
        by = found["by"]
        group, reference = (named_group(by, found[part], labels) for part in ("group", "reference"))
        return labels.text("heterogeneity_difference_of", by=labels.column(by), group=group, reference=reference)
    found = _QUANTILE.fullmatch(term)
    if found is not None:
        return labels.text("quantile_term", x=labels.column(found["x"]), quantile=found["quantile"])
    found = _MOMENT.fullmatch(term)
    if found is not None:
        what = labels.text(f"quantile_{found['what']}")
        return f"{labels.column(found['x'])} ({what})"
    found = _GROUP.fullmatch(term)
    if found is not None:
        by = found["by"]
        return f"{labels.column(found['x'])} ({labels.column(by)} = {named_group(by, found['group'], labels)})"
    return None
