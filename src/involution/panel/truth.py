"""Reading the table of planted effects of simulated data."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from involution.errors import InputError, Problem
from involution.panel.evaluate import filtered
from involution.panel.join import stacked
from involution.panel.read import Reading, read_source
from involution.study.data import Source

COLUMNS = ("name", "truth")
_WHERE = "data.truth"


def no_truth() -> pd.DataFrame:
    """The table of a study that names none: no row."""
    return pd.DataFrame({"name": pd.Series(dtype=str), "truth": pd.Series(dtype=float)})


def read_truth(options: Source, resolve: Callable[[str], str]) -> tuple[pd.DataFrame, list[Reading]]:
    """Read planted effects, one row each: name and truth.

    Parameters
    ----------
    options : study.data.Source
    resolve : callable
        From a source to a path.

    Returns
    -------
    DataFrame
        Columns name and truth.
    list of Reading

    Raises
    ------
    InputError
        For a missing column, a name that stands twice, and a truth that is no number.
    """
    readings = read_source(options, resolve)
    raw = filtered(stacked(readings, _WHERE), options.filter, f"{_WHERE}.filter")
    missing = [name for name in COLUMNS if name not in raw.columns]
    if missing:
        raise InputError(Problem(_WHERE, f"there is no column '{missing[0]}'", mend="name the columns name and truth"))
    names, truth = raw["name"].astype(str).str.strip(), pd.to_numeric(raw["truth"], errors="coerce")
    twice, wrong = names[names.duplicated()], names[truth.isna()]
    for what, rows in (("stands twice", twice), ("has no number as its truth", wrong)):
        if len(rows):
            raise InputError(Problem(_WHERE, f"the effect '{rows.iloc[0]}' {what}"))
    return pd.DataFrame({"name": names, "truth": truth.astype(float)}).reset_index(drop=True), readings
