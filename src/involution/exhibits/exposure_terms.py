"""What the terms and variants of an exposure block say: ``x:e[half_life=1]`` taken apart, and in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

_FIXED = {"passive-active": "exposure_difference", "event_exposure_lead": "exposure_lead"}
_VARIANT = re.compile(
    r"(?P<product>.+:.+)\[(?P<variant>headline|(?:half_life|near|distance|weights|origin_level)=.+)\]"
)
_SCALES = ("novelty", "disruption", "criticality")
_LEVELS = ("central", "provincial", "municipal", "county")


def variant_of(term: str) -> tuple[str, str] | None:
    """The product and the variant of a term of a sensitivity; None for every other term."""
    found = _VARIANT.fullmatch(term)
    return None if found is None else (found["product"], found["variant"])


def exposure_label(term: str, labels: Labels) -> str | None:
    """A term of an exposure block in words; None for one that has no words of its own."""
    if term in _FIXED:
        return labels.text(_FIXED[term])
    found = variant_of(term)
    if found is None:
        return None
    return labels.text("exposure_at", product=labels.term(found[0]), variant=variant_label(found[1], labels))


def variant_label(variant: str, labels: Labels) -> str:
    """A variant in words: ``half_life=1`` is half-life of 1 years."""
    key, _, value = variant.partition("=")
    if value in _SCALES:
        value = labels.text(f"report_{value}").lower()
    elif key == "origin_level" and value in _LEVELS and value not in labels.study:
        value = labels.text(f"exposure_level_{value}")
    elif key in ("weights", "origin_level"):
        value = labels.value(value)
    return labels.text(f"exposure_variant_{key}", value=value)


def variant_group(variant: str) -> str:
    """What a variant changes: headline, half_life, near, weights or origin_level."""
    return variant.partition("=")[0]


def spelled_variant(term: str) -> str | None:
    """A term of a sensitivity with its signs as words, so that names without signs differ."""
    found = variant_of(term)
    if found is None:
        return None
    return f"{found[0]} {found[1].replace('=', ' ').replace('.', ' point ')}"
