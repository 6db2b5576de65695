"""The tidy rows of a rehearsal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.notes import Note
from involution.models.rehearsal.power import Rate
from involution.models.reported import Row

_REACH = 1.959963984540054


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal says of one model.

    Attributes
    ----------
    terms : DataFrame
        Columns term, estimate, std_error, statistic, p_value, ci_low, ci_high; the standard error is that which the
        number of draws leaves.
    details : tuple of Row
    curves : DataFrame
        Columns curve, x, estimate, ci_low, ci_high.
    remarks : tuple of Note
    vcov : str
        The planned variance.
    """

    terms: pd.DataFrame
    details: tuple[Row, ...]
    curves: pd.DataFrame
    remarks: tuple[Note, ...]
    vcov: str


def row(term: str, found: Rate) -> dict[str, object]:
    """One number with its Monte Carlo error; without a test."""
    reach = _REACH * found.error
    return {
        "term": term,
        "estimate": found.value,
        "std_error": found.error,
        "statistic": np.nan,
        "p_value": np.nan,
        "ci_low": found.value - reach,
        "ci_high": found.value + reach,
    }


def curve(name: str, x: Floats, rates: Sequence[Rate]) -> pd.DataFrame:
    """Rates over effects."""
    values, errors = np.array([one.value for one in rates]), np.array([one.error for one in rates])
    low, high = np.clip(values - _REACH * errors, 0, 1), np.clip(values + _REACH * errors, 0, 1)
    return pd.DataFrame({"curve": name, "x": x, "estimate": values, "ci_low": low, "ci_high": high})
