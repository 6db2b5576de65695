"""A breakthrough as exhibits read it from the tidy results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from involution.exhibits.breakthrough_terms import BreakthroughTerm, taken_apart
from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import named_or_first
from involution.exhibits.said import said_in
from involution.study.breakthrough import ALL

BLOCK = "breakthrough"
STATUS = "breakthrough_status"


@dataclass(frozen=True)
class Found:
    """One breakthrough of the results.

    Attributes
    ----------
    column : Column
        Its rows and statistics.
    notes : DataFrame
        Columns code, text_en, text_zh.
    rows : dict of BreakthroughTerm to Series
    truth : dict of BreakthroughTerm to float
        What was planted, where the study says so.
    """

    column: Column
    notes: pd.DataFrame
    rows: Mapping[BreakthroughTerm, pd.Series]
    truth: Mapping[BreakthroughTerm, float]

    @property
    def model(self) -> str:
        """Its name."""
        return self.column.model

    @property
    def outcome(self) -> str:
        """Column of the outcome."""
        return str(self.column.first["outcome"])

    @property
    def treatment(self) -> str:
        """Column of the treatment; empty where nothing was estimated."""
        return self.column.inside("sd_treatment")

    @property
    def levers(self) -> list[str]:
        """Levers in their order, those without an offset too; not all of them together."""
        return [
            term.lever for term in self.rows if term == BreakthroughTerm("offset", term.lever) and term.lever != ALL
        ]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Column and value of each group."""
        return list(dict.fromkeys((term.by, term.group) for term in self.rows if term.group))

    def shares_mean_nothing(self, by: str = "", group: str = "") -> bool:
        """Whether the harm of a group cannot be told from zero."""
        harm = self.rows.get(BreakthroughTerm("harm", "", by, group))
        return harm is None or not float(harm["p_value"]) < 0.05

    def said(self, labels: Labels, *, status: bool) -> list[str]:
        """Notes on what the contrasts are, or all others."""
        chosen = self.notes[(self.notes["code"] == STATUS) == status]
        return said_in(chosen, labels)


def breakthrough(name: str, results: Results, where: str) -> Found:
    """The breakthrough of a name; the first of the study where the name is empty.

    Parameters
    ----------
    name : str
    results : Results
    where : str
        What asks for it, for the message.

    Raises
    ------
    InputError
        When there is no breakthrough of this name.
    """
    model = named_or_first(name, results.models(BLOCK), "breakthrough", "breakthrough", where)
    column = results.column(model)
    apart = {taken_apart(str(row["term"])): row for _, row in column.rows.iterrows()}
    planted = {}
    if len(results.truth):
        own = results.truth[results.truth["model"] == model]
        planted = {taken_apart(str(term)): float(v) for term, v in zip(own["term"], own["truth"], strict=True)}
    return Found(
        column,
        results.notes[results.notes["model"] == model],
        {term: row for term, row in apart.items() if term is not None},
        {term: value for term, value in planted.items() if term is not None and value == value},
    )
