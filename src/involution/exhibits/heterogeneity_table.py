"""Heterogeneity as journals print it: a column for each group, and the tests of differences below."""

from __future__ import annotations

from collections.abc import Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import (
    Cell,
    Header,
    Part,
    Row,
    TableContent,
    decimal,
    padded,
    shown_p_value,
    stars_for,
)
from involution.exhibits.grouped_models import Compared, compared, p_value_of, sections
from involution.exhibits.heterogeneity_terms import named_group
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by, value_of
from involution.exhibits.regression import check_terms, mark_rows, statistic_rows, term_rows, with_failures
from involution.exhibits.table_notes import table_notes
from involution.study.tables import Table


def heterogeneity_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out sections of heterogeneity, a panel for each.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no such section, or no model has a term that the table keeps.
    """
    where = f"table '{table.name}'"
    names = table.models_named() or sections(results) or [""]
    found = [compared(name, results, where) for name in names]
    columns = [column for one in found for column in one.groups]
    check_terms(table, columns)
    parts, start = [], 1
    for one in found:
        parts.append(_part(table, one, labels, start, titled=len(found) > 1))
        start += len(one.groups)
    width = max(len(part.rows[0].cells) for part in parts)
    first = [labels.text("heterogeneity_table_note"), *_tests_note(found, labels)]
    notes = (labels.sentences(first), *table_notes(table, columns, results, labels))
    notes += tuple(dict.fromkeys(text for one in found for text in _test_notes(one, results, labels)))
    return TableContent(table.name, title, labels.language, width, tuple(padded(part, width) for part in parts), notes)


def _tests_note(found: Sequence[Compared], labels: Labels) -> list[str]:
    """By which tests the groups are compared; nothing where by none."""
    tests = dict.fromkeys(test for one in found for test in one.tests)
    named = labels.joined([labels.text(f"heterogeneity_{test}") for test in tests])
    return [labels.text("heterogeneity_tests_note", tests=named)] if tests else []


def _part(table: Table, one: Compared, labels: Labels, start: int, *, titled: bool) -> Part:
    columns = one.groups
    outcome = labels.column(str(columns[0].first["outcome"]), table.rename)
    by = labels.column(one.by, table.rename) if one.by else labels.text("group")
    headers = (
        Header(labels.text("outcome"), ((outcome, len(columns)),)),
        Header(by, tuple((named_group(one.by, column.group, labels), 1) for column in columns)),
        Header("", tuple((f"({start + k})", 1) for k in range(len(columns)))),
    )
    every = list(dict.fromkeys(term for column in columns for term in column.terms))
    kept = [term for term in table.keep if term in every] if table.keep else [one.treatment] if one.treatment else []
    shown = [term for term in kept if term not in table.drop]
    rows = with_failures([row for term in shown for row in term_rows(table, term, columns, labels)], columns, labels)
    rows += [*mark_rows(table, shown, columns, labels), *statistic_rows(table, columns, labels)]
    return Part(by if titled else "", headers, (*rows, *_comparison(table, one, labels)))


def _comparison(table: Table, one: Compared, labels: Labels) -> list[Row]:
    """The panel of tests: differences from the first group and their p-values, test by test."""
    if not one.tests or not one.reference:
        return []
    reference = named_group(one.by, one.reference, labels)
    heading = labels.text("heterogeneity_tests", reference=reference)
    rows = [Row("heading", heading, (Cell(),) * len(one.groups), "", rule_above=True)]
    for test, column in one.tests.items():
        rows += _test_rows(table, one, test, column, labels)
    return [*rows, *_joint_rows(table, one, labels)]


def _test_rows(table: Table, one: Compared, test: str, column: Column, labels: Labels) -> list[Row]:
    """The differences by one test, their standard errors, and their p-values."""
    name = labels.text(f"heterogeneity_{test}")
    if column.failed:
        cells = (Cell(labels.text("not_estimated")), *[Cell()] * (len(one.groups) - 1))
        return [Row("plain", name, cells)]
    differences, errors, p_values = [], [], []
    for group in one.groups:
        term = one.difference(group.group)
        p_value = value_of(column, term, "p_value")
        stars = stars_for(p_value, table.stars)
        differences.append(Cell(decimal(value_of(column, term), table.digits), stars))
        shown = decimal(value_of(column, term, "std_error"), table.digits)
        errors.append(Cell(f"({shown})" if shown else ""))
        p_values.append(_p_cell(p_value, table.digits))
    rows = [Row("estimate", name, tuple(differences), labels.text("heterogeneity_difference"))]
    if any(cell.text for cell in errors):
        rows.append(Row("uncertainty", "", tuple(errors), labels.text("std_error")))
    rows.append(Row("plain", labels.text("heterogeneity_p"), tuple(p_values)))
    return [*rows, *_further_p_values(table, one, column, labels)]


def _further_p_values(table: Table, one: Compared, column: Column, labels: Labels) -> list[Row]:
    """Of the permutation test: of the plain difference, two-sided, and one-sided as `bdiff` has it."""
    rows = []
    for statistic, key in (("permutation_plain", "heterogeneity_p_plain"),
                           ("permutation_one_sided", "heterogeneity_p_one_sided")):  # fmt: skip
        values = [p_value_of(column, f"{statistic}[{group.group}-{one.reference}]") for group in one.groups]
        if any(value == value for value in values):
            cells = tuple(_p_cell(value, table.digits) for value in values)
            rows.append(Row("plain", labels.text(key), cells))
    return rows


def _p_cell(p_value: float, digits: int) -> Cell:
    return Cell(shown_p_value(p_value, digits) if p_value == p_value else "")


def _joint_rows(table: Table, one: Compared, labels: Labels) -> list[Row]:
    """With more than two groups, that all effects are equal: from the interaction and from the stacked regression."""
    if sum(not column.failed for column in one.groups) < 3:
        return []
    rows = []
    for test in ("interaction", "stacked"):
        p_value = p_value_of(one.tests[test], "equal_effects") if test in one.tests else float("nan")
        if p_value == p_value:
            label = labels.text("heterogeneity_joint", test=labels.text(f"heterogeneity_{test}"))
            rows.append(Row("plain", label, (_p_cell(p_value, table.digits), *[Cell()] * (len(one.groups) - 1))))
    return rows


def _test_notes(one: Compared, results: Results, labels: Labels) -> Sequence[str]:
    """What the comparisons say of themselves beyond what the groups' own models say."""
    known = {text for column in one.groups for text in said_by(column.model, results, labels)}
    out = []
    for test, column in one.tests.items():
        said = [text for text in said_by(column.model, results, labels) if text not in known]
        if said:
            name = labels.text(f"heterogeneity_{test}")
            out.append(labels.text("heterogeneity_note", test=name, text=labels.text("separator").join(said)))
    return out
