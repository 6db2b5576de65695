"""Mistakes that one section makes with itself or another, told from the study file alone."""

import pytest

from involution.errors import InputError
from involution.study import parse_study
from involution.study.statistics import STATISTICS, meant

COLUMNS = {"firm": "f", "year": "y", "revenue": "r", "leverage": "l", "employees": "e"}
DATA = {"panel": {"source": "a.csv", "columns": COLUMNS, "keep": ["innov", "rivalry", "demand"]}}
DESIGN = {"outcomes": ["innov"], "treatment": "rivalry", "timing": {"treatment": -1}, "controls": ["leverage"]}


def study(design=None, **sections):
    own = {**DESIGN, **(design or {})}
    return parse_study({"name": "mine", "data": DATA, "design": own, **sections}, "study")


def mistakes(design=None, **sections):
    with pytest.raises(InputError) as caught:
        study(design, **sections)
    return {problem.where.removeprefix("study: "): problem.what for problem in caught.value.problems}


def test_a_sound_study_is_read():
    assert study()
    # Another year of the treatment is a regressor of its own.
    assert study({"controls": ["rivalry"], "timing": {"treatment": -1, "controls": -2}})


def test_steps_that_bear_one_name_are_refused():
    found = mistakes({"build_up": [{"name": "x", "controls": []}, {"name": "x", "controls": ["leverage"]}]})
    assert found == {"design.build_up": "the name 'x' stands twice: two models would be one column"}


@pytest.mark.parametrize(
    ("design", "sections", "key", "said"),
    [
        ({"controls": ["rivalry", "leverage"]}, {}, "design.controls", "'rivalry' is the treatment of the same year"),
        (
            {"controls": ["innov"], "timing": {"outcome": 0, "controls": 0}}, {}, "design.controls",
            "'innov' is the outcome",
        ),
        (
            {"build_up": [{"name": "s", "controls": ["rivalry"]}]}, {}, "design.build_up[0].controls",
            "'rivalry' is the treatment",
        ),
        ({}, {"robustness": [{"name": "r", "add_controls": ["rivalry"]}]}, "robustness[0].add_controls", "'rivalry'"),
        ({}, {"robustness": [{"name": "r", "treatment": "leverage"}]}, "robustness[0].controls", "'leverage'"),
        (
            {}, {"heterogeneity": [{"name": "h", "by": "region", "controls": ["rivalry"]}]},
            "heterogeneity[0].controls", "'rivalry' is the treatment",
        ),
        (
            {}, {"specification_curve": [{"name": "c", "controls": {"none": [], "all": ["rivalry"]}}]},
            "specification_curve[0].controls.all", "'rivalry' is the treatment",
        ),
    ],
)  # fmt: skip
def test_the_treatment_and_the_outcome_are_no_controls(design, sections, key, said):
    found = mistakes({"timing": {"treatment": -1, "controls": -1}, **design}, **sections)
    assert list(found) == [key]
    assert said in found[key]


def test_a_mistake_of_the_design_is_told_once():
    found = mistakes(
        {"controls": ["rivalry"], "timing": {"treatment": -1, "controls": -1}},
        placebo=[{"name": "p"}],
        robustness=[{"name": "r", "vcov": "crv1"}],
    )
    assert list(found) == ["design.controls"]


@pytest.mark.parametrize(
    ("treatment", "variables", "said"),
    [
        ("innov", {}, "the outcome 'innov' is the same column as the treatment 'innov'"),
        ("mech", {"mech": "innov * 0.5 + leverage"}, "'innov' is an ingredient of the treatment 'mech'"),
        ("far", {"half": "innov / 2", "far": "half + leverage"}, "'innov' is an ingredient of the treatment 'far'"),
        ("near", {"near": "mean_by(innov, industry, year)"}, "is"),
        ("past", {"past": "lag(innov)"}, "'innov' is a form of the treatment 'past'"),
    ],
)
def test_a_treatment_made_of_its_outcome_is_refused(treatment, variables, said):
    found = mistakes({"treatment": treatment}, variables=variables)
    assert list(found) == ["design.outcomes[0]"]
    assert said in found["design.outcomes[0]"]
    if treatment != "innov":
        assert study({"treatment": treatment, "allow_mechanical": True}, variables=variables)


