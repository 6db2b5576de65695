"""A moderated effect as a table: the forms side by side, then the effect over the moderator, tests and support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
    spans,
    stars_for,
)
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import Moderated, moderated, moderation_names
from involution.exhibits.moderation_terms import BY_YEAR
from involution.exhibits.moderation_words import moderation_in_words
from involution.exhibits.regression import check_terms, mark_rows, statistic_rows, term_rows, with_failures
from involution.exhibits.table_notes import by_columns, sample_notes, stars_note, variance_text
from involution.study.tables import Table

_EFFECTS = ("estimate", "std_error", "ci_low", "ci_high")
_TESTS = ("moderation_value_of", "moderation_df", "p_value")


def moderation_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out one or more moderated effects, each with its forms, effects, tests and support.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no moderated effect, none of a name that the table gives, or no term that it keeps.
    """
    where = f"table '{table.name}'"
    names = table.models_named() or moderation_names(results) or [""]
    found = [moderated(name, results, where) for name in names]
    columns = [column for item in found for column in item.forms.values()]
    check_terms(table, columns)
    parts, start = [], 1
    for item in found:
        parts += [_forms(table, item, labels, start), *_effects(table, item, labels)]
        start += len(item.forms)
    width = max(len(part.rows[0].cells) for part in parts)
    notes = _notes(table, found, columns, results, labels)
    return TableContent(table.name, title, labels.language, width, tuple(padded(part, width) for part in parts), notes)


def _forms(table: Table, found: Moderated, labels: Labels, start: int) -> Part:
    columns = [_without_years(column) for column in found.forms.values()]
    outcome = labels.column(found.outcome, table.rename)
    headers = (
        Header(labels.text("outcome"), spans([outcome] * len(columns))),
        Header("", tuple((labels.text(f"form_{form}"), 1) for form in found.forms)),
        Header("", spans([labels.estimator(str(column.first["estimator"])) for column in columns])),
        Header("", tuple((f"({start + k})", 1) for k in range(len(columns)))),
    )
    shown = [term for term in _shown(table, found, columns) if term not in table.drop]
    rows = with_failures([row for term in shown for row in term_rows(table, term, columns, labels)], columns, labels)
    marks = mark_rows(table.model_copy(update={"controls_row": True}), shown, columns, labels)
    years = _years_row(found, labels)
    return Part(
        labels.text("heading_forms"),
        headers,
        (*rows, *marks[:1], years, *marks[1:], *statistic_rows(table, columns, labels)),
    )


def _without_years(column: Column) -> Column:
    return Column(column.model, column.rows[~column.rows["term"].astype(str).str.contains(BY_YEAR)], column.statistics)


def _shown(table: Table, found: Moderated, columns: Sequence[Column]) -> list[str]:
    """The products first, then what they are made of; of what is left a row says Yes or No."""
    every = list(dict.fromkeys(term for column in columns for term in column.terms))
    if table.keep:
        return [term for term in table.keep if term in every]
    mains = dict.fromkeys(name for term in found.products for name in term.split(":"))
    ordered = sorted(found.products, key=lambda term: (found.treatment not in term.split(":"), term.count(":")))
    return [*ordered, *(name for name in mains if name in every)]


def _years_row(found: Moderated, labels: Labels) -> Row:
    answers = []
    for column in found.forms.values():
        holds = any(BY_YEAR in term for term in column.terms)
        answers.append("" if column.failed else labels.text("yes" if holds else "no"))
    label = labels.text("effects_by_year", treatment=labels.column(found.treatment))
    return Row("mark", label, tuple(Cell(answer) for answer in answers))


def _effects(table: Table, found: Moderated, labels: Labels) -> list[Part]:
    rows: list[Row] = []
    if not found.effects.failed:
        treatment = labels.column(found.treatment, table.rename)
        rows += _heading(labels.text("heading_effects", treatment=treatment))
        rows += _effect_rows(table, found.effects, labels)
    for kind in ("bins", "kernel"):
        for column in found.beside(kind):
            if not column.failed:
                own = replace(column, rows=column.rows[column.rows["term"].astype(str).str.match(r"(at|effect)\[")])
                rows += _heading(labels.text(f"heading_{kind}", moderator=_moderator_of(column, labels)))
                rows += _effect_rows(table, own, labels)
    header = Header("", tuple((labels.text(name), 1) for name in _EFFECTS))
    return [*([Part("", (header,), tuple(rows))] if rows else []), *_support(table, found, labels)]


