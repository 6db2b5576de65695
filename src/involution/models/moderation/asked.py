"""What a section of the study asks for, in dated columns."""

from __future__ import annotations

from involution.models.moderation.specification import Moderator, Specification, specified
from involution.study import moderation as section
from involution.study.timing import Timing, dated


def clock(asked: section.Moderation) -> Timing:
    """The years of a completed section."""
    assert asked.timing is not None
    return asked.timing


def treatment_of(asked: section.Moderation) -> str:
    """The treatment of a completed section, at the row's own year."""
    assert asked.treatment is not None
    return asked.treatment


def moderator_year(moderator: section.ModeratorColumn, timing: Timing) -> int:
    """The year of a moderator from the row's own."""
    return timing.moderator if moderator.years is None else moderator.years


def instruments_of(asked: section.Moderation) -> list[tuple[str, int, list[str]]]:
    """Instrumented moderators with their years from the row's own and their instruments."""
    timing = clock(asked)
    return [
        (moderator.by, moderator_year(moderator, timing), asked.instruments[moderator.by])
        for moderator in asked.moderator
        if moderator.by in asked.instruments
    ]


def columns_of(asked: section.Moderation) -> list[tuple[str, int]]:
    """The columns of a moderation, each with its years from the row's own."""
    timing = clock(asked)
    return [
        (asked.outcome, timing.outcome),
        (treatment_of(asked), timing.treatment),
        *((moderator.by, moderator_year(moderator, timing)) for moderator in asked.moderator),
        *((name, years) for _, years, names in instruments_of(asked) for name in names),
        *((name, timing.moderator) for name in (*asked.with_treatment, *asked.with_moderator)),
        *((name, timing.controls) for name in asked.controls or ()),
    ]


def specification_of(asked: section.Moderation) -> Specification:
    """The moderation in dated columns.

    Raises
    ------
    InputError
        For columns that stand in two places.
    """
    timing = clock(asked)
    moderators = [Moderator(dated(m.by, moderator_year(m, timing)), m.about) for m in asked.moderator]
    return specified(
        dated(asked.outcome, timing.outcome),
        dated(treatment_of(asked), timing.treatment),
        moderators,
        [dated(name, timing.controls) for name in asked.controls or ()],
        [dated(name, timing.moderator) for name in asked.with_treatment],
        [dated(name, timing.moderator) for name in asked.with_moderator],
        product=asked.product,
        estimator=asked.estimator,
    )
