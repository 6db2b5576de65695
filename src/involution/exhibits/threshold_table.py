"""Threshold models as tables print them: the threshold with its interval, slopes by regime, the bootstrap test."""

from __future__ import annotations

from collections.abc import Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, spans, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import model_of, value_of
from involution.exhibits.regression import check_terms, mark_rows, statistic_rows
from involution.exhibits.table_notes import table_notes
from involution.study.tables import Table

BLOCK = "threshold"
_TESTS = (("[1]", "1"), ("[2]", "2"))
_REGIMES = ("below", "between", "above")


def threshold_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out threshold models, one a column.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no threshold model, or none of a name that the table gives.
    """
    names = table.models_named() or results.models(BLOCK) or [""]
    columns = [model_of(BLOCK, name, results, f"table '{table.name}'") for name in names]
    check_terms(table, columns)
    headers = (
        Header(labels.text("outcome"), spans([labels.column(str(c.first["outcome"]), table.rename) for c in columns])),
        Header("", tuple((f"({number})", 1) for number in range(1, len(columns) + 1))),
    )
    shown = _shown(table, columns)
    rows = [row for term in shown for row in _term_rows(table, term, columns, labels)] or [
        _not_estimated(columns, labels)
    ]
    rows += [*_test_rows(table, columns, labels), *_regime_rows(columns, labels)]
    rows += [*mark_rows(table, shown, columns, labels), *statistic_rows(table, columns, labels)]
    notes = (labels.text("threshold_table_note"), *table_notes(table, columns, results, labels))
    return TableContent(table.name, title, labels.language, len(columns), (Part("", headers, tuple(rows)),), notes)


def _shown(table: Table, columns: Sequence[Column]) -> list[str]:
    """Thresholds first, then slopes and differences, then other regressors that are not dropped."""
    every = [term for term in dict.fromkeys(t for c in columns for t in c.terms) if term != "(Intercept)"]
    chosen = [term for term in table.keep if term in every] if table.keep else every
    shown = [term for term in chosen if term not in table.drop]
    return shown if table.keep else sorted(shown, key=_rank)


def _rank(term: str) -> int:
    """Thresholds, what differs by regime, differences, the rest."""
    if _is_threshold(term):
        return 0
    if term.endswith("]") and not term.startswith("difference"):
        return 1
    return 2 if term.startswith("difference") else 3


def _is_threshold(term: str) -> bool:
    return term in ("tau", "tau1", "tau2")


def _term_rows(table: Table, term: str, columns: Sequence[Column], labels: Labels) -> tuple[Row, Row]:
    is_threshold = _is_threshold(term)
    above, below = [], []
    for column in columns:
        estimate = value_of(column, term)
        stars = "" if is_threshold else stars_for(value_of(column, term, "p_value"), table.stars)
        above.append(Cell(decimal(estimate, table.digits), stars if estimate == estimate else ""))
        below.append(Cell(_under(table, column, term, interval=is_threshold)))
    what = labels.text("threshold_interval_95" if is_threshold else table.parentheses)
    return (
        Row("estimate", labels.term(term, table.rename), tuple(above), labels.text("estimate")),
        Row("uncertainty", "", tuple(below), what),
    )


def _under(table: Table, column: Column, term: str, *, interval: bool) -> str:
    if interval:
        low, high = (decimal(value_of(column, term, end), table.digits) for end in ("ci_low", "ci_high"))
        return f"[{low}, {high}]" if low else ""
    shown = decimal(value_of(column, term, table.parentheses), table.digits)
    return f"({shown})" if shown else ""


def _not_estimated(columns: Sequence[Column], labels: Labels) -> Row:
    said = Cell(labels.text("not_estimated"))
    return Row("estimate", "", tuple(said for _ in columns), labels.text("estimate"))


def _test_rows(table: Table, columns: Sequence[Column], labels: Labels) -> list[Row]:
    """F, its bootstrap p-value and the bootstrap's 5 % critical value of each test that a model has."""
    rows: list[Row] = []

    def add(label: str, values: Sequence[float]) -> None:
        if any(value == value for value in values):
            cells = tuple(Cell(decimal(value, table.digits)) for value in values)
            rows.append(Row("statistic", label, cells, "", rule_above=not rows))

    for name, number in _TESTS:
        add(labels.text(f"threshold_f_{number}"), [_statistic(c, f"threshold_f{name}") for c in columns])
        add(labels.text("threshold_p"), [_statistic(c, f"threshold_f{name}", "p_value") for c in columns])
        add(labels.text("threshold_critical"), [_statistic(c, f"threshold_f{number}_critical[5%]") for c in columns])
    return rows


def _regime_rows(columns: Sequence[Column], labels: Labels) -> list[Row]:
    rows = []
    for name in _REGIMES:
        values = [_statistic(column, f"n_obs[{name}]") for column in columns]
        if any(value == value for value in values):
            cells = tuple(Cell(integer(value)) for value in values)
            rows.append(Row("statistic", labels.text(f"threshold_rows_{name}"), cells, ""))
    return rows


def _statistic(column: Column, name: str, what: str = "value") -> float:
    found = column.statistics.loc[column.statistics["statistic"] == name, what]
    return float(found.iloc[0]) if len(found) else float("nan")
