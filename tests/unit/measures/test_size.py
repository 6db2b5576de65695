"""Size classes: thresholds of each standard, codes of industries, and the class at entry."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import analysis_sample, dictionary, measure
from involution.measures.size import size_standard
from involution.shipped import shipped_table
from involution.study.sample import Sample
from tests.unit.measures.conftest import simulated

TABLE = shipped_table("size_standards.csv")
MILLION = 1e6
few = settings(max_examples=25, deadline=None)


def _firms(*rows, industry="C39"):
    """Firms of one year by employees, revenue and total assets in millions."""
    frame = pd.DataFrame(rows, columns=["employees", "revenue", "total_assets"], dtype=float)
    frame[["revenue", "total_assets"]] *= MILLION
    return frame.assign(firm=[f"f{k}" for k in range(len(rows))], year=2012, industry=industry)


def _sizes(panel, standard="china_2011"):
    return [None if pd.isna(size) else size for size in measure(panel, size_standard=standard)["firm_size"]]


# --- 工信部联企业〔2011〕300号 ---

CLASSES = ["micro", "small", "medium", "large"]
# From the table of the notice, in persons and millions of yuan: the lower bounds of small, medium and large.
NOTICE = {
    "A01": {"revenue": (0.5, 5, 200)},
    "B06": {"employees": (20, 300, 1000), "revenue": (3, 20, 400)},
    "C39": {"employees": (20, 300, 1000), "revenue": (3, 20, 400)},
    "D46": {"employees": (20, 300, 1000), "revenue": (3, 20, 400)},
    "E47": {"revenue": (3, 60, 800), "total_assets": (3, 50, 800)},
    "F51": {"employees": (5, 20, 200), "revenue": (10, 50, 400)},
    "F52": {"employees": (10, 50, 300), "revenue": (1, 5, 200)},
    "G54": {"employees": (20, 300, 1000), "revenue": (2, 30, 300)},
    "G59": {"employees": (20, 100, 200), "revenue": (1, 10, 300)},
    "G60": {"employees": (20, 300, 1000), "revenue": (1, 20, 300)},
    "H61": {"employees": (10, 100, 300), "revenue": (1, 20, 100)},
    "H62": {"employees": (10, 100, 300), "revenue": (1, 20, 100)},
    "I63": {"employees": (10, 100, 2000), "revenue": (1, 10, 1000)},
    "I65": {"employees": (10, 100, 300), "revenue": (0.5, 10, 100)},
    "K701": {"revenue": (1, 10, 2000), "total_assets": (20, 50, 100)},
    "K702": {"employees": (100, 300, 1000), "revenue": (5, 10, 50)},
    "L72": {"employees": (10, 100, 300), "total_assets": (1, 80, 1200)},
    "M73": {"employees": (10, 100, 300)},
}


def _plain(industry, **values):
    """The class by the words of the notice: the highest all of whose lower bounds are met."""
    needed = NOTICE[industry]
    if any(not values[name] > 0 for name in needed):
        return None
    met = [all(values[name] >= bounds[k] for name, bounds in needed.items()) for k in range(3)]
    return CLASSES[max((k + 1 for k in range(3) if met[k]), default=0)]


@pytest.mark.parametrize("industry", NOTICE)
def test_each_bound_of_the_notice_belongs_to_the_class_above(industry):
    needed = NOTICE[industry]
    plenty = dict.fromkeys(("employees", "revenue", "total_assets"), 1e5)
    for name, bounds in needed.items():
        for above, bound in enumerate(bounds, start=1):
            rows = [{**plenty, name: bound}, {**plenty, name: bound - 0.001}]
            found = _sizes(_firms(*([row[k] for k in plenty] for row in rows), industry=industry))
            assert found == [CLASSES[above], CLASSES[above - 1]], (name, bound)


@pytest.mark.parametrize("industry", NOTICE)
def test_what_a_group_does_not_look_at_plays_no_part(industry):
    values = {name: NOTICE[industry].get(name, (np.nan,) * 3)[1] for name in ("employees", "revenue", "total_assets")}
    assert _sizes(_firms(tuple(values.values()), industry=industry)) == ["medium"]


def test_a_firm_that_misses_one_of_two_bounds_falls_to_the_class_where_it_meets_both():
    panel = _firms(
        (1000, 400, 0.1),  # both bounds of large
        (999, 400, 0.1),  # one person short
        (1000, 399.9, 0.1),  # not the revenue of large
        (5000, 10, 0.1),  # persons of large, revenue of small only: not medium
        (19, 5000, 0.1),  # revenue of large, persons of micro
        (20, 3, 0.1),
        (20, 2.9, 0.1),
    )
    assert _sizes(panel) == ["large", "medium", "medium", "small", "micro", "small", "micro"]


@pytest.mark.parametrize("lost", [np.nan, 0.0, -5.0])
def test_a_needed_quantity_that_is_missing_or_not_positive_leaves_the_class_unknown(lost):
    assert _sizes(_firms((lost, 400, 400), (1000, lost, 400), (1000, 400, lost))) == [None, None, "large"]
    # Even where the other quantity alone would make it micro.
    assert _sizes(_firms((5, lost, 400))) == [None]


def test_the_same_firm_is_of_another_class_in_another_industry():
    rows = {"C39": "micro", "F51": "small", "I65": "medium", "M74": "small", "A02": "medium", "E50": "small"}
    found = {code: _sizes(_firms((15 if code != "I65" else 100, 20, 30), industry=code))[0] for code in rows}
    assert found == rows


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("C39", "industry"), ("39", "industry"), ("391", "industry"), ("3911", "industry"), ("C3911", "industry"),
        ("c39", "industry"), (" C39 ", "industry"), ("06", "industry"), ("46", "industry"), ("D4610", "industry"),
        ("05", "agriculture"), ("0111", "agriculture"), ("47", "construction"), ("50", "construction"),
        ("51", "wholesale"), ("F52", "retail"), ("54", "transport"), ("58", "transport"), ("G5990", "storage"),
        ("60", "post"), ("61", "hotels_catering"), ("64", "information_transmission"), ("I6510", "software"),
        ("70", "real_estate_development"), ("K70", "real_estate_development"), ("7010", "real_estate_development"),
        ("K7020", "property_management"), ("702", "property_management"), ("7030", "other"), ("K709", "other"),
        ("71", "leasing_business_services"), ("L72", "leasing_business_services"), ("M73", "other"), ("R86", "other"),
        ("53", "not_covered"), ("J66", "not_covered"), ("69", "not_covered"), ("7040", "not_covered"),
    ],
)  # fmt: skip
def test_codes_of_two_to_four_digits_with_and_without_a_letter_find_their_group(code, group):
    rules = size_standard("china_2011")
    names = TABLE.loc[TABLE["standard"] == "china_2011", "group"].tolist()
    assert names[rules.group(code)] == group


@pytest.mark.parametrize("code", ["C", "9", "C3", "i3", "alone", "", "39-1", "98", "00", None, np.nan])
def test_what_is_no_code_of_the_standard_has_no_class(code):
    assert _sizes(_firms((5, 1, 1), industry=code).astype({"industry": "str"})) == [None]


@pytest.mark.parametrize("code", ["H63", "F39", "C51", "A65", "G701"])
def test_a_letter_that_is_not_the_one_of_its_digits_is_of_another_classification(code):
    # In GB/T 4754-2002 H63 is wholesale trade; by its digits alone it would pass for telecommunications.
    assert _sizes(_firms((500, 500, 500), industry=code)) == [None]


def test_railways_and_finance_have_standards_of_their_own():
    assert _sizes(_firms((5, 1, 1), industry="G53")) == [None]
    assert _sizes(_firms((5, 1, 1), industry="J67")) == [None]


def test_a_panel_without_assets_has_the_classes_that_need_none():
    panel = _firms((25, 5, 0), (25, 5, 0)).drop(columns="total_assets").assign(industry=["C39", "E47"])
    assert _sizes(panel) == ["small", None]


# --- the others ---


def test_the_european_classes_by_hand():
    panel = _firms(
        (9, 2, 50),  # turnover of micro
        (9, 50, 2),  # balance sheet of micro
        (9, 2.1, 2.1),  # neither
        (10, 1, 1),  # one person too many
        (49, 10, 90),
        (49, 10.1, 10.1),
        (249, 50, 90),
        (249, 90, 43),
        (249, 50.1, 43.1),
        (250, 1, 1),
    )
    expected = ["micro", "micro", "small", "small", "small", "medium", "medium", "medium", "large", "large"]
    assert _sizes(panel, "eu_2003") == expected


def test_one_of_turnover_and_balance_sheet_is_enough_in_europe_and_no_industry_is_needed():
    panel = _firms((9, 2, np.nan), (9, 0, 2), (9, np.nan, np.nan), (np.nan, 1, 1), (5, 3, np.nan)).drop(
        columns="industry"
    )
    assert _sizes(panel, "eu_2003") == ["micro", "micro", None, None, "small"]
    assert _sizes(panel.drop(columns="total_assets"), "eu_2003") == ["micro", None, None, None, "small"]


def test_the_american_classes_are_of_employment_alone():
    panel = _firms(*((n, np.nan, np.nan) for n in (1, 9, 10, 99, 100, 499, 500, 0, np.nan)))
    classes = ["micro", "micro", "small", "small", "medium", "medium", "large", None, None]
    assert _sizes(panel[["firm", "year", "employees"]], "us_susb") == classes


# --- at entry ---


def _years(*values, firm="a"):
    """One firm of manufacturing by year and employees; its revenue would allow every class."""
    rows = pd.DataFrame(values, columns=["year", "employees"])
    return rows.assign(firm=firm, industry="C39", revenue=500 * MILLION, total_assets=1.0)


def test_the_class_is_that_of_entry_on_every_row():
    assert _sizes(_years((2010, 10), (2011, 50), (2012, 2000))) == ["micro"] * 3
    assert _sizes(_years((2010, 2000), (2011, 50), (2012, 10))) == ["large"] * 3


def test_entry_is_the_earliest_calendar_year_and_not_the_first_row():
    assert _sizes(_years((2012, 2000), (2010, 10), (2011, 50))) == ["micro"] * 3


def test_years_in_which_the_class_cannot_be_told_are_passed_over_and_get_it_too():
    assert _sizes(_years((2010, np.nan), (2011, 0), (2012, 50), (2013, 2000))) == ["small"] * 4


def test_the_industry_is_that_of_entry_too():
    panel = _years((2010, 100), (2011, 100)).assign(industry=["I65", "C39"])
    # 100 persons are medium in software (100) and small in manufacturing (300).
    assert _sizes(panel) == ["medium"] * 2
    assert _sizes(panel.assign(industry=["C39", "I65"])) == ["small"] * 2


def test_firms_do_not_lend_each_other_their_class():
    panel = pd.concat([_years((2010, 10), firm="b"), _years((2010, np.nan), firm="a"), _years((2009, 2000), firm="c")])
    assert _sizes(panel.reset_index(drop=True)) == ["micro", None, "large"]


# --- the column ---


def test_a_given_column_is_kept():
    panel = _years((2010, 10), (2011, 50)).assign(firm_size=["large", "small"])
    assert measure(panel)["firm_size"].tolist() == ["large", "small"]
    entry = dictionary(panel).set_index("name").loc["firm_size"]
    assert (entry["coverage"], entry["available"], entry["reason"]) == ("given", True, "")
    bare = panel[["firm", "year", "firm_size"]]
    assert dictionary(bare).set_index("name").loc["firm_size", "available"]


@pytest.mark.parametrize(
    ("columns", "standard", "reason"),
    [
        (["employees", "revenue"], "china_2011", "needs industry"),
        (["industry", "total_assets"], "china_2011", "needs employees or revenue"),
        (["industry", "revenue"], "eu_2003", "needs employees"),
        (["employees"], "eu_2003", "needs revenue or total_assets"),
        (["revenue"], "us_susb", "needs employees"),
    ],
)
def test_what_is_missing_is_said_by_standard(columns, standard, reason):
    panel = _years((2010, 10))[["firm", "year", *columns]]
    assert dictionary(panel, size_standard=standard).set_index("name").loc["firm_size", "reason"] == reason
    assert "firm_size" not in measure(panel, size_standard=standard)


@pytest.mark.parametrize(
    ("standard", "currency", "source"),
    [("china_2011", "yuan", "300号"), ("eu_2003", "euro", "2003/361/EC"), ("us_susb", "employees", "US Census")],
)
def test_the_dictionary_says_which_standard_and_which_currency(standard, currency, source):
    entry = dictionary(pd.DataFrame(), size_standard=standard).set_index("name").loc["firm_size"]
    assert currency in entry["formula"]
    assert source in entry["source"]


def test_the_text_survives_in_parquet_and_chooses_the_sample(tmp_path):
    panel = pd.concat([_years((2010, n), firm=f"f{n}") for n in (10, 50, 500, 5000)] + [_years((2010, 0), firm="no")])
    found = measure(panel.reset_index(drop=True))
    found.to_parquet(tmp_path / "measures.parquet", index=False)
    again = pd.read_parquet(tmp_path / "measures.parquet")
    assert again["firm_size"].dtype == found["firm_size"].dtype == "str"
    frame, report = analysis_sample(again, {}, Sample(firm_size=["micro", "small"]))
    assert frame.loc[frame["in_sample"], "firm"].tolist() == ["f10", "f50"]
    assert report["steps"][0]["rows_dropped"] == 3


def test_a_panel_without_rows_has_the_column():
    assert measure(_years((2010, 10)).iloc[:0])["firm_size"].tolist() == []


def _many(seed):
    random = np.random.default_rng(seed)
    panel = simulated(seed)
    n = len(panel)
    panel["industry"] = random.choice([*NOTICE], n)
    panel["employees"] = np.round(random.lognormal(4, 2, n))
    panel["total_assets"] = random.lognormal(17, 3, n)
    panel["revenue"] *= 0.2 * MILLION
    panel.loc[random.uniform(size=n) < 0.1, "employees"] = np.nan
    return panel


@few
@given(seed=st.integers(0, 10_000))
def test_it_is_what_a_loop_over_firms_finds(seed):
    panel = _many(seed)
    found = measure(panel)["firm_size"]
    for _, rows in panel.groupby("firm"):
        classes = [
            _plain(
                row.industry,
                employees=row.employees,
                revenue=row.revenue / MILLION,
                total_assets=row.total_assets / MILLION,
            )
            for row in rows.sort_values("year").itertuples()
        ]
        first = next((name for name in classes if name), None)
        assert {None if pd.isna(size) else size for size in found[rows.index]} == {first}


@few
@given(seed=st.integers(0, 10_000), standard=st.sampled_from(["china_2011", "eu_2003", "us_susb"]))
def test_the_order_of_rows_does_not_matter(seed, standard):
    panel = _many(seed)
    order = np.random.default_rng(seed).permutation(len(panel))
    first = measure(panel, size_standard=standard)["firm_size"]
    second = measure(panel.iloc[order], size_standard=standard)["firm_size"]
    pd.testing.assert_series_equal(second.loc[panel.index], first)


@few
@given(seed=st.integers(0, 10_000))
def test_more_of_everything_is_never_a_smaller_class(seed):
    panel = _many(seed)
    grown = panel.assign(**{name: 3 * panel[name] for name in ("employees", "revenue", "total_assets")})
    rank = {name: k for k, name in enumerate(CLASSES)}
    before, after = (measure(part)["firm_size"].map(rank) for part in (panel, grown))
    assert (after.dropna() >= before.dropna()).all()
    assert before.isna().equals(after.isna())
