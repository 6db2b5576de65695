"""Components of the index: which of them a panel allows, and their values among a firm's peers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from involution.errors import InputError, Problem, nearest
from involution.measures.registry import REGISTRY, make, missing_needs
from involution.measures.standardise import winsorised
from involution.measures.view import Cells, Floats, View
from involution.study.index import Index

KEYS = ("firm", "year")


@dataclass(frozen=True)
class Component:
    """A component as it enters the index.

    Attributes
    ----------
    name : str
    column : str
        Measure or column that it is read from.
    level : {"firm", "industry"}
    sign : int
        With which it is more involution.
    inputs : tuple of str
        Columns of the panel that it is computed from in its own year.
    coverage : float
        Share of rows that have all inputs.
    reason : str
        Why it is left out; empty when it is not.
    """

    name: str
    column: str
    level: Literal["firm", "industry"]
    sign: int
    inputs: tuple[str, ...] = ()
    coverage: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Peers:
    """Where the peers of a firm are found.

    Attributes
    ----------
    panel : View
        With every measure made.
    level : str
        Column whose firms are each other's peers within a year.
    enough : array of bool, shape (n,)
        Rows whose industry-year has at least `min_firms` firms.
    least : int
        Fewest peers with a value.
    half : array of bool, shape (n,), optional
        Rows of the firms that count as peers; all unless given.
    clipped : dict
        By column and sign, what is the same for every half: winsorised and oriented.
    """

    panel: View
    level: str
    enough: NDArray[np.bool_]
    least: int
    half: NDArray[np.bool_] | None = None
    clipped: dict[tuple[str, int], Floats] = field(default_factory=dict)

    @property
    def cells(self) -> Cells:
        """Industry-years, or those of the level."""
        return self.panel.cells(self.level, "year")


def find_component(name: str, panel: View, index: Index) -> Component:
    """The component that a family names, with the share of rows that have its inputs.

    Raises
    ------
    InputError
        When a component of the user's own reads a column that is not there, or a measure has no sign.
    """
    own = index.components.get(name)
    column = own.column if own else name
    if own and column not in panel.frame.columns and column not in REGISTRY:
        what = f"there is no column '{column}'{nearest(column, [*map(str, panel.frame.columns), *REGISTRY])}"
        raise InputError(Problem(f"index.components.{name}.column", what, mend="map or keep the column"))
    level, sign = (own.level, int(own.sign)) if own else _registered(name)
    missing = _missing(column, panel)
    if missing:
        return Component(name, column, level, sign, reason=f"needs {', '.join(missing)}")
    inputs = inputs_of(column, panel)
    coverage = _coverage(inputs, panel)
    reason = ""
    if coverage < index.min_coverage:
        reason = f"{', '.join(inputs)} known in {coverage:.1%} of the rows, fewer than {index.min_coverage:.0%}"
    return Component(name, column, level, sign, inputs, coverage, reason)


def _registered(name: str) -> tuple[Literal["firm", "industry"], int]:
    entry = REGISTRY.get(name)
    if entry is None:
        return "firm", 1
    if not entry.direction:
        mend = "define a component with a sign under index.components"
        raise InputError(Problem(f"index: {name}", "the measure has no sign of its own", mend=mend))
    return "industry" if entry.level == "industry" else "firm", 1 if entry.direction == "+" else -1


def _missing(column: str, panel: View) -> tuple[str, ...]:
    if column in panel.frame.columns:
        return ()
    return missing_needs(REGISTRY[column], panel.frame.columns) if column in REGISTRY else (column,)


def inputs_of(column: str, panel: View) -> tuple[str, ...]:
    """Columns of the panel, but its keys, that a column or measure is computed from in its own year.

    A name that ends in ``*`` stands for every column that begins so.
    """
    if column in panel.frame.columns or column.endswith("*"):
        return (column,)
    entry = REGISTRY[column]
    there = [name for name in entry.first_of if not _missing(name, panel)]
    needs = [*entry.needs, *(name for name in entry.any_of if not _missing(name, panel)), *there[:1]]
    found = [name for need in needs if need not in KEYS for name in inputs_of(need, panel)]
    return tuple(dict.fromkeys(found))


def _coverage(inputs: tuple[str, ...], panel: View) -> float:
    """Share of rows that have all inputs; a vector of zeros, such as the classes of no patent, is none."""
    known = np.ones(len(panel), dtype=bool)
    for name in inputs:
        if name.endswith("*"):
            vector = panel.frame[panel.starting_with(name.removesuffix("*"))]
            known &= (vector.notna().all(axis=1) & vector.ne(0).any(axis=1)).to_numpy()
        else:
            known &= panel.frame[name].notna().to_numpy()
    return float(known.mean()) if len(known) else 0.0


def find_peers(panel: View, index: Index) -> Peers:
    """The peers of an index's firms, all of them."""
    return Peers(panel, index.level, firms_in(panel, index.level) >= index.min_firms, index.min_firms - 1)


def firms_in(panel: View, level: str) -> Floats:
    """Firms with positive revenue in the row's industry-year; all its firms where no revenue is known."""
    if level == "industry" and "n_firms" in panel:
        return panel["n_firms"]
    counted = np.where(panel["revenue"] > 0, 1.0, np.nan) if "revenue" in panel else np.ones(len(panel))
    return panel.cells(level, "year").count(counted)


def own_values(component: Component, peers: Peers) -> Floats:
    """The firm's own value, or its industry's with the firm in it; winsorised, oriented."""
    values = _oriented(component, component.column, peers)
    return np.where(peers.enough, values, np.nan) if component.level == "industry" else values


def peer_values(component: Component, peers: Peers) -> Floats:
    """The mean over the firm's peers, or its industry's value with the firm left out where there is such a form."""
    if component.level == "industry":
        left_out = f"{component.column}_loo"
        known = left_out in REGISTRY and not _missing(left_out, peers.panel)
        return np.where(peers.enough, _oriented(component, left_out if known else component.column, peers), np.nan)
    values = own_values(component, peers)
    if peers.half is not None:
        values = np.where(peers.half, values, np.nan)
    return peers.cells.mean_of_others(values, peers.least)


def _oriented(component: Component, column: str, peers: Peers) -> Floats:
    panel, kept = peers.panel, (column, component.sign)
    if component.level == "industry" and _differs_among(peers, column):
        return component.sign * winsorised(panel, _made_among(peers, column))
    if kept not in peers.clipped:
        peers.clipped[kept] = component.sign * winsorised(panel, panel[column])
    return peers.clipped[kept]


def _differs_among(peers: Peers, column: str) -> bool:
    """Whether an industry-level measure is another one where peers are not all firms of the industry-year."""
    panel = peers.panel
    everyone = peers.half is None and peers.level == "industry"
    if everyone or column in panel.frame.columns or not REGISTRY[column].of_population:
        return False
    return not any(name in REGISTRY for name in inputs_of(column, panel))


def _made_among(peers: Peers, column: str) -> Floats:
    """An industry-level measure, made anew of the firms that count as peers."""
    inputs = {name: peers.panel[name] for name in inputs_of(column, peers.panel) if name != "industry"}
    if peers.half is not None:
        inputs = {name: np.where(peers.half, values, np.nan) for name, values in inputs.items()}
    return make(column, peers.panel.regrouped(peers.level, inputs))
