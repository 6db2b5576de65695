"""The section `truth`: estimates beside the effects that were planted in simulated data."""

from __future__ import annotations

from pydantic import Field

from involution.study.base import ColumnName, Section


class Truth(Section):
    """One planted effect and the estimate that should find it."""

    name: str = Field(min_length=1, description="Name of the effect in the table of planted effects, `data.truth`.")
    model: str = Field(min_length=1, description="Model or block that estimates it.")
    term: str = Field(min_length=1, description="Its term, as in estimates.csv.")
    latent: ColumnName | None = Field(
        None,
        description="Latent column that the term measures: the truth is then the planted effect times the slope of the "
        "latent column on the term, given the model's other regressors and effects (scale and reliability in one).",
    )
    censored: bool = Field(
        False, description="The outcome is held at zero from below: the truth is also times its share above zero."
    )
