"""Computing every measure that the panel's columns allow, and the dictionary of what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from involution.measures.accounting import harmonised, said_of
from involution.measures.catalogue import catalogue
from involution.measures.composite import compose
from involution.measures.events import event_measures
from involution.measures.index_entries import index_entries
from involution.measures.registry import Entry, make, missing_needs
from involution.measures.size import size_measure
from involution.measures.view import Floats, View
from involution.study.accounting import AccountingRule, parse_accounting
from involution.study.expressions import parse_expression
from involution.study.index import Index, parse_index
from involution.study.sample import SizeStandard

DICTIONARY = (
    "name", "label_en", "label_zh", "formula", "unit", "family", "direction", "source", "coverage", "level",
    "leave_one_out", "available", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """A panel with its measures, and what was done.

    Attributes
    ----------
    frame : DataFrame
        The panel's columns, `admin_expense` with R&D inside it in every year, then the measures in the order of the
        dictionary.
    dictionary : DataFrame
        Columns `DICTIONARY`; one row per measure.
    index : dict
        Account of the involution index: components used and left out, weights, rows known.
    """

    frame: pd.DataFrame
    dictionary: pd.DataFrame
    index: dict[str, Any]


def measured(
    panel: pd.DataFrame,
    index: Mapping[str, Any] | Index | None = None,
    *,
    full_coverage: bool = False,
    size_standard: SizeStandard = "china_2011",
    accounting: Sequence[Mapping[str, Any] | AccountingRule] = (),
    events: pd.DataFrame | None = None,
) -> Measured:
    """Add every measure whose columns the panel has, and say what each is.

    Parameters
    ----------
    panel : DataFrame
        Canonical columns, one row per firm-year; not changed. May be empty: every measure is then not available.
    index : mapping or Index, optional
        The section `index` of a study. Without it the index is made of the documented families where that is possible.
    full_coverage : bool
        The panel holds every firm of its industries; otherwise measures computed over its firms are tagged
        ``partial``, since the concentration among listed or surveyed firms is not the industry's (Ali, Klasa and
        Yeung 2009, *Review of Financial Studies* 22: 3839-3871).
    size_standard : {"china_2011", "eu_2003", "us_susb"}
        Of the measure `firm_size`.
    accounting : sequence of mapping or AccountingRule
        The section `accounting` of a study: years in which R&D is beside `admin_expense` have it added.
    events : DataFrame, optional
        Policy events, one row per event and rater; without it the measures of events are not available.

    Returns
    -------
    Measured
        A measure under whose name the panel already has a column keeps that column.

    Raises
    ------
    InputError
        When `index` is given and cannot be made, for rules of `accounting` that contradict each other or the panel,
        and for events that cannot be used.
    """
    rules = parse_accounting(accounting)
    panel = harmonised(panel, rules)
    view, registered = View(panel), catalogue()
    needs = {entry.name: missing_needs(entry, panel.columns) for entry in registered}
    for name, lacking in needs.items():
        if not lacking:
            make(name, view)
    view.shared.clear()
    chosen = Index() if index is None else parse_index(index)
    composite = compose(view, chosen, asked=index is not None)
    further = [size_measure(view, size_standard), *event_measures(view, events)]
    missing = {name: f"needs {', '.join(columns)}" for name, columns in needs.items() if columns}
    missing |= {part.entry.name: part.reason for part in further}
    entries = [*registered, *(part.entry for part in further), *index_entries(chosen, composite)]
    rows = [_row(entry, panel, {**missing, **composite.reasons}, full_coverage, rules) for entry in entries]
    more = {part.entry.name: part.values for part in further if part.values is not None} | composite.columns
    more = {name: values for name, values in more.items() if name not in panel.columns}
    made = _stacked(view.made, [name for name in needs if name in view.made], panel.index)
    return Measured(
        pd.concat([panel, made, pd.DataFrame(more, index=panel.index, copy=False)], axis=1),
        pd.DataFrame(rows, columns=list(DICTIONARY)),
        composite.account,
    )


def _stacked(made: dict[str, Floats], names: Sequence[str], index: pd.Index) -> pd.DataFrame:
    """Measures as a frame of one block; each is taken out of `made`, so that none is held twice."""
    block = np.empty((len(names), len(index)))
    for place, name in enumerate(names):
        block[place] = made.pop(name)
    return pd.DataFrame(block.T, index=index, columns=list(names), copy=False)


def measure(
    panel: pd.DataFrame,
    index: Mapping[str, Any] | Index | None = None,
    *,
    size_standard: SizeStandard = "china_2011",
    accounting: Sequence[Mapping[str, Any] | AccountingRule] = (),
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The panel's columns, then every measure that they allow: the frame of `measured`."""
    return measured(panel, index, size_standard=size_standard, accounting=accounting, events=events).frame


def dictionary(
    panel: pd.DataFrame,
    index: Mapping[str, Any] | Index | None = None,
    *,
    full_coverage: bool = False,
    size_standard: SizeStandard = "china_2011",
    accounting: Sequence[Mapping[str, Any] | AccountingRule] = (),
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What each measure is, and whether this panel has it: the dictionary of `measured`."""
    return measured(
        panel, index, full_coverage=full_coverage, size_standard=size_standard, accounting=accounting, events=events
    ).dictionary


def _row(
    entry: Entry,
    panel: pd.DataFrame,
    reasons: Mapping[str, str],
    full_coverage: bool,
    rules: Sequence[AccountingRule],
) -> tuple[object, ...]:
    given = entry.name in panel.columns
    coverage = ("full" if full_coverage else "partial") if entry.of_population else "firm"
    reason = "" if given else reasons.get(entry.name, "")
    return (
        entry.name,
        entry.label_en,
        entry.label_zh,
        entry.formula + ("" if given else said_of(entry, rules)),
        entry.unit,
        entry.family,
        entry.direction,
        entry.source,
        "given" if given else coverage,
        entry.level,
        entry.leave_one_out,
        not reason,
        reason,
    )


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
