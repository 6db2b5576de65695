"""The dictionary of measures: what each is, whether this panel has it, and why not."""

import pandas as pd
import pytest

from involution.errors import InputError
from involution.measures import compute, dictionary, lineage, measure
from involution.measures.catalogue import catalogue
from involution.measures.pages import columns_page, measures_page
from involution.measures.registry import REGISTRY, measure_entry
from tests.unit.measures.markets import market

COLUMNS = [
    "name", "label_en", "label_zh", "formula", "unit", "family", "direction", "source", "coverage", "level",
    "leave_one_out", "available", "reason",
]  # fmt: skip
NAMES = [
    "n_firms", "hhi", "cr4", "cr8", "entropy", "fragmentation", "hhi_loo", "fragmentation_loo", "gross_margin",
    "price_cost_margin", "margin_compression",
]  # fmt: skip
OF_INDUSTRIES = NAMES[:8]
INDEX = [
    "involution", "involution_squeeze", "involution_effort", "involution_crowding", "involution_no_squeeze",
    "involution_no_effort", "involution_no_crowding", "involution_mechanism", "involution_half_a",
    "involution_half_b", "involution_own", "involution_pca", "involution_entropy", "involution_critic",
    "involution_regime",
]  # fmt: skip
ACCOUNTS = ["revenue", "cogs", "selling_expense", "admin_expense", "rd_expensed"]


def _panel(*columns):
    frame = pd.DataFrame({"firm": ["a", "a"], "year": [2010, 2011], "industry": ["C26", "C26"]})
    return frame.assign(**dict.fromkeys(columns, 1.0))


def _entry(table, name):
    return table.set_index("name").loc[name]


def test_the_columns_and_the_measures_are_those_promised():
    table = dictionary(_panel())
    assert list(table.columns) == COLUMNS
    events = [f"event_{name}" for name in ("exposure", "exposure_active", "strength", "novelty", "disruption")]
    events += [f"event_{name}" for name in ("criticality", "time", "space")]
    registered = [entry.name for entry in catalogue()]
    assert table["name"].tolist() == [*registered, "firm_size", *events, *INDEX]
    assert set(registered) == set(REGISTRY)
    assert set(NAMES) <= set(REGISTRY)


def test_the_columns_stand_by_module_and_not_by_what_is_imported_first():
    registered = [entry.name for entry in catalogue()]
    firsts = ["rd_intensity", "patent_breadth", "n_firms", "cfo_constraint", "growth_without_profit", "gross_margin"]
    firsts += ["churn", "markup", "undercutting", "myopia"]
    assert [name for name in registered if name in firsts] == firsts


def test_measures_are_made_after_those_that_they_need_in_whatever_order_they_are_registered(monkeypatch):
    panel = market(3)
    expected = measure(panel)
    monkeypatch.setattr(compute, "catalogue", lambda: catalogue()[::-1])
    found = measure(panel)
    pd.testing.assert_frame_equal(found[expected.columns], expected)
    assert found.columns.tolist() != expected.columns.tolist()


def test_one_entry_word_by_word():
    assert _entry(dictionary(_panel(*ACCOUNTS)), "hhi_loo").to_dict() == {
        "label_en": "Herfindahl-Hirschman index, firm left out",
        "label_zh": "赫芬达尔指数(剔除本企业)",
        "formula": "sum over the other firms of squared shares of the other firms' revenue",
        "unit": "0-1",
        "family": "concentration",
        "direction": "-",
        "source": "definition",
        "coverage": "partial",
        "level": "industry",
        "leave_one_out": True,
        "available": True,
        "reason": "",
    }


def test_nothing_is_left_blank_and_both_languages_are_there():
    table = dictionary(_panel())
    for column in ("label_en", "label_zh", "formula", "unit", "family", "source", "coverage", "level"):
        assert table[column].str.strip().ne("").all(), column
    assert table["label_zh"].str.contains(r"[\u4e00-\u9fff]").all()
    assert table["label_en"].str.match(r"^[\x20-\x7e]+$").all()
    assert table["direction"].isin(["+", "-", ""]).all()
    assert table["label_en"].is_unique
    assert table["label_zh"].is_unique


def test_directions_say_what_more_involution_is():
    directions = dictionary(_panel()).set_index("name")["direction"].loc[[*NAMES, *INDEX]].to_dict()
    assert {name for name, sign in directions.items() if sign == "+"} == {
        "n_firms",
        "entropy",
        "fragmentation",
        "fragmentation_loo",
        "margin_compression",
        *INDEX,
    }
    assert set(directions.values()) == {"+", "-"}


def test_families_are_those_of_the_index():
    families = dictionary(_panel()).set_index("name")["family"]
    assert families["margin_compression"] == "squeeze"
    assert families["fragmentation"] == families["fragmentation_loo"] == "crowding"


