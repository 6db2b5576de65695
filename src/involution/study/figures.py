"""The section `figures`: what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from involution.study.base import ColumnName, Name, Names, Section, Text
from involution.study.tables import ModelNames

if TYPE_CHECKING:
    from involution.study.study import Study


class Figure(Section):
    """One figure, drawn as PDF and PNG with its data as CSV."""

    name: Name = Field(description="File name without ending.")
    kind: Literal["coefficients", "time", "distribution"] = Field(
        description="Estimates with intervals; a column over the years by industry; histograms of columns."
    )
    title: Text | None = Field(None, description="Title; none unless given.")
    models: ModelNames = Field(default_factory=list, description="Models of a coefficient plot; all unless named.")
    keep: Names = Field(default_factory=list, description="Terms of a coefficient plot; all unless named.")
    column: ColumnName | None = Field(None, description="Column drawn over time.")
    columns: Names = Field(default_factory=list, description="Columns whose distributions are drawn.")
    highlight: Names = Field(default_factory=list, description="Industries drawn by name; the largest four unless named.")

    def models_named(self) -> list[str]:
        """Models that the figure names itself."""
        return list(self.models)


def figures_of(study: Study) -> list[Figure]:
    """The study's figures, or a coefficient plot of all its models where it names none."""
    return list(study.figures) or [Figure(name="coefficients", kind="coefficients")]


def figure_names(study: Study) -> Sequence[str]:
    """Names of the figures that will be made."""
    return [figure.name for figure in figures_of(study)]
