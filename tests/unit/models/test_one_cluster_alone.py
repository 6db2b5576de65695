"""What one cluster alone identifies has no clustered error, and takes no other estimate or test with it."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.endogeneity.conftest import DESIGN, run

from involution.models.derived import wald
from involution.models.design import Design

NOW = {**DESIGN, "timing": dict.fromkeys(("treatment", "moderator", "outcome", "controls", "mediator"), 0)}


@pytest.fixture
def lone():
    random = np.random.default_rng(0)
    firm = np.repeat(np.arange(100), 6)
    data = pd.DataFrame(
        {"firm": firm, "year": 2010 + np.tile(np.arange(6), 100), "industry": firm % 20, "in_sample": True}
    )
    for name in ("c", "z", "u"):
        data[name] = random.normal(size=600)
    data["x"] = data["z"] + data["u"] + random.normal(size=600)
    data["y"] = data["u"] + random.normal(size=600)
    data["alone"] = np.where(data["industry"] == 0, random.normal(size=600), 0.0)
    data["policy"] = ((data["industry"] == 0) & (data["year"] >= 2013)).astype(float)
    return data


@pytest.mark.parametrize(("vcov", "formula"), [("crv1", "y ~ policy"), ("crv3", "y ~ policy + c")])
def test_it_has_no_clustered_error_and_says_so(lone, vcov, formula):
    fit = Design(lone, ["firm"], ["industry"]).estimate(formula, vcov=vcov)
    assert np.isnan(fit.std_error[0])
    assert (fit.std_error[1:] > 0).all()
    assert {"one_cluster_alone", "jackknife_unidentified"} & {remark.code for remark in fit.remarks}


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "iv", "instruments": ["z", "alone"]},
        {"name": "lewbel", "controls": ["alone", "c"], "lewbel": {}},
        {"name": "weak", "instruments": ["alone"], "controls": [], "fixed_effects": ["firm"], "vcov": "crv1"},
        {"name": "policy", "treatment": "policy", "leads_lags": {"leads": 1, "lags": 1}},
    ],
    ids=lambda asked: asked["name"],
)
def test_other_items_are_estimated_beside_it(lone, asked):
    result = run(lone, asked, {"name": "good", "instruments": ["z"]}, design=NOW)
    rows = result.estimates[result.estimates["model"] == "good"]
    assert rows["estimate"].notna().all()
    assert not (result.estimates["p_value"] < 1e-60).any()


def test_no_joint_test_with_as_many_terms_as_clusters(lone):
    few = lone.assign(
        industry=lone["firm"] % 4, **{f"n{k}": np.random.default_rng(k).normal(size=600) for k in range(4)}
    )
    fit = Design(few, ["firm"], ["industry"]).estimate("y ~ n0 + n1 + n2 + n3", vcov="crv3")
    assert np.isnan(wald(fit, ["n0", "n1", "n2", "n3"])[0])
    assert wald(fit, ["n0", "n1"])[0] > 0
