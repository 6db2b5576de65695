"""Arithmetic of accounts: what has no meaning is missing."""

from __future__ import annotations

import numpy as np

from involution.study.expressions.calendar import Floats


def positive(values: Floats) -> Floats:
    """Values that are positive, missing elsewhere."""
    return np.where(values > 0, values, np.nan)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient where the denominator is positive, missing elsewhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.asarray(numerator / denominator)
    out[~(denominator > 0)] = np.nan
    return out
