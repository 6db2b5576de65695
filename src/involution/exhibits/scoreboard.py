"""The table of hypotheses: what was stated, what each test found, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, shown_p_value
from involution.exhibits.decomposition import shown_decimals
from involution.exhibits.labels import Labels
from involution.study.tables import Table

COLUMNS = ("verdict", "asked", "found", "interval", "p_value", "p_romano_wolf")
VERDICTS = ("supported", "opposite", "not_supported", "not_testable")
_ASKED = ("positive", "negative", "nonzero", "increasing", "decreasing")


def scoreboard_content(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """A row with the verdict for each hypothesis, and under it a row for each test.

    Parameters
    ----------
    table : study.tables.Table
    results : Results
        Whose hypotheses are as `models.scoreboard.scoreboard` gives them.
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study states no hypotheses.
    """
    if results.hypotheses.empty:
        mend = "give the section hypotheses"
        raise InputError(Problem(f"table '{table.name}'", "the study states no hypotheses", mend=mend))
    found = results.hypotheses.groupby("hypothesis", sort=False)
    rows = [row for _, tests in found for row in _of_hypothesis(tests, table, labels)]
    header = Header(labels.text("hypothesis"), tuple((labels.text(f"hypothesis_{name}"), 1) for name in COLUMNS))
    notes = [_summary(results.hypotheses, labels)]
    notes += [_in_words(tests, labels) for _, tests in found]
    notes += [labels.text("hypothesis_note"), *_about_families(results.hypotheses, labels)]
    notes.append(labels.text("hypothesis_stated", digest=results.hypotheses["stated"].iloc[0]))
    part = Part("", (header,), tuple(rows))
    return TableContent(table.name, title, labels.language, len(COLUMNS), (part,), tuple(map(labels.said, notes)))


def _of_hypothesis(tests: pd.DataFrame, table: Table, labels: Labels) -> Iterator[Row]:
    first = tests.iloc[0]
    verdict = Cell(labels.text(f"hypothesis_{first['verdict']}"))
    empty = (Cell(),) * (len(COLUMNS) - 1)
    yield Row("plain", _stated(first, labels), (verdict, *empty), rule_above=True)
    for test in tests.to_dict("records"):
        yield Row("plain", f"{test['model']}: {_named(test, labels)}", _cells(test, table, labels))


def _stated(first: pd.Series, labels: Labels) -> str:
    """Name and statement of a hypothesis, and whether it is exploratory."""
    text = first["statement_zh" if labels.language == "zh" else "statement"]
    aside = labels.text("hypothesis_exploratory") if _true(first["exploratory"]) else ""
    return labels.said(labels.text("hypothesis_named", name=first["hypothesis"], statement=text, aside=aside))


def _named(test: Mapping[Any, Any], labels: Labels) -> str:
    """The terms of a test by their labels, a statistic by its own."""
    term = str(test["term"])
    if test["sign"] in ("increasing", "decreasing"):
        return labels.text("separator").join(labels.term(part) for part in term.split(", "))
    if not test["by"] or pd.isna(test["by"]):
        return labels.statistic(term)
    return labels.term(term)


def _cells(test: Mapping[Any, Any], table: Table, labels: Labels) -> tuple[Cell, ...]:
    digits = shown_decimals([float(test["std_error"])], table.digits)

    def number(name: str) -> str:
        return decimal(float(test[name]), digits)

    asked = str(test["sign"])
    known = not pd.isna(test["ci_low"]) and not pd.isna(test["ci_high"])
    stated = labels.text(f"hypothesis_{asked}") if asked in _ASKED else asked.replace(">=", "≥").replace("<=", "≤")
    texts = (
        labels.text(f"hypothesis_{test['verdict_of_test']}"),
        labels.text("hypothesis_sign_alone", stated=stated) if test["by"] == "sign" else stated,
        number("estimate"),
        f"[{number('ci_low')}, {number('ci_high')}]" if known else "",
        shown_p_value(float(test["p_value"]), table.digits),
        shown_p_value(float(test["p_romano_wolf"]), table.digits),
    )
    return tuple(map(Cell, texts))


def _summary(board: pd.DataFrame, labels: Labels) -> str:
    """How many hypotheses have which verdict."""
    verdicts = board.drop_duplicates("hypothesis")["verdict"]
    counted = [(labels.text(f"hypothesis_{name}"), int((verdicts == name).sum())) for name in VERDICTS]
    counts = [labels.text("hypothesis_counted", verdict=verdict, count=count) for verdict, count in counted]
    return labels.text("hypothesis_summary", counts=labels.joined(counts))


def _in_words(tests: pd.DataFrame, labels: Labels) -> str:
    first = tests.iloc[0]
    reasons = tests["reason_zh" if labels.language == "zh" else "reason"].astype(str)
    parts = [
        labels.text("hypothesis_part", model=model, term=_named(test, labels), reason=reason)
        for model, reason, test in zip(tests["model"], reasons, tests.to_dict("records"), strict=True)
    ]
    verdict = labels.text(f"hypothesis_{first['verdict']}")
    joined = labels.text("separator").join(parts)
    return labels.text("hypothesis_in_words", name=first["hypothesis"], verdict=verdict, reasons=joined)


def _about_families(board: pd.DataFrame, labels: Labels) -> list[str]:
    """Which hypotheses the step-down p-values were made for together."""
    decided = board[board["by"] == "romano_wolf"]
    members = [
        labels.text("hypothesis_family", family=family, names=labels.joined(list(dict.fromkeys(part["hypothesis"]))))
        for family, part in decided.groupby("family", sort=False)
    ]
    return [labels.text("hypothesis_romano_wolf", families=labels.joined(members))] if members else []


def _true(value: object) -> bool:
    """A truth value as it is or as a file has it."""
    return str(value).lower() == "true"
