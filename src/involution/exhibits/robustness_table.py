"""Variations of the baseline as one table: a row each, by what they change, the baseline first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import named_or_first, said_by
from involution.exhibits.table_notes import sample_notes, stars_note
from involution.study.base import Bilingual, spoken
from involution.study.tables import Table

BLOCK = "robustness"
COLUMNS = ("estimate", "std_error", "confidence", "one_sd", "n_obs", "n_clusters", "variance", "dropped")
_COUNTED = (
    "variation",
    "coverage_partial",
    "missing",
    "singletons",
    "separated",
    "flat",
    "economic_size",
    "economic_size_count",
    "economic_size_hazard",
)
"""What columns of the table, or other tables, say already."""


def robustness_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out variations of the baseline.

    Parameters
    ----------
    table : study.tables.Table
        Whose panels are what is changed; titles of rows are its titles of columns.
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no variation, or no model of a name that the table gives.
    """
    where = f"table '{table.name}'"
    known = [*results.models("baseline"), *results.models(BLOCK)]
    panels = [(panel.title, panel.models) for panel in table.panels] or [(None, table.models or results.models(BLOCK))]
    chosen = [
        (heading, [results.column(named_or_first(name, known, "variation", BLOCK, where)) for name in models or [""]])
        for heading, models in panels
    ]
    header = Header(
        labels.text("robustness_variation"), tuple((labels.text(f"robustness_{name}"), 1) for name in COLUMNS)
    )
    rows: list[Row] = []
    headline = chosen[0][1][0]
    for heading, columns in chosen:
        if heading is not None:
            rows.append(_heading(heading, labels, first=not rows))
        for column in columns:
            rows += _rows(table, column, headline, results, labels)
    every = [column for _, columns in chosen for column in columns]
    outcome = labels.column(str(headline.first["outcome"]), table.rename)
    notes = (labels.text("robustness_outcome", outcome=outcome), *_notes(table, every, results, labels))
    return TableContent(table.name, title, labels.language, len(COLUMNS), (Part("", (header,), tuple(rows)),), notes)


def _heading(title: Bilingual, labels: Labels, *, first: bool) -> Row:
    return Row("heading", title.get(labels.language), (Cell(),) * len(COLUMNS), rule_above=not first)


def called(model: str, results: Results, labels: Labels) -> str:
    """What a variation is called in the study; a baseline is called so, and one that failed by its name."""
    said = said_by(model, results, labels, ["variation"])
    if said:
        return said[0]
    return labels.text("robustness_baseline") if model in results.models("baseline") else spoken(model)


def row_label(table: Table, column: Column, headline: Column, results: Results, labels: Labels) -> str:
    """What a variation is called, with its outcome where that is another than the baseline's."""
    named = table.column_titles.get(column.model)
    name = named.get(labels.language) if named is not None else called(column.model, results, labels)
    outcome = str(column.first["outcome"])
    if outcome == str(headline.first["outcome"]):
        return name
    return labels.text("robustness_with", name=name, what=labels.column(outcome, table.rename))


def _rows(table: Table, column: Column, headline: Column, results: Results, labels: Labels) -> list[Row]:
    label = row_label(table, column, headline, results, labels)
    if column.failed:
        return [Row("plain", label, (Cell(labels.text("not_estimated")), *[Cell()] * (len(COLUMNS) - 1)))]
    row = column.headline
    low, high = (decimal(float(row[end]), table.digits) for end in ("ci_low", "ci_high"))
    cells = (
        Cell(decimal(float(row["estimate"]), table.digits), stars_for(float(row["p_value"]), table.stars)),
        Cell(decimal(float(row["std_error"]), table.digits)),
        Cell(f"[{low}, {high}]" if low and high else ""),
        Cell(one_sd(column, table.digits, labels)),
        Cell(integer(column.statistic("n_obs"))),
        Cell(integer(column.statistic("n_clusters"))),
        Cell(_variance(column, labels)),
        Cell(integer(column.statistic("dropped_singletons") + column.statistic("dropped_separated"))),
    )
    own = Row("plain", label, cells)
    least, most = column.statistic("leave_out_least"), column.statistic("leave_out_most")
    if math.isnan(least):
        return [own]
    spread = f"[{decimal(least, table.digits)}, {decimal(most, table.digits)}]"
    more = (Cell(), Cell(), Cell(spread), *[Cell()] * (len(COLUMNS) - 3))
    return [own, Row("plain", labels.text("robustness_left_out"), more)]


def one_sd(column: Column, digits: int, labels: Labels) -> str:
    """The effect of one standard deviation: in those of the outcome, or in percent of a count or hazard."""
    in_sds = column.statistic("effect_of_sd_in_sds")
    if not math.isnan(in_sds):
        return labels.text("robustness_in_sds", value=decimal(in_sds, digits))
    change = column.statistic("effect_of_sd")
    return "" if math.isnan(change) else f"{decimal(100 * change, 1)} %"


def _variance(column: Column, labels: Labels) -> str:
    """The variance estimator and its clusters, in short."""
    kind = labels.said(str(column.first["vcov"]).split("(")[0])
    clusters = " + ".join(labels.column(name) for name in column.clusters)
    return labels.text("robustness_with", name=kind, what=clusters) if clusters else kind


def _notes(table: Table, columns: Sequence[Column], results: Results, labels: Labels) -> tuple[str, ...]:
    """What the columns are, stars, the sample; then what single variations say of themselves, by their names."""
    said: dict[str, list[str]] = {}
    shared = said_by(columns[0].model, results, labels, ["coverage_partial"])
    for column in columns:
        rows = results.notes[(results.notes["model"] == column.model) & ~results.notes["code"].isin(_COUNTED)]
        codes = list(dict.fromkeys(rows["code"]))
        label = row_label(table, column, columns[0], results, labels)
        for text in said_by(column.model, results, labels, codes) if codes else ():
            said.setdefault(text, []).append(label)
    told = [
        labels.text("all_columns_note", text=text[:1].upper() + text[1:])
        if len(names) == len(columns)
        else labels.text("robustness_row_note", rows=labels.listed(names), text=text)
        for text, names in said.items()
    ]
    first = (labels.text("robustness_note"), *stars_note(table, labels), *sample_notes(results, labels))
    return (*first, *(labels.text("all_columns_note", text=text) for text in shared), *told)
