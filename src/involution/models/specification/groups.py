"""Specifications that share their rows and their controls, and what is formed once for all of them.

Specifications that use the same rows, fixed effects and weights share one set of cross-products by unit
(`permutation.products`); those that have the same controls, too, share the elimination of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from involution.models.design import Design
from involution.models.groupings import Codes, Floats
from involution.models.matrix import numbers
from involution.models.permutation.paths import Paths
from involution.models.permutation.products import UnitProducts, is_possible, unit_products
from involution.models.permutation.shuffled import effect_parameters, small_sample_factor
from involution.models.permutation.slopes import Rest
from involution.models.sample import Sample
from involution.models.solve import column_scales, independent_of

_BATCH_NUMBERS = 120_000
"""Numbers of an array over clusters, permutations and columns: as many as stay in the processor's cache."""


@dataclass(frozen=True)
class Specification:
    """One specification, in columns of the data.

    Attributes
    ----------
    outcome, treatment : str
    controls, fixed_effects : tuple of str
    sample : str
        Name of a set of rows.
    weights : str or None
    """

    outcome: str
    treatment: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    sample: str
    weights: str | None = None


@dataclass(frozen=True)
class Specifications:
    """Specifications on one data set.

    Attributes
    ----------
    design : Design
        Data and clusters; its rows are those that any specification may use.
    members : sequence of Specification
    samples : mapping of str to array of bool, shape (N,)
        Rows by the name of a sample.
    paths : Paths
        Of the treatments, in the order of `treatments`.
    treatments : tuple of str
    vcov : str
        crv1 or crv3.
    """

    design: Design
    members: Sequence[Specification]
    samples: Mapping[str, np.ndarray]
    paths: Paths
    treatments: tuple[str, ...]
    vcov: str

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """Every column of the specifications, over the rows of the data."""
        names = [name for one in self.members for name in (one.outcome, one.treatment, *one.controls)]
        return {name: numbers(self.design.data, name) for name in dict.fromkeys(names)}

    def groups(self) -> Iterator[Group]:
        """Specifications that share rows, fixed effects and weights, in the order of their first."""
        known = {name: ~np.isnan(values) for name, values in self.columns.items()}
        patterns = {name: None if mask.all() else mask.tobytes() for name, mask in known.items()}
        found: dict[object, list[int]] = {}
        for position, one in enumerate(self.members):
            lost = frozenset(patterns[name] for name in (one.outcome, one.treatment, *one.controls)) - {None}
            found.setdefault((one.sample, one.fixed_effects, one.weights, lost), []).append(position)
        for positions in found.values():
            first = self.members[positions[0]]
            rows = self.samples[first.sample]
            design = self.design.on(fixed_effects=first.fixed_effects, weights=first.weights, rows=rows)
            complete = np.logical_and.reduce(
                [known[name] for name in (first.outcome, first.treatment, *first.controls)]
            )
            sample = design.sample(np.where(complete, 0.0, np.nan), (), constant=not first.fixed_effects)
            yield Group(self, tuple(positions), design, sample)


