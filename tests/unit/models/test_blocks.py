"""A block of models: tidy, complete, and the same digits as one call."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError
from involution.measures import dictionary
from involution.models.blocks import check_models, run_models, spawned_seed
from involution.models.tidy import ESTIMATES
from involution.study.models import Model


def run(panel, *models, **options):
    return run_models([Model(**model) for model in models], panel, study="s", **options)


def test_a_study_gives_the_digits_of_a_single_call(panel):
    block = run(panel, {"name": "m", "formula": "y ~ x + w | firm + year", "cluster": "industry"})
    fit = inv.estimate("y ~ x + w | firm + year", panel, cluster=["industry"]).tidy()
    pd.testing.assert_frame_equal(block.estimates[list(fit.columns)], fit, check_exact=True)
    assert tuple(block.estimates.columns) == ESTIMATES


def test_a_model_that_cannot_be_estimated_has_a_row_and_stops_nothing(panel):
    panel["flat"] = 1.0
    block = run(panel, {"name": "bad", "formula": "flat ~ x | firm"}, {"name": "good", "formula": "y ~ x | firm"})
    bad = block.estimates[block.estimates["model"] == "bad"]
    assert len(bad) == 1
    assert bad["estimate"].isna().all()
    assert "does not vary" in bad["note"].iloc[0]
    assert block.estimates.query("model == 'good'")["estimate"].notna().all()


def test_groups_are_fitted_one_by_one(panel):
    block = run(panel, {"name": "m", "formula": "y ~ x | firm", "cluster": "firm", "by": "sector"})
    assert block.estimates["model"].unique().tolist() == ["m[s0]", "m[s1]", "m[s2]"]
    one = inv.estimate("y ~ x | firm", panel[panel.sector == "s1"], cluster=["firm"])
    found = block.estimates.query("model == 'm[s1]'").iloc[0]
    np.testing.assert_allclose([found.estimate, found.std_error], [one.estimate[0], one.std_error[0]], rtol=1e-12)


def test_the_sample_flag_and_where_choose_rows(panel):
    panel["in_sample"] = panel.year > 2010
    block = run(panel, {"name": "m", "formula": "y ~ lag(x) | firm", "where": "sector != 's0'"})
    assert block.estimates["n_obs"].iloc[0] == 5 * 40


def test_all_wrong_names_are_reported_together(panel):
    with pytest.raises(InputError) as caught:
        run(
            panel,
            {"name": "one", "formula": "y ~ nowhere | firm"},
            {"name": "two", "formula": "y ~ x | firm", "cluster": "elsewhere", "weights": "none_such"},
        )
    text = str(caught.value)
    for part in ("model 'one', formula", "'nowhere'", "model 'two', cluster", "'elsewhere'", "'none_such'"):
        assert part in text


def test_a_refused_design_stops_the_block_by_name(panel):
    with pytest.raises(InputError, match="model 'trap'"):
        run(panel, {"name": "trap", "formula": "y ~ hhi_loo | firm + industry^year", "cluster": "industry"})


def test_notes_are_in_both_languages(panel):
    block = run(panel, {"name": "m", "formula": "y ~ lag(x) | firm", "cluster": "firm"})
    row = block.notes[block.notes["code"] == "missing"].iloc[0]
    assert "rows removed" in row.text_en
    assert "缺失值" in row.text_zh


def test_seeds_are_spawned_from_names():
    assert spawned_seed(1, "a") == spawned_seed(1, "a")
    assert len({spawned_seed(seed, name) for seed in (1, 2) for name in ("a", "b")}) == 4


def test_wild_draws_do_not_depend_on_the_order_of_models(panel):
    one = {"name": "one", "formula": "y ~ x | firm", "cluster": "industry", "vcov": "wild", "draws": 199}
    two = {**one, "name": "two"}
    forward, backward = run(panel, one, two, seed=5).estimates, run(panel, two, one, seed=5).estimates
    assert forward.query("model == 'two'")["p_value"].tolist() == backward.query("model == 'two'")["p_value"].tolist()
    assert forward["p_value"].nunique() == 2 or forward["ci_low"].nunique() == 2


def test_a_split_without_any_group_keeps_its_row(panel):
    panel["empty"] = np.nan
    block = run(panel, {"name": "m", "formula": "y ~ x | firm", "by": "empty"})
    assert block.estimates["model"].tolist() == ["m"]
    assert "not estimated" in block.estimates["note"].iloc[0]


def test_checking_finds_what_estimating_would_refuse(panel):
    bad = Model(name="bad", formula="y ~ xx | firm", cluster="industri")
    with pytest.raises(InputError, match="there is no column 'xx'"):
        check_models([bad], panel)
    check_models([Model(name="good", formula="y ~ x | firm")], panel)


def test_least_squares_with_instruments_is_called_by_its_name(panel):
    panel["z"] = panel["x"] + np.random.default_rng(1).normal(size=len(panel))
    block = run(panel, {"name": "m", "formula": "y ~ w | firm | x ~ z"})
    assert block.estimates["estimator"].unique().tolist() == ["iv"]
    assert "first_stage_f" in " ".join(block.statistics["statistic"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"where": "ownershp == 1"}, "model 'm', where: there is no column 'ownershp'"),
        ({"cluster": "indutry"}, "model 'm', cluster: there is no column 'indutry'; the nearest is 'industry'"),
        ({"vcov": "crv3"}, "model 'm', vcov: 'crv3' needs a cluster"),
        ({"estimator": "iv"}, "model 'm', formula: the estimator 'iv' needs instruments"),
        ({"formula": "y ~ sector | firm"}, "model 'm', column 'sector': holds text"),
        ({"weights": "negative"}, "model 'm', weights 'negative': negative values"),
        ({"formula": "y ~ price_cost_margin | firm"}, "the measure 'price_cost_margin' is not available: it needs"),
        ({"formula": "y ~ i(year, ref=1900) | firm"}, "ref=1900"),
    ],
)
def test_mistakes_are_told_with_the_model_before_estimating_or_at_once(panel, change, said):
    panel["negative"] = -1.0
    with pytest.raises(InputError) as caught:
        run(panel, {"name": "m", "formula": "y ~ x | firm", **change}, dictionary=dictionary(panel))
    assert said in str(caught.value)


def test_a_model_without_rows_is_told_as_such_whatever_its_regressors(panel):
    block = run(panel, {"name": "m", "formula": "y ~ hhi_loo | firm", "cluster": "industry", "where": "year > 2900"})
    assert "no observations left" in block.estimates["note"].iloc[0]
