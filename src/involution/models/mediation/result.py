"""A mediation as users and programs read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from involution.models.mediation.inference import Sampled
from involution.models.mediation.system import System
from involution.models.notes import Note
from involution.models.reported import Reported, Row

if TYPE_CHECKING:
    from involution.models.mediation.potential_equations import Equations


@dataclass(frozen=True)
class Decomposition(Reported):
    """Effects with their inference.

    Attributes
    ----------
    effects : DataFrame
        One row per effect: term, estimate, std_error, statistic, p_value, ci_low, ci_high.
    details : tuple
        Statistic, value, df, p_value.
    remarks : tuple of Note
    inference, vcov_label : str
    n_obs : int
    n_firms, n_clusters : int or None
    fixed_effects : tuple of str
    cluster_influence : DataFrame or None
        Clusters by terms: how much each cluster moves each effect, of first order; with ``jackknife`` the effect less
        that without the cluster, times the root of (G - 1)/G. Where standard errors are by the delta method or the
        jackknife, the sum of squares is their square. None without clusters and with two clusterings.
    """

    effects: pd.DataFrame = field(repr=False)
    details: tuple[Row, ...] = field(repr=False)
    remarks: tuple[Note, ...] = field(repr=False)
    inference: str
    vcov_label: str
    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]
    cluster_influence: pd.DataFrame | None = field(repr=False)

    def tidy(self) -> pd.DataFrame:
        """One row per effect: term, estimate, std_error, statistic, p_value, ci_low, ci_high."""
        return self.effects.copy()


@dataclass(frozen=True)
class Mediation(Decomposition):
    """A decomposition by linear equations.

    Attributes
    ----------
    system : System
        The equations' columns on their common sample.
    sampled : Sampled
        Coefficients of all equations with their joint covariance.
    """

    system: System = field(repr=False)
    sampled: Sampled = field(repr=False)


@dataclass(frozen=True)
class PotentialMediation(Decomposition):
    """A decomposition by potential outcomes.

    Attributes
    ----------
    equations : Equations
        Each estimated by its own estimator on the common rows.
    sampled : Sampled
        Coefficients of all equations with their joint covariance.
    """

    equations: Equations = field(repr=False)
    sampled: Sampled = field(repr=False)
