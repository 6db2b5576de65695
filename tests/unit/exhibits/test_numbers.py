"""Names of the macros: letters only, unique, by one rule."""

import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.numbers import camel, macros


def frame(terms, models=("m",)):
    rows = [("us_listed", model, term, -0.5, 0.1) for model in models for term in terms]
    return pd.DataFrame(rows, columns=["study", "model", "term", "estimate", "std_error"])


def names(estimates):
    return re.findall(r"\\newcommand\{\\([^}]*)\}", macros(estimates, {}).decode())


def test_the_rule():
    assert names(frame(["institutions"], ["table1_col3"])) == [
        "involutionUsListedTableOneColThreeInstitutions",
        "involutionUsListedTableOneColThreeInstitutionsSE",
    ]
    assert camel("rel::-3") == "RelMinusThree"


def test_decimals_follow_the_table_and_minus_is_set_in_maths():
    assert r"{\ensuremath{-0.50}}" in macros(frame(["x"]), {"m": 2}).decode()


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8))
def test_names_are_letters_and_never_repeat(terms):
    found = names(frame(terms))
    assert len(found) == 2 * len(terms) == len(set(found))
    assert all(re.fullmatch("[A-Za-z]+", name) for name in found)


def test_models_that_failed_have_no_macro():
    estimates = frame(["x"])
    estimates["estimate"] = float("nan")
    assert names(estimates) == []


def test_groups_and_words_that_are_not_latin_are_named_by_order():
    found = names(frame(["研发", "size"], ["base[国有]", "base[民营]"]))[::2]
    assert found == [
        "involutionUsListedBaseGroupOneNameOne",
        "involutionUsListedBaseGroupOneSize",
        "involutionUsListedBaseGroupTwoNameOne",
        "involutionUsListedBaseGroupTwoSize",
    ]
    assert names(frame(["x"], ["base[2]"]))[0] == "involutionUsListedBaseTwoX"


def test_a_comment_says_which_name_is_which():
    text = macros(frame(["研发"], ["base[国有]"]), {}).decode()
    assert "% BaseGroupOne: base[国有]\n" in text
    assert "% NameOne: 研发\n" in text
