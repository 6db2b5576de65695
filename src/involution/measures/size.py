"""Size classes of firms (micro, small, medium, large) by an official standard, fixed at the firm's entry.

The thresholds are those of `data/size_standards.csv`: lower bounds of the small, the medium and the large class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from involution.measures.registry import Entry, Made, missing_needs
from involution.measures.view import Codes, Floats, View, positive
from involution.shipped import shipped_table
from involution.study.expressions.calendar import Calendar
from involution.study.sample import FirmSize, SizeStandard

SIZES: tuple[str, ...] = get_args(FirmSize)
QUANTITIES = ("employees", "revenue", "total_assets")
UNKNOWN = -1
"""Number of the group of an industry that the standard does not know."""

_CODE = re.compile(r"([A-Z]?)(\d{2})(\d?)\d*")
_AT_ENTRY = "at entry: of the firm's first calendar year in which it can be told"


@dataclass(frozen=True)
class Standard:
    """The thresholds of one standard, by group of industries.

    Attributes
    ----------
    group_of : dict
        Number of the group by the first two or three digits of an industry code; empty where industry plays no part.
    sections : list of set
        Letters of the industries of each group.
    bounds : dict
        By quantity: lower bounds of small, medium and large, shape (groups, 3); missing where it plays no part.
    """

    group_of: dict[str, int]
    sections: list[set[str]]
    bounds: dict[str, Floats]

    @property
    def by_industry(self) -> bool:
        """Whether the thresholds differ between industries."""
        return bool(self.group_of)

    def group(self, industry: object) -> int:
        """Group of an industry code such as C39, 39, C391 or 3911; `UNKNOWN` for a code that is none of its codes.

        A letter that is not the one of the digits is that of another classification.
        """
        found = _CODE.fullmatch(industry.strip().upper()) if isinstance(industry, str) else None
        if found is None:
            return UNKNOWN
        letter, two, third = found.groups()
        group = self.group_of.get(two + third, self.group_of.get(two, UNKNOWN))
        return group if not letter or letter in self.sections[group] else UNKNOWN


@cache
def size_standard(name: SizeStandard) -> Standard:
    """A standard, from `data/size_standards.csv`."""
    table = shipped_table("size_standards.csv")
    table = table[table["standard"] == name]
    codes = {code: group for group, text in enumerate(table["codes"]) for code in _codes(text)}
    bounds = {
        quantity: table[[f"{quantity}_{size}" for size in SIZES[1:]]].apply(pd.to_numeric).to_numpy(dtype=float)
        for quantity in QUANTITIES
    }
    return Standard(codes, [set(text.split()) for text in table["sections"]], bounds)


def _codes(text: str) -> Iterator[str]:
    """``01-05 701`` as 01, 02, ..., 05, 701."""
    for part in text.split():
        first, _, last = part.partition("-")
        yield from (f"{code:0{len(first)}d}" for code in range(int(first), int(last or first) + 1))


def size_measure(panel: View, standard: SizeStandard) -> Made:
    """The text column `firm_size`.

    Parameters
    ----------
    panel : View
    standard : {"china_2011", "eu_2003", "us_susb"}
    """
    entry = SIZE_ENTRIES[standard]
    # A column given under the name is kept, and no other is worked out.
    if entry.name in panel.frame.columns:
        return Made(entry, None)
    missing = missing_needs(entry, panel.frame.columns)
    if missing:
        return Made(entry, None, f"needs {', '.join(missing)}")
    return Made(entry, _as_text(at_entry(panel, size_classes(panel, standard))))


def size_classes(panel: View, standard: SizeStandard) -> Floats:
    """Class of each firm-year, 0 for micro to 3 for large; missing where a needed quantity is not positive."""
    rules = size_standard(standard)
    if standard == "eu_2003":
        return _headcount_and_either(panel, rules)
    return _all_bounds(panel, rules, _groups(panel, rules))


def _groups(panel: View, rules: Standard) -> Codes:
    if not rules.by_industry:
        return np.zeros(len(panel), dtype=np.intp)
    codes, industries = pd.factorize(panel.frame["industry"])
    groups = np.array([*(rules.group(industry) for industry in industries), UNKNOWN], dtype=np.intp)
    return groups[codes]


def _all_bounds(panel: View, rules: Standard, groups: Codes) -> Floats:
    """The highest class all of whose lower bounds are met: the least of the classes by each quantity."""
    found = np.full(len(panel), float(len(SIZES)))
    for quantity, bounds in rules.bounds.items():
        used = ~np.isnan(bounds[:, 0])[groups] & (groups != UNKNOWN)
        if used.any():
            limits = (by_group[groups] for by_group in bounds.T)
            own = _reached(_positive(panel, quantity), limits, np.greater_equal)
            found = np.where(used, np.minimum(found, own), found)
    return np.where(found < len(SIZES), found, np.nan)


def _headcount_and_either(panel: View, rules: Standard) -> Floats:
    """The class of the headcount, or that of turnover or balance sheet, whichever of these two is lower, if higher."""
    bounds = {quantity: by_group[0] for quantity, by_group in rules.bounds.items()}
    turnover, balance = (
        _reached(_positive(panel, quantity), bounds[quantity], np.greater) for quantity in ("revenue", "total_assets")
    )
    headcount = _reached(_positive(panel, "employees"), bounds["employees"], np.greater_equal)
    return np.maximum(headcount, np.fmin(turnover, balance))


def _reached(
    values: Floats, bounds: Iterable[Floats | float], compare: Callable[[Floats, Floats | float], NDArray[np.bool_]]
) -> Floats:
    """Number of the bounds that each value reaches; missing where it is missing."""
    reached = np.zeros(len(values))
    for bound in bounds:
        reached += compare(values, bound)
    return np.where(np.isnan(values), np.nan, reached)


def _positive(panel: View, quantity: str) -> Floats:
    """A quantity where it is positive; missing elsewhere and where the panel does not have it."""
    if quantity not in panel:
        return np.full(len(panel), np.nan)
    return positive(panel[quantity])


def at_entry(panel: View, classes: Floats) -> Floats:
    """On every row of a firm, the value of its earliest calendar year that has one."""
    rows = np.flatnonzero(~np.isnan(classes))
    first = rows[Calendar(panel.firm[rows], panel.year[rows]).first_rows]
    by_firm = np.full(panel.firm.max(initial=-1) + 1, np.nan)
    by_firm[panel.firm[first]] = classes[first]
    return by_firm[panel.firm]


def _as_text(classes: Floats) -> ExtensionArray:
    names = pd.array([*SIZES, None], dtype="str")
    return names.take(np.where(np.isnan(classes), len(SIZES), classes).astype(np.intp))


def _entry(formula: str, source: str, needs: tuple[str, ...], any_of: tuple[str, ...]) -> Entry:
    return Entry(
        name="firm_size",
        label_en="Size class",
        label_zh="企业规模",
        formula=formula,
        unit=", ".join(SIZES),
        family="size",
        direction="",
        source=source,
        needs=needs,
        any_of=any_of,
        level="firm",
        leave_one_out=False,
        of_population=False,
    )


SIZE_ENTRIES: dict[SizeStandard, Entry] = {
    "china_2011": _entry(
        "class of data/size_standards.csv by the GB/T 4754-2011 or 2017 group of industry: the highest all of whose "
        "lower bounds (employees; revenue, total_assets in yuan) are met, else micro; missing if a quantity that the "
        f"group needs is missing or <= 0, and for railways and finance, which have standards of their own; {_AT_ENTRY}",
        "工信部联企业〔2011〕300号 (Ministry of Industry and Information Technology and others 2011)",
        ("firm", "year", "industry"),
        ("employees", "revenue"),
    ),
    "eu_2003": _entry(
        "employees < 10, 50, 250 and (revenue <= 2, 10, 50 million euro or total_assets <= 2, 10, 43 million euro): "
        "micro, small, medium, else large; the amounts must be in euro; one of revenue and total_assets decides where "
        f"the other is missing or <= 0; {_AT_ENTRY}",
        "Commission Recommendation 2003/361/EC",
        ("firm", "year", "employees"),
        ("revenue", "total_assets"),
    ),
    "us_susb": _entry(
        "employees < 10 micro, < 100 small, < 500 medium, else large: limits that the Statistics of US Businesses "
        f"tabulate, named here, since they name none; missing if employees is missing or <= 0; {_AT_ENTRY}",
        "US Census Bureau, Statistics of US Businesses",
        ("firm", "year", "employees"),
        (),
    ),
}
