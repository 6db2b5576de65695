"""R&D inside or beside administrative expense: one meaning of the column in all years, and the dictionary says so."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.measures import dictionary, measure
from involution.measures.accounting import harmonised, said_of, unsaid
from involution.measures.registry import REGISTRY
from involution.study.accounting import parse_accounting
from tests.unit.measures.markets import market

RULES = [{"years": [2018, 2030], "rd_expensed": "beside"}, {"years": [2007, 2017], "rd_expensed": "inside"}]
SPENT = {
    "revenue": 1000.0, "cogs": 600.0, "op_profit": 80.0, "rd_expensed": 20.0, "selling_expense": 60.0,
    "admin_expense": 100.0, "fixed_assets": 300.0, "inventory": 100.0, "depreciation": 30.0, "wages": 150.0,
    "taxes_surcharges": 20.0,
}  # fmt: skip
GAPS = ["effort_return_gap", "effort_return_gap_revenue"]
few = settings(max_examples=25, deadline=None)


def _constant():
    """Five years in which nothing changes, but that R&D moves to a line of its own in 2018."""
    years = list(range(2015, 2020))
    panel = pd.DataFrame([SPENT] * len(years)).assign(firm="a", year=years)
    return panel.assign(admin_expense=np.where(panel["year"] < 2018, 100.0, 80.0))


def test_constant_spending_does_not_grow_in_the_year_of_the_break():
    found = measure(_constant(), accounting=RULES)
    assert found.loc[1:, GAPS].eq(0.0).all(axis=None)
    # (1000 - 600 - 60 - 100 + 20) / 1000 in every year.
    assert found["price_cost_margin"].tolist() == pytest.approx([0.26] * 5)


def test_without_the_rules_effort_seems_to_fall_there():
    found = measure(_constant())
    # From 60 + 100 - 20 = 140 to 60 + 80 - 20 = 120.
    assert found["effort_return_gap_revenue"].tolist()[1:] == pytest.approx([0, 0, 0.5 * np.log(120 / 140), 0])
    assert found["price_cost_margin"].tolist()[2:4] == pytest.approx([0.26, 0.28])


def test_the_measured_panel_holds_the_one_column_and_the_panel_given_stays():
    panel = _constant()
    before = panel.copy()
    assert measure(panel, accounting=RULES)["admin_expense"].tolist() == [100.0] * 5
    pd.testing.assert_frame_equal(panel, before)


@pytest.mark.parametrize("rules", [(), RULES[1:], [{"years": [2030, 2040], "rd_expensed": "beside"}]])
def test_years_that_no_rule_says_are_beside_stay(rules):
    panel = _constant()
    pd.testing.assert_frame_equal(harmonised(panel, parse_accounting(rules)), panel)


def test_the_first_and_the_last_year_of_a_rule_belong_to_it():
    rules = parse_accounting([{"years": [2016, 2017], "rd_expensed": "beside"}])
    assert harmonised(_constant(), rules)["admin_expense"].tolist() == [100.0, 120.0, 120.0, 80.0, 80.0]


def test_research_that_is_not_reported_is_not_zero():
    panel = _constant()
    panel.loc[[0, 4], "rd_expensed"] = np.nan
    whole = harmonised(panel, parse_accounting(RULES))["admin_expense"]
    assert whole.tolist() == pytest.approx([100.0, 100.0, 100.0, 100.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("name", ["admin_expense", "rd_expensed"])
def test_a_rule_without_its_columns_is_refused(name):
    with pytest.raises(InputError, match=f"^accounting: .*the panel has no column {name}"):
        measure(_constant().drop(columns=name), accounting=RULES)
    assert len(measure(_constant().drop(columns=name), accounting=RULES[1:])) == 5


def test_rules_that_contradict_each_other_are_refused_in_a_notebook_too():
    with pytest.raises(InputError, match=r"^accounting: two answers for 2018-2018"):
        measure(_constant(), accounting=[RULES[0], RULES[1] | {"years": [2007, 2018]}])


def test_the_dictionary_says_it_of_every_measure_of_the_column_and_of_no_other():
    panel = _constant()
    plain, told = (dictionary(panel, accounting=rules).set_index("name")["formula"] for rules in ((), RULES))
    said = "; accounting: R&D beside admin_expense and added to it in 2018-2030, inside it in all other years"
    changed = told[told != plain]
    assert set(changed.index) == {
        "price_cost_margin", *GAPS, "real_earnings_management", "lean_administration",
    }  # fmt: skip
    assert (changed == plain[changed.index] + said).all()
    inside = dictionary(panel, accounting=RULES[1:]).set_index("name")["formula"]
    assert inside["price_cost_margin"].endswith("; accounting: R&D inside admin_expense in all years")


def test_spans_are_told_in_the_order_of_years():
    rules = parse_accounting([RULES[0], {"years": [2001, 2003], "rd_expensed": "beside"}])
    assert "in 2001-2003, 2018-2030, inside" in said_of(REGISTRY["price_cost_margin"], rules)


def test_a_measure_that_the_panel_brings_is_not_said_to_follow_the_rules():
    panel = _constant().assign(price_cost_margin=0.3)
    formula = dictionary(panel, accounting=RULES).set_index("name")["formula"]["price_cost_margin"]
    assert "accounting" not in formula


def test_data_that_span_the_break_are_asked_about_unless_the_study_says():
    panel = _constant()
    assert unsaid(panel, []).endswith("from 2018: `accounting` says which years do")
    assert unsaid(panel, parse_accounting(RULES[1:])) == ""
    assert unsaid(panel[panel["year"] < 2018], []) == unsaid(panel[panel["year"] >= 2018], []) == ""
    assert unsaid(panel.drop(columns="rd_expensed"), []) == ""
    assert unsaid(panel.assign(rd_expensed=panel["rd_expensed"].where(panel["year"] >= 2018)), []) == ""


@few
@given(st.integers(0, 10_000), st.integers(2010, 2016))
def test_accounts_of_either_kind_measure_the_same(seed, first):
    panel = market(seed, firms=40, years=6)
    apart = panel["year"] >= first
    presented = panel.assign(
        admin_expense=panel["admin_expense"].where(~apart, panel["admin_expense"] - panel["rd_expensed"])
    )
    rules = [{"years": [first, 2030], "rd_expensed": "beside"}]
    found, expected = measure(presented, accounting=rules), measure(panel)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9)
