"""The section `rehearsal`: what the planned models can find in this panel, before outcomes are looked at."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from involution.study.base import Section
from involution.study.tables import _one_or_many

Effect = Annotated[float, Field(gt=0, le=100)]


def _ascending(values: list[float]) -> list[float]:
    if sorted(set(values)) != values:
        raise ValueError("effects ascend, each once")
    return values


Chosen = Annotated[list[str], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]


DRAWS = 500
"""Outcomes drawn for each model where a study names no number and the run has more draws."""


class Rehearsal(Section):
    """Size, power and smallest detectable effects of the planned models, with the user's regressors and clusters."""

    draws: int | None = Field(
        None,
        ge=100,
        le=20_000,
        description=f"Outcomes drawn for each model; the run's draws, at most {DRAWS}, unless named.",
    )
    effects: Annotated[list[Effect], AfterValidator(_ascending), Field(min_length=1)] = Field(
        default_factory=lambda: [0.02, 0.05, 0.1, 0.2],
        description="Planted effects: standard deviations of the outcome's residual per standard deviation of the "
        "treatment. Zero is always planted.",
    )
    path: Effect = Field(
        0.05,
        description="Planted on each path of a mediation: standard deviations of the mediator's, or the outcome's, "
        "residual per standard deviation of what the path comes from.",
    )
    models: Chosen | None = Field(
        None, description="Models of the baseline that are rehearsed; all unless named, `[]` for none."
    )
    mediations: Chosen | None = Field(
        None, description="Mediations that are rehearsed; all unless named, `[]` for none."
    )
    bootstrap: int = Field(
        399, ge=0, le=9_999, description="Draws of the wild cluster bootstrap within each outcome; 0 leaves it out."
    )

    @property
    def outcomes_drawn(self) -> int:
        """Outcomes drawn for each model, the usual number where none is named."""
        return DRAWS if self.draws is None else self.draws
