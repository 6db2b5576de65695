"""What the models of a block are called: known from the study file alone, so that tables can name them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from involution.study.attrition import Attrition
from involution.study.design import PaperDesign
from involution.study.event_study import EventStudy
from involution.study.mediation import Mediation

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")


def part_names(block: str, columns: Sequence[str]) -> dict[str, str]:
    """``<block>_<column>`` by column; the column's number stands for a name that no file may have."""
    return {
        column: f"{block}_{column if _FILE_NAME.fullmatch(column) else position}"
        for position, column in enumerate(columns, 1)
    }


def mechanism_names(mediation: Mediation) -> dict[str, str]:
    """Regressions of the mediators of a decomposition, by mediator."""
    return part_names(mediation.name, mediation.mediators)


def mediation_models(mediations: Sequence[Mediation]) -> list[str]:
    """The regressions of each decomposition's mediators, and the decomposition itself."""
    return [name for mediation in mediations for name in (*mechanism_names(mediation).values(), mediation.name)]


def event_study_names(event_study: EventStudy) -> dict[str, str]:
    """Models of an event study by estimator."""
    return part_names(event_study.name, event_study.estimators)


def beside_names(event_study: EventStudy) -> dict[str, str]:
    """Models beside those of an event study's estimators, by kind."""
    bacon = "twfe" in event_study.estimators if event_study.bacon is None else event_study.bacon
    asked = {
        "bacon": bacon,
        "dose": event_study.strength is not None,
        "triple": event_study.triple is not None,
        "triple_twoway": event_study.triple is not None,
    }
    return part_names(event_study.name, [kind for kind, wanted in asked.items() if wanted])


def event_study_models(studies: Sequence[EventStudy]) -> list[str]:
    """The models of all event studies."""
    return [
        name
        for event_study in studies
        for name in (*event_study_names(event_study).values(), *beside_names(event_study).values())
    ]


def baseline_names(design: PaperDesign) -> dict[str, str]:
    """Models of the baseline by outcome."""
    return part_names("baseline", [outcome.name for outcome in design.outcomes])


def weighted_names(attrition: Attrition, design: PaperDesign | None) -> dict[str, str]:
    """Models of an attrition block by the model that each estimates again."""
    models = attrition.models or (list(baseline_names(design).values()) if design else [])
    return part_names(attrition.name, models)


def attrition_names(attrition: Attrition, design: PaperDesign | None) -> list[str]:
    """The model of exit, then each model beside its weighted form."""
    pairs = weighted_names(attrition, design)
    return [f"{attrition.name}_exit", *(name for pair in pairs.items() for name in pair)]


def attrition_models(attritions: Sequence[Attrition], design: PaperDesign | None) -> list[str]:
    """The models that the attrition blocks make: those of exit and the weighted ones."""
    return [
        name
        for attrition in attritions
        for name in (f"{attrition.name}_exit", *weighted_names(attrition, design).values())
    ]
