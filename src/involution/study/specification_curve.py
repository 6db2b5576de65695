"""The section `specification_curve`: all combinations of choices that are equally defensible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Expression, Name, Names, Section, _listed
from involution.study.design import PaperDesign, Vcov
from involution.study.models import _one_or_two
from involution.study.own_design import USUAL_TREATMENT
from involution.study.timing import Timing, dated

MOST_SPECIFICATIONS = 1_000
"""Specifications that a curve may have unless its section allows more."""
OWN_INDEX = "involution_own"
FACTORS = (
    "outcome", "treatment", "years", "controls", "fixed_effects", "sample", "winsorize", "weights",
)  # fmt: skip
"""What specifications differ in, in the order in which they are counted: the last changes first."""


def _two_quantiles(value: tuple[float, float] | None) -> tuple[float, float] | None:
    if value is not None and not 0 <= value[0] < value[1] <= 1:
        raise ValueError(f"limits are two quantiles between 0 and 1, the lower first, found {list(value)}")
    return value


Limits = Annotated[tuple[float, float] | None, AfterValidator(_two_quantiles)]
Year = Annotated[int, Field(ge=-10, le=10)]


class Choice(NamedTuple):
    """One specification: what it chooses of each of `FACTORS`, by name where choices are named."""

    outcome: str
    treatment: str
    years: int
    controls: str
    fixed_effects: str
    sample: str
    winsorize: str
    weights: str


class SpecificationCurve(Section):
    """All combinations of the declared choices, by least squares; a factor that is not named has that of `design`."""

    name: Name = Field(description="Name of the curve; its specifications are `<name>[0001]` and so on.")
    outcomes: Names = Field(default_factory=list, description="Outcomes; the first of `design` unless named.")
    treatments: Names = Field(
        default_factory=list,
        description="Treatments, such as weightings and component sets of the index; that of `design` unless named.",
    )
    treatment_years: Annotated[list[Year], BeforeValidator(_listed, json_schema_input_type=Year | list[Year])] = Field(
        default_factory=list,
        description="Years from the row's own at which treatments are taken; `timing.treatment` unless named.",
    )
    controls: dict[Name, Names] = Field(
        default_factory=dict, description="By name, sets of controls, [] for none; those of `design` unless named."
    )
    fixed_effects: dict[Name, Names] = Field(
        default_factory=dict, description="By name, sets of fixed effects; those of `design` unless named."
    )
    samples: dict[Name, Expression | None] = Field(
        default_factory=dict, description="By name, rows to use beyond the sample, null for all of them."
    )
    winsorize: dict[Name, Limits] = Field(
        default_factory=dict,
        description="By name, quantiles at which outcomes are winsorised within year over the population, null for "
        "outcomes as they are.",
    )
    weights: dict[Name, ColumnName | None] = Field(
        default_factory=dict, description="By name, columns of weights, null for none; that of `design` unless named."
    )
    where: Expression | None = Field(None, description="Rows that any specification may use, beyond the sample.")
    cluster: Annotated[Names, AfterValidator(_one_or_two)] | None = Field(
        None, description="Clusters of every specification; those of `design`, else the level of the treatments."
    )
    vcov: Vcov | None = Field(
        None, description="crv1 or crv3, of every specification; that of `design`, else the cluster jackknife."
    )
    timing: Timing | None = Field(None, description="Years at which columns are taken; those of `design` unless named.")
    level: ColumnName | None = Field(
        None,
        description="Column whose units exchange the paths of all treatments in the joint test; the level at which the "
        "treatments vary unless named.",
    )
    draws: int | None = Field(
        None,
        ge=0,
        le=100_000,
        description="Permutations of the joint test; the run's draws, at most 500, unless named.",
    )
    max_specifications: int = Field(
        MOST_SPECIFICATIONS, ge=1, le=100_000, description="Most specifications that the curve may have."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if OWN_INDEX in self.treatments:
            raise ValueError(
                f"treatments: {OWN_INDEX} is never in a curve: a firm's own shocks are in it and in the outcome, and a "
                "true null is then always rejected"
            )
        if self.vcov not in (None, "crv1", "crv3"):
            raise ValueError(f"vcov: a curve has crv1 or crv3, found {self.vcov}")
        for factor in ("outcomes", "treatments", "treatment_years"):
            values = getattr(self, factor)
            if len(set(values)) < len(values):
                raise ValueError(f"{factor}: a choice stands twice in {values}")
        return self

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        count = self.count
        if count > self.max_specifications:
            shown = " x ".join(str(max(1, len(getattr(self, key)))) for key in _KEYS)
            raise ValueError(
                f"{count:,} specifications ({shown}), more than {self.max_specifications:,}; if all are meant, say "
                f"max_specifications: {count}"
            )
        return self

    @property
    def count(self) -> int:
        """Specifications."""
        out = 1
        for key in _KEYS:
            out *= max(1, len(getattr(self, key)))
        return out

    @property
    def model_names(self) -> list[str]:
        """The curve and its specifications."""
        return [self.name, *(self.numbered(number) for number in range(1, self.count + 1))]

    def numbered(self, number: int) -> str:
        """The name of a specification, counted from one.

        Examples
        --------
        >>> SpecificationCurve(name="curve").numbered(7)
        'curve[0007]'
        """
        return f"{self.name}[{number:0{max(4, len(str(self.count)))}d}]"

    def completed(self, design: PaperDesign | None) -> Self:
        """The same with everything that `design` gives filled in."""
        timing = self.timing or (design.timing if design else Timing())
        usual: dict[str, Any] = {
            "outcomes": [design.outcome] if design else [],
            "treatments": [design.treatment if design else USUAL_TREATMENT],
            "treatment_years": [timing.treatment],
            "controls": {"usual": list(design.controls)} if design else {"none": []},
            "fixed_effects": {"usual": list(design.fixed_effects) if design else ["firm", "year"]},
            "samples": {"all": None},
            "winsorize": {"none": None},
            "weights": {"usual" if design and design.weights else "none": design.weights if design else None},
            "cluster": list(design.cluster) if design else [],
            "vcov": design.vcov if design and design.vcov in ("crv1", "crv3") else "crv3",
            "timing": timing,
        }
        # An empty list or mapping names nothing, as an absent one.
        return self.model_copy(update={name: value for name, value in usual.items() if not getattr(self, name)})

    @property
    def clock(self) -> Timing:
        """The years of a completed section."""
        return self.timing or Timing()

    def choices(self) -> Iterator[Choice]:
        """Every specification of a completed section, in order."""
        yield from map(Choice._make, product(*(getattr(self, key) for key in _KEYS)))

    def column_of(self, choice: Choice) -> str:
        """The column that is a specification's outcome, before it is dated."""
        limits = self.winsorize[choice.winsorize]
        number = list(self.winsorize).index(choice.winsorize) + 1
        return choice.outcome if limits is None else f"{choice.outcome}_winsorized_{number}"

    def treatment_of(self, choice: Choice) -> str:
        """A specification's treatment, dated."""
        return dated(choice.treatment, choice.years)


_KEYS = (
    "outcomes", "treatments", "treatment_years", "controls", "fixed_effects", "samples", "winsorize", "weights",
)  # fmt: skip
"""Keys of `FACTORS`."""
