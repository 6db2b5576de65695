"""The section `robustness`: the baseline again with something changed."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from involution.study.base import (
    Bilingual,
    ColumnName,
    Expression,
    Expressions,
    Name,
    Names,
    Section,
    Text,
    Years,
    spoken,
)
from involution.study.block_names import part_names
from involution.study.design import PaperDesign, Vcov
from involution.study.models import ESTIMATORS, _one_or_two, estimator_name
from involution.study.timing import Timing

Transform = Literal["log1p", "asinh", "any"]


class Shift(Section):
    """Years at which columns are taken, in place of those of `design`."""

    treatment: int | None = Field(None, ge=-10, le=10, description="Of the treatment.")
    outcome: int | None = Field(None, ge=-10, le=10, description="Of the outcome.")
    controls: int | None = Field(None, ge=-10, le=10, description="Of the controls.")


class Extremes(Section):
    """Values beyond two quantiles are set to them; columns that the sample winsorised already are so once more."""

    limits: tuple[float, float] = Field((0.05, 0.95), description="Lower and upper quantile, over the sample's rows.")
    columns: Names = Field(default_factory=list, description="Columns; outcome and treatment unless named.")
    by: Literal["year", "none"] = Field("year", description="Quantiles within each year, or over all rows.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 <= self.limits[0] < self.limits[1] <= 1:
            raise ValueError("limits are two quantiles between 0 and 1, the lower first")
        return self


class Robustness(Section):
    """One variation: what it does not name is as in `design`."""

    name: Name = Field(description="Name of the model; with several outcomes `<name>_<outcome>`.")
    title: Text | None = Field(None, description="What is changed, for tables and figures; the name's words else.")
    outcome: Names = Field(default_factory=list, description="Outcomes; the first of `design` unless named.")
    transform: Transform | None = Field(
        None,
        description="Of the outcome: log1p, the logarithm of one plus it; asinh, the inverse hyperbolic sine; any, "
        "whether it is above zero.",
    )
    estimator: Annotated[str, AfterValidator(estimator_name)] | None = Field(
        None, description="Estimator; by the type of the outcome unless named.",
        json_schema_extra={"enum": list(ESTIMATORS)},
    )  # fmt: skip
    treatment: ColumnName | None = Field(None, description="Another measure of the treatment.")
    controls: Names | None = Field(None, description="Controls in place of those of `design`.")
    add_controls: Names = Field(default_factory=list, description="Controls beside those of `design`.")
    fixed_effects: Names | None = Field(None, description="Other fixed effects.")
    cluster: Annotated[Names, AfterValidator(_one_or_two)] | None = Field(None, description="Other clusters.")
    vcov: Vcov | None = Field(None, description="Another variance estimator.")
    timing: Shift | None = Field(None, description="Columns taken at other years.")
    weights: ColumnName | None = Field(None, description="Column of weights.")
    where: Expression | None = Field(None, description="Rows to use, beyond the sample.")
    drop_if: Expressions = Field(default_factory=list, description="Rows for which one of these holds are left out.")
    years: Years | None = Field(None, description="First and last year of the rows used, both included.")
    balanced: bool = Field(False, description="Only firms with a complete row in every year that has one.")
    winsorize: Extremes | None = Field(None, description="Extremes of outcome and treatment set to quantiles.")
    placebo: bool = Field(False, description="No effect is expected: an outcome that the treatment cannot move.")
    leave_out: ColumnName | None = Field(
        None, description="Estimated again without each value of this column, such as each industry, in turn."
    )
    allow_low_cluster: bool | None = Field(None, description="Permit clusters below the level of the treatment.")
    allow_mechanical: bool | None = Field(
        None, description="Permit an outcome that shares an ingredient with the treatment."
    )

    @model_validator(mode="after")
    def _something_changed(self) -> Self:
        if self.model_dump(exclude={"name", "title", "placebo"}, exclude_defaults=True) in ({}, {"timing": {}}):
            raise ValueError("nothing is changed: name what differs from the baseline")
        if self.controls is not None and self.add_controls:
            raise ValueError("give controls or add_controls, not both")
        if self.cluster == []:
            raise ValueError("cluster: [] names no column; leave it out for the clusters of `design`")
        return self

    @property
    def called(self) -> Bilingual:
        """The title; where there is none, the name in words."""
        return self.title or Bilingual(en=spoken(self.name), zh=spoken(self.name))

    def outcomes_of(self, design: PaperDesign) -> list[str]:
        """The outcomes of the variation."""
        return self.outcome or [design.outcome]

    def clock(self, design: PaperDesign) -> Timing:
        """The years of the variation."""
        changed = {} if self.timing is None else self.timing.model_dump(exclude_none=True)
        return design.timing.model_copy(update=changed)


def robustness_names(asked: Robustness, design: PaperDesign) -> dict[str, str]:
    """Models of a variation by outcome."""
    outcomes = asked.outcomes_of(design)
    return {outcomes[0]: asked.name} if len(outcomes) == 1 else part_names(asked.name, outcomes)


def robustness_models(sections: list[Robustness], design: PaperDesign | None) -> list[str]:
    """The models of all variations; none without a design to vary."""
    return [] if design is None else [name for asked in sections for name in robustness_names(asked, design).values()]


CATEGORIES: dict[str, tuple[str, ...]] = {
    "placebo": ("placebo",),
    "influence": ("leave_out",),
    "outcome": ("outcome", "transform", "estimator"),
    "treatment": ("treatment", "timing"),
    "sample": ("where", "drop_if", "years", "balanced", "winsorize", "weights"),
    "specification": ("controls", "add_controls", "fixed_effects"),
    "inference": ("cluster", "vcov"),
}
"""What a variation changes, by its keys: the first that it names."""


def category(asked: Robustness) -> str:
    """What a variation changes."""
    named = asked.model_dump(exclude_defaults=True)
    return next(name for name, keys in CATEGORIES.items() if any(key in named for key in keys))
