"""Regression tables as journals print them, from the tidy estimates alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, spans, stars_for
from involution.exhibits.labels import Labels
from involution.study.tables import Table

INTEGERS = ("n_obs", "n_firms", "n_clusters", "dropped_singletons", "dropped_separated", "dropped_missing")
_OPTIONAL = ("n_firms", "n_clusters", "r2", "r2_within", "pseudo_r2", "adjusted_r2", "first_stage_f", "effective_f")


@dataclass(frozen=True)
class Results:
    """The tidy results of a study, as its files hold them."""

    estimates: pd.DataFrame
    statistics: pd.DataFrame
    notes: pd.DataFrame
    sample: Mapping[str, object]


def read_results(estimates: str, statistics: str, notes: str, sample: Mapping[str, object]) -> Results:
    """Results from their CSV files."""
    return Results(
        pd.read_csv(estimates, keep_default_na=True),
        pd.read_csv(statistics),
        pd.read_csv(notes, keep_default_na=False, dtype=str),
        sample,
    )


@dataclass(frozen=True)
class Column:
    """One model as a column."""

    model: str
    rows: pd.DataFrame
    statistics: pd.DataFrame

    @property
    def failed(self) -> bool:
        """Whether the model could not be estimated."""
        return bool(self.rows["estimate"].isna().all())

    @property
    def first(self) -> pd.Series:
        """What all rows of the model share."""
        return self.rows.iloc[0]

    @property
    def terms(self) -> list[str]:
        """Terms in the model's order."""
        return [] if self.failed else self.rows["term"].tolist()

    @property
    def effects(self) -> list[str]:
        """Fixed effects."""
        text = self.first["fixed_effects"]
        return str(text).split(" + ") if isinstance(text, str) and text else []

    @property
    def clusters(self) -> list[str]:
        """Names of the clusters, from the variance's label."""
        label = str(self.first["vcov"])
        return label[label.index("(") + 1 : -1].split("+") if "(" in label else []

    def statistic(self, name: str) -> float:
        """A statistic of the model; the first of its kind for ``first_stage_f[x]``; NaN where there is none."""
        if name in ("n_obs", "n_firms", "n_clusters", "r2", "r2_within") and not self.failed:
            value = self.first[name]
            return float("nan") if pd.isna(value) else float(value)
        names = self.statistics["statistic"]
        found = self.statistics.loc[(names == name) | names.str.startswith(f"{name}["), "value"]
        return float(found.iloc[0]) if len(found) else float("nan")


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
        When the table names a model or a term that no model has.
    """
    every = list(dict.fromkeys(results.estimates["model"]))
    groups = [(panel.title.get(labels.language) if panel.title else "", panel.models) for panel in table.panels]
    groups = groups or [("", table.models or every)]
    parts, columns, start = [], [], 1
    for heading, names in groups:
        block = [_column(name, results, table) for name in _expanded(names, every)]
        parts.append(_part(table, heading, block, labels, start))
        columns += block
        start += len(block)
    _check_terms(table, columns)
    width = max(len(part.rows[0].cells) if part.rows else 1 for part in parts)
    notes = _notes(table, columns, results, labels)
    return TableContent(table.name, title, labels.language, width, tuple(_padded(p, width) for p in parts), notes)


def _expanded(names: Sequence[str], every: Sequence[str]) -> list[str]:
    """Models by name; a model fitted by groups stands for all of them."""
    out: list[str] = []
    for name in names:
        groups = [model for model in every if model.startswith(f"{name}[")]
        out += [name] if name in every else groups or [name]
    return out


def _column(name: str, results: Results, table: Table) -> Column:
    rows = results.estimates[results.estimates["model"] == name]
    if rows.empty:
        raise InputError(Problem(f"table '{table.name}'", f"there is no model '{name}'"))
    return Column(name, rows, results.statistics[results.statistics["model"] == name])


def _check_terms(table: Table, columns: Sequence[Column]) -> None:
    known = {term for column in columns for term in column.terms}
    unknown = [term for term in table.keep if term not in known]
    if unknown and not any(column.failed for column in columns):
        message = f"no model of the table has a term '{unknown[0]}'; they have {', '.join(sorted(known))}"
        raise InputError(Problem(f"table '{table.name}', keep", message))


def _padded(part: Part, width: int) -> Part:
    """A narrower panel filled with empty columns."""
    missing = width - (len(part.rows[0].cells) if part.rows else width)
    if missing <= 0:
        return part
    headers = tuple(Header(h.label, (*h.cells, ("", missing))) for h in part.headers)
    rows = tuple(Row(r.kind, r.label, (*r.cells, *[Cell()] * missing), r.what, r.rule_above) for r in part.rows)
    return Part(part.title, headers, rows)


def _part(table: Table, title: str, columns: Sequence[Column], labels: Labels, start: int) -> Part:
    outcomes = [labels.column(str(column.first["outcome"]), table.rename) for column in columns]
    estimators = [labels.estimator(str(column.first["estimator"])) for column in columns]
    headers = (
        Header(labels.text("outcome"), spans(outcomes)),
        Header("", spans(estimators)),
        Header("", tuple((f"({start + k})", 1) for k in range(len(columns)))),
    )
    shown = _shown_terms(table, columns)
    rows = [row for term in shown for row in _term_rows(table, term, columns, labels)]
    return Part(title, headers, (*rows, *_marks(table, shown, columns, labels), *_statistics(table, columns, labels)))


def _shown_terms(table: Table, columns: Sequence[Column]) -> list[str]:
    every = list(dict.fromkeys(term for column in columns for term in column.terms))
    if "(Intercept)" in every:
        every = [term for term in every if term != "(Intercept)"] + ["(Intercept)"]
    shown = [term for term in table.keep if term in every] if table.keep else every
    return [term for term in shown if term not in table.drop]


def _term_rows(table: Table, term: str, columns: Sequence[Column], labels: Labels) -> tuple[Row, Row]:
    above, below = [], []
    for column in columns:
        found = column.rows[column.rows["term"] == term]
        if column.failed or found.empty:
            above.append(Cell(labels.text("not_estimated") if column.failed else ""))
            below.append(Cell())
            continue
        row = found.iloc[0]
        above.append(Cell(decimal(row["estimate"], table.digits), stars_for(row["p_value"], table.stars)))
        shown = decimal(row[table.parentheses], table.digits)
        below.append(Cell(f"({shown})" if shown else ""))
    return (
        Row("estimate", labels.term(term, table.rename), tuple(above), labels.text("estimate")),
        Row("uncertainty", "", tuple(below), labels.text(table.parentheses)),
    )


def _marks(table: Table, shown: Sequence[str], columns: Sequence[Column], labels: Labels) -> list[Row]:
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


def _statistics(table: Table, columns: Sequence[Column], labels: Labels) -> list[Row]:
    rows: list[Row] = []
    for name in table.statistics:
        values = [column.statistic(name) for column in columns]
        if name in _OPTIONAL and all(value != value for value in values):
            continue
        shown = [integer(value) if name in INTEGERS else decimal(value, table.digits) for value in values]
        cells = tuple(Cell(text) for text in shown)
        rows.append(Row("statistic", labels.text(name), cells, "", rule_above=not rows))
    return rows


def _notes(table: Table, columns: Sequence[Column], results: Results, labels: Labels) -> tuple[str, ...]:
    """Parentheses, variance and small-sample choice, stars, the sample, and what each model says of itself."""
    notes = [labels.text("in_parentheses", what=labels.text(table.parentheses))]
    if table.stars:
        marks = [labels.text("star_level", mark=mark, level=f"{level:g}") for mark, level in table.stars.items()]
        notes.append(labels.text("stars_note", marks=", ".join(marks)))
    sample = results.sample
    if sample:
        rows, firms = int(str(sample["sample_rows"])), int(str(sample["sample_firms"]))
        notes.append(labels.text("sample_note", rows=f"{rows:,}", firms=f"{firms:,}"))
        winsorised = sample.get("winsorised")
        if isinstance(winsorised, Mapping) and winsorised:
            notes.append(labels.text("winsorised_note", columns=labels.listed(list(winsorised))))
    said = [(number, _variance_text(column, labels)) for number, column in enumerate(columns, 1) if not column.failed]
    for number, column in enumerate(columns, 1):
        own = results.notes[results.notes["model"] == column.model]
        said += [(number, text) for text in own[f"text_{labels.language}"]]
    return (*notes, *_by_columns(said, len(columns), labels))


def _variance_text(column: Column, labels: Labels) -> str:
    kind = str(column.first["vcov"]).split("(")[0]
    clusters = " + ".join(labels.column(name) for name in column.clusters)
    text = labels.text(f"vcov_{kind}", clusters=clusters)
    if kind == "crv3":
        return text
    factors = []
    if column.statistic("small_sample_observations") == 1:
        factors.append(labels.text("factor_observations", k=integer(column.statistic("small_sample_k"))))
    if column.statistic("small_sample_clusters") == 1 and kind != "iid":
        factors.append(labels.text("factor_rows" if kind == "hetero" else "factor_clusters"))
    return labels.text("separator").join([text, *(factors or [labels.text("factor_none")])])


def _by_columns(said: Sequence[tuple[int, str]], total: int, labels: Labels) -> list[str]:
    """Each sentence once, with the columns that it is about; sentences about the same columns stand together."""
    columns: dict[str, list[int]] = {}
    for number, text in said:
        columns.setdefault(text, []).append(number)
    together: dict[tuple[int, ...], list[str]] = {}
    for text, numbers in columns.items():
        together.setdefault(tuple(numbers), []).append(text)
    out = []
    for group in sorted(together, key=lambda numbers: (-len(numbers), numbers)):
        text = labels.text("separator").join(together[group])
        if len(group) == total:
            out.append(labels.text("all_columns_note", text=text[:1].upper() + text[1:]))
        else:
            named = ", ".join(str(number) for number in group)
            out.append(labels.text("columns_note", columns=named, text=text))
    return out
