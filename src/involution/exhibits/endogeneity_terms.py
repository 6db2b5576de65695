"""What the terms of the section `endogeneity` say: ``union[x]``, ``lewbel[z]``, ``rotemberg[k]`` in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from involution.exhibits.labels import Labels

BLOCK = "endogeneity"
_OF_COLUMN = re.compile(r"(?P<what>union|local_to_zero|lewbel|balance)\[(?P<of>.+)\]")
_OF_SHOCK = re.compile(r"rotemberg\[(?P<of>.+)\]")
_ALONE = ("shift_share", "sum_of_shares")
_BY_YEAR = re.compile(r"sum_of_shares::(?P<year>\d+)")


def endogeneity_label(term: str, labels: Labels) -> str | None:
    """A term of an endogeneity model in words; None for every other term."""
    if term in _ALONE:
        return labels.text(f"term_{term}")
    found = _OF_COLUMN.fullmatch(term)
    if found is not None:
        return labels.text(f"term_{found['what']}", of=labels.column(found["of"]))
    shock, year = _OF_SHOCK.fullmatch(term), _BY_YEAR.fullmatch(term)
    if shock is not None:
        return labels.text("term_rotemberg", of=labels.value(shock["of"]))
    return labels.text("term_sum_of_shares_year", year=year["year"]) if year is not None else None
