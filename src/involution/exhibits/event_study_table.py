"""The table of an event study: effects overall and by years since adoption, estimators side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, padded, spans
from involution.exhibits.event_terms import BLOCK, event_of, event_order
from involution.exhibits.labels import Labels
from involution.exhibits.regression import check_terms, mark_rows, statistic_rows, term_rows, with_failures
from involution.exhibits.table_notes import table_notes
from involution.study.event_study import ESTIMATORS
from involution.study.tables import Table

MOST_COLUMNS = 6
_COUNTS = ("n_treated_firms", "n_never_firms", "n_treated_clusters", "n_cohorts")


def event_study_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out event studies; those of other outcomes, or more than `MOST_COLUMNS` models, stand below.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no event study, or none of a name that the table gives, or none has a term that it keeps.
    """
    columns = [_column(name, results, table.name) for name in table.models_named() or event_models(results)]
    if not columns:
        raise InputError(Problem(f"table '{table.name}'", "the study has no event study"))
    check_terms(table, columns)
    parts = []
    for start in range(0, len(columns), MOST_COLUMNS):
        parts.append(_part(table, columns[start : start + MOST_COLUMNS], labels, start + 1))
    width = max(len(part.rows[0].cells) for part in parts)
    notes = (*table_notes(table, columns, results, labels), labels.text("event_table_note"))
    return TableContent(table.name, title, labels.language, width, tuple(padded(p, width) for p in parts), notes)


def event_models(results: Results) -> list[str]:
    """Models of event studies, in their order."""
    return results.models(BLOCK, ESTIMATORS)


def _column(name: str, results: Results, table: str) -> Column:
    column = results.column(name)
    if column.rows.empty or not (column.rows["block"] == BLOCK).all():
        raise InputError(Problem(f"table '{table}'", f"'{name}' is no model of an event study"))
    return column


def _part(table: Table, columns: Sequence[Column], labels: Labels, start: int) -> Part:
    headers = (
        Header(labels.text("outcome"), spans([labels.column(str(c.first["outcome"]), table.rename) for c in columns])),
        Header("", tuple((labels.estimator(str(column.first["estimator"])), 1) for column in columns)),
        Header("", tuple((f"({start + k})", 1) for k in range(len(columns)))),
    )
    every = event_order(term for column in columns for term in column.terms)
    shown = [term for term in (table.keep or every) if term not in table.drop]
    rows = [
        row for term in shown for row in _with_reference(term, term_rows(table, term, columns, labels), columns, labels)
    ]
    rows = with_failures(rows, columns, labels)
    more = (*_adopters(columns, labels), *_tests(table, columns, labels))
    marks = (*mark_rows(table, shown, columns, labels), *statistic_rows(table, columns, labels))
    return Part("", headers, (*rows, *marks, *more))


def _with_reference(term: str, rows: tuple[Row, Row], columns: Sequence[Column], labels: Labels) -> tuple[Row, Row]:
    """The word for the event time that a model's other estimates are relative to."""
    event, above = event_of(term), rows[0]
    cells = [
        Cell(labels.text("event_reference"))
        if event is not None and not column.failed and column.statistic("reference") == event
        else cell
        for column, cell in zip(columns, above.cells, strict=True)
    ]
    return Row(above.kind, above.label, tuple(cells), above.what, above.rule_above), rows[1]


def _adopters(columns: Sequence[Column], labels: Labels) -> list[Row]:
    """Who adopts: counts of firms and cohorts."""

    def counted(name: str) -> Row:
        return _row(labels.text(f"event_{name}"), columns, lambda column: integer(column.statistic(name)))

    return [counted(name) for name in _COUNTS]


def _tests(table: Table, columns: Sequence[Column], labels: Labels) -> list[Row]:
    """The joint test of leads, and the critical value of simultaneous bands."""
    return [
        _row(
            labels.text("event_pre_trend"), columns, lambda column: decimal(column.statistic("pre_trend"), table.digits)
        ),
        _row(labels.text("event_pre_trend_p"), columns, lambda column: decimal(p_value(column), table.digits)),
        _row(
            labels.text("event_uniform_critical"),
            columns,
            lambda column: decimal(column.statistic("uniform_critical_value"), table.digits),
        ),
    ]


def p_value(column: Column) -> float:
    """Of the joint test of leads; missing where there is none."""
    found = column.statistics[column.statistics["statistic"] == "pre_trend"]
    return float(found["p_value"].iloc[0]) if len(found) else float("nan")


def _row(label: str, columns: Sequence[Column], shown: Callable[[Column], str]) -> Row:
    return Row("statistic", label, tuple(Cell("" if column.failed else shown(column)) for column in columns))
