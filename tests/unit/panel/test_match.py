"""Files that do not meet the panel are refused, with what the two sides look like and how to mend it."""

import pytest

PANEL = "id,year,city\n000001,2010,北京市\n000001,2011,北京市\n000002,2010,上海\n000002,2011,上海\n000003,2010,天津\n"
JOIN = {
    "level": "firm",
    "source": "more.csv",
    "keys": {"firm": "id", "year": "year"},
    "columns": {"total_assets": "ta"},
}
PILOTS = {"source": "pilots.csv", "keys": {"region": "city"}, "first_year": "start"}


@pytest.fixture
def base(folder):
    folder.write("panel.csv", PANEL)
    return folder


def test_a_file_of_which_no_row_matches_is_refused_with_the_keys_of_both_sides(base):
    base.write("more.csv", "id,year,ta\nSH600000,2010,5\nSZ000001,2011,6\n")
    message = base.refused("panel.csv", join=[{**JOIN, "fill": {"total_assets": 0}}])
    assert "data.join[0]: no row of the panel has its keys (firm, year) in the file" in message
    assert "first keys of the panel: 000001, 2010; 000001, 2011; 000002, 2010" in message
    assert "first keys of the file: SH600000, 2010; SZ000001, 2011" in message
    assert "mend: make the keys equal: pad" in message


def test_a_file_of_which_no_row_is_left_says_so(base):
    base.write("more.csv", "id,year,ta,type\n000001,2010,5,A\n")
    assert "first keys of the file: none, no row is left" in base.refused(
        "panel.csv", join=[{**JOIN, "filter": "type == 'B'"}]
    )


def test_keys_without_their_leading_zeros_are_refused_with_the_width(base):
    base.write("more.csv", "id,year,ta\n1,2010,5\n2,2010,6\n000003,2010,7\n")
    message = base.refused("panel.csv", join=[JOIN])
    assert "data.join[0]: 2 of the panel's 5 rows do not match because leading zeros are missing" in message
    assert "firm: '000001' in the panel, '1' in the file" in message
    assert "mend: pad: {firm: 6} in data.join[0]" in message
    panel, _ = base.build("panel.csv", join=[{**JOIN, "pad": {"firm": 6}}])
    assert panel["total_assets"].fillna(0).tolist() == [5, 0, 6, 0, 7]


def test_a_panel_without_its_leading_zeros_is_the_one_to_pad(folder):
    folder.write("panel.csv", PANEL.replace("00000", ""))
    folder.write("more.csv", "id,year,ta\n000001,2010,5\n000002,2010,6\n")
    assert "mend: pad: {firm: 6} in data.panel" in folder.refused("panel.csv", join=[JOIN])


def test_a_single_row_is_enough_when_no_other_matches(base):
    base.write("more.csv", "id,year,ta\n1,2010,5\n")
    assert "pad: {firm: 6} in data.join[0]" in base.refused("panel.csv", join=[JOIN])


def test_few_rows_without_zeros_are_counted_and_not_refused(base):
    base.write("more.csv", "id,year,ta\n1,2010,5\n000002,2010,6\n")
    _, report = base.build("panel.csv", join=[JOIN])
    assert report["joins"][0]["unmatched_panel_rows"] == 4


def test_a_cohort_that_matches_nothing_is_refused(base):
    base.write("pilots.csv", "city,start\n北京,2010\n上海市,2012\n")
    message = base.refused("panel.csv", {"region": "city"}, cohorts={"pilot": PILOTS})
    assert "data.cohorts.pilot: no row of the panel has its keys (region) in the file" in message
    assert "first keys of the file: 上海市; 北京" in message


def test_a_cohort_may_be_matched_by_name(base):
    base.write("pilots.csv", "city,start\n北京,2012\n北京,2010\n上海市,2012\n")
    panel, _ = base.build("panel.csv", {"region": "city"}, cohorts={"pilot": {**PILOTS, "match": "name"}})
    assert panel["pilot"].fillna(0).tolist() == [2010, 2010, 2012, 2012, 0]


def test_names_of_a_cohort_that_become_the_same_are_refused(base):
    base.write("pilots.csv", "city,start\n北京,2012\n北京市,2010\n")
    message = base.refused("panel.csv", {"region": "city"}, cohorts={"pilot": {**PILOTS, "match": "name"}})
    assert "data.cohorts.pilot: 2 rows share their keys (region) with another" in message
