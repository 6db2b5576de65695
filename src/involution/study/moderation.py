"""The section `moderation`: on what the effect of the treatment depends."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Name, Names, Section
from involution.study.own_design import WithTreatment, WithVariance


class ModeratorColumn(Section):
    """A moderator: its column, its year, and where it is taken about."""

    by: ColumnName = Field(description="Column of the moderator.")
    years: int | None = Field(
        None, ge=-10, le=10, description="Years from the row's own; `timing.moderator` unless named."
    )
    about: float | None = Field(
        None, description="Value at which the treatment's own effect holds; the mean of the rows used unless named."
    )


def _moderators(value: Any) -> Any:
    listed = value if isinstance(value, list) else [value]
    return [{"by": item} if isinstance(item, str) else item for item in listed]


Moderators = Annotated[
    list[ModeratorColumn],
    BeforeValidator(_moderators, json_schema_input_type=str | ModeratorColumn | list[str | ModeratorColumn]),
    Field(min_length=1),
]


class Moderation(WithTreatment, WithVariance):
    """One moderated effect; what it does not name is that of `design`."""

    name: Name = Field(
        description="Name of the headline; the models beside it are `<name>_product`, `<name>_no_year`, "
        "`<name>_plain`, `<name>_interaction`, `<name>_bins`, `<name>_effects` and `<name>_kernel`; with "
        "`instruments` `<name>_iv`."
    )
    moderator: Moderators = Field(
        description="Moderator, at the year of `timing.moderator`, or `{by: w, years: 0, about: 0}`; several are taken "
        "jointly."
    )
    product: bool = Field(
        False, description="With two moderators: their product, and the treatment times it, with all lower terms."
    )
    estimator: Literal["ols", "poisson"] = Field("ols", description="Least squares, or Poisson for counts.")
    with_treatment: Names = Field(
        default_factory=list,
        description="Columns multiplied by the treatment too, at the year of `timing.moderator`: rivals of the "
        "moderator.",
    )
    with_moderator: Names = Field(
        default_factory=list,
        description="Columns multiplied by each moderator, at the year of `timing.moderator`: such as growth.",
    )
    instruments: dict[ColumnName, Annotated[Names, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Instruments of one moderator, at its year: the model `<name>_iv` instruments it and its product "
        "with the treatment by them and theirs.",
    )
    draws: int | None = Field(
        None, ge=99, le=1_000_000, description="Draws of uniform bands and of the wild bootstrap; else the run's."
    )
    kernel: bool = Field(True, description="Whether the kernel estimator is run (least squares alone).")

    @model_validator(mode="after")
    def _goes_together(self) -> Moderation:
        named = [moderator.by for moderator in self.moderator]
        if len(set(named)) < len(named):
            raise ValueError(f"one moderator stands twice in {', '.join(named)}")
        if self.product and len(named) != 2:
            raise ValueError(f"a product is of two moderators, found {len(named)}")
        strangers = [name for name in self.instruments if name not in named]
        if strangers:
            raise ValueError(f"instruments names '{strangers[0]}', which is no moderator; there is {', '.join(named)}")
        if len(self.instruments) > 1:
            raise ValueError(f"instruments are of one moderator at a time, found {', '.join(self.instruments)}")
        if self.instruments and (self.product or self.estimator == "poisson"):
            raise ValueError("instruments are built for least squares without `product`")
        if self.estimator == "poisson" and self.vcov == "wild":
            raise ValueError("the wild cluster bootstrap is built for least squares only; take crv3 or crv1")
        return self
