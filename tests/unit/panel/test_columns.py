"""From a file's columns to canonical ones: keys, codes, units, filters, and the ways they can be wrong."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from involution.panel.columns import canonical_columns, is_text, kind
from involution.panel.convert import as_codes, natural

SALES = {"revenue": "sales"}


def _parquet(folder, **columns):
    pd.DataFrame(columns).to_parquet(folder.path / "a.parquet")
    return "a.parquet"


@pytest.mark.parametrize("date", ["2010-12-31", "2010/12/31", "20101231", "2010年12月31日", "2010-12-31 00:00:00"])
def test_a_year_is_computed_from_a_date(folder, date):
    folder.write("a.csv", f"id,Accper,sales\n1,{date},5\n")
    panel, _ = folder.build("a.csv", {"year": "year(Accper)"})
    assert panel["year"].tolist() == [2010]


def test_a_year_is_computed_from_dates_that_are_dates(folder):
    source = _parquet(folder, id=["1", "1"], when=pd.to_datetime(["2010-12-31", "2011-12-31"]))
    panel, _ = folder.build(source, {"year": "year(when)"})
    assert panel["year"].tolist() == [2010, 2011]


def test_columns_may_be_expressions_of_the_files_columns(folder):
    folder.write("a.csv", "id,year,a,b\n1,2010,5,2\n")
    panel, _ = folder.build("a.csv", {"revenue": "a - b"}, units={"revenue": 10})
    assert panel["revenue"].tolist() == [30.0]


def test_a_column_with_the_exact_name_goes_before_an_expression(folder):
    folder.write("a.csv", "id,year,a,b,a - b\n1,2010,5,2,99\n")
    panel, _ = folder.build("a.csv", {"revenue": "a - b"})
    assert panel["revenue"].tolist() == [99.0]


def test_only_what_is_listed_survives(folder):
    folder.write("a.csv", "id,year,sales,analysts,other\n1,2010,5,3,7\n")
    panel, _ = folder.build("a.csv", SALES, keep=["analysts"])
    assert panel.columns.tolist() == ["firm", "year", "revenue", "analysts"]


def test_units_multiply_into_base_units_and_are_reported(folder):
    folder.write("a.csv", "id,year,sales,staff,analysts\n1,2010,2.5,1.2,3\n")
    columns = {**SALES, "employees": "staff"}
    units = {"revenue": 1e6, "employees": 1000, "analysts": 2}
    panel, report = folder.build("a.csv", columns, keep=["analysts"], units={k: units[k] for k in columns})
    assert panel["revenue"].tolist() == [2.5e6]
    assert panel["employees"].tolist() == [1200.0]
    assert panel["analysts"].tolist() == [3.0]
    assert report["units"] == {"revenue": 1e6, "employees": 1000.0}


def test_pad_gives_codes_their_zeros_back(folder):
    folder.write("a.csv", "id,year,code\n1,2010,110\n000002,2010,3911\n1234567,2010,\n")
    panel, _ = folder.build("a.csv", {"industry": "code"}, pad={"firm": 6, "industry": 4})
    assert panel["firm"].tolist() == ["000001", "000002", "1234567"]
    assert panel["industry"].isna().tolist() == [False, False, True]
    assert panel["industry"].tolist()[:2] == ["0110", "3911"]


def test_leading_zeros_are_kept(folder):
    folder.write("a.csv", "id,year,code,region,bank\n001234,2010,0111,010101,00012\n1234,2010,0111,010101,00034\n")
    panel, _ = folder.build("a.csv", {"industry": "code", "region": "region"}, keep=["bank"])
    assert panel["firm"].tolist() == ["001234", "1234"]
    assert panel["industry"].tolist() == ["0111", "0111"]
    assert panel["region"].tolist() == ["010101", "010101"]
    assert panel["bank"].tolist() == ["00012", "00034"]


def test_spaces_around_codes_do_not_make_another_firm(folder):
    folder.write("a.csv", "id,year\n 7 ,2010\n7,2011\n")
    panel, _ = folder.build("a.csv")
    assert panel["firm"].unique().tolist() == ["7"]


STORED = {
    "float": np.array([1234.0, 7.0]),
    "float32": np.array([1234.0, 7.0], dtype="float32"),
    "int16": np.array([1234, 7], dtype="int16"),
    "nullable": pd.array([1234, 7], dtype="Int64"),
    "object": np.array([1234.0, "7"], dtype=object),
    "text": np.array(["1234", "7"], dtype=object),
    "category": pd.Categorical(["1234", "7"]),
}


@pytest.mark.parametrize("stored", STORED)
def test_codes_are_text_however_they_are_stored(stored):
    assert as_codes(pd.Series(STORED[stored])).tolist() == ["1234", "7"]


def test_floats_in_stata_and_spss_are_codes_without_decimals(folder):
    table = pd.DataFrame({"id": [1234.0, 7.0], "year": [2010.0, 2010.0], "code": [3911.0, np.nan]})
    table.to_stata(folder.path / "a.dta", write_index=False)
    pyreadstat.write_sav(table, str(folder.path / "a.sav"))
    for name in ("a.dta", "a.sav"):
        panel, _ = folder.build(name, {"industry": "code"})
        assert panel["firm"].tolist() == ["1234", "7"]
        assert panel["industry"].tolist()[0] == "3911"
        assert panel["industry"].isna().tolist() == [False, True]


def test_floats_written_out_as_text_are_codes_without_decimals(folder):
    folder.write("a.csv", "id,year\n1234.0,2010\n7.0,2010\n")
    panel, _ = folder.build("a.csv")
    assert panel["firm"].tolist() == ["1234", "7"]


def test_codes_with_decimals_keep_them(folder):
    folder.write("a.csv", "id,year,nace\n1,2010,10.0\n2,2010,10.1\n")
    panel, _ = folder.build("a.csv", {"industry": "nace"})
    assert panel["industry"].tolist() == ["10.0", "10.1"]


@pytest.mark.parametrize("dtype", ["int64", "Int64"])
def test_codes_of_eighteen_digits_do_not_run_together(folder, dtype):
    numbers = pd.array([911101080123456781, 911101080123456782], dtype=dtype)
    source = _parquet(folder, id=numbers, year=[2010, 2010])
    panel, _ = folder.build(source)
    assert panel["firm"].tolist() == ["911101080123456781", "911101080123456782"]


def test_a_column_without_a_canonical_type_is_numbers_unless_a_code_begins_with_zero():
    assert natural(pd.Series(["1", "2.5", None])).dtype == "float64"
    assert natural(pd.Series(["01", "2"])).tolist() == ["01", "2"]
    assert natural(pd.Series(["0.5", "0"])).tolist() == [0.5, 0.0]
    assert natural(pd.Series(["a", "2"])).tolist() == ["a", "2"]
    assert natural(pd.Series([True, False])).tolist() == [1.0, 0.0]
    assert natural(pd.Series(pd.to_datetime(["2010-12-31"]))).tolist() == ["2010-12-31"]


def test_thousands_separators_are_read(folder):
    folder.write("a.csv", 'id,year,sales\n1,2010,"1,234.5"\n2,2010,"-1,234,567"\n3,2010, 8 \n')
    panel, _ = folder.build("a.csv", SALES)
    assert panel["revenue"].tolist() == [1234.5, -1234567.0, 8.0]


def test_a_number_that_only_looks_grouped_is_refused(folder):
    folder.write("a.csv", 'id,year,sales\n1,2010,"1,23"\n')
    assert "a.csv line 2: '1,23'" in folder.refused("a.csv", SALES)


def test_nullable_columns_of_parquet_are_read(folder):
    source = _parquet(
        folder,
        id=pd.array(["1", "2", "3"], dtype="string"),
        year=pd.array([2010, 2010, 2010], dtype="Int64"),
        sales=pd.array([1.5, None, 2.0], dtype="Float64"),
        cost=pd.array(["1", None, "2"], dtype="string"),
        code=pd.array(["C26", None, "C39"], dtype="string"),
    )
    panel, _ = folder.build(source, {**SALES, "cogs": "cost", "industry": "code"})
    assert panel["revenue"].isna().tolist() == [False, True, False]
    assert panel["cogs"].tolist()[0] == 1.0
    assert panel["cogs"].isna().tolist() == [False, True, False]
    assert panel["industry"].isna().tolist() == [False, True, False]


def test_a_filter_keeps_the_rows_for_which_it_holds(folder):
    folder.write(
        "a.csv",
        "id,Accper,Typrep,sales\n1,2010-12-31,A,5\n1,2010-12-31,B,6\n1,2010-06-30,A,2\n2,2010-12-31,A,7\n",
    )
    condition = "Typrep == 'A' and month(Accper) == 12"
    panel, report = folder.build("a.csv", {**SALES, "year": "year(Accper)"}, filter=condition)
    assert panel["firm"].tolist() == ["1", "2"]
    assert panel["revenue"].tolist() == [5.0, 7.0]
    assert report["steps"][1] == {"step": f"filter {condition}", "rows_before": 4, "rows_dropped": 2, "rows_after": 2}


def test_keep_if_is_another_name_of_filter(folder):
    folder.write("a.csv", "id,year\n1,2010\n2,2010\n")
    panel, _ = folder.build("a.csv", keep_if="id == '2'")
    assert panel["firm"].tolist() == ["2"]


def test_what_a_filter_leaves_out_is_not_held_against_the_file(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n2,2010,text\n,2010,5\n")
    panel, _ = folder.build("a.csv", SALES, filter="id == '1'")
    assert panel["firm"].tolist() == ["1"]


def test_lines_after_a_filter_are_still_those_of_the_file(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n2,2010,6\n3,2010,x\n")
    assert "a.csv line 4: 'x'" in folder.refused("a.csv", SALES, filter="id != '1'")


def test_a_filter_that_leaves_nothing_is_refused(folder):
    folder.write("a.csv", "id,year\n1,2010\n")
    message = folder.refused("a.csv", filter="id == '9'")
    assert "data.panel.filter: no row is left" in message
    assert "mend: check the filter" in message


def test_a_filter_on_an_unknown_column_names_the_nearest(folder):
    folder.write("a.csv", "id,year,Typrep\n1,2010,A\n")
    message = folder.refused("a.csv", filter="Typrap == 'A'")
    assert "data.panel.filter" in message
    assert "there is no column 'Typrap'; the nearest is 'Typrep'" in message


@pytest.mark.parametrize("named", ["revenu", "year(revenu)"])
def test_an_absent_column_is_named_with_the_nearest(folder, named):
    folder.write("a.csv", "id,year,revenue\n1,2010,5\n")
    message = folder.refused("a.csv", {"cogs": named})
    assert "a.csv: column cogs" in message
    assert "there is no column 'revenu'; the nearest is 'revenue'" in message
    assert "mend: name a column of the file" in message


def test_an_absent_column_unlike_any_other_gets_the_list(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    assert "there is no column 'zzz'; it has id, year, sales" in folder.refused("a.csv", {"cogs": "zzz"})


def test_an_absent_key_column_is_refused(folder):
    folder.write("a.csv", "Id,year\n1,2010\n")
    message = folder.refused("a.csv")
    assert "a.csv: column firm: there is no column 'id'; the nearest is 'Id'" in message


def test_an_absent_kept_column_is_refused(folder):
    folder.write("a.csv", "id,year,analyst\n1,2010,5\n")
    assert "data.panel.keep: analysts: there is no column 'analysts'" in folder.refused("a.csv", keep=["analysts"])


def test_all_absent_columns_are_said_at_once_with_those_of_the_filter(folder):
    folder.write("a.csv", "id,year,sales,Typrep\n1,2010,5,A\n")
    columns = {"revenue": "sale", "cogs": "log(salse) + Yeer"}
    message = folder.refused("a.csv", columns, filter="Typrap == 'A'", keep=["kept"])
    assert "a.csv: column revenue: there is no column 'sale'; the nearest is 'sales'" in message
    assert "a.csv: column cogs: there is no column 'salse'; the nearest is 'sales'" in message
    assert "a.csv: column cogs: there is no column 'Yeer'" in message
    assert "data.panel.keep: kept: there is no column 'kept'" in message
    assert "data.panel.filter: there is no column 'Typrap'; the nearest is 'Typrep'" in message


def test_a_kept_column_that_is_mapped_already_need_not_be_in_the_file(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    panel, _ = folder.build("a.csv", SALES, keep=["revenue"])
    assert panel["revenue"].tolist() == [5.0]


CSMAR = "Stkcd,Accper,Typrep,B001101000\n证券代码,统计截止日期,报表类型,营业收入\n没有单位,没有单位,没有单位,元\n"


@pytest.mark.parametrize(
    "columns, options",
    [
        ({"year": "year(Accper)"}, {"filter": "Typrep == 'A' and month(Accper) == 12"}),
        ({"year": "year(Accper)"}, {}),
        ({"year": "2010", **{"revenue": "B001101000"}}, {}),
    ],
)
def test_lines_of_labels_and_units_are_to_be_skipped(folder, columns, options):
    folder.write("a.csv", CSMAR + "000001,2010-12-31,A,5\n")
    message = folder.refused("a.csv", {"firm": "Stkcd", **columns}, **options)
    assert "a.csv line 2: '统计截止日期'" in message or "a.csv line 2: '营业收入'" in message
    assert "mend: skip_rows: [2, 3] (labels and units under the header" in message
    folder.build("a.csv", {"firm": "Stkcd", **columns}, **options, skip_rows=[2, 3])


def test_an_unreadable_date_further_down_shows_its_line_and_is_to_be_corrected(folder):
    folder.write("a.csv", "id,day\n1,2010-12-31\n2,soon\n")
    message = folder.refused("a.csv", {"year": "year(day)"})
    assert "a.csv: column year: year() cannot read the date 'soon'" in message
    assert "a.csv line 3: 'soon'" in message
    assert "mend: correct them, or leave the cells empty" in message


def test_lines_skipped_already_are_kept(folder):
    folder.write("a.csv", "a title\n" + CSMAR + "000001,2010-12-31,A,5\n")
    message = folder.refused("a.csv", {"firm": "Stkcd", "year": "year(Accper)"}, skip_rows=[1])
    assert "mend: skip_rows: [3, 4], beside the lines already skipped" in message


def test_text_in_a_computed_number_shows_the_row(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n2,2010,few\n")
    assert "a.csv line 3: 'few'" in folder.refused("a.csv", {"revenue": "sales * 1000"})


def test_text_in_a_numeric_column_shows_rows_and_values(folder):
    lines = "".join(f"{k},2010,{'n.a.' if k % 2 else k}\n" for k in range(20))
    folder.write("a.csv", f"id,year,sales\n{lines}")
    message = folder.refused("a.csv", SALES)
    assert "a.csv: column revenue: 10 values are text where a number is needed" in message
    assert [line.strip() for line in message.splitlines()[1:6]] == [f"a.csv line {k}: 'n.a.'" for k in (3, 5, 7, 9, 11)]
    assert "mend: correct them, or leave the cells empty" in message


@pytest.mark.parametrize("unit", [{}, {"analysts": 10}])
def test_text_in_a_column_with_a_unit_is_refused_and_passed_on_without(folder, unit):
    folder.write("a.csv", "id,year,analysts\n1,2010,few\n2,2010,3\n")
    if unit:
        assert "a.csv line 2: 'few'" in folder.refused("a.csv", {"analysts": "analysts"}, units=unit)
    else:
        panel, _ = folder.build("a.csv", {"analysts": "analysts"})
        assert panel["analysts"].tolist() == ["few", "3"]


@pytest.mark.parametrize("written", ["inf", "-inf", "Infinity", "1e999"])
def test_infinite_values_are_refused(folder, written):
    folder.write("a.csv", f"id,year,sales\n1,2010,5\n2,2010,{written}\n")
    message = folder.refused("a.csv", SALES)
    assert "a.csv: column revenue: 1 infinite values" in message
    assert "a.csv line 3" in message
    assert "mend: make them missing in the file" in message


def test_infinite_values_of_numbers_are_refused_in_every_column(folder):
    source = _parquet(folder, id=["1", "2"], year=[2010, 2010], sales=[1.0, np.inf], analysts=[np.inf, 1.0])
    assert "a.parquet line 2" in folder.refused(source, SALES)
    assert "a.parquet line 1" in folder.refused(source, {"analysts": "analysts"})
    assert "a.parquet line 1" in folder.refused(source, keep=["analysts"])


@pytest.mark.parametrize("written", ["2010.5", "10", "20101231", "0", "2300", "-2010"])
def test_what_is_not_a_year_is_refused_with_rows_and_mend(folder, written):
    folder.write("a.csv", f"id,year\n1,2010\n2,{written}\n")
    message = folder.refused("a.csv")
    assert "a.csv: column year: 1 values are not years" in message
    assert f"a.csv line 3: '{written}'" in message
    assert "year(<date column>)" in message


def test_a_date_where_a_year_is_expected_shows_the_row(folder):
    folder.write("a.csv", "id,year\n1,2010-12-31\n")
    message = folder.refused("a.csv")
    assert "a.csv: column year" in message
    assert "a.csv line 2: '2010-12-31'" in message


def test_a_missing_year_is_refused_with_the_first_ten_rows(folder):
    folder.write("a.csv", "id,year\n1,2010\n" + "".join(f"{k},\n" for k in range(2, 14)))
    message = folder.refused("a.csv")
    assert "a.csv: column year: 12 rows have no year" in message
    assert message.count(" line ") == 10
    assert "a.csv line 3\n" in message
    assert "mend: fill it, or filter them out" in message


def test_a_missing_firm_is_refused_with_the_first_ten_rows(folder):
    folder.write("a.csv", "id,year\n1,2010\n" + ",2010\n" * 12)
    message = folder.refused("a.csv")
    assert "data.panel.columns.firm: 12 rows have no firm" in message
    assert message.count("a.csv line ") == 10
    assert "a.csv line 3\n" in message


def test_duplicate_firm_years_list_the_first_ten_keys(folder):
    lines = [f"{k:02d},2010" for k in range(12)]
    folder.write("a.csv", "id,year\n" + "\n".join([*lines, *lines, "99,2010"]) + "\n")
    message = folder.refused("a.csv")
    assert "12 firm-years stand more than once" in message
    shown = [line.strip() for line in message.splitlines() if line.strip().startswith("firm ")]
    assert shown == [f"firm {k:02d}, year 2010: a.csv line {k + 2}; a.csv line {k + 14}" for k in range(10)]
    assert "mend: filter to one statement per firm-year" in message


def test_every_problem_of_the_contract_is_said_at_once(folder):
    folder.write("a.csv", "id,year,staff\n,2010,5\n1,2010,-5\n1,2010,5\n")
    message = folder.refused("a.csv", {"employees": "staff"})
    assert "1 rows have no firm" in message
    assert "1 firm-years stand more than once" in message
    assert "data.panel.columns.employees: 1 values are out of range (count: at least 0)" in message
    assert "a.csv line 3: -5.0" in message


@pytest.mark.parametrize("name, value", [("capacity_utilization", 1.2), ("exit", -1), ("patents", -0.5)])
def test_values_out_of_the_range_of_their_kind_are_refused(folder, name, value):
    folder.write("a.csv", f"id,year,x\n1,2010,0.5\n2,2010,{value}\n3,2010,\n")
    message = folder.refused("a.csv", {name: "x"})
    assert f"data.panel.columns.{name}: 1 values are out of range" in message
    assert f"a.csv line 3: {float(value)!r}" in message


@pytest.mark.parametrize("section", ["units", "pad"])
def test_a_unit_or_a_width_for_an_unknown_column_is_refused(folder, section):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    assert f"data.panel.{section}: there is no column 'cogs'" in folder.refused(
        "a.csv", SALES, **{section: {"cogs": 6}}
    )


def test_units_and_widths_of_unknown_columns_are_said_at_once_with_the_nearest(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n")
    message = folder.refused("a.csv", SALES, units={"revenu": 1000}, pad={"frim": 6})
    assert "data.panel.units: there is no column 'revenu'; the nearest is 'revenue'" in message
    assert "data.panel.pad: there is no column 'frim'; the nearest is 'firm'" in message


@pytest.mark.parametrize("name", ["firm", "year", "industry"])
def test_a_unit_for_a_key_or_a_code_is_refused(folder, name):
    folder.write("a.csv", "id,year,code\n1,2010,26\n")
    assert f"data.panel.units: '{name}'" in folder.refused("a.csv", {"industry": "code"}, units={name: 1000})


def test_units_and_widths_of_kept_columns_are_applied(folder):
    folder.write("a.csv", "id,year,funds,bank\n1,2010,5,12\n")
    panel, _ = folder.build("a.csv", keep=["funds", "bank"], units={"funds": 1000}, pad={"bank": 5})
    assert panel["funds"].tolist() == [5000.0]
    assert panel["bank"].tolist() == ["00012"]


def test_the_list_of_columns_knows_what_is_text():
    assert canonical_columns().index.is_unique
    assert kind("revenue") == "money"
    assert kind("no_such_column") == ""
    assert [name for name in ("firm", "industry", "region", "revenue", "year") if is_text(name)] == [
        "firm",
        "industry",
        "region",
    ]


def test_a_business_description_is_text_from_end_to_end(folder):
    folder.write("a.csv", 'id,year,about\n1,2010," 钢管制造,销售 "\n2,2010,\n3,2010,2011\n')
    panel, _ = folder.build("a.csv", {"business_text": "about"})
    assert panel["business_text"].isna().tolist() == [False, True, False]
    assert panel["business_text"].dropna().tolist() == ["钢管制造,销售", "2011"]
    assert "'business_text' is a key, a code or a text" in folder.refused(
        "a.csv", {"business_text": "about"}, units={"business_text": 2}
    )
