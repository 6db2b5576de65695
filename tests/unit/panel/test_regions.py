"""Codes of regions at two vintages: found in the panel and between files, and brought to one."""

import pandas as pd
import pytest

from involution.panel.regions import one_vintage, region_changes

REGION = {"region": "code"}
PANEL = "id,year,code\n1,2010,522400\n1,2012,520500\n2,2010,110100\n3,2010,341400\n"
INDEX = {"level": "region", "source": "cities.csv", "keys": {"region": "code", "year": "year"}, "columns": {"x": "x"}}


def latest(codes, how="current"):
    frame, report = one_vintage(pd.DataFrame({"region": pd.Series(codes, dtype="str")}), how, "data.panel")
    return frame["region"].tolist(), report


def test_every_change_names_two_codes_of_one_province_and_its_source():
    table = region_changes()
    assert table.index.is_unique
    assert set(table["change"]) == {"renumbered", "merged", "split"}
    for old, row in table.iterrows():
        assert old.isdigit()
        assert len(old) == 4
        assert row["year"].isdigit()
        assert row["source"]
        assert (row["new"] == "") == (row["change"] == "split")
        assert row["new"][:2] in ("", old[:2])


def test_no_code_was_given_to_a_second_place_so_that_one_step_leads_to_the_latest():
    table = region_changes()
    renumbered = table.loc[table["change"] == "renumbered", "new"]
    assert renumbered.is_unique
    again = set(renumbered) & set(table.index)
    assert again == {"3414"}  # Chaohu, renumbered in 1999 and divided in 2011
    assert table.loc["3414", "change"] == "split"


@pytest.mark.parametrize(
    ("old", "new", "year"),
    [  # State Council replies 国函〔2011〕130号, 〔2015〕52号, 〔2017〕109号, 〔2001〕17号
        ("5224", "5205", "2011"),
        ("6521", "6504", "2015"),
        ("5424", "5406", "2017"),
        ("1527", "1506", "2001"),
    ],
)
def test_known_changes_stand_in_the_table(old, new, year):
    assert region_changes().loc[old, ["new", "year"]].tolist() == [new, year]


def test_current_codes_change_prefectures_and_nothing_else():
    codes = ["522400", "520500", "522401", "520000", "371200", "330106", "P-12", None]
    made, report = latest(codes)
    assert made[:-1] == ["520500", "520500", "522401", "520000", "370100", "330106", "P-12"]
    assert pd.isna(made[-1])
    assert report["recoded_rows"] == 2


def test_prefectures_take_the_place_of_their_counties():
    made, report = latest(["522401", "520502", "330106", "330100", "520000", "5224"], "prefecture")
    assert made == ["520500", "520500", "330100", "330100", "520000", "5224"]
    assert report["recoded_rows"] == 3


def test_codes_stay_as_they_are_unless_asked_and_divided_places_are_counted():
    made, report = latest(["522400", "341400", "341402"], "as_is")
    assert made == ["522400", "341400", "341402"]
    assert report == {"codes": "as_is", "recoded_rows": 0, "split": {"341400": 1, "341402": 1}}


def test_codes_of_no_region_cannot_be_changed(folder):
    folder.write("a.csv", "id,year\n1,2010\n")
    said = folder.refused("a.csv", region_codes="current")
    assert said.startswith("data.panel.region_codes: there is no column 'region'")


def test_a_place_under_two_codes_is_refused_with_its_rows_and_years_and_the_mend_works(folder):
    folder.write("a.csv", PANEL)
    said = folder.refused("a.csv", REGION)
    assert "data.panel: column region: 1 of its places stand under codes of two vintages of GB/T 2260" in said
    assert "Bijie 毕节市 (renumbered in 2011): 522400, 1 rows of 2010-2010 and 520500, 1 rows of 2012-2012" in said
    assert "mend: region_codes: current in data.panel" in said
    panel, report = folder.build("a.csv", REGION, region_codes="current")
    assert panel["region"].tolist() == ["520500", "520500", "110100", "341400"]
    assert report["regions"] == {"codes": "current", "recoded_rows": 1, "split": {"341400": 1}}


