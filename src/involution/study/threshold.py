"""The section `threshold`: a slope that differs below and above an estimated value of another column."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from involution.study.base import ColumnName
from involution.study.own_design import WithTreatment, WithVariance


class Threshold(WithTreatment, WithVariance):
    """One panel threshold model (Hansen 1999), by least squares."""

    threshold: ColumnName = Field(description="Column in which the threshold lies, at the year of `timing.moderator`.")
    own_effect: bool = Field(True, description="The threshold column is a regressor itself, with one slope.")
    regime_level: bool = Field(
        False, description="The level may change at the threshold as well as the slope; in Hansen (1999) it does not."
    )
    regimes: Literal[2, 3] = Field(2, description="Two regimes have one threshold, three have two.")
    trim: float = Field(0.15, gt=0, le=0.4, description="Share of the rows that every regime has at least.")
    grid: int | Literal["all"] = Field(
        300,
        ge=10,
        le=2_000,
        description="Quantiles of the threshold column that are searched, more closely where the threshold may lie; "
        "`all` for every value up to 2,000.",
    )
    draws: int | None = Field(
        None, ge=99, le=100_000, description="Draws of the bootstrap tests; the run's, at most 999, unless named."
    )
