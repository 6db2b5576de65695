"""Where the programs count otherwise than this study, each difference with its size in this study's own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

from involution.models.recorded import STAGGERED, Recorded

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Difference:
    """One convention that differs for one regression.

    Attributes
    ----------
    code : str
        Of the sentence in `texts.csv`.
    model : str
    size : float
        Standard error under the program's convention over the one that the tables show; or a number of rows.
    """

    code: str
    model: str
    size: float


def stata_error(asked: Recorded, place: int) -> float | None:
    """The standard error of a coefficient as reghdfe, regress, ivreghdfe or ppmlhdfe gives it.

    Parameters
    ----------
    asked : Recorded
    place : int
        Of the coefficient among the terms.

    Notes
    -----
    reghdfe and ivreghdfe multiply the clustered variance by ``G/(G - 1) (N - 1)/(N - K)``, ppmlhdfe by ``G/(G - 1)``
    alone; unclustered, the former by ``N/(N - K)``, ppmlhdfe by ``N/(N - 1)``. K is `stata_parameters`.
    """
    if not asked.sandwich_error or asked.sandwich_error[place] is None:
        return None
    return float(asked.sandwich_error[place] or 0.0) * sqrt(stata_factor(asked) / asked.sandwich_factor)


def stata_factor(asked: Recorded) -> float:
    """The product of the small-sample factors that Stata's commands apply."""
    n, poisson = asked.n_obs, asked.estimator == "poisson"
    observations = 1.0 if poisson else (n - 1) / (n - stata_parameters(asked))
    if asked.sandwich == "crv1":
        smallest = min(asked.clusters)
        return smallest / (smallest - 1) * observations
    if asked.sandwich == "iid":
        return observations if not poisson else n / (n - 1)
    return n / (n - 1) * observations


def stata_parameters(asked: Recorded) -> int:
    """K of Stata's factor (N - 1)/(N - K): effects whose levels each lie in one cluster are not counted.

    Levels of every other effect but the first count less one; where all are nested the constant counts.
    """
    clustered = asked.sandwich == "crv1"
    counted = [effect.levels for effect in asked.effects if not (clustered and effect.nested)]
    if not asked.effects:
        return asked.parameters
    return asked.parameters + (sum(counted) - (len(counted) - 1) if counted else 1)


def differences(asked: Recorded) -> list[Difference]:
    """What differs between the programs for a regression, most important first; NaN where the size is not known."""
    if asked.reason or asked.estimator == STAGGERED:
        return []
    found = {
        **_variance(asked),
        "ppmlhdfe" if asked.estimator == "poisson" else "nested": _ratio(_stata_ratio(asked)),
        "pairwise": _ratio(_pairwise(asked)),
        "repaired": nan if asked.repaired else None,
        "singletons": float(asked.n_singletons) or None,
        "separated": float(asked.n_separated) or None,
    }
    return [Difference(code, asked.model, size) for code, size in found.items() if size is not None]


def _variance(asked: Recorded) -> dict[str, float]:
    """A variance that not every program has, beside the clustered one that they have."""
    if asked.vcov == "crv3" and asked.sandwich:
        place = next((place for place, term in enumerate(asked.terms) if term != "(Intercept)"), 0)
        own, other = asked.std_error[place], asked.sandwich_error[place]
        return {"crv3": other / own if own and other is not None else nan}
    if asked.vcov == "wild" or not asked.sandwich:
        return {asked.vcov: nan}
    return {}


def _ratio(value: float) -> float | None:
    return None if abs(value - 1) < _ROUNDING else value


def _stata_ratio(asked: Recorded) -> float:
    return sqrt(stata_factor(asked) / asked.sandwich_factor) if asked.sandwich else 1.0


def _pairwise(asked: Recorded) -> float:
    """What reghdfe's own count of redundant levels would change; the scripts ask it to count one for each effect."""
    counted = [effect for effect in asked.effects if not (asked.sandwich == "crv1" and effect.nested)]
    fewer = asked.redundant - max(0, len(counted) - 1)
    if asked.estimator == "poisson" or fewer <= 0 or not asked.sandwich:
        return 1.0
    n, k = asked.n_obs, stata_parameters(asked)
    return sqrt((n - k) / (n - k + fewer))
