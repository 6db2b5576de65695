"""The section `endogeneity`: the effect of the treatment again, each time without one reason to doubt it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from involution.study.balancing import Balance, Match, Omitted, Selection
from involution.study.base import Section
from involution.study.dynamic import Dynamic
from involution.study.instruments import Instruments, Lewbel, PlausiblyExogenous, ShiftShareInstrument, check_doubted
from involution.study.own_design import OfBaseline


class LeadsAndLags(Section):
    """Years of the treatment beside its own."""

    leads: int = Field(2, ge=0, le=5, description="Years after the outcome's; they have not happened yet.")
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
    omitted: Omitted | None = Field(
        None, description="How strong an omitted variable has to be: Oster's delta, robustness values, benchmarks."
    )

    match: Match | None = Field(
        None, description="Propensity-score matching, then the regression on matched rows, with balance."
    )

    balance: Balance | None = Field(
        None, description="Entropy balancing: weights under which the covariates have nothing to do with the treatment."
    )

    selection: Selection | None = Field(
        None, description="Correction for outcomes that are not reported: a probit of reporting, then the Mills ratio."
    )

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        named = [name for name in METHODS if getattr(self, name) is not None]
        if self.plausibly_exogenous is not None and "instruments" not in named:
            raise ValueError("plausibly_exogenous stands beside instruments: name these in the same item")
        if len(named) != 1:
            found = " and ".join(named) or "none"
            raise ValueError(f"expected exactly one of the methods {', '.join(METHODS)}; found {found}")
        if self.estimator is not None and self.method not in _TWO_STAGE:
            raise ValueError(f"estimator: iv needs one of the methods {', '.join(_TWO_STAGE)}")
        if self.plausibly_exogenous is not None and self.instruments is not None:
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
    "omitted": ("", "_long", "_short"),
    "match": ("", "_once", "_indicator", "_before", "_score"),
    "balance": ("", "_before"),
    "selection": ("", "_uncorrected", "_reporting"),
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
