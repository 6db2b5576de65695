"""The rules that protect an index which leaves the firm itself out."""

import numpy as np
import pytest

import involution as inv
from involution.models.rules import Refused


@pytest.mark.parametrize("effect", ["industry^year", "firm^year"])
def test_effects_at_the_level_of_the_index_are_refused(panel, effect):
    with pytest.raises(Refused, match="off the firm's own share"):
        inv.estimate(f"y ~ hhi_loo | firm + {effect}", panel, cluster=["industry"])


def test_a_pure_interaction_may_have_them(panel):
    fit = inv.estimate("y ~ hhi_loo:w + w | firm + industry^year", panel, cluster=["industry"])
    assert "hhi_loo:w" in fit.terms


def test_the_rule_sees_through_lags_and_the_studys_own_columns(panel):
    panel["hhi_loo_l1"], panel["pressure"] = panel.hhi_loo, panel.hhi_loo * 2
    with pytest.raises(Refused):
        inv.estimate("y ~ hhi_loo_l1 | firm + industry^year", panel, cluster=["industry"])
    with pytest.raises(Refused):
        inv.estimate(
            "y ~ pressure | firm + industry^year", panel, cluster=["industry"], definitions={"pressure": "hhi_loo * 2"}
        )


def test_the_default_cluster_is_the_level_of_the_index(panel):
    assert inv.estimate("y ~ hhi_loo | firm + year", panel).vcov_label == "crv1(industry)"
    assert inv.estimate("y ~ x | firm + year", panel).vcov_label == "hetero"


def test_lower_clusters_need_permission_and_are_said(panel):
    with pytest.raises(Refused, match="below the level"):
        inv.estimate("y ~ hhi_loo | firm + year", panel, cluster=["firm"])
    fit = inv.estimate("y ~ hhi_loo | firm + year", panel, cluster=["firm"], allow_low_cluster=True)
    assert any("below industry" in text for text in fit.notes)


def test_a_coarser_cluster_is_fine(panel):
    assert inv.estimate("y ~ hhi_loo | firm + year", panel, cluster=["sector"]).n_clusters == 3


def test_industries_per_cell_are_watched(panel):
    notes = inv.estimate("y ~ hhi_loo | firm + sector^year", panel, cluster=["industry"]).notes
    assert any("4 to 4 industries per cell" in text for text in notes)
    assert any("fewer than six industries" in text for text in notes)
    panel["alone"] = np.where(panel.industry == "i00", "alone", panel.sector)
    with pytest.raises(Refused, match="hold one industry"):
        inv.estimate("y ~ hhi_loo | firm + alone^year", panel, cluster=["industry"])


def test_an_absorbed_index_is_refused_by_name(panel):
    panel["hhi"] = panel.groupby("firm").x.transform("mean")
    with pytest.raises(Refused, match="absorb hhi"):
        inv.estimate("y ~ hhi + x | firm + year", panel, cluster=["industry"])


def test_the_logarithm_of_one_plus_a_count_is_flagged(panel):
    fit = inv.estimate("log1p(count) ~ x | firm", panel, cluster=["firm"])
    assert any("prefer Poisson" in text for text in fit.notes)
    panel["ln_count"] = np.log1p(panel["count"])
    fit = inv.estimate("ln_count ~ x | firm", panel, cluster=["firm"], definitions={"ln_count": "log(1 + count)"})
    assert any("prefer Poisson" in text for text in fit.notes)
    fit = inv.estimate("log1p(revenue) ~ x | firm", panel, cluster=["firm"])
    assert not any("prefer Poisson" in text for text in fit.notes)


def test_clusters_chosen_by_the_library_are_told(panel):
    fit = inv.estimate("y ~ hhi_loo | firm + year", panel)
    assert fit.vcov_label == "crv1(industry)"
    assert any("since no cluster is named" in said for said in fit.notes)
