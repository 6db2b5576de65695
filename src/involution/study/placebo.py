"""The section `placebo`: the treatment handed from industry to industry, its whole path at a time."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from involution.study.base import ColumnName
from involution.study.own_design import OfBaseline


class Placebo(OfBaseline):
    """The baseline by least squares under permutations of its treatment."""

    permute: Literal["treatment"] = Field("treatment", description="What is permuted.")
    draws: int | None = Field(
        None, ge=99, le=100_000, description="Permutations; the run's draws, at most 999, unless named."
    )
    level: ColumnName | None = Field(
        None,
        description="Column whose units exchange the whole path of the treatment; the level at which it varies "
        "(industry, region, else firm) unless named.",
    )
