"""All specifications of a curve from few cross-products, as each would be estimated alone.

What is left of a specification once its group has formed cross-products is a division, and its clustered variance a sum
over clusters. Where that is not possible (clusters that cut through units, effects too many for columns, a treatment of
which nothing is left) a specification is estimated alone by `Design.estimate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from involution.errors import NotEstimable
from involution.models.groupings import Floats
from involution.models.own_design import formula_of
from involution.models.specification.groups import Group, Specifications
from involution.models.threads import single_threaded


@dataclass(frozen=True)
class Curve:
    """Estimates of all specifications.

    Attributes
    ----------
    estimate, std_error, degrees : array of float, shape (S,)
        Missing where a specification could not be estimated; degrees of freedom of its t statistic.
    n_obs, n_firms, n_clusters : array of float, shape (S,)
    missing, singletons : array of float, shape (S,)
        Rows left out of each.
    vcov : str
    reasons : mapping of int to str
        Why a specification could not be estimated.
    alone : tuple of int
        Specifications that were estimated alone.
    """

    estimate: Floats
    std_error: Floats
    degrees: Floats
    n_obs: Floats
    n_firms: Floats
    n_clusters: Floats
    missing: Floats
    singletons: Floats
    vcov: str
    reasons: Mapping[int, str] = field(default_factory=dict)
    alone: tuple[int, ...] = ()


def estimated(whole: Specifications, draws: int = 0, seed: int = 0, workers: int = 1) -> tuple[Curve, Floats, Floats]:
    """All specifications, and the same under permutations of the treatments' paths.

    Parameters
    ----------
    whole : Specifications
    draws, seed : int
        Permutations: in each, all treatments of a unit move together.
    workers : int
        Threads; what is found does not depend on their number.

    Returns
    -------
    Curve
    array of float, shape (draws, S)
        Estimates under permutations; missing for specifications that cross-products do not serve.
    array of float, shape (draws, S)
        Standard errors.
    """
    size = len(whole.members)
    found = {name: np.full(size, np.nan) for name in _OF_CURVE}
    permuted = np.full((2, draws, size), np.nan)
    given, same = whole.paths.permutations(seed, range(draws)), np.arange(whole.paths.n_units)[None]
    reasons: dict[int, str] = {}
    alone: list[int] = []
    with single_threaded(), ThreadPoolExecutor(workers) as pool:
        for group in whole.groups():
            _describe(found, group)
            left = set(group.positions)
            for part in group.parts() if group.is_quick else ():
                estimate, error = part.slopes(same)
                found["estimate"][part.positions], found["std_error"][part.positions] = estimate[0], error[0]
                left -= set(part.positions[~np.isnan(estimate[0])].tolist())
                starts = range(0, draws, part.batch)
                batches = [given[start : start + part.batch] for start in starts]
                for start, values in zip(starts, pool.map(part.slopes, batches), strict=True):
                    for k in range(2):
                        permuted[k, start : start + part.batch, part.positions] = values[k].T
            for position in sorted(left):
                alone.append(position)
                _alone(found, reasons, group, position)
    return Curve(**found, vcov=whole.vcov, reasons=reasons, alone=tuple(alone)), permuted[0], permuted[1]


_OF_CURVE = ("estimate", "std_error", "degrees", "n_obs", "n_firms", "n_clusters", "missing", "singletons")


def _describe(found: Mapping[str, Floats], group: Group) -> None:
    """What all specifications of a group rest on."""
    sample, at = group.sample, list(group.positions)
    clusters = min((cluster.n_levels for cluster in sample.clusters), default=0)
    found["degrees"][at], found["n_clusters"][at], found["n_obs"][at] = clusters - 1, clusters, sample.n
    found["n_firms"][at] = np.nan if sample.firm is None else sample.firm.n_levels
    found["missing"][at], found["singletons"][at] = sample.drops.missing, sample.drops.singletons


def _alone(found: Mapping[str, Floats], reasons: dict[int, str], group: Group, position: int) -> None:
    """A specification by `Design.estimate`, or the reason why there is none."""
    one = group.whole.members[position]
    found["estimate"][position] = found["std_error"][position] = np.nan
    try:
        formula = formula_of(one.outcome, [one.treatment, *one.controls], None)
        fit = group.design.estimate(formula, vcov=group.whole.vcov)
    except NotEstimable as error:
        reasons[position] = str(error)
        return
    if one.treatment not in fit.terms:
        reasons[position] = f"the fixed effects absorb {one.treatment}: nothing is left of it"
        return
    place = fit.terms.index(one.treatment)
    found["estimate"][position], found["std_error"][position] = fit.estimate[place], fit.std_error[place]
    found["degrees"][position] = fit.degrees_of_freedom
