"""The clock of the blocks, what their models are called, and the tables that they bring."""

import pytest

from involution.errors import InputError
from involution.study import parse_study
from involution.study.attrition import Attrition
from involution.study.block_names import attrition_names, baseline_names, part_names, weighted_names
from involution.study.design import PaperDesign
from involution.study.mediation import Mediation
from involution.study.timing import Timing, dated, dated_definitions

DATA = {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}}
DESIGN = {"outcomes": ["rd_intensity", {"name": "patents", "estimator": "ols"}], "treatment": "x"}


def mistakes(**sections):
    with pytest.raises(InputError) as caught:
        parse_study({"name": "mine", "data": DATA, **sections}, "study")
    return {problem.where.removeprefix("study: "): problem.what for problem in caught.value.problems}


def test_a_dated_column_says_its_year():
    assert [dated("x", years) for years in (-2, 0, 1)] == ["x_l2", "x", "x_f1"]
    assert dated_definitions([("x", -2), ("m", 0), ("y", 1)]) == {"x_l2": "lag(x, 2)", "y_f1": "lead(y, 1)"}


def test_an_outcome_is_a_name_or_a_name_with_its_estimator():
    outcomes = PaperDesign.model_validate(DESIGN).outcomes
    assert [(outcome.name, outcome.estimator) for outcome in outcomes] == [("rd_intensity", None), ("patents", "ols")]
    assert PaperDesign.model_validate({"outcomes": "y"}).outcomes[0].name == "y"


def test_a_name_that_no_file_may_have_is_replaced_by_its_place():
    assert part_names("baseline", ["y", "创新"]) == {"y": "baseline_y", "创新": "baseline_2"}


def test_attrition_weighs_the_baseline_unless_models_are_named():
    design = PaperDesign.model_validate(DESIGN)
    usual = Attrition(name="stay", predictors=["m"])
    assert weighted_names(usual, design) == {
        "baseline_rd_intensity": "stay_baseline_rd_intensity",
        "baseline_patents": "stay_baseline_patents",
    }
    named = Attrition(name="stay", predictors=["m"], models=["first"])
    assert attrition_names(named, design) == ["stay_exit", "first", "stay_first"]
    assert list(baseline_names(design).values()) == ["baseline_rd_intensity", "baseline_patents"]


def test_a_mediation_takes_from_the_design_what_it_does_not_name():
    design = PaperDesign.model_validate({**DESIGN, "controls": ["c"], "fixed_effects": ["firm"], "cluster": ["j"]})
    asked = Mediation(name="a", outcome="y", mediators=["m"], controls=[])
    full = asked.completed(design)
    assert (full.controls, full.fixed_effects, full.cluster) == ([], ["firm"], ["j"])
    alone = asked.completed(None)
    assert (alone.fixed_effects, alone.cluster, alone.timing) == (["firm", "year"], [], Timing())


def test_a_study_needs_one_of_models_design_and_mediation():
    assert mistakes() == {"models": "this key is required"}
    study = parse_study({"name": "mine", "data": DATA, "design": DESIGN})
    assert study.blocks == ["baseline"]
    study = parse_study({"name": "mine", "data": DATA, "mediation": [{"name": "a", "outcome": "y", "mediators": "m"}]})
    assert study.blocks == ["mechanism", "mediation"]


def test_blocks_bring_their_tables_unless_the_study_has_one_of_that_name():
    study = parse_study({"name": "mine", "data": DATA, "design": DESIGN})
    assert [table.name for table in study.all_tables] == ["descriptives", "correlation", "baseline", "threats"]
    own = parse_study({"name": "mine", "data": DATA, "design": DESIGN, "tables": [{"name": "baseline", "digits": 5}]})
    assert [(table.name, table.digits) for table in own.all_tables] == [("baseline", 5), ("threats", 3)]


def test_tables_may_name_the_models_of_blocks():
    tables = [{"name": "t", "models": ["baseline_patents"]}]
    assert parse_study({"name": "mine", "data": DATA, "design": DESIGN, "tables": tables}).tables
    tables = [{"name": "t", "models": ["baseline_patent"]}]
    said = mistakes(design=DESIGN, tables=tables)
    assert said == {"tables[0].models": "there is no model 'baseline_patent'; the nearest is 'baseline_patents'"}


def test_an_outcome_inside_its_index_is_refused_in_a_design():
    said = mistakes(design={"outcomes": ["gross_margin"], "treatment": "involution"})
    assert "two move together by construction" in said["design.outcomes[0]"]
    allowed = {"outcomes": ["gross_margin"], "treatment": "involution", "allow_mechanical": True}
    assert parse_study({"name": "mine", "data": DATA, "design": allowed}).design is not None


@pytest.mark.parametrize(
    ("section", "key", "said"),
    [
        ({"moderators": {"n": {"by": "w"}}}, "mediation[0]", "neither a mediator nor direct"),
        ({"blocks": [["n"]]}, "mediation[0]", "'n', which is no mediator"),
        ({"inference": "sobel"}, "mediation[0].inference", "expected 'monte_carlo'"),
        ({"moderators": {"m": {"by": "w", "stage": "third"}}}, "mediation[0].moderators.m", "expected 'first'"),
    ],
)
def test_what_a_mediation_gets_wrong_is_said(section, key, said):
    found = mistakes(mediation=[{"name": "a", "outcome": "y", "mediators": ["m"], **section}])
    assert any(where.startswith(key) and said in what for where, what in found.items()), found


def test_a_model_that_attrition_names_wrongly_is_told_with_the_nearest():
    said = mistakes(design=DESIGN, attrition=[{"name": "stay", "predictors": ["m"], "models": ["baseline_patent"]}])
    assert said == {"attrition[0].models": "there is no model 'baseline_patent'; the nearest is 'baseline_patents'"}


def test_names_of_models_are_not_doubted_while_the_sections_that_make_them_are_wrong():
    attrition = [{"name": "stay", "predictors": ["m"], "models": ["baseline_patents"]}]
    said = mistakes(design=DESIGN, mediation=[{"name": "a", "mediators": ["m"]}], attrition=attrition)
    assert said == {"mediation[0].outcome": "this key is required"}


def test_a_truth_names_a_model_of_the_study():
    said = mistakes(design=DESIGN, truth=[{"name": "total", "model": "baseline", "term": "x_l1"}])
    assert list(said) == ["truth[0].model"]
