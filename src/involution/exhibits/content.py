"""What a table says, before any format: plain text in rows and columns, never markup."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from involution.study.styles import StyleName

RowKind = Literal["estimate", "uncertainty", "mark", "statistic", "plain", "heading"]


@dataclass(frozen=True)
class Cell:
    """A cell: its text and, for estimates, the stars beside it."""

    text: str = ""
    stars: str = ""


@dataclass(frozen=True)
class Row:
    """A row: a label and a cell per column.

    Attributes
    ----------
    kind : str
        estimate, uncertainty (in parentheses under an estimate), mark (Yes/No), statistic, plain, or heading (a label
        above the rows that follow, without numbers).
    label : str
    what : str
        What the numbers are, for formats that cannot show parentheses.
    cells : tuple of Cell
    rule_above : bool
        A thin rule separates the row from those above.
    """

    kind: RowKind
    label: str
    cells: tuple[Cell, ...]
    what: str = ""
    rule_above: bool = False


@dataclass(frozen=True)
class Header:
    """A header row: texts with the number of columns each spans; the label column comes first.

    `what` names rows without a label: estimator, numbers.
    """

    label: str
    cells: tuple[tuple[str, int], ...]
    what: str = ""


@dataclass(frozen=True)
class Part:
    """A panel of a table: its title, header rows and body rows."""

    title: str
    headers: tuple[Header, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class TableContent:
    """A whole table.

    Attributes
    ----------
    name, title, language : str
    n_columns : int
        Beside the label column.
    parts : tuple of Part
    notes : tuple of str
        Sentences below the table.
    style : str
        Of `study.styles.STYLES`.
    """

    name: str
    title: str
    language: str
    n_columns: int
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    style: StyleName = "default"

    @property
    def flat(self) -> bool:
        """Whether each row stands for itself, so that any order of the rows says the same."""
        part, *others = self.parts or (None,)
        if part is None or others or len(part.headers) != 1 or part.title:
            return False
        alone = all(row.kind == "plain" and row.label and not row.rule_above for row in part.rows)
        return alone and all(span == 1 for _, span in part.headers[0].cells)


def decimal(value: float, digits: int) -> str:
    """A number with fixed decimals and thousands separators; empty when missing, never minus zero."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    shown = f"{value:,.{digits}f}"
    return shown.lstrip("-") if float(shown.replace(",", "")) == 0 else shown


def shown_p_value(value: float, digits: int) -> str:
    """A p-value; one that its decimals would print as zero by the smallest that they can tell."""
    least = 10**-digits
    return f"<{least:.{digits}f}" if value < least / 2 else decimal(value, digits)


_MINUS = re.compile(r"(?<![\w.,)\]])-(?=[\d.∞])")


def with_minus(text: str, sign: str = "−") -> str:
    """A cell's text with the sign of every negative number as a minus; hyphens between two words or years stay.

    Examples
    --------
    >>> with_minus("-0.520 [-0.597, -0.443]"), with_minus("1991-1999"), with_minus("t-1")
    ('−0.520 [−0.597, −0.443]', '1991-1999', 't-1')
    """
    return _MINUS.sub(lambda _: sign, text)


def integer(value: float) -> str:
    """A count with thousands separators; empty when missing."""
    return "" if value is None or math.isnan(value) else f"{round(value):,}"


def spans(texts: list[str]) -> tuple[tuple[str, int], ...]:
    """Equal neighbours as one cell over several columns."""
    merged: list[tuple[str, int]] = []
    for text in texts:
        if merged and merged[-1][0] == text:
            merged[-1] = (text, merged[-1][1] + 1)
        else:
            merged.append((text, 1))
    return tuple(merged)


def padded(part: Part, width: int) -> Part:
    """A narrower panel filled with empty columns."""
    missing = width - (len(part.rows[0].cells) if part.rows else width)
    if missing <= 0:
        return part
    headers = tuple(replace(header, cells=(*header.cells, ("", missing))) for header in part.headers)
    rows = tuple(replace(row, cells=(*row.cells, *[Cell()] * missing)) for row in part.rows)
    return Part(part.title, headers, rows)


def split_group(model: str) -> tuple[str, str | None]:
    """A model's name and the group it was fitted on: ``base[2]`` is ``("base", "2")``, others have no group."""
    base, bracket, rest = model.partition("[")
    return (base, rest[:-1]) if bracket and rest.endswith("]") else (model, None)


def stars_for(p_value: float, levels: Mapping[str, float]) -> str:
    """The mark of the strictest level that the p-value is below."""
    reached = [(level, mark) for mark, level in levels.items() if p_value < level]
    return min(reached)[1] if reached else ""
