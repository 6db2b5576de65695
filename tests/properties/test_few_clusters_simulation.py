"""Four hundred panels without effects and with few clusters: bands over all event times, and the size of tests."""

import numpy as np
import pandas as pd
import pytest

import involution as inv

YEARS = np.arange(2000, 2009)
PANELS = 400


def panel(generator, clusters, treated):
    """Four firms a cluster, shocks of clusters by year; the clusters `treated` adopt in 2004."""
    cluster = np.repeat(np.arange(clusters), 4)
    shocks = 0.5 * generator.normal(size=(len(cluster), len(YEARS)))
    shocks += generator.normal(size=(clusters, len(YEARS)))[cluster]
    return pd.DataFrame(
        {
            "firm": np.repeat(np.arange(len(cluster)), len(YEARS)),
            "year": np.tile(YEARS, len(cluster)),
            "cohort": np.repeat(np.where(np.isin(cluster, treated), 2004, 0), len(YEARS)),
            "region": np.repeat(cluster, len(YEARS)),
            "y": shocks.ravel(),
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clusters", "vcov", "told"),
    [(8, "crv1", 0.885), (12, "crv1", 0.908), (20, "crv1", 0.92), (8, "crv3", 0.94), (12, "crv3", 0.932),
     (20, "crv3", 0.94)],
)  # fmt: skip
def test_bands_of_few_clusters_cover_as_often_as_is_told(clusters, vcov, told):
    generator, inside = np.random.default_rng(1), 0
    for seed in range(PANELS):
        data = panel(generator, clusters, np.arange(0, clusters, 2))
        fit = inv.event_study(data, "y", estimator="twfe", cluster="region", vcov=vcov, draws=999, seed=seed)
        times = fit.event_times()
        inside += bool(((times["uniform_low"] <= 0) & (times["uniform_high"] >= 0)).all())
    assert inside / PANELS == pytest.approx(told, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clusters", "treated", "vcov", "told"),
    [(20, 1, "crv1", 0.667), (20, 2, "crv1", 0.262), (20, 5, "crv1", 0.09), (20, 10, "crv1", 0.05),
     (60, 2, "crv1", 0.332), (20, 2, "crv3", 0.168), (20, 5, "crv3", 0.062)],
)  # fmt: skip
def test_true_zeros_of_few_treated_clusters_are_rejected_as_often_as_is_told(clusters, treated, vcov, told):
    generator, rejected = np.random.default_rng(1), 0
    for _ in range(PANELS):
        data = panel(generator, clusters, np.arange(treated))
        fit = inv.event_study(data, "y", estimator="did2s", cluster="region", vcov=vcov, draws=0, leads=0, lags=0)
        rejected += fit.p_value[0] < 0.05
    assert rejected / PANELS == pytest.approx(told, abs=0.04)
