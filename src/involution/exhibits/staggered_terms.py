"""What terms beside event studies say: effects by strength, comparisons of two-way fixed effects, a changed slope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

COMPARISONS = ("treated_never", "earlier_later", "later_earlier", "treated_always")
_KEYS = {
    "att[low]": "dose_low",
    "att[middle]": "dose_middle",
    "att[high]": "dose_high",
    "att[high-low]": "dose_contrast",
    "gradient": "dose_gradient",
    "gradient[within e]": "dose_gradient_within",
    "adopted": "triple_adopted",
    "bacon[twfe]": "bacon_twfe",
    **{f"bacon[{kind}]": f"bacon_{kind}" for kind in COMPARISONS},
}
_COMPARISON = re.compile(r"(?P<type>[a-z_]+)\[g=(?P<g>\d+)(?:,h=(?P<h>\d+))?\]")


def is_staggered_term(term: str) -> bool:
    """Whether a term is of a model beside an event study."""
    return term in _KEYS


def staggered_label(term: str, labels: Labels) -> str:
    """Such a term in words."""
    return labels.text(_KEYS[term])


def comparison_type(curve: str) -> str:
    """The kind of comparison that a curve is of; empty for other curves."""
    found = _COMPARISON.fullmatch(curve)
    return found["type"] if found and found["type"] in COMPARISONS else ""
