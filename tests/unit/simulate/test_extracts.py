"""The three files of a researcher: the same bytes, real places, thousand yuan."""

import io

import pandas as pd

from involution.cli import main
from involution.panel.places import known_places, place_name
from involution.simulate.extracts import ACCOUNTS, INDEX, PILOTS, write_extracts


def test_the_files_are_the_same_each_time(small, tmp_path):
    one, other = (write_extracts(small, tmp_path / name) for name in ("a", "b"))
    assert [path.name for path in one] == [ACCOUNTS, INDEX, PILOTS]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_accounts_are_in_thousand_yuan_under_names_of_the_survey(small, tmp_path):
    path = write_extracts(small, tmp_path)[0]
    table = pd.read_csv(io.StringIO(path.read_bytes().decode("gb18030")), dtype={"省地县码": str, "行业代码": str})
    assert len(table) == len(small.accounts)
    assert abs(table["主营业务收入"].sum() * 1000 / small.accounts["revenue"].sum() - 1) < 1e-9
    assert table["研究开发费"].isna().sum() == small.accounts["rd_spend"].isna().sum()
    assert not any(name.startswith("latent") for name in table.columns)
    assert set(table["省地县码"].map(lambda code: place_name(code, 4)).str[-1]) == {"市"}


def test_places_of_the_index_and_of_the_list_are_those_of_the_accounts(small, tmp_path):
    accounts, index, pilots = write_extracts(small, tmp_path)
    codes = pd.read_csv(io.StringIO(accounts.read_bytes().decode("gb18030")), dtype=str)["省地县码"]
    provinces = set(codes.map(lambda code: place_name(code, 2)))
    cities = set(codes.map(lambda code: place_name(code, 4)))
    assert set(pd.read_excel(index)["省份"]) >= provinces
    listed = pd.read_csv(io.StringIO(pilots.read_bytes().decode("gb18030")))
    assert set(listed["城市"]) <= cities
    assert {name.removesuffix("市") for name in listed["城市"]} <= known_places("prefecture")


def test_the_command_writes_them(tmp_path, capsys):
    assert main(["simulate", str(tmp_path / "数据"), "--layout", "extracts", "--firms", "480"]) == 0
    assert (tmp_path / "数据" / INDEX).is_file()
    assert main(["simulate", str(tmp_path), "--layout", "extracts", "--headers", "zh"]) == 2
