"""The rehearsal of a planned model: 500 drawn outcomes, each with its estimate and standard errors.

The project is timed from the data frame to the estimates and three kinds of standard errors of every drawn outcome
(by firm, by industry, cluster jackknife by industry). The others estimate the model again with each drawn outcome,
which they are given as a column (making them is not timed), and one kind of standard errors, by industry; a few are
timed and scaled to all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from involution.models.rehearsal.planned import Planned

DRAWS, SEED, FEW = 500, 11, 2
Prepare = Callable[[pd.DataFrame], Callable[[], float]]
Estimator = Callable[[pd.DataFrame], float]


def planned(data: pd.DataFrame) -> Planned:
    """The model, from the data frame on."""
    from involution.measures import dictionary
    from involution.models.facts import facts
    from involution.models.rehearsal.planned import planned_model
    from involution.study.models import Model

    model = Model(name="m", formula="y ~ x1 + x2 | firm + year", cluster=["industry"], vcov="crv3")
    return planned_model(model, "x1", data, facts(dictionary(pd.DataFrame()).assign(reason=""), {}))


def estimates(found: Planned) -> np.ndarray:
    """Estimates of all drawn outcomes, shape (draws,), their standard errors made beside."""
    from involution.models.rehearsal.signs import signs
    from involution.models.rehearsal.statistics import jackknife, sandwich

    drawn = signs(found.structure.n_clusters, DRAWS, SEED)
    for groups in (found.firm, found.cluster):
        sandwich(found.structure, drawn, groups, 1.0, found.cluster.n_levels - 1.0)
    return jackknife(found.structure, drawn).estimates


def _involution(data: pd.DataFrame) -> Callable[[], float]:
    data = data.assign(in_sample=True)
    return lambda: float(estimates(planned(data))[0])


def _again(estimator: Estimator) -> Prepare:
    def prepare(data: pd.DataFrame) -> Callable[[], float]:
        from involution.models.rehearsal.signs import signs

        model = planned(data.assign(in_sample=True))
        structure = model.structure
        frame = data.iloc[model.sample.rows[structure.order]]
        drawn = signs(structure.n_clusters, DRAWS, SEED)[:FEW]
        frames = [frame.assign(y=row[model.cluster.codes] * structure.residual) for row in drawn]

        def timed() -> float:
            found = [estimator(one) for one in frames]
            return found[0]

        return timed

    return prepare


def _pyfixest(frame: pd.DataFrame) -> float:
    import pyfixest

    options = {"lean": True, "store_data": False, "copy_data": False, "fixef_rm": "none"}
    return float(pyfixest.feols("y ~ x1 + x2 | firm + year", frame, vcov={"CRV1": "industry"}, **options).coef()["x1"])


def _panel_ols(frame: pd.DataFrame) -> float:
    from linearmodels.panel import PanelOLS

    panel = frame.set_index(["firm", "year"])
    model = PanelOLS(panel["y"], panel[["x1", "x2"]], entity_effects=True, time_effects=True)
    return float(model.fit(cov_type="clustered", clusters=panel["industry"]).params["x1"])


PYFIXEST, PANEL_OLS = "pyfixest, each outcome again", "linearmodels PanelOLS, each outcome again"
OUTCOMES = {"involution": _involution, PYFIXEST: _again(_pyfixest), PANEL_OLS: _again(_panel_ols)}