@dataclass(frozen=True)
class Group:
    """Specifications that share rows, fixed effects and weights."""

    whole: Specifications
    positions: tuple[int, ...]
    design: Design
    sample: Sample

    @property
    def members(self) -> list[Specification]:
        """Its specifications."""
        return [self.whole.members[position] for position in self.positions]

    @cached_property
    def names(self) -> tuple[list[str], list[str], list[str]]:
        """Controls, outcomes and treatments of its specifications."""
        controls = [name for one in self.members for name in one.controls]
        outcomes, treatments = ([getattr(one, what) for one in self.members] for what in ("outcome", "treatment"))
        return list(dict.fromkeys(controls)), list(dict.fromkeys(outcomes)), list(dict.fromkeys(treatments))

    @cached_property
    def _effect_parameters(self) -> int:
        return effect_parameters(self.sample)

    @property
    def is_quick(self) -> bool:
        """Whether cross-products serve."""
        enough = self.sample.n > 1 and all(cluster.n_levels > 1 for cluster in self.sample.clusters)
        return enough and is_possible(self.sample, self.whole.paths, sum(len(names) for names in self.names))

    def products(self) -> UnitProducts:
        """Cross-products of its columns by unit."""
        controls, outcomes, treatments = self.names
        rows = self.sample.rows
        columns = {}
        for name in (*controls, *outcomes):
            values = self.whole.columns[name]
            columns[f"column {name}"] = values - values[rows].mean()
        for name in treatments:
            columns[f"own {name}"] = self.whole.paths.own[self.whole.treatments.index(name)]
        return unit_products(self.sample, self.whole.paths, columns, self.design.panel["year"])

    def parts(self) -> Iterator[Part]:
        """Its specifications by their controls."""
        products, (controls, _, _) = self.products(), self.names
        gram, scales = self._controls(products, controls)
        by_controls: dict[tuple[str, ...], list[int]] = {}
        for position, one in zip(self.positions, self.members, strict=True):
            by_controls.setdefault(one.controls, []).append(position)
        for chosen, positions in by_controls.items():
            at = np.array([controls.index(name) for name in chosen], dtype=np.intp)
            kept = independent_of(chosen, gram[np.ix_(at, at)], scales[at]).positions if len(at) else []
            yield self._part(products, [chosen[j] for j in kept], positions)

    def _controls(self, products: UnitProducts, controls: Sequence[str]) -> tuple[Floats, Floats]:
        """Cross-products of what the fixed effects leave of the controls, and their scales before absorption."""
        if not controls:
            return np.zeros((0, 0)), np.zeros(0)
        at = np.array([products.places[f"column {name}"] for name in controls])
        whole, crossing = products.values.sum(axis=0), products.crossing
        gram, cross = whole[np.ix_(at, at)], whole[np.ix_(crossing, at)]
        if len(crossing):
            gram = gram - cross.T @ np.linalg.solve(whole[np.ix_(crossing, crossing)], cross)
        raw = np.column_stack([self.whole.columns[name][self.sample.rows] for name in controls])
        return gram, column_scales(raw, self.sample.weights, bool(self.sample.effects))

    def _part(self, products: UnitProducts, controls: Sequence[str], positions: Sequence[int]) -> Part:
        members = [self.whole.members[position] for position in positions]
        outcomes = list(dict.fromkeys(one.outcome for one in members))
        treatments = list(dict.fromkeys(self.whole.treatments.index(one.treatment) for one in members))
        others = np.array(
            [*products.crossing, *(products.places[f"column {name}"] for name in controls)], dtype=np.intp
        )
        rest = Rest(
            products,
            others,
            np.array([products.places[f"column {name}"] for name in outcomes]),
            small_sample_factor(self.sample, self._effect_parameters + 1 + len(controls)),
            self.whole.vcov == "crv3",
        )
        places = [
            (treatments.index(self.whole.treatments.index(one.treatment)), outcomes.index(one.outcome))
            for one in members
        ]
        own = np.array([products.places[f"own {self.whole.treatments[k]}"] for k in treatments])
        raw = np.column_stack([self.whole.columns[self.whole.treatments[k]][self.sample.rows] for k in treatments])
        squares = column_scales(raw, self.sample.weights, bool(self.sample.effects)) ** 2
        return Part(rest, self.whole.paths, treatments, own, squares, np.array(places).T, np.array(positions))


@dataclass(frozen=True)
class Part:
    """Specifications of a group that share their controls.

    Attributes
    ----------
    rest : Rest
    paths : Paths
    treatments : list of int
        Among those of the paths.
    own : array of int, shape (treatments,)
        Column of what each treatment holds beside its path.
    squares : array of float, shape (treatments,)
        Sum of squares of each treatment before any effect is taken out.
    places : array of int, shape (2, specifications)
        Treatment and outcome of each.
    positions : array of int, shape (specifications,)
    """

    rest: Rest
    paths: Paths
    treatments: list[int]
    own: Codes
    squares: Floats
    places: Codes
    positions: Codes

    def slopes(self, given: Codes) -> tuple[Floats, Floats]:
        """Estimates and standard errors under permutations (B, J); both (B, specifications)."""
        units, count = self.rest.products.units, len(given)
        means = np.concatenate([self.paths.means[k][given[:, units]] for k in self.treatments])
        squares = np.repeat(self.squares, count)
        found = self.rest.slopes(means, np.repeat(self.own, count), self._kept(given), squares)
        treatment, outcome = self.places
        shape = (len(self.treatments), count, -1)
        estimate, error = (array.reshape(shape)[treatment, :, outcome].T for array in (found.estimate, found.std_error))
        return estimate, error

    def _kept(self, given: Codes) -> np.ndarray | None:
        units = self.rest.products.units
        kept = [self.paths.kept(k, given) for k in self.treatments]
        if all(mask is None for mask in kept):
            return None
        every = np.ones((len(given), len(units)), dtype=bool)
        return np.concatenate([every if mask is None else mask[:, units] for mask in kept])

    @property
    def batch(self) -> int:
        """Permutations at a time."""
        numbers_each = len(self.treatments) * len(self.rest.products.units) * (len(self.rest.others) + 2)
        return max(1, _BATCH_NUMBERS // numbers_each)
