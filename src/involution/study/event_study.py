"""The section `event_study`: policy events as staggered adoption."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Expression, Name, Names, Section, _listed
from involution.study.models import _one_or_two

Estimator = Literal["did2s", "callaway_santanna", "sun_abraham", "twfe", "imputation", "etwfe"]
ESTIMATORS: tuple[Estimator, ...] = ("did2s", "callaway_santanna", "sun_abraham", "twfe", "imputation", "etwfe")
REGRESSIONS: tuple[Estimator, ...] = ("twfe", "sun_abraham", "etwfe")
"""Estimators that are one regression, with a year that the others are relative to."""
DEFAULT: tuple[Estimator, ...] = ESTIMATORS[:4]


def _once(value: list[Estimator]) -> list[Estimator]:
    return list(dict.fromkeys(value))


class EventStudy(Section):
    """The effect of adopting, by years since adoption, from several estimators side by side.

    Event time is the clock: every column is taken at the row's own year, and `design.timing` does not apply.
    """

    name: Name = Field(description="Begins the names of the models: `<name>_<estimator>`.")
    outcome: ColumnName = Field(description="Outcome, at the row's own year (`timing.outcome` does not apply).")
    cohort: ColumnName = Field(description="First treated year, one per firm; zero or missing for never.")
    fixed_effects: Annotated[Names, Field(min_length=1)] = Field(
        default_factory=lambda: ["firm", "year"],
        description="Columns, or `a^b` for a combination; callaway_santanna has firm and year alone.",
    )
    estimators: Annotated[
        list[Estimator],
        BeforeValidator(_listed, json_schema_input_type=Estimator | list[Estimator]),
        AfterValidator(_once),
        Field(min_length=1),
    ] = Field(default_factory=lambda: list(DEFAULT), description="Estimators, one model each.")
    control: Literal["never_treated", "not_yet_treated"] = Field(
        "never_treated",
        description="Whom callaway_santanna compares with; without never-treated firms not_yet_treated.",
    )
    base_period: Literal["varying", "universal"] = Field(
        "universal",
        description="Base year of callaway_santanna before adoption: the last year without effects, so that its leads "
        "mean what those of the regressions mean, or the year before each (varying).",
    )
    method: Literal["doubly_robust", "regression", "weighting"] = Field(
        "doubly_robust", description="How callaway_santanna uses controls."
    )
    leads: int | None = Field(
        None, ge=0, le=50, description="Years before adoption that are reported; all unless named."
    )
    lags: int | None = Field(None, ge=0, le=50, description="Years after adoption that are reported; all unless named.")
    anticipation: int = Field(0, ge=0, le=10, description="Years before adoption in which effects may already show.")
    controls: Names = Field(
        default_factory=list,
        description="Controls, at the row's own year; callaway_santanna takes those of its base year.",
    )
    cluster: Annotated[Names, AfterValidator(_one_or_two)] = Field(
        default_factory=list, description="One or two columns; the level at which firms adopt unless named."
    )
    vcov: Literal["crv1", "crv3"] = Field(
        "crv1",
        description="Clustered by influence, or the cluster jackknife: every estimate anew without each cluster.",
    )
    weights: ColumnName | None = Field(None, description="Column of weights.")
    where: Expression | None = Field(None, description="A further condition on the rows.")
    draws: int | None = Field(
        None, ge=99, description="Draws of the simultaneous bands; those of the run unless named."
    )
    allow_low_cluster: bool = Field(False, description="Permit clusters below the level at which firms adopt.")
    bacon: bool | None = Field(
        None,
        description="What two-way fixed effects compare (Goodman-Bacon), as the model `<name>_bacon`; made when "
        "estimators name twfe unless said otherwise.",
    )
    honest: list[Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: [0.0, 0.5, 1.0, 1.5, 2.0],
        description="Multiples of the largest change before adoption up to which trends may differ after it, for the "
        "bounds of Rambachan and Roth; [] for no bounds.",
    )
    strength: ColumnName | None = Field(
        None,
        description="Strength of the event, one value over a firm's treated rows: effects by tercile and their "
        "gradient as the model `<name>_dose`.",
    )
    triple: ColumnName | None = Field(
        None,
        description="Column whose slope adoption may change, as the models `<name>_triple` and `<name>_triple_twoway`.",
    )

    @model_validator(mode="after")
    def _distinct(self) -> EventStudy:
        if self.outcome == self.cohort:
            raise ValueError("outcome and cohort are the same column")
        if self.triple in (self.outcome, self.cohort, *self.controls):
            raise ValueError(f"triple names '{self.triple}', which is the outcome, the cohort or a control")
        return self
