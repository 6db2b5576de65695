"""The section `heterogeneity`: the effect by group, and tests that it differs between groups."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Names
from involution.study.own_design import OfBaseline

Test = Literal["interaction", "stacked", "permutation"]
TESTS: tuple[Test, ...] = ("interaction", "stacked", "permutation")
DRAWS = 1_000
"""Draws of the permutation test where a section names none and the run has more."""


def _distinct(value: list[Test] | None) -> list[Test] | None:
    if value is not None and len(set(value)) < len(value):
        raise ValueError("a test stands twice")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Tests = Annotated[
    list[Test],
    BeforeValidator(_as_list, json_schema_input_type=Test | list[Test]),
    AfterValidator(_distinct),
    Field(min_length=1),
]


class Heterogeneity(OfBaseline):
    """The effect of the treatment in each group of firms; what it does not name is that of `design`."""

    by: ColumnName = Field(description="Column of the groups, such as ownership, firm_size or province; at most 12.")
    quantiles: Literal[2, 3, 4] | None = Field(
        None, description="Split a numeric `by` at its median (2), terciles (3) or quartiles (4)."
    )
    at: Literal["first", "row"] = Field(
        "first",
        description="Groups by the firm's first known value, which the treatment cannot have moved since, or by the "
        "value at `years` from each row.",
    )
    years: int | None = Field(
        None, ge=-10, le=10, description="With `at: row`, years from the row's own; `timing.treatment` unless named."
    )
    groups: Names = Field(
        default_factory=list,
        description="Values of `by` compared, the first is the one that others are compared with; all unless named.",
    )
    test: Tests | None = Field(
        None,
        description="How differences are tested: by an interaction, by the stacked regression, by permuting groups; "
        "all three for least squares and the first two for Poisson unless named.",
    )
    draws: int | None = Field(
        None,
        ge=99,
        le=100_000,
        description=f"Draws of the permutation test; the run's, at most {DRAWS:,}, unless named.",
    )
    permute: Literal["auto", "cluster", "within_cluster", "firm"] = Field(
        "auto",
        description="What the permutation test permutes groups over: clusters where each lies in one group, else the "
        "firms of each cluster (auto); or firms whatever their cluster.",
    )
    estimator: Literal["ols", "poisson"] | None = Field(
        None, description="Least squares, or Poisson for counts; by the outcome's type unless named."
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Heterogeneity:
        if self.quantiles is not None and self.groups:
            raise ValueError("quantiles makes its own groups: leave `groups` out")
        if self.by == "year" and self.at == "first":
            raise ValueError("firms have no first year that groups them: say `at: row` for groups of years")
        if self.by == self.treatment:
            raise ValueError("the treatment cannot group its own effect: see the quadratic of the design")
        if self.years is not None and self.at == "first":
            raise ValueError("years is for `at: row`: the firm's first value has no other year")
        if len(self.groups) == 1:
            raise ValueError("one group cannot be compared: name two or more, or none for all")
        if len(set(self.groups)) < len(self.groups):
            raise ValueError("a group stands twice")
        if self.estimator == "poisson" and "permutation" in (self.test or ()):
            raise ValueError("the permutation test is built for least squares; with Poisson take interaction, stacked")
        if self.estimator == "poisson" and self.vcov == "wild":
            raise ValueError("the wild cluster bootstrap is built for least squares only; take crv3 or crv1")
        return self


class QuantileRegression(OfBaseline):
    """The effect on quantiles of the outcome, fixed effects in location and scale (Machado and Santos Silva 2019)."""

    quantiles: Annotated[list[float], Field(min_length=1, max_length=99)] = Field(
        default_factory=lambda: [0.1, 0.25, 0.5, 0.75, 0.9], description="Quantiles of the outcome, in order."
    )

    @model_validator(mode="after")
    def _quantiles_in_order(self) -> QuantileRegression:
        if any(not 0 < quantile < 1 for quantile in self.quantiles):
            raise ValueError(f"quantiles lie between 0 and 1, found {self.quantiles}")
        if sorted(set(self.quantiles)) != self.quantiles:
            raise ValueError(f"quantiles stand in increasing order, found {self.quantiles}")
        if self.vcov == "wild":
            raise ValueError("the wild cluster bootstrap is not built for quantiles; take crv3, crv1 or hetero")
        return self
