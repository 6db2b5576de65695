"""The decomposition of effects as journals print it: channels first, then their sum, then where they depend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from involution.exhibits.columns import Results
from involution.exhibits.content import Header, Part, TableContent, padded
from involution.exhibits.decomposition import BLOCK, Decomposition, decomposition
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_rows import COLUMNS, effect_rows, spread, test_rows
from involution.exhibits.regression import check_terms, mark_rows, statistic_rows
from involution.exhibits.table_notes import by_columns, sample_notes, stars_note, variance_text
from involution.exhibits.words import mediation_in_words
from involution.study.tables import Table

MOST_MODELS = 2
"""Models side by side; further ones stand below."""


def mediation_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out the decomposition of one or more mediations; those of the same mediators stand side by side.

    A treatment with several levels has columns for each of them, against its reference.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no mediation, or none of a name that the table gives, or none has a term that it keeps.
    """
    where = f"table '{table.name}'"
    names = table.models_named() or results.models(BLOCK) or [""]
    found = [part for name in names for part in decomposition(name, results, where).contrasts]
    check_terms(table, [item.column for item in found])
    parts, start = [], 1
    for block in _blocks(found):
        parts.append(_part(table, block, labels, start))
        start += len(block)
    width = max(len(part.rows[0].cells) for part in parts)
    notes = _notes(table, found, results, labels)
    return TableContent(table.name, title, labels.language, width, tuple(padded(part, width) for part in parts), notes)


def _blocks(found: Sequence[Decomposition]) -> list[list[Decomposition]]:
    """Neighbours with the same mediators and effects of the same kind, at most `MOST_MODELS` together."""
    out = []
    for _, group in groupby(found, key=_alike):
        members = list(group)
        out += [members[k : k + MOST_MODELS] for k in range(0, len(members), MOST_MODELS)]
    return out


def _alike(item: Decomposition) -> tuple[object, ...]:
    """What models side by side have in common; the levels of one treatment stand beside each other alone."""
    return item.mediators, item.by_outcomes, item.model if item.contrast else ""


def _part(table: Table, block: Sequence[Decomposition], labels: Labels, start: int) -> Part:
    across = len(COLUMNS)
    outcomes = tuple((labels.column(item.outcome, table.rename), across) for item in block)
    treatments = tuple((_treatment(table, item, labels), across) for item in block)
    numbers = tuple((f"({start + k})", across) for k in range(len(block)))
    headers = (
        Header(labels.text("outcome"), outcomes),
        *([Header(labels.text("treatment"), treatments)] if any(name for name, _ in treatments) else []),
        Header("", numbers),
        Header("", tuple((labels.text(name), 1) for name in COLUMNS) * len(block)),
    )
    columns = [item.column for item in block]
    marks = [spread(row) for row in (*mark_rows(table, (), columns, labels), *statistic_rows(table, columns, labels))]
    return Part("", headers, (*effect_rows(table, block, labels), *test_rows(table, block, labels), *marks))


def _treatment(table: Table, item: Decomposition, labels: Labels) -> str:
    """The treatment, with the level that is set against its reference where it has several."""
    name = labels.column(item.treatment, table.rename) if item.treatment else ""
    return f"{name} = {labels.value(item.level)}" if item.contrast else name


def _notes(table: Table, found: Sequence[Decomposition], results: Results, labels: Labels) -> tuple[str, ...]:
    """The causal status first, what the effects mean in words last."""
    status = [(number, text) for number, item in enumerate(found, 1) for text in item.said(labels, status=True)]
    said = [
        (number, variance_text(item.column, labels)) for number, item in enumerate(found, 1) if not item.column.failed
    ]
    said += [(number, text) for number, item in enumerate(found, 1) for text in item.said(labels, status=False)]
    words = [mediation_in_words(item, labels, table.digits) for item in found]
    several = len(found) > 1
    return (
        *by_columns(status, len(found), labels),
        *stars_note(table, labels),
        *sample_notes(results, labels),
        *by_columns(said, len(found), labels),
        *(labels.text("numbered", number=k, text=text) if several else text for k, text in enumerate(words, 1)),
    )
