"""Small tables that the project owns, shipped inside the package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd


@cache
def shipped_table(name: str) -> pd.DataFrame:
    """A table of the folder `data`, every cell as text; an empty cell is an empty text.

    Parameters
    ----------
    name : str
        Of the file, such as ``columns.csv``.
    """
    shipped = resources.files("involution") / "_data" / name
    # An editable installation has no copy inside the package; the file of record stands beside the sources.
    source = shipped if shipped.is_file() else Path(__file__).parents[2] / "data" / name
    with source.open("r", encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)
