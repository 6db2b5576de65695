"""What is known of columns beyond their values: what measures they are, and what the study makes them of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from involution.study.definitions import followed


@dataclass(frozen=True)
class Facts:
    """What is known of the columns beyond their values.

    Attributes
    ----------
    measures : DataFrame
        Index name; columns level, leave_one_out, coverage, available, reason.
    definitions : mapping of str to str
        Expressions of the columns that the study makes.
    """

    measures: pd.DataFrame
    definitions: Mapping[str, str]

    @property
    def unavailable(self) -> dict[str, str]:
        """Measures that the panel does not have, with the reason."""
        if "reason" not in self.measures.columns:
            return {}
        reasons = self.measures["reason"].fillna("").astype(str)
        return {str(name): reason for name, reason in reasons.items() if reason}

    def defining(self, made: Mapping[str, str]) -> Facts:
        """The same with the expressions of further columns."""
        return Facts(self.measures, {**self.definitions, **made})


def facts(dictionary: pd.DataFrame | None, definitions: Mapping[str, str] | None) -> Facts:
    """Facts from a study's dictionary, or from the registry of measures where there is none."""
    return Facts(_registered() if dictionary is None else _indexed(dictionary), dict(definitions or {}))


@cache
def _registered() -> pd.DataFrame:
    from involution.measures import dictionary

    # Whether a panel has them is not known here.
    return _indexed(dictionary(pd.DataFrame()).drop(columns=["available", "reason"]))


def _indexed(dictionary: pd.DataFrame) -> pd.DataFrame:
    known = ("level", "leave_one_out", "coverage", "available", "reason")
    columns = [name for name in known if name in dictionary.columns]
    return dictionary.set_index("name")[columns]


def measures_of(columns: Sequence[str], known: Facts) -> list[str]:
    """Measures that columns are, or are made of, following the study's expressions."""
    names = followed(columns, known.definitions)
    return [name for name in names if name in known.measures.index and name not in known.definitions]


def varying_level(column: str, known: Facts) -> str:
    """The column at whose level a treatment varies: industry or region for measures of these, else firm."""
    levels = {str(known.measures.loc[name, "level"]) for name in measures_of([column], known)}
    return next((level for level in ("industry", "region") if level in levels), "firm")


def leaves_firm_out(column: str, known: Facts) -> bool:
    """Whether a treatment is, or is made of, an index that leaves the firm itself out."""
    return any(bool(known.measures.loc[name, "leave_one_out"]) for name in measures_of([column], known))
