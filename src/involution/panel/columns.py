"""The canonical columns: one list of record, read from `data/columns.csv`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd

KEYS = ("firm", "year")
TEXT_KINDS = ("code",)


@cache
def canonical_columns() -> pd.DataFrame:
    """The canonical columns, indexed by name: kind, unit, label_en, label_zh, csmar, asif, compustat, description."""
    shipped = resources.files("involution") / "_data" / "columns.csv"
    # An editable installation has no copy inside the package; the file of record stands beside the sources.
    source = shipped if shipped.is_file() else Path(__file__).parents[3] / "data" / "columns.csv"
    with source.open("r", encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False).set_index("name")


def kind(name: str) -> str:
    """Kind of a canonical column (key, code, money, count, share, index, year, flag), or an empty text."""
    table = canonical_columns()
    return str(table.loc[name, "kind"]) if name in table.index else ""


def is_text(name: str) -> bool:
    """Whether a canonical column is text from end to end."""
    return name == "firm" or kind(name) in TEXT_KINDS
