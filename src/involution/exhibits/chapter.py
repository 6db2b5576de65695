"""The order of an empirical chapter: which part each table and each figure belongs to, and what rows it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from involution.exhibits.columns import regressions
from involution.study.figures import Kind as FigureKind
from involution.study.tables import Kind as TableKind
from involution.study.tables import Table

PARTS = (
    "answers", "data", "rehearsal", "baseline", "robustness", "endogeneity", "mechanism", "heterogeneity", "further",
    "selection", "truth",
)  # fmt: skip
"""The parts, in the order in which a reader looks for them."""

_OF_BLOCK: dict[str, str] = {
    "models": "baseline", "baseline": "baseline", "robustness": "robustness", "endogeneity": "endogeneity",
    "mechanism": "mechanism", "mediation": "mechanism", "attrition": "selection", "heterogeneity": "heterogeneity",
    "quantile_regression": "heterogeneity", "rehearsal": "rehearsal", "placebo": "robustness",
    "specification_curve": "robustness",
}  # fmt: skip
"""Parts of tables by the block of their first model; those of any other are further analysis."""
_OF_TABLE: dict[TableKind, str] = {
    "descriptives": "data", "correlation": "data", "robustness": "robustness", "scoreboard": "answers",
    "threats": "answers", "breakthrough": "answers", "truth": "truth",
}  # fmt: skip
"""Kinds whose part is not that of their models."""
_OF_FIGURE: dict[FigureKind, str] = {
    "coefficients": "baseline", "time": "data", "distribution": "data", "heatmap": "data", "families": "data",
    "sizes": "data", "variants": "data", "regions": "data", "paths": "mechanism", "conditional": "mechanism",
    "sensitivity": "mechanism", "breakthrough": "answers", "robustness": "robustness", "leave_out": "robustness",
    "heterogeneity": "heterogeneity", "quantile_regression": "heterogeneity", "power": "rehearsal",
    "placebo": "robustness", "specification_curve": "robustness", "plausibly_exogenous": "endogeneity",
    "rotemberg": "endogeneity", "contours": "endogeneity", "balance": "endogeneity", "overlap": "endogeneity",
}  # fmt: skip


def part_of_table(table: Table, estimates: pd.DataFrame) -> str:
    """The part that a table belongs to, by its kind or the block of its first model."""
    if table.kind in _OF_TABLE:
        return _OF_TABLE[table.kind]
    rows = rows_of(table, estimates)
    blocks = rows["block"].astype(str)
    return _OF_BLOCK.get(blocks.iloc[0], "further") if len(rows) else "further"


def part_of_figure(kind: FigureKind) -> str:
    """The part that a figure belongs to."""
    return _OF_FIGURE.get(kind, "further")


def rows_of(table: Table, estimates: pd.DataFrame) -> pd.DataFrame:
    """The rows of the estimates that a table is made of; none for one of columns, of hypotheses or of truths.

    Parameters
    ----------
    table : Table
        Of regressions: its models and their groups. Of another kind: those of the block that is called so, or the
        models that begin with a name it gives, since a section's models begin with its name.
    estimates : DataFrame
    """
    model, named = estimates["model"].astype(str), table.models_named()
    if named:
        return estimates[_either(model, named, ("[",) if table.kind == "regression" else ("[", "_"))]
    return regressions(estimates) if table.kind == "regression" else estimates[estimates["block"] == table.kind]


def _either(model: pd.Series, named: Sequence[str], marks: tuple[str, ...]) -> pd.Series:
    """Models of these names, and those whose name goes on after one of them and a mark."""
    longer = tuple(f"{name}{mark}" for name in named for mark in marks)
    return model.isin(named) | model.str.startswith(longer)


def cited(rows: pd.DataFrame) -> Mapping[str, list[str]]:
    """Models by block, in order."""
    pairs = rows[["block", "model"]].drop_duplicates().astype(str)
    out: dict[str, list[str]] = {}
    for block, model in zip(pairs["block"], pairs["model"], strict=True):
        out.setdefault(block, []).append(model)
    return out


_FIRST = ("scoreboard", "threats")
"""What was asked and what could be wrong with the answer stand before what else answers it."""


def tables_by_part(tables: Sequence[Table], estimates: pd.DataFrame) -> dict[str, list[Table]]:
    """The tables of each part that has any, parts and tables in the order of the chapter."""
    places = [(part_of_table(table, estimates), table) for table in tables]
    found = {part: [table for place, table in places if place == part] for part in PARTS}
    return {part: sorted(inside, key=_place) for part, inside in found.items() if inside}


def _place(table: Table) -> int:
    """The kinds that come first in their order, then the others in theirs."""
    return _FIRST.index(table.kind) if table.kind in _FIRST else len(_FIRST)
