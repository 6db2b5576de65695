"""The blocks mechanism and mediation: dated columns, rules, rows of the results, failures that stop nothing else."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.facts import facts
from involution.models.mediation.block import with_outcome
from involution.models.mediation.purity import check_purity
from involution.models.run import run_block
from involution.study.index import Index
from involution.study.mediation import Mediation
from involution.study.timing import Timing

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
INDEX = Index()


@pytest.fixture
def data(panel):
    random = np.random.default_rng(3)
    n = len(panel)
    cells = panel.groupby(["industry", "year"]).ngroup().to_numpy()
    pressure = random.normal(size=cells.max() + 1)[cells]
    by_firm = panel.assign(pressure=pressure).groupby("firm")
    before = by_firm["pressure"].shift(1).fillna(0).to_numpy()
    margin = -0.5 * before + random.normal(size=n)
    horizon = 0.4 * before + random.normal(size=n)
    frame = panel.assign(pressure=pressure, margin=margin, horizon=horizon, in_sample=True)
    last = frame.groupby("firm")[["margin", "horizon"]].shift(1).fillna(0)
    return frame.assign(innovation=last["margin"] - 0.5 * last["horizon"] + random.normal(size=n))


ASKED = {
    "name": "channels",
    "outcome": "innovation",
    "treatment": "pressure",
    "mediators": ["margin", "horizon"],
    "cluster": ["industry"],
}


def run(block, data, *asked, **given):
    sections = {"mediation": list(asked or [ASKED]), "design": None, "index": None, "derive": {}, "variables": {}}
    return run_block(block, {**sections, **given}, data, study="s", dictionary=DICTIONARY, seed=1, draws=199)


def shifted(data):
    firms = data.sort_values(["firm", "year"]).groupby("firm")
    return data.assign(innovation_f1=firms["innovation"].shift(-1), pressure_l1=firms["pressure"].shift(1))


def test_the_decomposition_is_that_of_the_dated_columns(data):
    result = run("mediation", data)
    found = result.estimates.set_index("term")["estimate"]
    by_hand = inv.mediate(
        shifted(data), "innovation_f1", "pressure_l1", ["margin", "horizon"],
        fixed_effects=["firm", "year"], cluster="industry", draws=199,
    ).tidy().set_index("term")["estimate"]  # fmt: skip
    assert found[by_hand.index].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert {"rho_star[margin]", "rho_star[horizon]"} <= set(found.index)
    assert (result.estimates["estimator"] == "mediation").all()
    assert result.estimates["vcov"].iloc[0] == "crv3(industry)"
    assert "mediation_status" in result.notes["code"].tolist()


def test_the_mechanism_regresses_each_mediator_on_all_its_rows(data):
    result = run("mechanism", data)
    assert result.estimates["model"].tolist() == ["channels_margin", "channels_horizon"]
    fit = inv.estimate("margin ~ pressure_l1 | firm + year", shifted(data), cluster="industry", vcov="crv3")
    assert result.estimates["estimate"].iloc[0] == pytest.approx(fit.estimate[0])
    assert result.estimates["n_obs"].iloc[0] == fit.n_obs > run("mediation", data).estimates["n_obs"].iloc[0]


def test_the_mechanism_of_a_mediator_may_have_a_treatment_of_its_own(data):
    asked = {**ASKED, "mechanism_treatments": {"margin": "x"}}
    terms = run("mechanism", data, asked).estimates.set_index("model")["term"]
    assert terms.to_dict() == {"channels_margin": "x_l1", "channels_horizon": "pressure_l1"}
    assert "total" in run("mediation", data, asked).estimates["term"].tolist()


def test_a_treatment_of_text_enters_the_mechanism_by_its_values(data):
    size = pd.Series(np.where(data["x"] > 0.5, "large", np.where(data["x"] < -0.5, "small", "medium")))
    asked = {**ASKED, "treatment": "size", "levels": "each", "inference": "delta"}
    panel = data.assign(size=size)
    terms = run("mechanism", panel, asked).estimates
    assert terms.loc[terms["model"] == "channels_margin", "term"].tolist() == ["size_l1::medium", "size_l1::small"]
    found = set(run("mediation", panel, asked).estimates["term"])
    assert {"total[size_l1=medium]", "total[size_l1=small]"} <= found


def test_a_moderated_path_is_moderated_in_both_blocks(data):
    asked = {**ASKED, "moderators": {"margin": {"by": "w"}, "direct": {"by": "w", "years": 0, "about": 0}}}
    mechanism = run("mechanism", data, asked).estimates
    assert mechanism.loc[mechanism["model"] == "channels_margin", "term"].tolist() == [
        "pressure_l1", "w_l1", "pressure_l1:w_l1",
    ]  # fmt: skip
    result = run("mediation", data, asked)
    assert {"index_moderated_mediation[margin]", "direct:w"} <= set(result.estimates["term"])
    assert {"conditional[margin,w_l1]", "support[w_l1]", "support[w]"} <= set(result.curves["curve"])


def test_a_conditional_curve_passes_through_the_effect_where_it_is_taken(data):
    asked = {**ASKED, "moderators": {"margin": {"by": "w", "about": 0.1}}, "inference": "delta"}
    result = run("mediation", data, asked)
    curve = result.curves[result.curves["curve"] == "conditional[margin,w_l1]"]
    effect = result.estimates.set_index("term").loc["indirect[margin]"]
    for name in ("estimate", "ci_low", "ci_high"):
        assert np.interp(0.1, curve["x"], curve[name]) == pytest.approx(effect[name], abs=2e-3)
    support = result.curves[result.curves["curve"] == "support[w_l1]"]
    assert support["estimate"].sum() == effect["n_obs"]


def test_what_cannot_be_estimated_says_so_and_stops_nothing(data):
    flat = {**ASKED, "name": "flat", "mediators": ["still", "horizon"]}
    result = run("mediation", data.assign(still=1.0), flat, ASKED)
    first = result.estimates.iloc[0]
    assert first["model"] == "flat"
    assert np.isnan(first["estimate"])
    assert "still" in first["note"]
    assert result.estimates.loc[result.estimates["model"] == "channels", "estimate"].notna().all()


def test_names_of_all_sections_are_checked_together(data):
    wrong = [{**ASKED, "mediators": ["margn"]}, {**ASKED, "name": "b", "treatment": "presure"}]
    with pytest.raises(InputError) as caught:
        run("mediation", data, *wrong)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 2
    assert "mediation: channels: there is no column 'margn'; the nearest is 'margin'" in said[0]
    assert "mediation: b" in said[1]


def purity(**asked):
    section = Mediation.model_validate({"name": "a", "outcome": "rd_intensity", **asked}).completed(None)
    return check_purity(section, INDEX, facts(DICTIONARY, {"thin": "lag(gross_margin)"}))


def test_a_part_of_the_treatment_is_no_mediator():
    with pytest.raises(InputError, match=r"mediators: gross_margin: it shares 'gross_margin' with the treatment"):
        purity(treatment="involution", mediators=["gross_margin"])
    with pytest.raises(InputError, match="mediators: thin"):
        purity(treatment="involution_squeeze", mediators=["thin"])
    assert purity(mediators=["gross_margin", "short_termism", "constraint"]) == ()


def test_a_mediator_that_holds_the_outcome_is_refused():
    with pytest.raises(InputError, match="it holds the outcome 'rd_spend'"):
        purity(outcome="rd_spend", mediators=["rd_to_assets"])


def test_size_and_age_are_no_mediator_within_firms():
    with pytest.raises(InputError, match="made of size and age"):
        purity(mediators=["sa_index"])
    assert purity(mediators=["sa_index"], fixed_effects=["industry", "year"]) == ()


def test_where_it_is_allowed_no_total_is_claimed(data):
    section = {"treatment": "involution", "mediators": ["gross_margin"], "allow_mechanical": True}
    assert [remark.code for remark in purity(**section)] == ["mediation_impure"]
    panel = data.rename(columns={"pressure": "involution", "margin": "gross_margin"})
    result = run("mediation", panel, {**ASKED, **section})
    assert result.estimates["term"].tolist() == [
        "a[gross_margin]", "b[gross_margin]", "indirect[gross_margin]", "indirect[total]", "rho_star[gross_margin]",
    ]  # fmt: skip


def test_effects_at_the_level_of_the_treatment_are_refused(data):
    panel = data.rename(columns={"pressure": "fragmentation_loo"})
    asked = {**ASKED, "treatment": "fragmentation_loo", "fixed_effects": ["firm", "industry^year"]}
    with pytest.raises(InputError, match="at the level of fragmentation_loo"):
        run("mediation", panel, asked)


def test_another_outcome_is_decomposed_on_the_same_rows(data):
    """With the outcome itself in its place nothing changes."""
    section = Mediation.model_validate(ASKED).completed(None)
    assert section.timing == Timing()
    again = with_outcome(section, shifted(data), facts(DICTIONARY, {}), INDEX, "innovation_f1")
    found = run("mediation", data).estimates.set_index("term")["estimate"]
    assert again["indirect[margin]"] == pytest.approx(found["indirect[margin]"])
    assert again["total"] == pytest.approx(found["total"])


def test_a_count_outcome_has_the_effects_of_potential_outcomes(data):
    counted = data.assign(innovation=np.round(np.exp(0.3 * data["innovation"])), horizon=data["horizon"] > 0)
    asked = {**ASKED, "family": {"innovation": "poisson", "horizon": "probit"}, "inference": "delta", "levels": [-1, 1]}
    result = run("mediation", counted, asked)
    found = result.estimates.set_index("term")["estimate"]
    by_hand = inv.mediate(
        shifted(counted), "innovation_f1", "pressure_l1", ["margin", "horizon"], fixed_effects=["firm", "year"],
        cluster="industry", family={"innovation_f1": "poisson", "horizon": "probit"}, levels=(-1, 1), mundlak=True,
        inference="delta",
    ).tidy().set_index("term")["estimate"]  # fmt: skip
    assert found.to_numpy() == pytest.approx(by_hand[found.index].to_numpy())
    assert found["total"] == pytest.approx(found["direct"] + found["indirect[total]"])
    assert "potential_outcomes" in result.notes["code"].tolist()
    mechanism = run("mechanism", counted, asked).estimates
    assert mechanism["estimator"].tolist() == ["ols", "probit"]


def test_a_chain_of_counts_is_refused_before_anything_is_estimated(data):
    asked = {**ASKED, "family": {"innovation": "poisson"}, "serial": ["margin", "horizon"]}
    with pytest.raises(InputError, match="leave out `serial`"):
        run("mediation", data, asked)


def test_text_where_a_number_is_needed_is_told_with_its_key(data):
    panel = data.assign(kind=np.where(data["x"] > 0, "soe", "private"))
    asked = {**ASKED, "mediators": ["margin", "kind"], "moderators": {"margin": {"by": "kind"}}}
    with pytest.raises(InputError) as caught:
        run("mediation", panel, asked)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 2
    assert said[0].startswith("mediation: channels, mediators: the column 'kind' holds text")
    assert said[1].startswith("mediation: channels, moderators: the column 'kind_l1' holds text")


def test_one_year_of_rows_is_named_as_such(data):
    panel = data.rename(columns={"pressure": "fragmentation_loo"})
    panel["in_sample"] = panel["year"] == 2012
    with pytest.raises(InputError, match="are of one year: the effect of fragmentation_loo_l1 cannot be told"):
        run("mediation", panel, {**ASKED, "treatment": "fragmentation_loo"})


def test_the_moderated_mechanism_says_where_its_main_effect_holds(data):
    asked = {**ASKED, "moderators": {"margin": {"by": "w"}}}
    notes = run("mechanism", data, asked).notes.query("code == 'mechanism_moderated'")
    assert notes["model"].tolist() == ["channels_margin"]
    assert "pressure_l1 alone holds where w_l1 is zero" in notes["text_en"].iloc[0]


def test_the_block_hands_on_how_much_each_cluster_moves_the_effects(data):
    result = run("mediation", data, {**ASKED, "inference": "delta"})
    squares = (result.influence["value"] ** 2).groupby(result.influence["term"].astype(str)).sum()
    errors = result.estimates.set_index("term")["std_error"]
    assert {"a[margin]", "indirect[margin]", "indirect[total]", "total", "direct"} <= set(squares.index)
    np.testing.assert_allclose(np.sqrt(squares), errors[squares.index], rtol=1e-8)
    assert set(result.influence["block"]) == {"mediation"}
    assert set(result.influence["cluster"]) == set(data["industry"])
