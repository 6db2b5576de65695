"""No mediator may be part of its own cause, nor contain the outcome."""

from __future__ import annotations

from collections.abc import Iterable

from involution.errors import Problem
from involution.measures.registry import REGISTRY
from involution.models.facts import Facts
from involution.models.notes import Note, note
from involution.models.rules import Refused
from involution.study.definitions import followed, reached
from involution.study.index import Index, ingredients
from involution.study.mediation import Mediation

BETWEEN_FIRMS = ("sa_index",)
"""Measures of size and age: with firm and year effects nothing of them is left that a treatment could move."""


def check_purity(asked: Mediation, index: Index, known: Facts) -> tuple[Note, ...]:
    """Refuse a mediator that is inside the treatment, holds the outcome or has no variation within firms.

    Parameters
    ----------
    asked : study.mediation.Mediation
    index : Index
    known : Facts

    Returns
    -------
    tuple of Note
        What has to be said where the study allows it.

    Raises
    ------
    Refused
    """
    inside = {
        part: name
        for column in followed([asked.treatment], known.definitions)
        for part, name in ingredients(index, column).items()
    } | {name: name for name in followed([asked.treatment], known.definitions)}
    problems, shared = [], []
    for mediator in asked.mediators:
        parts = list(_parts(mediator, known))
        own = next((name for name in parts if name in inside), None)
        if own is not None:
            shared.append((mediator, own))
        if asked.outcome in parts:
            problems.append(_problem(mediator, f"it holds the outcome '{asked.outcome}'", "name another mediator"))
        between = next((name for name in parts if name in BETWEEN_FIRMS), None)
        if between is not None and "firm" in (asked.fixed_effects or ()):
            what = f"'{between}' is made of size and age: firm and year effects leave no variation that counts"
            problems.append(_problem(mediator, what, "use constraint, or split the sample by it"))
    if shared and not asked.allow_mechanical:
        problems += [
            _problem(
                mediator,
                f"it shares '{part}' with the treatment {asked.treatment}: a part would explain its whole",
                "take involution_mechanism, or say allow_mechanical: true",
            )
            for mediator, part in shared
        ]
    if problems:
        raise Refused(problems)
    if not shared:
        return ()
    named = ", ".join(f"{mediator} ({part})" for mediator, part in shared)
    return (note("mediation_impure", treatment=asked.treatment, names=named),)


def _problem(mediator: str, what: str, mend: str) -> Problem:
    return Problem(f"mediators: {mediator}", what, mend=mend)


def _parts(column: str, known: Facts) -> Iterable[str]:
    """A column and all that it is made of: the study's expressions, then measures, then the panel's columns."""

    def parts(name: str) -> Iterable[str]:
        yield from followed([name], known.definitions)
        if name in REGISTRY:
            entry = REGISTRY[name]
            yield from (*entry.needs, *entry.any_of, *entry.first_of)

    return reached([column], parts)
