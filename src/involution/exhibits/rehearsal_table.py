"""Rehearsals as tables print them: planned regressions side by side, a panel for each planned mediation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, padded, spans
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import model_of, said_by, value_of
from involution.exhibits.rehearsal_terms import effects, inside_of, variance_label, variances
from involution.exhibits.table_notes import by_columns, sample_notes
from involution.study.tables import Table

BLOCK = "rehearsal"
_TOTAL = "indirect[total]"
_ZEROS = ("a=b=0", "a=0", "b=0")


def rehearsal_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out rehearsals.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no rehearsal, or none of a name that the table gives.
    """
    names = table.models_named() or results.models(BLOCK) or [""]
    columns = [model_of(BLOCK, name, results, f"table '{table.name}'") for name in names]
    mediations = [column for column in columns if _mediators(column)]
    regressions = [column for column in columns if column not in mediations]
    parts = [*([_regressions(table, regressions, labels)] if regressions else [])]
    parts += [_mediation(column, labels) for column in mediations]
    width = max(len(part.rows[0].cells) for part in parts)
    notes = [labels.text("rehearsal_note"), *([labels.text("rehearsal_mediation_note")] if mediations else [])]
    said = [(k, text) for k, column in enumerate(regressions, 1) for text in said_by(column.model, results, labels)]
    notes += [*sample_notes(results, labels), *by_columns(said, len(regressions), labels)]
    notes += [
        labels.said(f"{_planned_name(column.model)}: {labels.text('separator').join(texts)}")
        for column in mediations
        if (texts := said_by(column.model, results, labels))
    ]
    return TableContent(table.name, title, labels.language, width, tuple(padded(p, width) for p in parts), tuple(notes))


def _planned_name(model: str) -> str:
    return model.removeprefix(f"{BLOCK}_")


def _mediators(column: Column) -> list[str]:
    inside = [inside_of(term, "size") for term in column.terms]
    return [name[2:-1] for name in inside if name is not None and name.startswith("a[")]


def _effects(column: Column) -> list[str]:
    """Mediators, chains of them, and all together, as indirect effects name them."""
    inside = [inside_of(term, "coverage") for term in column.terms]
    return [name.removeprefix("indirect[")[:-1] for name in inside if name is not None]


def _regressions(table: Table, columns: Sequence[Column], labels: Labels) -> Part:
    outcomes = spans([labels.column(str(column.first["outcome"]), table.rename) for column in columns])
    numbers = tuple((f"({number})", 1) for number in range(1, len(columns) + 1))
    if all(column.failed for column in columns):
        said = tuple(Cell(labels.text("not_estimated")) for _ in columns)
        rows = [Row("plain", "", said)]
    else:
        rows = [
            _each("rehearsal_planned", columns, labels, lambda c: variance_label(str(c.first["vcov"]), labels)),
            *_sizes(columns, labels),
            *_powers(columns, labels),
            *_detectable(table, columns, labels),
            *_counts(columns, labels),
        ]
    return Part("", (Header(labels.text("outcome"), outcomes), Header("", numbers)), tuple(rows))


def _each(
    key: str, columns: Sequence[Column], labels: Labels, text: Callable[[Column], str], *, rule: bool = False
) -> Row:
    """A row with a text for each model that was rehearsed."""
    failed = labels.text("not_estimated") if key == "rehearsal_planned" else ""
    cells = tuple(Cell(failed if column.failed else text(column)) for column in columns)
    return Row("plain", labels.text(key), cells, rule_above=rule)


def _statistic(name: str, digits: int, times: float = 1.0) -> Callable[[Column], str]:
    """A statistic with fixed decimals."""
    return lambda column: decimal(times * column.statistic(name), digits)


def _heading(key: str, columns: Sequence[Column], labels: Labels) -> Row:
    return Row("heading", labels.text(key), tuple(Cell() for _ in columns), rule_above=True)


def _terms(columns: Sequence[Column], of: Callable[[list[str]], list[str]]) -> list[str]:
    return list(dict.fromkeys(name for column in columns for name in of(column.terms)))


def _percent(column: Column, term: str) -> str:
    """A rate in per cent with its Monte Carlo error."""
    value, error = value_of(column, term), value_of(column, term, "std_error")
    return f"{decimal(100 * value, 1)} ({decimal(100 * error, 1)})" if value == value else ""


