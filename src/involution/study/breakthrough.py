"""The section `breakthrough`: how far moving each lever offsets a rise of involution, from one joint model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Name, Names, Section
from involution.study.own_design import WithTreatment

ALL = "all"
"""Stands for all levers moved together in ``offset[all]`` and ``share[all]``."""


class Lever(Section):
    """One lever: a column, or several that are moved together."""

    by: Annotated[Names, Field(min_length=1)] = Field(description="Column of the lever, or several moved together.")
    years: int | None = Field(
        None, ge=-10, le=10, description="Years from the row's own; `timing.moderator` unless named."
    )
    product: bool = Field(False, description="Of two columns: their product moves with them.")

    @model_validator(mode="after")
    def _distinct(self) -> Lever:
        if len(set(self.by)) < len(self.by):
            raise ValueError("a column stands twice under `by`")
        if self.product and len(self.by) != 2:
            raise ValueError(f"a product is of two columns, found {len(self.by)}")
        return self


def _lever(value: Any) -> Any:
    return {"by": value} if isinstance(value, (str, list)) else value


LeverText = Annotated[Lever, BeforeValidator(_lever, json_schema_input_type=ColumnName | list[ColumnName] | Lever)]


class Breakthrough(WithTreatment):
    """One joint model of levers; what it does not name is that of `design`."""

    name: Name = Field(description="Name of the model, its table and its figure.")
    levers: Annotated[dict[Name, LeverText], Field(min_length=1)] = Field(
        description="Levers by name, all in one model: a column, a list of columns moved together, or "
        "{by: ..., years: ..., product: ...}."
    )
    by: ColumnName | None = Field(
        None, description="Column of groups, such as firm_size, that have contrasts of their own beside all firms."
    )
    groups: Names = Field(
        default_factory=list, description="Values of `by` shown, in this order; all of the sample unless named."
    )
    slopes: Literal["group", "common"] = Field(
        "group", description="Whether each group has coefficients of its own, in one model of all, or all share theirs."
    )
    move: Literal["sample", "group"] = Field(
        "sample", description="Percentiles between which levers move in a group: of the whole sample, or its own."
    )

    @model_validator(mode="after")
    def _levers_apart(self) -> Breakthrough:
        if ALL in self.levers:
            raise ValueError(f"'{ALL}' stands for all levers together: give the lever another name")
        columns = [name for lever in self.levers.values() for name in lever.by]
        twice = next((name for name in columns if columns.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"'{twice}' is part of two levers: which of them moves it?")
        taken = {self.outcome: "the outcome", self.treatment: "the treatment"}
        taken |= dict.fromkeys(self.controls or (), "a control")
        clash = next((name for name in columns if name in taken), None)
        if clash is not None:
            raise ValueError(f"'{clash}' is a lever and {taken[clash]}")
        return self

    @model_validator(mode="after")
    def _groups_differ(self) -> Breakthrough:
        if self.by is None and (self.groups or self.slopes != "group" or self.move != "sample"):
            raise ValueError("groups, slopes and move are about the groups of `by`, and it names no column")
        if self.by is not None and self.slopes == "common" and self.move == "sample":
            raise ValueError("with common slopes and the moves of the whole sample all groups are alike")
        return self
