"""The canonical columns: one list of record, read from `data/columns.csv`."""

from __future__ import annotations

from functools import cache

import pandas as pd

from involution.shipped import shipped_table

KEYS = ("firm", "year")
TEXT_KINDS = ("code", "text")


@cache
def canonical_columns() -> pd.DataFrame:
    """The canonical columns, indexed by name.

    Returns
    -------
    DataFrame
        kind, unit, label_en, label_zh; what files call the column (csmar, asif, chinese, english, compustat), several
        names separated by ``;``; description.
    """
    return shipped_table("columns.csv").set_index("name")


def kind(name: str) -> str:
    """Kind of a canonical column (key, code, text, money, count, share, index, year, flag), or an empty text."""
    table = canonical_columns()
    return str(table.loc[name, "kind"]) if name in table.index else ""


def is_text(name: str) -> bool:
    """Whether a canonical column is text from end to end."""
    return name == "firm" or kind(name) in TEXT_KINDS
