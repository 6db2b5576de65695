"""The expression language: what each function gives, what is refused, and that nothing else ever comes out."""

import keyword
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.study.expressions import ExpressionError, parse_expression
from involution.study.expressions.functions import FUNCTIONS
from involution.study.expressions.language import MAXIMUM_LENGTH

NAN = np.nan


@pytest.fixture
def panel():
    """Two firms, rows out of order, firm a without 2012; the index is not 0, 1, 2, ..."""
    return pd.DataFrame(
        {
            "firm": ["a", "b", "a", "a", "b"],
            "year": [2011, 2010, 2013, 2010, 2011],
            "x": [2.0, 8.0, 4.0, 1.0, NAN],
            "y": [-1.0, 3.0, 2.0, 0.0, 4.0],
            "code": ["002", "110000", None, "001", "11"],
            "region": [2, 110000, 3, 1, 11],
            "flag": [False, False, True, True, True],
            "day": ["2016/1/5", "2018-07-01", "20171130", "2015-12-31", None],
        },
        index=[7, 3, 9, 1, 5],
    )


def same(found, expected):
    """Equal values, missing where missing is expected, whatever the dtype."""
    assert len(found) == len(expected)
    for have, want in zip(found, expected, strict=True):
        if want is None or want is NAN:
            assert pd.isna(have), (list(found), expected)
        elif isinstance(want, (str, bool)):
            assert have == want, (list(found), expected)
        else:
            assert have == pytest.approx(want, rel=1e-14), (list(found), expected)


