"""Whom an event is aimed at: lists of industry and region codes, and the codes of firms that lie in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_SEPARATORS = re.compile(r"[;|；｜]")
_INDUSTRY = re.compile(r"([A-Z]?)(\d{2,4})")
_REGION = re.compile(r"\d{6}")


def scope_of(text: object) -> tuple[str, ...]:
    """The codes of a list separated by ``;`` or ``|``, in order and each once; none for an empty text."""
    if not isinstance(text, str):
        return ()
    return tuple(sorted({part.strip() for part in _SEPARATORS.split(text)} - {""}))


def in_scope(code: str, scope: Iterable[str]) -> bool:
    """Whether a firm's industry or region stands in a scope, itself or as part of a wider code.

    Notes
    -----
    The industry C3911 lies in C391, C39 and C, and in 391 and 39; 3911, which has no letter, lies in what has the same
    digits. The city 330106 lies in 330100, 3301, 330000 and 33. Other codes and names lie in themselves alone.
    """
    wider = _wider(code)
    return any(entry in wider or (code[:1].isdigit() and _digits(entry) in wider) for entry in scope)


def unmatched(scopes: Iterable[tuple[str, ...]], codes: Iterable[str]) -> list[str]:
    """Entries of scopes in which none of the codes lies, in order."""
    known = list(codes)
    entries = sorted({entry for scope in scopes for entry in scope})
    return [entry for entry in entries if not any(in_scope(code, (entry,)) for code in known)]


@cache
def _wider(code: str) -> frozenset[str]:
    """The code, and the codes that it lies in."""
    if _REGION.fullmatch(code):
        parts = {code[:length] for length in (2, 4, 6)}
        return frozenset({*parts, *(part.ljust(6, "0") for part in parts)})
    industry = _INDUSTRY.fullmatch(code)
    if industry is None:
        return frozenset({code})
    letter, digits = industry.groups()
    parts = {digits[:length] for length in range(2, len(digits) + 1)}
    return frozenset({*parts, *(letter + part for part in parts), letter} - {""})


def _digits(entry: str) -> str:
    """An industry code without its letter."""
    found = _INDUSTRY.fullmatch(entry)
    return found[2] if found else entry
