"""What the columns of a study are: a definition for each, and links to it wherever its label stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from involution.exhibits.labels import Labels
from involution.exhibits.report_html import anchor, link_to
from involution.study.base import Bilingual
from involution.study.study import Study
from involution.study.timing import dated, dated_definitions

_NUMBERED = re.compile(r"^(\(\d+\) )(.+)$")
_DATED = re.compile(r"^(?P<stem>.+)_(?P<kind>[lf])(?P<years>\d+)$")


@dataclass(frozen=True)
class Definition:
    """What a column is.

    Attributes
    ----------
    name, label : str
    formula : str
        Of a measure its definition, of a variable its expression, of a column of the data where it comes from.
    unit, coverage, available : str
        Empty where there is nothing to say.
    measure : bool
        Whether the dictionary of measures has it.
    """

    name: str
    label: str
    formula: str
    unit: str = ""
    coverage: str = ""
    available: str = ""
    measure: bool = False

    @property
    def row(self) -> str:
        """The identifier of its row on the page."""
        return anchor("variable", self.name)

    @property
    def cell(self) -> str:
        """The identifier of the cell that says what it is."""
        return anchor("definition", self.name)


@dataclass(frozen=True)
class Glossary:
    """Definitions in the order of the report, and which column a label means."""

    definitions: tuple[Definition, ...]
    names: Mapping[str, Definition]

    def renamed(self, labels: Mapping[str, Bilingual], language: str) -> Glossary:
        """With the labels that a table gives to columns of its own."""
        known = {definition.name: definition for definition in self.definitions}
        own = {text.get(language): known[name] for name, text in labels.items() if name in known}
        return Glossary(self.definitions, {**self.names, **own})

    def linked(self, text: str) -> str:
        """A label as HTML, every column in it linked to its definition: ``A × B`` to two."""
        numbered = _NUMBERED.match(text)
        before, rest = numbered.groups() if numbered else ("", text)
        parts = [rest] if rest in self.names else rest.split(" × ")
        return escape(before) + " × ".join(self._one(part) for part in parts)

    def _one(self, label: str) -> str:
        if label not in self.names:
            return escape(label)
        meant = self.names[label]
        target, described = link_to(meant.row), escape(meant.cell)
        return f'<a class="term" href="{target}" aria-describedby="{described}">{escape(label)}</a>'


def glossary_of(
    study: Study, dictionary: pd.DataFrame, analysis: pd.DataFrame, estimates: pd.DataFrame, labels: Labels
) -> Glossary:
    """Definitions of all measures, and of the columns of the estimation sample that something defines.

    Parameters
    ----------
    study : Study
    dictionary : DataFrame
        Of the measures.
    analysis : DataFrame
        Whose columns can stand in models.
    estimates : DataFrame
        Of two columns with one label, the one that is estimated is meant, else the first.
    labels : Labels
    """
    found = list(_measures(dictionary, labels))
    measured = {definition.name for definition in found}
    made = _made(study, labels)
    for column in map(str, analysis.columns):
        formula = made.get(column) or _dated(column, {*made, *measured})
        if formula and column not in measured:
            found.append(Definition(column, labels.column(column), formula, _unit(column, labels)))
    used = {*estimates["outcome"].astype(str), *estimates["term"].astype(str)}
    names: dict[str, Definition] = {}
    for definition in sorted(found, key=lambda one: one.name not in used):
        for label in (definition.label, labels.said(definition.label)):
            names.setdefault(label, definition)
    return Glossary(tuple(found), names)


def _measures(dictionary: pd.DataFrame, labels: Labels) -> Iterator[Definition]:
    for row in dictionary.itertuples():
        available = str(row.available).lower() == "true"
        answer = (
            labels.text("yes") if available else labels.said(f"{labels.text('no')}: {labels.reason(str(row.reason))}")
        )
        name, unit = str(row.name), labels.unit(str(row.unit))
        yield Definition(name, labels.column(name), str(row.formula), unit, str(row.coverage), answer, measure=True)


def _made(study: Study, labels: Labels) -> dict[str, str]:
    """By column, the expression that makes it or the columns of the data that it is taken from."""
    sources: Sequence[Mapping[str, str]] = [
        study.data.panel.columns,
        {name: name for name in study.data.panel.keep},
        *(join.columns for join in study.data.join),
    ]
    taken = {
        str(name): labels.text("report_from_data", column=column)
        for columns in sources
        for name, column in columns.items()
    }
    return {**taken, **study.derive, **study.variables}


def _dated(column: str, known: set[str]) -> str:
    """The expression of a known column in another year; empty for any other column."""
    found = _DATED.match(column)
    if not found or found["stem"] not in known:
        return ""
    years = int(found["years"]) * (-1 if found["kind"] == "l" else 1)
    return dated_definitions([(found["stem"], years)]).get(dated(found["stem"], years), "")


def _unit(column: str, labels: Labels) -> str:
    from involution.panel.columns import canonical_columns

    canonical = canonical_columns()
    if column not in canonical.index or not isinstance(canonical.loc[column, "unit"], str):
        return ""
    return labels.unit(str(canonical.loc[column, "unit"]))