S2 = np.sqrt(2)
CASES = {
    "log": [("log(x)", [np.log(2), np.log(8), np.log(4), 0, NAN]),
            ("log(y)", [NAN, np.log(3), np.log(2), NAN, np.log(4)])],
    "log1p": [("log1p(y)", [NAN, np.log(4), np.log(3), 0, np.log(5)])],
    "exp": [("exp(y)", [np.exp(-1), np.exp(3), np.exp(2), 1, np.exp(4)]), ("exp(x * 1000)", [NAN] * 5)],
    "sqrt": [("sqrt(y)", [NAN, np.sqrt(3), S2, 0, 2])],
    "abs": [("abs(y)", [1, 3, 2, 0, 4]), ("abs(-x)", [2, 8, 4, 1, NAN])],
    "lag": [
        ("lag(x)", [1, NAN, NAN, NAN, 8]),
        ("lag(x, 1)", [1, NAN, NAN, NAN, 8]),
        ("lag(x, 2)", [NAN, NAN, 2, NAN, NAN]),
        ("lag(x, 3)", [NAN, NAN, 1, NAN, NAN]),
        ("lag(x, 0)", [2, 8, 4, 1, NAN]),
        ("lag(x, -1)", [NAN, NAN, NAN, 2, NAN]),
        ("lag(code)", ["001", None, None, None, "110000"]),
    ],
    "lead": [("lead(x)", [NAN, NAN, NAN, 2, NAN]), ("lead(y, 2)", [2, NAN, NAN, NAN, NAN])],
    "diff": [("diff(x)", [1, NAN, NAN, NAN, NAN]), ("diff(x, 2)", [NAN, NAN, 2, NAN, NAN]),
             ("diff(y)", [-1, NAN, NAN, NAN, 1])],
    # Logarithms where both years are positive, else the symmetric rate 2 (b - a) / (|a| + |b|).
    "growth": [("growth(x)", [np.log(2), NAN, NAN, NAN, NAN]), ("growth(y)", [-2, NAN, NAN, NAN, np.log(4 / 3)])],
    # Firm a's first y is that of 2010; b's x is known in 2010; the first code of a row without one is a later one's.
    "initial": [("initial(y)", [0, 3, 0, 0, 3]), ("initial(x)", [1, 8, 1, 1, 8]),
                ("initial(lag(x))", [1, NAN, 1, NAN, 8]), ("initial(code)", ["001", "110000", "001", "001", "110000"])],
    "mean_by": [("mean_by(x, firm)", [7 / 3, 8, 7 / 3, 7 / 3, 8]), ("mean_by(x, firm, year)", [2, 8, 4, 1, NAN]),
                ("mean_by(y, code)", [-1, 3, NAN, 0, 4])],
    "sum_by": [("sum_by(y, firm)", [1, 7, 1, 1, 7]), ("sum_by(x, year)", [2, 9, 4, 9, 2]),
               ("sum_by(x, firm, year)", [2, 8, 4, 1, NAN])],
    "rank_by": [("rank_by(y, firm)", [1 / 3, 0.5, 1, 2 / 3, 1]), ("rank_by(x, firm)", [2 / 3, 1, 1, 1 / 3, NAN]),
                ("rank_by(x > 3, firm)", [0.5, 1, 1, 0.5, 0.5])],
    "zscore": [("zscore(y)", list((np.array([-1, 3, 2, 0, 4]) - 1.6) / np.std([-1, 3, 2, 0, 4], ddof=1))),
               ("zscore(y, firm)", [-4 / 3 / np.std([-1, 2, 0], ddof=1), -1 / S2, 5 / 3 / np.std([-1, 2, 0], ddof=1),
                                    -1 / 3 / np.std([-1, 2, 0], ddof=1), 1 / S2]),
               ("zscore(x, year)", [NAN, 1 / S2, NAN, -1 / S2, NAN])],
    "winsor": [("winsor(y, 0.25, 0.75)", [0, 3, 2, 0, 3]), ("winsor(y, 0, 1)", [-1, 3, 2, 0, 4]),
               ("winsor(y, 0.5, 1, firm)", [0, 3.5, 2, 0, 4]), ("winsor(x, 0, 0.5)", [2, 3, 3, 1, NAN])],
    "demean": [("demean(y)", [-2.6, 1.4, 0.4, -1.6, 2.4]), ("demean(y, firm)", [-4 / 3, -0.5, 5 / 3, -1 / 3, 0.5]),
               ("demean(x, firm)", [-1 / 3, 0, 5 / 3, -4 / 3, NAN])],
    "where": [("where(y > 1, x, -1)", [-1, 8, 4, -1, NAN]),
              ("where(flag, 'soe', code)", ["002", "110000"] + ["soe"] * 3),
              ("where(x > 3, 1, 0)", [0, 1, 1, 0, 0]), ("where(x, 1, 0)", [1, 1, 1, 1, 0])],
    "isna": [("isna(x)", [False] * 4 + [True]), ("isna(code)", [False, False, True, False, False])],
    "fill": [("fill(x, 0)", [2, 8, 4, 1, 0]), ("fill(x, -1)", [2, 8, 4, 1, -1]),
             ("fill(code, 'none')", ["002", "110000", "none", "001", "11"])],
    "clip": [("clip(y, 0, 3)", [0, 3, 2, 0, 3]), ("clip(x, -1, 3)", [2, 3, 3, 1, NAN])],
    "min": [("min(x, y)", [-1, 3, 2, 0, 4]), ("min(x, y, 1)", [-1, 1, 1, 0, 1])],
    "max": [("max(x, y)", [2, 8, 4, 1, 4]), ("max(x, 3)", [3, 8, 4, 3, 3])],
    "year": [("year(day)", [2016, 2018, 2017, 2015, NAN]), ("year(year)", [2011, 2010, 2013, 2010, 2011]),
             ("year('2015年3月1日')", [2015] * 5)],
    "month": [("month(day)", [1, 7, 11, 12, NAN]), ("month(201503)", [3] * 5), ("month('2015年3月1日')", [3] * 5)],
    "starts_with": [("starts_with(code, '11')", [False, True, False, False, True]),
                    ("starts_with(region, '11')", [False, True, False, False, True])],
    "pad": [("pad(region, 6)", ["000002", "110000", "000003", "000001", "000011"]),
            ("pad(code, 6)", ["000002", "110000", None, "000001", "000011"])],
}  # fmt: skip


def test_every_function_has_a_case():
    assert set(CASES) == set(FUNCTIONS)
    promised = (
        "log, log1p, exp, sqrt, abs, lag, lead, diff, growth, initial, mean_by, sum_by, rank_by, zscore, winsor, "
        "demean, where, isna, fill, clip, min, max, year, month, starts_with, pad"
    )
    assert set(FUNCTIONS) == set(promised.split(", "))


