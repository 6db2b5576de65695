"""The section `models`: any regression, in the formula language users know from fixest."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from involution.study.base import ColumnName, Expression, Name, Names, Section
from involution.study.formulas import FormulaError, parse_formula

FAMILIES = ("gaussian", "binomial", "poisson", "gamma", "inverse_gaussian", "negative_binomial")
ESTIMATORS = (
    "ols", "poisson", "iv", "random_effects", "logit", "probit", "cloglog", "fractional_logit", "fractional_probit",
    *(f"glm:{family}" for family in FAMILIES),
)  # fmt: skip
NOT_BUILT = (
    "between", "first_difference", "fama_macbeth", "liml", "gmm", "negative_binomial", "tobit", "heckman",
    "system_gmm", "quantile",
)  # fmt: skip


def estimator_name(value: str) -> str:
    """The name of an estimator that is built; a ValueError for any other."""
    if value in ESTIMATORS:
        return value
    if value in NOT_BUILT:
        raise ValueError(f"the estimator '{value}' is not built yet; built are {', '.join(ESTIMATORS)}")
    raise ValueError(f"there is no estimator '{value}'; there are {', '.join(ESTIMATORS)}")


def _formula(value: str) -> str:
    try:
        parse_formula(value)
    except FormulaError as error:
        raise ValueError(str(error)) from None
    return value


def _one_or_two(value: list[str]) -> list[str]:
    if len(value) > 2:
        raise ValueError(f"one or two clusterings are supported, found {len(value)}")
    return value


class SmallSample(Section):
    """Small-sample factors of the variance, each explicit."""

    observations: bool = Field(True, description="Multiply by (N - 1)/(N - K).")
    fixed_effects: Literal["none", "nonnested", "full"] = Field(
        "nonnested", description="Which fixed effects K counts: none, those not nested in the clusters, or all."
    )
    clusters: bool = Field(True, description="Multiply by G/(G - 1), G the smallest number of clusters.")


class Conley(Section):
    """Correlation of errors in space."""

    cutoff: float = Field(gt=0, description="Kilometres beyond which rows of a year are not correlated.")
    kernel: Literal["uniform", "bartlett"] = Field(
        "uniform", description="Weight of a pair: one up to the cutoff, or falling to zero there."
    )
    lags: int = Field(0, ge=0, le=50, description="Years over which a firm's own rows are correlated, Bartlett kernel.")
    latitude: ColumnName = Field("latitude", description="Column, in degrees.")
    longitude: ColumnName = Field("longitude", description="Column, in degrees.")


class Model(Section):
    """One regression."""

    name: Name = Field(description="Unique name; tables refer to it.")
    estimator: Annotated[str, AfterValidator(estimator_name)] = Field(
        "ols", description=f"One of {', '.join(ESTIMATORS)}.", json_schema_extra={"enum": list(ESTIMATORS)}
    )
    formula: Annotated[str, AfterValidator(_formula)] = Field(
        description="`y ~ x1 + x2 + x1:x2 + i(year, x, ref=2003) | firm + region^year | endogenous ~ instrument`."
    )
    weights: ColumnName | None = Field(None, description="Column of weights.")
    cluster: Annotated[Names, AfterValidator(_one_or_two)] = Field(
        default_factory=list, description="One or two columns; standard errors are clustered by them."
    )
    vcov: Literal["iid", "hetero", "crv1", "crv3", "wild", "driscoll_kraay", "conley"] | None = Field(
        None, description="Variance estimator; crv1 with clusters and hetero without unless named."
    )
    conley: Conley | None = Field(None, description="How far errors are correlated in space, for `vcov: conley`.")
    draws: int | None = Field(None, ge=99, le=1_000_000, description="Draws of the wild bootstrap; else the run's.")
    small_sample: SmallSample = Field(default_factory=SmallSample, description="Small-sample factors.")
    mundlak: bool = Field(
        False,
        description="Put the firm's means of the regressors in the place of the firm's fixed effect; for `logit`, "
        "`probit`, `cloglog`, the fractional estimators and `glm:<family>`, which cannot absorb it.",
    )
    singletons: Literal["drop", "keep"] = Field("drop", description="Rows that a fixed effect explains alone.")
    where: Expression | None = Field(None, description="Rows to use, beyond the sample.")
    by: ColumnName | None = Field(None, description="One fit per group of this column, named name[group].")
    allow_low_cluster: bool = Field(
        False, description="Permit clusters below the level at which an industry-level measure varies."
    )
    allow_mechanical: bool = Field(
        False, description="Permit an outcome that shares an ingredient with the treatment; the note says so."
    )

    @model_validator(mode="after")
    def _with_cutoff(self) -> Self:
        if (self.vcov == "conley") != (self.conley is not None):
            raise ValueError("vcov: conley and conley: {cutoff: ...} go together")
        return self
