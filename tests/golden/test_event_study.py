"""Event studies against fixest, moderndid and diff-diff, and against what the R package did prints for its example."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import moderndid
import pandas as pd
import pytest
from scipy import stats

import involution as inv

FOLDER = Path(__file__).parent
GOLDEN = pd.read_csv(FOLDER / "event_study" / "event_study.csv", keep_default_na=False)
FIXEST = pd.read_csv(FOLDER / "fixest" / "fixest.csv")
KEYS = ["program", "estimator", "rows", "control", "base", "method", "anticipation", "cluster"]
GROUPS = [pytest.param(key, id="-".join(map(str, key))) for key in GOLDEN.groupby(KEYS, sort=False).groups]
CONTROLS = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}


@cache
def panel() -> pd.DataFrame:
    """The panel that the packages were given."""
    return pd.read_csv(FOLDER / "event_study" / "panel.csv")


def fitted(key) -> pd.DataFrame:
    """Our terms under the options of a group."""
    asked = dict(zip(KEYS, key, strict=True))
    options = {"estimator": asked["estimator"], "anticipation": asked["anticipation"], "cluster": asked["cluster"]}
    if asked["estimator"] == "callaway_santanna":
        options |= {"control": CONTROLS[asked["control"]], "base_period": asked["base"]}
        if asked["method"] != "none":
            options |= {"controls": ["size"], "method": asked["method"]}
    if asked["estimator"] in ("callaway_santanna", "imputation"):
        # diff-diff has G/(G - 1) where it clusters above the firm, and no factor where it does not.
        options["small_sample"] = {"clusters": asked["cluster"] != "firm"}
    data = panel() if asked["rows"] == "whole" else panel()[panel()["kept"] == 1]
    return inv.event_study(data, "y", **options).tidy().set_index("term")


@pytest.mark.parametrize("key", GROUPS)
def test_estimates_and_standard_errors_are_those_of_the_other_package(key):
    rows = GOLDEN[(GOLDEN[KEYS] == list(key)).all(axis=1)].set_index("term")
    if key[1] == "imputation" and key[6]:
        rows = rows.drop(index="att[overall]")
    ours = fitted(key).loc[rows.index]
    assert ours["estimate"].to_numpy() == pytest.approx(rows["estimate"].to_numpy(), abs=1e-9)
    assert ours["std_error"].to_numpy() == pytest.approx(rows["std_error"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("cluster", ["firm", "industry"])
@pytest.mark.parametrize("model", ["event_twfe", "event_sunab", "event_sunab_att"])
def test_regressions_are_those_of_fixest(model, cluster):
    rows = FIXEST[(FIXEST["id"] == model) & (FIXEST["vcov"] == cluster)]
    estimator = "twfe" if model == "event_twfe" else "sun_abraham"
    fit = inv.event_study(pd.read_csv(FOLDER / "fixest" / "panel.csv"), "y", estimator=estimator, cluster=cluster)
    ours = fit.tidy().set_index("term").loc[[_term(name) for name in rows["term"]]]
    assert fit.n_obs == rows["n_obs"].iloc[0]
    assert fit.r2_within == pytest.approx(rows["within_r2"].iloc[0], rel=1e-8)
    for column in ("estimate", "std_error"):
        assert ours[column].to_numpy() == pytest.approx(rows[column].to_numpy(), rel=1e-8)
    assert ours["p_value"].to_numpy() == pytest.approx(rows["p_value"].to_numpy(), abs=1e-6)


def _term(name: str) -> str:
    """Our name of fixest's term."""
    if name == "ATT":
        return "att[overall]"
    event, _, cohort = name.removeprefix("rel::").removeprefix("year::").partition(":cohort::")
    return f"att[g={cohort},t={int(cohort) + int(event)}]" if cohort else f"att[e={event}]"


PUBLISHED = {
    "varying": {
        "att[g=2004,t=2004]": -0.0105, "att[g=2004,t=2005]": -0.0704, "att[g=2004,t=2006]": -0.1373,
        "att[g=2004,t=2007]": -0.1008, "att[g=2006,t=2004]": 0.0065, "att[g=2006,t=2005]": -0.0028,
        "att[g=2006,t=2006]": -0.0046, "att[g=2006,t=2007]": -0.0412, "att[g=2007,t=2004]": 0.0305,
        "att[g=2007,t=2005]": -0.0027, "att[g=2007,t=2006]": -0.0311, "att[g=2007,t=2007]": -0.0261,
    },
    "universal": {
        "att[g=2006,t=2003]": -0.0038, "att[g=2006,t=2004]": 0.0028, "att[g=2007,t=2003]": 0.0033,
        "att[g=2007,t=2004]": 0.0338, "att[g=2007,t=2005]": 0.0311,
    },
}  # fmt: skip
"""Effects of minimum wages on teen employment, as the README of the R package did prints them (data `mpdta`)."""


@pytest.mark.parametrize("base", PUBLISHED)
def test_the_example_of_the_r_package_did(base):
    """Its effects to four digits, and its Wald test before adoption: p = 0.16812."""
    data = moderndid.load_mpdta()
    data = pd.DataFrame({name: data[name].to_numpy() for name in data.columns})
    fit = inv.event_study(
        data, "lemp", "countyreal", "year", "first.treat", "callaway_santanna", base_period=base,
        small_sample={"clusters": False},
    )  # fmt: skip
    found = fit.tidy().set_index("term")["estimate"]
    assert found[list(PUBLISHED[base])].round(4).to_dict() == PUBLISHED[base]
    assert found["att[overall]"] == pytest.approx(-0.0400, abs=5e-5)
    test = fit.statistics.set_index("statistic").loc["pre_trend_cells"]
    assert stats.chi2.sf(test["value"] * test["df"], test["df"]) == pytest.approx(0.16812, abs=5e-6)