@pytest.mark.parametrize(("text", "expected"), [case for cases in CASES.values() for case in cases])
def test_functions(panel, text, expected):
    before = panel.copy()
    found = parse_expression(text).evaluate(panel)
    same(found, expected)
    assert list(found.index) == list(panel.index)
    pd.testing.assert_frame_equal(panel, before)


def test_dates_of_a_file_that_knows_dates(panel):
    panel["date"] = pd.to_datetime(["2016-01-05", "2018-07-01", "2017-11-30", "2015-12-31", None])
    same(parse_expression("year(date)").evaluate(panel), [2016, 2018, 2017, 2015, NAN])
    same(parse_expression("month(date) == 12").evaluate(panel), [False, False, False, True, False])


def test_lags_go_by_the_keys_that_are_named(panel):
    renamed = panel.rename(columns={"firm": "id", "year": "t"})
    same(parse_expression("lag(x)").evaluate(renamed, firm="id", year="t"), [1, NAN, NAN, NAN, 8])
    with pytest.raises(ExpressionError, match="lags need the column 'firm'"):
        parse_expression("lag(x)").evaluate(renamed)


def test_lags_of_a_panel_with_repeated_keys_are_refused(panel):
    panel["year"] = 2010
    with pytest.raises(ExpressionError, match="one row per firm and year"):
        parse_expression("lag(x)").evaluate(panel)


def test_a_lag_keeps_the_type_of_its_column():
    dates = pd.to_datetime(["2010-12-31", "2011-12-31", "2011-12-31"])
    years = pd.DataFrame({"firm": ["a", "a", "b"], "year": [2010, 2011, 2011], "date": dates})
    years["size"] = pd.Categorical(["micro", "small", "micro"])
    years["staff"] = pd.array([3, None, 4], dtype="Int64")
    found = {name: parse_expression(f"lag({name})").evaluate(years) for name in ("date", "size", "staff")}
    assert all(column.dtype == years[name].dtype for name, column in found.items())
    assert [column.notna().tolist() for column in found.values()] == [[False, True, False]] * 3


