"""Coarser industry codes, provinces, and the one industry that a firm is given."""

import pandas as pd
import pytest

from involution.panel.concordance import coarser_industries, one_industry, province_of


@pytest.mark.parametrize(
    "code, two, three",
    [
        ("C3911", "C39", "C391"),
        ("c3911", "C39", "C391"),
        ("3911", "39", "391"),
        ("0111", "01", "011"),
        ("C39", "C39", None),
        ("391", "39", "391"),
        ("C3", None, None),
        ("7", None, None),
        ("电子", None, None),
        ("39-11", None, None),
        (None, None, None),
    ],
)
def test_coarser_codes_are_the_first_digits_with_the_letter(code, two, three):
    panel = coarser_industries(pd.DataFrame({"industry": pd.Series([code, "A0111"], dtype="str")}))
    found = [None if pd.isna(panel[name].iloc[0]) else panel[name].iloc[0] for name in ("industry2", "industry3")]
    assert found == [two, three]
    assert panel["industry3"].iloc[1] == "A011"


def test_given_coarser_codes_are_kept():
    panel = pd.DataFrame({"industry": ["C3911"], "industry2": ["own"]})
    made = coarser_industries(panel)
    assert made["industry2"].tolist() == ["own"]
    assert made["industry3"].tolist() == ["C391"]
    assert "industry3" not in panel.columns


def test_a_file_without_industries_gets_no_coarser_ones(folder):
    folder.write("a.csv", "id,year\n1,2010\n")
    panel, report = folder.build("a.csv")
    assert panel.columns.tolist() == ["firm", "year"]
    assert report["industries"] == {"assignment": "first", "switchers": 0, "examples": [], "breaks": []}


@pytest.mark.parametrize("region, province", [("110101", "11"), ("010101", "01"), ("11010", None), ("北京市", None)])
def test_a_province_is_the_first_two_digits_of_a_six_digit_code(region, province):
    made = province_of(pd.DataFrame({"region": pd.Series([region], dtype="str")}))["province"]
    assert made.fillna("none").tolist() == [province or "none"]


def test_a_given_province_is_kept():
    made = province_of(pd.DataFrame({"region": ["110101"], "province": ["京"]}))
    assert made["province"].tolist() == ["京"]


SWITCHERS = (
    "id,year,code\n"
    "a,2010,C26\na,2011,C39\na,2012,C39\n"  # modal differs from first
    "b,2010,C26\nb,2011,C39\n"  # a tie: the earlier
    "c,2011,\nc,2010,\nc,2012,C30\n"  # its first known industry
    "d,2010,C30\nd,2011,C30\n"
    "e,2010,\n"
)
ASSIGNED = {
    "first": ["C26"] * 3 + ["C26"] * 2 + ["C30"] * 3 + ["C30"] * 2 + ["-"],
    "modal": ["C39"] * 3 + ["C26"] * 2 + ["C30"] * 3 + ["C30"] * 2 + ["-"],
    "current": ["C26", "C39", "C39", "C26", "C39", "-", "-", "C30", "C30", "C30", "-"],
}


@pytest.mark.parametrize("assignment", ASSIGNED)
def test_a_firm_is_given_its_first_modal_or_current_industry_and_switchers_are_reported(folder, assignment):
    folder.write("a.csv", SWITCHERS)
    panel, report = folder.build("a.csv", {"industry": "code"}, industry_assignment=assignment)
    assert panel["industry"].fillna("-").tolist() == ASSIGNED[assignment]
    assert panel["industry2"].fillna("-").tolist() == ASSIGNED[assignment]
    assert report["industries"] == {"assignment": assignment, "switchers": 2, "examples": ["a", "b"], "breaks": []}


def test_first_is_the_default_and_goes_by_the_year_not_by_the_file(folder):
    folder.write("a.csv", "id,year,code\na,2012,C39\na,2010,C26\n")
    panel, report = folder.build("a.csv", {"industry": "code"})
    assert panel["industry"].tolist() == ["C26", "C26"]
    assert report["industries"]["assignment"] == "first"


def test_the_earlier_of_two_equally_frequent_industries_is_the_earlier_in_time_not_in_the_alphabet(folder):
    folder.write("a.csv", "id,year,code\na,2010,Z99\na,2011,A01\n")
    panel, _ = folder.build("a.csv", {"industry": "code"}, industry_assignment="modal")
    assert panel["industry"].tolist() == ["Z99", "Z99"]


def test_at_most_ten_switchers_are_shown_and_all_are_counted():
    firms = [f"f{k:02d}" for k in range(12) for _ in range(2)]
    panel = pd.DataFrame({"firm": firms, "year": [2010, 2011] * 12, "industry": ["C26", "C39"] * 12})
    _, report = one_industry(panel, "first")
    assert report["switchers"] == 12
    assert report["examples"] == [f"f{k:02d}" for k in range(10)]


def test_an_industry_that_comes_by_a_join_is_assigned_too(folder):
    folder.write("a.csv", "id,year\na,2010\na,2011\nb,2010\n")
    folder.write("b.csv", "id,year,code\na,2011,C39\na,2010,C26\nb,2010,C39\n")
    join = {
        "level": "firm",
        "source": "b.csv",
        "keys": {"firm": "id", "year": "year"},
        "columns": {"industry": "code"},
    }
    panel, report = folder.build("a.csv", join=[join])
    assert panel["industry"].tolist() == ["C26", "C26", "C39"]
    assert panel["industry2"].tolist() == ["C26", "C26", "C39"]
    assert report["industries"] == {"assignment": "first", "switchers": 1, "examples": ["a"], "breaks": []}
