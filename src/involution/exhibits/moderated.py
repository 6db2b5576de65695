"""A moderated effect as exhibits read it from the tidy results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels
from involution.exhibits.moderation_terms import BY_YEAR
from involution.exhibits.own_models import named_or_first
from involution.exhibits.said import said_in

BLOCK = "moderation"
FORMS = {"plain": "_plain", "product": "_product", "no_year": "_no_year", "headline": "", "interaction": "_interaction"}
"""Forms in the order of a table's columns, with the endings of their models' names."""


@dataclass(frozen=True)
class Moderated:
    """One moderated effect.

    Attributes
    ----------
    name : str
    models : dict of str to Column
        Every model of it, by name.
    notes, curves : DataFrame
    """

    name: str
    models: dict[str, Column]
    notes: pd.DataFrame
    curves: pd.DataFrame

    @property
    def headline(self) -> Column:
        """The headline."""
        return self.models[self.name]

    @property
    def effects(self) -> Column:
        """Effects over the moderator."""
        return self.models[f"{self.name}_effects"]

    @property
    def forms(self) -> dict[str, Column]:
        """The forms, in the order of a table's columns."""
        return {form: self.models[f"{self.name}{ending}"] for form, ending in FORMS.items()}

    def beside(self, kind: str) -> list[Column]:
        """Models of the bins, or of the kernel: one a moderator."""
        return [column for name, column in self.models.items() if name.startswith(f"{self.name}_{kind}")]

    @property
    def outcome(self) -> str:
        """Column of the outcome."""
        return str(self.headline.first["outcome"])

    @cached_property
    def products(self) -> list[str]:
        """Terms that are products, of every form, in order; effects by year are none."""
        terms = [term for column in self.forms.values() for term in column.terms]
        return [term for term in dict.fromkeys(terms) if ":" in term and BY_YEAR not in term]

    @cached_property
    def treatment(self) -> str:
        """Column of the treatment; empty where nothing was estimated."""
        return self.effects.inside("sd_treatment") or next((term.split(":")[0] for term in self.products), "")

    @cached_property
    def moderators(self) -> list[str]:
        """Columns of the moderators, those first of which the effects have a curve."""
        supports = [str(name)[8:-1] for name in self.curves["curve"] if str(name).startswith("support[")]
        known = list(dict.fromkeys(supports))
        return known or [term.split(":")[1] for term in self.products if term.startswith(f"{self.treatment}:")][:1]

    def statistic(self, name: str, column: Column | None = None) -> float:
        """A statistic by its whole name, of the effects unless another model is given; NaN where there is none."""
        rows = (column or self.effects).statistics
        found = rows.loc[rows["statistic"] == name, "value"]
        return float(found.iloc[0]) if len(found) else float("nan")

    def roots(self, moderator: str) -> list[float]:
        """Johnson-Neyman bounds."""
        found = [self.statistic(f"johnson_neyman[{moderator},{k}]") for k in (1, 2)]
        return [value for value in found if value == value]

    def curve(self, name: str) -> pd.DataFrame:
        """One curve by x; no rows where there is none."""
        numbers = dict.fromkeys(("x", "estimate", "ci_low", "ci_high"), float)
        rows = self.curves[self.curves["curve"] == name]
        return rows[["curve", *numbers]].astype(numbers).sort_values("x", kind="stable")

    def said(self, column: Column, labels: Labels) -> list[str]:
        """What a model says of itself."""
        rows = self.notes[self.notes["model"] == column.model]
        return said_in(rows, labels)


def moderation_names(results: Results) -> list[str]:
    """Names of the moderated effects, in order: models beside which there are their effects."""
    models = results.models(BLOCK)
    return [name for name in models if all(f"{name}{ending}" in models for ending in (*FORMS.values(), "_effects"))]


def moderated(name: str, results: Results, where: str) -> Moderated:
    """The moderated effect of a name; the first of the study where the name is empty.

    Raises
    ------
    InputError
        When there is none of this name.
    """
    known = moderation_names(results)
    model = named_or_first(name, known, "moderated effect", "moderation", where)
    models = _models_of(model, known, results.models(BLOCK))
    notes, curves = (frame[frame["model"].isin(models)] for frame in (results.notes, results.curves))
    return Moderated(model, {model: results.column(model) for model in models}, notes, curves)


def _models_of(name: str, known: Sequence[str], of_block: Sequence[str]) -> list[str]:
    """Models of one effect: those that begin with its name and with no longer one's."""
    longer = [other for other in known if other != name and other.startswith(f"{name}_")]
    return [
        model
        for model in of_block
        if (model == name or model.startswith(f"{name}_"))
        and not any(model == other or model.startswith(f"{other}_") for other in longer)
    ]