def test_only_the_measures_that_leave_the_firm_out_say_so():
    table = dictionary(_panel()).set_index("name")
    of_index = [name for name in INDEX if name != "involution_own"]
    assert table.index[table["leave_one_out"]].tolist() == ["hhi_loo", "fragmentation_loo", *of_index]
    assert table.index[table["level"] == "industry"].isin([*OF_INDUSTRIES, *of_index]).sum() == 8 + len(of_index)


def test_coverage_is_partial_unless_every_firm_is_there():
    partial = dictionary(_panel(*ACCOUNTS)).set_index("name")["coverage"]
    full = dictionary(_panel(*ACCOUNTS), full_coverage=True).set_index("name")["coverage"]
    for name in NAMES:
        over_firms = name in OF_INDUSTRIES
        assert partial[name] == ("partial" if over_firms else "firm"), name
        assert full[name] == ("full" if over_firms else "firm"), name


@pytest.mark.parametrize(
    "columns, name, reason",
    [
        ((), "hhi", "needs revenue"),
        ((), "gross_margin", "needs revenue, cogs"),
        (("revenue",), "gross_margin", "needs cogs"),
        (("revenue",), "margin_compression", "needs cogs"),
        (("revenue", "cogs"), "price_cost_margin", "needs selling_expense, admin_expense, rd_expensed"),
        (("cogs",), "hhi_loo", "needs revenue"),
    ],
)
def test_a_measure_whose_columns_are_missing_says_which(columns, name, reason):
    panel = _panel(*columns)
    entry = _entry(dictionary(panel), name)
    assert not entry["available"]
    assert entry["reason"] == reason
    assert name not in measure(panel).columns


def test_a_panel_without_industries_has_margins_only():
    panel = _panel(*ACCOUNTS).drop(columns="industry")
    made = [name for name in measure(panel) if name in NAMES]
    assert made == ["gross_margin", "price_cost_margin", "margin_compression"]
    assert _entry(dictionary(panel), "cr4")["reason"] == "needs industry"


@pytest.mark.parametrize("columns", [(), ("revenue",), ("revenue", "cogs"), ACCOUNTS])
def test_what_is_available_is_what_is_made(columns):
    panel = _panel(*columns)
    table = dictionary(panel)
    made = measure(panel).columns[len(panel.columns) :].tolist()
    assert table.loc[table["available"], "name"].tolist() == made
    assert (table["reason"] == "").tolist() == table["available"].tolist()


def test_an_empty_panel_has_no_measure():
    table = dictionary(pd.DataFrame())
    assert not table["available"].any()
    assert _entry(table, "hhi")["reason"] == "needs industry, year, revenue"


def test_measuring_adds_columns_and_changes_nothing():
    panel = _panel(*ACCOUNTS).set_axis([7, 3], axis=0)
    before = panel.copy()
    found = measure(panel)
    pd.testing.assert_frame_equal(panel, before)
    pd.testing.assert_frame_equal(found[panel.columns], before)
    table = dictionary(panel)
    assert list(found.columns) == [*panel.columns, *table.loc[table["available"], "name"]]
    assert (found[NAMES].dtypes == "float64").all()


def test_a_given_column_under_the_name_of_a_measure_is_kept():
    panel = _panel(*ACCOUNTS).assign(hhi=0.123)
    assert measure(panel)["hhi"].tolist() == [0.123, 0.123]
    entry = _entry(dictionary(panel), "hhi")
    assert entry["coverage"] == "given"
    assert entry["available"]
    assert _entry(dictionary(_panel().assign(hhi=0.1)), "hhi")["reason"] == ""


def test_an_index_that_is_asked_for_must_be_possible():
    assert not set(INDEX) & set(measure(_panel(*ACCOUNTS)).columns)
    with pytest.raises(InputError, match=r"^index: no component of the family 'effort' is left"):
        measure(_panel(*ACCOUNTS), {})


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="'hhi' is registered twice"):
        measure_entry("hhi", "x", "x", "x", unit="x", family="x", needs=())(lambda panel: panel)
    assert REGISTRY["hhi"].label_en == "Herfindahl-Hirschman index"


def test_lineage_follows_variables_to_the_columns_they_are_made_of():
    found = lineage({"a": "log(hhi_loo) + revenue", "b": "lag(a) * cogs", "revenue": "revenue / 2"})
    assert found["a"] == ("hhi_loo", "revenue")
    assert found["b"] == ("hhi_loo", "revenue", "cogs")
    assert found["revenue"] == ("revenue",)


def test_the_page_lists_every_measure():
    page = measures_page()
    assert all(f"| `{name}` |" in page for name in NAMES)
    assert "industry, left out" in page


def test_the_page_of_columns_lists_what_the_measures_need():
    page = columns_page()
    needed = {name for entry in REGISTRY.values() for name in entry.needs} - set(REGISTRY)
    assert all(f"| `{name}` |" in page for name in needed)


def test_a_measure_given_with_the_panel_is_the_one_that_others_are_made_of():
    panel = pd.DataFrame({"firm": ["a"], "year": [2010], "hhi": [0.25]})
    assert measure(panel)["fragmentation"].tolist() == [0.75]
