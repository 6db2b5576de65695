"""The section `exposure`: what exposure to policy events does to the effect of the treatment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from involution.study.base import Name, Section, _listed
from involution.study.own_design import WithTreatment, WithVariance

PassiveExposure = Literal["event_exposure", "event_novelty", "event_disruption", "event_criticality"]
Permuted = Literal["dates", "places"]
Placebo = Literal["event_exposure_active", "leads"]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
ACTIVE: Placebo = "event_exposure_active"
LEADS: Placebo = "leads"


def _some_weight(value: tuple[float, float, float]) -> tuple[float, float, float]:
    if not sum(value):
        raise ValueError("weights of novelty, disruption and criticality are not all zero")
    return value


def _different(value: list[Any]) -> list[Any]:
    if len(set(value)) < len(value):
        raise ValueError(f"each once, found {value}")
    return value


class Sensitivity(Section):
    """The judgements in an exposure, and what is put in their place, one at a time."""

    half_life: list[Positive] = Field(
        default_factory=lambda: [1.0, 2.0, 4.0], description="Years after its end in which an event's reach halves."
    )
    near: list[Share] = Field(
        default_factory=lambda: [0.25, 0.5, 0.75],
        description="Proximity of a firm in an event's target industries or regions, but not in both.",
    )
    distance: list[Positive] = Field(
        default_factory=list,
        description="Kilometres over which the proximity of a firm in neither falls by a factor e; needs the columns "
        "latitude and longitude of the regions.",
    )
    weights: dict[Name, Annotated[tuple[Weight, Weight, Weight], AfterValidator(_some_weight)]] = Field(
        default_factory=lambda: {
            "novelty": (1.0, 0.0, 0.0),
            "disruption": (0.0, 1.0, 0.0),
            "criticality": (0.0, 0.0, 1.0),
        },
        description="By name, weights of novelty, disruption and criticality in an event's strength.",
    )
    origin_level: bool = Field(
        True, description="Exposure to the events of one level of government at a time, where the events name several."
    )


class EventExposure(WithTreatment, WithVariance):
    """The effect of the treatment at different exposures; what it does not name is that of `design`."""

    name: Name = Field(description="Name of the headline model; the others' names begin with it.")
    exposure: PassiveExposure = Field("event_exposure", description="Exposure to passive events, or by one scale.")
    years: int = Field(0, ge=-10, le=10, description="Years from the row's own at which exposure is taken.")
    draws: int | None = Field(
        None,
        ge=99,
        le=100_000,
        description="Permuted calendars, all of them where there are no more than these; the run's draws, at most 999, "
        "unless named.",
    )
    permute: Annotated[
        list[Permuted],
        BeforeValidator(_listed, json_schema_input_type=Permuted | list[Permuted]),
        AfterValidator(_different),
        Field(min_length=1),
    ] = Field(
        default_factory=lambda: list[Permuted](["dates", "places"]),
        description="What events exchange: the years of their onset, the industries and regions they aim at, or both.",
    )
    placebo: Annotated[
        list[Placebo],
        BeforeValidator(_listed, json_schema_input_type=Placebo | list[Placebo]),
        AfterValidator(_different),
    ] = Field(
        default_factory=lambda: [ACTIVE, LEADS],
        description="Exposure to active events, alone and beside that to passive ones, and to events that have not "
        "begun.",
    )
    sensitivity: Sensitivity | None = Field(
        default_factory=lambda: Sensitivity(),
        description="Other half-lives, proximities, weights and origins; null for none.",
    )