def test_rows_without_firm_or_year_have_no_lag(panel):
    panel["firm"] = ["a", "b", "a", None, None]
    same(parse_expression("lag(x)").evaluate(panel), [NAN] * 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * 2", [0, 14, 8, 1, NAN]),
        ("(x + y) / x - -1", [1.5, 2.375, 2.5, 2, NAN]),
        ("y // 2 + y % 2", [0, 2, 1, 0, 2]),
        ("x ** 2", [4, 64, 16, 1, NAN]),
        ("x ** -1", [0.5, 0.125, 0.25, 1, NAN]),
        ("-x ** 2", [-4, -64, -16, -1, NAN]),
        ("x / 0", [NAN] * 5),
        ("x / y", [-2, 8 / 3, 2, NAN, NAN]),
        ("1 / 0", [NAN] * 5),
        ("y ** 0.5", [NAN, np.sqrt(3), S2, 0, 2]),
        ("code + 1", [3, 110001, NAN, 2, 12]),
        ("flag + 1", [1, 1, 2, 2, 2]),
        ("1", [1] * 5),
    ],
)
def test_arithmetic(panel, text, expected):
    same(parse_expression(text).evaluate(panel), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x > 1", [1, 1, 1, 0, 0]),
        ("x != 2", [0, 1, 1, 1, 0]),
        ("1 < x <= 4", [1, 0, 1, 0, 0]),
        ("x > 1 and y > 0", [0, 1, 1, 0, 0]),
        ("x > 4 or flag", [0, 1, 1, 1, 1]),
        ("not x > 1", [0, 0, 0, 1, 1]),
        ("not flag", [1, 1, 0, 0, 0]),
        ("flag == True", [0, 0, 1, 1, 1]),
        ("code == '001'", [0, 0, 0, 1, 0]),
        ("code == 1", [0, 0, 0, 0, 0]),
        ("code != '001'", [1, 1, 0, 0, 1]),
        ("region == '110000'", [0, 1, 0, 0, 0]),
        ("region == 110000", [0, 1, 0, 0, 0]),
        ("code in ['001', '11']", [0, 0, 0, 1, 1]),
        ("code not in ['001', '11']", [1, 1, 0, 0, 0]),
        ("x in [1, 2]", [1, 0, 0, 1, 0]),
        ("x not in (1, 2)", [0, 1, 1, 0, 0]),
        ("y in [-1]", [1, 0, 0, 0, 0]),
        ("x in []", [0] * 5),
        ("1 in [1, 2]", [1] * 5),
        ("code > 5", [0, 1, 0, 0, 1]),
    ],
)
def test_conditions(panel, text, expected):
    found = parse_expression(text).evaluate(panel)
    assert found.dtype == bool
    same(found, [bool(value) for value in expected])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x.mean()", "only the functions of the language can be called"),
        ("x.__class__", "reading an attribute"),
        ("log.__globals__", "reading an attribute"),
        ("import os", "does not parse"),
        ("__import__('os')", "there is no function '__import__'"),
        ("eval('1')", "there is no function 'eval'"),
        ("exec('1')", "there is no function 'exec'"),
        ("open('/etc/passwd')", "there is no function 'open'"),
        ("getattr(x, 'y')", "there is no function 'getattr'"),
        ("print(x)", "there is no function 'print'"),
        ("lgo(x)", "the nearest is 'log'"),
        ("lambda: 1", "a lambda"),
        ("(lambda v: v)(x)", "only the functions"),
        ("[log][0](x)", "only the functions"),
        ("x[0]", "indexing"),
        ("x['a']", "indexing"),
        ("[v for v in x]", "a comprehension"),
        ("{v for v in x}", "a comprehension"),
        ("sum_by(v for v in x)", "takes 2 to 10 arguments"),
        ("min(x, (v for v in x))", "a comprehension"),
        ("{v: v for v in x}", "a comprehension"),
        ("{1: 2}", "a dictionary"),
        ("{1, 2}", "a set"),
        ("f'{x}'", "a formatted text"),
        ("f'a'", "a formatted text"),
        ("(a := 1)", "an assignment"),
        ("x = 1", "does not parse"),
        ("x; y", "does not parse"),
        ("await x", "await"),
        ("log(*x)", "unpacking"),
        ("log(x=1)", "by position"),
        ("log(**x)", "by position"),
        ("x if y else 1", "where(condition, a, b)"),
        ("[1, 2]", "a list that is not after 'in'"),
        ("(1, 2)", "a list that is not after 'in'"),
        ("x + [1]", "a list that is not after 'in'"),
        ("mean_by(x, [1, 2])", "a list that is not after 'in'"),
        ("x == [1, 2, 3, 4, 5]", "a list that is not after 'in'"),
        ("[1] in [1]", "a list that is not after 'in'"),
        ("x in y", "after 'in' a list"),
        ("x in 'abc'", "after 'in' a list"),
        ("x in [y]", "after 'in' a list"),
        ("x in [log(1)]", "after 'in' a list"),
        ("x in [[1]]", "after 'in' a list"),
        ("x in [None]", "the value None"),
        ("x is y", "write =="),
        ("x & y", "use and, or, not"),
        ("x | y", "use and, or, not"),
        ("x << 2", "use and, or, not"),
        ("x @ y", "use and, or, not"),
        ("~x", "this operator"),
        ("x ^ 2", "write **"),
        ("None", "the value None"),
        ("...", "the value Ellipsis"),
        ("1j", "the value 1j"),
        ("b'a'", "the value b'a'"),
        ("__name__", "the name '__name__'"),
        ("x ** 65", "an exponent is a number of at most 64"),
        ("x ** -65", "an exponent is a number of at most 64"),
        ("x ** y", "an exponent is a number"),
        ("x ** 'a'", "an exponent is a number"),
        ("9 ** 9 ** 9", "an exponent is a number"),
        ("2 ** 1e9", "an exponent is a number"),
        ("1" * 20, "too large"),
        ("lag(x, y)", "argument 2 of lag() is a value written out"),
        ("fill(x, y)", "argument 2 of fill() is a value written out"),
        ("clip(x, y, 1)", "argument 2 of clip() is a value written out"),
        ("log()", "takes 1 arguments, found 0"),
        ("log(x, y)", "takes 1 arguments, found 2"),
        ("where(x, 1)", "takes 3 arguments, found 2"),
        ("lag(x, 1, 2)", "takes 1 to 2 arguments, found 3"),
        ("mean_by(x)", "takes 2 to 10 arguments, found 1"),
        ("", "empty"),
        ("   ", "empty"),
        ("x +", "does not parse"),
        ("((x", "does not parse"),
        ("x\x00", "no place"),
        ("x == '\x00'", "no place"),
        ("x == '\ud800'", "no place"),
        ("x == 'a", "does not parse"),
        ("-" * 60 + "x", "nested deeper"),
        ("not " * 60 + "x", "nested deeper"),
        ("abs(" * 60 + "x" + ")" * 60, "nested deeper"),
        ("(" * 900 + "x" + ")" * 900, "does not parse"),
        ("x+" * 60 + "x", "nested deeper"),
        ("x in [" + "1," * 600 + "]", "more than 500 parts"),
        ("x" * (MAXIMUM_LENGTH + 1), "longer than 2,000 characters"),
    ],
)
def test_what_is_refused(text, said):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rveenue + 1", "there is no column 'rveenue'"),
        ("cod == '1'", "the nearest is 'code'"),
        ("log", "there is no column 'log'"),
        ("x + 'a'", "a number is needed, found the text 'a'"),
        ("'a' * 999999999", "a number is needed, found the text 'a'"),
        ("-'a'", "a number is needed"),
        ("firm + 1", "the column 'firm' holds text"),
        ("log(firm)", "the column 'firm' holds text"),
        ("lag(x, 1.5)", "a whole number of years"),
        ("lag(x, 1000)", "a whole number of years"),
        ("winsor(x, 0.9, 0.1)", "quantiles"),
        ("winsor(x, 1, 99)", "quantiles"),
        ("year(code)", "cannot read the date"),
        ("pad(x, 0)", "between 1 and 40"),
        ("pad(x, 1000000000)", "between 1 and 40"),
        ("pad(x, 2.5)", "whole number between 1 and 40"),
        ("month('2015-13-01')", "cannot read the date '2015-13-01'"),
    ],
)
def test_what_the_data_do_not_allow(panel, text, said):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text).evaluate(panel)
    assert said in caught.value.message


