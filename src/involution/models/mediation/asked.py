"""What a section of the study asks for, in dated columns: a specification, and the regressions of the mediators."""

from __future__ import annotations

import pandas as pd
from pandas.api.types import is_numeric_dtype

from involution.models.facts import Facts
from involution.models.matrix import in_sample
from involution.models.mediation.potential_equations import BINARY, OUTCOME, Potential
from involution.models.mediation.specification import DIRECT, Moderator, Specification
from involution.models.treatment_level import treatment_level
from involution.study import mediation as section
from involution.study.formulas import quoted
from involution.study.models import Model
from involution.study.timing import Timing, dated


def clock(asked: section.Mediation) -> Timing:
    """The years of a completed section."""
    assert asked.timing is not None
    return asked.timing


def moderator_year(moderator: section.PathModerator, timing: Timing) -> int:
    """The year of a moderator from the row's own."""
    return timing.moderator if moderator.years is None else moderator.years


def columns_of(asked: section.Mediation) -> list[tuple[str, int]]:
    """The columns of a decomposition, each with its years from the row's own."""
    timing = clock(asked)
    return [
        (asked.outcome, timing.outcome),
        *((name, timing.treatment) for name in (asked.treatment, *asked.mechanism_treatments.values())),
        *((name, timing.mediator) for name in asked.mediators),
        *((moderator.by, moderator_year(moderator, timing)) for moderator in asked.moderators.values()),
        *((name, timing.controls) for name in asked.controls or ()),
        *((name, _moved(of, asked)) for of, names in asked.instruments.items() for name in names),
    ]


def _moved(column: str, asked: section.Mediation) -> int:
    """The year of what an instrument moves."""
    timing = clock(asked)
    return timing.treatment if column == asked.treatment else timing.mediator


def first_stage(asked: section.Mediation, mediator: str, name: str, known: Facts, data: pd.DataFrame) -> Model:
    """The regression of a mediator, with the treatment times its moderator where it has one.

    Parameters
    ----------
    asked : study.mediation.Mediation
        Completed.
    mediator, name : str
        The mediator, and what its model is called.
    known : Facts
    data : DataFrame
        With dated columns: a treatment that is text enters as one indicator per value.
    """
    timing = clock(asked)
    own = asked.mechanism_treatments.get(mediator, asked.treatment)
    column = dated(own, timing.treatment)
    treatment = quoted(column) if is_numeric_dtype(data[column]) else _by_value(column, data)
    terms = [treatment, *(quoted(dated(control, timing.controls)) for control in asked.controls or ())]
    moderator = asked.moderators.get(mediator)
    if moderator is not None and moderator.stage in ("first", "both"):
        by = quoted(dated(moderator.by, moderator_year(moderator, timing)))
        terms += [by, f"{treatment}:{by}"]
    effects = f" | {' + '.join(asked.fixed_effects)}" if asked.fixed_effects else ""
    estimator = asked.family.get(mediator, "ols")
    return Model(
        name=name,
        estimator=estimator,
        mundlak=estimator in BINARY and "firm" in (asked.fixed_effects or ()),
        formula=f"{quoted(dated(mediator, timing.mediator))} ~ {' + '.join(dict.fromkeys(terms))}{effects}",
        cluster=asked.cluster or [treatment_level(own, data, in_sample(data), known)],
        vcov="crv3",
        weights=asked.weights,
        where=asked.where,
        allow_low_cluster=asked.allow_low_cluster,
    )


def _by_value(column: str, data: pd.DataFrame) -> str:
    """Indicators of a text's values but the lowest, which is the reference of a decomposition too."""
    return f"i({column}, ref='{data[column].dropna().min()}')"


def potential_of(asked: section.Mediation) -> Potential | None:
    """What a decomposition by potential outcomes is told; None where all equations are linear, without products."""
    if not asked.family and not asked.interaction and asked.levels is None:
        return None
    timing = clock(asked)
    family = {
        OUTCOME if name == asked.outcome else dated(name, timing.mediator): estimator
        for name, estimator in asked.family.items()
    }
    return Potential(family, asked.interaction, asked.levels, mundlak="firm" in (asked.fixed_effects or ()))


def specification_of(asked: section.Mediation) -> Specification:
    """The decomposition in dated columns."""
    timing = clock(asked)
    mediators = {name: dated(name, timing.mediator) for name in asked.mediators}
    treatment = dated(asked.treatment, timing.treatment)
    moved = {**mediators, asked.treatment: treatment}
    moderators = {
        mediators.get(path, DIRECT): Moderator(dated(m.by, moderator_year(m, timing)), m.stage, m.about)
        for path, m in asked.moderators.items()
    }
    return Specification(
        outcome=dated(asked.outcome, timing.outcome),
        treatment=treatment,
        mediators=tuple(mediators.values()),
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        moderators=moderators,
        blocks=tuple(tuple(mediators[name] for name in block) for block in asked.blocks),
        serial=tuple(mediators[name] for name in asked.serial),
        instruments={
            moved[of]: tuple(dated(name, _moved(of, asked)) for name in names)
            for of, names in asked.instruments.items()
        },
    )
