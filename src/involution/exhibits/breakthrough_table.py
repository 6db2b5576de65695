"""The breakthrough as one table: harm, what each lever offsets, what remains; all firms, the truth, size classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from involution.exhibits.breakthrough import BLOCK, Found, breakthrough
from involution.exhibits.breakthrough_terms import FORMS, BreakthroughTerm, group_label, lever_label
from involution.exhibits.columns import Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, padded, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.regression import check_terms, mark_rows
from involution.exhibits.table_notes import by_columns, sample_notes, stars_note, variance_text
from involution.study.breakthrough import ALL
from involution.study.tables import Table

_COUNTS = ("n_obs", "n_firms", "n_clusters")


@dataclass(frozen=True)
class _Place:
    """A column of the table: a group, a form of the model, or what was planted."""

    label: str
    by: str = ""
    group: str = ""
    form: str = ""
    truth: bool = False


def breakthrough_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out one or more breakthroughs: a panel for each by groups, and one by the forms of the model.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no breakthrough, or none of a name that the table gives, or none has a term that it keeps.
    """
    where = f"table '{table.name}'"
    names = table.models_named() or results.models(BLOCK) or [""]
    found = [breakthrough(name, results, where) for name in names]
    check_terms(table, [item.column for item in found])
    parts = [part for item in found for part in _parts(table, item, labels, several=len(found) > 1)]
    width = max(len(part.rows[0].cells) for part in parts)
    notes = _notes(table, found, results, labels)
    return TableContent(table.name, title, labels.language, width, tuple(padded(part, width) for part in parts), notes)


def _parts(table: Table, item: Found, labels: Labels, *, several: bool) -> list[Part]:
    outcome = labels.column(item.outcome, table.rename)
    named = f"{item.model}: " if several else ""
    if item.column.failed:
        row = Row("plain", "", (Cell(labels.text("not_estimated")),))
        return [Part(named.removesuffix(": "), (Header(labels.text("outcome"), ((outcome, 1),)),), (row,))]
    truth = [_Place(labels.text("truth"), truth=True)] if any(not term.group for term in item.truth) else []
    groups = [_Place(group_label(by, group, labels), by, group) for by, group in item.groups]
    places = [_Place(labels.text("all_firms")), *truth, *groups]
    rows = [
        *_rows(table, item, places, labels),
        *_tests(table, item, places, labels),
        *_below(table, item, places, labels),
    ]
    first = Part(f"{named}{labels.text('panel_groups')}", _headers(outcome, places, labels), tuple(rows))
    forms = [
        _Place(labels.text("levers_form_headline")),
        *(_Place(labels.text(f"levers_form_{form}"), form=form) for form in FORMS),
    ]
    beside = _rows(table, item, forms, labels, ("harm", "offset", "remaining"))
    second = Part(f"{named}{labels.text('panel_forms')}", _headers(outcome, forms, labels), tuple(beside))
    return [first, second] if beside else [first]


def _headers(outcome: str, places: Sequence[_Place], labels: Labels) -> tuple[Header, ...]:
    return (
        Header(labels.text("outcome"), ((outcome, len(places)),)),
        Header("", tuple((place.label, 1) for place in places)),
    )


def _rows(
    table: Table,
    item: Found,
    places: Sequence[_Place],
    labels: Labels,
    kinds: Sequence[str] = ("harm", "offset", "remaining", "share", "level"),
) -> list[Row]:
    """Contrasts under headings, each with its interval below."""
    rows: list[Row] = []
    for what in kinds:
        levers = [""] if what in ("harm", "remaining") else [*item.levers, *([ALL] if what != "level" else [])]
        terms = [BreakthroughTerm(what, lever) for lever in levers]
        shown = [term for term in terms if term in item.rows and _kept(table, item, term)]
        if not shown:
            continue
        if what not in ("harm", "remaining"):
            heading = labels.text(f"heading_{what}")
            rows.append(Row("heading", heading, (Cell(),) * len(places), "", rule_above=bool(rows)))
        for term in shown:
            rows += _pair(table, item, term, places, labels)
    return rows


def _kept(table: Table, item: Found, term: BreakthroughTerm) -> bool:
    name = str(item.rows[term]["term"])
    return name not in table.drop and (not table.keep or name in table.keep)


def _pair(
    table: Table, item: Found, term: BreakthroughTerm, places: Sequence[_Place], labels: Labels
) -> tuple[Row, Row]:
    cells = [_cells(table, item, term, place, labels) for place in places]
    own = str(item.rows[term]["term"])
    if own in table.rename:
        label = table.rename[own].get(labels.language)
    elif term.lever:
        label = lever_label(term.lever, labels, table.rename)
    else:
        treatment = labels.column(item.treatment, table.rename) if item.treatment else labels.text("the_treatment")
        label = labels.text(f"row_{term.what}", treatment=treatment)
    return (
        Row("estimate", label, tuple(above for above, _ in cells), labels.text("estimate")),
        Row("uncertainty", "", tuple(below for _, below in cells), labels.text("confidence")),
    )


