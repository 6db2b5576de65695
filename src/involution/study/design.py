"""The section `design`: from what the paper's own exhibits are built."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from involution.study.base import ColumnName, Names, Section, _listed
from involution.study.models import ESTIMATORS, _estimator, _one_or_two
from involution.study.timing import Timing

Vcov = Literal["hetero", "crv1", "crv3", "wild"]


class Outcome(Section):
    """An outcome, and its estimator where the one of its type is not wanted."""

    name: ColumnName = Field(description="Column or measure.")
    estimator: Annotated[str, AfterValidator(_estimator)] | None = Field(
        None,
        description="Estimator; by the type of the outcome unless named: Poisson for counts, fractional logit for "
        "shares, complementary log-log for the hazard of stopping R&D, least squares for the rest.",
        json_schema_extra={"enum": list(ESTIMATORS)},
    )


def _outcomes(value: Any) -> Any:
    return [{"name": item} if isinstance(item, str) else item for item in _listed(value)] if value else value


class PaperDesign(Section):
    """Outcomes, treatment, controls and fixed effects that the paper's blocks share."""

    outcomes: Annotated[
        list[Outcome],
        BeforeValidator(_outcomes, json_schema_input_type=str | list[str | Outcome]),
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

    @property
    def outcome(self) -> str:
        """The first outcome: that of sections that name none."""
        return self.outcomes[0].name
