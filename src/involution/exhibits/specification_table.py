"""Specification curves as tables print them: what a curve comes to with its joint tests, and each choice's median."""

from __future__ import annotations

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, padded, shown_p_value
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.specification_terms import choice_label, choices_in, curve_of, factor_label
from involution.exhibits.table_notes import by_columns, sample_notes
from involution.study.tables import Table

_SUMMARY = (
    "specifications", "median_estimate", "lowest_estimate", "highest_estimate", "share_dominant", "share_significant",
    "average_z",
)  # fmt: skip
_OF_CHOICE = ("n_specifications", "median", "share_significant")


def specification_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out specification curves, each in two panels.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no curve, or none of a name that the table gives.
    """
    where = f"table '{table.name}'"
    curves = [curve_of(name, results, where) for name in table.models_named() or [""]]
    parts, said = [], []
    for number, column in enumerate(curves, 1):
        heading = f"{column.model}: " if len(curves) > 1 else ""
        parts += [_summary(table, column, heading, labels), *_choices(table, column, heading, labels)]
        said += [(number, text) for text in said_by(column.model, results, labels)]
    notes = (labels.text("curve_table_note"), *sample_notes(results, labels), *by_columns(said, len(curves), labels))
    width = max(len(part.rows[0].cells) for part in parts)
    shown = tuple(padded(part, width) for part in parts)
    return TableContent(table.name, title, labels.language, width, shown, notes)


def _value(column: Column, name: str, what: str = "value") -> float:
    found = column.statistics.loc[column.statistics["statistic"] == name, what]
    return float(found.iloc[0]) if len(found) else float("nan")


def _summary(table: Table, column: Column, heading: str, labels: Labels) -> Part:
    """Statistics of the curve with their joint p-values."""
    header = Header("", ((labels.text("curve_value"), 1), (labels.text("curve_joint_p"), 1)))
    rows = []
    for name in _SUMMARY:
        value = _value(column, name)
        shown = integer(value) if name == "specifications" else decimal(value, table.digits)
        p_value = _value(column, name, "p_value")
        p_shown = shown_p_value(p_value, table.digits) if p_value == p_value else ""
        rows.append(Row("plain", labels.text(f"curve_{name}"), (Cell(shown), Cell(p_shown))))
    return Part(f"{heading}{labels.text('curve_panel_all')}", (header,), tuple(rows))


def _choices(table: Table, column: Column, heading: str, labels: Labels) -> list[Part]:
    """Specifications, median and share significant by choice; no panel where nothing is chosen."""
    found = choices_in(column.statistics["statistic"].astype(str), _OF_CHOICE[0])
    if not found:
        return []
    header = Header("", tuple((labels.text(f"curve_of_choice_{name}"), 1) for name in _OF_CHOICE))
    rows: list[Row] = []
    for factor, names in found.items():
        empty = tuple(Cell() for _ in _OF_CHOICE)
        rows.append(Row("heading", factor_label(factor, labels), empty, rule_above=bool(rows)))
        for choice in names:
            count, *values = (_value(column, f"{what}[{factor}={choice}]") for what in _OF_CHOICE)
            cells = (Cell(integer(count)), *(Cell(decimal(value, table.digits)) for value in values))
            rows.append(Row("plain", choice_label(factor, choice, labels), cells))
    return [Part(f"{heading}{labels.text('curve_panel_choices')}", (header,), tuple(rows))]
