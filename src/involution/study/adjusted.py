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
        Of the design, dated.
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
    controls = [] if design is None else [dated(name, design.timing.controls) for name in design.controls]
    return [
        AdjustedAsked(
            table=table.name, models=table.models_named(), methods=table.adjusted, family=table.family,
            keep=table.keep, drop=table.drop, controls=controls,
        )
        for table in study.tables
        if table.adjusted
    ]  # fmt: skip
