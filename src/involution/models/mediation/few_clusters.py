"""Few clusters: the restricted wild cluster bootstrap of the paths, and joint significance by it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.clustered import FEW_EFFECTIVE_CLUSTERS, effective_clusters
from involution.models.mediation.effects import Layout
from involution.models.mediation.equations import linear_of
from involution.models.mediation.system import System
from involution.models.notes import Note, note
from involution.models.wild import WildTest, wild_tests

Row = tuple[str, float, float, float]


def wild_paths(
    system: System, layout: Layout, draws: int, seed: int, *, always: bool
) -> tuple[dict[str, WildTest], tuple[Note, ...]]:
    """Test the paths by the wild cluster bootstrap, in each equation with the null imposed.

    Parameters
    ----------
    system : System
    layout : Layout
    draws, seed : int
        The same multipliers in every equation.
    always : bool
        Also with many clusters.

    Returns
    -------
    dict of str to WildTest
        By term: a, d, b, direct and total where they are coefficients. Empty with enough clusters, two clusterings,
        none, or instruments, for which the bootstrap is not built.
    tuple of Note

    Raises
    ------
    NotEstimable
        If `always`, with more crossing effects than can stand as columns.
    """
    clusters = system.sample.clusters
    if len(clusters) != 1 or system.specification.instruments:
        return {}, ()
    if not always and effective_clusters(clusters[0]) >= FEW_EFFECTIVE_CLUSTERS:
        return {}, ()
    out: dict[str, WildTest] = {}
    for number, wanted in _wanted(system).items():
        linear = linear_of(system, layout.equations[number])
        try:
            tests = wild_tests(linear, clusters[0], draws, seed, names=wanted)
        except NotEstimable as reason:
            if always:
                raise
            return {}, (note("no_wild", reason=str(reason)),)
        out |= {wanted[name]: test for name, test in tests.items()}
    return out, (note("mediation_wild_paths", draws=draws, seed=str(seed)),)


def _wanted(system: System) -> dict[int, dict[str, str]]:
    """By the number of the equation: column and the term that its coefficient is."""
    specification = system.specification
    out = {
        number: {
            specification.treatment: f"a[{name}]",
            **{earlier: f"d[{name},{earlier}]" for earlier in specification.earlier(name)},
        }
        for number, name in enumerate(specification.mediators)
    }
    last = len(specification.mediators)
    out[last] = {specification.treatment: "direct", **{name: f"b[{name}]" for name in specification.mediators}}
    if not system.second_products:
        out[last + 1] = {specification.treatment: "total"}
    return out


def wild_rows(system: System, tests: Mapping[str, WildTest]) -> list[Row]:
    """``wild[...]`` of each path and ``joint_significance_wild[...]`` of each way to the outcome."""
    if not tests:
        return []
    p_values = {term: test.p_value for term, test in tests.items()}
    rows = [(f"wild[{term}]", np.nan, np.nan, p_value) for term, p_value in p_values.items()]
    return rows + joint_significance(system, p_values, "joint_significance_wild")


def joint_significance(system: System, p_values: Mapping[str, float], name: str) -> list[Row]:
    """The largest p-value on each way from treatment to outcome.

    All paths on the way are significant at the level of that p-value (MacKinnon, Lockwood, Hoffman, West and Sheets
    2002, *Psychological Methods* 7: 83-104; for chains Taylor, MacKinnon and Tein 2008).
    """
    return [
        (f"{name}[{'>'.join(chain)}]", np.nan, np.nan, max(p_values[term] for term in terms_along(chain)))
        for chain in system.specification.chains
    ]


def terms_along(chain: tuple[str, ...]) -> list[str]:
    """Coefficients on the way through a chain of mediators."""
    between = [f"d[{later},{earlier}]" for earlier, later in pairwise(chain)]
    return [f"a[{chain[0]}]", *between, f"b[{chain[-1]}]"]


def with_wild(frame: pd.DataFrame, tests: Mapping[str, WildTest]) -> pd.DataFrame:
    """The frame of effects with the bootstrap's p-values and intervals where there are any."""
    out = frame.set_index("term")
    for term, test in tests.items():
        out.loc[term, ["p_value", "ci_low", "ci_high"]] = (test.p_value, test.ci_low, test.ci_high)
    return out.reset_index()
