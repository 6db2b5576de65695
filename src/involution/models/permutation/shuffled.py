"""One regression under many permutations of its treatment's paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.groupings import Codes, Floats
from involution.models.linear import Linear
from involution.models.matrix import numbers
from involution.models.parameters import counted
from involution.models.permutation.paths import Paths, paths_of
from involution.models.permutation.products import is_possible, unit_products
from involution.models.permutation.slopes import Rest
from involution.models.sample import Sample
from involution.models.threads import single_threaded
from involution.study.formulas import Formula

_BATCH_NUMBERS = 8_000_000
TIES = 1e-9
"""Statistics that differ relatively by this much or less are equal but for rounding."""


@dataclass(frozen=True)
class Shuffled:
    """Slopes of a treatment under permutations.

    Attributes
    ----------
    paths : Paths
    estimate, statistic : array of float, shape (1 + draws,)
        Slopes and t statistics; the first are those of the treatment as it was. Missing where a permutation leaves
        nothing to estimate from.
    moving_rows : int
        Rows of the sample in units that exchange their paths.
    by_products : bool
        Whether cross-products served; each permutation was estimated again otherwise.
    """

    paths: Paths
    estimate: Floats
    statistic: Floats
    moving_rows: int
    by_products: bool

    @property
    def drawn(self) -> np.ndarray:
        """Which permutations have a slope and a t statistic, shape (draws,)."""
        return ~np.isnan(self.estimate[1:]) & ~np.isnan(self.statistic[1:])


def permutation_p(statistics: Floats) -> float:
    """Two-sided p-value of the first statistic among the others: ``(1 + as far from zero) / (1 + others)``.

    Parameters
    ----------
    statistics : array of float
        Missing ones are left out; without the first there is no p-value.
    """
    if np.isnan(statistics[0]):
        return float("nan")
    size = np.abs(statistics[1:][~np.isnan(statistics[1:])])
    return float((1 + (size >= np.abs(statistics[0]) * (1 - TIES)).sum()) / (1 + len(size)))


def shuffled(
    design: Design,
    formula: Formula,
    treatment: str,
    level: str,
    vcov: str,
    draws: int,
    seed: int,
    *,
    leaves_out: bool = False,
) -> Shuffled:
    """The slope of a treatment as it was and with its paths handed from unit to unit.

    Parameters
    ----------
    design : Design
    formula : Formula
        Of least squares; the treatment is one of its terms.
    treatment, level : str
        Columns; the level's units exchange their paths of the treatment.
    vcov : str
        crv1 or crv3; any other where each permutation is estimated again.
    draws, seed : int
    leaves_out : bool
        Whether the treatment leaves the row's own firm out.

    Raises
    ------
    NotEstimable
        When too few units can exchange their paths, or the regression cannot be estimated.
    """
    solution, _ = design.solution(formula.text)
    linear, sample = solution.linear, solution.sample
    if linear is None or treatment not in linear.names:
        raise NotEstimable(f"the fixed effects absorb {treatment}: nothing is left of it")
    whole = sample.mask(len(design.data))
    paths = paths_of(design.data, [treatment], level, design.panel["year"], whole, [leaves_out])
    moving = int(np.isin(paths.units[sample.rows], paths.moving).sum())
    controls = [name for name in linear.names if name != treatment]
    with single_threaded():
        quick = vcov in ("crv1", "crv3") and is_possible(sample, paths, len(controls) + 2)
        if quick:
            parts = _by_products(design, linear, paths, formula, treatment, vcov, draws, seed)
        else:
            parts = _again(design, paths, formula, treatment, vcov, draws, seed)
        slopes, errors = (np.concatenate(part) for part in zip(*parts, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = slopes / np.where(errors > 0, errors, np.nan)
    return Shuffled(paths, slopes, statistic, moving, quick)


def effect_parameters(sample: Sample) -> int:
    """Parameters of the fixed effects, or the constant, that the small-sample factor of crv1 counts."""
    return counted(sample, int(sample.intercept), "nonnested", sample.clusters)


def small_sample_factor(sample: Sample, parameters: int) -> float:
    """Of crv1 with one clustering, as `Design.estimate` applies it."""
    (cluster,) = sample.clusters
    observations = (sample.n - 1) / (sample.n - parameters) if sample.n > parameters else 1.0
    return observations * cluster.n_levels / (cluster.n_levels - 1)


def _by_products(
    design: Design, linear: Linear, paths: Paths, formula: Formula, treatment: str, vcov: str, draws: int, seed: int
) -> Iterator[tuple[Floats, Floats]]:
    """Estimates and standard errors in batches, from cross-products."""
    sample = linear.sample
    controls = [name for name in linear.names if name != treatment]
    columns = {"": _spread(linear.raw_outcome, sample)}
    for name in controls:
        columns[f"control {name}"] = _spread(linear.raw_regressors[:, linear.names.index(name)], sample)
    products = unit_products(sample, paths, {**columns, "own": paths.own[0]}, design.panel["year"])
    others = np.array([*products.crossing, *(products.places[f"control {name}"] for name in controls)], dtype=np.intp)
    factor = small_sample_factor(sample, effect_parameters(sample) + len(linear.names))
    rest = Rest(products, others, np.array([products.places[""]]), factor, vcov == "crv3")
    size = max(1, _BATCH_NUMBERS // (len(products.units) * (len(others) + paths.n_years)))
    for given in _batches(paths, draws, seed, size):
        kept = paths.kept(0, given)
        here = None if kept is None else kept[:, products.units]
        found = rest.slopes(paths.means[0][given][:, products.units], [products.places["own"]], here)
        yield found.estimate[:, 0], found.std_error[:, 0]


def _spread(values: Floats, sample: Sample) -> Floats:
    """A column of the sample about its mean, over the rows of the data; zero elsewhere."""
    out = np.zeros(int(sample.rows.max()) + 1)
    out[sample.rows] = values - values.mean()
    return out


def _again(
    design: Design, paths: Paths, formula: Formula, treatment: str, vcov: str, draws: int, seed: int
) -> Iterator[tuple[Floats, Floats]]:
    """Each permutation estimated anew: where clusters cut through units, or effects are too many for columns."""
    for given in _batches(paths, draws, seed, 1):
        column = paths.column(0, given[0])
        actual = numbers(design.data, treatment)
        known = ~np.isnan(column)
        moved = design.data.assign(**{treatment: np.where(known, column, actual)})
        try:
            fit = design.on(moved).estimate(formula, vcov=vcov)
        except NotEstimable:
            yield np.array([np.nan]), np.array([np.nan])
            continue
        place = fit.terms.index(treatment) if treatment in fit.terms else None
        found = (np.nan, np.nan) if place is None else (fit.estimate[place], fit.std_error[place])
        yield np.array(found[:1]), np.array(found[1:])


def _batches(paths: Paths, draws: int, seed: int, size: int) -> Iterator[Codes]:
    """Who gets whose path: as it was first, then the draws, in batches of `size`."""
    yield np.arange(paths.n_units)[None]
    for start in range(0, draws, size):
        yield paths.permutations(seed, range(start, min(start + size, draws)))


def percentiles(values: Floats, at: Sequence[float]) -> list[float]:
    """Percentiles of the values that are known; missing where there is none."""
    known = values[~np.isnan(values)]
    return [float(value) for value in np.percentile(known, at)] if len(known) else [np.nan] * len(at)
