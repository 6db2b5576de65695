"""What a model may be asked for: estimators, variances, weights, and what goes with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.models.conley import Places
from involution.models.glm import BINARY, FRACTIONAL, is_likelihood
from involution.models.inference import KINDS, Choice, Small
from involution.models.matrix import numbers
from involution.study.formulas import Formula

ABSORBING = ("ols", "poisson", "iv")
WRAPPED = ("random_effects", *BINARY, *FRACTIONAL)


def is_estimator(name: str) -> bool:
    """Whether an estimator of this name is built."""
    return name in (*ABSORBING, *WRAPPED) or is_likelihood(name)


def check_weights(data: pd.DataFrame, name: str) -> None:
    """Raise an InputError for weights that are text or negative."""
    if (numbers(data, name) < 0).any():
        raise InputError(Problem(f"weights '{name}'", "negative values", mend="weights are positive"))


def check_estimator(estimator: str, parsed: Formula, vcov: str | None = None) -> None:
    """Raise an InputError for an estimator that is not built, or does not fit the formula or the variance."""
    if not is_estimator(estimator):
        built = ", ".join([*ABSORBING, *WRAPPED, "glm:<family>"])
        raise InputError(Problem("estimator", f"'{estimator}' is not built; built are {built}"))
    if estimator in FRACTIONAL and vcov == "iid":
        what = f"'iid' is not valid for {estimator}: a quasi-likelihood says nothing of the variance of a share"
        raise InputError(Problem("vcov", what, mend="hetero, or name a cluster"))
    if parsed.endogenous and estimator not in ("iv", "ols"):
        raise InputError(Problem("formula", f"the estimator '{estimator}' takes no instruments"))
    if estimator == "iv" and not parsed.endogenous:
        raise InputError(
            Problem(
                "formula", "the estimator 'iv' needs instruments", mend="write y ~ x | firm + year | endogenous ~ z"
            )
        )


def check_mundlak(estimator: str, effects: Sequence[tuple[str, ...]], firm: str) -> None:
    """Raise an InputError where the firm's means cannot stand for its fixed effect."""
    if not is_likelihood(estimator):
        what = f"the estimator '{estimator}' needs no means in the place of firm effects"
        raise InputError(Problem("mundlak", what, mend="leave `mundlak` out"))
    if (firm,) not in effects:
        what = f"there is no fixed effect {firm} in whose place the firm's means could stand"
        raise InputError(Problem("mundlak", what, mend=f"write it behind the bar: y ~ x | {firm}"))


def variance_choice(
    vcov: str | None,
    cluster: Sequence[str],
    small_sample: Mapping[str, Any] | None,
    draws: int,
    seed: int,
    places: Places | None = None,
) -> Choice:
    """The variance estimator asked for, or the default: crv1 with clusters, hetero without."""
    kind = vcov or ("crv1" if cluster else "hetero")
    if kind not in KINDS:
        raise InputError(Problem("vcov", f"found '{kind}'; expected one of {', '.join(KINDS)}"))
    if kind in ("crv1", "crv3", "wild") and not cluster:
        raise InputError(Problem("vcov", f"'{kind}' needs a cluster", mend="name one under `cluster`"))
    options = dict(small_sample or {})
    unknown = [key for key in options if key not in Small.__dataclass_fields__]
    if unknown:
        expected = ", ".join(Small.__dataclass_fields__)
        raise InputError(Problem("small_sample", f"unknown key '{unknown[0]}'; expected {expected}"))
    small = Small(**options)
    if small.fixed_effects not in ("none", "nonnested", "full"):
        raise InputError(
            Problem("small_sample.fixed_effects", f"found '{small.fixed_effects}'; expected none, nonnested or full")
        )
    return Choice(kind, small, draws, seed, places=places)
