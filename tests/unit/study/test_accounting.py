"""The section `accounting`: which rules it accepts, and what it says of those that contradict each other."""

import copy

import pytest

from involution.errors import InputError
from involution.study import parse_study
from involution.study.accounting import AccountingRule, parse_accounting

SMALL = {
    "name": "mine",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
    "models": [{"name": "first", "formula": "y ~ x"}],
}
BESIDE = {"years": [2018, 2030], "rd_expensed": "beside"}
INSIDE = {"years": [2007, 2017], "rd_expensed": "inside"}


def study(rules):
    return copy.deepcopy(SMALL) | {"accounting": rules}


def mistakes(rules):
    with pytest.raises(InputError) as caught:
        parse_study(study(rules), "study.yaml")
    return {problem.where.removeprefix("study.yaml: "): problem.what for problem in caught.value.problems}


def test_rules_are_read_and_none_is_the_default():
    read = parse_study(study([BESIDE, INSIDE])).accounting
    assert [(rule.years, rule.rd_expensed) for rule in read] == [((2018, 2030), "beside"), ((2007, 2017), "inside")]
    assert parse_study(SMALL).accounting == []
    assert parse_accounting(None) == parse_accounting([]) == []


@pytest.mark.parametrize(
    ("rules", "key", "said"),
    [
        ([BESIDE, INSIDE | {"years": [2007, 2018]}], "accounting",
         "two answers for 2018-2018: beside in [0] and inside in [1]"),
        ([INSIDE, BESIDE, INSIDE | {"years": [2020, 2040]}], "accounting",
         "two answers for 2020-2030: beside in [1] and inside in [2]"),
        ([BESIDE | {"years": [2030, 2018]}], "accounting[0].years", "the first year is after the last"),
        ([BESIDE | {"rd_expensed": "besides"}], "accounting[0].rd_expensed", "the nearest is 'beside'"),
        ([{"years": [2018, 2030]}], "accounting[0].rd_expensed", "this key is required"),
        ([INSIDE, BESIDE | {"yeers": [1, 2]}], "accounting[1].yeers", "the nearest known key is 'years'"),
        (BESIDE, "accounting", "expected a list"),
        ("beside", "accounting", "expected a list"),
    ],
)  # fmt: skip
def test_mistakes_say_the_key_and_what_was_expected_in_a_study_and_in_a_notebook(rules, key, said):
    found = mistakes(rules)
    assert list(found) == [key]
    assert said in found[key]
    with pytest.raises(InputError) as caught:
        parse_accounting(rules)
    assert [problem.where for problem in caught.value.problems] == [key]
    assert said in caught.value.problems[0].what


def test_rules_that_overlap_and_agree_are_fine():
    rules = [BESIDE, BESIDE | {"years": [2020, 2025]}]
    assert len(parse_study(study(rules)).accounting) == 2


def test_rules_may_be_those_of_a_study():
    rules = parse_study(study([BESIDE])).accounting
    assert parse_accounting(rules) == rules == [AccountingRule.model_validate(BESIDE)]
