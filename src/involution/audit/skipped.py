"""Numbers of a text that are no results: years, references, numbers of tables and columns, levels, dates, pages."""

from __future__ import annotations

import re

from involution.audit.document import Passage
from involution.audit.numbers import Token, plain

_NUMBERED = re.compile(
    r"(?:\b(?:tables?|tabs?\.|figures?|figs?\.|sections?|sect?s?\.|chapters?|columns?|cols?\.|equations?|eqs?\.|models?|"
    r"panels?|steps?|hypothes[ie]s|H|appendix|footnotes?|rows?|pages?|pp?\.|nos?\.|vol\.|volume|version|lines?|items?|"
    r"parts?|regressions?|specifications?|notes?|phase|stage|SIC|ISO|GB/T|event time|leads?|lags?)|"
    r"[表图第列式章节栏]|模型|公式|假设|附录|附表|附图|步骤|方程|事件时间|滞后|提前)\s*[A-Z]?[-.]?\s*[(]?\s*$",
    re.IGNORECASE,
)
_PARTED = re.compile(
    r"(?:\b(?:tables?|tabs?\.|figures?|figs?\.|sections?|sect?s?\.|chapters?|equations?|eqs?\.|appendix|version|items?)|"
    r"[表图第章节式§]|附录)\s*[A-Z]?[-.]?\s*[(]?\s*$",
    re.IGNORECASE,
)
"""What has numbers with points: Section 3.2."""
_JOINED = re.compile(r"\s*[)]?\s*(?:[,、，;]|and|or|to|through|[-−–~]|和|与|及|至|到|或)\s*(?:and|和)?\s*[(]?\s*")
_DATED = re.compile(r"\s*(?:年|月|日|章|节|页|期|卷|号|版|世纪|周|季度)")
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_LEVELS = (0.1, 0.05, 0.01, 0.001, 1, 5, 10, 90, 95, 99, 99.9, 0.9, 0.95, 0.99)
_OF_LEVEL = re.compile(
    r"confidence|level|significan|interval|critical|percentile|quantile|winsor|tail|trim|CI\b|band|power|"
    r"置信|水平|显著|区间|分位|缩尾|截尾|临界|双尾|检验力",
    re.IGNORECASE,
)
_LEVEL_BEFORE = re.compile(r"(?:\bp(?:-?values?)?|p\s?值)\s*[<>≤≥⩽⩾=]+\s*$", re.IGNORECASE)
_COUNTED = re.compile(
    r"\s*(?:firms?|observations?|obs\b|clusters?|firm-years?|rows?|instruments?|cohorts?|家|个企业|个观测|个样本|企业|观测|样本)",
    re.IGNORECASE,
)
_COUNT_BEFORE = re.compile(r"(?:\bN|\bn|obs\.?|observations?|观测数?|样本量)\s*(?:=|:|为|是)?\s*$")
_REGIONS = re.compile(
    r"https?://\S+|www\.\S+|\b10\.\d{4,}/\S+|[\w.+-]+@[\w-]+\.[\w.]+|\b(?:JEL|ISBN|ISSN|doi)\b[^.。]*|"
    r"\b\d+(?:\.\d+){2,}\b|\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b|\b\d{1,2}:\d{2}\b"
)
_MONEY_BEFORE = re.compile(r"(?:[$＄¥￥€£]|\b(?:USD|RMB|CNY|EUR))\s*$")
_MONEY = re.compile(r"\s*(?:million|billion|trillion|thousand|dollars?|yuan|euros?|[万亿]|元)", re.IGNORECASE)
_SMALL, _YEARS = 100, range(1800, 2100)


def skipped(passage: Passage, found: list[Token]) -> dict[int, str]:
    """Why numbers of a passage are no results, by their place in the list; the others are missing.

    Parameters
    ----------
    passage : Passage
    found : list of Token
        All numbers of the passage.

    Returns
    -------
    dict of int to str
        Reasons: word, reference, code, contents, heading, numbering, year, date, level, address, money, small.
    """
    said = plain(passage.text)
    away = [(match.start(), match.end()) for match in _REGIONS.finditer(said)]
    out: dict[int, str] = {}
    for place, token in enumerate(found):
        if any(start <= token.start < end for start, end in away):
            out[place] = "address"
            continue
        carried = place > 0 and out.get(place - 1) in ("numbering", "year", "date", "level")
        between = said[found[place - 1].end : token.start] if carried else ""
        reason = _reason(passage, said, token)
        if carried and reason in (None, "small") and token.whole and _JOINED.fullmatch(between):
            reason = out[place - 1] if out[place - 1] != "year" or int(token.value) in _YEARS else reason
        if reason is not None:
            out[place] = reason
    return out


def _reason(passage: Passage, said: str, token: Token) -> str | None:
    """Why a number is no result, by itself and what stands around it."""
    if passage.kind in ("contents", "code"):
        return passage.kind
    if token.word:
        return "word"
    before, after = said[: token.start], said[token.end :]
    if _is_level(token, before, after):
        return "level"
    if _MONEY_BEFORE.search(before) or (_MONEY.match(after) and not token.stars):
        return "money"
    if not token.signed and not token.stars and _PARTED.search(before):
        return "numbering"
    if not token.whole or token.stars:
        # A number with a point counts only parts of a heading: 3.2 Results.
        return "heading" if passage.kind == "heading" and not before.strip() else None
    return _reason_of_whole(passage, token, before, after)


def _is_level(token: Token, before: str, after: str) -> bool:
    """A level of significance, a share that is winsorised, the confidence of an interval."""
    if token.stars or abs(token.value) not in _LEVELS:
        return False
    if _LEVEL_BEFORE.search(before):
        return True
    near = after[:30] + " " + before[-25:]
    return (token.percent or not token.whole or bool(re.match(r"(?:th|st)?\s*[,/、和至到]", after))) and bool(
        _OF_LEVEL.search(near)
    )


def _reason_of_whole(passage: Passage, token: Token, before: str, after: str) -> str | None:
    if _NUMBERED.search(before):
        return "numbering"
    if passage.kind == "heading" and not before.strip():
        return "heading"
    if _DATED.match(after) or re.search(rf"{_MONTH}\.?\s*$", before) or re.match(rf"\s*{_MONTH}\b", after):
        return "date"
    if not before.strip() and re.match(r"\s*[.)、]\s", after):
        return "numbering"
    if token.percent:
        return None
    counted = bool(_COUNTED.match(after) or _COUNT_BEFORE.search(before))
    plain_digits = "," not in token.text and not token.signed
    if plain_digits and int(token.value) in _YEARS and len(token.text) == 4 and not counted:
        return "year"
    if abs(token.value) < _SMALL and token.bracket == "(" and after.lstrip().startswith(")"):
        return "numbering"
    return "small" if abs(token.value) < _SMALL and not counted else None
