"""What the terms of threshold models and response surfaces say: ``x[w<=tau]``, ``surface[a1]``, ``x^2`` in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

_TAU = re.compile(r"tau([12]?)")
_BELOW = re.compile(r"(?P<x>.+)\[(?P<w>.+)<=tau(?P<k>1?)\]")
_BETWEEN = re.compile(r"(?P<x>.+)\[tau1<(?P<w>.+)<=tau2\]")
_ABOVE = re.compile(r"(?P<x>.+)\[(?P<w>.+)>tau(?P<k>2?)\]")
_DIFFERENCE = re.compile(r"difference(?:\[(?P<high>\d)-(?P<low>\d)\])?")
_SURFACE = re.compile(r"surface\[(?P<what>a[1-4]|p[12][01])\]")
_STATIONARY = re.compile(r"stationary\[(?P<x>.+)\]")
_SQUARE = re.compile(r"(?P<x>.+)\^2")
_GAP = re.compile(r"\|(?P<x>.+)-(?P<z>.+)\|")
LEVEL = "level"
"""Stands for the treatment where the level changes at a threshold."""


def surface_label(term: str, labels: Labels) -> str | None:
    """A term of a threshold model or a response surface in words; None for every other term."""
    for pattern, said in _SAID.items():
        found = pattern.fullmatch(term)
        if found is not None:
            return said(found, labels)
    return None


def _name(column: str, labels: Labels) -> str:
    return labels.text("threshold_level_term") if column == LEVEL else labels.column(column)


def _regime(key: str) -> Callable[[re.Match[str], Labels], str]:
    def said(found: re.Match[str], labels: Labels) -> str:
        parts = found.groupdict()
        return labels.text(
            key, x=_name(parts["x"], labels), w=labels.column(parts["w"]), k=_small(parts.get("k") or "")
        )

    return said


def _small(digit: str) -> str:
    """A digit below the line."""
    return digit.translate(str.maketrans("12", "₁₂"))


def _difference(found: re.Match[str], labels: Labels) -> str:
    if found["high"] is None:
        return labels.text("threshold_difference_term")
    return labels.text("threshold_difference_between", high=found["high"], low=found["low"])


_SAID: dict[re.Pattern[str], Callable[[re.Match[str], Labels], str]] = {
    _TAU: lambda found, labels: labels.text("threshold_tau", k=_small(found[1])),
    _BETWEEN: _regime("threshold_between"),
    _BELOW: _regime("threshold_below"),
    _ABOVE: _regime("threshold_above"),
    _DIFFERENCE: _difference,
    _SURFACE: lambda found, labels: labels.text(f"surface_{found['what']}"),
    _STATIONARY: lambda found, labels: labels.text("surface_stationary", x=labels.column(found["x"])),
    _GAP: lambda found, labels: f"|{labels.column(found['x'])} − {labels.column(found['z'])}|",
    _SQUARE: lambda found, labels: f"{labels.column(found['x'])}²",
}


def spelled_surface(term: str) -> str:
    """A term with its signs as words, so that names without signs differ; every other term stays.

    ``x[w<=tau]`` is ``x where w at most tau``.
    """
    spelled = _BETWEEN.sub(r"\g<x> where \g<w> between tau1 and tau2", term)
    spelled = _BELOW.sub(r"\g<x> where \g<w> at most tau\g<k>", spelled)
    spelled = _ABOVE.sub(r"\g<x> where \g<w> above tau\g<k>", spelled)
    spelled = re.sub(r"difference\[(\d)-(\d)\]", r"difference \1 minus \2", spelled)
    spelled = re.sub(r"\|(.+)-(.+)\|", r"distance of \1 and \2", spelled)
    return re.sub(r"\^2(?=$|:)", " squared", spelled)


def is_derived(term: str) -> bool:
    """Whether a term is made of a model's coefficients and no regressor of it."""
    return any(pattern.fullmatch(term) for pattern in (_TAU, _DIFFERENCE, _SURFACE, _STATIONARY))
