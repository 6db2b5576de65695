"""Regression tables as journals print them, from the tidy estimates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from involution.errors import InputError, Problem
from involution.exhibits.adjusted import adjusted_notes, adjusted_rows
from involution.exhibits.breakthrough import BLOCK as BREAKTHROUGH
from involution.exhibits.columns import Column, Results, read_results, regressions
from involution.exhibits.content import (
    Cell,
    Header,
    Part,
    Row,
    TableContent,
    decimal,
    integer,
    padded,
    shown_p_value,
    spans,
    split_group,
    stars_for,
)
from involution.exhibits.decomposition import BLOCK as MEDIATION
from involution.exhibits.labels import Labels
from involution.exhibits.table_notes import table_notes
from involution.study.adjusted import expanded
from involution.study.styles import STYLES
from involution.study.tables import DEFAULT_STATISTICS, Table

__all__ = ["Results", "read_results", "regression_table"]

MOST_COLUMNS = 8
INTEGERS = (
    "n_obs", "n_firms", "n_clusters", "dropped_singletons", "dropped_separated", "dropped_missing", "n_instruments",
    "n_treated_matched", "n_control_matched", "n_off_support", "effective_rows", "n_reported", "n_unreported",
)  # fmt: skip
TESTS = (
    "leads_f", "lags_f", "lind_mehlum", "equal_slopes", "ar1", "ar2", "hansen_j", "difference_hansen", "anderson_rubin",
    "wu_hausman_robust", "wu_hausman", "sargan", "instruments_f", "breusch_pagan", "exclusion_f",
)  # fmt: skip
"""Statistics shown with their p-values in brackets."""
_OPTIONAL = (
    "n_firms", "n_clusters", "r2", "r2_within", "pseudo_r2", "adjusted_r2", "first_stage_f",
    "first_stage_f_robust", "effective_f",
    "randomisation_p", "second_order_f", "leads_f", "lags_f", "lind_mehlum", "slope_low", "slope_high", "extremum",
    "extremum_ci_low", "extremum_ci_high", "equal_slopes", "sd_treatment", "sd_treatment_within", "effect_of_sd",
    "effect_of_sd_in_means", "effect_of_sd_in_sds", "n_instruments", "ar1", "ar2", "hansen_j", "difference_hansen",
    "effective_f_critical", "anderson_rubin", "wu_hausman_robust", "instruments_f", "breusch_pagan",
    "first_stage_f_akm", "effective_shocks", "effective_groups", "n_treated_matched", "n_control_matched",
    "n_off_support", "effective_rows", "n_reported", "n_unreported", "exclusion_f", "placebo_p", "placebo_p_t",
)  # fmt: skip


def regression_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out a regression table.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the table names a model or a term that no model has, and when it names no model and there are none that
        have no table of their own.
    """
    parts, columns, start = [], [], 1
    for heading, names in _panels(table, results, labels):
        block = [_column(name, results, table) for name in names]
        parts.append(_part(table, heading, block, results, labels, start))
        columns += block
        start += len(block)
    check_terms(table, columns)
    width = max(len(part.rows[0].cells) if part.rows else 1 for part in parts)
    notes = (*table_notes(table, columns, results, labels), *adjusted_notes(table, results, labels))
    return TableContent(table.name, title, labels.language, width, tuple(padded(p, width) for p in parts), notes)


def _panels(table: Table, results: Results, labels: Labels) -> list[tuple[str, list[str]]]:
    """Titles and models of the panels: those of the table, else by outcome where all models are too many for one."""
    shown = regressions(results.estimates)
    every = list(dict.fromkeys(shown["model"]))
    panels = [(panel.title.get(labels.language) if panel.title else "", panel.models) for panel in table.panels]
    if not panels and not table.models and len(every) > MOST_COLUMNS:
        by_outcome: dict[str, list[str]] = {}
        for model, outcome in zip(shown["model"], shown["outcome"].astype(str), strict=True):
            by_outcome.setdefault(outcome, []).append(model)
        panels = [(labels.column(name, table.rename), list(dict.fromkeys(by_outcome[name]))) for name in by_outcome]
    if not panels and not table.models and not every:
        what, mend = "every model of the study has a table of its own", "name the models of this one under `models`"
        raise InputError(Problem(f"table '{table.name}'", what, mend=mend))
    panels = panels or [("", table.models or every)]
    known = list(dict.fromkeys(results.estimates["model"].astype(str)))
    return [piece for title, names in panels for piece in _pieces(title, expanded(names, known), labels)]


