"""The tables that the section `specification_curve` brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.study.base import Bilingual
from involution.study.tables import Table

if TYPE_CHECKING:
    from involution.study.study import Exhibits


def specification_curve_tables(study: Exhibits) -> list[Table]:
    """A table for each curve.

    Parameters
    ----------
    study : Exhibits
    """
    return [
        Table(
            name=f"specification_curve_{asked.name}",
            kind="specification_curve",
            title=Bilingual(
                en=f"Specification curve: {asked.name.replace('_', ' ')}",
                zh=f"设定曲线：{asked.name.replace('_', ' ')}",
            ),
            models=[asked.name],
        )
        for asked in study.specification_curve
    ]


def _spoken(name: str) -> str:
    return name.replace("_", " ")
