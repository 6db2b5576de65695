"""What the columns of one index share: its components among peers, their weights, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from involution.measures.components import Component, Peers, find_peers, peer_values
from involution.measures.standardise import mean_of, zscore
from involution.measures.view import Floats, View
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

    def combined(self, scores: Mapping[str, Floats], families: Families | None = None) -> Floats:
        """Scores of components as one index, by the weighting of the study."""
        return combine(scores, self.families if families is None else families, self.weights.get(self.index.weighting))


def find_recipe(panel: View, index: Index, found: Mapping[str, Sequence[Component]]) -> tuple[Recipe, dict[str, str]]:
    """The recipe, and the reasons of weightings that are not available."""
    components = {part.name: part for parts in found.values() for part in parts if not part.reason}
    families = {family: [part.name for part in parts if not part.reason] for family, parts in found.items()}
    peers = find_peers(panel, index)
    recipe = Recipe(index, components, families, peers, standardised(components.values(), peers, peer_values), {})
    reasons = {}
    for kind in WEIGHTINGS:
        try:
            recipe.weights[kind] = estimated(kind, recipe)
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
    names = [name for members in families.values() for name in members]
    if weights is None:
        parts = [family_score(scores, members) for members in families.values()]
        return _rescaled(mean_of(parts), ", ".join(names), 1.0)
    return _rescaled(np.asarray(sum(weights[name] * scores[name] for name in names)), ", ".join(names), 1.0)


def family_score(scores: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """Mean of standardised components, standardised again."""
    return _rescaled(mean_of([scores[name] for name in names]), ", ".join(names), 1.0)


def _rescaled(values: Floats, names: str, scale: float = 0.0) -> Floats:
    """Standardised values; an error where there are none, or where they vary by no more than rounding does.

    What is averaged has the given scale: components that are each other's opposite leave rounding alone.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        raise NotAvailable(f"no row has {names} in an industry-year with enough firms")
    if np.ptp(known) <= _ROUNDING * max(scale, float(np.abs(known).max())):
        raise NotAvailable(f"{names}: the same in every row")
    return zscore(values)


def estimated(kind: str, recipe: Recipe) -> dict[str, float]:
    """Weights from complete firm-years of the base years; for entropy from the means of their industry-years."""
    names, panel = list(recipe.scores), recipe.peers.panel
    values = np.column_stack([recipe.scores[name] for name in names])
    complete = ~np.isnan(values).any(axis=1)
    if recipe.index.base_years is not None:
        first, last = recipe.index.base_years
        complete &= (panel.year >= first) & (panel.year <= last)
    if kind == "entropy":
        totals = [recipe.peers.cells.totals(np.where(complete, column, np.nan)) for column in values.T]
        known = totals[0][1] > 0
        values = np.column_stack([total[known] / count[known] for total, count in totals])
    else:
        values = values[complete]
    return dict(zip(names, WEIGHTINGS[kind](values, names).tolist(), strict=True))