def _cells(table: Table, item: Found, term: BreakthroughTerm, place: _Place, labels: Labels) -> tuple[Cell, Cell]:
    """An estimate and its interval; a share says so where it means nothing, and what was planted has no interval."""
    if place.truth:
        return Cell(decimal(item.truth.get(term, np.nan), table.digits)), Cell()
    row = item.rows.get(BreakthroughTerm(term.what, term.lever, place.by, place.group, place.form))
    if row is None or np.isnan(float(row["estimate"])):
        return Cell("–" if row is not None else ""), Cell()
    if place.group and np.isnan(float(row["std_error"])) and term.what != "share":
        # Of a group in too few clusters, as the notes say: a number without any error would be read as one with it.
        return Cell("–"), Cell()
    if term.what == "share" and item.shares_mean_nothing(place.by, place.group):
        return Cell(labels.text("not_meaningful")), Cell()
    p_value = float(row["p_value"])
    stars = "" if np.isnan(p_value) else stars_for(p_value, table.stars)
    low, high = (decimal(float(row[name]), table.digits) for name in ("ci_low", "ci_high"))
    return Cell(decimal(float(row["estimate"]), table.digits), stars), Cell(f"[{low}, {high}]" if low and high else "")


def _tests(table: Table, item: Found, places: Sequence[_Place], labels: Labels) -> list[Row]:
    """p-values of tests that a lever offsets the same in all groups."""
    found = item.column.statistics.set_index("statistic")["p_value"]
    rows = []
    for lever in (*item.levers, ALL):
        name = f"equal_offsets[{lever}]"
        if name in found.index:
            cells = (Cell(decimal(float(found[name]), table.digits)), *[Cell()] * (len(places) - 1))
            rows.append(Row("plain", lever_label(lever, labels, table.rename), cells))
    heading = Row("heading", labels.text("heading_equal"), (Cell(),) * len(places), "", rule_above=True)
    return [heading, *rows] if rows else []


def _below(table: Table, item: Found, places: Sequence[_Place], labels: Labels) -> list[Row]:
    """Fixed effects and clusters, and how many rows, firms and clusters each column rests on."""
    marks = [
        Row(row.kind, row.label, tuple(Cell() if place.truth else row.cells[0] for place in places), "", row.rule_above)
        for row in mark_rows(table, (), [item.column], labels)
    ]
    counts: list[Row] = []
    for name in _COUNTS:
        cells = tuple(Cell("" if place.truth else integer(_count(item, name, place))) for place in places)
        counts.append(Row("statistic", labels.text(name), cells, "", rule_above=not counts))
    return [*marks, *counts]


def _count(item: Found, name: str, place: _Place) -> float:
    if not place.group:
        return item.column.statistic(name)
    found = item.column.statistics.set_index("statistic")["value"]
    return float(found.get(f"{name}[{place.by}={place.group}]", np.nan))


def _notes(table: Table, found: Sequence[Found], results: Results, labels: Labels) -> tuple[str, ...]:
    """What the contrasts are first; then intervals, stars, the sample, and what each model says of itself."""
    status = [(number, text) for number, item in enumerate(found, 1) for text in item.said(labels, status=True)]
    said = [
        (number, variance_text(item.column, labels)) for number, item in enumerate(found, 1) if not item.column.failed
    ]
    said += [(number, text) for number, item in enumerate(found, 1) for text in item.said(labels, status=False)]
    moved = [text for item in found if not item.column.failed for text in _ever_moved(item, labels)]
    return (
        *by_columns(status, len(found), labels),
        labels.text("breakthrough_intervals"),
        *stars_note(table, labels),
        *sample_notes(results, labels),
        *moved,
        *by_columns(said, len(found), labels),
    )


def _ever_moved(item: Found, labels: Labels) -> list[str]:
    """How many firms ever moved as far as each lever is moved."""
    found = item.column.statistics.set_index("statistic")["value"]
    shares = [(lever, float(found.get(f"ever_moved[{lever}]", np.nan))) for lever in item.levers]
    told = [
        labels.text("breakthrough_ever", lever=lever_label(lever, labels), share=decimal(100 * share, 1))
        for lever, share in shares
        if share == share
    ]
    return [labels.text("breakthrough_support", levers=labels.joined(told))] if told else []
