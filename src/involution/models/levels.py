"""Codes of the columns that fixed effects and clusters are named in, each made once for a data frame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.models.groupings import Grouping, coded, crossed
from involution.study.formulas import effect_label


class Levels:
    """Levels of columns and of their combinations over all rows of a data frame.

    Parameters
    ----------
    data : DataFrame
    """

    def __init__(self, data: pd.DataFrame) -> None:
        self._data = data
        self._made: dict[tuple[str, ...], tuple[Grouping, np.ndarray | None]] = {}

    def of(self, effect: tuple[str, ...]) -> tuple[Grouping, np.ndarray | None]:
        """Codes of a column or a combination, and the rows where it is not missing (None: all)."""
        if effect not in self._made:
            self._made[effect] = self._column(effect[0]) if len(effect) == 1 else self._combination(effect)
        return self._made[effect]

    def where_known(self, name: str, rows: np.ndarray) -> Grouping | None:
        """Codes of a column that is there and known in all of these rows; else None."""
        if name not in self._data.columns:
            return None
        grouping, known = self.of((name,))
        return grouping if known is None or known[rows].all() else None

    def _column(self, name: str) -> tuple[Grouping, np.ndarray | None]:
        codes, n_levels, known = coded(self._data[name])
        return Grouping(name, codes, n_levels), known

    def _combination(self, effect: tuple[str, ...]) -> tuple[Grouping, np.ndarray | None]:
        parts = [self.of((name,)) for name in effect]
        masks = [mask for _, mask in parts if mask is not None]
        made = crossed(effect_label(effect), [grouping for grouping, _ in parts])
        return made, np.logical_and.reduce(masks) if masks else None
