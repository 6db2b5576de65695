"""The section `design`: from what the paper's own exhibits are built."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import Bilingual, ColumnName, Name, Names, Section, Text, _listed
from involution.study.models import ESTIMATORS, _one_or_two, estimator_name
from involution.study.timing import Timing

Vcov = Literal["hetero", "crv1", "crv3", "wild"]


class Outcome(Section):
    """An outcome, and its estimator where the one of its type is not wanted."""

    name: ColumnName = Field(description="Column or measure.")
    estimator: Annotated[str, AfterValidator(estimator_name)] | None = Field(
        None,
        description="Estimator; by the type of the outcome unless named: Poisson for counts, fractional logit for "
        "shares, complementary log-log for the hazard of stopping R&D, least squares for the rest.",
        json_schema_extra={"enum": list(ESTIMATORS)},
    )


def _outcomes(value: Any) -> Any:
    return [{"name": item} if isinstance(item, str) else item for item in _listed(value)] if value else value


class Step(Section):
    """A column of the baseline before the baseline itself, by what it has in place of the design's."""

    name: Name = Field(description="The model is named `baseline_<outcome>_<name>`.")
    title: Text | None = Field(None, description="What its column is called; the name's words else.")
    controls: Names | None = Field(None, description="Controls; `[]` for none.")
    fixed_effects: Names | None = Field(None, description="Fixed effects.")
    outcomes: Names = Field(default_factory=list, description="Outcomes it is estimated for; all unless named.")

    @model_validator(mode="after")
    def _something_changed(self) -> Self:
        if self.controls is None and self.fixed_effects is None:
            raise ValueError("nothing is changed: name controls or fixed_effects")
        return self


NO_CONTROLS = Step(name="no_controls", title=Bilingual(en="No controls", zh="无控制变量"), controls=[])
"""What is built up where a design has controls and says nothing of it."""


def _each_once(value: list[Outcome]) -> list[Outcome]:
    names = [outcome.name for outcome in value]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ValueError(f"'{twice[0]}' stands twice")
    return value


def _steps_apart(value: list[Step] | None) -> list[Step] | None:
    names = [step.name for step in value or ()]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ValueError(f"the name '{twice[0]}' stands twice: two models would be one column")
    return value


class PaperDesign(Section):
    """Outcomes, treatment, controls and fixed effects that the paper's blocks share."""

    outcomes: Annotated[
        list[Outcome],
        BeforeValidator(_outcomes, json_schema_input_type=str | list[str | Outcome]),
        AfterValidator(_each_once),
        Field(min_length=1),
    ] = Field(description="Outcomes; one regression each.")
    treatment: ColumnName = Field("involution", description="What is said to act on the outcomes.")
    timing: Timing = Field(default_factory=lambda: Timing(), description="Years at which columns are taken.")
    controls: Names = Field(default_factory=list, description="Controls, at the year of `timing.controls`.")
    fixed_effects: Names = Field(
        default_factory=lambda: ["firm", "year"], description="Columns, or `a^b` for a combination."
    )
    cluster: Annotated[Names, AfterValidator(_one_or_two)] = Field(
        default_factory=list, description="One or two columns; the level of the treatment unless named."
    )
    vcov: Vcov | None = Field(
        None, description="Variance estimator; the cluster jackknife (crv3) where the estimator has it, else crv1."
    )
    weights: ColumnName | None = Field(None, description="Column of weights.")
    allow_low_cluster: bool = Field(False, description="Permit clusters below the level of the treatment.")
    allow_mechanical: bool = Field(False, description="Permit an outcome that shares an ingredient with the treatment.")

    build_up: Annotated[list[Step] | None, AfterValidator(_steps_apart)] = Field(
        None,
        description="Models that build up to the baseline, one column each before it; without controls unless named.",
    )
    quadratic: bool = Field(
        False,
        description="The treatment and its square too, with the test of Lind and Mehlum (2010) whether it turns: "
        "`baseline_<outcome>_quadratic`.",
    )
    regime: ColumnName | None = Field(
        None,
        description="A column of zeros and ones, such as involution_regime, at the treatment's year: the slope of the "
        "treatment where it is zero and where it is one, `baseline_<outcome>_regime`.",
    )

    @property
    def steps(self) -> list[Step]:
        """The models that build up to the baseline."""
        if self.build_up is not None:
            return self.build_up
        return [NO_CONTROLS] if self.controls else []

    @property
    def outcome(self) -> str:
        """The first outcome: that of sections that name none."""
        return self.outcomes[0].name
