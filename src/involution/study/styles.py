"""Styles of tables: what a table prints where it does not say otherwise itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

StyleName = Literal["default", "econometrica", "management-world", "aer"]
Parentheses = Literal["std_error", "statistic", "p_value"]

StyleRow = Literal[
    "n_obs", "n_firms", "n_clusters", "r2", "r2_within", "adjusted_r2", "pseudo_r2", "mean_outcome",
]  # fmt: skip
ROWS: tuple[StyleRow, ...] = ("n_obs", "n_firms", "n_clusters", "r2", "r2_within", "pseudo_r2", "mean_outcome")
"""Rows below the coefficients where neither the table nor its style names others."""


def _starred() -> Mapping[str, float]:
    return MappingProxyType({"*": 0.1, "**": 0.05, "***": 0.01})


@dataclass(frozen=True)
class Style:
    """How the tables of a journal look.

    Attributes
    ----------
    stars : mapping of str to float
        Marks and their levels; none where the journal prints none.
    parentheses : str
        What stands in parentheses under an estimate.
    digits : int
        Decimals.
    statistics : tuple of str
        Rows below the coefficients.
    numbers_first : bool
        The numbers of the columns stand above all other headers, not below them.
    estimator : bool
        A header names the estimator of each column.
    roman : bool
        Tables are numbered I, II, III.
    one_note : bool
        All notes are one paragraph behind one word.
    latin, east_asian : str
        Fonts in Word and Excel.

    Notes
    -----
    What the rows, the answers and the notes are called in a style stands in the label table ``texts/styles.csv``.
    """

    stars: Mapping[str, float] = field(default_factory=_starred)
    parentheses: Parentheses = "std_error"
    digits: int = 3
    statistics: tuple[StyleRow, ...] = ROWS
    numbers_first: bool = False
    estimator: bool = True
    roman: bool = False
    one_note: bool = False
    latin: str = "Times New Roman"
    east_asian: str = "SimSun"

    def keys(self) -> dict[str, Any]:
        """What the style says of a table, by the keys of a table of a study file."""
        return {
            "stars": dict(self.stars), "parentheses": self.parentheses, "digits": self.digits,
            "statistics": list(self.statistics),
        }  # fmt: skip


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "default": Style(),
        "econometrica": Style(
            stars=MappingProxyType({}), statistics=("n_obs", "n_clusters", "r2", "pseudo_r2"), roman=True, one_note=True
        ),
        "management-world": Style(
            digits=4, statistics=("n_obs", "r2", "adjusted_r2", "pseudo_r2"), numbers_first=True, estimator=False,
            one_note=True,
        ),
        "aer": Style(
            stars=MappingProxyType({}), statistics=("n_obs", "n_clusters", "r2", "pseudo_r2", "mean_outcome"),
            one_note=True,
        ),
    }
)  # fmt: skip
"""Styles by the name that a study file gives."""
