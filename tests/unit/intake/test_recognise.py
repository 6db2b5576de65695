"""Headers are recognised exactly or not at all; what resembles a name is only suggested."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from involution.intake.dialects import DIALECTS, comparable, known_names, names_of, unit_factor
from involution.intake.recognise import recognised
from involution.panel.columns import canonical_columns

NAMES = [
    (column, dialect, name)
    for column in map(str, canonical_columns().index)
    for dialect in DIALECTS
    for name in names_of(column, dialect)
    if "+" not in name and "*" not in name
]


def by_header(headers, **more):
    return {column.header: column for column in recognised(headers, **more)}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_name_of_the_list_is_recognised(dialect):
    for column, whose, name in NAMES:
        if whose == dialect:
            assert column in [found.column for found in known_names()[comparable(name).key]], name


UNITS = {"": None, "(千元)": 1e3, "(万元)": 1e4}


@given(st.sampled_from(NAMES), st.sampled_from(["", " ", "  "]), st.booleans(), st.sampled_from(list(UNITS)))
@settings(max_examples=150, deadline=None)
def test_case_width_spaces_and_units_do_not_matter(named, space, wide, unit):
    column, _, name = named
    written = "".join(chr(ord(c) + 0xFEE0) if wide and "!" <= c <= "~" else c for c in name.upper())
    (found,) = recognised([space + written + space + unit])
    assert column in (*found.names, *found.also)
    if unit:
        assert found.unit == UNITS[unit]


def test_one_line_of_the_accounts_may_serve_two_columns():
    assert by_header(["研究开发费"])["研究开发费"].names == ("rd_expensed", "rd_spend")


def test_of_two_headers_of_one_column_the_usual_one_is_taken():
    found = by_header(["B001100000", "B001101000", "Stkcd"])
    assert found["B001101000"].names == ("revenue",)
    assert found["B001100000"].names == ()
    assert found["B001100000"].also == ("revenue",)


def test_what_resembles_a_name_is_not_used():
    found = by_header(["企业法人营业收入额", "total asset values", "tic"])
    assert all(column.names == () for column in found.values())
    assert "revenue" in found["企业法人营业收入额"].suggestions
    assert found["total asset values"].suggestions == ("total_assets",)
    assert found["tic"].suggestions == ()


def test_a_label_below_a_code_that_is_not_known_is_read():
    (found,) = recognised(["F100901A"], labels=[{"F100901A": "营业收入"}, {"F100901A": "万元"}])
    assert (found.names, found.unit) == (("revenue",), 1e4)


def test_what_the_user_says_wins():
    found = by_header(["sales", "turnover"], chosen={"revenue": "turnover"})
    assert (found["turnover"].names, found["sales"].names) == (("revenue",), ())


@pytest.mark.parametrize(
    ("text", "factor"),
    [("千元", 1e3), ("人民币万元", 1e4), ("RMB million", 1e6), ("in thousands", 1e3), ("当年价格", None), ("年", None)],
)
def test_units_in_words(text, factor):
    assert unit_factor(text) == factor
