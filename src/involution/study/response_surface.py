"""The section `response_surface`: an outcome, or the effect of a treatment, over two columns at once."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from involution.study.base import ColumnName, Names
from involution.study.design import PaperDesign
from involution.study.own_design import USUAL_TREATMENT, WithVariance


class ResponseSurface(WithVariance):
    """A quadratic surface over two columns (Edwards and Parry 1993), by least squares."""

    columns: Annotated[Names, Field(min_length=2, max_length=2)] = Field(
        description="The two columns, such as opportunity_identification and operation_management, on one scale, at "
        "the year of `timing.moderator`."
    )
    about: Annotated[list[float], Field(min_length=2, max_length=2)] = Field(
        default_factory=lambda: [0.0, 0.0],
        description="Values of the two columns about which the surface is written; the lines of congruence and "
        "incongruence cross there.",
    )
    treatment: ColumnName | None = Field(
        None,
        description="Without one the surface is that of the outcome; with one it is that of its effect, and the "
        "treatment is multiplied by all five terms; `design` stands for that of the section `design`.",
    )
    by_year: bool = Field(True, description="With a treatment, its effect may differ by year beside the surface.")
    balance: bool = Field(
        True,
        description="A second model `<name>_balance` with the absolute difference in place of squares and product.",
    )

    @model_validator(mode="after")
    def _two(self) -> ResponseSurface:
        if len(set(self.columns)) < 2:
            raise ValueError("columns names the same column twice")
        return self

    def completed(self, design: PaperDesign | None) -> Self:
        """The same with everything that `design` gives filled in."""
        whole = super().completed(design)
        usual = design.treatment if design is not None else USUAL_TREATMENT
        return whole.model_copy(update={"treatment": usual}) if whole.treatment == DESIGN_TREATMENT else whole


DESIGN_TREATMENT = "design"
"""Stands for the treatment of `design`."""
