"""What the columns of one index share: its components among peers, their weights, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from involution.measures.components import Component, Peers, find_peers, peer_values
from involution.measures.standardise import mean_of, moments, zscore
from involution.measures.view import Cells, Floats, View
from involution.measures.weights import NotAvailable, critic_weights, entropy_weights, pca_weights
from involution.study.index import Index

Families = Mapping[str, Sequence[str]]
Form = Callable[[Component, Peers], Floats]
WEIGHTINGS = {"pca": pca_weights, "entropy": entropy_weights, "critic": critic_weights}
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Recipe:
    """What all columns of one index share.

    Attributes
    ----------
    index : Index
    components : dict of str to Component
        Those that are used, by name.
    families : mapping of str to sequence of str
        Their names by family.
    peers : Peers
    scores : dict of str to array
        Their peer values, standardised.
    weights : dict of str to dict
        Weights of the components by weighting.
    """

    index: Index
    components: dict[str, Component]
    families: Families
    peers: Peers
    scores: dict[str, Floats]
    weights: dict[str, dict[str, float]]

    @cached_property
    def family_scores(self) -> dict[str, Floats]:
        """The families' scores among peers."""
        return {family: family_score(self.scores, names) for family, names in self.families.items()}

    def combined(self, scores: Mapping[str, Floats]) -> Floats:
        """Scores of components as one index, by the weighting of the study."""
        return combine(scores, self.families, self.weights.get(self.index.weighting))

    def whole(self, left_out: str = "") -> Floats:
        """The index of the components' scores among peers, or what it is without one family."""
        families = {family: names for family, names in self.families.items() if family != left_out}
        weights = self.weights.get(self.index.weighting)
        if weights is not None:
            return combine(self.scores, families, weights)
        return _mean_of_families([self.family_scores[family] for family in families], families)


def find_recipe(panel: View, index: Index, found: Mapping[str, Sequence[Component]]) -> tuple[Recipe, dict[str, str]]:
    """The recipe, and the reasons of weightings that are not available."""
    components = {part.name: part for parts in found.values() for part in parts if not part.reason}
    families = {family: [part.name for part in parts if not part.reason] for family, parts in found.items()}
    peers = find_peers(panel, index)
    recipe = Recipe(index, components, families, peers, standardised(components.values(), peers, peer_values), {})
    reasons = {}
    rows, means = _weighed_on(recipe)
    for kind, weights in WEIGHTINGS.items():
        try:
            chosen = weights(means if kind == "entropy" else rows, list(recipe.scores))
            recipe.weights[kind] = dict(zip(recipe.scores, chosen.tolist(), strict=True))
        except NotAvailable as error:
            reasons[f"involution_{kind}"] = str(error)
            if index.weighting == kind:
                raise
    return recipe, reasons


def standardised(components: Iterable[Component], peers: Peers, form: Form) -> dict[str, Floats]:
    """Components in one of their forms (among peers, or the firm's own), standardised over all firm-years."""
    return {component.name: _rescaled(form(component, peers), component.name) for component in components}


def combine(scores: Mapping[str, Floats], families: Families, weights: Mapping[str, float] | None = None) -> Floats:
    """Standardised components as one standardised index; missing where any component is.

    Parameters
    ----------
    scores : mapping of str to array
    families : mapping of str to sequence of str
        Names of each family's components.
    weights : mapping of str to float, optional
        Of the components; without them families weigh the same, and components the same within their family.
    """
    if weights is None:
        return _mean_of_families([family_score(scores, members) for members in families.values()], families)
    total = sum(weights[name] * scores[name] for members in families.values() for name in members)
    return _rescaled(np.asarray(total), _components(families), 1.0)


def _mean_of_families(parts: Sequence[Floats], families: Families) -> Floats:
    return _rescaled(mean_of(parts), _components(families), 1.0)


def _components(families: Families) -> str:
    return ", ".join(name for members in families.values() for name in members)


def family_score(scores: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """Mean of standardised components, standardised again."""
    return _rescaled(mean_of([scores[name] for name in names]), ", ".join(names), 1.0)


def _rescaled(values: Floats, names: str, scale: float = 0.0) -> Floats:
    """Standardised values; an error where there are none, or where they vary by no more than rounding does.

    What is averaged has the given scale: components that are each other's opposite leave rounding alone.
    """
    found = moments(values)
    if not found.count:
        raise NotAvailable(f"no row has {names} in an industry-year with enough firms")
    if found.largest - found.least <= _ROUNDING * max(scale, abs(found.least), abs(found.largest)):
        raise NotAvailable(f"{names}: the same in every row")
    return zscore(values, found)


def _weighed_on(recipe: Recipe) -> tuple[Floats, Floats]:
    """What weights are estimated on: complete firm-years of the base years, and the means of their industry-years."""
    panel, cells = recipe.peers.panel, recipe.peers.cells
    complete = np.logical_and.reduce([~np.isnan(values) for values in recipe.scores.values()])
    if recipe.index.base_years is not None:
        first, last = recipe.index.base_years
        complete &= (panel.year >= first) & (panel.year <= last)
    columns = [values[complete] for values in recipe.scores.values()]
    totals = [Cells(cells.codes[complete], cells.n_cells).totals(column) for column in columns]
    known = totals[0][1] > 0
    return np.stack(columns).T, np.column_stack([total[known] / count[known] for total, count in totals])
