"""Lags by calendar year within a firm."""

from __future__ import annotations

import pandas as pd

from involution.study.expressions.functions import Context, shift


def lagged(panel: pd.DataFrame, values: pd.Series, years: int) -> pd.Series:
    """The firm's value `years` calendar years earlier, aligned with the panel; missing where there is no such row."""
    return shift(Context(panel, "firm", "year"), values, years)
