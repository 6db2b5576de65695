"""What tables ask of tests taken together: which estimates are one family, and which adjustments are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from involution.study.base import Section
from involution.study.tables import Adjustment
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Exhibits


class AdjustedAsked(Section):
    """The family of tests of one table.

    Attributes
    ----------
    table : str
    models : list of str
        As the table names them; a model fitted by groups stands for all of these.
    methods : list of str
    family : list of str
        Terms tested; empty: those shown that are no controls.
    keep, drop : list of str
        Of the table.
    controls : list of str
        Of the design, dated, in each way that a formula may write it.
    """

    table: str
    models: list[str]
    methods: list[Adjustment]
    family: list[str]
    keep: list[str]
    drop: list[str]
    controls: list[str]


def expanded(names: Sequence[str], every: Sequence[str]) -> list[str]:
    """Models by name; a model fitted by groups stands for all of them."""
    out: list[str] = []
    for name in names:
        groups = [model for model in every if model.startswith(f"{name}[")]
        out += [name] if name in every else groups or [name]
    return out


def adjusted_asked(study: Exhibits) -> list[AdjustedAsked]:
    """The families of the study's tables that ask for adjusted p-values, in their order."""
    design = study.design
    controls = [] if design is None else _written(design.controls, design.timing.controls)
    return [
        AdjustedAsked(
            table=table.name, models=table.models_named(), methods=table.adjusted, family=table.family,
            keep=table.keep, drop=table.drop, controls=controls,
        )
        for table in study.tables
        if table.adjusted
    ]  # fmt: skip


def _written(names: Sequence[str], years: int) -> list[str]:
    """Columns at one date, as they are made and as formulas write them: ``x_l1`` and ``lag(x)``."""
    function = "lag" if years < 0 else "lead"
    written = [f"{function}({name},{gap}{abs(years)})" for name in names for gap in ("", " ")] if years else []
    written += [f"{function}({name})" for name in names] if abs(years) == 1 else []
    return [*(dated(name, years) for name in names), *written]
