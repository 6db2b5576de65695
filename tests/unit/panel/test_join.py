"""Stacking and joining: by firm, region or industry, never multiplying a row, with an account of what matched."""

import pandas as pd
import pytest

PANEL = (
    "id,year,code,city\n"
    "000001,2010,2611,北京市\n000001,2011,2611,北京市\n000002,2010,3911,上海\n000002,2011,3911,上海\n"
    "000003,2010,2622,\n"
)
COLUMNS = {"industry": "code", "region": "city"}


@pytest.fixture
def base(folder):
    folder.write("panel.csv", PANEL)
    return folder


def _join(level="firm", **options):
    keys = {
        "firm": {"firm": "id", "year": "year"},
        "region": {"region": "city", "year": "year"},
        "industry": {"industry": "code", "year": "year"},
    }
    return {"level": level, "source": "more.csv", "keys": keys[level], "columns": {"total_assets": "ta"}, **options}


def test_files_are_stacked(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    folder.write("b.csv", "sales,year,id,other\n7,2011,1,x\n6,2010,2,x\n")
    panel, report = folder.build(["a.csv", "b.csv"], {"revenue": "sales"})
    assert panel.to_dict("list") == {"firm": ["1", "1", "2"], "year": [2010, 2011, 2010], "revenue": [5.0, 7.0, 6.0]}
    assert [source["rows"] for source in report["sources"]] == [1, 2]
    assert report["rows_read"] == 3


def test_stacked_files_of_several_kinds_share_their_codes(folder):
    folder.write("a.csv", "id,year,code\n1234,2010,26\n")
    table = pd.DataFrame({"id": [1234.0, 7.0], "year": [2011.0, 2011.0], "code": [26.0, 39.0]})
    table.to_stata(folder.path / "b.dta", write_index=False)
    panel, _ = folder.build(["a.csv", "b.dta"], {"industry": "code"}, pad={"firm": 6})
    assert panel["firm"].tolist() == ["000007", "001234", "001234"]
    assert panel["industry"].tolist() == ["39", "26", "26"]
    assert panel["year"].tolist() == [2011, 2010, 2011]


def test_a_stacked_file_without_a_column_of_the_first_is_refused(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    folder.write("b.csv", "id,year\n1,2011\n")
    message = folder.refused(["a.csv", "b.csv"])
    assert "data.panel: b.csv has no column 'sales', which a.csv has" in message


def test_firm_years_that_stand_in_two_stacked_files_name_both(folder):
    folder.write("a.csv", "id,year\n1,2010\n")
    folder.write("b.csv", "id,year\n2,2010\n1,2010\n")
    assert "firm 1, year 2010: a.csv line 2; b.csv line 3" in folder.refused(["a.csv", "b.csv"])


def test_a_firm_file_is_joined_by_code_and_what_did_not_match_is_listed(base):
    base.write("more.csv", "id,year,ta\n000002,2010,7\n000001,2011,5\n1,2010,9\n000009,2010,8\n")
    panel, report = base.build("panel.csv", COLUMNS, join=[_join(units={"total_assets": 10})])
    assert panel["total_assets"].fillna(-1).tolist() == [-1, 50, 70, -1, -1]
    (join,) = report["joins"]
    assert join["sources"] == ["more.csv"]
    assert join["matched_rows"] == 2
    assert join["unmatched_panel_rows"] == 3
    assert join["unmatched_panel_keys"] == ["000001, 2010", "000002, 2011", "000003, 2010"]
    assert join["unmatched_file_rows"] == 2
    assert join["unmatched_file_keys"] == ["000009, 2010", "1, 2010"]
    assert [source["source"] for source in report["sources"]] == ["panel.csv", "more.csv"]


def test_pad_makes_the_keys_of_a_joined_file_comparable(base):
    base.write("more.csv", "id,year,ta\n1,2010,5\n")
    panel, report = base.build("panel.csv", COLUMNS, join=[_join(pad={"firm": 6})])
    assert panel["total_assets"].tolist()[0] == 5.0
    assert report["joins"][0]["matched_rows"] == 1


def test_keys_of_a_joined_file_may_be_computed_and_its_rows_filtered(base):
    base.write("more.csv", "id,Accper,Typrep,ta\n000001,2010-12-31,A,5\n000001,2010-12-31,B,6\n")
    join = _join(keys={"firm": "id", "year": "year(Accper)"}, filter="Typrep == 'A'")
    panel, _ = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["total_assets"].fillna(0).sum() == 5.0


def test_an_industry_file_is_joined_to_every_firm_of_the_industry(base):
    base.write("more.csv", "code,year,ppi\n2611,2010,101\n3911,2011,99\n")
    panel, _ = base.build("panel.csv", COLUMNS, join=[_join("industry", columns={"ppi": "ppi"})])
    assert panel["ppi"].fillna(0).tolist() == [101, 0, 0, 99, 0]


def test_an_industry_file_may_be_keyed_by_the_coarser_code(base):
    base.write("more.csv", "code,year,ppi\n26,2010,101\n")
    join = _join("industry", keys={"industry2": "code", "year": "year"}, columns={"ppi": "ppi"})
    panel, _ = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["ppi"].fillna(0).tolist() == [101, 0, 0, 0, 101]


def test_regions_are_joined_by_name_without_spaces_and_suffixes(base):
    base.write("more.csv", "city,year,index\n北 京,2010,1\n上海市,2010,2\n天津市,2010,3\n")
    join = _join("region", match="name", columns={"digital_finance": "index"})
    panel, report = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["digital_finance"].fillna(0).tolist() == [1, 0, 2, 0, 0]
    assert report["joins"][0]["unmatched_file_keys"] == ["天津, 2010"]


def test_codes_are_compared_exactly(base):
    base.write("more.csv", "city,year,index\n北京,2010,1\n上海,2010,2\n")
    join = _join("region", columns={"digital_finance": "index"})
    panel, _ = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["digital_finance"].fillna(0).tolist() == [0, 0, 2, 0, 0]


@pytest.mark.parametrize("long, short", [("广西壮族自治区", "广西"), ("新疆维吾尔自治区", "新疆"), ("浙江省", "浙江")])
def test_the_suffixes_of_provinces_are_left_out(folder, long, short):
    folder.write("panel.csv", f"id,year,p\n1,2010,{long}\n")
    folder.write("more.csv", f"p,g\n{short},3\n")
    join = {"level": "region", "source": "more.csv", "match": "name", "keys": {"region": "p"}, "columns": {"gdp": "g"}}
    panel, _ = folder.build("panel.csv", {"region": "p"}, join=[join])
    assert panel["gdp"].tolist() == [3.0]


def test_names_that_become_the_same_are_refused_not_chosen_from(base):
    base.write("more.csv", "city,year,index\n吉林省,2010,1\n吉林市,2010,2\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join("region", match="name", columns={"d": "index"})])
    assert "data.join[0]: 2 rows share their keys (region, year) with another" in message
    assert "more.csv line 2: 吉林省, 2010" in message


def test_keys_stored_as_numbers_match_the_same_codes_stored_as_text(folder):
    folder.write("panel.csv", "id,year,zone\n1,2010,5\n2,2010,A\n")
    pd.DataFrame({"zone": [5.0], "n": [3.0]}).to_parquet(folder.path / "more.parquet")
    join = {"level": "region", "source": "more.parquet", "keys": {"zone": "zone"}, "columns": {"n": "n"}}
    panel, _ = folder.build("panel.csv", keep=["zone"], join=[join])
    assert panel["n"].fillna(0).tolist() == [3, 0]


def test_several_rows_are_aggregated(base):
    base.write("more.csv", "id,year,n,w\n000001,2010,2,1\n000001,2010,3,5\n000001,2011,,2\n000002,2010,4,\n")
    columns = {"patents": "n", "best": "w", "filed": "n"}
    join = _join(columns=columns, aggregate={"patents": "sum", "best": "max", "filed": "count"})
    panel, _ = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["patents"].isna().tolist() == [False, True, False, True, True]
    assert panel["patents"].fillna(0).tolist() == [5, 0, 4, 0, 0]
    assert panel["best"].fillna(0).tolist() == [5, 2, 0, 0, 0]
    assert panel["filed"].fillna(-1).tolist() == [2, 0, 1, -1, -1]


def test_fill_is_for_rows_that_the_file_does_not_have_only(base):
    base.write("more.csv", "id,year,n\n000001,2010,2\n000001,2011,\n")
    panel, _ = base.build("panel.csv", COLUMNS, join=[_join(columns={"patents": "n"}, fill={"patents": 0})])
    assert panel["patents"].isna().tolist() == [False, True, False, False, False]
    assert panel["patents"].fillna(-1).tolist() == [2, -1, 0, 0, 0]


def test_fill_after_aggregation(base):
    base.write("more.csv", "id,year,n\n000001,2010,2\n000001,2010,1\n")
    join = _join(columns={"patents": "n"}, aggregate={"patents": "sum"}, fill={"patents": 0})
    panel, _ = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["patents"].tolist() == [3, 0, 0, 0, 0]


def test_joined_text_stays_text(base):
    base.write("more.csv", "id,year,own\n000001,2010,01\n")
    panel, _ = base.build("panel.csv", COLUMNS, join=[_join(columns={"ownership": "own"})])
    assert panel["ownership"].tolist()[0] == "01"
    assert panel["ownership"].isna().sum() == 4


def test_a_firm_file_with_several_rows_for_a_firm_year_is_refused(base):
    base.write("more.csv", "id,year,ta\n000001,2010,5\n000002,2010,6\n000001,2010,7\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join()])
    assert "data.join[0]: 2 rows share their keys (firm, year) with another" in message
    assert "more.csv line 2: 000001, 2010" in message
    assert "more.csv line 4: 000001, 2010" in message
    assert "mend: aggregate them, or filter the file" in message


def test_one_to_one_is_refused_where_several_firms_share_a_row(base):
    base.write("more.csv", "code,year,ppi\n26,2010,101\n")
    options = {"keys": {"industry2": "code", "year": "year"}, "columns": {"ppi": "ppi"}, "validate": "one_to_one"}
    message = base.refused("panel.csv", COLUMNS, join=[_join("industry", **options)])
    assert "data.join[0]: 2 rows share their keys (industry2, year) with another" in message
    assert "mend: use validate: many_to_one" in message
    assert "panel.csv line 2: 26, 2010" in message


def test_a_firm_file_without_years_needs_many_to_one(base):
    base.write("more.csv", "id,own\n000001,soe\n000002,private\n")
    options = {"keys": {"firm": "id"}, "columns": {"ownership": "own"}}
    assert "use validate: many_to_one" in base.refused("panel.csv", COLUMNS, join=[_join(**options)])
    panel, _ = base.build("panel.csv", COLUMNS, join=[_join(**options, validate="many_to_one")])
    assert panel["ownership"].tolist()[:4] == ["soe", "soe", "private", "private"]


def test_a_key_that_the_panel_does_not_have_is_refused(base):
    base.write("more.csv", "city,year,x\n北京,2010,1\n")
    join = _join("region", columns={"d": "x"})
    assert "data.join[0].keys: the panel has no column 'region'" in base.refused("panel.csv", join=[join])


def test_a_key_that_the_file_does_not_have_is_refused_with_the_nearest(base):
    base.write("more.csv", "Stkcd,year,ta\n000001,2010,5\n")
    join = _join(keys={"firm": "Stkcd_", "year": "year"})
    message = base.refused("panel.csv", COLUMNS, join=[join])
    assert "data.join[0].keys.firm: there is no column 'Stkcd_'; the nearest is 'Stkcd'" in message


def test_a_column_that_the_file_does_not_have_is_refused_with_the_nearest(base):
    base.write("more.csv", "id,year,assets\n000001,2010,5\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join(columns={"total_assets": "asset"})])
    assert "data.join[0].columns.total_assets: there is no column 'asset'; the nearest is 'assets'" in message


def test_a_column_that_the_panel_has_already_is_refused(base):
    base.write("more.csv", "id,year,ta\n000001,2010,5\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join(columns={"industry": "ta"})])
    assert "data.join[0].columns: the panel already has a column 'industry'" in message


@pytest.mark.parametrize(
    "section, value",
    [("units", {"cogs": 10}), ("fill", {"cogs": 0}), ("aggregate", {"cogs": "sum"}), ("pad", {"x": 6})],
)
def test_options_for_a_column_that_is_not_joined_are_refused(base, section, value):
    base.write("more.csv", "id,year,ta\n000001,2010,5\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join(**{section: value})])
    assert f"data.join[0].{section}: there is no" in message
    assert f"'{next(iter(value))}'" in message


def test_text_in_a_joined_amount_shows_file_and_line(base):
    base.write("more.csv", "id,year,ta\n000001,2010,5\n000001,2011,much\n")
    message = base.refused("panel.csv", COLUMNS, join=[_join()])
    assert "data.join[0].columns.total_assets: 1 values are text" in message
    assert "more.csv line 3: 'much'" in message


def test_a_mean_of_text_is_refused(base):
    base.write("more.csv", "id,year,own\n000001,2010,soe\n000001,2010,private\n")
    join = _join(columns={"ownership": "own"}, aggregate={"ownership": "mean"})
    message = base.refused("panel.csv", COLUMNS, join=[join])
    assert "data.join[0].aggregate" in message
    assert "'ownership' is text" in message


def test_a_joined_share_out_of_range_is_refused(base):
    base.write("more.csv", "code,year,cu\n2611,2010,78.5\n")
    join = _join("industry", columns={"capacity_utilization": "cu"})
    message = base.refused("panel.csv", COLUMNS, join=[join])
    assert "data.capacity_utilization: 1 values are out of range (share: between 0 and 1)" in message


def test_rows_without_a_key_match_nothing_and_are_counted(base):
    base.write("more.csv", "city,year,index\n,2010,1\n上海,2010,2\n")
    panel, report = base.build("panel.csv", COLUMNS, join=[_join("region", columns={"d": "index"})])
    assert panel["d"].fillna(0).tolist() == [0, 0, 2, 0, 0]
    assert report["joins"][0]["unmatched_file_rows"] == 1
    assert report["joins"][0]["unmatched_file_keys"] == ["missing, 2010"]
    assert report["joins"][0]["matched_rows"] + report["joins"][0]["unmatched_panel_rows"] == len(panel)


def test_rows_without_a_key_are_counted_when_others_are_aggregated(base):
    base.write("more.csv", "city,year,n\n,2010,1\n上海,2010,2\n上海,2010,3\n")
    join = _join("region", columns={"d": "n"}, aggregate={"d": "sum"})
    panel, report = base.build("panel.csv", COLUMNS, join=[join])
    assert panel["d"].fillna(0).tolist() == [0, 0, 5, 0, 0]
    assert report["joins"][0]["unmatched_file_keys"] == ["missing, 2010"]


def test_a_join_never_changes_the_number_or_order_of_rows(base):
    base.write("more.csv", "id,year,ta\n" + "".join(f"00000{k},201{y},{k}{y}\n" for k in (3, 1, 2) for y in (1, 0)))
    plain, _ = base.build("panel.csv", COLUMNS)
    joined, _ = base.build("panel.csv", COLUMNS, join=[_join()])
    pd.testing.assert_frame_equal(joined[list(plain)], plain)
    assert joined["total_assets"].tolist() == [10, 11, 20, 21, 30]


def test_later_joins_see_the_columns_of_earlier_ones(base):
    base.write("one.csv", "id,own\n000001,soe\n")
    base.write("two.csv", "own,x\nsoe,4\n")
    joins = [
        _join(source="one.csv", keys={"firm": "id"}, columns={"ownership": "own"}, validate="many_to_one"),
        _join("region", source="two.csv", keys={"ownership": "own"}, columns={"x": "x"}),
    ]
    panel, report = base.build("panel.csv", COLUMNS, join=joins)
    assert panel["x"].fillna(0).tolist() == [4, 4, 0, 0, 0]
    assert len(report["joins"]) == 2


PILOTS = {"source": "pilots.csv", "keys": {"region": "city"}, "first_year": "start"}


def test_a_cohort_is_the_first_year_of_treatment_and_missing_is_never(base):
    base.write("pilots.csv", "city,start\n北京市,2012\n北京市,2010\n天津,2013\n")
    panel, report = base.build("panel.csv", COLUMNS, cohorts={"pilot": PILOTS})
    assert panel["pilot"].tolist()[:2] == [2010, 2010]
    assert panel["pilot"].isna().tolist() == [False, False, True, True, True]
    (join,) = report["joins"]
    assert join["cohort"] == "pilot"
    assert join["matched_rows"] == 2
    assert join["unmatched_file_keys"] == ["天津"]


def test_a_unit_of_a_cohort_file_without_a_year_is_never_treated(base):
    base.write("pilots.csv", "city,start\n北京市,\n上海,2011\n")
    panel, _ = base.build("panel.csv", COLUMNS, cohorts={"pilot": PILOTS})
    assert panel["pilot"].fillna(0).tolist() == [0, 0, 2011, 2011, 0]


def test_a_first_year_may_be_computed_from_a_date(base):
    base.write("pilots.csv", "city,start\n上海,2011-07-01\n")
    panel, _ = base.build("panel.csv", COLUMNS, cohorts={"pilot": {**PILOTS, "first_year": "year(start)"}})
    assert panel["pilot"].fillna(0).tolist() == [0, 0, 2011, 2011, 0]


@pytest.mark.parametrize("start", ["2011-07-01", "2011.5", "11", "soon"])
def test_a_first_year_that_is_not_a_year_is_refused(base, start):
    base.write("pilots.csv", f"city,start\n上海,2010\n北京市,{start}\n")
    message = base.refused("panel.csv", COLUMNS, cohorts={"pilot": PILOTS})
    assert "data.cohorts.pilot" in message
    assert f"pilots.csv line 3: '{start}'" in message


def test_a_cohort_under_a_taken_name_is_refused(base):
    base.write("pilots.csv", "city,start\n上海,2010\n")
    message = base.refused("panel.csv", COLUMNS, cohorts={"industry": PILOTS})
    assert "data.cohorts.industry: the panel already has a column 'industry'" in message


def test_an_aggregate_that_leaves_a_new_column_out_is_refused(base):
    base.write("more.csv", "id,year,n,w\n000001,2010,2,1\n")
    join = _join(columns={"patents": "n", "best": "w"}, aggregate={"patents": "sum"})
    assert "how to aggregate 'best'" in base.refused("panel.csv", COLUMNS, join=[join])


def test_rows_that_the_filter_of_a_join_drops_are_counted(base):
    base.write("more.csv", "id,year,ta,type\n000001,2010,2,A\n000001,2010,1,B\n000001,2011,1,B\n")
    _, report = base.build("panel.csv", COLUMNS, join=[_join(filter="type == 'A'")])
    assert report["joins"][0]["rows_read"] == 3
    assert report["joins"][0]["rows_filtered"] == 2


def test_all_columns_that_a_joined_file_does_not_have_are_said_at_once(base):
    base.write("more.csv", "id,year,assets,type\n000001,2010,5,A\n")
    join = _join(keys={"firm": "idd", "year": "year"}, columns={"total_assets": "asset"}, filter="typ == 'A'")
    message = base.refused("panel.csv", COLUMNS, join=[join])
    assert "data.join[0].keys.firm: there is no column 'idd'" in message
    assert "data.join[0].columns.total_assets: there is no column 'asset'; the nearest is 'assets'" in message
    assert "data.join[0].filter: there is no column 'typ'; the nearest is 'type'" in message
