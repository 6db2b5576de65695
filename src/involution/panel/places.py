"""Names of provinces and prefectures by their codes, so that a panel of codes meets a file of names."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from involution.panel.regions import region_changes
from involution.shipped import shipped_table

_CODE = re.compile(r"\d{2}|\d{4}|\d{6}")
_PROVINCE, _PREFECTURE = 2, 4
MUNICIPALITIES = ("11", "12", "31", "50")
"""Provinces that are one city: every code in them is that city's."""
_SUFFIX = re.compile(r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|盟|县|区)$")


@cache
def places() -> pd.DataFrame:
    """Provinces (two digits) and prefectures (four) by code: level, label_zh, label_en, source."""
    return shipped_table("regions.csv").set_index("code")


def bare(name: str) -> str:
    """A name of a place without spaces and the suffix of its kind, in small letters: 杭州市 is 杭州."""
    return _SUFFIX.sub("", re.sub(r"\s", "", name)).lower()


@cache
def _names() -> dict[str, str]:
    """From codes, old ones too, to names."""
    old = region_changes()["label_zh_old"]
    pairs = [*old.items(), *places()["label_zh"].items()]
    return {str(code): str(name) for code, name in pairs}


@cache
def _english() -> dict[str, str]:
    provinces = places()[places()["level"] == "province"]
    return {str(row.label_en).replace(" ", "").lower(): str(row.label_zh) for row in provinces.itertuples()}


def place_name(value: str, digits: int) -> str:
    """The name of a place in Chinese: of a code its province (2 digits) or prefecture (4), of a name the name.

    Examples
    --------
    >>> place_name("330106", 2), place_name("330106", 4), place_name("Zhejiang", 2), place_name("杭州", 4)
    ('浙江省', '杭州市', '浙江省', '杭州')
    """
    if not _CODE.fullmatch(value):
        return _english().get(re.sub(r"\s", "", value).lower(), value)
    if digits == _PREFECTURE and value[:2] in MUNICIPALITIES:
        digits = _PROVINCE
    whole = len(value) == _PROVINCE or value[2:] in ("00", "0000")
    return _names().get(value[: _PROVINCE if whole else digits], value)


def named_places(keys: pd.Series) -> pd.Series:
    """The keys of a join by names: codes of `province` and `region` as names of provinces and prefectures.

    Parameters
    ----------
    keys : Series of text
        Its name says which of them it is.
    """
    digits = {"province": _PROVINCE, "region": _PREFECTURE}.get(str(keys.name))
    if digits is None:
        return keys
    read = {value: place_name(value, digits) for value in keys.dropna().unique()}
    return keys.map(read).astype("str").where(keys.notna())


@cache
def known_places(level: str) -> frozenset[str]:
    """The bare names of all provinces or prefectures, with those of prefectures that have been renamed."""
    names = set(places().loc[places()["level"] == level, "label_zh"])
    if level == "prefecture":
        names |= set(region_changes()["label_zh_old"])
    else:
        names |= set(places().loc[places()["level"] == level, "label_en"])
    return frozenset(bare(name) for name in names)
