"""The influence of each cluster on the effects: its squares are their variance, it is what re-estimation finds."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.mediation.explicit import Model, effects

import involution as inv

OPTIONS = {"outcome": "y", "treatment": "x", "mediators": ["m1", "m2"], "controls": ["c"], "feedback": False}
WITHIN = {"fixed_effects": ["firm", "year"], "cluster": ["industry"]}
POTENTIAL = {"outcome": "event", "treatment": "d", "mediators": ["binary"], "controls": ["c"], "cluster": ["industry"]}


def squares(found) -> dict[str, float]:
    return (found.cluster_influence**2).sum().to_dict()


def errors(found) -> dict[str, float]:
    return dict(found.tidy().set_index("term")["std_error"] ** 2)


@pytest.mark.parametrize("inference", ["delta", "monte_carlo", "jackknife"])
@pytest.mark.parametrize("moderators", [None, {"m1": {"by": "w"}, "direct": {"by": "w"}}])
def test_squares_sum_to_the_squared_standard_error(mediated_panel, inference, moderators):
    found = inv.mediate(mediated_panel(1), **OPTIONS, **WITHIN, moderators=moderators, inference=inference, draws=99)
    told = squares(found)
    for term, variance in errors(found).items():
        assert told[term] == pytest.approx(variance, rel=1e-9), term


@pytest.mark.parametrize("inference", ["delta", "jackknife"])
def test_squares_sum_to_the_squared_standard_error_of_potential_outcomes(mediated_panel, inference):
    options = {"binary": "logit", "event": "probit"}
    found = inv.mediate(mediated_panel(2), **POTENTIAL, family=options, inference=inference)
    told = squares(found)
    for term, variance in errors(found).items():
        assert told[term] == pytest.approx(variance, rel=1e-9), term


@pytest.mark.parametrize("fixed_effects", [["firm", "year"], ["region", "year"]])
def test_each_cluster_moves_effects_as_leaving_it_out_does(mediated_panel, fixed_effects):
    """Against explicit least squares with dummies; region effects cross the clusters."""
    data = mediated_panel(3)
    options = {**OPTIONS, **WITHIN, "fixed_effects": fixed_effects}
    moved = inv.mediate(data, **options, inference="jackknife").cluster_influence
    model = Model(effects=fixed_effects)
    whole, scale = effects(data, model), np.sqrt(11 / 12)
    assert moved.index.name == "industry"
    for industry in ("i00", "i05", "i11"):
        without = effects(data[data["industry"] != industry], model)
        for term in ("a[m1]", "b[m2]", "indirect[m1]", "indirect[m2]", "direct"):
            assert moved.loc[industry, term] == pytest.approx(scale * (whole[term] - without[term]), rel=1e-7)


def test_paths_move_as_their_regressions_do(mediated_panel):
    """The same clusters have the same names in a mediation and in a regression on its rows."""
    data = mediated_panel(4)
    moved = inv.mediate(data, **OPTIONS, **WITHIN, inference="delta").cluster_influence
    fit = inv.estimate("m1 ~ x + c | firm + year", data, cluster=["industry"], vcov="crv3").cluster_influence
    np.testing.assert_allclose(moved.loc[fit.index, "a[m1]"], fit["x"], rtol=1e-8)


def test_without_one_clustering_there_is_none(mediated_panel):
    data = mediated_panel(5)
    assert inv.mediate(data, **OPTIONS, inference="delta").cluster_influence is None
    two = inv.mediate(data, **OPTIONS, cluster=["industry", "region"], inference="delta")
    assert two.cluster_influence is None