def _sizes(columns: Sequence[Column], labels: Labels) -> list[Row]:
    rows = [_heading("rehearsal_sizes", columns, labels)]
    for name in _terms(columns, variances):
        cells = tuple(Cell(_percent(column, f"size[{name}]")) for column in columns)
        rows.append(Row("plain", variance_label(name, labels), cells))
    return [*rows, _each("rehearsal_coverage", columns, labels, lambda c: _percent(c, "coverage"), rule=True)]


def _powers(columns: Sequence[Column], labels: Labels) -> list[Row]:
    rows = [_heading("rehearsal_powers", columns, labels)]
    for effect in _terms(columns, effects):
        cells = tuple(Cell(_percent(column, f"power[{effect}]")) for column in columns)
        rows.append(Row("plain", labels.text("rehearsal_power_at", effect=effect), cells))
    return rows


def _detectable(table: Table, columns: Sequence[Column], labels: Labels) -> list[Row]:
    """The smallest detectable effect in several units."""

    def amount(column: Column) -> str:
        value, error = (value_of(column, "mde", what) for what in ("estimate", "std_error"))
        shown = decimal(value, table.digits)
        return f"{shown} ({decimal(error, table.digits)})" if error == error else shown

    rows = [
        _heading("rehearsal_detectable", columns, labels),
        _each("rehearsal_mde", columns, labels, amount),
        _each("rehearsal_mde_mean", columns, labels, _statistic("mde_mean", 1, 100)),
        _each("rehearsal_mde_sd", columns, labels, _statistic("mde_sd", 1, 100)),
        _each("rehearsal_mde_coefficient", columns, labels, _statistic("mde_coefficient", table.digits)),
    ]
    if any(not math.isnan(column.statistic("mde_reliability")) for column in columns):
        rows.append(_each("rehearsal_mde_reliability", columns, labels, _statistic("mde_reliability", table.digits)))
    return rows


def _counts(columns: Sequence[Column], labels: Labels) -> list[Row]:
    """Reliability, then sizes of the sample and of the rehearsal."""
    reliable = any(not math.isnan(value_of(column, "reliability")) for column in columns)
    rows = [
        _each("n_obs", columns, labels, lambda column: integer(column.statistic("n_obs")), rule=not reliable),
        _each("n_firms", columns, labels, lambda column: integer(column.statistic("n_firms"))),
        _each("rehearsal_clusters", columns, labels, lambda column: integer(column.statistic("n_clusters"))),
        _each("rehearsal_carried", columns, labels, _statistic("effective_clusters_treatment", 1)),
        _each("rehearsal_draws", columns, labels, lambda column: integer(column.statistic("rehearsal_draws"))),
    ]
    if not reliable:
        return rows
    return [
        _each("rehearsal_reliability", columns, labels, lambda c: decimal(value_of(c, "reliability"), 2), rule=True),
        *rows,
    ]


def _mediation(column: Column, labels: Labels) -> Part:
    """A row for each mediator: sizes and powers of its paths and of its indirect effect."""
    outcome = labels.column(str(column.first["outcome"]))
    title = labels.said(labels.text("rehearsal_mediation", model=_planned_name(column.model), outcome=outcome))
    heads = [labels.text(f"rehearsal_path_{what}", path=path) for path in "ab" for what in ("size", "power")]
    heads += [labels.text("rehearsal_indirect_zero", zero=zero) for zero in _ZEROS]
    heads += [labels.text("rehearsal_indirect_coverage"), labels.text("rehearsal_indirect_power")]
    rows = []
    for name in _effects(column):
        terms = [f"{what}[{path}[{name}]]" for path in "ab" for what in ("size", "power")]
        terms += [f"size[indirect[{name}],{zero}]" for zero in _ZEROS]
        terms += [f"{what}[indirect[{name}]]" for what in ("coverage", "power")]
        chain = " → ".join(labels.column(part) for part in name.split(">"))
        label = labels.text("rehearsal_total") if f"indirect[{name}]" == _TOTAL else chain
        rows.append(Row("plain", label, tuple(Cell(_percent(column, term)) for term in terms)))
    return Part(title, (Header("", tuple((head, 1) for head in heads)),), tuple(rows))
