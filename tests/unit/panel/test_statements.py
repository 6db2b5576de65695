"""Kinds and months of statements, as the files' own columns say them; what follows for duplicates and findings."""

import pandas as pd
import pytest

from involution.panel.statements import one_statement, statements
from involution.panel.vintages import code_breaks

HEAD = "id,Accper,Typrep,sales"


def rows(kinds, ends=("2010-12-31", "2011-12-31")):
    return [f"{firm},{end},{kind},{10 + firm}" for firm in range(1, 9) for end in ends for kind in kinds]


def build(folder, lines, **options):
    folder.write("a.csv", "\n".join([HEAD, *lines]) + "\n")
    return folder.build("a.csv", {"year": "year(Accper)", "revenue": "sales"}, **options)


def names(report):
    return [finding["name"] for finding in report["suspicious"]]


def test_a_sound_file_gives_its_facts_and_no_finding(folder):
    _, report = build(folder, rows("A"))
    assert report["statements"] == {
        "types": {"column": "Typrep", "consolidated": 16, "parent": 0},
        "ends": {"column": "Accper", "months": {"12": 16}, "opening": 0},
    }
    assert not {"both_statements", "parent_statements", "other_months", "opening_balances"} & set(names(report))


def test_duplicates_name_the_filter_that_leaves_one(folder):
    folder.write("a.csv", "\n".join([HEAD, *rows("AB", ("2010-01-01", "2010-12-31"))]) + "\n")
    said = folder.refused("a.csv", {"year": "year(Accper)", "revenue": "sales"})
    assert "8 firm-years stand more than once" in said
    assert "filter: \"Typrep == 'A' and month(Accper) == 12\"" in said
    _, report = build(folder, rows("AB", ("2010-01-01", "2010-12-31")), filter="Typrep == 'A' and month(Accper) == 12")
    assert report["statements"]["types"]["parent"] == 0


def test_kinds_that_are_mixed_between_firms_are_found_though_nothing_is_twice(folder):
    lines = rows("A")
    lines[0] = lines[0].replace(",A,", ",B,")
    _, report = build(folder, lines)
    (finding,) = [one for one in report["suspicious"] if one["name"] == "both_statements"]
    assert finding["count"] == 1
    assert finding["values"]["source"] == "data.panel"
    assert "parent_statements" in names(build(folder, rows("B"))[1])


def test_interim_statements_and_opening_balances_are_found(folder):
    _, report = build(folder, rows("A", ("2010-06-30", "2011-12-31")))
    (finding,) = [one for one in report["suspicious"] if one["name"] == "other_months"]
    assert (finding["count"], finding["values"]["months"]) == (8, "6: 8")
    assert "opening_balances" in names(build(folder, rows("A", ("2010-01-01", "2011-12-31")))[1])


def test_statements_of_a_joined_file_are_found(folder):
    build(folder, rows("A"))
    folder.write("b.csv", "\n".join([HEAD.replace("sales", "assets"), *rows("B")]) + "\n")
    join = {
        "level": "firm", "source": "b.csv", "keys": {"firm": "id", "year": "year(Accper)"},
        "columns": {"total_assets": "assets"},
    }  # fmt: skip
    _, report = folder.build("a.csv", {"year": "year(Accper)", "revenue": "sales"}, join=[join])
    (finding,) = [one for one in report["suspicious"] if one["name"] == "parent_statements"]
    assert finding["values"]["source"] == "b.csv"


@pytest.mark.parametrize("kinds", [("合并报表", "母公司报表"), ("A", "B"), ("a", "b")])
def test_kinds_are_read_in_codes_and_in_chinese(kinds):
    raw = pd.DataFrame({"报表类型": [*kinds, kinds[0]], "会计期间": ["2010-12-31", "2010-12-31", "2011/12/31"]})
    assert statements(raw)["types"] == {"column": "报表类型", "consolidated": 2, "parent": 1}
    assert one_statement(raw).endswith(f"filter: \"报表类型 == '{kinds[0]}'\"")


def test_columns_that_are_no_dates_or_no_kinds_say_nothing():
    raw = pd.DataFrame({"Accper": ["x", "y"], "Typrep": ["1", "2"], "other": [1, 2]})
    assert statements(raw) == {}
    assert "Typrep == 'A'" in one_statement(raw)


def test_sparse_codes_that_come_and_go_are_no_break():
    panel = pd.DataFrame(
        [
            (f"{firm:03d}", year, f"{(firm * 7 + year * 11) % 97:06d}")
            for firm in range(120)
            for year in range(2005, 2012)
        ],
        columns=["firm", "year", "region"],
    )
    assert code_breaks(panel, "region") == []


def test_places_that_match_nothing_are_reported_by_key(folder):
    folder.write(
        "a.csv",
        "id,year,city,sales\n" + "\n".join(f"{n},2010,{'杭州市' if n % 2 else '嘉兴市'},{n}" for n in range(1, 21)),
    )
    folder.write("pilots.csv", "city,year\n杭州,2012\n杭洲,2013\n")
    folder.write("index.csv", "city,year,points\n杭州,2010,100\n")
    join = {
        "level": "region", "source": "index.csv", "match": "name", "keys": {"city": "city", "year": "year"},
        "columns": {"digital_finance": "points"},
    }  # fmt: skip
    cohort = {"pilot": {"source": "pilots.csv", "match": "name", "keys": {"city": "city"}, "first_year": "year"}}
    _, report = folder.build("a.csv", {"revenue": "sales", "city": "city"}, join=[join], cohorts=cohort)
    found = {finding["name"]: finding for finding in report["suspicious"]}
    assert found["join_lacks"]["rows"] == [{"city": "嘉兴"}]
    assert found["join_lacks"]["count"] == 10
    assert found["cohort_unmatched"]["rows"] == [{"city": "杭洲"}]
    assert found["cohort_late"]["count"] == 10
