"""The table of planted and estimated effects."""

from __future__ import annotations

import math

from involution.errors import InputError, Problem
from involution.exhibits.columns import Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal
from involution.exhibits.labels import Labels
from involution.study.tables import Table

COLUMNS = ("truth", "estimate", "std_error", "ci_low", "ci_high", "inside")


def truth_content(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """One row a planted effect: the truth, the estimate, its error and interval, and whether that holds the truth.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
        Whose truths are as `models.truth.truth_table` gives them.
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study names no planted effects.
    """
    truth = results.truth
    if truth.empty:
        raise InputError(
            Problem(f"table '{table.name}'", "the study names no planted effects", mend="give the section truth")
        )
    rows = []
    for found in truth.to_dict("records"):
        numbers = [Cell(decimal(float(found[name]), table.digits)) for name in COLUMNS[:-1]]
        label = f"{labels.said(str(found['name']))} ({found['model']})"
        rows.append(Row("plain", label, (*numbers, Cell(_answer(found["inside"], labels)))))
    header = Header(labels.text("effect"), tuple((labels.text(name), 1) for name in COLUMNS))
    known = truth["inside"].dropna()
    notes = (
        labels.text("truth_note"),
        labels.text("truth_counted", inside=int(known.sum()), total=len(truth)),
    )
    return TableContent(table.name, title, labels.language, len(COLUMNS), (Part("", (header,), tuple(rows)),), notes)


def _answer(inside: float, labels: Labels) -> str:
    if math.isnan(inside):
        return labels.text("not_estimated")
    return labels.text("yes" if inside else "no")
