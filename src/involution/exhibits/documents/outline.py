"""What a document of all exhibits holds, in the order of the chapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from involution.exhibits.chapter import PARTS, part_of_figure, tables_by_part
from involution.exhibits.columns import Results
from involution.exhibits.content import TableContent
from involution.exhibits.figures import title_of
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Picture
from involution.study.figures import Figure
from involution.study.styles import STYLES, StyleName
from involution.study.tables import Table

_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True)
class Caption:
    """What stands above a table or below a figure.

    Attributes
    ----------
    before, number, after : str
        The words before the number, the number, and what follows it.
    roman : bool
        Whether the number is one of Roman numerals.
    """

    before: str
    number: str
    after: str
    roman: bool = False

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(f"{self.before}{self.number}{self.after}".split("\n"))


@dataclass(frozen=True)
class NumberedTable:
    """A table with its caption, and what stands above a page on which it goes on."""

    content: TableContent
    caption: Caption
    continued: str


@dataclass(frozen=True)
class NumberedFigure:
    """A figure with its caption: name of its files, what it shows in words, notes and the PNG."""

    name: str
    caption: Caption
    words: str
    notes: str
    png: bytes


@dataclass(frozen=True)
class Chapter:
    """A part of the document."""

    heading: str
    tables: tuple[NumberedTable, ...]
    figures: tuple[NumberedFigure, ...]


@dataclass(frozen=True)
class Outline:
    """The whole document in one language."""

    title: str
    language: str
    style: StyleName
    chapters: tuple[Chapter, ...]

    @property
    def tables(self) -> list[TableContent]:
        """All tables in order."""
        return [table.content for chapter in self.chapters for table in chapter.tables]


def outlined(
    title: str,
    style: StyleName,
    tables: Sequence[Table],
    contents: Sequence[TableContent],
    figures: Sequence[tuple[Figure, Picture]],
    drawn: Mapping[str, bytes],
    results: Results,
    labels: Labels,
) -> Outline:
    """Tables and figures by parts of the chapter, numbered through.

    Parameters
    ----------
    title : str
        Of the study.
    style : str
        Of the study, for what is no table: the numbers of figures and the fonts.
    tables : sequence of Table
    contents : sequence of TableContent
        What the tables say, in the same order.
    figures : sequence of (Figure, Picture)
    drawn : mapping of str to bytes
        PNG by the name of the figure.
    results : Results
    labels : Labels
    """
    by_name = {content.name: content for content in contents}
    by_part = tables_by_part(tables, results.estimates)
    own = replace(labels, style=style)
    n_tables = n_figures = 0
    chapters = []
    for part in PARTS:
        inside, shown = [], []
        for table in by_part.get(part, []):
            n_tables += 1
            inside.append(_table(by_name[table.name], n_tables, style, own))
        for figure, picture in figures:
            if part_of_figure(figure.kind) == part and figure.name in drawn:
                n_figures += 1
                shown.append(_figure(figure, picture, drawn[figure.name], n_figures, own))
        if inside or shown:
            heading = labels.text("report_answers" if part == "answers" else f"part_{part}")
            chapters.append(Chapter(heading, tuple(inside), tuple(shown)))
    return Outline(title, labels.language, style, tuple(chapters))


def roman(number: int) -> str:
    """A number in Roman numerals.

    Examples
    --------
    >>> roman(4), roman(19), roman(66)
    ('IV', 'XIX', 'LXVI')
    """
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _table(content: TableContent, number: int, style: StyleName, labels: Labels) -> NumberedTable:
    in_roman = STYLES[style].roman
    shown = roman(number) if in_roman else str(number)
    continued = labels.text("table_continued", table=labels.text("table_number", number=shown))
    return NumberedTable(content, _caption("table_number", shown, content.title, labels, in_roman), continued)


def _figure(figure: Figure, picture: Picture, png: bytes, number: int, labels: Labels) -> NumberedFigure:
    title = title_of(figure, picture, labels) or figure.name.replace("_", " ").capitalize()
    notes = labels.said(labels.sentences(picture.notes))
    caption = _caption("figure_number", str(number), title, labels, in_roman=False)
    return NumberedFigure(figure.name, caption, labels.said(f"{title}: {picture.words}"), notes, png)


def _caption(key: str, number: str, title: str, labels: Labels, in_roman: bool) -> Caption:
    """The caption's words, taken apart around its number: a document counts by itself."""
    before, after = labels.text("caption", number=labels.text(key, number="\0"), title=title).split("\0")
    return Caption(before, number, after, in_roman)
