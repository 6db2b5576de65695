"""The block moderation: dated columns, names, rules, rows of the results, failures that stop nothing else."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.moderation import worlds

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.measures import dictionary as dictionary_of
from involution.models.demeaned import Deviations
from involution.models.moderation.forms import sample_of
from involution.models.moderation.specification import specified
from involution.models.run import run_block
from involution.study.moderation import Moderation
from involution.study.sections import Blocks

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
NOW = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": 0}
ASKED = {"name": "finance", "outcome": "y", "treatment": "x", "moderator": "w", "cluster": ["industry"]}


@pytest.fixture(scope="module")
def panel():
    return worlds.plain(seed=1).assign(in_sample=True)


def run(panel, *asked, **given):
    sections = {"moderation": list(asked or [ASKED]), "design": None, "derive": {}, "variables": {}}
    return run_block("moderation", {**sections, **given}, panel, study="s", dictionary=DICTIONARY, seed=1, draws=199)


def of(result, model):
    return result.estimates[result.estimates["model"] == model].set_index("term")


def refused(panel, **asked):
    with pytest.raises(InputError) as caught:
        run(panel, {**ASKED, "timing": NOW, **asked})
    return [(problem.where, problem.what) for problem in caught.value.problems]


def reason(result, model):
    rows = result.estimates[result.estimates["model"] == model]
    assert rows["estimate"].isna().all()
    return rows["note"].iloc[0]


def test_the_models_are_those_of_dated_columns(panel):
    result = run(panel)
    by_firm = panel.sort_values(["firm", "year"]).groupby("firm")
    shifted = panel.assign(y_f1=by_firm["y"].shift(-1), x_l1=by_firm["x"].shift(1), w_l1=by_firm["w"].shift(1))
    found = inv.moderate(shifted, "y_f1", "x_l1", "w_l1", (), ["firm", "year"], "industry")
    for name, form in (("finance", ""), ("finance_product", "product"), ("finance_plain", "plain")):
        assert of(result, name).loc["x_l1:w_l1", "estimate"] == pytest.approx(
            found.form(form).fit.tidy().set_index("term").loc["x_l1:w_l1", "estimate"]
        )
    assert of(result, "finance")["outcome"].unique().tolist() == ["y_f1"]
    assert list(dict.fromkeys(result.estimates["model"])) == Blocks(moderation=[ASKED]).model_names
    assert not result.estimates.duplicated(["model", "term"]).any()
    effects = found.effects().set_index("term")
    assert of(result, "finance_effects")["estimate"].to_numpy() == pytest.approx(effects["estimate"].to_numpy())


def test_the_curves_hold_both_bands_bins_kernel_and_the_histogram(panel):
    curves = run(panel).curves
    assert set(zip(curves["model"], curves["curve"], strict=True)) == {
        ("finance_effects", "effect[w_l1]"), ("finance_effects", "effect_uniform[w_l1]"),
        ("finance_effects", "support[w_l1]"), ("finance_bins", "bins[w_l1]"), ("finance_kernel", "kernel[w_l1]"),
        ("finance_kernel", "kernel_uniform[w_l1]"), ("finance_kernel", "plain[w_l1]"),
    }  # fmt: skip
    wide = {kind: curves[curves["curve"] == f"{kind}[w_l1]"] for kind in ("effect", "effect_uniform", "support")}
    width = {kind: (rows["ci_high"] - rows["ci_low"]).to_numpy() for kind, rows in wide.items()}
    assert (width["effect_uniform"] > width["effect"]).all()
    assert wide["support"]["estimate"].sum() == of(run(panel), "finance")["n_obs"].iloc[0]


def test_two_runs_are_the_same_whatever_the_order_of_rows(panel):
    first, second = run(panel), run(panel.sample(frac=1, random_state=3).reset_index(drop=True))
    pd.testing.assert_frame_equal(first.estimates, run(panel).estimates)
    both = first.estimates.merge(second.estimates, on=["model", "term"])
    assert both["estimate_x"].to_numpy() == pytest.approx(both["estimate_y"].to_numpy(), rel=1e-7, nan_ok=True)
    assert both["std_error_x"].to_numpy() == pytest.approx(both["std_error_y"].to_numpy(), rel=1e-6, nan_ok=True)


def test_what_design_gives_is_filled_in(panel):
    design = {"outcomes": ["y"], "treatment": "x", "timing": NOW, "controls": ["z"], "fixed_effects": ["firm", "year"],
              "cluster": ["industry"], "vcov": "crv1"}  # fmt: skip
    result = run(panel, {"name": "short", "outcome": "y", "moderator": "w"}, design=design)
    rows = of(result, "short")
    assert {"x", "w", "z", "x:w"} <= set(rows.index)
    assert rows["vcov"].iloc[0] == "crv1(industry)"


def test_several_moderators_have_bins_and_kernels_of_their_own(panel):
    asked = {**ASKED, "moderator": ["w", {"by": "z", "years": 0, "about": 0.0}], "product": True}
    result = run(panel, asked)
    names = set(result.estimates["model"])
    assert {"finance_bins_w", "finance_bins_z", "finance_kernel_w", "finance_kernel_z"} <= names
    assert {"x_l1:w_l1", "x_l1:z", "x_l1:w_l1:z", "w_l1:z"} <= set(of(result, "finance").index)
    assert "effect[w_l1=p90-p10,z=p90-p10]" in of(result, "finance_effects").index


def test_poisson_has_effects_on_the_response_and_no_kernel(panel):
    result = run(panel, {**ASKED, "outcome": "count", "estimator": "poisson", "timing": NOW, "vcov": "crv1"})
    assert "finance_kernel" not in set(result.estimates["model"])
    assert (of(result, "finance")["estimator"] == "poisson").all()
    notes = result.notes[result.notes["model"] == "finance_effects"]["code"].tolist()
    assert "moderation_response" in notes
    found = of(result, "finance_effects")["estimate"]
    assert found["effect[w=p90-p10]"] == pytest.approx(found["effect[w=p90]"] - found["effect[w=p10]"])


def test_a_moderator_of_years_alone_has_no_headline_and_the_others_stand(panel):
    frame = panel.assign(national=panel["year"] * 0.5)
    result = run(frame, {**ASKED, "moderator": "national", "timing": NOW})
    assert "varies between years alone" in reason(result, "finance")
    for name in ("finance_product", "finance_bins", "finance_effects"):
        assert "without variation of its own" in reason(result, name)
    assert of(result, "finance_plain").loc["x:national", "estimate"] == pytest.approx(0.02, abs=0.2)


def test_a_moderator_at_the_level_of_the_treatment_has_no_pure_interaction(panel):
    cells = panel.groupby(["industry", "year"])["z"].transform("mean")
    result = run(panel.assign(v=cells), {**ASKED, "moderator": "v", "timing": NOW})
    assert "does not vary within industry^year" in reason(result, "finance_interaction")
    assert not of(result, "finance")["estimate"].isna().any()


def test_a_treatment_of_firms_has_no_pure_interaction(panel):
    result = run(panel, {**ASKED, "treatment": "z", "timing": NOW})
    assert "varies by firm" in reason(result, "finance_interaction")


def test_a_constant_moderator_is_said_so_in_every_row(panel):
    result = run(panel.assign(one=1.0), {**ASKED, "moderator": "one", "timing": NOW})
    assert result.estimates["estimate"].isna().all()
    assert all("one does not vary" in note for note in result.estimates["note"])


def test_a_collinear_interaction_is_not_estimable(panel):
    frame = panel.assign(rival=panel["w"])
    result = run(frame, {**ASKED, "with_treatment": "rival", "timing": NOW})
    for name in ("finance", "finance_plain", "finance_interaction"):
        assert "x:w is left without variation of its own" in reason(result, name)


def test_fixed_effects_that_have_the_moderator_leave_its_interaction(panel):
    asked = {**ASKED, "fixed_effects": ["firm", "region^year"], "timing": NOW}
    result = run(panel, asked)
    rows = of(result, "finance")
    assert "w" not in rows.index
    assert not np.isnan(rows.loc["x:w", "estimate"])
    codes = result.notes[result.notes["model"] == "finance"]["code"].tolist()
    assert "moderation_main_absorbed" in codes


def test_fixed_effects_that_have_the_treatment_are_refused_by_name(panel):
    found = refused(panel, fixed_effects=["firm", "industry^year"])
    assert found == [
        ("moderation: finance, fixed_effects firm + industry^year", "they absorb x, which is to be reported")
    ]


def test_a_regional_moderator_asks_for_clusters_of_regions(panel):
    def codes(**more):
        notes = run(panel, {**ASKED, "timing": NOW, **more}).notes
        return notes[notes["model"] == "finance"]["code"].tolist()

    assert "moderation_region" in codes()
    assert "moderation_region" not in codes(cluster=["industry", "region"])
    assert "moderation_region" not in codes(moderator="z")


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"moderator": "x"}, "moderator", "its own square is no moderation"),
        ({"moderator": "industry"}, "moderator", "holds text"),
        ({"moderator": "ww"}, "", "there is no column 'ww'; the nearest is 'w'"),
        ({"controls": ["y"]}, "controls", "is the outcome too"),
        ({"with_treatment": ["w"]}, "with_treatment", "is the moderator already"),
        ({"with_moderator": ["x"]}, "with_moderator", "is the treatment already"),
        ({"vcov": "wild", "cluster": ["industry", "region"]}, None, None),
        ({"where": "nothing > 0"}, "where", "nothing"),
    ],
)
def test_mistakes_name_the_section_and_the_key(panel, change, where, what):
    if where is None:
        result = run(panel, {**ASKED, "timing": NOW, **change})
        assert "one clustering" in reason(result, "finance")
        return
    found = refused(panel, **change)
    assert found[0][0].startswith("moderation: finance")
    assert where in found[0][0]
    assert what in found[0][1]


def test_the_mistakes_of_all_sections_are_told_together(panel):
    second = {**ASKED, "name": "second", "moderator": "vv", "timing": NOW}
    with pytest.raises(InputError) as caught:
        run(panel, {**ASKED, "moderator": "x", "timing": NOW}, second)
    assert [problem.where.split(",")[0] for problem in caught.value.problems] == [
        "moderation: finance",
        "moderation: second",
    ]


def test_clusters_below_an_industry_measure_are_refused(panel):
    frame = panel.rename(columns={"x": "hhi"})
    found = refused(frame, treatment="hhi", cluster=["firm"])
    assert "below the level at which hhi varies" in found[0][1]
    allowed = run(frame, {**ASKED, "treatment": "hhi", "cluster": ["firm"], "allow_low_cluster": True, "timing": NOW})
    assert "low_cluster" in set(allowed.notes[allowed.notes["model"] == "finance"]["code"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cluster": "industry"}, ""),
        ({"cluster": ["industry", "region"]}, ""),
        ({"cluster": "sector"}, ""),
        ({"cluster": "firm"}, "with firm standard errors"),
        ({"cluster": (), "vcov": "hetero"}, "with hetero standard errors"),
        ({"cluster": "firm", "treatment": "z"}, ""),
    ],
)
def test_a_treatment_that_the_data_show_to_vary_by_industry_asks_for_clusters_of_industries(panel, change, said):
    frame = panel.assign(sector=panel["industry"].str[-1])
    asked = {"treatment": "x", **change}
    found = inv.moderate(frame, "y", asked.pop("treatment"), "w", (), ["firm", "year"], **asked)
    notes = [remark.text("en") for remark in found.remarks if remark.code == "cluster_below"]
    assert len(notes) == bool(said)
    assert all(said in text and "cluster by industry" in text for text in notes)


def test_a_moderator_that_holds_the_outcome_is_refused(panel):
    variables = {"half": "y / 2"}
    frame = panel.assign(half=panel["y"] / 2)
    with pytest.raises(InputError, match="it holds the outcome 'y'"):
        run(frame, {**ASKED, "moderator": "half", "timing": NOW}, variables=variables)
    run(frame, {**ASKED, "moderator": "half", "timing": NOW, "allow_mechanical": True}, variables=variables)


def test_no_rows_is_a_result_too(panel):
    result = run(panel, {**ASKED, "timing": NOW, "where": "y > 1e9"})
    assert all("no row fulfils" in note for note in result.estimates["note"])


def test_rows_beyond_the_common_support_are_counted_and_warned_of(panel):
    random = np.random.default_rng(0)
    frame = panel.assign(v=panel["x"] + 0.2 * random.normal(size=len(panel)))
    result = run(frame, {**ASKED, "moderator": "v", "timing": NOW})
    statistics = result.statistics[result.statistics["model"] == "finance_effects"].set_index("statistic")["value"]
    assert statistics["outside_common_support[v]"] > 0.3
    assert "moderation_support" in set(result.notes[result.notes["model"] == "finance_effects"]["code"])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"moderator": ["w", "w"]}, "one moderator stands twice"),
        ({"product": True}, "a product is of two moderators, found 1"),
        ({"estimator": "poisson", "vcov": "wild"}, "built for least squares only"),
        ({"moderator": []}, "at least 1"),
        ({"estimator": "logit"}, "ols"),
    ],
)
def test_sections_that_make_no_sense_are_refused_when_the_file_is_read(change, what):
    with pytest.raises(ValueError, match=what):
        Moderation.model_validate({**ASKED, **change})


def test_the_library_call_refuses_what_the_section_does(panel):
    with pytest.raises(InputError, match="no moderator"):
        inv.moderate(panel, "y", "x", "w", (), ["firm", "year"], "industry").effects(at={"v": 1})
    with pytest.raises(InputError, match="unknown key 'column'"):
        inv.moderate(panel, "y", "x", {"column": "w"})
    with pytest.raises(InputError, match="'logit' is not built"):
        inv.moderate(panel, "y", "x", "w", estimator="logit")
    with pytest.raises(InputError, match="there is no column 'jahr'"):
        inv.moderate(panel, "y", "x", "w", year="jahr")


def test_forms_that_all_fail_are_compared_too(panel):
    compared = inv.moderate(panel.assign(w=1.0), "y", "x", "w", (), ["firm", "year"], "industry").compared()
    whole = inv.moderate(panel, "y", "x", "w", (), ["firm", "year"], "industry").compared()
    assert list(compared.columns) == list(whole.columns)
    assert compared["form"].tolist() == whole["form"].tolist()
    assert compared[["estimate", "std_error", "p_value"]].isna().all(axis=None)
    assert compared["reason"].str.contains("w does not vary").all()


def test_two_rows_of_a_firm_and_year_are_refused_with_their_keys(panel):
    twice = pd.concat([panel, panel.iloc[:12]], ignore_index=True)
    with pytest.raises(InputError, match="two rows in a year") as caught:
        inv.moderate(twice, "y", "x", "w", (), ["firm", "year"], "industry")
    assert caught.value.problems[0].rows == tuple(
        f"{firm}, {year}" for firm, year in panel[["firm", "year"]].head(10).itertuples(index=False)
    )
    unknown = twice.assign(firm=twice["firm"].where(~twice.duplicated()))
    with pytest.raises(NotEstimable, match="the firm and the year of each row"):
        inv.moderate(unknown, "y", "x", "w", (), ["year"], "industry").tidy()


def test_what_demeans_within_firms_and_years_wants_one_row_each(panel):
    twice = pd.concat([panel, panel.iloc[:1]], ignore_index=True)
    sample = sample_of(specified("y", "x", "w"), inv.Design(twice))
    with pytest.raises(NotEstimable, match="a firm has two"):
        Deviations(sample)


def test_the_library_call_tells_headline_forms_and_statistics(panel):
    found = inv.moderate(panel, "y", "x", "w", "z", ["firm", "year"], "industry", draws=99)
    compared = found.compared()
    assert compared["form"].tolist() == ["headline", "product", "no_year", "plain", "interaction"]
    assert compared.loc[0, "estimate"] == found.tidy().set_index("term").loc["x:w", "estimate"]
    assert any(note.startswith("headline") for note in found.notes)
    assert "n_obs" in set(found.statistics["statistic"])
    assert found.support()["rows"].sum() == len(panel)


def test_an_estimate_without_effects_and_clusters(panel):
    found = inv.moderate(panel, "y", "x", "w", vcov="hetero")
    plain = inv.estimate("y ~ x * w", panel, vcov="hetero")
    own = found.form("plain").fit
    assert own.estimate[own.terms.index("x:w")] == pytest.approx(plain.estimate[plain.terms.index("x:w")])
    assert np.isfinite(found.kernel().effects.estimate).all()
    counts = inv.moderate(panel, "count", "x", "w", vcov="hetero", estimator="poisson").effects(at=0)
    assert np.isfinite(counts["std_error"]).all()


def test_all_forms_of_counts_are_of_the_rows_that_separation_leaves(panel):
    """Firms without a count are separated: no mean is taken over them, in any form."""
    silent = panel["firm"].isin([f"f{k:03d}" for k in range(0, 30)])
    frame = panel.assign(count=np.where(silent, 0, panel["count"]))
    asked = {**ASKED, "outcome": "count", "estimator": "poisson", "timing": NOW, "vcov": "crv1"}
    with_silent, without = run(frame, asked), run(frame[~silent].reset_index(drop=True), asked)
    # Effects of industries and years separate rows of their own.
    same = with_silent.estimates["model"] != "finance_interaction"
    assert with_silent.estimates.loc[same, "n_obs"].unique().tolist() == [(~silent).sum()]
    both = with_silent.estimates.merge(without.estimates, on=["model", "term"], how="outer")
    assert both["estimate_x"].to_numpy() == pytest.approx(both["estimate_y"].to_numpy(), rel=1e-6, nan_ok=True)
    dropped = with_silent.statistics.query("statistic == 'dropped_separated'").set_index("model")["value"]
    assert (dropped.drop("finance_interaction") == silent.sum()).all()
    assert dropped["finance_interaction"] >= silent.sum()


@pytest.mark.parametrize("change", [{"cluster": ["industry", "region"]}, {"weights": "weight"}, {"vcov": "wild"}])
def test_clusters_two_ways_weights_and_the_wild_bootstrap_reach_every_model(panel, change):
    frame = panel.assign(weight=np.random.default_rng(0).uniform(0.5, 2, len(panel)))
    result = run(frame, {**ASKED, "timing": NOW, **change})
    assert result.estimates["estimate"].notna().all()
    assert result.estimates["std_error"].notna().all()
    labels = result.estimates.groupby("model")["vcov"].first()
    usual = (
        "crv3(industry+region)" if "cluster" in change else "wild(industry)" if "vcov" in change else "crv3(industry)"
    )
    assert labels["finance"] == usual
    assert labels["finance_effects"] == usual.replace("wild", "crv1")
    assert labels["finance_kernel"] == usual.replace("wild", "crv1")
