"""The sections that are estimated: what each block uses of a study, and what its models are called."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from involution.study.attrition import Attrition
from involution.study.base import ColumnName, Expression, Section
from involution.study.block_names import attrition_models, baseline_names, event_study_models, mediation_models
from involution.study.design import PaperDesign
from involution.study.event_study import EventStudy
from involution.study.index import Index
from involution.study.mediation import Mediation
from involution.study.models import Model

_OWN_COLUMNS = ("derive", "variables")
BLOCK_SECTIONS = {
    "models": ("models", *_OWN_COLUMNS),
    "baseline": ("design", *_OWN_COLUMNS),
    "mechanism": ("mediation", "design", *_OWN_COLUMNS),
    "mediation": ("mediation", "design", "index", *_OWN_COLUMNS),
    "event_study": ("event_study", *_OWN_COLUMNS),
    "attrition": ("attrition", "models", "design", *_OWN_COLUMNS),
}
"""The sections that each block of estimates uses, the one that asks for it first: the order of the results."""


class Blocks(Section):
    """What is estimated: a part of `Study` that can be handed on alone."""

    models: list[Model] = Field(default_factory=list, description="Regressions.")
    design: PaperDesign | None = Field(None, description="From what the paper's own exhibits are built.")
    mediation: list[Mediation] = Field(
        default_factory=list, description="Through which channels the treatment acts on an outcome."
    )
    event_study: list[EventStudy] = Field(
        default_factory=list, description="Policy events as staggered adoption: effects by years since adoption."
    )
    attrition: list[Attrition] = Field(
        default_factory=list, description="Models of exit, and estimates weighted by the probability of staying."
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
        return [name for names in _MODEL_NAMES.values() for name in names(self)]


_MODEL_NAMES: dict[str, Callable[[Blocks], list[str]]] = {
    "models": lambda study: [model.name for model in study.models],
    "design": lambda study: list(baseline_names(study.design).values()) if study.design else [],
    "mediation": lambda study: mediation_models(study.mediation),
    "event_study": lambda study: event_study_models(study.event_study),
    "attrition": lambda study: attrition_models(study.attrition, study.design),
}
"""Names of models by the section that asks for them."""
