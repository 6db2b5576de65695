"""What stands in for the treatment, or moves it from outside: the instruments of the section `endogeneity`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Names, Section, _listed
from involution.study.timing import dated


class InstrumentColumn(Section):
    """An instrument: its column and its year."""

    by: ColumnName = Field(description="Column of the instrument.")
    years: int | None = Field(
        None, ge=-10, le=10, description="Years from the row's own; `timing.treatment` unless named."
    )

    def pair(self, usual: int) -> tuple[str, int]:
        """Column and years, `usual` unless it names them."""
        return self.by, usual if self.years is None else self.years


def _instruments(value: Any) -> Any:
    return [{"by": item} if isinstance(item, str) else item for item in (value if isinstance(value, list) else [value])]


def _apart(value: list[InstrumentColumn]) -> list[InstrumentColumn]:
    twice = next((item.by for place, item in enumerate(value) if item in value[:place]), None)
    if twice is not None:
        raise ValueError(f"the instrument '{twice}' stands twice")
    return value


Instruments = Annotated[
    list[InstrumentColumn],
    BeforeValidator(_instruments, json_schema_input_type=str | InstrumentColumn | list[str | InstrumentColumn]),
    AfterValidator(_apart),
    Field(min_length=1),
]


def _ascending(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] >= value[1]:
        raise ValueError(f"expected the lower end first, found {list(value)}")
    return value


class Prior(Section):
    """What is believed of the instrument's own effect: a normal distribution."""

    mean: float = Field(0.0, description="Its mean.")
    sd: float = Field(gt=0, description="Its standard deviation.")


class PlausiblyExogenous(Section):
    """How much of an effect of its own an instrument may have."""

    range: Annotated[tuple[float, float], AfterValidator(_ascending)] = Field(
        description="Lowest and highest effect of one unit of the instrument on the outcome past the treatment."
    )
    of: ColumnName | None = Field(None, description="The instrument in doubt; the only one unless named.")
    prior: Prior | None = Field(
        None, description="Normal prior of that effect; with the mean and variance of the range unless named."
    )

    @property
    def normal(self) -> tuple[float, float]:
        """Mean and standard deviation of the prior: those of the uniform distribution over the range unless named."""
        low, high = self.range
        return (self.prior.mean, self.prior.sd) if self.prior else ((low + high) / 2, (high - low) / 12**0.5)


def check_doubted(instruments: list[InstrumentColumn], doubt: PlausiblyExogenous) -> None:
    """Raise a ValueError unless it is clear which instrument is in doubt."""
    named = [item.by for item in instruments]
    if doubt.of is None and len(named) > 1:
        raise ValueError(f"plausibly_exogenous: name the instrument in doubt under `of`: {', '.join(named)}")
    if doubt.of is not None and named.count(doubt.of) != 1:
        raise ValueError(f"plausibly_exogenous.of: '{doubt.of}' is not one of the instruments {', '.join(named)}")


def doubted(instruments: list[InstrumentColumn], doubt: PlausiblyExogenous, usual: int) -> str:
    """The dated instrument in doubt."""
    item = next(item for item in instruments if doubt.of in (None, item.by))
    return dated(*item.pair(usual))


class ShiftShareInstrument(Section):
    """The sum of shares times shocks as the instrument."""

    shock: ColumnName | None = Field(
        None, description="Column of `data.shift_share.shocks`; the first of them unless named."
    )
    years: int | None = Field(
        None, ge=-10, le=10, description="Year of the shocks, from the row's own; `timing.treatment` unless named."
    )
    sum_of_shares: Literal["control", "omit"] = Field(
        "control",
        description="Where shares do not add up to one, their sum by year is a control; left out only when told so.",
    )
    balance: Names = Field(
        default_factory=list,
        description="Columns decided before the shocks, at the year of `timing.controls`, which these should not move.",
    )
    top: int = Field(5, ge=1, le=50, description="Shocks with the largest Rotemberg weights that are told of.")


class Lewbel(Section):
    """Instruments made of controls and of the heteroskedasticity that they explain."""

    by: Annotated[list[ColumnName], BeforeValidator(_listed)] | None = Field(
        None, description="Controls that the instruments are made of; all of them unless named."
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.by is not None and not self.by:
            raise ValueError("name a control, or leave `by` out")
        return self
