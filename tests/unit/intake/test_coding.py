"""Kinds of codes: places, vintages of industries, zeros that are gone, dates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from involution.intake.coding import are_years, as_dates, firm_width, industry_coding, place_coding, two_vintages
from involution.intake.magnitudes import guessed_units
from involution.intake.recognise import recognised
from involution.intake.tables import Table, read_table

GB_2002 = ["1311", "3511", "3710", "3911", "4011", "4111", "4610"]
GB_2011 = ["1311", "3511", "3610", "3811", "3911", "4011", "4111"]


@pytest.mark.parametrize(
    ("codes", "header", "kind", "width"),
    [
        (GB_2002, "行业代码", "gb_2002", None),
        (GB_2011, "行业代码", "gb_2011", None),
        ([*GB_2011, "3670"], "行业代码", "gb_2017", None),
        (["610", *GB_2011], "行业代码", "gb_2011", 4),
        (["C39", "C26", "A01"], "Nnindcd", "csrc_2012", None),
        (["C01", "C47", "C99"], "Nindcd", "csrc_2001", None),
        (["3711", "2834"], "sic", "sic", None),
        (["100", "2834"], "sic", "sic", 4),
        (["311", "31"], "naics", "naics", None),
        (["steel", "toys"], "行业", "other", None),
    ],
)
def test_the_classification_of_industries(codes, header, kind, width):
    found = industry_coding(pd.Series(codes), None, header)
    assert (found.kind, found.width) == (kind, width)


def test_a_panel_that_changes_its_classification_is_told():
    early = pd.DataFrame({"code": GB_2002 * 20, "year": 2009})
    late = pd.DataFrame({"code": GB_2011 * 20, "year": 2014})
    both = pd.concat([early, late])
    assert industry_coding(both["code"], both["year"], "行业代码").kind == "gb_break"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["330106", "330100", "110105"], "county"),
        (["330100", "330200"], "prefecture"),
        (["330000", "110000"], "province"),
        (["33", "11"], "province"),
        (["浙江", "北京市", "内蒙古"], "province_names"),
        (["Zhejiang", "Guangdong"], "province_names"),
        (["杭州", "宁波市", "毕节地区"], "prefecture_names"),
        (["North", "South"], "other"),
        ([], "other"),
    ],
)
def test_the_kind_of_places(values, kind):
    assert place_coding(pd.Series(values, dtype="str")).kind == kind


def test_places_under_codes_of_two_vintages():
    assert two_vintages(pd.Series(["522400", "520500"]))
    assert not two_vintages(pd.Series(["522400", "330100"]))


def test_years_dates_and_widths():
    assert are_years(pd.Series(["2001", "2002", None]))
    assert not are_years(pd.Series(["200101", "3"]))
    assert list(as_dates(pd.Series(["2010-12-31", "2010-06-30"]))) == [12, 6]
    assert as_dates(pd.Series(["2010", "2011"])) is None
    assert as_dates(pd.Series(["a", "b"])) is None
    assert firm_width(pd.Series(["1", "600000"]), "Stkcd") == 6
    assert firm_width(pd.Series(["1", "600000"]), "id") is None
    assert firm_width(pd.Series(["000001"]), "Stkcd") is None


def accounts(headers, per_head, employees=100.0, n=50):
    firms = np.arange(n)
    revenue = np.full(n, per_head * employees)
    frame = pd.DataFrame({headers[0]: firms, headers[1]: revenue, headers[2]: np.full(n, employees)})
    return Table(Path("x.csv"), "x.csv", frame, recognised(list(headers)))


@pytest.mark.parametrize(
    ("headers", "per_head", "factor", "reason"),
    [
        (("法人代码", "主营业务收入", "从业人员年平均人数"), 500.0, 1e3, "dialect"),
        (("法人代码", "主营业务收入", "从业人员年平均人数"), 500_000.0, 1.0, "doubted"),
        (("企业代码", "营业收入(万元)", "员工人数"), 50.0, 1e4, "header"),
        (("企业代码", "销售收入", "员工人数"), 50.0, 1e4, "magnitudes"),
        (("企业代码", "销售收入", "员工人数"), 600_000.0, 1.0, "magnitudes"),
        (("Stkcd", "B001101000", "Y0601b"), 800_000.0, 1.0, "dialect"),
    ],
)
def test_units_by_header_dialect_and_magnitude(headers, per_head, factor, reason):
    found = guessed_units(accounts(headers, per_head))
    assert (found.factors["revenue"], found.reason) == (factor, reason)


def test_without_employees_nothing_is_guessed():
    frame = pd.DataFrame({"firm": [1], "sales": [5.0]})
    found = guessed_units(Table(Path("x.csv"), "x.csv", frame, recognised(["firm", "sales"])))
    assert (found.factors["revenue"], found.reason) == (1.0, "unknown")


def test_a_file_with_semicolons_and_lines_of_labels_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Stkcd;Accper;B001101000;A001000000\n代码;日期;营业收入;资产总计\n-;-;元;元\n1;2010-12-31;5;6\n2;2010-12-31;7;8\n",
                    encoding="gb18030")  # fmt: skip
    table = read_table(path, tmp_path, {})
    assert (table.delimiter, table.skip_rows, len(table.frame)) == (";", (2, 3), 2)
    assert table.names == ["firm", "year", "revenue", "total_assets"]
