"""What the words and signs beside a number say about which number of the results it is."""

from __future__ import annotations

import re

from involution.audit.candidates import Candidate
from involution.audit.document import Passage
from involution.audit.numbers import Token, plain

_HINTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(?:\bp(?:-?values?)?|p\s?值)\s*(?:=|为|是)\s*$", re.IGNORECASE), ("p_value",)),
    (re.compile(r"(?:\bs\.?\s?e\.?|standard errors?|标准误)\s*(?:=|:|of|为|是)?\s*$", re.IGNORECASE), ("std_error",)),
    (re.compile(r"(?:\b[tz](?:-?(?:statistics?|values?))?|[tz]\s?值|[tz]\s?统计量)\s*(?:=|为|是)\s*$"), ("statistic",)),
)
_COUNTED = re.compile(
    r"\s*(?:(?:firms?|observations?|obs|clusters?|firm-years?|rows?|cohorts?)\b|家|个?企业|个?观测|个?样本)",
    re.IGNORECASE,
)
_COUNT_BEFORE = re.compile(r"(?:\b[Nn]|观测数?|样本量)\s*(?:=|:|为|是)\s*$")


def asked(before: str) -> tuple[str, ...]:
    """The columns that the words before a number ask for: "t =", "s.e."; none where they ask for none."""
    return next((columns for pattern, columns in _HINTS if pattern.search(before[-30:])), ())


def hinted(passage: Passage, token: Token, found: list[Candidate]) -> tuple[list[Candidate], bool]:
    """Candidates of the kind that the words beside a number ask for, and whether they ask for one that is a count."""
    said = plain(passage.text)
    before, after = said[max(0, token.start - 30) : token.start], said[token.end : token.end + 20]
    kinds = asked(before)
    if kinds:
        return [one for one in found if one.number is None or one.number.what in kinds], False
    if token.whole and (_COUNTED.match(after) or _COUNT_BEFORE.search(before)):
        return [one for one in found if _counts(one)], True
    return found, False


def _counts(one: Candidate) -> bool:
    return one.value == round(one.value) and (one.number is None or one.number.statistic.startswith(("n_", "dropped_")))


def starred(token: Token, found: list[Candidate]) -> list[Candidate]:
    """Only an estimate has stars."""
    if not token.stars:
        return found
    estimates = [one for one in found if one.number is not None and one.number.what == "estimate"]
    return [one for one in estimates if one.number and one.number.stars == token.stars] or estimates
