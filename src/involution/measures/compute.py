"""Computing every measure that the panel's columns allow, and the dictionary of what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from involution.errors import InputError, Problem
from involution.measures import (  # noqa: F401  (registers the measures, in this order)
    capabilities,
    concentration,
    constraint,
    effort,
    industry,
    margins,
    markup,
    outcomes,
    products,
    short_termism,
)
from involution.measures.registry import REGISTRY, missing_needs
from involution.measures.view import View
from involution.study.expressions import parse_expression

DICTIONARY = (
    "name", "label_en", "label_zh", "formula", "unit", "family", "direction", "source", "coverage", "level",
    "leave_one_out", "available", "reason",
)  # fmt: skip


def measure(panel: pd.DataFrame, index: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Add every measure whose columns the panel has.

    Parameters
    ----------
    panel : DataFrame
        Canonical columns, one row per firm-year; not changed.
    index : mapping, optional
        The section `index` of a study; the composite is not built yet and naming it is an error.

    Returns
    -------
    DataFrame
        The panel's columns, then the measures in the order of the dictionary. A measure under whose name the panel
        already has a column keeps that column.

    Raises
    ------
    InputError
        When `index` is given.
    """
    if index is not None:
        raise InputError(Problem("index", "the composite index is not built yet", mend="leave it out"))
    view = View(panel)
    # In the order of registration: a measure made of others finds them, made before it or given with the panel.
    for name, entry in REGISTRY.items():
        if name not in panel.columns and not missing_needs(entry, panel.columns):
            view.made[name] = entry.function(view)
    return pd.concat([panel, pd.DataFrame(view.made, index=panel.index)], axis=1)


def dictionary(panel: pd.DataFrame, *, full_coverage: bool = False) -> pd.DataFrame:
    """What each measure is, and whether this panel has it.

    Parameters
    ----------
    panel : DataFrame
        May be empty: every measure is then listed as not available.
    full_coverage : bool
        The panel holds every firm of its industries; otherwise measures computed over its firms are tagged
        ``partial``, since the concentration among listed or surveyed firms is not the industry's (Ali, Klasa and
        Yeung 2009, *Review of Financial Studies* 22: 3839-3871).

    Returns
    -------
    DataFrame
        Columns `DICTIONARY`; one row per measure.
    """
    rows = []
    for entry in REGISTRY.values():
        missing = missing_needs(entry, panel.columns)
        given = entry.name in panel.columns
        coverage = ("full" if full_coverage else "partial") if entry.of_population else "firm"
        reason = "" if given or not missing else f"needs {', '.join(missing)}"
        rows.append(
            (
                entry.name,
                entry.label_en,
                entry.label_zh,
                entry.formula,
                entry.unit,
                entry.family,
                entry.direction,
                entry.source,
                "given" if given else coverage,
                entry.level,
                entry.leave_one_out,
                given or not missing,
                reason,
            )
        )
    return pd.DataFrame(rows, columns=list(DICTIONARY))


def lineage(definitions: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """For each column that a study makes, the columns and measures it is made of, followed to the end.

    Parameters
    ----------
    definitions : mapping of str to str
        Expressions by column, in order.
    """
    out: dict[str, tuple[str, ...]] = {}
    for name, text in definitions.items():
        found: dict[str, None] = {}
        for column in parse_expression(text).columns:
            followed: Sequence[str] = out.get(column, (column,)) if column != name else (column,)
            found |= dict.fromkeys(followed)
        out[name] = tuple(found)
    return out
