"""A mediation as users and programs read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from involution.models.mediation.inference import Sampled
from involution.models.mediation.system import System
from involution.models.notes import Note


@dataclass(frozen=True)
class Mediation:
    """Effects with their inference.

    Attributes
    ----------
    system : System
        The equations' columns on their common sample.
    sampled : Sampled
        Coefficients of all equations with their joint covariance.
    effects : DataFrame
        One row per effect: term, estimate, std_error, statistic, p_value, ci_low, ci_high.
    details : tuple
        Statistic, value, df, p_value.
    remarks : tuple of Note
    inference, vcov_label : str
    n_obs : int
    n_firms, n_clusters : int or None
    fixed_effects : tuple of str
    """

    system: System = field(repr=False)
    sampled: Sampled = field(repr=False)
    effects: pd.DataFrame = field(repr=False)
    details: tuple[tuple[str, float, float, float], ...] = field(repr=False)
    remarks: tuple[Note, ...] = field(repr=False)
    inference: str
    vcov_label: str
    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """One row per effect: term, estimate, std_error, statistic, p_value, ci_low, ci_high."""
        return self.effects.copy()

    @property
    def statistics(self) -> pd.DataFrame:
        """Columns statistic, value, df, p_value."""
        return pd.DataFrame(self.details, columns=["statistic", "value", "df", "p_value"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said about the effects, in English."""
        return tuple(remark.text() for remark in self.remarks)
