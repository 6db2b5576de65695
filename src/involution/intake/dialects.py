"""What files call the canonical columns, by dialect: the names of `data/columns.csv`, made comparable."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from involution.panel.columns import canonical_columns

DIALECTS = ("csmar", "asif", "chinese", "english", "compustat")
"""In the order in which a name that several have is said to be of one."""

_OWN = {"chinese": "label_zh", "english": "label_en"}
_UNITS = {
    "元": 1.0, "人民币元": 1.0, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "百万": 1e6, "亿元": 1e8, "亿": 1e8,
    "人": 1.0, "千人": 1e3, "万人": 1e4, "个": 1.0, "件": 1.0, "项": 1.0,
    "yuan": 1.0, "rmb": 1.0, "cny": 1.0, "usd": 1.0, "thousand": 1e3, "thousands": 1e3, "000": 1e3, "k": 1e3,
    "million": 1e6, "millions": 1e6, "mn": 1e6, "mio": 1e6, "billion": 1e9, "billions": 1e9, "bn": 1e9, "persons": 1.0,
}  # fmt: skip
_CURRENCY = re.compile(r"(?:rmb|cny|yuan|usd|eur|in|of|dollars|euros?|\$|¥|,|:|单位|人民币)")
_BRACKET = re.compile(r"[(\[【](?P<inside>[^()\[\]【】]*)[)\]】]")
_ENDING = re.compile(r"[_/:,\-](?P<inside>千元|万元|百万元|亿元|元|千人|万人|人|thousands?|millions?)$")
_ENUMERATED = re.compile(r"^(?:[一二三四五六七八九十]+、|\d+[.、]|其中:?|减:|加:)+")
_FILLER = re.compile(r"[\s_\-.:*/、,]+")


class Name(NamedTuple):
    """A canonical column under one of its names; the first name of a dialect has rank 0."""

    column: str
    dialect: str
    rank: int


class Header(NamedTuple):
    """A header made comparable, and the unit that stands in it: a factor, or None."""

    key: str
    unit: float | None


def comparable(header: str) -> Header:
    """A header without what differs between writings of one name: full width, case, spaces, numbering, a unit.

    Examples
    --------
    >>> comparable("营业收入(千元)"), comparable("Total Assets [RMB million]")
    (Header(key='营业收入', unit=1000.0), Header(key='totalassets', unit=1000000.0))
    """
    text = unicodedata.normalize("NFKC", header).casefold().strip()
    unit = None
    ending = _ENDING.search(text)
    for part in [found["inside"] for found in _BRACKET.finditer(text)] + ([ending["inside"]] if ending else []):
        unit = unit if (found := unit_factor(part)) is None else found
    text = _BRACKET.sub("", text)
    if ending:
        text = _ENDING.sub("", text)
    return Header(_FILLER.sub("", _ENUMERATED.sub("", text)), unit)


def unit_factor(text: str) -> float | None:
    """The factor that a unit in words stands for, or None: 千元 is 1000."""
    words = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
    if words in _UNITS:
        return _UNITS[words]
    rest = " ".join(_CURRENCY.sub(" ", words).split())
    return _UNITS.get(rest) if rest else None


@cache
def known_names() -> dict[str, tuple[Name, ...]]:
    """By comparable name, the canonical columns it stands for."""
    found: dict[str, list[Name]] = {}
    for dialect in DIALECTS:
        for column in canonical_columns().index:
            for rank, name in enumerate(names_of(str(column), dialect)):
                key = comparable(name).key
                held = found.setdefault(key, [])
                if key:
                    held.append(Name(str(column), dialect, rank))
    return {key: tuple(names) for key, names in found.items()}


def names_of(column: str, dialect: str) -> list[str]:
    """What a dialect calls a canonical column, the usual name first; sums such as ``dv + xint`` as they stand."""
    row = canonical_columns().loc[column]
    listed = [part.strip() for part in str(row[dialect]).split(";") if part.strip()]
    own = str(row[_OWN[dialect]]) if dialect in _OWN else ""
    further = [column] if dialect == "english" else []
    return list(dict.fromkeys([name for name in (*further, own) if name] + listed))
