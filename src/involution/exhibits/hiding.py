"""Rows that a table of the study file hides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from involution.errors import InputError, Problem, nearest
from involution.exhibits.content import Header, Part, Row, TableContent
from involution.exhibits.labels import Labels
from involution.study.tables import Table

GROUPS = ("fixed_effects", "clusters", "controls", "estimator", "numbers", "outcome")
"""Rows that are named by what they are, whether or not the table has any of them."""


def without_hidden(content: TableContent, table: Table, labels: Labels) -> TableContent:
    """A table without the rows that `hide` names.

    Parameters
    ----------
    content : TableContent
    table : study.tables.Table
    labels : Labels

    Raises
    ------
    InputError
        When a name is neither that of a kind of row or of a statistic nor the label of a row of the table.
    """
    if not table.hide:
        return content
    named = [entry.get(labels.language) for entry in table.hide]
    tests = [_test(name, table, labels) for name in named]
    _check(named, tests, content, table, labels)

    def hidden(row: Row | Header) -> bool:
        return any(test(row) for test in tests)

    parts = [
        Part(part.title, tuple(h for h in part.headers if not hidden(h)), _kept(part.rows, hidden))
        for part in content.parts
    ]
    return replace(content, parts=tuple(parts))


def _test(name: str, table: Table, labels: Labels) -> Callable[[Row | Header], bool]:
    """Whether a row is of that name."""
    known = {name, labels.term(name, table.rename), labels.text("fixed_effect", effect=labels.effect(name))}
    if labels.known(name):
        known.add(labels.text(name))
    before, after = labels.text("fixed_effect", effect="\0").split("\0")

    def holds(row: Row | Header) -> bool:
        if isinstance(row, Header):
            return bool(row.what) and row.what == name
        label = row.label
        an_effect = row.kind == "mark" and label.startswith(before) and label.endswith(after)
        return bool(label) and (label in known or (name == "fixed_effects" and an_effect))

    return holds


def _kept(rows: Sequence[Row], hidden: Callable[[Row], bool]) -> tuple[Row, ...]:
    """Rows that are not hidden; what stands below a label goes with it, a rule above goes to the next row."""
    kept: list[Row] = []
    gone = rule = False
    for row in rows:
        gone = hidden(row) if row.label else gone
        if gone:
            rule = rule or row.rule_above
            continue
        kept.append(replace(row, rule_above=True) if rule else row)
        rule = False
    return tuple(kept)


def _check(
    named: Sequence[str], tests: Sequence[Callable[[Row], bool]], content: TableContent, table: Table, labels: Labels
) -> None:
    rows = [row for part in content.parts for row in part.rows if row.label]
    for name, test in zip(named, tests, strict=True):
        if name in GROUPS or labels.known(name) or any(map(test, rows)):
            continue
        known = list(dict.fromkeys(row.label for row in rows))
        what = f"no row is called '{name}'{nearest(name, [*GROUPS, *known])}"
        mend = f"rows of the table: {', '.join(known)}; or {', '.join(GROUPS)}"
        raise InputError(Problem(f"table '{table.name}', hide", what, mend=mend))
