"""What the terms of a mediation say: ``indirect[m,w=p90-p10]`` taken apart, and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

WHOLE = "total"
"""Stands for all mediators in ``indirect[total]`` and ``share[total]``."""

WITHOUT_BRACKETS = (WHOLE, "direct", "remainder")
_EFFECTS = "a|b|d|indirect|direct|share|contrast|rho_star|index_moderated_mediation"
_TERM = re.compile(rf"(?P<effect>{_EFFECTS})\[(?P<inside>.+)\](?::(?P<by>.+))?")
_PERCENTILE = re.compile(r"p(\d+)")


@dataclass(frozen=True)
class MediationTerm:
    """A term of a mediation, taken apart.

    Attributes
    ----------
    effect : str
        a, b, d, indirect, direct, share, contrast, rho_star or index_moderated_mediation.
    columns : tuple of str
        Mediators in the order in which the term names them; ``total`` for all of them.
    joint : str
        What stands between several: ``+`` (together), ``>`` (one after the other), ``-`` (difference) or ``,``.
    by : str
        The moderator of a slope (``a[m]:w``) or of a conditional effect (``indirect[m,w=p10]``).
    at : str
        The value of the moderator (``p10``, ``p90-p10``).
    """

    effect: str
    columns: tuple[str, ...] = ()
    joint: str = ""
    by: str = ""
    at: str = ""


def parsed_term(term: str) -> MediationTerm | None:
    """A term with brackets taken apart; None for every other term, ``total`` and ``direct`` included."""
    found = _TERM.fullmatch(term)
    if found is None:
        return None
    effect, inside, by = found["effect"], found["inside"], found["by"] or ""
    if "=" in inside:
        left, _, at = inside.rpartition("=")
        mediator, _, moderator = left.rpartition(",")
        return MediationTerm(effect, (mediator,) if mediator else (), "", moderator, at)
    joint = next((sign for sign in {"contrast": "-", "d": ",", "indirect": "+>"}.get(effect, "") if sign in inside), "")
    columns = tuple(inside.split(joint)) if joint in ("+", ">") else tuple(inside.split(joint, 1)) if joint else ()
    return MediationTerm(effect, columns or (inside,), joint, by)


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
        words += ["at", found.by, found.at.replace("-", " minus ")]
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
        return labels.text("mediation_at", effect=label, at=value_label(found, labels))
    return f"{label} × {labels.column(found.by)}" if found.by else label


def value_label(found: MediationTerm, labels: Labels) -> str:
    """The moderator with the value at which a conditional effect is taken: ``digital finance = P10``."""
    return f"{labels.column(found.by)} = {at_label(found)}"


def at_label(found: MediationTerm) -> str:
    """The value of the moderator as tables print it: ``P10``, ``P90 − P10``."""
    return _PERCENTILE.sub(r"P\1", found.at).replace("-", " − ")


def _effect_label(found: MediationTerm, names: list[str], labels: Labels, treatment: str, outcome: str) -> str:
    if found.effect in ("indirect", "share") and found.columns == (WHOLE,):
        return labels.text(f"mediation_{found.effect}_total")
    if found.effect == "contrast":
        return labels.text("mediation_contrast", first=names[0], second=names[-1])
    if found.effect == "d":
        return labels.text("mediation_a", treatment=names[-1], mediator=names[0])
    if found.joint == "+":
        return labels.text("mediation_indirect_joint", mediators=labels.joined(names))
    mediator = " → ".join(names)
    return labels.text(f"mediation_{found.effect}", mediator=mediator, treatment=treatment, outcome=outcome)
