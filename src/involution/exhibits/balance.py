"""How alike rows of high and low treatment are before and after matching or balancing: a table and a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, padded, shown_p_value
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import model_of, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.exhibits.table_notes import by_columns, sample_notes
from involution.models.endogeneity.balance import ESTIMATOR as BALANCING
from involution.models.endogeneity.balance_of import AFTER, BEFORE
from involution.models.endogeneity.match import ESTIMATOR as MATCHING
from involution.study.figures import Figure
from involution.study.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLOCK = "endogeneity"
OF_GROUPS, OF_DEGREES = "standardised_difference", "correlation"
_LIMIT = 0.1
"""Below it differences and correlations are commonly taken as small."""
_COLUMNS = {
    OF_GROUPS: ("mean_treated", "mean_control", OF_GROUPS, "variance_ratio", "difference_t", "p_value"),
    OF_DEGREES: ("mean", OF_DEGREES),
}
_NOTES = {OF_GROUPS: "balance_groups_note", OF_DEGREES: "balance_degrees_note"}


def balanced_column(name: str, results: Results, where: str) -> Column:
    """A matched or balanced model of this name; the study's first where the name is empty.

    Raises
    ------
    InputError
        When the study has none of this name.
    """
    known = [model for model in results.models(BLOCK) if has_balance(results.column(model))]
    if not known:
        mend = "give an item of the section endogeneity with `match` or `balance`"
        raise InputError(Problem(where, "the study has no matched or balanced model", mend=mend))
    if name and name not in known:
        model_of(BLOCK, name, results, where)
        raise InputError(Problem(where, f"'{name}' is neither matched nor balanced; those are {', '.join(known)}"))
    return results.column(name or known[0])


def has_balance(column: Column) -> bool:
    """Whether a model has a balance, or would have had one."""
    return measure_of(column) is not None or str(column.first["estimator"]) in (MATCHING, BALANCING)


def measure_of(column: Column) -> str | None:
    """What tells its balance: differences of two groups, or correlations with a treatment of degrees."""
    names = column.statistics["statistic"].astype(str)
    return next((what for what in _COLUMNS if names.str.startswith(f"{what}[").any()), None)


def covariates_of(column: Column, measure: str) -> list[str]:
    """The covariates in the model's order."""
    opening = f"{measure}[{BEFORE},"
    names = column.statistics["statistic"].astype(str)
    return [name.removeprefix(opening)[:-1] for name in names if name.startswith(opening)]


def balance_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out the balance of matched and balanced models, one below the other.

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
    where = f"table '{table.name}'"
    every = [model for model in results.models(BLOCK) if has_balance(results.column(model))]
    columns = [balanced_column(name, results, where) for name in table.models_named() or every or [""]]
    width = max(len(_COLUMNS[measure_of(column) or OF_DEGREES]) for column in columns)
    parts = tuple(padded(_part(table, column, labels, several=len(columns) > 1), width) for column in columns)
    said = [(number, text) for number, column in enumerate(columns, 1) for text in _said(column, results, labels)]
    notes = (*sample_notes(results, labels), *by_columns(said, len(columns), labels))
    return TableContent(table.name, title, labels.language, width, parts, notes)


def _said(column: Column, results: Results, labels: Labels) -> list[str]:
    measure = measure_of(column)
    own = [labels.text(_NOTES[measure])] if measure else []
    return [*own, *_counts(column, labels), *said_by(column.model, results, labels)]


def _counts(column: Column, labels: Labels) -> list[str]:
    """How many rows were matched, or how far the weights are from equal ones."""
    if not np.isnan(column.statistic("n_treated")):
        names = ("n_treated", "n_control", "n_treated_matched", "n_control_matched", "n_off_support",
                 "n_beyond_caliper")  # fmt: skip
        shares = {when: decimal(column.statistic(f"score_r2[{when}]"), 3) for when in (BEFORE, AFTER)}
        told = {name: integer(column.statistic(name)) for name in names}
        return [labels.text("balance_matched", **told, **shares)]
    rows = column.statistic("effective_rows")
    if np.isnan(rows):
        return []
    largest = decimal(column.statistic("largest_weight"), 1)
    return [labels.text("balance_weights", rows=integer(rows), largest=largest)]


