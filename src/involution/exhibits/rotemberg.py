"""What a shift-share estimate rests on: the shocks with the largest Rotemberg weights and the estimate of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.endogeneity_terms import BLOCK
from involution.exhibits.grouped import short
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import model_of, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.table_notes import by_columns, sample_notes
from involution.study.figures import Figure
from involution.study.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

ENDING = "_rotemberg"
_BARS = "#9db4cc"


def rotemberg_models(results: Results) -> list[str]:
    """Models with Rotemberg weights, in their order."""
    return [name for name in results.models(BLOCK) if name.endswith(ENDING)]


def rotemberg_rows(column: Column) -> pd.DataFrame:
    """The shocks of a model: shock, weight, estimate, std_error, ci_low, ci_high, first_stage_f."""
    shocks = [term.removeprefix("rotemberg[").removesuffix("]") for term in column.terms]
    statistics = column.statistics.set_index("statistic")["value"]
    numbers = column.rows[["estimate", "std_error", "ci_low", "ci_high"]].reset_index(drop=True).astype(float)
    told = {what: [float(statistics.get(f"rotemberg_{what}[{shock}]", np.nan)) for shock in shocks] for what in "f"}
    weights = [float(statistics.get(f"rotemberg_weight[{shock}]", np.nan)) for shock in shocks]
    frame = pd.DataFrame({"shock": shocks, "weight": weights}, dtype=object).astype({"weight": float})
    return pd.concat([frame, numbers], axis=1).assign(first_stage_f=told["f"])


def rotemberg_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Weight, estimate and first-stage F of the shocks with the largest weights; a panel for each model.

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
    names = table.models_named() or rotemberg_models(results) or [""]
    columns = [model_of(BLOCK, name, results, f"table '{table.name}'") for name in names]
    parts = tuple(_part(column, table, labels, alone=len(columns) == 1) for column in columns)
    said = [
        (number, text) for number, column in enumerate(columns, 1) for text in said_by(column.model, results, labels)
    ]
    notes = (labels.text("rotemberg_note"), *by_columns(said, len(columns), labels), *sample_notes(results, labels))
    return TableContent(table.name, title, labels.language, 3, parts, notes)


def _part(column: Column, table: Table, labels: Labels, *, alone: bool) -> Part:
    keys = ("rotemberg_weight", "rotemberg_estimate", "rotemberg_f")
    headers = (Header(labels.text("rotemberg_shock"), tuple((labels.text(key), 1) for key in keys)),)
    outcome = labels.column(str(column.first["outcome"]), table.rename)
    title = outcome if alone else f"{column.model.removesuffix(ENDING)}: {outcome}"
    if column.failed:
        return Part(title, headers, (Row("plain", labels.text("not_estimated"), (Cell(), Cell(), Cell())),))
    rows: list[Row] = []
    found = rotemberg_rows(column)
    for row in found.itertuples():
        numbers = (row.weight, row.estimate, row.first_stage_f)
        cells = tuple(Cell(decimal(float(str(value)), table.digits)) for value in numbers)
        rows.append(Row("estimate", labels.value(str(row.shock)), cells, labels.text("estimate")))
        shown = decimal(float(str(row.std_error)), table.digits)
        below = (Cell(), Cell(f"({shown})" if shown else ""), Cell())
        rows.append(Row("uncertainty", "", below, labels.text("std_error")))
    rest = decimal(1 - column.statistic("rotemberg_shown"), table.digits)
    rows.append(Row("plain", labels.text("rotemberg_rest"), (Cell(rest), Cell(), Cell()), "", rule_above=True))
    negative = decimal(column.statistic("rotemberg_negative"), table.digits)
    rows.append(Row("plain", labels.text("statistic_rotemberg_negative"), (Cell(negative), Cell(), Cell())))
    return Part(title, headers, tuple(rows))


def rotemberg_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `rotemberg`: columns shock, weight, estimate, std_error, ci_low, ci_high, first_stage_f.

    Raises
    ------
    InputError
        When the study has no such model.
    """
    where, results = f"figure '{figure.name}'", material.results
    name = figure.model or next(iter(rotemberg_models(results)), "")
    if not name.endswith(ENDING):
        mend = "give endogeneity an item with `shift_share`, or remove the figure"
        raise InputError(Problem(where, f"'{name}' has no Rotemberg weights", mend=mend))
    column = model_of(BLOCK, name, results, where)
    title = labels.text("default_title_rotemberg_of", outcome=labels.column(str(column.first["outcome"])))
    notes = tuple(said_by(column.model, results, labels))
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    data = rotemberg_rows(column)
    words = labels.text("separator").join(
        labels.text(
            "figure_rotemberg_words",
            shock=labels.value(str(row.shock)),
            weight=by_magnitude(float(str(row.weight)), 3),
            estimate=by_magnitude(float(str(row.estimate)), 3),
        )
        for row in data.head(3).itertuples()
    )
    whole = results.column(name.removesuffix(ENDING)).rows["estimate"].astype(float)
    return Picture(data, lambda: _draw(data, whole.tolist()[:1], labels), words, title, notes)


def _draw(data: pd.DataFrame, whole: Sequence[float], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    place = np.arange(len(data))
    height = 1.4 + 0.26 * max(4, len(data))
    drawing, (left, right) = pyplot.subplots(1, 2, figsize=(7.0, height), sharey=True, layout="constrained")
    left.barh(place, data["weight"], color=_BARS, height=0.7)
    left.axvline(0, color=INK, lw=0.8)
    left.set_yticks(place, [short(labels.value(str(shock))) for shock in data["shock"]], fontsize=8)
    left.set_ylim(len(data) - 0.4, -0.6)
    left.set_xlabel(labels.text("figure_rotemberg_weight"))
    known = data["ci_low"].notna().to_numpy()
    right.hlines(place[known], data["ci_low"][known], data["ci_high"][known], color=GREY, lw=1.6)
    right.plot(data["estimate"], place, ls="", ms=5, **look(0))
    right.axvline(0, color=INK, lw=0.8)
    for value in whole:
        right.axvline(value, color=look(1)["color"], lw=1.2, ls=(0, (4, 2)), label=labels.text("figure_rotemberg_all"))
    right.set_xlabel(labels.text("rotemberg_estimate"))
    right.tick_params(axis="y", length=0)
    drawing.legend(fontsize=8, loc="outside lower center")
    return drawing
