"""A file's own columns and expressions of them; what cannot be found or read is said with file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.read import FILE, LINE, has_lines
from involution.study.expressions import ExpressionError, parse_expression

_NUMBER = re.compile(r"\s*[-+]?\d")
_HEAD = 5  # lines below the header that may hold labels and units


def place(frame: pd.DataFrame, row: int, value: object = None) -> str:
    """A row as a user finds it: file, line, and the value there."""
    line = frame[LINE].iloc[row]
    shown = f"{frame[FILE].iloc[row]} line {int(line)}"
    return shown if value is None else f"{shown}: {value!r}"


def check_columns(frame: pd.DataFrame, named: Mapping[str, str], condition: str | None, where: str) -> None:
    """Hold what a section names against a file's columns.

    Parameters
    ----------
    frame : DataFrame
    named : mapping of str to str
        Columns or expressions, by where they stand.
    condition : str or None
        The filter of the section.
    where : str
        Where the filter stands.

    Raises
    ------
    InputError
        With every column that is not there, each with the nearest.
    """
    problems = [problem for place, source in named.items() for problem in _absent(frame, source, place)]
    if condition is not None:
        unknown = parse_expression(condition).unknown(_own(frame))
        problems += [Problem(where, str(error), mend="name a column of the file") for error in unknown]
    if problems:
        raise InputError(problems)


def computed(frame: pd.DataFrame, source: str, where: str) -> pd.Series:
    """A column of the file by its exact name, else the value of an expression of its columns.

    Raises
    ------
    InputError
        When it is neither, with the nearest column; for values that cannot be read, with their rows.
    """
    if source in frame.columns:
        return frame[source]
    if absent := _absent(frame, source, where):
        raise InputError(absent)
    return _evaluated(frame, source, where)


def filtered(frame: pd.DataFrame, condition: str | None, where: str) -> pd.DataFrame:
    """Rows for which a filter holds."""
    if condition is None:
        return frame
    held = _evaluated(frame, condition, where)
    return frame[held.fillna(False).astype(bool).to_numpy()]


def text_mend(frame: pd.DataFrame, rows: Iterable[int], otherwise: str) -> str:
    """How to mend text where none is expected: lines of labels under the header are to be skipped."""
    positions = list(rows)
    file = frame[FILE].iloc[positions[0]] if positions else ""
    if not has_lines(str(file)):
        return otherwise
    head = (frame[FILE] == file).to_numpy().nonzero()[0][:_HEAD]
    labels: list[int] = []
    for row in head:
        cells = frame.drop(columns=[FILE, LINE]).iloc[row].dropna()
        if any(_NUMBER.match(str(cell)) for cell in cells):
            break
        labels.append(int(row))
    if not set(labels) & set(positions):
        return otherwise
    lines = [int(frame[LINE].iloc[row]) for row in labels]
    beside = "" if lines[0] == 2 else ", beside the lines already skipped"
    return f"skip_rows: {lines}{beside} (labels and units under the header, as in CSMAR exports)"


def _own(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name not in (FILE, LINE)]


def _absent(frame: pd.DataFrame, source: str, where: str) -> list[Problem]:
    """What of a column or an expression the file does not have."""
    own = _own(frame)
    if source in own:
        return []
    mend = "name a column of the file"
    plain = source.isidentifier() or not any(symbol in source for symbol in "()+-*/<>=")
    try:
        errors = parse_expression(source).unknown(own)
    except ExpressionError as error:
        errors = [error]
    if errors and plain:
        folded = {name.lower(): name for name in own}
        near = difflib.get_close_matches(source.lower(), folded, n=1)
        hint = f"; the nearest is '{folded[near[0]]}'" if near else f"; it has {', '.join(own[:12])}"
        return [Problem(where, f"there is no column '{source}'{hint}", mend=mend)]
    return [Problem(where, str(error), mend=mend) for error in errors]


def _evaluated(frame: pd.DataFrame, source: str, where: str) -> pd.Series:
    try:
        return parse_expression(source).evaluate(frame)
    except ExpressionError as error:
        found = {int(row): value for row, (_, value) in zip(_rows(frame, error), error.values, strict=True) if row >= 0}
        shown = tuple(place(frame, row, value) for row, value in found.items())
        mend = text_mend(frame, found, "correct them, or leave the cells empty") if found else ""
        raise InputError(Problem(where, str(error), shown, mend)) from None


def _rows(frame: pd.DataFrame, error: ExpressionError) -> list[int]:
    return [int(row) for row in frame.index.get_indexer(pd.Index([label for label, _ in error.values]))]
