"""What the terms of a moderated effect say: ``effect[v=p10,w=p90]`` and ``at[w=low]`` taken apart, and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

_TERM = re.compile(r"(?P<kind>effect|at|slope|level|own)\[(?P<inside>.+=[^=]+)\]")
_PERCENTILE = re.compile(r"p\d+(-p\d+)?")
BY_YEAR = "::"
"""Stands in the terms of the treatment's effects by year."""


@dataclass(frozen=True)
class ModerationTerm:
    """A term of a moderated effect, taken apart.

    Attributes
    ----------
    kind : str
        effect (at values of the moderators), or of the binning estimator: at, slope, level, own.
    at : tuple of (str, str)
        Moderators and their values: ``p10``, ``p90-p10``, ``low``, a number.
    """

    kind: str
    at: tuple[tuple[str, str], ...]

    @property
    def difference(self) -> bool:
        """Whether it is a difference of effects."""
        return any(_PERCENTILE.fullmatch(value) is not None and "-" in value for _, value in self.at)


def moderation_term(term: str) -> ModerationTerm | None:
    """A term taken apart; None for every other one."""
    found = _TERM.fullmatch(term)
    if found is None:
        return None
    pairs = [part.rpartition("=") for part in found["inside"].split(",")]
    if not all(name for name, _, _ in pairs):
        return None
    return ModerationTerm(found["kind"], tuple((name, value) for name, _, value in pairs))


def moderation_label(found: ModerationTerm, labels: Labels) -> str:
    """A term in words."""
    if found.kind != "effect":
        moderator, part = found.at[0]
        return labels.text(
            f"moderation_{found.kind}", moderator=labels.column(moderator), bin=labels.text(f"bin_{part}")
        )
    at = labels.joined(
        [
            labels.text("moderation_value", moderator=labels.column(name), value=_value(value))
            for name, value in found.at
        ]
    )
    return labels.text("moderation_difference" if found.difference else "moderation_effect", at=at)


def _value(value: str) -> str:
    return value.upper().replace("-", " − ") if _PERCENTILE.fullmatch(value) else value.replace("-", "−")
