"""A mediation as exhibits read it from the tidy results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import parsed_term
from involution.exhibits.own_models import named_or_first
from involution.exhibits.said import said_in
from involution.models.mediation.treatments import within_contrast

BLOCK = "mediation"
MECHANISM = "mechanism"
STATUS = ("mediation_status", "identified_all", "identified_treatment", "identified_mediators", "mediators_free")
"""Notes that say under which assumption the effects are causal."""

SHARES_MEAN_NOTHING = ("share_not_meaningful", "share_not_meaningful_signs")
BY_OUTCOMES = "potential_outcomes"
_TREATMENT = ("sd_treatment", "contrasts")


@dataclass(frozen=True)
class Decomposition:
    """One mediation.

    Attributes
    ----------
    column : Column
        Its rows and statistics.
    notes : DataFrame
        Its sentences: columns code, text_en, text_zh.
    treatment : str
        Column of the treatment; empty where the results do not name it.
    contrast : str
        The level of a treatment with several (``size=large``) whose effects are read; empty for
        all terms as they are.
    """

    column: Column
    notes: pd.DataFrame
    treatment: str
    contrast: str = ""

    @property
    def model(self) -> str:
        """Its name."""
        return self.column.model

    @property
    def outcome(self) -> str:
        """Column of the outcome."""
        return str(self.column.first["outcome"])

    @cached_property
    def effects(self) -> dict[str, pd.Series]:
        """Rows by term, without the level that the contrast names."""
        if self.column.failed:
            return {}
        named = ((within_contrast(str(row["term"]), self.contrast), row) for _, row in self.column.rows.iterrows())
        return {term: row for term, row in named if term is not None}

    @cached_property
    def mediators(self) -> tuple[str, ...]:
        """Mediators in the order of the model: those with a path to them and an effect through them."""
        named = [term[2:-1] for term in self.effects if term.startswith("a[") and term.endswith("]")]
        return tuple(name for name in named if f"indirect[{name}]" in self.effects)

    @property
    def by_outcomes(self) -> bool:
        """Whether effects are those of potential outcomes between two levels, not products of coefficients."""
        return bool((self.notes["code"] == BY_OUTCOMES).any())

    @property
    def contrasts(self) -> tuple[Decomposition, ...]:
        """The effects of each level of a treatment that has several; the decomposition itself of every other."""
        found = [parsed_term(term) for term in self.effects] if self.by_outcomes else []
        named = dict.fromkeys(f"{part.by}={part.at}" for part in found if part and part.effect == "a" and part.at)
        return tuple(replace(self, contrast=name) for name in named) or (self,)

    @property
    def shares_mean_nothing(self) -> bool:
        """Whether shares of the total say nothing: a note says so; shares of a contrast then have no interval."""
        if self.notes["code"].isin(SHARES_MEAN_NOTHING).any():
            return True
        shares = [float(row["ci_low"]) for term, row in self.effects.items() if term.startswith("share[")]
        return bool(self.contrast) and bool(np.isnan(shares).all())

    def moderator(self, path: str) -> str:
        """The moderator of a path (``a[m]``, ``b[m]``, ``direct``); empty where it has none."""
        return next((term.removeprefix(f"{path}:") for term in self.effects if term.startswith(f"{path}:")), "")

    def said(self, labels: Labels, *, status: bool) -> list[str]:
        """What the model says of itself: its causal status, or everything else."""
        chosen = self.notes[self.notes["code"].isin(STATUS) == status]
        return said_in(chosen, labels)

    def named(self, labels: Labels) -> tuple[str, str]:
        """Labels of treatment and outcome, a general word for a treatment that is not named."""
        treatment = labels.column(self.treatment) if self.treatment else labels.text("the_treatment")
        return treatment, labels.column(self.outcome)

    @property
    def level(self) -> str:
        """The level that the contrast names."""
        return self.contrast.partition("=")[2]


def decomposition(name: str, results: Results, where: str) -> Decomposition:
    """The mediation of a name; the first of the study where the name is empty.

    Parameters
    ----------
    name : str
    results : Results
    where : str
        What asks for it, for the message.

    Raises
    ------
    InputError
        When there is no mediation of this name.
    """
    model = named_or_first(name, results.models(BLOCK), "mediation", "mediation", where)
    column = results.column(model)
    return Decomposition(column, results.notes[results.notes["model"] == model], _treatment(column, results.estimates))


def _treatment(column: Column, estimates: pd.DataFrame) -> str:
    """As the statistics name it, else the first term of the mechanism's regressions where they agree on it."""
    named = column.inside(*_TREATMENT)
    if named:
        return named
    regressions = estimates[
        (estimates["block"] == MECHANISM) & estimates["model"].astype(str).str.startswith(f"{column.model}_")
    ]
    first = regressions.dropna(subset=["estimate"]).drop_duplicates("model")["term"].astype(str).unique()
    return str(first[0]) if len(first) == 1 else ""


def shown_decimals(std_errors: Sequence[float], least: int = 3, most: int = 6) -> int:
    """Decimals at which the smallest standard error has two digits that are not zero, within bounds."""
    known = [value for value in std_errors if np.isfinite(value) and value > 0]
    return min(most, max(least, 1 - int(np.floor(np.log10(min(known)))))) if known else least
