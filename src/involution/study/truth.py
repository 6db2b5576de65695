"""The section `truth`: estimates beside the effects that were planted in simulated data."""

from __future__ import annotations

from pydantic import Field, model_validator

from involution.study.base import ColumnName, Section


class Truth(Section):
    """One planted effect and the estimate that should find it."""

    name: str = Field(
        min_length=1,
        description="Name of the effect in the table of planted effects, `data.truth`; with `expected` it may be "
        "another, of an effect that the table does not have by itself.",
    )
    model: str = Field(min_length=1, description="Model or block that estimates it.")
    term: str = Field(min_length=1, description="Its term, as in estimates.csv.")
    latent: ColumnName | None = Field(
        None,
        description="Latent column that the term measures: the truth is then the planted effect times the slope of the "
        "latent column on the term, given the model's other regressors and effects (scale and reliability in one).",
    )
    expected: ColumnName | None = Field(
        None,
        description="Column of the outcome's expectation given everything planted, at the outcome's year: the truth is "
        "then what the model finds with it in place of the outcome, on the same rows.",
    )
    censored: bool = Field(
        False, description="The outcome is held at zero from below: the truth is also times its share above zero."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Truth:
        if self.latent is not None and self.expected is not None:
            raise ValueError("give latent or expected, not both")
        return self
