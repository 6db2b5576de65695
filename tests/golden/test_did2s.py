"""Every row of `did2s/did2s.csv`, which pyfixest 0.60.0 printed for the panel beside it (`make_did2s.py`).

pyfixest applies no small-sample factor to the covariance of two-stage difference in differences, as R's did2s does not:
both are switched off here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from involution.models.result import Fit
from involution.models.two_stage_did import two_stage_did

FOLDER = Path(__file__).parent / "did2s"
GOLDEN = pd.read_csv(FOLDER / "did2s.csv")
CONTROLS = {"plain": (), "controls": ("size", "age")}
ROWS = [pytest.param(row, id=f"{row.first_stage}-{row.cluster}-{row.term}") for row in GOLDEN.itertuples()]


@cache
def fitted(first_stage: str, cluster: str) -> Fit:
    """Our fit with the leads that pyfixest has.

    Parameters
    ----------
    first_stage : str
    cluster : str
    """
    return two_stage_did(
        pd.read_csv(FOLDER / "panel.csv"),
        "y",
        cohort="cohort",
        cluster=cluster,
        controls=CONTROLS[first_stage],
        horizons=range(-6, 5),
        small_sample={"observations": False, "clusters": False},
    )


@pytest.mark.parametrize("row", ROWS)
def test_estimates_and_standard_errors_are_pyfixest_s(row):
    fit = fitted(row.first_stage, row.cluster)
    at = fit.terms.index(row.term)
    assert fit.estimate[at] == pytest.approx(row.estimate, abs=1e-10)
    assert fit.std_error[at] == pytest.approx(row.std_error, abs=1e-10)


def test_the_factor_for_few_clusters_is_the_root_of_g_over_g_less_one():
    plain = fitted("plain", "industry")
    default = two_stage_did(pd.read_csv(FOLDER / "panel.csv"), "y", cluster="industry", horizons=range(-6, 5))
    assert default.std_error == pytest.approx(plain.std_error * (15 / 14) ** 0.5, rel=1e-12)
