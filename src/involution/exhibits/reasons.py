"""Why something could not be estimated or measured, in Chinese: such messages are made in English, by patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_KEY = "reason_"
_SLOT = re.compile(r"\\\{(v\d+)\\\}")
_JOINED = ((" or ", " 或 "), (" and ", " 与 "))
_MOST = 12
"""How deep messages stand within messages."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns with what they say in Chinese, those with the most words of their own first."""
    from involution.exhibits.labels import fixed_texts

    pairs = [pair for key, pair in fixed_texts().items() if key.startswith(_KEY)]
    pairs.sort(key=lambda pair: -len(re.sub(r"\{v\d+\}", "", pair[0])))
    return tuple((re.compile(_SLOT.sub(r"(?P<\1>.+?)", re.escape(en)), re.DOTALL), zh) for en, zh in pairs)


def reason_in_chinese(text: str, depth: int = 0) -> str:
    """A message in Chinese, with messages inside it; itself where no pattern knows it."""
    if depth > _MOST:
        return text
    for word, told in _JOINED if depth else ():
        if word in text:
            return told.join(reason_in_chinese(part, depth + 1) for part in text.split(word))
    for pattern, zh in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return zh.format(**_inside(found.groupdict(), depth))
    named, colon, rest = text.partition(": ")
    told = reason_in_chinese(rest, depth + 1) if colon else rest
    if told != rest:
        return f"{named}：{told}"
    first, mark, others = text.partition("; ")
    if mark:
        pieces = [reason_in_chinese(piece, depth + 1) for piece in (first, others)]
        return "；".join(pieces) if pieces != [first, others] else text
    return text


def _inside(values: Mapping[str, str], depth: int) -> dict[str, str]:
    return {name: reason_in_chinese(value, depth + 1) for name, value in values.items()}
