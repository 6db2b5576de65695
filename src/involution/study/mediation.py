"""The section `mediation`: through which channels the treatment acts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Expression, Name, Names, Section
from involution.study.design import PaperDesign
from involution.study.models import _one_or_two
from involution.study.timing import Timing

DIRECT = "direct"
Inference = Literal["monte_carlo", "delta", "jackknife", "bootstrap", "bca", "studentized", "wild"]


class PathModerator(Section):
    """What a path depends on."""

    by: ColumnName = Field(description="Column of the moderator.")
    stage: Literal["first", "second", "both"] = Field(
        "first", description="Path from treatment to mediator, from mediator to outcome, or both."
    )
    years: int | None = Field(
        None, ge=-10, le=10, description="Years from the row's own; `timing.moderator` unless named."
    )
    about: float | None = Field(
        None, description="Value of the moderator at which effects without a condition hold; its mean unless named."
    )


def _moderator(value: Any) -> Any:
    return {"by": value} if isinstance(value, str) else value


class Mediation(Section):
    """One decomposition of an effect; what it does not name is that of `design`."""

    name: Name = Field(description="Name of the decomposition; its mechanism models are `<name>_<mediator>`.")
    outcome: ColumnName = Field(description="Outcome, at the year of `timing.outcome`.")
    treatment: ColumnName = Field(
        "involution_mechanism",
        description="Treatment of every equation, at the year of `timing.treatment`; free of every mediator's parts.",
    )
    mechanism_treatments: dict[ColumnName, ColumnName] = Field(
        default_factory=dict,
        description="By mediator, another treatment in its regression of the mechanism table alone, such as "
        "involution_no_squeeze for a margin.",
    )
    mediators: Annotated[Names, Field(min_length=1)] = Field(description="Channels, at the year of `timing.mediator`.")
    moderators: dict[
        ColumnName,
        Annotated[PathModerator, BeforeValidator(_moderator, json_schema_input_type=str | PathModerator)],
    ] = Field(default_factory=dict, description="Moderated paths, by mediator or `direct`.")
    serial: Names = Field(
        default_factory=list, description="Two or three mediators in the order in which each moves the later ones."
    )
    instruments: dict[ColumnName, Names] = Field(
        default_factory=dict,
        description="By treatment or mediator, columns that move it and nothing else, at the year of what they move.",
    )
    family: dict[ColumnName, Literal["ols", "poisson", "logit", "probit"]] = Field(
        default_factory=dict,
        description="Estimator of the equation of the outcome or a mediator that is a count or 0/1; effects are then "
        "those of potential outcomes. Firm effects of logit and probit are the firm's means.",
    )
    interaction: bool = Field(
        False, description="The outcome's equation holds the products of treatment and mediators; as with `family`."
    )
    levels: Literal["each"] | tuple[float | str, float | str] | None = Field(
        None,
        description="Low and high level of the treatment between which effects are asked for, or `each` value against "
        "the lowest; as with `family`.",
    )
    blocks: list[Names] = Field(
        default_factory=list, description="Groups of mediators whose joint indirect effect is given too."
    )
    controls: Names | None = Field(None, description="Controls of every equation; those of `design` unless named.")
    fixed_effects: Names | None = Field(None, description="Fixed effects; those of `design`, else firm and year.")
    cluster: Annotated[Names, AfterValidator(_one_or_two)] | None = Field(
        None, description="Clusters; those of `design`, else the level of the treatment."
    )
    timing: Timing | None = Field(None, description="Years at which columns are taken; those of `design` unless named.")
    weights: ColumnName | None = Field(None, description="Column of weights.")
    where: Expression | None = Field(None, description="Rows to use, beyond the sample.")
    inference: Inference = Field(
        "monte_carlo",
        description="Intervals of indirect effects: Monte Carlo draws or delta method on the joint covariance, cluster "
        "jackknife, cluster bootstrap (percentile, bca, studentized), wild cluster bootstrap of the paths.",
    )
    draws: int | None = Field(None, ge=99, le=1_000_000, description="Draws; else the run's.")
    allow_low_cluster: bool = Field(False, description="Permit clusters below the level of the treatment.")
    allow_mechanical: bool = Field(
        False,
        description="Permit a treatment that holds a part of a mediator; no total, direct or share is then given.",
    )

    @model_validator(mode="after")
    def _paths(self) -> Mediation:
        unknown = [path for path in self.moderators if path not in (*self.mediators, DIRECT)]
        if unknown:
            raise ValueError(f"moderators names '{unknown[0]}', which is neither a mediator nor direct")
        strangers = [name for name in self.mechanism_treatments if name not in self.mediators]
        if strangers:
            raise ValueError(f"mechanism_treatments names '{strangers[0]}', which is no mediator")
        strangers = [name for name in self.serial if name not in self.mediators]
        strangers += [name for name in self.instruments if name not in (*self.mediators, self.treatment)]
        if strangers:
            raise ValueError(f"'{strangers[0]}' of serial or instruments is neither the treatment nor a mediator")
        unknown = [name for name in self.family if name not in (*self.mediators, self.outcome)]
        if unknown:
            raise ValueError(f"family names '{unknown[0]}', which is neither a mediator nor the outcome")
        if len(self.serial) == 1:
            raise ValueError("serial names two or three mediators in their order, found one")
        outside = [name for block in self.blocks for name in block if name not in self.mediators]
        if outside:
            raise ValueError(f"blocks names '{outside[0]}', which is no mediator")
        return self

    def completed(self, design: PaperDesign | None) -> Mediation:
        """The same with everything that `design` gives filled in."""
        own = {name: getattr(self, name) for name in ("controls", "fixed_effects", "cluster", "timing")}
        usual: dict[str, Any] = {"controls": [], "fixed_effects": ["firm", "year"], "cluster": [], "timing": Timing()}
        if design is not None:
            usual |= {name: getattr(design, name) for name in usual}
        return self.model_copy(update={name: usual[name] if value is None else value for name, value in own.items()})
