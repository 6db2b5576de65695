"""Quantile regressions: a table with the mean, the scale and each quantile as columns, and the slope over quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, padded, stars_for
from involution.exhibits.curves import draw_band, named_curve
from involution.exhibits.drawing import look
from involution.exhibits.grouped_models import p_value_of
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.regression import mark_rows, statistic_rows
from involution.exhibits.table_notes import table_notes
from involution.study.figures import Figure
from involution.study.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLOCK = "quantile_regression"
_NOTES = ("quantile_short", "quantile_scale", "not_estimable")


def quantile_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out quantile regressions, a panel for each.

    Raises
    ------
    InputError
        When the study has no quantile regression, or none of a name that the table gives.
    """
    names = table.models_named() or results.models(BLOCK) or [""]
    columns = [model_of(BLOCK, name, results, f"table '{table.name}'") for name in names]
    parts = [_part(table, column, labels, titled=len(columns) > 1) for column in columns]
    width = max(len(part.rows[0].cells) for part in parts)
    notes = (labels.text("quantile_table_note"), *table_notes(table, columns, results, labels))
    return TableContent(table.name, title, labels.language, width, tuple(padded(part, width) for part in parts), notes)


def _moments(column: Column) -> list[str]:
    """What brackets hold, in order: location, scale, and each quantile."""
    return list(dict.fromkeys(term.rpartition("[")[2][:-1] for term in column.terms))


def _part(table: Table, column: Column, labels: Labels, *, titled: bool) -> Part:
    outcome = labels.column(str(column.first["outcome"]), table.rename)
    moments = _moments(column)
    if not moments:
        header = Header(labels.text("outcome"), ((outcome, 1),))
        return Part(outcome if titled else "", (header,), (Row("plain", "", (Cell(labels.text("not_estimated")),)),))
    heads = tuple((_head(moment, labels), 1) for moment in moments)
    headers = (Header(labels.text("outcome"), ((outcome, len(moments)),)), Header("", heads))
    every = list(dict.fromkeys(term.rpartition("[")[0] for term in column.terms))
    shown = [name for name in (table.keep or every) if name in every and name not in table.drop]
    rows = [row for name in shown for row in _pair(table, column, name, moments, labels)]
    blank = (Cell(),) * (len(moments) - 1)
    terms = [f"{name}[{moment}]" for name in shown for moment in moments]
    below = [*mark_rows(table, terms, [column], labels), *statistic_rows(table, [column], labels)]
    below = [Row(row.kind, row.label, (*row.cells, *blank), row.what, row.rule_above) for row in below]
    test = Cell(decimal(p_value_of(column, "equal_quantiles"), table.digits))
    below.append(Row("plain", labels.text("quantile_equal"), (test, *blank)))
    return Part(outcome if titled else "", headers, (*rows, *below))


def _head(moment: str, labels: Labels) -> str:
    if moment.startswith("q="):
        return labels.text("quantile_head", quantile=moment.removeprefix("q="))
    return labels.text(f"quantile_{moment}")


def _pair(table: Table, column: Column, name: str, moments: list[str], labels: Labels) -> list[Row]:
    above, below = [], []
    for moment in moments:
        term = f"{name}[{moment}]"
        stars = stars_for(value_of(column, term, "p_value"), table.stars)
        above.append(Cell(decimal(value_of(column, term), table.digits), stars))
        shown = decimal(value_of(column, term, table.parentheses), table.digits)
        below.append(Cell(f"({shown})" if shown else ""))
    return [
        Row("estimate", labels.term(name, table.rename), tuple(above), labels.text("estimate")),
        Row("uncertainty", "", tuple(below), labels.text(table.parentheses)),
    ]


def quantile_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `quantile_regression`: columns curve, x, estimate, ci_low, ci_high; the mean's slope beside.

    Raises
    ------
    InputError
        When the study has no such quantile regression.
    """
    column = model_of(BLOCK, figure.model or "", material.results, f"figure '{figure.name}'")
    outcome = labels.column(str(column.first["outcome"]))
    notes = tuple(
        said_by(column.model, material.results, labels, ("quantile_short", "quantile_scale", "not_estimable"))
    )
    curves = curves_of_model(column, material.results)
    if column.failed or curves.empty:
        return not_estimated(column.model, labels.text("quantile_title", outcome=outcome), notes, labels)
    name = str(curves["curve"].iloc[0])
    treatment = name.partition("[")[2][:-1]
    title = labels.text("quantile_title_of", treatment=labels.column(treatment), outcome=outcome)
    curve = named_curve(curves, name)
    ends = curve.iloc[[0, -1]]
    words = labels.text(
        "quantile_words", first=decimal(float(ends["estimate"].iloc[0]), 3), low=f"{ends['x'].iloc[0]:g}",
        last=decimal(float(ends["estimate"].iloc[1]), 3), high=f"{ends['x'].iloc[1]:g}",
        mean=decimal(value_of(column, f"{treatment}[location]"), 3),
        p=decimal(p_value_of(column, "equal_quantiles"), 3),
    )  # fmt: skip
    mean = pd.DataFrame(
        {"curve": f"mean[{treatment}]", "x": float("nan"), **{
            what: [value_of(column, f"{treatment}[location]", what)] for what in ("estimate", "ci_low", "ci_high")
        }}
    )  # fmt: skip
    data = pd.concat([curve, mean], ignore_index=True)
    return Picture(data, lambda: _draw(curve, mean, treatment, labels), words, title, notes)


def _draw(curve: pd.DataFrame, mean: pd.DataFrame, treatment: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(5.6, 3.4), layout="constrained")
    draw_band(axes, curve)
    axes.plot(curve["x"], curve["estimate"], ls="none", ms=4, **look(0))
    estimate, low, high = mean[["estimate", "ci_low", "ci_high"]].iloc[0]
    colour = look(1)["color"]
    axes.axhline(estimate, color=colour, lw=1.1, label=labels.text("quantile_mean"))
    for end in (low, high):
        axes.axhline(end, color=colour, lw=0.8, ls=":")
    axes.set_xticks(curve["x"], [f"{x:g}" for x in curve["x"]])
    axes.set_xlabel(labels.text("quantile_axis"))
    axes.set_ylabel(labels.column(treatment))
    axes.legend(fontsize=8)
    return drawing
