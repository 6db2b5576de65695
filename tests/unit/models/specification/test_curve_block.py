"""The block specification_curve: defaults of the design, its rows, what is refused by name."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.permutation.worlds import panel

from involution.errors import InputError
from involution.measures import dictionary as dictionary_of
from involution.models.design import Design
from involution.models.run import check_blocks, run_block
from involution.study import parse_study
from involution.study.specification_curve import SpecificationCurve

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])
CLOCK = {"treatment": 0, "outcome": 0, "controls": 0}
DESIGN = {"outcomes": ["y"], "treatment": "involution", "timing": CLOCK, "controls": ["c"], "cluster": ["industry"]}
STUDY = {"name": "s", "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}}
CURVE = {
    "name": "curve",
    "treatments": ["involution", "involution_pca"],
    "treatment_years": [0, -1],
    "controls": {"none": [], "one": ["c"]},
    "samples": {"all": None, "few": "industry < 9"},
    "winsorize": {"none": None, "p5": [0.05, 0.95]},
}


@pytest.fixture
def data():
    frame = panel(effect=-0.3).rename(columns={"x": "involution"})
    noise = np.random.default_rng(4).normal(size=len(frame))
    return frame.assign(
        involution_pca=frame["involution"] + 0.2 * noise, involution_own=noise, name="text", gone=np.nan
    )


def run(data, *asked, design=DESIGN, draws=199, workers=1):
    sections = {"specification_curve": list(asked), "design": design, "derive": {}, "variables": {}}
    return run_block(
        "specification_curve", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=draws, workers=workers
    )


def test_every_combination_has_its_row_and_the_curve_its_own(data):
    result = run(data, CURVE)
    names = result.estimates["model"].tolist()
    assert names == ["curve", *(f"curve[{number:04d}]" for number in range(1, 33))]
    assert result.estimates["model"].is_unique
    own = result.estimates.iloc[0]
    rows = result.estimates.iloc[1:]
    assert own["term"] == "median"
    assert own["estimate"] == pytest.approx(rows["estimate"].median())
    assert set(rows["term"]) == {"involution", "involution_l1", "involution_pca", "involution_pca_l1"}
    assert (rows["vcov"] == "crv3(industry)").all()
    said = rows.set_index("model").loc["curve[0002]", "note"]
    assert said.startswith(
        "outcome: y, treatment: involution, years of the treatment: 0, controls: none, fixed effects"
    )
    assert "winsorised: p5" in said
    values = result.statistics.set_index("statistic")
    assert values.loc["specifications", "value"] == 32
    assert own["p_value"] == values.loc["median_estimate", "p_value"] <= 0.05
    assert values.loc["n_specifications[sample=few]", "value"] == 16


def test_a_specification_is_the_regression_that_it_says(data):
    result = run(data, CURVE).estimates.set_index("model")
    # The last: involution_pca a year before, with the control, nine industries, winsorised within year.
    within = data.groupby("year")["y"]
    y = data["y"].clip(within.transform("quantile", 0.05), within.transform("quantile", 0.95))
    moved = data.sort_values(["firm", "year"])
    before = moved.groupby("firm")["involution_pca"].shift(1)
    known = moved["year"] - moved.groupby("firm")["year"].shift(1) == 1
    frame = data.assign(y=y, lagged=before.where(known).reindex(data.index))
    design = Design(frame, ["firm", "year"], ["industry"], rows=(data["industry"] < 9).to_numpy())
    fit = design.estimate("y ~ lagged + c", vcov="crv3")
    row = result.loc["curve[0032]"]
    assert row["estimate"] == pytest.approx(fit.estimate[0], rel=1e-9)
    assert row[["std_error", "p_value", "ci_low", "ci_high"]].astype(float).to_numpy() == pytest.approx(
        fit.tidy()[["std_error", "p_value", "ci_low", "ci_high"]].iloc[0].to_numpy(dtype=float), rel=1e-8
    )
    assert (row["n_obs"], row["n_firms"], row["n_clusters"]) == (fit.n_obs, fit.n_firms, fit.n_clusters)


def test_curves_hold_the_order_and_the_choices(data):
    curves = run(data, CURVE).curves
    own = curves[curves["curve"] == "specifications"]
    assert own["estimate"].is_monotonic_increasing
    assert own["x"].tolist() == list(range(1, 33))
    chosen = curves[curves["curve"].str.startswith("choice[controls=")]
    assert sorted(chosen["x"]) == list(range(1, 33))
    null = curves[curves["curve"] == "under_permutation"]
    assert (null["ci_low"] <= null["estimate"]).all()
    assert (null["estimate"] <= null["ci_high"]).all()
    numbers = curves[curves["curve"] == "number"].set_index("x")["estimate"]
    assert sorted(numbers) == list(range(1, 33))


def test_the_bytes_do_not_depend_on_the_threads(data):
    one, two = run(data, CURVE, workers=1), run(data, CURVE, workers=2)
    pd.testing.assert_frame_equal(one.statistics, two.statistics, check_exact=True)
    pd.testing.assert_frame_equal(one.curves, two.curves, check_exact=True)


def test_what_is_not_named_is_that_of_the_design_and_draws_may_be_none(data):
    result = run(data, {"name": "short", "draws": 0})
    assert result.estimates["model"].tolist() == ["short", "short[0001]"]
    fit = Design(data, ["firm", "year"], ["industry"]).estimate("y ~ involution + c", vcov="crv3")
    assert result.estimates["estimate"].tolist() == pytest.approx([fit.estimate[0]] * 2)
    assert result.statistics["p_value"].isna().all()
    assert set(result.curves["curve"]) == {"specifications", "number"}


def test_clusters_that_cut_through_industries_leave_the_joint_test_out(data):
    section = {**CURVE, "treatments": ["weight"], "treatment_years": 0, "level": "industry", "cluster": ["region"]}
    result = run(data, section)
    assert result.estimates["estimate"].notna().all()
    assert "curve_not_permuted" in set(result.notes["code"])
    assert result.statistics["p_value"].isna().all()


def test_specifications_that_cannot_be_estimated_say_why(data):
    result = run(data, {**CURVE, "controls": {"one": ["c"], "gone": ["gone"]}, "treatment_years": 0})
    failed = result.estimates[result.estimates["estimate"].isna()]
    assert len(failed) == 8
    assert failed["note"].str.contains("no row has a value in every column").all()
    assert result.statistics.set_index("statistic").loc["specifications_failed", "value"] == 8
    assert "8 specifications could not be estimated" in result.estimates["note"].iloc[0]
    nothing = run(data, {**CURVE, "controls": {"gone": ["gone"]}}).estimates
    assert nothing["estimate"].isna().all()
    assert "no specification could be estimated" in nothing["note"].iloc[0]


def test_too_many_are_refused_with_their_number_unless_allowed():
    many = {**CURVE, "outcomes": [f"y{k}" for k in range(40)]}
    with pytest.raises(InputError, match=r"1,280 specifications \(40 x 2 x 2 x 2 x 1 x 2 x 2 x 1\), more than 1,000"):
        parse_study({**STUDY, "specification_curve": [many]})
    with pytest.raises(InputError, match="max_specifications: 1280"):
        parse_study({**STUDY, "specification_curve": [many]})
    assert parse_study({**STUDY, "specification_curve": [{**many, "max_specifications": 1280}]}).specification_curve


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"treatments": ["involution", "involution_own"]}, "involution_own is never in a curve"),
        ({"vcov": "wild"}, "a curve has crv1 or crv3"),
        ({"winsorize": {"p": [0.9, 0.1]}}, "the lower first"),
        ({"treatments": ["involution", "involution"]}, "a choice stands twice"),
        ({"outcomes": ["gross_margin"]}, "the outcome 'gross_margin' is"),
        ({"contrls": {}}, "unknown key 'contrls'; the nearest known key is 'controls'"),
    ],
)
def test_what_is_never_in_a_curve_is_refused_by_name(changed, said):
    with pytest.raises(InputError, match=said):
        parse_study({**STUDY, "design": DESIGN, "specification_curve": [{**CURVE, **changed}]})


def test_a_curve_without_a_design_needs_outcomes():
    with pytest.raises(InputError, match=r"specification_curve\[0\].outcomes: this key is required"):
        parse_study({**STUDY, "specification_curve": [{"name": "curve"}]})


def test_the_rules_refuse_and_name_the_choice(data):
    effects = {"usual": ["firm", "year"], "by_industry": ["firm", "industry^year"]}
    with pytest.raises(InputError) as caught:
        run(data, {**CURVE, "fixed_effects": effects}, {**CURVE, "name": "b", "treatments": ["involutoin"]})
    told = str(caught.value)
    assert "specifications with fixed_effects by_industry and sample all" in told
    assert "main effect would be identified off the firm's own share" in told
    assert "specification_curve: b: there is no column 'involutoin'" in told
    study = parse_study({**STUDY, "design": DESIGN, "specification_curve": [{**CURVE, "fixed_effects": effects}]})
    with pytest.raises(InputError, match="by_industry"):
        check_blocks(study, data, DICTIONARY)
    with pytest.raises(InputError, match="below the level"):
        run(data, {**CURVE, "cluster": ["firm"]})
    with pytest.raises(InputError, match="holds text"):
        run(data, {**CURVE, "controls": {"a": ["name"]}})
    with pytest.raises(InputError, match="vary at different levels"):
        run(data, {**CURVE, "treatments": ["involution", "c"]})


def test_names_are_known_from_the_study_file():
    asked = SpecificationCurve.model_validate(CURVE)
    assert asked.count == 32
    assert asked.model_names[:2] == ["curve", "curve[0001]"]
    figures = [{"name": "f", "kind": "coefficients", "models": ["curve[0003]"]}]
    parse_study({**STUDY, "design": DESIGN, "specification_curve": [CURVE], "figures": figures})
    figures = [{"name": "f", "kind": "coefficients", "models": ["curve[0033]"]}]
    with pytest.raises(InputError, match=r"no model 'curve\[0033\]'"):
        parse_study({**STUDY, "design": DESIGN, "specification_curve": [CURVE], "figures": figures})


def test_winsorising_choices_of_names_that_look_alike_keep_their_limits(data):
    curve = {"name": "k", "winsorize": {"t-1": [0.01, 0.99], "t_1": [0.2, 0.8]}}
    both = run(data, curve).estimates.set_index("model")["estimate"]
    alone = run(data, {**curve, "winsorize": {"t_1": [0.2, 0.8]}}).estimates.set_index("model")["estimate"]
    assert both["k[0002]"] == pytest.approx(alone["k[0001]"], rel=1e-12)
    assert both["k[0001]"] != both["k[0002]"]


def test_a_specification_without_a_standard_error_leaves_the_others_their_test(data):
    only = data.assign(involution_pca=data["involution"].where(data["industry"] == data["industry"].iloc[0], 0.0))
    result = run(only, {"name": "k", "treatments": ["involution", "involution_pca"]})
    codes = set(result.notes["code"])
    assert {"curve_joint", "curve_no_error"} <= codes
    assert "curve_not_permuted" not in codes


def test_units_are_those_of_the_level_at_which_a_column_varies(data):
    mine = data.groupby(["industry", "year"])["involution"].transform("mean")
    result = run(data.assign(mine=mine), {"name": "k", "treatments": ["mine"]})
    (said,) = result.notes.loc[result.notes["code"] == "curve_joint", "text_en"]
    assert "a unit of industry gets" in said


def test_a_treatment_of_the_users_own_that_effects_absorb_has_no_estimate(data):
    own = data.assign(rivalry=data.groupby(["industry", "year"])["involution"].transform("mean"))
    asked = {
        "name": "own", "treatments": ["rivalry"],
        "fixed_effects": {"whole": ["firm", "industry^year"], "alone": ["industry^year"], "fine": ["firm", "year"]},
    }  # fmt: skip
    rows = run(own, asked).estimates.set_index("model")
    assert rows.loc[["own[0001]", "own[0002]"], "estimate"].isna().all()
    assert rows.loc[["own[0001]", "own[0002]"], "note"].str.contains("absorb").all()
    assert rows.loc["own", "estimate"] == rows.loc["own[0003]", "estimate"]
