"""What figures are drawn from, and what a figure is before any file: its data, what draws it, what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from involution.exhibits.labels import Labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Picture:
    """A figure in one language, before any file.

    Attributes
    ----------
    data : DataFrame
        The numbers drawn.
    draw : callable
        Makes the drawing.
    words : str
        What it shows, for who cannot see it.
    title : str
        Its own title, for figures that are given none.
    notes : tuple of str
        Sentences below it: the rows it is drawn from, what is left out.
    """

    data: pd.DataFrame
    draw: Callable[[], Drawing]
    words: str
    title: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """What figures are drawn from.

    Attributes
    ----------
    estimates : DataFrame
    sample : DataFrame
        Rows of the estimation sample.
    dictionary : DataFrame
        Of the measures.
    """

    estimates: pd.DataFrame
    sample: pd.DataFrame
    dictionary: pd.DataFrame

    def measured(self, column: str, labels: Labels) -> str:
        """A column's label with its unit, where the dictionary knows one."""
        units = dict(zip(self.dictionary["name"], self.dictionary["unit"], strict=True))
        unit = str(units.get(column, ""))
        name = labels.column(column)
        return labels.text("figure_unit", name=name, unit=labels.unit(unit)) if unit else name

    def index_columns(self) -> list[str]:
        """Columns of the involution index, available or not, in the dictionary's order."""
        return [name for name in self.dictionary["name"].astype(str) if name.split("_")[0] == "involution"]

    def families(self) -> list[str]:
        """Columns of the families of the index: each has another that leaves the family out."""
        every = self.index_columns()
        endings = [name.removeprefix("involution_") for name in every if name != "involution"]
        return [f"involution_{ending}" for ending in endings if f"involution_no_{ending}" in every]
