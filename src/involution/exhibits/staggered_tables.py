"""Tables beside event studies: what two-way fixed effects compare, and effects under bounds on drifts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, spans
from involution.exhibits.event_study_table import event_models
from involution.exhibits.event_terms import BLOCK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.staggered_terms import COMPARISONS
from involution.exhibits.table_notes import by_columns, sample_notes
from involution.study.tables import Table

HONEST = {"relative_magnitudes": "honest_relative_magnitudes", "smoothness": "honest_smoothness"}
BREAKDOWN = {"relative_magnitudes": "breakdown_m", "smoothness": "breakdown_smoothness"}
_POWERS = ("pre_trend_slope_50", "pre_trend_slope_80", "pre_trend_bias_80")


def bacon_models(results: Results) -> list[str]:
    """Models that are decompositions, in their order."""
    return results.models(BLOCK, ["bacon"])


def dose_models(results: Results) -> list[str]:
    """Models of effects by strength, in their order."""
    return results.models(BLOCK, ["dose"])


def honest_models(results: Results) -> list[str]:
    """Event studies with bounds on drifts, in their order."""
    statistics = results.statistics
    rows = statistics[(statistics["block"] == BLOCK) & (statistics["statistic"] == BREAKDOWN["relative_magnitudes"])]
    return list(dict.fromkeys(rows["model"].astype(str)))


def bacon_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Weight and mean estimate of each kind of comparison; two columns for each decomposition.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no decomposition, or none of a name that the table gives.
    """
    known = bacon_models(results)
    columns = _columns(table, results, known, known, "decomposition of two-way fixed effects")
    headers = (
        Header(
            labels.text("outcome"), tuple((labels.column(str(c.first["outcome"]), table.rename), 2) for c in columns)
        ),
        Header("", tuple((f"({k + 1})", 2) for k in range(len(columns)))),
        Header("", tuple((labels.text(key), 1) for _ in columns for key in ("bacon_weight", "bacon_estimate"))),
    )
    kinds = [kind for kind in COMPARISONS if any(f"bacon[{kind}]" in column.terms for column in columns)]
    rows = [
        Row("plain", labels.text(f"bacon_{kind}"), tuple(cell for c in columns for cell in _weighed(c, kind, table)))
        for kind in kinds
    ]
    whole = tuple(
        cell
        for c in columns
        for cell in (Cell("" if c.failed else decimal(1.0, table.digits)), _estimate(c, "twfe", table))
    )
    rows.append(Row("plain", labels.text("bacon_twfe"), whole, "", rule_above=True))
    notes = [labels.text("bacon_note"), *_said(columns, results, labels), *sample_notes(results, labels)]
    return TableContent(
        table.name, title, labels.language, 2 * len(columns), (Part("", headers, tuple(rows)),), tuple(notes)
    )


def honest_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Intervals under bounds on drifts, breakdown values, and drifts that the test of leads would miss.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no event study with bounds, or none of a name that the table gives.
    """
    # A study's own table names models of which some may have no bounds: their notes say why.
    columns = _columns(
        table, results, honest_models(results), event_models(results), "event study with bounds on drifts"
    )
    headers = (
        Header(labels.text("outcome"), spans([labels.column(str(c.first["outcome"]), table.rename) for c in columns])),
        Header("", tuple((labels.estimator(str(column.first["estimator"])), 1) for column in columns)),
        Header("", tuple((f"({k + 1})", 1) for k in range(len(columns)))),
    )
    rows: list[Row] = []
    for kind in HONEST:
        rows += _intervals(kind, columns, table, results, labels)
        shown = [decimal(column.statistic(BREAKDOWN[kind]), table.digits) for column in columns]
        rows.append(Row("plain", labels.text(f"honest_breakdown_{kind}"), tuple(Cell(text) for text in shown)))
    for name in _POWERS:
        cells = tuple(Cell(decimal(column.statistic(name), table.digits)) for column in columns)
        rows.append(Row("statistic", labels.text(f"honest_{name}"), cells, "", rule_above=name == _POWERS[0]))
    notes = [labels.text("honest_note"), *_said(columns, results, labels), *sample_notes(results, labels)]
    part = Part("", headers, tuple(rows))
    return TableContent(table.name, title, labels.language, len(columns), (part,), tuple(notes))


def _columns(table: Table, results: Results, usual: Sequence[str], known: Sequence[str], what: str) -> list[Column]:
    names = table.models_named() or list(usual)
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        said = f"'{wrong[0]}' is no {what}" if wrong else f"the study has no {what}"
        raise InputError(Problem(f"table '{table.name}'", said))
    return [results.column(name) for name in names]


def _weighed(column: Column, kind: str, table: Table) -> tuple[Cell, Cell]:
    if f"bacon[{kind}]" not in column.terms:
        return Cell(), Cell()
    return Cell(decimal(column.statistic(f"weight[{kind}]"), table.digits)), _estimate(column, kind, table)


def _estimate(column: Column, kind: str, table: Table) -> Cell:
    found = column.rows[column.rows["term"] == f"bacon[{kind}]"]
    return Cell(decimal(float(found["estimate"].iloc[0]), table.digits) if len(found) else "")


def _intervals(kind: str, columns: Sequence[Column], table: Table, results: Results, labels: Labels) -> list[Row]:
    """A heading, and a row for each bound; bounds on bends are shares of what each model's leads do not rule out."""
    curves = results.curves[results.curves["curve"] == HONEST[kind]]
    of_model = [curves[curves["model"] == column.model].sort_values("x", kind="stable") for column in columns]
    longest = max(of_model, key=len)
    if longest.empty:
        return []
    rows = [Row("heading", labels.text(f"honest_{kind}"), tuple(Cell() for _ in columns), "", rule_above=True)]
    for k, x in enumerate(longest["x"].astype(float)):
        shown = x if kind == "relative_magnitudes" else k / (len(longest) - 1)
        label = labels.text(f"honest_at_{kind}", m=f"{shown:g}")
        rows.append(Row("plain", label, tuple(_interval(points.iloc[k : k + 1], table) for points in of_model)))
    if kind == "smoothness":
        largest = tuple(
            Cell(decimal(float(points["x"].max()), table.digits) if len(points) else "") for points in of_model
        )
        rows.append(Row("plain", labels.text("honest_bend"), largest))
    return rows


def _interval(point: pd.DataFrame, table: Table) -> Cell:
    if point.empty:
        return Cell()
    low, high = (decimal(float(point[end].iloc[0]), table.digits) for end in ("ci_low", "ci_high"))
    return Cell(f"[{low}, {high}]")


def _said(columns: Sequence[Column], results: Results, labels: Labels) -> list[str]:
    """What the models say of themselves, each sentence once with the columns that it is of."""
    said = [(k, text) for k, column in enumerate(columns, 1) for text in said_by(column.model, results, labels)]
    return by_columns(said, len(columns), labels)
