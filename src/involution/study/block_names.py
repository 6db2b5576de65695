"""What the models of a block are called: known from the study file alone, so that tables can name them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from involution.study.attrition import Attrition
from involution.study.breakthrough import Breakthrough
from involution.study.design import PaperDesign
from involution.study.event_study import REGRESSIONS, EventStudy
from involution.study.exposure import ACTIVE, LEADS, EventExposure
from involution.study.heterogeneity import Heterogeneity
from involution.study.mediation import Mediation
from involution.study.moderation import Moderation
from involution.study.rehearsal import Rehearsal
from involution.study.response_surface import ResponseSurface

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


def moderation_names(moderation: Moderation) -> dict[str, str]:
    """Models of a moderated effect: the headline under the empty name, other forms, then by moderator."""
    forms = {"": moderation.name}
    forms |= {form: f"{moderation.name}_{form}" for form in ("product", "no_year", "plain", "interaction")}
    forms |= {"iv": f"{moderation.name}_iv"} if moderation.instruments else {}
    by = [moderator.by for moderator in moderation.moderator]
    bins, kernel = (_by_moderator(moderation.name, kind, by) for kind in ("bins", "kernel"))
    smooth = kernel if moderation.kernel and moderation.estimator == "ols" else {}
    return {**forms, **bins, "effects": f"{moderation.name}_effects", **smooth}


def _by_moderator(name: str, kind: str, by: Sequence[str]) -> dict[str, str]:
    """``<name>_bins``; with several moderators ``<name>_bins_<moderator>``."""
    if len(by) == 1:
        return {f"{kind} {by[0]}": f"{name}_{kind}"}
    return {f"{kind} {column}": model for column, model in part_names(f"{name}_{kind}", by).items()}


def moderation_models(moderations: Sequence[Moderation]) -> list[str]:
    """The models that the sections of moderation make."""
    return [name for moderation in moderations for name in moderation_names(moderation).values()]


def breakthrough_models(breakthroughs: Sequence[Breakthrough]) -> list[str]:
    """The joint models of levers."""
    return [breakthrough.name for breakthrough in breakthroughs]


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


def bounded_names(event_study: EventStudy) -> list[str]:
    """Models with bounds on drifts: leads relative to the last year before adoption, and multiples asked for."""
    relative = [*REGRESSIONS, *(["callaway_santanna"] if event_study.base_period == "universal" else [])]
    names = event_study_names(event_study)
    return [names[name] for name in relative if name in names and event_study.honest]


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


def step_names(design: PaperDesign, outcome: str) -> dict[str, str]:
    """Models that build up to the baseline of an outcome, by step."""
    headline = baseline_names(design)[outcome]
    return {
        step.name: f"{headline}_{step.name}" for step in design.steps if not step.outcomes or outcome in step.outcomes
    }


def shape_names(design: PaperDesign, outcome: str) -> dict[str, str]:
    """Models of the shape of the effect on an outcome: its square, its slope by regime."""
    headline = baseline_names(design)[outcome]
    asked = {"quadratic": design.quadratic, "regime": design.regime is not None}
    return {shape: f"{headline}_{shape}" for shape, wanted in asked.items() if wanted}


def design_models(design: PaperDesign) -> list[str]:
    """The models of the baseline, those of an outcome together."""
    return [
        name
        for outcome, headline in baseline_names(design).items()
        for name in (*step_names(design, outcome).values(), headline, *shape_names(design, outcome).values())
    ]


def weighted_names(attrition: Attrition, design: PaperDesign | None) -> dict[str, str]:
    """Models of an attrition block by the model that each estimates again."""
    models = attrition.models or (list(baseline_names(design).values()) if design else [])
    return part_names(attrition.name, models)


def attrition_names(attrition: Attrition, design: PaperDesign | None) -> list[str]:
    """The model of exit, then each model beside its weighted form."""
    pairs = weighted_names(attrition, design)
    return [f"{attrition.name}_exit", *(name for pair in pairs.items() for name in pair)]


def attrition_models(attritions: Sequence[Attrition], design: PaperDesign | None) -> list[str]:
    """The models that the attrition blocks make: those of exit, the weighted ones, the comparisons."""
    return [
        name
        for attrition in attritions
        for name in (f"{attrition.name}_exit", *weighted_names(attrition, design).values(), *attrition.groups)
    ]


def surface_names(surface: ResponseSurface) -> list[str]:
    """The quadratic surface, and the model of the absolute difference beside it."""
    return [surface.name, *([f"{surface.name}_balance"] if surface.balance else [])]


def surface_models(surfaces: Sequence[ResponseSurface]) -> list[str]:
    """The models of all response surfaces."""
    return [name for surface in surfaces for name in surface_names(surface)]


def exposure_names(exposure: EventExposure) -> list[str]:
    """The regressions of an exposure block, the headline first."""
    parts = ["unadjusted", "product", "no_years"]
    parts += ["active", "both"] if ACTIVE in exposure.placebo else []
    parts += ["leads"] if LEADS in exposure.placebo else []
    return [exposure.name, *(f"{exposure.name}_{part}" for part in parts)]


def exposure_models(exposures: Sequence[EventExposure]) -> list[str]:
    """The regressions of each exposure block, and what its judgements come to."""
    return [
        name
        for exposure in exposures
        for name in (
            *exposure_names(exposure),
            *([f"{exposure.name}_sensitivity"] if exposure.sensitivity is not None else []),
        )
    ]


def heterogeneity_names(asked: Heterogeneity) -> dict[str, str]:
    """Models that compare the groups, by test; those of the groups are called ``<name>[<group>]``."""
    return part_names(asked.name, ["interaction", "stacked", "permutation"])


def heterogeneity_models(asked: Sequence[Heterogeneity]) -> list[str]:
    """What stands for the groups of each section, and the models that compare them."""
    return [name for one in asked for name in (one.name, *heterogeneity_names(one).values())]


def rehearsal_name(model: str) -> str:
    """The rehearsal of a planned model."""
    return f"rehearsal_{model}"


def rehearsal_models(
    rehearsal: Rehearsal | None, design: PaperDesign | None, mediations: Sequence[Mediation]
) -> list[str]:
    """The rehearsals of the baseline and of the mediations, as far as they are asked for."""
    if rehearsal is None:
        return []
    baseline = list(baseline_names(design).values()) if design else []
    pairs = ((baseline, rehearsal.models), ([asked.name for asked in mediations], rehearsal.mediations))
    return [rehearsal_name(name) for names, chosen in pairs for name in names if chosen is None or name in chosen]
