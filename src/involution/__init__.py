"""Involution-type competition and innovation of small firms: measurement, estimation, exhibits.

The names below are loaded when first used, so that ``import involution`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from involution.measures import measure
    from involution.models.design import Design
    from involution.models.estimate import estimate
    from involution.models.event_study.event_study import event_study
    from involution.models.mediation.mediate import mediate
    from involution.models.moderation.moderate import moderate
    from involution.models.result import Fit
    from involution.study import load_study

__version__ = "0.1.0"
__all__ = ["Design", "Fit", "estimate", "event_study", "load_study", "measure", "mediate", "moderate"]

_HOMES = {
    "Design": "involution.models.design",
    "Fit": "involution.models.result",
    "estimate": "involution.models.estimate",
    "event_study": "involution.models.event_study.event_study",
    "load_study": "involution.study",
    "measure": "involution.measures",
    "mediate": "involution.models.mediation.mediate",
    "moderate": "involution.models.moderation.moderate",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'involution' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
