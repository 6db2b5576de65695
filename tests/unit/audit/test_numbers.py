"""Numbers as texts print them are read as they are, and what is no result is told apart."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from involution.audit.candidates import Candidate, Index
from involution.audit.document import Passage
from involution.audit.latex_text import Marked, said
from involution.audit.markdown import said as said_in_markdown
from involution.audit.numbers import agrees, cut_off, is_half, rounded_twice, tokens
from involution.audit.skipped import skipped
from involution.exhibits.content import decimal, with_minus
from involution.exhibits.numbers import Number, Numbers

VALUES = st.floats(-1e9, 1e9)


@given(VALUES, st.integers(0, 8), st.sampled_from(["-", "−", "–", "－"]))
def test_every_number_that_a_table_prints_is_matched(value, digits, minus):
    shown = decimal(value, digits).replace("-", minus)
    (token,) = tokens(f"由{shown}，")
    assert token.decimals == digits
    assert agrees(token, value)
    number = Number("k", value, shown, "", "s", "b", "m", "x", "", "estimate")
    assert Index(Numbers((number,))).numbers(token) == [number]


@given(VALUES, st.integers(0, 6), st.sampled_from(["", "*", "**", "***"]))
def test_wide_digits_stars_and_brackets_are_the_same_number(value, digits, stars):
    narrow = with_minus(decimal(value, digits)) + stars
    wide = narrow.translate({ord(a): b for a, b in zip("0123456789.,*−", "０１２３４５６７８９．，＊－", strict=True)})
    (one,), (other,) = tokens(f"({narrow})"), tokens(f"（{wide}）")
    assert (one.value, one.decimals, one.stars, one.bracket) == (
        other.value,
        other.decimals,
        other.stars,
        other.bracket,
    )
    assert one.stars == stars


@given(st.floats(-10, 10), st.integers(0, 4))
def test_per_cent_is_a_hundredth(value, digits):
    (token,) = tokens(f"{with_minus(decimal(100 * value, digits))} %")
    assert agrees(token, value)


@given(st.floats(-100, 100), st.integers(1, 4))
def test_a_number_cut_off_is_told_from_one_rounded(value, digits):
    cut = int(value * 10**digits) / 10**digits
    (token,) = tokens(with_minus(f"{cut:.{digits}f}"))
    assume(abs(abs(value * 10**digits) % 1 - 0.5) > 1e-6)
    assert cut_off(token, value) != agrees(token, value)


@pytest.mark.parametrize(
    ("text", "value", "right", "half", "twice"),
    [
        ("0.12", 0.125, True, True, False),
        ("0.13", 0.125, True, True, False),
        ("0.13", 0.1247, False, False, True),
        ("0.12", 0.1247, True, False, False),
        ("0.14", 0.125, False, False, False),
    ],
)
def test_halves_and_rounding_twice(text, value, right, half, twice):
    (token,) = tokens(text)
    assert (agrees(token, value), right and is_half(token, value), rounded_twice(token, value)) == (right, half, twice)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.5 and 6 208", [1234.5, 6, 208]),
        ("6\u2009208", [6208]),
        ("1.2e-5, 3.4×10^-3, 2 × 10^{−4}", [1.2e-5, 3.4e-3, 2e-4]),
        ("[-0.749, 0.072]", [-0.749, 0.072]),
        ("1991-1999", [1991, 1999]),
        ("从0.1至－0.2", [0.1, -0.2]),
        ("rises by .25", [0.25]),
        ("0.1–0.2", [0.1, 0.2]),
    ],
)
def test_values(text, values):
    assert [token.value for token in tokens(text)] == values


@pytest.mark.parametrize("text", ["2SLS", "t-1", "x1 and COVID-19", "R2", "w3.org", "the 3rd", "SDG-9", "P90"])
def test_digits_in_words_are_no_numbers(text):
    assert all(token.word for token in tokens(text))


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("Smith (2013), 2005-2010 and in 2012", ["year"] * 4),
        ("Columns (1)–(3) and (5) of Table 2, Section 3.2, Eq. (4)", ["numbering"] * 7),
        ("表3第（2）列，见第3.1节、图4和图5", ["numbering"] * 5),
        ("2020年3月12日，5章，17页", ["date"] * 5),
        ("12 March 2020; 2020-03-12", ["date", "date", "address", "address", "address"]),
        ("* p < 0.1, ** p<0.05, at the 5 % level, a 95% confidence interval", ["level"] * 4),
        ("在1%、5%和10%水平上显著，上下1%缩尾", ["level"] * 4),
        ("doi 10.1257/aer.103.1.277 and https://example.org/1.25", ["address"] * 5),
        ("in 3 of 12 industries", ["small", "small"]),
        ("1. First", ["numbering"]),
    ],
)
def test_what_is_no_result_is_known(text, reasons):
    found = tokens(text)
    away = skipped(Passage("p", text), found)
    assert [away.get(place) for place in range(len(found))] == reasons[: len(found)]
    assert len(away) == len(found)


@pytest.mark.parametrize(
    "text",
    ["N = 2013", "with 2,013 firms", "2013 observations", "样本量为2013", "0.05 lower", "rises by 5.3 %", "54 firms"],
)
def test_what_may_be_a_result_is_not_left_out(text):
    assert skipped(Passage("p", text), tokens(text)) == {}


def test_latex_is_read_as_it_prints():
    macros = Marked({"own": "0.5"}, {"involutionX": r"\ensuremath{-0.250}"})
    text = r"$-0.252^{***}$ ($0.151$), 6\,208, 12.5\%, \own, 1{,}234 \textsuperscript{**}, \vspace{3pt}\ref{tab:9}"
    words, cited = said(text + r" \involutionX{}.", macros)
    values = [(token.value, token.stars, token.percent) for token in tokens(words)]
    assert values == [
        (-0.252, "***", False), (0.151, "", False), (6208, "", False), (12.5, "", True), (0.5, "", False),
        (1234, "**", False), (-0.25, "", False),
    ]  # fmt: skip
    assert [(one.key, words[one.start : one.end]) for one in cited] == [("involutionX", r"-0.250")]


def test_macros_that_call_themselves_end():
    words, _ = said(r"\a", Marked({"a": r"\a\a"}, {}))
    assert words == ""


def test_markdown_is_read_as_it_prints():
    assert said_in_markdown(r"**0.25** and *0.31*, `0.7` [0.4](x_1.2) 0.5\*\*\* 0.6** m<sup>2</sup>") == (
        "0.25 and 0.31,   0.4 0.5∗∗∗ 0.6** m^2 "
    )


def test_a_printed_number_of_a_table_is_known_to_its_digits_only():
    cell = Candidate(0.394, 0.0005)
    assert [cell.agrees(token) for token in tokens("0.394 0.39 0.3942 0.4 0.40 0.395")] == [
        True, True, True, True, False, False
    ]  # fmt: skip