def test_errors_point_at_the_place():
    with pytest.raises(ExpressionError) as caught:
        parse_expression("x + y.z")
    assert caught.value.position == 4
    assert str(caught.value).split("\n")[1:] == ["    x + y.z", "        ^"]


def test_places_are_counted_in_characters():
    with pytest.raises(ExpressionError) as caught:
        parse_expression("研发支出 + 营业收入.z")
    assert caught.value.position == 7


def test_errors_travel_between_processes():
    with pytest.raises(ExpressionError) as caught:
        parse_expression("x + y.z")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_columns_are_named_in_order_and_once():
    assert parse_expression("where(z > 1, lag(b, 1), a + z)").columns == ("z", "b", "a")
    assert parse_expression("log(log)").columns == ("log",)
    assert parse_expression("研发 / 收入").columns == ("研发", "收入")


def test_lines_of_a_folded_text_are_one_expression(panel):
    same(parse_expression("x\n  + y\n").evaluate(panel), [1, 11, 6, 1, NAN])


# Arithmetic agrees with numpy: expressions are built beside the values they must give.

NUMBERS = st.integers(0, 10**9).map(lambda value: value / 1000)
COLUMNS = {"x": np.array([1.5, -2.0, 0.0, NAN]), "y": np.array([3.0, 4.0, -1.0, 2.0])}


def valued(function, *values):
    """What numpy gives; infinite values are missing, as in the language."""
    with np.errstate(all="ignore"):
        found = np.asarray(function(*values), dtype=float)
    return np.where(np.isfinite(found), found, NAN)


def leaf():
    names = st.sampled_from(sorted(COLUMNS)).map(lambda name: (name, COLUMNS[name]))
    return names | NUMBERS.map(lambda value: (repr(value), np.full(4, value)))


