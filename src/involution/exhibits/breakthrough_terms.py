"""What the terms of a breakthrough say: ``offset[digital_finance,firm_size=micro]`` taken apart, and in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from involution.study.base import Bilingual
from involution.study.breakthrough import ALL
from involution.study.sample import FirmSize

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

FORMS = ("product", "no_year", "plain")
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
