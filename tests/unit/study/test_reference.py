"""The reference of the languages lists all there is, and every line of it works."""

import numpy as np
import pandas as pd
import pytest

from involution.study import reference
from involution.study.expressions import parse_expression
from involution.study.expressions.functions import FUNCTIONS
from involution.study.formulas import Indicator, parse_formula
from involution.study.schema import documentation

FRAME = pd.DataFrame(
    {
        "firm": ["1", "1", "2"],
        "year": [2010, 2012, 2010],
        "industry": ["C26", "C26", "D44"],
        "ownership": ["soe", None, "other"],
        "code": ["1", "2", None],
        "date": ["2010-12-31", "20121231", "2010年12月31日"],
        "x": [1.0, np.nan, -1.0],
        "y": [0.0, 2.0, 3.0],
    }
)


def test_every_function_is_listed():
    assert list(reference.FUNCTIONS) == list(FUNCTIONS)
    assert all(call.startswith(f"{name}(") for name, (call, _) in reference.FUNCTIONS.items())


@pytest.mark.parametrize("call", [call for call, _ in (*reference.FUNCTIONS.values(), *reference.OPERATORS)])
def test_every_example_is_an_expression_that_evaluates(call):
    assert len(parse_expression(call).evaluate(FRAME)) == len(FRAME)


@pytest.mark.parametrize("text", [text for text, _ in reference.FORMULA])
def test_every_formula_parses(text):
    assert parse_formula(text).terms


def test_what_is_said_of_missing_values_holds():
    def evaluated(text):
        return parse_expression(text).evaluate(FRAME).tolist()

    assert evaluated("x != 1") == [False, False, True]
    assert evaluated("ownership not in ['soe']") == [False, False, True]
    assert evaluated("not (x > 0)") == [False, True, True]
    assert evaluated("fill(x / y, 9)") == [9, 9, -1 / 3]
    assert evaluated("min(x, y)") == [0, 2, -1]
    assert evaluated("starts_with(code, '1')") == [True, False, False]
    assert evaluated("fill(growth(y), 9)") == [9, 9, 9]


def test_quoted_references_are_texts():
    (term,) = parse_formula("y ~ i(ownership, ref=['soe', 'foreign'])").terms
    assert isinstance(term.factors[0], Indicator)
    assert term.factors[0].references == ("soe", "foreign")


def test_the_page_holds_functions_operators_formulas_and_province():
    page = documentation()
    for text in ("| `lag(x, 2)` |", "| `x ** 2` |", "`y ~ x \\| firm + year`", "| `` `R&D` ~ x `` |", "`province`"):
        assert text in page