def combined(inner):
    smooth = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
    # These jump, so that a difference in the last digit of their operands would be one in the first of theirs.
    steps = {"//": np.floor_divide, "%": np.mod}
    functions = {"log": np.log, "log1p": np.log1p, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs}

    def binary(sign, left, right):
        return f"({left[0]} {sign} {right[0]})", valued((smooth | steps)[sign], left[1], right[1])

    def power(base, exponent):
        return f"({base[0]} ** {exponent})", valued(np.power, base[1], exponent)

    def call(name, value):
        return f"{name}({value[0]})", valued(functions[name], value[1])

    return (
        st.builds(binary, st.sampled_from(sorted(smooth)), inner, inner)
        | st.builds(binary, st.sampled_from(sorted(steps)), leaf(), leaf())
        | st.builds(power, inner, st.integers(0, 5))
        | st.builds(call, st.sampled_from(sorted(functions)), inner)
        | inner.map(lambda value: (f"(-{value[0]})", -value[1]))
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.recursive(leaf(), combined, max_leaves=8))
def test_arithmetic_agrees_with_numpy(pair):
    text, expected = pair
    found = parse_expression(text).evaluate(pd.DataFrame(COLUMNS)).to_numpy(dtype=float)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0)


WORDS = [
    "x", "y", "firm", "code", "log", "lag", "where", "mean_by", "year", "pad", "in", "not in", "not", "and", "or", "if",
    "else", "lambda", "for", "is", "None", "True", "1", "0", "2.5", "1e400", "'a'", "''", "(", ")", "[", "]", "{", "}",
    ",", ".", "+", "-", "*", "**", "/", "//", "%", "^", "&", "|", "~", "==", "<", ":=", ":", ";", "f'", "\\", "\n", "#",
    "研发", "__class__", "import os", "\x00", "\u2028",
]  # fmt: skip
FRAME = pd.DataFrame(
    {
        "firm": ["a", "a", "b"], "year": [2010, 2011, 2010], "x": [1.0, NAN, 3.0], "y": [0, 1, 2],
        "code": ["001", None, "x"], "研发": [True, False, True],
    }
)  # fmt: skip


def only_the_projects_own_error(text):
    try:
        found = parse_expression(text).evaluate(FRAME)
    except ExpressionError as error:
        return str(error)
    assert isinstance(found, pd.Series)
    assert found.index.equals(FRAME.index)
    return ""


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_random_text_gives_a_column_or_the_projects_own_error(text):
    only_the_projects_own_error(text)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]))
def test_random_words_give_a_column_or_the_projects_own_error(words, space):
    only_the_projects_own_error(space.join(words))


VALUES = st.recursive(
    st.sampled_from(["x", "y", "firm", "code", "研发", "1", "-1", "0.5", "2", "'a'", "True", "['001', 1]", "1e308"]),
    lambda inner: (
        st.builds(
            lambda name, arguments: f"{name}({', '.join(arguments)})",
            st.sampled_from(sorted(FUNCTIONS)),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(
            lambda left, sign, right: f"({left} {sign} {right})",
            inner,
            st.sampled_from(["+", "*", "/", "%", "//", "**", "==", "!=", "<", ">=", "and", "or", "in", "not in"]),
            inner,
        )
        | inner.map(lambda value: f"(not {value})")
    ),
    max_leaves=6,
)


@settings(max_examples=1_500, deadline=None)
@given(VALUES)
def test_well_formed_calls_give_a_column_or_the_projects_own_error(text):
    only_the_projects_own_error(text)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Lo"], max_codepoint=0x9FFF), min_size=1, max_size=8))
def test_a_name_is_a_column_or_refused(name):
    said = only_the_projects_own_error(name)
    if name not in FRAME.columns and name.isidentifier() and not keyword.iskeyword(name):
        assert "there is no column" in said


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Typrep = 'A'", "equality is written =="),
        ("year >= 2010 and Typrep = 'a==b'", "equality is written =="),
        ("L.x", "write lag(x) for L.x"),
        ("1 + L2.x", "write lag(x, 2) for L2.x"),
        ("I(x^2)", "here x**2 is written as it is"),
        ("firm#year", "'#' has no place in an expression"),
    ],
)
def test_what_is_written_in_anothers_way_gets_the_words_of_this_language(text, hint):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert hint in caught.value.message


def test_a_number_sign_inside_text_is_text():
    assert parse_expression("a == '#1'").columns == ("a",)
