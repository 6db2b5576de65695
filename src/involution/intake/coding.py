"""How keys and codes are written: years or dates, kinds of places, vintages of industries, zeros that are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.intake.tables import numbers
from involution.panel.convert import as_codes
from involution.panel.places import bare, known_places
from involution.panel.regions import region_changes

KNOWN = 0.8
"""Share of a column's different values by which it is said to be of a kind."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
_STOCK = re.compile(r"stkcd|symbol|证券代码|股票代码|stock_?code|gvkey", re.IGNORECASE)


@dataclass(frozen=True)
class Coding:
    """What the values of a column are.

    Attributes
    ----------
    kind : str
        For places: county, prefecture, province (codes), prefecture_names, province_names, other. For industries:
        gb_2002, gb_2011, gb_2017, gb_break (2002 and later), gb (vintage cannot be told), csrc_2001, csrc_2012, sic,
        naics, other.
    width : int or None
        Width to which the codes are to be padded.
    """

    kind: str
    width: int | None = None


def distinct(values: pd.Series) -> pd.Series:
    """The different values of a column as codes."""
    return as_codes(values.drop_duplicates().dropna()).drop_duplicates().reset_index(drop=True)


def are_years(values: pd.Series) -> bool:
    """Whether all known values are whole years."""
    found = numbers(values.drop_duplicates().dropna())
    return bool(len(found)) and bool((found.between(FIRST_YEAR, LAST_YEAR) & (found == np.floor(found))).all())


def as_dates(values: pd.Series) -> pd.Series | None:
    """The different values as dates, or None where they are not."""
    from involution.study.expressions import ExpressionError, parse_expression

    known = values.drop_duplicates().dropna().reset_index(drop=True)
    if not len(known) or are_years(known):
        return None
    frame = pd.DataFrame({"firm": 0, "year": 0, "date": known})
    try:
        years = numbers(parse_expression("year(date)").evaluate(frame))
        months = numbers(parse_expression("month(date)").evaluate(frame))
    except ExpressionError:
        return None
    if not years.between(FIRST_YEAR, LAST_YEAR).all():
        return None
    return pd.Series(months.to_numpy(), index=pd.Index(known))


def place_coding(values: pd.Series) -> Coding:
    """What kind of places a column names."""
    found = distinct(values)
    if found.empty:
        return Coding("other")
    if found.str.fullmatch(r"[1-8]\d{5}").mean() >= KNOWN:
        codes = found[found.str.fullmatch(r"[1-8]\d{5}")]
        if codes.str.endswith("0000").mean() >= KNOWN:
            return Coding("province")
        return Coding("prefecture" if codes.str.endswith("00").all() else "county")
    if found.str.fullmatch(r"[1-8]\d").mean() >= KNOWN and len(found) <= 34:
        return Coding("province")
    bared = found.map(bare)
    provinces = bared.isin(list(known_places("province"))).mean()
    prefectures = bared.isin(list(known_places("prefecture"))).mean()
    if max(provinces, prefectures) < KNOWN / 2:
        return Coding("other")
    return Coding("province_names" if provinces >= prefectures else "prefecture_names")


def two_vintages(values: pd.Series) -> bool:
    """Whether a place stands under its code before and after it was renumbered."""
    prefixes = set(distinct(values).str[:4])
    changes = region_changes()
    return any(
        {str(old), str(new)} <= prefixes for old, new in changes.loc[changes["change"] == "renumbered", "new"].items()
    )


def industry_coding(values: pd.Series, years: pd.Series | None, header: str) -> Coding:
    """Which classification of industries a column is of, and its vintage where the codes tell it.

    Notes
    -----
    GB/T 4754-2002 has no division 38, which from 2011 on is electrical machinery; 367 (parts of motor vehicles) and
    398 (electronic components) are groups of 2017 alone. CSRC codes are a letter and two digits; those of 2001 have
    C0 to C9 in tens (C01, C47, C99), those of 2012 the divisions of 2011 (C13 to C43).
    """
    found = distinct(values).str.upper()
    name = header.lower()
    if found.empty:
        return Coding("other")
    if "naics" in name:
        return Coding("naics")
    if name.startswith("sic"):
        return Coding("sic", 4 if (found.str.len() < 4).any() and found.str.fullmatch(r"\d{1,4}").all() else None)
    lettered = found[found.str.fullmatch(r"[A-Z]\d{2}")]
    if len(lettered) >= KNOWN * len(found):
        manufacturing = lettered[lettered.str.startswith("C")].str[1:].astype(int)
        old = bool(len(manufacturing)) and bool(((manufacturing < 13) | (manufacturing > 43)).any())
        return Coding("csrc_2001" if old else "csrc_2012")
    digits = found.str.removeprefix("C") if found.str.startswith("C").all() else found
    if digits.str.fullmatch(r"[A-Z]?\d{2,4}").mean() < KNOWN:
        return Coding("other")
    lengths = digits[digits.str.fullmatch(r"\d+")].str.len()
    longest = int(lengths.max()) if len(lengths) else 0
    width = 4 if longest == 4 and (lengths == 3).any() and (lengths == 4).mean() > 0.5 else None
    codes = digits.str.zfill(width) if width else digits
    return Coding(_vintage(codes, values, years), width)


def _vintage(codes: pd.Series, values: pd.Series, years: pd.Series | None) -> str:
    bared = codes.str.removeprefix("C")
    if bared.str.match(r"367|398").any():
        return "gb_2017"
    if not bared.str.startswith("38").any():
        return "gb_2002" if bared.str.match(r"3[5-9]").any() and bared.str.match(r"4[01]").any() else "gb"
    if years is not None and _breaks(values, years):
        return "gb_break"
    return "gb_2011" if (bared.str.len() >= 3).any() else "gb"


def _breaks(values: pd.Series, years: pd.Series) -> bool:
    """Whether division 38 has no firm in the first years of a panel that begins before 2011, and some later."""
    codes = as_codes(values).str.upper().str.replace(r"^[A-Z]", "", regex=True)
    has = codes.str.startswith("38").fillna(False).astype(bool)
    when = numbers(years)
    early = when < 2011
    return bool(early.sum() > 100 and not has[early].any() and has[~early].any())


def firm_width(values: pd.Series, header: str) -> int | None:
    """Width of the codes of stocks and of gvkey, six digits, where some have lost their zeros."""
    found = distinct(values)
    if not _STOCK.search(header) or not found.str.fullmatch(r"\d{1,6}").all():
        return None
    return 6 if (found.str.len() < 6).any() else None
