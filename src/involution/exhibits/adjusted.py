"""P-values of a table's estimates as one family: rows below each estimate, and what the family is."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import Cell, Row, integer, shown_p_value
from involution.exhibits.labels import Labels
from involution.study.tables import Table

_SHOWN = {
    "romano_wolf": ("p_romano_wolf", "[{}]"),
    "benjamini_hochberg_yekutieli": ("q_by", "{{{}}}"),
    "benjamini_krieger_yekutieli": ("q_bky", "|{}|"),
}
"""By method, the column of the results and the brackets."""


def adjusted_rows(table: Table, term: str, columns: Sequence[Column], results: Results, labels: Labels) -> list[Row]:
    """A row below a term's estimates for each adjustment that the table asks for; none outside the family."""
    found = _of(table, results)
    found = found[found["term"] == term].set_index("model") if len(found) else found
    if found.empty:
        return []
    rows = []
    for method in table.adjusted:
        name, brackets = _SHOWN[method]
        values = [float(found[name].get(column.model, float("nan"))) for column in columns]
        texts = [brackets.format(shown_p_value(v, table.digits)) if v == v else "" for v in values]
        rows.append(Row("uncertainty", "", tuple(map(Cell, texts)), labels.text(f"adjusted_{method}")))
    return rows


def adjusted_notes(table: Table, results: Results, labels: Labels) -> list[str]:
    """Which brackets are which, and the terms and the number of tests that are one family."""
    found = _of(table, results)
    if found.empty:
        return []
    # Where clusters are not shared the step-down p-values are Holm's.
    holm = set(found["stepdown"]) == {"holm"}
    named = [
        labels.text(
            "adjusted_in",
            brackets=_SHOWN[method][1].format(""),
            what=labels.text("adjusted_holm" if holm and method == "romano_wolf" else f"adjusted_{method}"),
        )
        for method in table.adjusted
    ]
    separator = labels.text("separator")
    terms = separator.join(labels.term(term, table.rename) for term in dict.fromkeys(found["term"]))
    size, models = integer(float(found["family_size"].iloc[0])), integer(found["model"].nunique())
    return [
        labels.text("adjusted_note", named=separator.join(named)),
        labels.text("adjusted_family", size=size, models=models, terms=terms),
    ]


def _of(table: Table, results: Results) -> pd.DataFrame:
    """Rows of the table's family; none where it asks for no adjustment."""
    rows = results.adjusted
    return rows[rows["table"].astype(str) == table.name] if table.adjusted else rows.iloc[:0]
