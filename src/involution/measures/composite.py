"""The involution index and its variants.

The order, the same in every variant: a component is winsorised within its year; a firm-level one becomes the mean over
the *other* firms of the industry-year, an industry-level one is taken with the firm left out; each is standardised over
all firm-years; a family is the mean of its components, standardised again; the index is the mean of the families,
standardised again, and missing where any component is. Standardising after the peer mean matters: averaging over peers
takes the spread out of firm-level components and would leave fragmentation alone to carry the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from involution.errors import InputError, Problem
from involution.measures.components import Component, find_component
from involution.measures.recipe import WEIGHTINGS, Recipe, find_recipe
from involution.measures.variants import SPLIT_SEED, columns_of
from involution.measures.view import Floats, View
from involution.measures.weights import NotAvailable
from involution.study.index import Index


@dataclass(frozen=True)
class Composite:
    """The columns of the index, those that are not available with the reason, and an account of what was done."""

    columns: dict[str, Floats] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)


def column_names(index: Index) -> tuple[str, ...]:
    """Every column of an index, in order."""
    families = list(index.families)
    endings = ["mechanism", "half_a", "half_b", "own", *WEIGHTINGS, "regime"]
    named = [*families, *(f"no_{family}" for family in families), *endings]
    return ("involution", *(f"involution_{name}" for name in named))


def compose(panel: View, index: Index, *, asked: bool) -> Composite:
    """The index of a panel whose measures are made.

    Parameters
    ----------
    panel : View
    index : Index
    asked : bool
        Whether the study asks for the index: one that is not possible is then an error, else a reason.

    Raises
    ------
    InputError
        When a family loses all its components or a component is nowhere known, and the index was asked for.
    """
    found = {family: [find_component(name, panel, index) for name in names] for family, names in index.families.items()}
    account = _account(found, index)
    try:
        _check(panel, index, found)
        recipe, reasons = find_recipe(panel, index, found)
        return _composed(recipe, reasons, account)
    except NotAvailable as error:
        if asked:
            mend = "name other components or families, or change level, min_firms or min_coverage"
            raise InputError(Problem("index", str(error), mend=mend)) from None
        return Composite({}, dict.fromkeys(column_names(index), str(error)), {**account, "reason": str(error)})


def _check(panel: View, index: Index, found: Mapping[str, Sequence[Component]]) -> None:
    missing = [name for name in ("firm", "year", index.level) if name not in panel.frame.columns]
    if missing:
        raise NotAvailable(f"needs {', '.join(missing)}")
    for family, parts in found.items():
        if all(part.reason for part in parts):
            shown = "; ".join(f"{part.name}: {part.reason}" for part in parts)
            raise NotAvailable(f"no component of the family '{family}' is left ({shown})")


def _composed(recipe: Recipe, reasons: dict[str, str], account: dict[str, Any]) -> Composite:
    whole = recipe.whole()
    columns = {}
    for name, made in columns_of(recipe, whole):
        try:
            columns[name] = made()
        except NotAvailable as error:
            reasons[name] = str(error)
    account |= {**_counted(recipe, whole), "weights": recipe.weights, "not_available": reasons}
    return Composite({name: columns[name] for name in column_names(recipe.index) if name in columns}, reasons, account)


def _account(found: Mapping[str, Sequence[Component]], index: Index) -> dict[str, Any]:
    """What was asked for, and which components are used."""
    rows = [
        {
            "family": family,
            "component": part.name,
            "column": part.column,
            "level": part.level,
            "sign": part.sign,
            "inputs": list(part.inputs),
            "coverage": part.coverage,
            "left_out": part.reason,
        }
        for family, parts in found.items()
        for part in parts
    ]
    settings = index.model_dump(mode="json", include={"weighting", "level", "min_firms", "min_coverage", "base_years"})
    return {**settings, "split_seed": SPLIT_SEED, "components": rows}


def _counted(recipe: Recipe, whole: Floats) -> dict[str, Any]:
    """Rows with and without the index, and industry-years that are too small for it."""
    cells = recipe.peers.cells
    small = cells.member & ~recipe.peers.enough
    return {
        "rows": len(whole),
        "rows_known": int((~np.isnan(whole)).sum()),
        "rows_missing": {name: int(np.isnan(values).sum()) for name, values in recipe.scores.items()},
        "small_cells": {"cells": len(np.unique(cells.codes[small])), "rows": int(small.sum())},
    }
