"""The study file as typed models, and the safe expression language in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from involution.study.config import Config, load_config
    from involution.study.study import Study, load_study, parse_study

__all__ = ["Config", "Study", "load_config", "load_study", "parse_study"]

_HOMES = {
    "Config": "involution.study.config",
    "load_config": "involution.study.config",
    "Study": "involution.study.study",
    "load_study": "involution.study.study",
    "parse_study": "involution.study.study",
}


def __getattr__(name: str) -> Any:
    # Pydantic is loaded when a study is read, not when a formula is parsed.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'involution.study' has no attribute '{name}'")