def _pieces(title: str, names: list[str], labels: Labels) -> list[tuple[str, list[str]]]:
    """A panel in parts of about equal size with at most `MOST_COLUMNS` models each."""
    parts = max(1, -(-len(names) // MOST_COLUMNS))
    size = -(-len(names) // parts)
    continued = labels.text("continued", title=title) if title else ""
    return [(continued if k else title, names[k * size : (k + 1) * size]) for k in range(parts)]


def _column(name: str, results: Results, table: Table) -> Column:
    column = results.column(name)
    if column.rows.empty:
        raise InputError(Problem(f"table '{table.name}'", f"there is no model '{name}'"))
    if (column.rows["block"] == MEDIATION).any():
        message = f"'{name}' is a mediation, not a regression"
        raise InputError(Problem(f"table '{table.name}'", message, mend="give the table `kind: mediation`"))
    if (column.rows["block"] == BREAKTHROUGH).any():
        message = f"'{name}' is a joint model of levers, not a regression"
        raise InputError(Problem(f"table '{table.name}'", message, mend="give the table `kind: breakthrough`"))
    return column


def check_terms(table: Table, columns: Sequence[Column]) -> None:
    """Raise where a table keeps a term that none of its models has, unless one of them failed."""
    known = {term for column in columns for term in column.terms}
    unknown = [term for term in table.keep if term not in known]
    if unknown and not any(column.failed for column in columns):
        message = f"no model of the table has a term '{unknown[0]}'; they have {', '.join(sorted(known))}"
        raise InputError(Problem(f"table '{table.name}', keep", message))


def _part(table: Table, title: str, columns: Sequence[Column], results: Results, labels: Labels, start: int) -> Part:
    outcomes = [labels.column(str(column.first["outcome"]), table.rename) for column in columns]
    estimators = [labels.estimator(str(column.first["estimator"])) for column in columns]
    groups = [column.group for column in columns]
    named = {model: title.get(labels.language) for model, title in table.column_titles.items()}
    titles = [named.get(column.model) or named.get(split_group(column.model)[0], "") for column in columns]
    style = STYLES[table.style]
    numbers = Header("", tuple((f"({start + k})", 1) for k in range(len(columns))), "numbers")
    headers = (
        *([numbers] if style.numbers_first else []),
        Header(labels.text("outcome"), spans(outcomes), "outcome"),
        *([Header(labels.text("group"), spans(groups))] if any(groups) else []),
        *([Header("", spans(titles))] if any(titles) else []),
        *([Header("", spans(estimators), "estimator")] if style.estimator or len(set(estimators)) > 1 else []),
        *([] if style.numbers_first else [numbers]),
    )
    shown = _shown_terms(table, columns)
    rows = [
        row
        for term in shown
        for row in (*term_rows(table, term, columns, labels), *adjusted_rows(table, term, columns, results, labels))
    ]
    rows = with_failures(rows, columns, labels)
    return Part(
        title, headers, (*rows, *mark_rows(table, shown, columns, labels), *statistic_rows(table, columns, labels))
    )


def with_failures(rows: list[Row], columns: Sequence[Column], labels: Labels) -> list[Row]:
    """Where the estimates of a model that failed would begin, that it was not estimated; why, the notes say."""
    if not any(column.failed for column in columns):
        return rows
    first = rows[0] if rows else Row("estimate", "", (Cell(),) * len(columns), labels.text("estimate"))
    said = Cell(labels.text("not_estimated"))
    cells = tuple(said if column.failed else cell for column, cell in zip(columns, first.cells, strict=True))
    return [replace(first, cells=cells), *rows[1:]]


def _shown_terms(table: Table, columns: Sequence[Column]) -> list[str]:
    every = list(dict.fromkeys(term for column in columns for term in column.terms))
    if "(Intercept)" in every:
        every = [term for term in every if term != "(Intercept)"] + ["(Intercept)"]
    shown = [term for term in table.keep if term in every] if table.keep else every
    return [term for term in shown if term not in table.drop]


def term_rows(table: Table, term: str, columns: Sequence[Column], labels: Labels) -> tuple[Row, Row]:
    """A term's estimates, and what stands in parentheses below them."""
    above, below = [], []
    # Standard errors have the decimals of their estimates, t and p-values those of the table.
    inside = ("parentheses", *([term] if table.parentheses == "std_error" else []))
    for column in columns:
        found = column.rows[column.rows["term"] == term]
        if column.failed or found.empty:
            above.append(Cell())
            below.append(Cell())
            continue
        row = found.iloc[0]
        above.append(Cell(decimal(row["estimate"], table.decimals(term)), stars_for(row["p_value"], table.stars)))
        shown = decimal(row[table.parentheses], table.decimals(*inside))
        below.append(Cell(f"({shown})" if shown else ""))
    return (
        Row("estimate", labels.term(term, table.rename), tuple(above), labels.text("estimate")),
        Row("uncertainty", "", tuple(below), labels.text(table.parentheses)),
    )


def mark_rows(table: Table, shown: Sequence[str], columns: Sequence[Column], labels: Labels) -> list[Row]:
    """Yes/No for controls and for each fixed effect, and the level of the clusters."""
    rows: list[Row] = []

    def add(label: str, answers: Sequence[str]) -> None:
        rows.append(Row("mark", label, tuple(Cell(answer) for answer in answers), "", rule_above=not rows))

    def answer(column: Column, holds: bool) -> str:
        return "" if column.failed else labels.text("yes" if holds else "no")

    if table.controls_row:
        hidden = [any(term not in shown and term != "(Intercept)" for term in column.terms) for column in columns]
        add(labels.text("controls"), [answer(column, holds) for column, holds in zip(columns, hidden, strict=True)])
    for effect in dict.fromkeys(effect for column in columns for effect in column.effects):
        held = [answer(column, effect in column.effects) for column in columns]
        add(labels.text("fixed_effect", effect=labels.effect(effect)), held)
    if any(column.clusters for column in columns):
        add(
            labels.text("clusters"), [" + ".join(labels.column(name) for name in column.clusters) for column in columns]
        )
    return rows


def _statistics_shown(table: Table, columns: Sequence[Column]) -> list[str]:
    """The table's statistics; the usual ones and the robust first-stage F of instruments where it names none."""
    instrumented = any(column.first["estimator"] == "iv" for column in columns)
    usual = instrumented and tuple(table.statistics) in (DEFAULT_STATISTICS, STYLES[table.style].statistics)
    return [*table.statistics, *(["first_stage_f_robust"] if usual else [])]


def statistic_rows(table: Table, columns: Sequence[Column], labels: Labels) -> list[Row]:
    """Counts and measures of fit, one cell a model."""
    rows: list[Row] = []
    for name in _statistics_shown(table, columns):
        values = [column.statistic(name) for column in columns]
        if name in _OPTIONAL and all(value != value for value in values):
            continue
        digits = table.decimals(name, "statistics")
        shown = [integer(value) if name in INTEGERS else decimal(value, digits) for value in values]
        if name in TESTS:
            p_values = [shown_p_value(column.p_value(name), digits) for column in columns]
            shown = [f"{text} [{p_value}]" if p_value else text for text, p_value in zip(shown, p_values, strict=True)]
        cells = tuple(Cell(text) for text in shown)
        rows.append(Row("statistic", labels.text(name), cells, "", rule_above=not rows))
    return rows
