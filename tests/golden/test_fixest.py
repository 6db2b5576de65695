"""Every coefficient row of `fixest.csv`, which R's fixest 0.14.2 printed for the panel beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import involution as inv

FOLDER = Path(__file__).parent / "fixest"
GOLDEN = pd.read_csv(FOLDER / "fixest.csv")

MODELS = {
    "ols_none": {"formula": "y ~ x1 + x2"},
    "ols_firm": {"formula": "y ~ x1 + x2 | firm"},
    "ols_firm_year": {"formula": "y ~ x1 + x2 | firm + year"},
    "ols_hdfe": {"formula": "y ~ x1 + x2 | firm + region^year + industry"},
    "ols_interact": {"formula": "y ~ x1 * x2 | firm + year"},
    "ols_quad": {"formula": "y ~ x1 + I(x1^2) + x2 | firm + year"},
    "ols_weighted": {"formula": "y ~ x1 + x2 | firm + year", "weights": "weight"},
    "ols_keep_singletons": {"formula": "y ~ x1 + x2 | firm + year", "singletons": "keep"},
    "ols_drop_singletons": {"formula": "y ~ x1 + x2 | firm + year", "singletons": "drop"},
    "iv": {"formula": "y ~ x1 | firm + year | x2 ~ z", "estimator": "iv"},
    "poisson_none": {"formula": "count ~ x1 + x2", "estimator": "poisson"},
    "poisson_firm_year": {"formula": "count ~ x1 + x2 | firm + year", "estimator": "poisson"},
    "poisson_hdfe": {"formula": "count ~ x1 + x2 | firm + industry^year", "estimator": "poisson"},
    "event_twfe": {"formula": "y ~ i(rel, ref=[-1, -1000]) | firm + year"},
}
SUN_ABRAHAM = "y ~ i(rel, cohort_2013, ref=[-1, -1000]) + i(rel, cohort_2016, ref=[-1, -1000]) | firm + year"
COHORTS = (2013, 2016)

VARIANCES = {
    "iid": {"vcov": "iid"},
    "hetero": {"vcov": "hetero"},
    "firm": {"vcov": "crv1", "cluster": ["firm"]},
    "industry": {"vcov": "crv1", "cluster": ["industry"]},
    "industry;K.fixef=none": {"vcov": "crv1", "cluster": ["industry"], "small_sample": {"fixed_effects": "none"}},
    "industry;K.fixef=full": {"vcov": "crv1", "cluster": ["industry"], "small_sample": {"fixed_effects": "full"}},
    "industry;K.adj=F,G.adj=F": {
        "vcov": "crv1",
        "cluster": ["industry"],
        "small_sample": {"observations": False, "clusters": False},
    },
    "industry+region": {"vcov": "crv1", "cluster": ["industry", "region"]},
    "firm+year": {"vcov": "crv1", "cluster": ["firm", "year"]},
}
# How fixest names what the formula language names otherwise.
RENAMED = {"fit_x2": "x2", "I(I(x1^2))": "I(x1^2)"}

ROWS = [pytest.param(row, id=f"{row.id}-{row.vcov}-{row.term}") for row in GOLDEN.itertuples()]
FITS = [
    pytest.param(name, vcov, id=f"{name}-{vcov}") for name, vcov in GOLDEN.groupby(["id", "vcov"], sort=False).groups
]


@cache
def panel() -> pd.DataFrame:
    """The panel with event time (-1000 for firms never treated) and an indicator of each cohort."""
    data = pd.read_csv(FOLDER / "panel.csv")
    relative = np.where(data["cohort"] == 0, -1000, data["year"] - data["cohort"])
    indicators = {f"cohort_{cohort}": (data["cohort"] == cohort).astype(float) for cohort in COHORTS}
    return data.assign(rel=relative, **indicators)


@cache
def fitted(name: str, variance: str):
    """The fit of one model under one variance estimator."""
    options = {"formula": SUN_ABRAHAM} if name.startswith("event_sunab") else dict(MODELS[name])
    return inv.estimate(options.pop("formula"), panel(), **options, **VARIANCES[variance])


@cache
def estimates(name: str, variance: str) -> pd.DataFrame:
    """Estimates by term: estimate, std_error, statistic, p_value."""
    fit = fitted(name, variance)
    if name.startswith("event_sunab"):
        return sun_abraham(fit, overall=name.endswith("att"))
    return fit.tidy().set_index("term")


def sun_abraham(fit, *, overall: bool) -> pd.DataFrame:
    """Cohort effects weighted by cohort shares in each event time (Sun and Abraham 2021), under fixest's terms.

    Parameters
    ----------
    fit : Fit
        Of `SUN_ABRAHAM`: one coefficient per cohort and event time.
    overall : bool
        One average over all event times from 0 on and the single leads, in place of one average per event time.
    """
    tidy = fit.tidy().set_index("term")
    names = [f"rel::{event}:cohort_{cohort}" for cohort in COHORTS for event in range(-6, 7)]
    kept = [name for name in names if name in tidy.index]
    sample = panel()[panel().groupby("firm")["year"].transform("size") > 1]
    counts = {name: (sample.rel.eq(event) & sample.cohort.eq(cohort)).sum() for name, event, cohort in map(_cell, kept)}
    rows: dict[str, dict[str, float]] = {}
    for name, event, cohort in map(_cell, kept):
        if not overall:
            rows.setdefault(f"year::{event}", {})[name] = counts[name]
        elif event < 0:
            rows[f"year::{event}:cohort::{cohort}"] = {name: counts[name]}
        else:
            rows.setdefault("ATT", {})[name] = counts[name]
    weights = pd.DataFrame(rows, index=list(tidy.index)).fillna(0.0)
    weights /= weights.sum()
    estimate = tidy["estimate"] @ weights
    std_error = np.sqrt(np.diag(weights.T @ fit.vcov.loc[tidy.index, tidy.index] @ weights))
    statistic = estimate / std_error
    p_value = 2 * stats.t.sf(np.abs(statistic), fit.n_clusters - 1)
    return pd.DataFrame({"estimate": estimate, "std_error": std_error, "statistic": statistic, "p_value": p_value})


def _cell(name: str) -> tuple[str, int, int]:
    event, cohort = name.removeprefix("rel::").split(":cohort_")
    return name, int(event), int(cohort)


def test_all_334_rows_are_tested():
    """The file is whole, and each of its models and variance estimators is known here."""
    assert len(ROWS) == 334
    known = {*MODELS, "event_sunab", "event_sunab_att"}
    assert set(GOLDEN["id"]) == known
    assert set(GOLDEN["vcov"]) == set(VARIANCES)


@pytest.mark.parametrize("row", ROWS)
def test_coefficient_row_agrees_with_fixest(row):
    """Estimate and standard error to 1e-8 relative (Poisson 1e-6), p-value to 1e-6."""
    ours = estimates(row.id, row.vcov).loc[RENAMED.get(row.term, row.term)]
    tolerance = 1e-6 if row.id.startswith("poisson") else 1e-8
    assert ours["estimate"] == pytest.approx(row.estimate, rel=tolerance, abs=0)
    assert ours["std_error"] == pytest.approx(row.std_error, rel=tolerance, abs=0)
    assert ours["statistic"] == pytest.approx(row.statistic, rel=2 * tolerance, abs=0)
    assert ours["p_value"] == pytest.approx(row.p_value, rel=0, abs=1e-6)


@pytest.mark.parametrize(("name", "variance"), FITS)
def test_terms_observations_and_fit_agree_with_fixest(name, variance):
    """No term more or fewer, the same number of observations, R2 and within R2 to 1e-8."""
    rows = GOLDEN[(GOLDEN["id"] == name) & (GOLDEN["vcov"] == variance)]
    fit = fitted(name, variance)
    assert fit.n_obs == rows["n_obs"].iloc[0]
    if not name.startswith("event_sunab"):
        assert set(fit.tidy()["term"]) == set(rows["term"].replace(RENAMED))
    for ours, theirs in ((fit.r2, rows["r2"].iloc[0]), (fit.r2_within, rows["within_r2"].iloc[0])):
        if not np.isnan(theirs):
            assert ours == pytest.approx(theirs, rel=1e-8)


def test_small_p_values_agree_with_fixest_relatively():
    """Far tails too: the p-value of each OLS row above 1e-100 to 1e-6 relative."""
    rows = GOLDEN[~GOLDEN["id"].str.startswith("poisson") & (GOLDEN["p_value"] > 1e-100)]
    for row in rows.itertuples():
        ours = estimates(row.id, row.vcov).loc[RENAMED.get(row.term, row.term), "p_value"]
        assert ours == pytest.approx(row.p_value, rel=1e-6, abs=0), (row.id, row.vcov, row.term)
