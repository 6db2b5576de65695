"""The columns of an index beside the index itself: families, mechanism, halves, own values, weightings, regime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.measures.components import Component, find_component, own_values, peer_values
from involution.measures.recipe import Recipe, combine, standardised
from involution.measures.standardise import zscore
from involution.measures.view import Floats, View
from involution.measures.weights import NotAvailable
from involution.study.index import MECHANISM_EFFORT

SPLIT_SEED = 20_240_601
"""Seed of the split of firms into halves: always the same, so that the halves are part of the definition."""

MEDIATED = (
    "cogs", "op_profit", "net_profit", "total_profit", "gross_margin", "price_cost_margin", "inventory", "liabilities",
    "short_term_debt", "long_term_debt", "interest", "trading_assets", "short_term_investments", "cash", "cfo",
)  # fmt: skip
"""Items of the mediators: a crowding component computed from one of them is no part of `involution_mechanism`."""


def columns_of(recipe: Recipe, whole: Floats) -> Iterator[tuple[str, Callable[[], Floats]]]:
    """Each column that the weights allow, with what makes it."""
    yield "involution", lambda: whole
    for family in recipe.families:
        yield f"involution_{family}", partial(recipe.family_scores.__getitem__, family)
        yield f"involution_no_{family}", partial(_without, recipe, family)
    yield "involution_mechanism", partial(_mechanism, recipe)
    first = first_half(recipe.peers.panel, recipe.index.level)
    for name, side in (("half_a", first), ("half_b", ~first)):
        yield f"involution_{name}", partial(_half, recipe, whole, side)
    yield "involution_own", partial(_own, recipe)
    for kind, weights in recipe.weights.items():
        yield f"involution_{kind}", partial(combine, recipe.scores, recipe.families, weights)
    yield "involution_regime", partial(_regime, recipe)


def _without(recipe: Recipe, family: str) -> Floats:
    if len(recipe.families) == 1:
        raise NotAvailable(f"the index has no family but {family}")
    return recipe.whole(left_out=family)


def _half(recipe: Recipe, whole: Floats, side: NDArray[np.bool_]) -> Floats:
    """The index with the firms of one side alone as peers, on the rows of the whole index.

    Of ten firms nine are peers and about four in a half: the least number of peers is halved with them.
    """
    peers = replace(recipe.peers, half=side, least=max(1, recipe.index.min_firms // 2 - 1))
    values = recipe.combined(standardised(recipe.components.values(), peers, peer_values))
    return zscore(np.where(np.isnan(whole), np.nan, values))


def first_half(panel: View, level: str) -> NDArray[np.bool_]:
    """Rows of the firms in the first of two random halves, which divide every industry evenly.

    Parameters
    ----------
    panel : View
    level : str
        Column within which firms are divided, by its value in a firm's first year.

    Notes
    -----
    Firms are sorted by name before numbers are drawn, so that the order of rows decides nothing.
    """
    starts = panel.calendar.first_rows
    names = panel.frame["firm"].iloc[starts]
    industry, _ = pd.factorize(panel.frame[level].iloc[starts], sort=True)
    drawn = np.empty(len(names))
    drawn[np.argsort(np.asarray(names, dtype=str), kind="stable")] = np.random.default_rng(SPLIT_SEED).random(
        len(names)
    )
    first = np.empty(len(names), dtype=bool)
    first[np.lexsort((drawn, industry))] = np.arange(len(names)) % 2 == 0
    return np.asarray(first[panel.firm])


def _own(recipe: Recipe) -> Floats:
    return recipe.combined(standardised(recipe.components.values(), recipe.peers, own_values))


def _mechanism(recipe: Recipe) -> Floats:
    """Crowding, and as effort the gap to revenue alone: nothing of a margin, a profit or a financial position.

    Inventories are in it as means tied up beside fixed assets, the way the gap is defined.
    """
    crowding = [name for name in recipe.families.get("crowding", ()) if not _mediated(recipe.components[name])]
    if not crowding:
        raise NotAvailable("needs a family 'crowding' with a component that holds no item of a mediator")
    scores = {**recipe.scores, **_further(recipe, MECHANISM_EFFORT)}
    return combine(scores, {"crowding": crowding, "effort": [MECHANISM_EFFORT]})


def _mediated(component: Component) -> bool:
    return not set(component.inputs).isdisjoint(MEDIATED)


def _regime(recipe: Recipe) -> Floats:
    """One where fragmentation and the fall of margins both are above their medians, else zero."""
    names = ("fragmentation", "margin_compression")
    parts = [{**recipe.scores, **_further(recipe, name)}[name] for name in names]
    above = np.logical_and(*(part > np.nanmedian(part) for part in parts))
    return np.where(np.isnan(parts[0]) | np.isnan(parts[1]), np.nan, above)


def _further(recipe: Recipe, name: str) -> dict[str, Floats]:
    """A measure that is needed beside the families' own, standardised among peers."""
    if name in recipe.scores:
        return {}
    component = find_component(name, recipe.peers.panel, recipe.index)
    if component.reason:
        raise NotAvailable(f"{name}: {component.reason}")
    return standardised([component], recipe.peers, peer_values)
