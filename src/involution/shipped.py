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
    with _shipped(name, "data").open("r", encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)


def schema_file() -> Path:
    """The JSON Schema of study files, by which editors complete and check them."""
    return _shipped("study.schema.json", "workflow/schemas")


def _shipped(name: str, folder: str) -> Path:
    """A file inside the package; an editable installation has no copy there, but the file of record by the sources."""
    shipped = Path(str(resources.files("involution"))) / "_data" / name
    return shipped if shipped.is_file() else Path(__file__).parents[2] / folder / name
