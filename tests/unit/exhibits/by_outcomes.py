"""Tidy results of mediations by potential outcomes for the tests of the exhibits: real estimates."""

import numpy as np
import pandas as pd

from involution.exhibits.columns import Results
from involution.models.mediation.mediate import mediate
from involution.models.tidy import CURVES, BlockResult, gathered, note_rows

from ..models.mediation.conftest import simulate_mediated

SIZES = ("large", "medium", "small-and-new")
"""Levels of the treatment in the order of their names: `large` is the one that the others are set against."""


def decomposed(data, name, outcome, treatment, mediators, **options):
    """One mediation as a study's tidy results hold it."""
    found = mediate(data, outcome, treatment, mediators, "c", (), ["industry"], inference="delta", **options)
    estimates = found.tidy().assign(
        model=name, estimator="mediation", outcome=outcome, n_obs=found.n_obs, n_firms=found.n_firms,
        n_clusters=found.n_clusters, fixed_effects="", vcov=found.vcov_label, r2=np.nan, r2_within=np.nan,
        note="; ".join(found.notes),
    )  # fmt: skip
    curves = pd.DataFrame(columns=list(CURVES))
    return BlockResult(estimates, found.statistics.assign(model=name), note_rows(name, found.remarks), curves)


def outcomes_results():
    """A probit outcome with two mediators that act together, a treatment of three names, and two of its levels."""
    data = simulate_mediated(22)
    data["size"] = np.array(SIZES)[np.digitize(data["x"], [-0.5, 0.5])]
    both = ["m1", "m2"]
    parts = [
        decomposed(data, "probit", "event", "d", both, family={"outcome": "probit"}, blocks=[both]),
        decomposed(data, "sizes", "event", "size", both, family={"outcome": "probit"}, levels="each"),
        decomposed(data, "pair", "y", "size", "m1", levels=("large", "medium")),
        decomposed(data, "linear", "y", "d", both),
    ]
    block = gathered(parts, study="made_up", block="mediation")
    return Results(block.estimates, block.statistics, block.notes, pd.DataFrame(), {}, block.curves)
