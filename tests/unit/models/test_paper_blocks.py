"""The blocks that a paper's design makes: baseline, attrition, truth."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.attrition import exit_model, stay_weights
from involution.models.baseline import usual_estimator
from involution.models.dating import with_dated
from involution.models.run import check_blocks, run_block
from involution.models.truth import truth_table
from involution.study import parse_study
from involution.study.attrition import Attrition
from involution.study.models import Model
from involution.study.truth import Truth

DICTIONARY = pd.DataFrame(
    {
        "name": ["gap", "sold", "margin", "rd_stop", "rd_spell"],
        "unit": ["SD", "share", "share", "0/1", "years"],
        "family": ["involution", "innovation", "margins", "innovation", "innovation"],
        "level": ["industry", "firm", "firm", "firm", "firm"],
        "leave_one_out": [True, False, False, False, False],
        "coverage": ["firm"] * 5,
    }
)


@pytest.fixture
def data(panel):
    """A treatment that varies by industry and year, outcomes of every type, firms that leave."""
    random = np.random.default_rng(8)
    cells = panel.groupby(["industry", "year"]).ngroup().to_numpy()
    n = len(panel)
    gap = random.normal(size=cells.max() + 1)[cells]
    stop = random.uniform(size=n) < 0.3
    return panel.assign(
        gap=gap,
        sold=1 / (1 + np.exp(-(0.3 * panel["x"] - 0.2 * gap + random.normal(size=n)))),
        margin=random.normal(size=n),
        rd_stop=stop.astype(float),
        rd_spell=random.integers(1, 9, n).astype(float),
        patents=panel["count"],
        exit=(random.uniform(size=n) < 0.2).astype(int) * (panel["year"] < 2015),
        in_sample=True,
    )


def sections(**given):
    return {"models": [], "design": None, "derive": {}, "variables": {}, **given}


def run(block, data, **given):
    return run_block(block, sections(**given), data, study="s", dictionary=DICTIONARY, seed=1, draws=199)


DESIGN = {"outcomes": ["y", "patents", "sold", "rd_stop"], "treatment": "gap", "controls": ["w"], "build_up": []}


def test_the_estimator_follows_the_type_of_the_outcome():
    names = ("patents", "citations", "sold", "margin", "rd_stop", "gap", "unknown")
    assert [usual_estimator(name, DICTIONARY) for name in names] == [
        "poisson", "poisson", "fractional_logit", "ols", "cloglog", "ols", "ols",
    ]  # fmt: skip


def test_the_baseline_is_the_regression_of_dated_columns(data):
    result = run("baseline", data, design={**DESIGN, "outcomes": ["y"]})
    by_hand = data.sort_values(["firm", "year"]).groupby("firm")
    shifted = data.assign(y_f1=by_hand["y"].shift(-1), gap_l1=by_hand["gap"].shift(1), w_l2=by_hand["w"].shift(2))
    fit = inv.estimate("y_f1 ~ gap_l1 + w_l2 | firm + year", shifted, cluster="industry", vcov="crv3").tidy()
    found = result.estimates
    assert found["term"].tolist() == ["gap_l1", "w_l2"]
    assert found[["estimate", "std_error"]].to_numpy() == pytest.approx(fit[["estimate", "std_error"]].to_numpy())
    assert (found["block"] == "baseline").all()
    assert found["vcov"].iloc[0] == "crv3(industry)"


def test_each_outcome_has_its_model_and_estimator(data):
    found = run("baseline", data, design=DESIGN).estimates.drop_duplicates("model").set_index("model")
    assert found["estimator"].to_dict() == {
        "baseline_y": "ols",
        "baseline_patents": "poisson",
        "baseline_sold": "fractional_logit",
        "baseline_rd_stop": "cloglog",
    }
    assert found["estimate"].notna().all(), found["note"].tolist()
    assert found.loc["baseline_y", "fixed_effects"] == "firm + year"


def test_a_year_without_a_row_gives_no_lag(data):
    gap = data[~((data["firm"] == "f00") & (data["year"] == 2012))]
    found, made = with_dated(gap, [("x", -1)], "design")
    assert made == {"x_l1": "lag(x, 1)"}
    assert np.isnan(found.loc[(found["firm"] == "f00") & (found["year"] == 2013), "x_l1"].iloc[0])


def test_a_column_that_is_not_there_is_named_without_its_year(data):
    with pytest.raises(InputError, match=r"design.treatment: there is no column 'gapp'; the nearest is 'gap'"):
        run("baseline", data, design={**DESIGN, "treatment": "gapp"})


def test_weighted_models_stand_beside_the_exit_model(data):
    design = {**DESIGN, "outcomes": ["y"], "cluster": ["industry"]}
    result = run("attrition", data, design=design, attrition=[{"name": "stay", "predictors": ["margin"]}])
    assert result.estimates["model"].unique().tolist() == [
        "stay_exit", "stay_baseline_y", "stay_leavers", "stay_reporters",
    ]  # fmt: skip
    weights = stay_weights(data, exit_model(data, ["margin"])).weights
    by_hand = data.sort_values(["firm", "year"]).groupby("firm")
    shifted = data.assign(
        y_f1=by_hand["y"].shift(-1), gap_l1=by_hand["gap"].shift(1), w_l2=by_hand["w"].shift(2), stay=weights
    )
    fit = inv.estimate("y_f1 ~ gap_l1 + w_l2 | firm + year", shifted, cluster="industry", vcov="crv3", weights="stay")
    found = result.estimates[result.estimates["model"] == "stay_baseline_y"]
    assert found["estimate"].to_numpy() == pytest.approx(fit.estimate)
    assert found["std_error"].to_numpy() == pytest.approx(fit.std_error)
    codes = result.notes.loc[result.notes["model"] == "stay_baseline_y", "code"].tolist()
    assert "stay_weights" in codes
    assert "weights" not in codes
    leaving = result.estimates[result.estimates["model"] == "stay_exit"]
    assert leaving["vcov"].unique().tolist() == ["crv1(industry)"]
    by_hand = exit_model(data, ["margin"], cluster="industry")
    assert leaving["std_error"].to_numpy() == pytest.approx(by_hand.std_error)


def test_where_nobody_leaves_every_model_of_the_block_says_so(data):
    design = {**DESIGN, "outcomes": ["y"]}
    stays = data.assign(exit=0)
    result = run("attrition", stays, design=design, attrition=[{"name": "stay", "predictors": ["margin"]}])
    assert result.estimates["model"].tolist() == ["stay_exit", "stay_baseline_y", "stay_leavers", "stay_reporters"]
    assert result.estimates["estimate"].isna().all()
    assert result.estimates["note"].iloc[:2].str.contains("no year has both").all()
    assert "no year has 'margin' of both groups of exit" in result.estimates["note"].iloc[2]


def test_a_check_tells_the_mistakes_of_all_blocks_together(data):
    study = parse_study(
        {
            "name": "mine",
            "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
            "models": [{"name": "first", "formula": "y ~ xx | firm"}],
            "design": {"outcomes": ["y"], "treatment": "gapp"},
            "mediation": [{"name": "a", "outcome": "y", "treatment": "gap", "mediators": ["margins"]}],
            "attrition": [{"name": "stay", "predictors": ["marginn"], "models": ["first"]}],
        }
    )
    with pytest.raises(InputError) as caught:
        check_blocks(study, data, DICTIONARY)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 4
    for name in ("xx", "gapp", "margins", "marginn"):
        assert any(f"'{name}'" in text for text in said)


PLANTED = pd.DataFrame({"name": ["effect"], "truth": [0.5]})


def estimates(data, **model):
    free = {"name": "first", "formula": "y ~ x | firm + year", "cluster": "industry", **model}
    result = run("models", data, models=[free])
    return result.estimates, {"first": Model.model_validate(free)}


def test_a_truth_stands_beside_its_estimate(data):
    found, models = estimates(data)
    row = truth_table([Truth(name="effect", model="first", term="x")], PLANTED, found, models, data).iloc[0]
    assert row["truth"] == row["planted"] == 0.5
    assert row["estimate"] == found["estimate"].iloc[0]
    assert row["inside"] == float(row["ci_low"] <= 0.5 <= row["ci_high"])


def test_the_truth_of_a_measure_is_scaled_by_what_it_says_of_the_latent_column(data):
    """A measure of twice the latent column has half its effect; with noise of equal variance, a quarter."""
    data = data.assign(doubled=2 * data["x"], noisy=2 * (data["x"] + data["w"]))
    for name, scale, tolerance in (("doubled", 0.5, 1e-9), ("noisy", 0.25, 0.03)):
        found, models = estimates(data, formula=f"y ~ {name} | firm + year")
        row = Truth(name="effect", model="first", term=name, latent="x")
        table = truth_table([row], PLANTED, found, models, data)
        assert table["truth"].iloc[0] == pytest.approx(0.5 * scale, abs=tolerance)


def test_a_censored_outcome_scales_the_truth_by_its_share_above_zero(data):
    data = data.assign(held=data["y"].clip(lower=0))
    found, models = estimates(data, formula="held ~ x | firm + year")
    row = Truth(name="effect", model="first", term="x", latent="x", censored=True)
    table = truth_table([row], PLANTED, found, models, data)
    assert table["truth"].iloc[0] == pytest.approx(0.5 * (data["held"] > 0).mean())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"name": "efect", "model": "first", "term": "x"}, "no effect of this name was planted; the nearest is"),
        ({"name": "effect", "model": "frist", "term": "x"}, "there is no model 'frist'"),
        ({"name": "effect", "model": "first", "term": "z"}, "'first' has no term 'z'"),
        ({"name": "effect", "model": "first", "term": "x", "latent": "q"}, "there is no column 'q'"),
    ],
)
def test_a_truth_that_names_what_is_not_there_is_refused(data, row, said):
    found, models = estimates(data)
    with pytest.raises(InputError, match=said):
        truth_table([Truth(**row)], PLANTED, found, models, data)


def test_the_registry_knows_the_units_that_choose_estimators():
    units = dictionary_of(pd.DataFrame()).set_index("name")["unit"]
    assert units["citations_5y"] == "citations"
    assert units["new_product_share"] == units["invention_share"] == "share"


def test_a_regime_is_of_zeros_and_ones(data):
    with pytest.raises(InputError, match=r"design\.regime: the column 'w' is to be zeros and ones"):
        run("baseline", data, design={**DESIGN, "outcomes": ["y"], "regime": "w"})


def test_text_where_a_design_needs_a_number_is_told_by_its_key(data):
    with pytest.raises(InputError, match=r"design\.treatment: the column 'words' holds text(.|\n)*where\(") as caught:
        run("baseline", data.assign(words="a"), design={**DESIGN, "treatment": "words"})
    assert "i(" not in str(caught.value)
    with pytest.raises(InputError, match=r"design\.controls: there is no column 'ww'"):
        run("baseline", data, design={**DESIGN, "controls": ["ww"]})


def test_who_leaves_and_who_reports_is_zero_or_one(data):
    asked = {"name": "stay", "predictors": ["margin"], "exit": "w", "reported": "x"}
    with pytest.raises(InputError) as caught:
        run("attrition", data, design={**DESIGN, "outcomes": ["y"]}, attrition=[asked])
    assert {problem.where for problem in caught.value.problems} == {"attrition: stay.exit", "attrition: stay.reported"}


def test_a_panel_without_reports_of_research_keeps_the_rest_of_attrition(data):
    """Sections reach a run as plain data with every default written out."""
    asked = Attrition(name="stay", predictors=["margin"]).model_dump()
    found = run("attrition", data, design={**DESIGN, "outcomes": ["y"]}, attrition=[asked]).estimates
    assert found.loc[found["model"] == "stay_exit", "estimate"].notna().all()
    assert found.loc[found["model"] == "stay_leavers", "estimate"].notna().all()
    assert "rd_reported" in found.loc[found["model"] == "stay_reporters", "note"].iloc[0]
