"""The section `endogeneity`: the effect of the treatment again, each time without one reason to doubt it."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from involution.study.base import Section
from involution.study.own_design import OfBaseline


class LeadsAndLags(Section):
    """Years of the treatment beside its own."""

    leads: int = Field(2, ge=0, le=5, description="Later years; their effect is that of what has not happened yet.")
    lags: int = Field(2, ge=0, le=5, description="Earlier years.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.leads and not self.lags:
            raise ValueError("neither a lead nor a lag is asked for")
        return self


class Endogeneity(OfBaseline):
    """One look again at the baseline; exactly one of its methods is named."""

    leads_lags: LeadsAndLags | None = Field(
        None, description="Leads and lags of the treatment beside it: leads test for reverse causality."
    )

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        named = [name for name in METHODS if getattr(self, name) is not None]
        if len(named) != 1:
            found = " and ".join(named) or "none"
            raise ValueError(f"expected exactly one of the methods {', '.join(METHODS)}; found {found}")
        return self

    @property
    def method(self) -> str:
        """The key of the one method named."""
        return next(name for name in METHODS if getattr(self, name) is not None)


METHODS: dict[str, tuple[str, ...]] = {
    "leads_lags": ("",),
}
"""By method, what its models are called: the section's name and these."""


def endogeneity_names(asked: Endogeneity) -> list[str]:
    """The models of one item of the section, the headline first."""
    return [f"{asked.name}{part}" for part in METHODS[asked.method]]


def endogeneity_models(sections: list[Endogeneity]) -> list[str]:
    """The models of all items."""
    return [name for asked in sections for name in endogeneity_names(asked)]
