"""The section `attrition`: who leaves the panel, and estimates that weigh those who stay for those who left."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from involution.study.base import ColumnName, Name, Names, Section
from involution.study.models import _one_or_two
from involution.study.tables import ModelNames

REPORTED = "rd_reported"
"""The measure that tells firms that report R&D apart, where a study names no column of its own."""


class Attrition(Section):
    """A model of exit, regressions weighted by the inverse probability of staying, and who differs beforehand."""

    name: Name = Field(
        description="Begins the names of the models: `<name>_exit`, `<name>_leavers`, `<name>_reporters`, and "
        "`<name>_<model>`."
    )
    exit: ColumnName = Field("exit", description="One in the last year before the firm leaves, else zero.")
    predictors: Annotated[Names, Field(min_length=1)] = Field(
        description="What exit is explained by, of the same year."
    )
    models: ModelNames = Field(
        default_factory=list, description="Models estimated again with the weights; those of `design` unless named."
    )
    outcome: int = Field(1, ge=0, le=10, description="Years from the row's own at which these models take the outcome.")
    compare: Names = Field(
        default_factory=list,
        description="What is compared between firms that leave after the year and firms that stay, and between firms "
        "that report and firms that do not; `predictors` unless named.",
    )
    reported: ColumnName | None = Field(
        None,
        description="One where the firm reports (R&D, say), else zero; the measure rd_reported unless named, and "
        "without it `<name>_reporters` says why it is not there.",
    )
    cluster: Annotated[Names, AfterValidator(_one_or_two)] = Field(
        default_factory=list, description="Clusters of exit and of these comparisons; those of `design`, else the firm."
    )
    trim: tuple[float, float] = Field((0.01, 0.99), description="Quantiles to which the weights are held.")

    @model_validator(mode="after")
    def _ordered(self) -> Attrition:
        if not 0 <= self.trim[0] < self.trim[1] <= 1:
            raise ValueError("trim are two quantiles between 0 and 1, the lower first")
        return self

    @property
    def compared(self) -> list[str]:
        """The columns compared."""
        return list(dict.fromkeys(self.compare or self.predictors))

    @property
    def groups(self) -> dict[str, str]:
        """By the comparison's model, the column that tells its groups apart."""
        return {f"{self.name}_leavers": self.exit, f"{self.name}_reporters": self.reported or REPORTED}
