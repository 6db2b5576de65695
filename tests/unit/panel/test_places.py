"""Codes of places meet names of places."""

import pandas as pd
import pytest

from involution.panel.match import comparable
from involution.panel.places import named_places, place_name, places


@pytest.mark.parametrize(
    ("value", "digits", "name"),
    [
        ("330106", 4, "杭州市"), ("330106", 2, "浙江省"), ("33", 2, "浙江省"), ("330000", 4, "浙江省"),
        ("110105", 4, "北京市"), ("500233", 4, "重庆市"), ("522400", 4, "毕节地区"),
        ("Inner Mongolia", 2, "内蒙古自治区"),
        ("999999", 4, "999999"), ("杭州", 4, "杭州"),
    ],
)  # fmt: skip
def test_names_of_places(value, digits, name):
    assert place_name(value, digits) == name


def test_the_list_has_every_province_and_prefecture_once():
    table = places()
    assert table.index.is_unique
    assert (table["level"] == "province").sum() == 34
    assert (table["level"] == "prefecture").sum() == 337
    assert set(table.index[table["level"] == "prefecture"].str[:2]) <= set(table.index[table["level"] == "province"])


def test_a_panel_of_codes_meets_a_file_of_names():
    panel = pd.DataFrame({"province": ["33", "11", None], "region": ["330106", "110105", "370200"]}, dtype="str")
    file = pd.DataFrame({"province": ["浙江", "北京市", "山东"], "region": ["杭州市", "北京", "青岛 市"]}, dtype="str")
    left = comparable(panel, ["province", "region"], "name", "join")
    right = comparable(file, ["province", "region"], "name", "join")
    assert left["region"].tolist() == right["region"].tolist()
    assert left["province"].tolist()[:2] == right["province"].tolist()[:2]
    assert left["province"].isna().tolist() == [False, False, True]


def test_other_keys_are_left_alone():
    keys = pd.Series(["330106"], name="firm", dtype="str")
    pd.testing.assert_series_equal(named_places(keys), keys)
