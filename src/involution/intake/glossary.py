"""The canonical columns and the measures in one table: what each is, its unit, what files call it."""

from __future__ import annotations

import unicodedata

import pandas as pd

from involution.intake.dialects import DIALECTS, names_of
from involution.intake.texts import said
from involution.measures.compute import dictionary
from involution.panel.columns import canonical_columns

_HEADS = ("name", "label", "what", "unit", "definition", "family", *DIALECTS)


def glossary(language: str) -> pd.DataFrame:
    """All columns, then all measures, as text; the heads are in `language`."""
    rows = [_column(str(name), row, language) for name, row in canonical_columns().iterrows()]
    rows += [_measure(row, language) for _, row in dictionary(pd.DataFrame()).iterrows()]
    table = pd.DataFrame(rows, columns=list(_HEADS)).fillna("")
    return table.rename(columns={head: said(f"head_{head}", language) for head in _HEADS})


def _column(name: str, row: pd.Series, language: str) -> dict[str, str]:
    named = {dialect: "; ".join(names_of(name, dialect)) for dialect in DIALECTS}
    return {
        "name": name,
        "label": str(row[f"label_{language}"]),
        "what": said("is_column", language),
        "unit": str(row["unit"]),
        "definition": str(row["description"]),
        **named,
    }


def _measure(row: pd.Series, language: str) -> dict[str, str]:
    return {
        "name": str(row["name"]),
        "label": str(row[f"label_{language}"]),
        "what": said("is_measure", language),
        "unit": str(row["unit"]),
        "definition": str(row["formula"]),
        "family": str(row["family"]),
    }


def matching(table: pd.DataFrame, word: str) -> pd.DataFrame:
    """Rows that hold a word anywhere, whatever its case and width; those named by it first."""
    wanted = _folded(word)
    cells = table.map(_folded)
    holds = cells.map(lambda cell: wanted in cell).any(axis=1)
    named = cells.iloc[:, 0].eq(wanted)
    return pd.concat([table[holds & named], table[holds & ~named]], ignore_index=True)


def _folded(text: object) -> str:
    return unicodedata.normalize("NFKC", str(text)).casefold()
