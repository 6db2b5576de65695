"""The dynamic panel of the section: dated columns, lags by the clock, bounds beside it, mistakes told together."""

import numpy as np
import pytest
from tests.unit.models.endogeneity.conftest import CLOCK, DESIGN, run

from involution.errors import InputError
from involution.models.dynamic.estimate import DynamicPanel, estimate_dynamic
from involution.models.dynamic.instruments import Lagged, Standard

ASKED = {"name": "own", "dynamic": {}}
AHEAD = {**DESIGN, "timing": {**CLOCK, "outcome": 1}}


def test_the_four_models_are_those_of_the_library(data):
    result = run(data, {**ASKED, "dynamic": {"lag_limits": {"y": [2, 4]}}}, design=AHEAD)
    assert list(dict.fromkeys(result.estimates["model"])) == ["own", "own_system", "own_ols", "own_within"]
    made = data.copy()
    for name, lag in (("y", -1), ("x", 1), ("c", 1)):
        made[f"{name}_{lag}"] = made.groupby("firm")[name].shift(lag)
    # Outcome next year, treatment last year: its lag 1 is two years before the row, the outcome's lag 2 one year.
    panel = DynamicPanel("y_-1", ("y", "x_1", "c_1"), (Lagged("y", 1, 3), Lagged("x", 2)), (Standard("c_1"),))
    fit = estimate_dynamic(panel, made, cluster="industry")
    rows = result.estimates[result.estimates["model"] == "own"]
    assert rows["term"].tolist() == ["y", "x_l1", "c_l1"]
    assert rows["estimate"].to_numpy() == pytest.approx(fit.estimate, rel=1e-9)
    assert rows["std_error"].to_numpy() == pytest.approx(fit.std_error, rel=1e-9)
    assert rows["vcov"].unique().tolist() == ["windmeijer(industry)"]
    assert rows["n_clusters"].unique().tolist() == [20]
    assert rows["fixed_effects"].unique().tolist() == ["firm + year"]


def test_more_instruments_than_clusters_are_a_row_with_the_reason_beside_the_bounds(data):
    result = run(data, {**ASKED, "dynamic": {"collapse": False}})
    by_model = result.estimates.groupby("model", sort=False)["estimate"].apply(lambda column: column.notna().all())
    assert by_model.to_dict() == {"own": False, "own_system": False, "own_ols": True, "own_within": True}
    reason = result.estimates.loc[result.estimates["model"] == "own", "note"].iloc[0]
    assert "instruments for 20 clusters of industry" in reason
    assert set(result.influence["model"]) == {"own_ols", "own_within"}


def test_an_exogenous_treatment_and_controls_of_each_kind(data):
    limited = {"y": [2, 3], "c": [1, 2]}
    own = run(data, {**ASKED, "dynamic": {"treatment": "exogenous", "predetermined": ["c"], "lag_limits": limited}})
    statistics = own.statistics[own.statistics["model"] == "own"].set_index("statistic")
    # Two lags of y, two of c, the treatment itself, and eight years of differences.
    assert statistics.loc["n_instruments", "value"] == 2 + 2 + 1 + 8
    endogenous = run(
        data, {**ASKED, "dynamic": {"endogenous": ["c"], "lag_limits": {"y": [2, 3], "x": [1, 2], "c": [2, 3]}}}
    )
    assert endogenous.estimates["estimate"].notna().all()


def test_missing_values_of_an_instrument_are_told(data):
    random = np.random.default_rng(2)
    z = random.normal(size=len(data))
    asked = {**ASKED, "dynamic": {"instruments": ["z"], "lag_limits": {"y": [2, 3], "x": [1, 2]}}}
    gone = (data["year"] == 2012).to_numpy()
    result = run(data.assign(z=np.where(gone, np.nan, z)), asked)
    told = result.notes.set_index(["model", "code"]).loc[("own", "dynamic_unknown"), "text_en"]
    assert told.endswith("z_l1: 200")
    assert "dynamic_unknown" not in run(data.assign(z=z), asked).notes["code"].tolist()


def test_a_coefficient_outside_the_bounds_is_told(data):
    result = run(data, {**ASKED, "dynamic": {"lag_limits": {"y": [2, 3], "x": [1, 2]}}})
    fits = {name: rows.set_index("term")["estimate"]["y_l1"] for name, rows in result.estimates.groupby("model")}
    low, high = sorted([fits["own_within"], fits["own_ols"]])
    told = set(result.notes.loc[result.notes["code"] == "dynamic_outside", "model"])
    assert told == {name for name in ("own", "own_system") if not low <= fits[name] <= high}


def test_mistakes_are_told_together(data):
    asked = {
        **ASKED,
        "fixed_effects": ["firm", "industry^year"],
        "cluster": ["firm", "industry"],
        "weights": "c",
        "dynamic": {"predetermined": ["z"], "lag_limits": {"c": [1, 2]}},
    }
    with pytest.raises(InputError) as caught:
        run(data, asked)
    told = " | ".join(f"{problem.where} {problem.what}" for problem in caught.value.problems)
    for part in ("industry^year", "no weights", "one clustering", "'z' is none of the controls", "'c' has no lags"):
        assert part in told


def test_limits_in_the_wrong_order_are_told_when_the_file_is_read(data):
    with pytest.raises(ValueError, match="not above the last"):
        run(data, {**ASKED, "dynamic": {"lag_limits": {"y": [4, 2]}}})


def test_rows_outside_the_sample_are_instruments_but_no_observations(data):
    late = data.assign(in_sample=data["year"] > 2013)
    result = run(late, {**ASKED, "dynamic": {"lag_limits": {"y": [2, 4]}}})
    own = result.estimates[result.estimates["model"] == "own"]
    assert own["n_obs"].unique().tolist() == [200 * 3]
    assert own["estimate"].notna().all()
    assert np.isfinite(own["std_error"]).all()
