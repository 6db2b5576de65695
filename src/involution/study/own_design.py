"""Keys that sections of one regression design share; what a section does not name is that of `design`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field

from involution.study.base import ColumnName, Expression, Name, Names, Section
from involution.study.design import PaperDesign, Vcov
from involution.study.models import _one_or_two
from involution.study.timing import Timing

USUAL_TREATMENT = "involution"


class OwnDesign(Section):
    """Outcome, controls, fixed effects, clusters and years of a section."""

    name: Name = Field(description="Name of the model; the section's further models begin with it.")
    outcome: ColumnName = Field(description="Outcome, at the year of `timing.outcome`.")
    controls: Names | None = Field(None, description="Controls; those of `design` unless named.")
    fixed_effects: Names | None = Field(None, description="Fixed effects; those of `design`, else firm and year.")
    cluster: Annotated[Names, AfterValidator(_one_or_two)] | None = Field(
        None, description="Clusters; those of `design`, else the level of the treatment."
    )
    timing: Timing | None = Field(None, description="Years at which columns are taken; those of `design` unless named.")
    weights: ColumnName | None = Field(None, description="Column of weights; that of `design` unless named.")
    where: Expression | None = Field(None, description="Rows to use, beyond the sample.")
    allow_low_cluster: bool | None = Field(None, description="Permit clusters below the level of the treatment.")
    allow_mechanical: bool | None = Field(
        None, description="Permit an outcome that shares an ingredient with the treatment."
    )

    def completed(self, design: PaperDesign | None) -> Self:
        """The same with everything that `design` gives filled in."""
        usual: dict[str, Any] = {
            "controls": [], "fixed_effects": ["firm", "year"], "cluster": [], "timing": Timing(), "weights": None,
            "allow_low_cluster": False, "allow_mechanical": False, **self._further(),
        }  # fmt: skip
        if design is not None:
            given = {name: getattr(design, name) for name in usual}
            usual |= {name: value for name, value in given.items() if value is not None}
        return self.model_copy(update={name: value for name, value in usual.items() if not self._given(name)})

    def _given(self, name: str) -> bool:
        """Whether the section names this key itself."""
        return getattr(self, name) is not None

    def _further(self) -> dict[str, Any]:
        """Further keys that `design` gives, with what stands for them without it."""
        return {}

    @property
    def clock(self) -> Timing:
        """The years of a completed section."""
        return self.timing or Timing()


class WithVariance(OwnDesign):
    """The same with a choice of the variance estimator."""

    vcov: Vcov | None = Field(None, description="Variance estimator; that of `design`, else the cluster jackknife.")

    def _further(self) -> dict[str, Any]:
        return {**super()._further(), "vcov": "crv3"}


class WithTreatment(OwnDesign):
    """The same with one treatment."""

    treatment: ColumnName | None = Field(
        None, description="Treatment, at the year of `timing.treatment`; that of `design`, else involution."
    )

    def _further(self) -> dict[str, Any]:
        return {**super()._further(), "treatment": USUAL_TREATMENT}


class OfBaseline(WithTreatment, WithVariance):
    """The same for sections that look again at the baseline: the outcome, too, is that of `design` unless named."""

    outcome: ColumnName | Literal[""] = Field(
        "", description="Outcome, at the year of `timing.outcome`; the first of `design` unless named."
    )

    def _further(self) -> dict[str, Any]:
        return {**super()._further(), "outcome": ""}

    def _given(self, name: str) -> bool:
        return bool(self.outcome) if name == "outcome" else super()._given(name)