def _support(table: Table, found: Moderated, labels: Labels) -> list[Part]:
    """Tests and support of each moderator, a part each."""
    header = Header("", tuple((labels.text(name), 1) for name in _TESTS))
    parts = []
    for moderator in found.moderators:
        tests = _tests(table, found, moderator, labels)
        if tests:
            title = labels.text("heading_support", moderator=labels.column(moderator, table.rename))
            parts.append(Part(title, (header,), tuple(tests)))
    return parts


def _moderator_of(column: Column, labels: Labels) -> str:
    inside = next(term for term in column.terms if term.startswith(("at[", "effect[")))
    return labels.column(inside.partition("[")[2].rpartition("=")[0])


def _heading(text: str) -> list[Row]:
    return [Row("heading", text, (Cell(),) * len(_EFFECTS), rule_above=True)]


def _effect_rows(table: Table, column: Column, labels: Labels) -> list[Row]:
    rows = []
    for _, row in column.rows.iterrows():
        numbers = [Cell(decimal(float(row[name]), table.digits)) for name in _EFFECTS]
        numbers[0] = Cell(numbers[0].text, stars_for(float(row["p_value"]), table.stars))
        rows.append(Row("plain", labels.term(str(row["term"]), table.rename), tuple(numbers)))
    return rows


def _tests(table: Table, found: Moderated, moderator: str, labels: Labels) -> list[Row]:
    """Linearity, regions of significance, and where the moderator has observations."""
    digits, rows = table.digits, list[Row]()
    for column in found.beside("bins"):
        if any(f"[{moderator}=" in str(term) for term in column.terms):
            for name in ("linearity", "linearity_all"):
                test = column.statistics[column.statistics["statistic"] == name]
                if len(test):
                    value, df, p_value = test[["value", "df", "p_value"]].iloc[0].astype(float)
                    cells = (decimal(value, digits), f"{df:g}", shown_p_value(p_value, digits))
                    rows.append(_test_row(labels.text(f"moderation_{name}"), cells))
    roots = ", ".join(decimal(root, digits) for root in found.roots(moderator))
    shares = [found.statistic(f"share_{sign}[{moderator}]") for sign in ("negative", "positive")]
    values = {
        "moderation_johnson_neyman": roots,
        "moderation_shares": " / ".join(decimal(share, digits) for share in shares if share == share),
        "moderation_within": decimal(found.statistic(f"within_share[{moderator}]", found.headline), digits),
        "moderation_outside": decimal(found.statistic(f"outside_common_support[{moderator}]", found.effects), digits),
    }
    for column in found.beside("kernel"):
        width = decimal(found.statistic(f"bandwidth[{moderator}]", column), digits)
        values["moderation_bandwidth"] = width or values.get("moderation_bandwidth", "")
    return [*rows, *(_test_row(labels.text(key), (value,)) for key, value in values.items() if value)]


def _test_row(label: str, texts: Sequence[str]) -> Row:
    return Row("statistic", label, tuple(Cell(text) for text in (*texts, *[""] * (len(_TESTS) - len(texts)))))


def _notes(
    table: Table, found: Sequence[Moderated], columns: Sequence[Column], results: Results, labels: Labels
) -> tuple[str, ...]:
    said = [(number, variance_text(column, labels)) for number, column in enumerate(columns, 1) if not column.failed]
    number = 0
    beyond: list[str] = []
    for item in found:
        for column in item.forms.values():
            number += 1
            said += [(number, text) for text in item.said(column, labels)]
        own = {text for column in item.forms.values() for text in item.said(column, labels)}
        others = [item.effects, *item.beside("bins"), *item.beside("kernel")]
        beyond += [text for column in others for text in item.said(column, labels) if text not in own]
    unnumbered = labels.text("separator").join(dict.fromkeys(beyond))
    closing = [labels.text("moderation_further", text=unnumbered[:1].upper() + unnumbered[1:])] if unnumbered else []
    return (
        labels.text("in_parentheses", what=labels.text(table.parentheses)),
        *stars_note(table, labels),
        *sample_notes(results, labels),
        *by_columns(said, len(columns), labels),
        *closing,
        *(moderation_in_words(item, labels, table.digits) for item in found),
    )
