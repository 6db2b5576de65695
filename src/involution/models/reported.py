"""What everything that is estimated tells beside its effects: statistics, and what has to be said."""

from __future__ import annotations

import pandas as pd

from involution.models.notes import Note

Row = tuple[str, float, float, float]
"""Statistic, value, degrees of freedom, p-value."""


class Reported:
    """Tells the statistics and remarks of a result that holds them.

    Attributes
    ----------
    details : tuple of Row
    remarks : tuple of Note
    """

    details: tuple[Row, ...]
    remarks: tuple[Note, ...]

    @property
    def statistics(self) -> pd.DataFrame:
        """Columns statistic, value, df, p_value."""
        return pd.DataFrame(self.details, columns=["statistic", "value", "df", "p_value"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said, in English."""
        return tuple(remark.text() for remark in self.remarks)
