"""What the terms of a rehearsal say: ``size[crv1(firm)]``, ``power[0.05]``, ``size[indirect[m],a=0]`` in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

_TERM = re.compile(r"(?P<what>size|power|coverage|mde)\[(?P<inside>.+)\]")
_VARIANCE = re.compile(r"(?P<kind>hetero|crv1|crv3|wild)(?:\((?P<cluster>.+)\))?")
_EFFECT = re.compile(r"[0-9.e+-]+")
_PATH = re.compile(r"(?:a|b|d|indirect)\[.+\](?:,(?P<zero>a=b=0|a=0|b=0))?")


def inside_of(term: str, what: str) -> str | None:
    """What the brackets of a term hold: ``crv1(firm)`` of ``size[crv1(firm)]``; None for other terms."""
    found = _TERM.fullmatch(term)
    return found["inside"] if found is not None and found["what"] == what else None


def variances(terms: list[str]) -> list[str]:
    """The variances of which a rehearsal tells the size, in its order."""
    inside = [inside_of(term, "size") for term in terms]
    return [name for name in inside if name is not None and _VARIANCE.fullmatch(name)]


def effects(terms: list[str]) -> list[str]:
    """The planted effects of which it tells the power."""
    inside = [inside_of(term, "power") for term in terms]
    return [name for name in inside if name is not None and _EFFECT.fullmatch(name)]


def variance_label(name: str, labels: Labels) -> str:
    """A variance in words: ``crv1(firm)``."""
    found = _VARIANCE.fullmatch(name)
    assert found is not None
    cluster = labels.column(found["cluster"]) if found["cluster"] else ""
    return labels.text(f"rehearsal_vcov_{found['kind']}", cluster=cluster)


def rehearsal_label(term: str, labels: Labels) -> str | None:
    """A term with brackets in words; None for every other term."""
    found = _TERM.fullmatch(term)
    if found is None:
        return None
    inside = found["inside"]
    if _VARIANCE.fullmatch(inside):
        what = variance_label(inside, labels)
    elif _EFFECT.fullmatch(inside):
        what = labels.text("rehearsal_power_at", effect=inside)
    elif (path := _PATH.fullmatch(inside)) is not None:
        zero = path["zero"]
        what = labels.term(inside.removesuffix(f",{zero}") if zero else inside) + (f" ({zero})" if zero else "")
    else:
        return None
    return labels.text(f"rehearsal_term_{found['what']}", what=what)
