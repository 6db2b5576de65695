"""Lines of a text: broken at spaces and between Chinese characters, never within a word."""

from __future__ import annotations

import re
import unicodedata

_PIECE = re.compile(r"\s+|[\u2e80-\ufaff][\u3000-\u303f\uff00-\uffef]*|[^\s\u2e80-\ufaff]+")


def width(text: str) -> int:
    """Width in Latin letters; a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(symbol) in "WF" else 1 for symbol in text)


def wrapped(text: str, limit: int) -> list[str]:
    """Lines no wider than `limit`, save for words that are wider by themselves."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1].strip() and width((lines[-1] + piece).strip()) > limit:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()] or [""]


def fitted(text: str, limit: int) -> list[str]:
    """Lines of which none is wider than `limit`: a word that is wider breaks after an underscore, else anywhere."""
    return [piece for line in wrapped(text, limit) for piece in _broken(line, limit)]


def _broken(line: str, limit: int) -> list[str]:
    pieces = []
    while width(line) > limit:
        end = 1
        while width(line[: end + 1]) <= limit:
            end += 1
        underscore = line.rfind("_", 0, end)
        end = underscore + 1 if underscore > 0 else end
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line]
