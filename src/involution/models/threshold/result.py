"""A threshold model as asked for and as estimated."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from involution.models.derived import tested
from involution.models.notes import Note
from involution.models.reported import Reported, Row
from involution.models.result import TIDY, Fit, combine
from involution.models.threshold.bootstrap import NumberTest
from involution.models.threshold.terms import regime_names


@dataclass(frozen=True)
class ThresholdModel:
    """What is estimated, in columns of the data.

    Attributes
    ----------
    outcome, treatment, threshold : str
    controls : tuple of str
        Regressors common to all regimes.
    own_effect : bool
        The threshold variable is one of them.
    regime_level : bool
        The level may change at a threshold as the slope does.
    regimes : int
        2 or 3.
    trim : float
        Share of the rows that every regime must have.
    grid : int or None
        At most so many quantiles are searched; every value where None.
    """

    outcome: str
    treatment: str
    threshold: str
    controls: tuple[str, ...] = ()
    own_effect: bool = True
    regime_level: bool = False
    regimes: int = 2
    trim: float = 0.15
    grid: int | None = 300


@dataclass(frozen=True)
class ThresholdFit(Reported):
    """An estimated threshold model.

    Attributes
    ----------
    model : ThresholdModel
    fit : Fit
        The regression at the thresholds found; its standard errors take these as known.
    taus, tau_low, tau_high : tuple of float
        Thresholds with the ends of their likelihood-ratio intervals, ascending.
    tests : tuple of NumberTest
        No threshold against one; one against two.
    curves : DataFrame
        ``likelihood_ratio[tau]`` over the values searched.
    details : tuple of Row
    remarks : tuple of Note
    """

    model: ThresholdModel
    fit: Fit
    taus: tuple[float, ...]
    tau_low: tuple[float, ...]
    tau_high: tuple[float, ...]
    tests: tuple[NumberTest, ...]
    curves: pd.DataFrame
    details: tuple[Row, ...]
    remarks: tuple[Note, ...]

    def tidy(self) -> pd.DataFrame:
        """Thresholds, the treatment's slope in each regime, differences of neighbouring slopes, other regressors."""
        names = ["tau"] if len(self.taus) == 1 else ["tau1", "tau2"]
        missing = dict.fromkeys(("std_error", "statistic", "p_value"), np.nan)
        rows = [
            {"term": name, "estimate": tau, **missing, "ci_low": low, "ci_high": high}
            for name, tau, low, high in zip(names, self.taus, self.tau_low, self.tau_high, strict=True)
        ]
        terms = self.fit.tidy()
        own = terms["term"].isin(regime_names(self.model.treatment, self.model.threshold, len(self.taus)))
        parts = [pd.DataFrame(rows)[list(TIDY)], terms[own], self._differences(), terms[~own]]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    def _differences(self) -> pd.DataFrame:
        """Each regime's slope less that of the one before; intervals take the thresholds as known.

        The p-value is the bootstrap's, which does not, where that test is of this difference alone.
        """
        names = regime_names(self.model.treatment, self.model.threshold, len(self.taus))
        alone = len(self.taus) == 1 and not self.model.regime_level
        rows = []
        for k, (low, high) in enumerate(pairwise(names), 2):
            term = "difference" if len(self.taus) == 1 else f"difference[{k}-{k - 1}]"
            row = tested(self.fit, term, *combine(self.fit, {high: 1.0, low: -1.0}))
            rows.append(row | {"p_value": self.tests[0].p_value if alone else np.nan})
        return pd.DataFrame(rows)[list(TIDY)]
