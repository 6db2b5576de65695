"""The section `figures`: what is drawn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from involution.study.base import ColumnName, Name, Names, Section, Text
from involution.study.tables import ModelNames


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
    highlight: Names = Field(
        default_factory=list, description="Industries drawn by name; the largest four unless named."
    )


def default_figures() -> list[Figure]:
    """A coefficient plot of all models: what a study without figures gets."""
    return [Figure(name="coefficients", kind="coefficients")]
