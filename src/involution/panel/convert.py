"""From a file's columns to canonical ones: expressions, types, units, codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem, nearest
from involution.panel.columns import is_text, kind
from involution.panel.evaluate import place, text_mend
from involution.study.expressions.functions import text

FIRST_YEAR, LAST_YEAR = 1800, 2200
_THOUSANDS = r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
# A column of codes that a program held as floats when it wrote them out; codes such as 10.1 have other decimals too.
_WRITTEN_FLOAT = r"\d+\.0"


def as_numbers(values: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    """A numeric column as floats; text that is not a number is an error that shows the rows.

    Thousands separators (1,234.5) are read; infinite values are errors.
    """
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        numbers = pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    else:
        numbers = _parsed(values, frame, where)
    return _finite(numbers, frame, where)


def _finite(numbers: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    infinite = np.flatnonzero(np.isinf(numbers.to_numpy()))
    if len(infinite):
        rows = tuple(place(frame, row) for row in infinite[:5])
        raise InputError(Problem(where, f"{len(infinite)} infinite values", rows, "make them missing in the file"))
    return numbers


def _parsed(values: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    shown = values.map(lambda value: None if pd.isna(value) else str(value).strip()).astype("str")
    shown = shown.where(values.notna() & (shown != ""))
    grouped = shown.str.match(_THOUSANDS).fillna(False).astype(bool)
    shown = shown.mask(grouped, shown.str.replace(",", ""))
    numbers = pd.to_numeric(shown, errors="coerce").astype(float)
    bad = np.flatnonzero((shown.notna() & numbers.isna()).to_numpy())
    if len(bad):
        rows = tuple(place(frame, row, values.iloc[row]) for row in bad[:5])
        message = f"{len(bad):,} values are text where a number is needed"
        mend = text_mend(frame, (int(row) for row in bad), "correct them, or leave the cells empty")
        raise InputError(Problem(where, message, rows, mend))
    return numbers


def as_codes(values: pd.Series, width: int | None = None) -> pd.Series:
    """A code as text: whole numbers without decimals, spaces trimmed, padded with zeros to `width`."""
    if values.dtype == object:
        values = values.map(lambda v: str(int(v)) if isinstance(v, float) and v == v and v.is_integer() else v)
    # Integers go to text directly: as floats, those of more than 15 digits would run together.
    whole = pd.api.types.is_integer_dtype(values)
    codes = (values.astype("Int64").astype("str") if whole else text(values)).where(values.notna()).str.strip()
    codes = codes.where(codes != "")
    if codes.dropna().str.fullmatch(_WRITTEN_FLOAT).all():
        codes = codes.str.removesuffix(".0")
    return pd.Series(codes.str.zfill(width)) if width else codes


def as_years(values: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    """Whole years; missing ones and fractions are errors that show the rows."""
    years = as_numbers(values, frame, where)
    missing = np.flatnonzero(years.isna().to_numpy())
    if len(missing):
        rows = tuple(place(frame, row) for row in missing[:10])
        raise InputError(Problem(where, f"{len(missing):,} rows have no year", rows, "fill it, or filter them out"))
    return _whole(years, values, frame, where).astype("int64")


def as_first_years(values: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    """Whole years, or missing, which says never."""
    return _whole(as_numbers(values, frame, where), values, frame, where)


def _whole(years: pd.Series, values: pd.Series, frame: pd.DataFrame, where: str) -> pd.Series:
    whole = (years == np.floor(years)) & years.between(FIRST_YEAR, LAST_YEAR)
    bad = np.flatnonzero((years.notna() & ~whole).to_numpy())
    if len(bad):
        rows = tuple(place(frame, row, values.iloc[row]) for row in bad[:10])
        mend = "name a column of years, or year(<date column>)"
        raise InputError(Problem(where, f"{len(bad):,} values are not years", rows, mend))
    return years


def natural(values: pd.Series) -> pd.Series:
    """A column without a canonical type: numbers if every value is one and none is a code with leading zeros."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(values.dt.strftime("%Y-%m-%d"), dtype="str")
    shown = as_codes(values)
    known = shown.dropna()
    numbers = pd.to_numeric(known, errors="coerce")
    if len(known) and numbers.notna().all() and not known.str.match(r"^0\d").any():
        return pd.to_numeric(shown).astype(float)
    return shown


def typed(
    name: str, values: pd.Series, frame: pd.DataFrame, where: str, pad: Mapping[str, int], units: Mapping[str, float]
) -> pd.Series:
    """A column under its canonical name: year, code or text, number in base units, or as it comes."""
    if name == "year":
        return as_years(values, frame, where)
    if is_text(name) or name in pad:
        return as_codes(values, pad.get(name))
    if kind(name) or name in units:
        return as_numbers(values, frame, where) * units.get(name, 1.0)
    made = natural(values)
    return _finite(made, frame, where) if pd.api.types.is_float_dtype(made) else made


def check_options(names: Iterable[str], pad: Mapping[str, int], units: Mapping[str, float], where: str) -> None:
    """Hold units and widths against the columns they are for.

    Raises
    ------
    InputError
        For a column that is not there, and for a unit of a key or a code.
    """
    known = list(names)
    problems = []
    for section, named in (("units", units), ("pad", pad)):
        for name in named:
            if name not in known:
                hint = nearest(name, known) or f"; there are {', '.join(known)}"
                problems.append(Problem(f"{where}.{section}", f"there is no column '{name}'{hint}"))
    for name in units:
        if name == "year" or is_text(name) or name in pad:
            problems.append(Problem(f"{where}.units", f"'{name}' is a key, a code or a text and has no unit"))
    if problems:
        raise InputError(problems)
