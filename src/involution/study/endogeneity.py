"""The section `endogeneity`: the effect of the treatment again, each time without one reason to doubt it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from involution.study.base import ColumnName, Names, Section
from involution.study.instruments import Instruments, Lewbel, PlausiblyExogenous, ShiftShareInstrument, check_doubted
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


def _limits(value: tuple[int, int | None]) -> tuple[int, int | None]:
    first, last = value
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"the first lag is one or more and not above the last, found {list(value)}")
    return value


Limits = Annotated[tuple[int, int | None], AfterValidator(_limits)]
"""First and last lag; null for all that there are."""


class Dynamic(Section):
    """The outcome's own past among the regressors, by difference and system GMM."""

    lags: int = Field(1, ge=1, le=4, description="Years of the outcome's past among the regressors.")
    treatment: Literal["exogenous", "predetermined", "endogenous"] = Field(
        "predetermined",
        description="What the treatment, at its own year, may go with: errors of no year, of earlier years (its lags "
        "from the first are instruments), or of the outcome's year too (its lags from the second).",
    )
    predetermined: Names = Field(default_factory=list, description="Controls that errors of earlier years may move.")
    endogenous: Names = Field(default_factory=list, description="Controls that errors of the outcome's year may move.")
    instruments: Names = Field(
        default_factory=list, description="Further columns, at the treatment's year, that are their own instruments."
    )
    lag_limits: dict[ColumnName, Limits] = Field(
        default_factory=dict,
        description="By column, the first and last lag that are instruments, in years before the regressor's own (the "
        "outcome's from 2); null for all: `{rd_intensity: [2, 5], involution: [1, null]}`.",
    )
    collapse: bool = Field(True, description="One instrument for each lag, not for each lag and year.")
    steps: Literal["one", "two"] = Field(
        "two", description="Two steps with the errors of Windmeijer, or one with robust ones."
    )
    transform: Literal["difference", "orthogonal"] = Field(
        "difference", description="First differences, or forward orthogonal deviations, which lose less to gaps."
    )


class Endogeneity(OfBaseline):
    """One look again at the baseline; exactly one of its methods is named."""

    leads_lags: LeadsAndLags | None = Field(
        None, description="Leads and lags of the treatment beside it: leads test for reverse causality."
    )
    estimator: Literal["iv"] | None = Field(None, description="Two-stage least squares, which `instruments` imply.")
    instruments: Instruments | None = Field(
        None,
        description="Instruments for the treatment: columns at the year of `timing.treatment`, or "
        "`{by: z, years: -2}`.",
    )
    plausibly_exogenous: PlausiblyExogenous | None = Field(
        None, description="Beside `instruments`: the effect where an instrument may have a direct one."
    )
    shift_share: ShiftShareInstrument | None = Field(
        None, description="The instrument is the sum of shares times shocks, those of `data.shift_share`."
    )
    lewbel: Lewbel | None = Field(
        None, description="Instruments from heteroskedasticity (Lewbel 2012), made of controls: for an appendix."
    )

    dynamic: Dynamic | None = Field(
        None, description="The outcome's own past beside the treatment, by difference and system GMM."
    )

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        named = [name for name in METHODS if getattr(self, name) is not None]
        if len(named) != 1:
            found = " and ".join(named) or "none"
            raise ValueError(f"expected exactly one of the methods {', '.join(METHODS)}; found {found}")
        if self.estimator is not None and self.method not in _TWO_STAGE:
            raise ValueError(f"estimator: iv needs one of the methods {', '.join(_TWO_STAGE)}")
        if self.plausibly_exogenous is not None:
            if self.instruments is None:
                raise ValueError("plausibly_exogenous needs instruments")
            check_doubted(self.instruments, self.plausibly_exogenous)
        return self

    @property
    def method(self) -> str:
        """The key of the one method named."""
        return next(name for name in METHODS if getattr(self, name) is not None)


METHODS: dict[str, tuple[str, ...]] = {
    "leads_lags": ("",),
    "dynamic": ("", "_system", "_ols", "_within"),
    "instruments": ("", "_first", "_reduced", "_ols"),
    "shift_share": ("", "_shocks", "_clustered", "_first", "_reduced", "_ols", "_rotemberg"),
    "lewbel": ("", "_first", "_ols"),
}
"""By method, what its models are called: the section's name and these."""
_TWO_STAGE = ("instruments", "shift_share", "lewbel")


def endogeneity_names(asked: Endogeneity) -> list[str]:
    """The models of one item of the section, the headline first."""
    further = ["_bounds"] if asked.plausibly_exogenous is not None else []
    further += ["_balance"] if asked.shift_share is not None and asked.shift_share.balance else []
    return [f"{asked.name}{part}" for part in (*METHODS[asked.method], *further)]


def endogeneity_models(sections: list[Endogeneity]) -> list[str]:
    """The models of all items."""
    return [name for asked in sections for name in endogeneity_names(asked)]
