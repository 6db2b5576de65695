"""Names that Stata and R both take for columns that may be called anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONGEST = 32
"""Characters of a name in Stata."""
_STATA = (
    "_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_pi", "_pred", "_rc",
    "_skip", "strl", "using", "with", "c", "e", "r", "i", "o",
)  # fmt: skip
_R = (
    "else",
    "repeat",
    "while",
    "function",
    "for",
    "next",
    "break",
    "true",
    "false",
    "null",
    "inf",
    "nan",
    "na",
    "t",
    "f",
)
_TAKEN = frozenset((*_STATA, *_R))


@dataclass(frozen=True)
class Names:
    """Names for programs by what the study calls a column, and back.

    Attributes
    ----------
    given : mapping of str to str
        Each name stands once, whatever its case.
    """

    given: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.given[column]

    @property
    def meant(self) -> dict[str, str]:
        """What the study calls a column, by the name it has for programs."""
        return {name: column for column, name in self.given.items()}


def program_names(columns: Iterable[str]) -> Names:
    """A name for each column: letters a to z, digits and _, at most 32, no word of Stata or R, none twice.

    Parameters
    ----------
    columns : iterable of str
        In order; what a column is called does not depend on those after it.

    Examples
    --------
    >>> program_names(["rd_intensity_f1", "x:w", "规模", "x w", "if"]).given
    {'rd_intensity_f1': 'rd_intensity_f1', 'x:w': 'x_w', '规模': 'column_3', 'x w': 'x_w_2', 'if': 'if_'}
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    for place, column in enumerate(columns, 1):
        if column in given:
            continue
        plain = _plain(column) or f"column_{place}"
        name, number = plain, 1
        while name.lower() in taken:
            number += 1
            ending = f"_{number}"
            name = plain[: LONGEST - len(ending)] + ending
        taken.add(name.lower())
        given[column] = name
    return Names(given)


def _plain(column: str) -> str:
    """The letters, digits and _ of a name, cut to length; empty where too little of it is left to know it by."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_")
    kept = sum(character.isascii() for character in column)
    if not text or kept < len(column) / 2:
        return ""
    if not text[0].isalpha():
        text = f"v_{text}"
    text = text[:LONGEST].rstrip("_")
    # str1 to str2045 are types of Stata; a word taken by a program gets a _ at its end.
    return f"{text}_" if text.lower() in _TAKEN or re.fullmatch(r"str\d+", text.lower()) else text