def _part(table: Table, column: Column, labels: Labels, *, several: bool) -> Part:
    measure = measure_of(column)
    names = _COLUMNS[measure or OF_DEGREES]
    heading = column.model if several else ""
    header = Header(labels.text("balance_covariate"), tuple((labels.text(f"balance_{name}"), 1) for name in names))
    if measure is None:
        blank = (Cell(labels.text("not_estimated")), *[Cell()] * (len(names) - 1))
        return Part(heading, (header,), (Row("plain", "", blank),))
    rows: list[Row] = []
    for name in covariates_of(column, measure):
        empty = tuple(Cell() for _ in names)
        rows.append(Row("heading", labels.column(name, table.rename), empty))
        for when in (BEFORE, AFTER):
            cells = tuple(Cell(_entry(column, what, f"{when},{name}", table.digits)) for what in names)
            rows.append(Row("plain", labels.text(f"balance_{when}"), cells))
    return Part(heading, (header,), tuple(rows))


def _entry(column: Column, what: str, label: str, digits: int) -> str:
    if what != "p_value":
        return decimal(column.statistic(f"{what}[{label}]"), digits)
    found = column.statistics.loc[column.statistics["statistic"] == f"difference_t[{label}]", "p_value"]
    return shown_p_value(float(found.iloc[0]) if len(found) else float("nan"), digits)


def balance_plot(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `balance`: columns covariate, before, after, in absolute value.

    Raises
    ------
    InputError
        When the study has no matched or balanced model of this name.
    """
    column = balanced_column(figure.model or "", material.results, f"figure '{figure.name}'")
    measure = measure_of(column)
    title = labels.text("default_title_balance_plot", outcome=labels.column(str(column.first["outcome"])))
    if measure is None:
        said = said_by(column.model, material.results, labels, ("not_estimable",))
        return not_estimated(column.model, title, said, labels)
    names = covariates_of(column, measure)
    data = pd.DataFrame({"covariate": names})
    for when in (BEFORE, AFTER):
        data[when] = [abs(column.statistic(f"{measure}[{when},{name}]")) for name in names]
    data = data.sort_values(BEFORE, ascending=False, kind="stable").reset_index(drop=True)
    worst = {when: decimal(float(data[when].max()), 3) for when in (BEFORE, AFTER)}
    words = labels.text("figure_balance_words", what=labels.text(f"balance_{measure}"), **worst)
    note = labels.text("figure_balance", limit=f"{_LIMIT:g}")
    return Picture(data, lambda: _draw(data, measure, labels), words, title, (note,))


def _draw(data: pd.DataFrame, measure: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    names = ["\n".join(wrapped(labels.column(str(name)), 34)) for name in data["covariate"]]
    y = np.arange(len(data))
    drawing, axes = pyplot.subplots(figsize=(6.0, 1.4 + 0.32 * len(data)), layout="constrained")
    axes.hlines(y, data[AFTER], data[BEFORE], color=GREY, lw=0.8)
    for number, (when, filled) in enumerate(((BEFORE, False), (AFTER, True))):
        shape = look(number) | {"markerfacecolor": look(number)["color"] if filled else "white"}
        axes.plot(data[when], y, ls="none", ms=6, label=labels.text(f"balance_{when}"), clip_on=False, **shape)
    axes.axvline(_LIMIT, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.set_yticks(y, names, fontsize=8)
    axes.set_ylim(len(data) - 0.4, -0.6)
    axes.set_xlim(0, max(1.08 * float(data[[BEFORE, AFTER]].to_numpy().max()), 1.5 * _LIMIT))
    axes.set_xlabel(labels.text(f"figure_balance_{measure}"))
    drawing.legend(loc="outside lower center", ncols=2, fontsize=8)
    return drawing
