"""Instruments that may have an effect of their own: intervals under what is believed of it, one model a column."""

from __future__ import annotations

from collections.abc import Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, spans
from involution.exhibits.endogeneity_terms import BLOCK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import model_of
from involution.exhibits.regression import statistic_rows, with_failures
from involution.exhibits.table_notes import table_notes
from involution.study.tables import Table

KINDS = ("union", "local_to_zero")
_DETAILS = ("direct_effect_zero", "direct_effect_low", "direct_effect_high", "direct_effect_mean", "direct_effect_sd")


def bounds_models(results: Results) -> list[str]:
    """Models with bounds on the direct effect of an instrument, in their order."""
    rows = results.statistics[results.statistics["block"] == BLOCK]
    return list(dict.fromkeys(rows.loc[rows["statistic"] == _DETAILS[0], "model"].astype(str)))


def bounds_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out the intervals of the treatment under bounds on the instrument's own effect.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no such model, or none of a name that the table gives.
    """
    names = table.models_named() or bounds_models(results) or [""]
    columns = [model_of(BLOCK, name, results, f"table '{table.name}'") for name in names]
    headers = (
        Header(labels.text("outcome"), spans([labels.column(str(c.first["outcome"]), table.rename) for c in columns])),
        Header("", tuple((f"({number})", 1) for number in range(1, len(columns) + 1))),
    )
    rows = [row for kind in KINDS for row in _interval(kind, table, columns, labels)]
    rows = with_failures(rows, columns, labels)
    for place, name in enumerate(_DETAILS):
        cells = tuple(Cell(decimal(column.statistic(name), table.digits)) for column in columns)
        rows.append(Row("plain", labels.text(f"statistic_{name}"), cells, "", rule_above=place == 0))
    few = table.model_copy(update={"statistics": ["n_obs", "n_firms", "n_clusters", "mean_outcome"]})
    rows += statistic_rows(few, columns, labels)
    notes = (labels.text("bounds_note"), *table_notes(table, columns, results, labels)[1:])
    return TableContent(table.name, title, labels.language, len(columns), (Part("", headers, tuple(rows)),), notes)


def _interval(kind: str, table: Table, columns: Sequence[Column], labels: Labels) -> tuple[Row, Row]:
    """The estimate of each model, and its interval in brackets below."""
    above, below = [], []
    label = ""
    for column in columns:
        found = column.rows[column.rows["term"].astype(str).str.startswith(f"{kind}[")]
        if column.failed or found.empty:
            above.append(Cell())
            below.append(Cell())
            continue
        row = found.iloc[0]
        label = label or labels.term(str(row["term"]), table.rename)
        above.append(Cell(decimal(row["estimate"], table.digits)))
        ends = [decimal(row[end], table.digits) for end in ("ci_low", "ci_high")]
        below.append(Cell(f"[{ends[0]}, {ends[1]}]"))
    what = labels.text("estimate")
    return Row("estimate", label, tuple(above), what), Row("uncertainty", "", tuple(below), labels.text("interval_95"))
