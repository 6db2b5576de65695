"""The sections that are estimated: what each block uses of a study, and what its models are called."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from involution.study.attrition import Attrition
from involution.study.base import ColumnName, Expression, Section
from involution.study.block_names import (
    attrition_models,
    breakthrough_models,
    design_models,
    event_study_models,
    exposure_models,
    heterogeneity_models,
    mediation_models,
    moderation_models,
    rehearsal_models,
    surface_models,
)
from involution.study.breakthrough import Breakthrough
from involution.study.design import PaperDesign
from involution.study.endogeneity import Endogeneity, endogeneity_models
from involution.study.event_study import EventStudy
from involution.study.exposure import EventExposure
from involution.study.heterogeneity import Heterogeneity, QuantileRegression
from involution.study.index import Index
from involution.study.mediation import Mediation
from involution.study.models import Model
from involution.study.moderation import Moderation
from involution.study.placebo import Placebo
from involution.study.rehearsal import Rehearsal
from involution.study.response_surface import ResponseSurface
from involution.study.robustness import Robustness, robustness_models
from involution.study.specification_curve import SpecificationCurve
from involution.study.threshold import Threshold

_OWN_COLUMNS = ("derive", "variables")
BLOCK_SECTIONS = {
    "models": ("models", "index", *_OWN_COLUMNS),
    "baseline": ("design", "index", *_OWN_COLUMNS),
    "robustness": ("robustness", "design", "index", *_OWN_COLUMNS),
    "endogeneity": ("endogeneity", "design", *_OWN_COLUMNS),
    "mechanism": ("mediation", "design", *_OWN_COLUMNS),
    "mediation": ("mediation", "design", "index", *_OWN_COLUMNS),
    "moderation": ("moderation", "design", *_OWN_COLUMNS),
    "threshold": ("threshold", "design", *_OWN_COLUMNS),
    "response_surface": ("response_surface", "design", *_OWN_COLUMNS),
    "exposure": ("exposure", "design", *_OWN_COLUMNS),
    "event_study": ("event_study", *_OWN_COLUMNS),
    "breakthrough": ("breakthrough", "design", *_OWN_COLUMNS),
    "heterogeneity": ("heterogeneity", "design", *_OWN_COLUMNS),
    "quantile_regression": ("quantile_regression", "design", *_OWN_COLUMNS),
    "placebo": ("placebo", "design", *_OWN_COLUMNS),
    "specification_curve": ("specification_curve", "design", *_OWN_COLUMNS),
    "attrition": ("attrition", "models", "design", *_OWN_COLUMNS),
    "rehearsal": ("rehearsal", "mediation", "design", "index", *_OWN_COLUMNS),
}
"""The sections that each block of estimates uses, the one that asks for it first: the order of the results."""

_OF_OTHERS = ("attrition", "rehearsal")
ASKING = tuple(dict.fromkeys(sections[0] for block, sections in BLOCK_SECTIONS.items() if block not in _OF_OTHERS))
"""Sections of which a study needs one, to have something to estimate."""


class Blocks(Section):
    """What is estimated: a part of `Study` that can be handed on alone."""

    models: list[Model] = Field(default_factory=list, description="Regressions.")
    design: PaperDesign | None = Field(None, description="From what the paper's own exhibits are built.")
    robustness: list[Robustness] = Field(default_factory=list, description="The baseline again with something changed.")
    endogeneity: list[Endogeneity] = Field(
        default_factory=list,
        description="The baseline again, each time without one reason to doubt it.",
    )
    mediation: list[Mediation] = Field(
        default_factory=list, description="Through which channels the treatment acts on an outcome."
    )
    moderation: list[Moderation] = Field(
        default_factory=list, description="On what the effect of the treatment depends."
    )
    threshold: list[Threshold] = Field(
        default_factory=list, description="Effects that change at an estimated value of another column."
    )
    response_surface: list[ResponseSurface] = Field(
        default_factory=list, description="An outcome, or the effect of a treatment, over two columns at once."
    )
    exposure: list[EventExposure] = Field(
        default_factory=list, description="What exposure to policy events does to the effect of the treatment."
    )
    event_study: list[EventStudy] = Field(
        default_factory=list, description="Policy events as staggered adoption: effects by years since adoption."
    )
    breakthrough: list[Breakthrough] = Field(
        default_factory=list, description="How far moving each lever offsets a rise of the treatment, in one model."
    )
    heterogeneity: list[Heterogeneity] = Field(
        default_factory=list, description="The effect of the treatment by group, and tests that groups differ."
    )
    quantile_regression: list[QuantileRegression] = Field(
        default_factory=list, description="The effect of the treatment on quantiles of the outcome."
    )
    placebo: list[Placebo] = Field(
        default_factory=list, description="The baseline with its treatment permuted across industries."
    )
    specification_curve: list[SpecificationCurve] = Field(
        default_factory=list, description="All combinations of declared choices, tested jointly."
    )
    attrition: list[Attrition] = Field(
        default_factory=list, description="Models of exit, and estimates weighted by the probability of staying."
    )
    rehearsal: Rehearsal | None = Field(
        None, description="What the planned models can find in this panel: size, power, smallest detectable effects."
    )
    index: Index | None = Field(None, description="The involution index; the documented families unless named.")
    derive: dict[ColumnName, Expression] = Field(
        default_factory=dict, description="Columns made before measuring, in order."
    )
    variables: dict[ColumnName, Expression] = Field(
        default_factory=dict, description="Columns made after measuring, in order; they may use measures and lags."
    )

    @property
    def blocks(self) -> list[str]:
        """The blocks that the study estimates, in order."""
        return [block for block, sections in BLOCK_SECTIONS.items() if getattr(self, sections[0])]

    @property
    def definitions(self) -> dict[str, str]:
        """Expressions of the study's own columns."""
        return {**self.derive, **self.variables}

    @property
    def measured_index(self) -> Index:
        """The study's index, or that of the package where it names none."""
        return self.index or Index()

    @property
    def model_names(self) -> list[str]:
        """What the models of all blocks are called: tables, truths and `attrition` name them so."""
        return [name for names in self.names_by_section.values() for name in names]

    @property
    def names_by_section(self) -> dict[str, list[str]]:
        """What the models are called, by the section that makes them."""
        return {section: names(self) for section, names in MODEL_NAMES.items()}


MODEL_NAMES: dict[str, Callable[[Blocks], list[str]]] = {
    "models": lambda study: [model.name for model in study.models],
    "design": lambda study: design_models(study.design) if study.design else [],
    "robustness": lambda study: robustness_models(study.robustness, study.design),
    "endogeneity": lambda study: endogeneity_models(study.endogeneity),
    "mediation": lambda study: mediation_models(study.mediation),
    "moderation": lambda study: moderation_models(study.moderation),
    "threshold": lambda study: [asked.name for asked in study.threshold],
    "response_surface": lambda study: surface_models(study.response_surface),
    "exposure": lambda study: exposure_models(study.exposure),
    "event_study": lambda study: event_study_models(study.event_study),
    "breakthrough": lambda study: breakthrough_models(study.breakthrough),
    "heterogeneity": lambda study: heterogeneity_models(study.heterogeneity),
    "quantile_regression": lambda study: [asked.name for asked in study.quantile_regression],
    "placebo": lambda study: [asked.name for asked in study.placebo],
    "specification_curve": lambda study: [name for asked in study.specification_curve for name in asked.model_names],
    "attrition": lambda study: attrition_models(study.attrition, study.design),
    "rehearsal": lambda study: rehearsal_models(study.rehearsal, study.design, study.mediation),
}
"""Names of models by the section that asks for them."""