def test_what_derive_makes_is_followed_too():
    found = mistakes({"treatment": "mech"}, derive={"part": "innov + 1"}, variables={"mech": "part + leverage"})
    assert "'innov' is an ingredient of the treatment 'mech'" in found["design.outcomes[0]"]


def test_an_outcome_made_of_its_treatment_is_refused():
    found = mistakes({"outcomes": ["share"]}, variables={"share": "innov / rivalry"})
    assert "the outcome 'share' is made of the treatment 'rivalry'" in found["design.outcomes[0]"]
    # A denominator that both have is not looked for.
    both = {"share": "innov / revenue", "rate": "rivalry / revenue"}
    assert study({"outcomes": ["share"], "treatment": "rate"}, variables=both)


def test_no_leave_makes_an_outcome_its_own_treatment():
    same = {"treatment": "innov", "timing": {"treatment": 0, "outcome": 0}, "allow_mechanical": True}
    assert mistakes(same) == {"design": "the outcome 'innov' is the treatment itself, and explains all of it"}


def test_the_first_regressor_of_a_free_model_is_its_treatment():
    def model(formula, **more):
        return {"models": [{"name": "m", "formula": formula, **more}], "variables": {"mech": "innov + leverage"}}

    assert "an ingredient of" in mistakes(**model("innov ~ mech | firm"))["models[0].formula"]
    assert study(**model("innov ~ mech | firm", allow_mechanical=True))
    # A dynamic model, and a control.
    assert study(**model("innov ~ lag(innov) + rivalry | firm"))
    assert study(**model("innov ~ rivalry + mech | firm"))


def test_two_names_for_one_choice_of_a_curve_are_refused():
    sets = {"first": ["leverage", "employees"], "second": ["employees", "leverage"], "none": []}
    found = mistakes(specification_curve=[{"name": "c", "controls": sets}])
    assert list(found) == ["specification_curve[0].controls.second"]
    assert "'first' and 'second' are one choice" in found["specification_curve[0].controls.second"]


def test_no_cluster_is_no_variation():
    found = mistakes(robustness=[{"name": "r", "vcov": "wild", "cluster": []}])
    assert "cluster: [] names no column" in found["robustness[0]"]


def test_a_value_of_no_kind_is_one_message_under_the_users_key():
    found = mistakes(endogeneity=[{"name": "b", "balance": {"on": ["leverage"], "treat": "mean"}}])
    key = "endogeneity[0].balance.treat"
    assert found == {key: "found 'mean'; expected a number, or 'median'; the nearest is 'median'"}


def judging(**test):
    return {"hypotheses": [{"name": "H", "statement": "s", "tests": [{"model": "baseline_innov", **test}]}]}


def test_a_misspelt_statistic_is_told():
    found = mistakes(**judging(statistic="effectiv_clusters", at_least=20))
    assert "the nearest is 'effective_clusters'" in found["hypotheses[0].tests[0].statistic"]
    assert study(**judging(statistic="effective_clusters", at_least=20))
    assert study(**judging(statistic="robustness_value[rivalry_l1]", at_least=0.1))


def test_every_statistic_of_tables_is_known():
    from typing import get_args

    from involution.study.tables import Statistic

    assert set(get_args(Statistic)) <= STATISTICS
    assert [meant(name) for name in STATISTICS] == [None] * len(STATISTICS)


def test_a_family_of_terms_that_no_model_has_is_told():
    def table(*family, model="baseline_innov"):
        return {"tables": [{"name": "t", "models": [model], "adjusted": ["romano_wolf"], "family": list(family)}]}

    found = mistakes(**table("rivalry"))
    assert found == {"tables[0].family": "no model of the table has a term 'rivalry'; the nearest is 'rivalry_l1'"}
    assert study(**table("rivalry_l1"))
    # What the step leaves out is no term of it.
    assert "leverage" in mistakes(**table("leverage", model="baseline_innov_no_controls"))["tables[0].family"]
    # Terms of other blocks are not known from the file.
    ahead = [{"name": "ahead", "leads_lags": {}}]
    assert study(**table("rivalry_f1", model="ahead"), endogeneity=ahead)
