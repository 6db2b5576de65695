"""What the terms of a mediation say: ``indirect[m,w=p90-p10]`` taken apart, and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

WHOLE = "total"
"""Stands for all mediators in ``indirect[total]`` and ``share[total]``."""

INTERACTION = "interaction"
"""Stands in ``indirect[interaction]`` for what the mediators' own effects leave of ``indirect[total]``."""

WITHOUT_BRACKETS = (WHOLE, "direct", "remainder")
_LEVELS = {"0": "level_low", "1": "level_high", "1-0": "level_difference"}
_EFFECTS = "a|b|d|indirect|direct|total|share|contrast|rho_star|index_moderated_mediation"
_TERM = re.compile(rf"(?P<effect>{_EFFECTS})\[(?P<inside>.+)\](?::(?P<by>.+))?")
_PERCENTILES = re.compile(r"p\d+(-p\d+)?")


@dataclass(frozen=True)
class MediationTerm:
    """A term of a mediation, taken apart.

    Attributes
    ----------
    effect : str
        a, b, d, indirect, direct, total, share, contrast, rho_star or index_moderated_mediation.
    columns : tuple of str
        Mediators in the order in which the term names them; ``total`` for all of them.
    joint : str
        What stands between several: ``+`` (together), ``>`` (one after the other), ``-`` (difference) or ``,``.
    by : str
        The moderator of a slope (``a[m]:w``) or of a conditional effect (``indirect[m,w=p10]``); the treatment of an
        effect between its levels (``indirect[m,size=large]``); ``x`` for the level at which the treatment stands
        (``indirect[m,x=0]``).
    at : str
        The value of the moderator (``p10``, ``p90-p10``) or the level of the treatment.
    """

    effect: str
    columns: tuple[str, ...] = ()
    joint: str = ""
    by: str = ""
    at: str = ""

    @property
    def level(self) -> str:
        """Text of the level at which the treatment stands (``x=0``, ``x=1``, ``x=1-0``); empty for other terms."""
        return _LEVELS.get(self.at, "") if self.by == "x" else ""


def parsed_term(term: str) -> MediationTerm | None:
    """A term with brackets taken apart; None for every other term, ``total`` and ``direct`` included."""
    found = _TERM.fullmatch(term)
    if found is None:
        return None
    effect, inside, by = found["effect"], found["inside"], found["by"] or ""
    inside, equals, at = inside.partition("=")
    if equals:
        inside, _, by = inside.rpartition(",")
    joint = next((sign for sign in {"contrast": "-", "d": ",", "indirect": "+>"}.get(effect, "") if sign in inside), "")
    columns = tuple(inside.split(joint)) if joint in ("+", ">") else tuple(inside.split(joint, 1)) if joint else ()
    return MediationTerm(effect, columns or ((inside,) if inside else ()), joint, by, at)


def spelled_term(term: str) -> str:
    """A term with its signs as words, so that names without signs differ; every term without brackets stays.

    ``indirect[m,w=p90-p10]`` is ``indirect m at w p90 minus p10``.
    """
    found = parsed_term(term)
    if found is None:
        return term
    between = {"+": " plus ", ">": " then ", "-": " minus ", ",": " from "}.get(found.joint, " ")
    words = [found.effect, between.join(found.columns)]
    if found.at:
        at = found.at.replace("-", " minus ") if _PERCENTILES.fullmatch(found.at) else found.at
        words += ["at", found.by, at]
    elif found.by:
        words += ["times", found.by]
    return " ".join(words)


def mediation_label(term: str, labels: Labels, treatment: str = "", outcome: str = "") -> str:
    """A term of a mediation in words.

    Parameters
    ----------
    term : str
    labels : Labels
    treatment, outcome : str
        Their labels; general words unless given.
    """
    found = parsed_term(term)
    if found is None:
        effect, _, by = term.partition(":")
        if effect not in WITHOUT_BRACKETS:
            return labels.column(term)
        label = labels.text(f"mediation_{effect}")
        return f"{label} × {labels.column(by)}" if by else label
    names = [labels.column(name) for name in found.columns]
    label = _effect_label(
        found, names, labels, treatment or labels.text("the_treatment"), outcome or labels.text("the_outcome")
    )
    if found.at:
        at = labels.text(found.level) if found.level else value_label(found, labels)
        return labels.text("mediation_at", effect=label, at=at)
    return f"{label} × {labels.column(found.by)}" if found.by else label


def value_label(found: MediationTerm, labels: Labels) -> str:
    """The moderator with the value at which an effect is taken, ``digital finance = P10``; a treatment's level."""
    at = at_label(found) if _PERCENTILES.fullmatch(found.at) else labels.value(found.at)
    return f"{labels.column(found.by)} = {at}"


def at_label(found: MediationTerm) -> str:
    """The value of the moderator as tables print it: ``P10``, ``P90 − P10``."""
    return found.at.upper().replace("-", " − ")


def _effect_label(found: MediationTerm, names: list[str], labels: Labels, treatment: str, outcome: str) -> str:
    if found.effect in ("indirect", "share") and found.columns == (WHOLE,):
        return labels.text(f"mediation_{found.effect}_total")
    if found.columns == (INTERACTION,):
        return labels.text("mediation_indirect_interaction")
    if found.effect == "contrast":
        return labels.text("mediation_contrast", first=names[0], second=names[-1])
    if found.effect == "d":
        return labels.text("mediation_a", treatment=names[-1], mediator=names[0])
    if found.joint == "+":
        return labels.text("mediation_indirect_joint", mediators=labels.joined(names))
    mediator = " → ".join(names)
    return labels.text(f"mediation_{found.effect}", mediator=mediator, treatment=treatment, outcome=outcome)
