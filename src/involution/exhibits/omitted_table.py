"""What an omitted variable would have to be like, as a table: robustness values, benchmarks, Oster's delta."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from involution.errors import InputError, Problem, nearest
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, padded, stars_for
from involution.exhibits.endogeneity_terms import bound_of
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by, value_of
from involution.exhibits.table_notes import by_columns, sample_notes, stars_note, variance_text
from involution.models.endogeneity.omitted import ESTIMATOR
from involution.study.tables import Table

BLOCK = "endogeneity"
_WIDTH = 7
_OF_TREATMENT = ("estimate", "std_error", "statistic", "partial_r2", "robustness_value", "robustness_value_alpha")
_OF_BENCHMARKS = ("r2_treatment", "r2_outcome", "estimate", "std_error", "statistic", "ci_low", "ci_high")
_OF_OSTER = ("estimate", "std_error", "ci_low", "ci_high", "oster_r2_column")


def omitted_column(name: str, results: Results, where: str) -> Column:
    """The sensitivity of this name; the study's first where the name is empty.

    Raises
    ------
    InputError
        When the study has no such sensitivity.
    """
    known = results.models(BLOCK, [ESTIMATOR])
    if not known:
        mend = "give an item of the section endogeneity with `omitted`"
        raise InputError(Problem(where, "the study has no sensitivity to omitted variables", mend=mend))
    if name and name not in known:
        raise InputError(Problem(where, f"there is no sensitivity to omitted variables '{name}'{nearest(name, known)}"))
    return results.column(name or known[0])


def omitted_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out sensitivities to omitted variables, one below the other.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no such sensitivity, or none of a name that the table gives.
    """
    names = table.models_named() or results.models(BLOCK, [ESTIMATOR]) or [""]
    columns = [omitted_column(name, results, f"table '{table.name}'") for name in names]
    parts, said = [], []
    for number, column in enumerate(columns, 1):
        parts += _parts(table, column, labels, several=len(columns) > 1)
        said += [(number, variance_text(column, labels))] if not column.failed else []
        said += [(number, text) for text in said_by(column.model, results, labels)]
    notes = (*stars_note(table, labels), *sample_notes(results, labels), *by_columns(said, len(columns), labels))
    shown = tuple(padded(part, _WIDTH) for part in parts)
    return TableContent(table.name, title, labels.language, _WIDTH, shown, notes)


def _parts(table: Table, column: Column, labels: Labels, *, several: bool) -> list[Part]:
    outcome = labels.column(str(column.first["outcome"]), table.rename)
    heading = labels.text("omitted_of_model" if several else "omitted_of", model=column.model, outcome=outcome)
    if column.failed:
        blank = (Cell(labels.text("not_estimated")), *[Cell()] * (len(_OF_TREATMENT) - 1))
        return [Part(heading, (_header("", _OF_TREATMENT, labels),), (Row("plain", "", blank),))]
    own = column.terms[0]
    named = {what: column.statistic(f"{what}[{own}]") for what in _OF_TREATMENT[3:]}
    robustness = _row(table, column, own, _OF_TREATMENT, labels, named.get)
    parts = [Part(heading, (_header(labels.text("omitted_robustness"), _OF_TREATMENT, labels),), (robustness,))]
    bounds = [term for term in column.terms if bound_of(term) is not None]
    if bounds:
        header = _header(labels.text("omitted_benchmark"), _OF_BENCHMARKS, labels)
        parts.append(Part("", (header,), tuple(_bound(table, column, term, labels) for term in bounds)))
    oster = [term for term in column.terms if term.startswith("oster[")]
    if oster:
        header = _header(labels.text("omitted_oster"), _OF_OSTER, labels)
        parts.append(Part("", (header,), tuple(_oster_rows(table, column, own, oster[0], labels))))
    return parts


def _header(label: str, names: Sequence[str], labels: Labels) -> Header:
    return Header(label, tuple((labels.text(name), 1) for name in names))


def _row(
    table: Table,
    column: Column,
    term: str,
    names: Sequence[str],
    labels: Labels,
    more: Callable[[str], float | None],
) -> Row:
    """A term's entries, and what is no entry of its row from `more`."""
    cells = []
    for name in names:
        value = more(name)
        shown = value_of(column, term, name) if value is None else value
        # A bound is no estimate: what it would be, were there such a variable.
        starred = name == "estimate" and bound_of(term) is None
        stars = stars_for(value_of(column, term, "p_value"), table.stars) if starred else ""
        cells.append(Cell(decimal(shown, table.digits), stars))
    return Row("plain", labels.term(term, table.rename), tuple(cells))


def _bound(table: Table, column: Column, term: str, labels: Labels) -> Row:
    label = term.removeprefix("bound[").removesuffix("]")
    strengths = {what: column.statistic(f"{what}[{label}]") for what in _OF_BENCHMARKS[:2]}
    return _row(table, column, term, _OF_BENCHMARKS, labels, strengths.get)


def _oster_rows(table: Table, column: Column, own: str, term: str, labels: Labels) -> list[Row]:
    """The effect without and with controls, adjusted, and what selection would undo it."""

    def numbers(label: str, values: Sequence[float]) -> Row:
        return Row("plain", label, tuple(Cell(decimal(value, table.digits)) for value in values))

    nothing = float("nan")
    short = (column.statistic("oster_short"), nothing, nothing, nothing, column.statistic("oster_r2_short"))
    r2 = {"oster_r2_column": column.statistic("oster_r2")}
    limit = {"oster_r2_column": column.statistic("oster_r_max")}
    long = _row(table, column, own, _OF_OSTER, labels, r2.get)
    return [
        numbers(labels.text("oster_without"), short),
        Row("plain", labels.text("oster_with"), long.cells),
        _row(table, column, term, _OF_OSTER, labels, limit.get),
        numbers(labels.text("oster_delta"), (column.statistic("oster_delta"), *[nothing] * 4)),
    ]
