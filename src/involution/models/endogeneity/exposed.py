"""A shift-share item on its rows: what its models share, and their rows with errors by shocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from involution.models.distributions import critical_value, t_p_values
from involution.models.endogeneity.exposures import Placed, rows_of
from involution.models.endogeneity.two_stage import TwoStage, formula
from involution.models.linear import Linear
from involution.models.notes import Note
from involution.models.reported import Row
from involution.models.shift_share import ByShock, ExposureRobust, Rows, by_shock, exposure_robust
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, estimate_rows, note_rows, statistic_rows

GROUPS = "shock_group"
"""What clusters are called where the study names groups of shocks."""


@dataclass(frozen=True)
class ByShocks:
    """What a row of an estimate with errors by shocks says of its sample."""

    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]
    vcov_label: str


@dataclass(frozen=True)
class Exposed:
    """A shift-share item on its rows.

    Attributes
    ----------
    model : TwoStage
    where : Placed
    """

    model: TwoStage
    where: Placed

    @cached_property
    def linear(self) -> Linear:
        """The second stage's columns; NotEstimable where there is none."""
        model = self.model
        text = formula(model.outcome, model.controls, model.treatment, model.instruments)
        with single_threaded():
            linear = model.design.solution(text)[0].linear
        assert linear is not None
        return linear

    @cached_property
    def rows(self) -> Rows:
        """Outcome, treatment and instrument with everything else out of them."""
        linear = self.linear
        columns = (linear.outcome, linear.endogenous.values[:, 0], linear.excluded.values[:, 0])
        return rows_of(linear, self.where, *columns)

    @cached_property
    def sums(self) -> ByShock:
        """The rows by shock and year."""
        return by_shock(self.where.exposures, self.rows)

    @cached_property
    def seen(self) -> np.ndarray:
        """Weight of each group of shocks."""
        return np.bincount(self.where.exposures.groups, self.sums.weight.sum(axis=1))

    def robust(self, rows: Rows) -> ExposureRobust:
        """A coefficient of these rows with errors by shocks."""
        with single_threaded():
            return exposure_robust(self.where.exposures, by_shock(self.where.exposures, rows), rows)

    @property
    def counted(self) -> ByShocks:
        """What the rows of its estimates say of the sample."""
        sample, label = self.linear.sample, GROUPS if self.where.grouped else "shock"
        firms = None if sample.firm is None else sample.firm.n_levels
        effects = tuple("^".join(effect) for effect in self.model.design.effects)
        return ByShocks(sample.n, firms, int((self.seen > 0).sum()), effects, f"akm({label})")


def normal_row(term: str, found: ExposureRobust) -> dict[str, object]:
    """A term with its normal interval."""
    statistic = found.estimate / found.std_error
    reach = critical_value(np.inf) * found.std_error
    return {
        "term": term,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "statistic": statistic,
        "p_value": float(t_p_values(statistic, np.inf)),
        "ci_low": found.estimate - reach,
        "ci_high": found.estimate + reach,
    }


def tidied(
    name: str, terms: pd.DataFrame, found: Exposed, remarks: tuple[Note, ...], details: list[Row], estimator: str = "iv"
) -> BlockResult:
    """The results of a model whose errors are by shocks."""
    rows = estimate_rows(name, terms, found.counted, remarks, estimator=estimator, outcome=found.model.outcome)
    return BlockResult(rows, statistic_rows(name, details), note_rows(name, remarks))
