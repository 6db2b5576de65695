"""A breakthrough as exhibits read it from the tidy results: terms taken apart, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import pandas as pd

from involution.errors import InputError, Problem, nearest
from involution.exhibits.columns import Column, Results
from involution.study.base import Bilingual
from involution.study.breakthrough import ALL
from involution.study.sample import FirmSize

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

BLOCK = "breakthrough"
FORMS = ("product", "no_year", "plain")
STATUS = "breakthrough_status"
_SHARES_MEAN_NOTHING = "breakthrough_share_not_meaningful"
_NAMED = ("capabilities", "digital_finance", "passive_events")
_TERM = re.compile(
    rf"(?P<what>harm|offset|remaining|share|level)(?:\[(?P<inside>.+)\])?(?::(?P<form>{'|'.join(FORMS)}))?"
)


@dataclass(frozen=True)
class BreakthroughTerm:
    """A term of a breakthrough, taken apart: ``offset[digital_finance,firm_size=micro]:plain``.

    Attributes
    ----------
    what : str
        harm, offset, remaining, share or level.
    lever : str
        ``all`` for all of them; empty for harm and remaining.
    by, group : str
        Column and value of a group; empty for all firms.
    form : str
        Form of the joint model; empty for the headline.
    """

    what: str
    lever: str = ""
    by: str = ""
    group: str = ""
    form: str = ""


def taken_apart(term: str) -> BreakthroughTerm | None:
    """A term taken apart; None for every other term."""
    found = _TERM.fullmatch(term)
    if found is None:
        return None
    what, inside, form = found["what"], found["inside"] or "", found["form"] or ""
    alone = what in ("harm", "remaining")
    lever, _, group = ("", "", inside) if alone else inside.partition(",")
    if bool(lever) == alone or (group and "=" not in group):
        return None
    by, _, value = group.partition("=")
    return BreakthroughTerm(what, lever, by, value, form)


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
        named = [str(name) for name in self.column.statistics["statistic"] if str(name).startswith("sd_treatment[")]
        return named[0].partition("[")[2][:-1] if named else ""

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
        return [labels.said(text) for text in chosen[f"text_{labels.language}"]]


def breakthrough_models(estimates: pd.DataFrame) -> list[str]:
    """Names of the breakthroughs, in order."""
    return list(dict.fromkeys(estimates.loc[estimates["block"] == BLOCK, "model"].astype(str)))


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
    known = breakthrough_models(results.estimates)
    if not known:
        raise InputError(Problem(where, "the study has no breakthrough", mend="give the section breakthrough"))
    model = name or known[0]
    if model not in known:
        raise InputError(Problem(where, f"there is no breakthrough '{model}'{nearest(model, known)}"))
    rows = results.estimates[(results.estimates["model"] == model) & (results.estimates["block"] == BLOCK)]
    apart = {taken_apart(str(row["term"])): row for _, row in rows.iterrows()}
    planted = {}
    if len(results.truth):
        own = results.truth[results.truth["model"] == model]
        planted = {taken_apart(str(term)): float(v) for term, v in zip(own["term"], own["truth"], strict=True)}
    return Found(
        Column(model, rows, results.statistics[results.statistics["model"] == model]),
        results.notes[results.notes["model"] == model],
        {term: row for term, row in apart.items() if term is not None},
        {term: value for term, value in planted.items() if term is not None and value == value},
    )


def lever_label(lever: str, labels: Labels, more: Mapping[str, Bilingual] | None = None) -> str:
    """A lever in words: the table's or the study's label, a known lever's, else that of a column of its name."""
    if lever == ALL:
        return labels.text("lever_all")
    if lever in _NAMED and lever not in (more or {}) and lever not in labels.study:
        return labels.text(f"lever_{lever}")
    return labels.column(lever, more)


def group_label(by: str, group: str, labels: Labels) -> str:
    """A group in words."""
    known = by == "firm_size" and group in get_args(FirmSize)
    return labels.text(f"size_{group}") if known else labels.value(group)


def breakthrough_label(term: BreakthroughTerm, labels: Labels) -> str:
    """A term in words, with its group and its form."""
    text = labels.text(f"breakthrough_{term.what}", lever=lever_label(term.lever, labels) if term.lever else "")
    more = [group_label(term.by, term.group, labels)] if term.group else []
    more += [labels.text(f"levers_form_{term.form}")] if term.form else []
    return labels.joined([text, *more])