def test_counties_of_two_vintages_are_mended_by_their_prefecture(folder):
    folder.write("a.csv", PANEL.replace("522400", "522401").replace("520500", "520502"))
    said = folder.refused("a.csv", REGION)
    assert "mend: region_codes: prefecture in data.panel" in said
    panel, _ = folder.build("a.csv", REGION, region_codes="prefecture")
    assert panel["region"].tolist() == ["520500", "520500", "110100", "341400"]


def test_a_city_that_was_merged_may_stand_beside_the_one_that_took_it_in(folder):
    folder.write("a.csv", "id,year,code\n1,2010,371200\n2,2010,370100\n")
    panel, _ = folder.build("a.csv", REGION)
    assert panel["region"].tolist() == ["371200", "370100"]


def test_a_file_of_another_vintage_is_refused_and_the_mend_works(folder):
    folder.write("a.csv", "id,year,code\n1,2010,522400\n2,2010,110100\n3,2010,110100\n4,2010,110100\n")
    folder.write("cities.csv", "code,year,x\n520500,2010,7\n110100,2010,8\n")
    said = folder.refused("a.csv", REGION, join=[INDEX])
    assert "data.join[0]: 1 of the panel's rows do not match" in said
    assert "Bijie 毕节市 (renumbered in 2011): 522400 in the panel, 520500 in the file" in said
    assert "mend: region_codes: current in data.panel and in data.join[0]" in said
    join = [{**INDEX, "region_codes": "current"}]
    panel, report = folder.build("a.csv", REGION, join=join, region_codes="current")
    assert panel["x"].tolist() == [7, 8, 8, 8]
    assert report["joins"][0]["regions"] == {"codes": "current", "recoded_rows": 0, "split": {}}


def test_a_later_panel_finds_the_earlier_codes_of_a_file(folder):
    folder.write("a.csv", "id,year,code\n1,2010,520502\n")
    folder.write("cities.csv", "code,year,x\n522401,2010,7\n")
    said = folder.refused("a.csv", REGION, join=[INDEX])
    assert "520502 in the panel, 522401 in the file" in said
    assert "mend: region_codes: prefecture in data.panel and in data.join[0]" in said


def test_a_year_that_the_file_lacks_is_no_matter_of_codes(folder):
    folder.write("a.csv", "id,year,code\n1,2010,520500\n1,2011,520500\n")
    folder.write("cities.csv", "code,year,x\n520500,2010,7\n522400,2009,6\n")
    panel, report = folder.build("a.csv", REGION, join=[INDEX])
    assert report["joins"][0]["unmatched_panel_rows"] == 1
    assert panel["x"].isna().tolist() == [False, True]


def test_cohorts_of_another_vintage_are_refused_too(folder):
    folder.write("a.csv", "id,year,code\n1,2010,522400\n2,2010,110100\n")
    folder.write("pilots.csv", "code,first\n520500,2009\n110100,2008\n")
    pilots = {"source": "pilots.csv", "keys": {"region": "code"}, "first_year": "first"}
    said = folder.refused("a.csv", REGION, cohorts={"pilot": pilots})
    assert "data.cohorts.pilot" in said
    cohorts = {"pilot": {**pilots, "region_codes": "current"}}
    panel, _ = folder.build("a.csv", REGION, cohorts=cohorts, region_codes="current")
    assert panel["pilot"].tolist() == [2009, 2008]


def test_a_region_that_a_file_brings_is_held_against_the_list_too(folder):
    folder.write("a.csv", "id,year\n1,2010\n1,2012\n")
    folder.write("places.csv", "id,year,code\n1,2010,522400\n1,2012,520500\n")
    join = {"level": "firm", "source": "places.csv", "keys": {"firm": "id", "year": "year"}, "columns": REGION}
    assert "region_codes: current in data.join[0]" in folder.refused("a.csv", join=[join])
    panel, _ = folder.build("a.csv", join=[{**join, "region_codes": "current"}])
    assert panel["region"].tolist() == ["520500", "520500"]


def test_negative_amounts_are_counted_and_stay(folder):
    folder.write("a.csv", "id,year,r,p\n1,2010,-5,-1\n1,2011,4,-2\n")
    panel, report = folder.build("a.csv", {"revenue": "r", "op_profit": "p"})
    assert report["negative"] == {"revenue": 1}
    assert panel["revenue"].tolist() == [-5, 4]
