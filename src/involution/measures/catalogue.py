"""Every registered measure, in the order of its column."""

from __future__ import annotations

from involution.measures import (
    capabilities,
    concentration,
    constraint,
    effort,
    industry,
    margins,
    markup,
    outcomes,
    products,
    short_termism,
)
from involution.measures.registry import FUNCTIONS, REGISTRY, Entry

MODULES = (
    outcomes, capabilities, concentration, constraint, effort, margins, industry, markup, products, short_termism,
)  # fmt: skip


def catalogue() -> list[Entry]:
    """The entries of each of `MODULES` in turn, as they stand in it; then those that others have registered."""
    place = {module.__name__: position for position, module in enumerate(MODULES)}
    return sorted(REGISTRY.values(), key=lambda entry: place.get(FUNCTIONS[entry.name].__module__, len(place)))
