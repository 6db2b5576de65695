"""The key `dynamic` of the section `endogeneity`: the outcome's own past among the regressors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from involution.study.base import ColumnName, Names, Section


def _limits(value: tuple[int, int | None]) -> tuple[int, int | None]:
    first, last = value
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"the first lag is one or more and not above the last, found {list(value)}")
    return value


Limits = Annotated[tuple[int, int | None], AfterValidator(_limits)]
"""First and last lag; null for all that there are."""


class Dynamic(Section):
    """The outcome's own past among the regressors, by difference and system GMM."""

    lags: int = Field(1, ge=1, le=4, description="Years of the outcome's past among the regressors.")
    treatment: Literal["exogenous", "predetermined", "endogenous"] = Field(
        "predetermined",
        description="What the treatment, at its own year, may go with: errors of no year, of earlier years (its lags "
        "from the first are instruments), or of the outcome's year too (its lags from the second).",
    )
    predetermined: Names = Field(default_factory=list, description="Controls that errors of earlier years may move.")
    endogenous: Names = Field(default_factory=list, description="Controls that errors of the outcome's year may move.")
    instruments: Names = Field(
        default_factory=list, description="Further columns, at the treatment's year, that are their own instruments."
    )
    lag_limits: dict[ColumnName, Limits] = Field(
        default_factory=dict,
        description="By column, the first and last lag that are instruments, in years before the regressor's own (the "
        "outcome's from 2); null for all: `{rd_intensity: [2, 5], involution: [1, null]}`.",
    )
    collapse: bool = Field(True, description="One instrument for each lag, not for each lag and year.")
    steps: Literal["one", "two"] = Field(
        "two", description="Two steps with the errors of Windmeijer, or one with robust ones."
    )
    transform: Literal["difference", "orthogonal"] = Field(
        "difference", description="First differences, or forward orthogonal deviations, which lose less to gaps."
    )
