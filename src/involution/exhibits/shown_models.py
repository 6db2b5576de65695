"""Which models a table shows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from involution.exhibits.columns import regressions
from involution.study.adjusted import expanded
from involution.study.tables import Table

_OF_COLUMNS = ("descriptives", "correlation")


def models_shown(table: Table, estimates: pd.DataFrame) -> list[str]:
    """Models of a table in their order; of one that names a section, all models of that section.

    Parameters
    ----------
    table : study.tables.Table
    estimates : DataFrame
        Of all blocks.
    """
    if table.kind in _OF_COLUMNS:
        return []
    named, every = table.models_named(), _names(estimates)
    if table.kind == "regression":
        return expanded(named, every) if named else _names(regressions(estimates))
    of_kind = _names(estimates[estimates["block"] == table.kind])
    if not named:
        return of_kind
    return [name for name in of_kind or every if _is_of(name, named)]


def _names(estimates: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(estimates["model"].astype(str)))


def _is_of(model: str, sections: Sequence[str]) -> bool:
    return any(model == one or model.startswith((f"{one}_", f"{one}[")) for one in sections)
