"""Who leaves and who reports, beforehand: means of two groups side by side, a part for each comparison."""

from __future__ import annotations

from collections.abc import Sequence

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by, value_of
from involution.exhibits.table_notes import by_columns, stars_note, variance_text
from involution.study.tables import Table

BLOCK, ESTIMATOR = "attrition", "comparison"
COLUMNS = ("mean_group", "mean_others", "difference", "normalised_difference", "n_group", "n_others")


def attrition_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out comparisons of two groups, one part each, one row a column of the data.

    Parameters
    ----------
    table : study.tables.Table
        `keep` and `drop` name terms, ``difference[margin]``.
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no such comparison.
    """
    names = table.models_named() or results.models(BLOCK, [ESTIMATOR])
    columns = [results.column(name) for name in names]
    if not columns or any(column.rows.empty for column in columns):
        mend = "give the section attrition"
        raise InputError(Problem(f"table '{table.name}'", "the study compares no firms that leave", mend=mend))
    parts = tuple(_part(table, column, labels) for column in columns)
    notes = (
        labels.text("attrition_table_note"),
        labels.text("in_parentheses", what=labels.text(table.parentheses)),
        *stars_note(table, labels),
        *_said(columns, results, labels),
    )
    return TableContent(table.name, title, labels.language, len(COLUMNS), parts, notes)


def _said(columns: Sequence[Column], results: Results, labels: Labels) -> list[str]:
    """What comparisons say of themselves, by the number of their part."""
    said = [(number, variance_text(column, labels)) for number, column in enumerate(columns, 1) if not column.failed]
    for number, column in enumerate(columns, 1):
        said += [(number, text) for text in said_by(column.model, results, labels)]
    return by_columns(said, len(columns), labels)


def _part(table: Table, column: Column, labels: Labels) -> Part:
    kind = column.model.rpartition("_")[2]
    headers = (Header("", tuple((labels.text(f"attrition_{kind}_{name}"), 1) for name in COLUMNS)),)
    title = labels.text(f"attrition_{kind}")
    if column.failed:
        cells = (Cell(labels.text("not_estimated")), *(Cell() for _ in COLUMNS[1:]))
        return Part(title, headers, (Row("plain", labels.column(str(column.first["outcome"])), cells),))
    shown = [term for term in table.keep if term in column.terms] if table.keep else column.terms
    rows = [row for term in shown if term not in table.drop for row in _rows(table, term, column, labels)]
    return Part(title, headers, tuple(rows))


def _rows(table: Table, term: str, column: Column, labels: Labels) -> tuple[Row, Row]:
    """Means, difference, normalised difference and counts; below the difference its standard error."""
    of = term.partition("[")[2].removesuffix("]")
    values = {name: _statistic(column, f"{name}[{of}]") for name in COLUMNS}
    estimate = value_of(column, term)
    cells = {name: Cell(decimal(values[name], table.digits)) for name in COLUMNS}
    cells["difference"] = Cell(
        decimal(estimate, table.digits), stars_for(value_of(column, term, "p_value"), table.stars)
    )
    cells |= {name: Cell(integer(values[name])) for name in ("n_group", "n_others")}
    under = decimal(value_of(column, term, table.parentheses), table.digits)
    below = tuple(Cell(f"({under})" if name == "difference" and under else "") for name in COLUMNS)
    above, label = tuple(cells[name] for name in COLUMNS), labels.column(of, table.rename)
    return (
        Row("estimate", label, above, labels.text("estimate")),
        Row("uncertainty", "", below, labels.text(table.parentheses)),
    )


def _statistic(column: Column, name: str) -> float:
    found = column.statistics.loc[column.statistics["statistic"] == name, "value"]
    return float(found.iloc[0]) if len(found) else float("nan")
