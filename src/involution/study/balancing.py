"""Keys of the section `endogeneity`: omitted variables, matching, balancing, outcomes that are not reported."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from involution.study.base import ColumnName, Names, Section

Treat = float | Literal["median"]
_Times = Annotated[float, Field(gt=0, le=1_000)]


class Omitted(Section):
    """What an omitted variable would have to be like (Oster 2019; Cinelli and Hazlett 2020)."""

    benchmarks: Names | None = Field(
        None, description="Controls that the omitted variable is likened to; all but `base` unless named."
    )
    times: Annotated[list[_Times], Field(min_length=1)] = Field(
        [1, 2, 3], description="How many times as strong as each it may be, with the treatment."
    )
    times_outcome: list[_Times] | None = Field(
        None, description="The same with the outcome, one for each of `times`; the same unless named."
    )
    base: Names = Field(
        default_factory=list, description="Controls that stand for no selection: in both regressions of Oster (2019)."
    )
    r_max: float | None = Field(
        None, gt=0, le=1, description="R2 (within) with everything in; 1.3 times that with controls, at most 1."
    )
    delta: float = Field(1.0, gt=0, le=100, description="Selection on the unobserved over that on the controls.")
    reduce: float = Field(
        1.0, gt=0, le=1, description="Share of the estimate that the omitted variable has to take away."
    )

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.times_outcome is not None and len(self.times_outcome) != len(self.times):
            raise ValueError("times_outcome has one number for each of times")
        return self

    @property
    def strengths(self) -> list[tuple[float, str, float]]:
        """Times as strong with the treatment, what that is called, times as strong with the outcome."""
        if self.times_outcome is None:
            return [(times, f"{times:g}x", times) for times in self.times]
        pairs = zip(self.times, self.times_outcome, strict=True)
        return [(first, f"{first:g}x/{second:g}x", second) for first, second in pairs]


class Match(Section):
    """Nearest neighbours by propensity score before the regression."""

    on: Annotated[Names, Field(min_length=1)] = Field(
        description="Covariates of the score, at the year of `timing.controls`."
    )
    treat: Treat = Field(
        "median", description="Rows that count as treated: above the median (of the year, with `by_year`) or a number."
    )
    k: int = Field(1, ge=1, le=50, description="Untreated rows for each treated one.")
    caliper: float | None = Field(0.05, gt=0, description="Greatest distance, in the units of `scale`; null for none.")
    scale: Literal["probability", "logit"] = Field(
        "probability",
        description="Distances between scores: probabilities, or their logits with a caliper in standard deviations "
        "(.2 after Austin 2011).",
    )
    replace: bool = Field(True, description="An untreated row may be taken more than once.")
    by_year: bool = Field(True, description="One score model a year, and matches within it.")
    exact: Names = Field(default_factory=list, description="Columns that matches have in common, such as industry.")


class Balance(Section):
    """Entropy balancing before the regression."""

    on: Annotated[Names, Field(min_length=1)] = Field(
        description="Covariates to balance, at the year of `timing.controls`."
    )
    moments: Literal[1, 2] = Field(1, description="2: squares of covariates (and of a treatment of degrees) too.")
    treat: Treat | None = Field(
        None,
        description="Balance two groups, above the median or a number, in place of a treatment of degrees; the "
        "regression is then on the indicator.",
    )
    by_year: bool = Field(True, description="Balance within each year.")


class Selection(Section):
    """Who reports the outcome, and the regression corrected for it (Heckman 1979)."""

    reported: ColumnName | None = Field(
        None,
        description="One where the outcome is reported, else zero, at the year of `timing.outcome`; whether the "
        "outcome is there, where the firm has a row in that year, unless named.",
    )
    exclusion: Names = Field(
        default_factory=list,
        description="Columns that move reporting and not the outcome, at the year of `timing.outcome`; required.",
    )
    by_year: bool = Field(True, description="One probit of reporting a year (Semykina and Wooldridge 2010).")

    @model_validator(mode="after")
    def _excluded(self) -> Self:
        if not self.exclusion:
            raise ValueError(
                "name under exclusion what moves reporting and not the outcome: without it only the curvature of the "
                "probit tells selection from effect"
            )
        return self
