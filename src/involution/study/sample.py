"""The section `sample`: which rows are estimated on, and how extremes are treated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from involution.study.base import Expressions, Names, Section, Years, _listed

FirmSize = Literal["micro", "small", "medium", "large"]
SizeStandard = Literal["china_2011", "eu_2003", "us_susb"]


class Winsorize(Section):
    """Values beyond two quantiles are set to them."""

    columns: Names = Field(description="Columns to winsorise.")
    limits: tuple[float, float] = Field((0.01, 0.99), description="Lower and upper quantile.")
    by: Literal["year", "none"] = Field("year", description="Quantiles within each year, or over all rows.")
    on: Literal["population", "sample"] = Field("population", description="Rows the quantiles are computed on.")

    @model_validator(mode="after")
    def _ordered(self) -> Winsorize:
        if not 0 <= self.limits[0] < self.limits[1] <= 1:
            raise ValueError("limits are two quantiles between 0 and 1, the lower first")
        return self


class Sample(Section):
    """The estimation sample: a flag on the population, which removes no competitor and no lag."""

    years: Years | None = Field(None, description="First and last year, both included.")
    drop_if: Expressions = Field(default_factory=list, description="Rows for which one of these holds are left out.")
    min_years: int = Field(1, ge=1, description="Fewest rows of a firm in the sample.")
    firm_size: Annotated[list[FirmSize], BeforeValidator(_listed, json_schema_input_type=FirmSize | list[FirmSize])] = (
        Field(default_factory=list, description="Size classes kept, by `size_standard` or a given firm_size.")
    )
    winsorize: Winsorize | None = Field(None, description="Columns whose extremes are set to quantiles.")
