"""The formula language: what parses, how terms are named, where errors point."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.study.formulas import FormulaError, Indicator, parse_formula


def labels(text):
    return [term.label for term in parse_formula(text).terms]


def test_star_stands_for_main_effects_and_product():
    assert labels("y ~ a*b") == ["a", "b", "a:b"]
    assert labels("y ~ a*b*c") == ["a", "b", "a:b", "c", "a:c", "b:c", "a:b:c"]


def test_repeated_terms_are_kept_once():
    assert labels("y ~ a + b + a + a:b + a*b") == ["a", "b", "a:b"]


def test_fixed_effects_and_combinations():
    assert parse_formula("y ~ x | firm + region^year + firm").fixed_effects == (("firm",), ("region", "year"))
    assert parse_formula("y ~ x | 0").fixed_effects == ()


@pytest.mark.parametrize("text", ["y ~ x | firm + year | w ~ z1 + z2", "y ~ x | w ~ z1 + z2"])
def test_instrument_part(text):
    formula = parse_formula(text)
    assert [term.label for term in formula.endogenous] == ["w"]
    assert [term.label for term in formula.instruments] == ["z1", "z2"]
    assert formula.fixed_effects == ((("firm",), ("year",)) if "firm" in text else ())


def test_indicator_with_references_and_second_column():
    factor = parse_formula("y ~ i(rel, treated, ref=[-1, -1000]) | firm").terms[0].factors[0]
    assert factor == Indicator("rel", "treated", (-1.0, -1000.0), "i(rel, treated, ref=[-1, -1000])")


def test_power_is_computed_by_the_expression_language():
    factor = parse_formula("y ~ I(x^2)").terms[0].factors[0]
    assert (factor.label, factor.source, factor.columns) == ("I(x^2)", "x**2", ("x",))


def test_intercept_can_be_removed():
    assert parse_formula("y ~ x").intercept
    assert not parse_formula("y ~ 0 + x").intercept
    assert not parse_formula("y ~ x - 1").intercept


def test_chinese_and_quoted_names():
    formula = parse_formula("`研发 强度` ~ 内卷指数 | 企业 + 年份")
    assert formula.columns == ("研发 强度", "内卷指数", "企业", "年份")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("y ~ x +", 7),
        ("y x", 2),
        ("~ x", 0),
        ("y ~ x | firm +", 14),
        ("y ~ x ? z", 6),
        ("y ~ x^2", 5),
        ("y ~ log(x", 7),
    ],
)
def test_the_caret_stands_under_the_place(text, position):
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert caught.value.position == position
    shown = str(caught.value).split("\n")
    assert shown[-2] == f"    {text}"
    assert shown[-1] == " " * (4 + position) + "^"


def test_a_formula_that_multiplies_out_is_bounded():
    with pytest.raises(FormulaError, match="more than 500 terms"):
        parse_formula("y ~ " + "*".join(f"x{k}" for k in range(12)))


@given(st.text(alphabet="yx1~|+*:^()i,=[] ref'-I&#内", max_size=40))
def test_nothing_but_a_formula_error_is_ever_raised(text):
    with contextlib.suppress(FormulaError):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("y ~ c.x##c.z", "write x*z for c.x##c.z"),
        ("y ~ i.own##c.z", "write i(own)*z for i.own##c.z"),
        ("y ~ c.x#c.z", "write x:z for c.x#c.z"),
        ("y ~ L.x", "write lag(x) for L.x"),
        ("y ~ z + L2.x", "write lag(x, 2) for L2.x"),
        ("y ~ F.x", "write lead(x) for F.x"),
        ("y ~ D.x", "write diff(x) for D.x"),
        ("y ~ i.year", "write i(year) for i.year"),
        ("y ~ x | firm#year", "write firm^year for firm#year"),
        ("y ~ x | firm + i.region#i.year", "write region^year for i.region#i.year"),
        ("y ~ x^2", "a power is written I(x^2)"),
    ],
)
def test_what_is_written_in_statas_way_gets_the_words_of_this_language(text, hint):
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert hint in caught.value.message


def test_a_formula_without_anything_of_statas_gets_no_hint():
    with pytest.raises(FormulaError) as caught:
        parse_formula("y ~ x +")
    assert "write" not in caught.value.message
