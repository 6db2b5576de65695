"""The functions of the expression language, on columns of a firm panel.

A column is a Series aligned with the panel; missing stays missing. ``lag``, ``lead``, ``diff`` and ``growth`` go
by the firm's calendar years: a gap gives missing, never the previous row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from involution.study.expressions.calendar import Calendar, growth_rate

Value = Any
"""A Series, a number, a text or a truth value."""


class UnreadableError(TypeError):
    """Values of a column that are not what a function needs; `values` are the first of them, with their rows."""

    def __init__(self, message: str, values: pd.Series) -> None:
        self.values = tuple(values.head(5).items())
        super().__init__(message)


@dataclass(frozen=True)
class Context:
    """The panel an expression is evaluated on, and the names of its keys."""

    frame: pd.DataFrame
    firm: str
    year: str


@dataclass(frozen=True)
class Function:
    """One function: how many arguments, which of them are written out, what it does."""

    least: int
    most: int
    call: Callable[..., Value]
    literal: tuple[int, ...] = ()


def number(value: Value) -> Value:
    """A Series as floats (text that is a number counts), a scalar as it is."""
    if isinstance(value, pd.Series):
        if pd.api.types.is_numeric_dtype(value) or pd.api.types.is_bool_dtype(value):
            return pd.Series(value.to_numpy(dtype=float, na_value=np.nan), index=value.index)
        parsed = pd.to_numeric(value, errors="coerce").astype(float)
        bad = value[parsed.isna() & value.notna()]
        if len(bad):
            message = f"a number is needed and the column '{value.name}' holds text ({bad.head(3).tolist()})"
            raise UnreadableError(message, bad)
        return parsed
    if isinstance(value, str):
        raise TypeError(f"a number is needed, found the text '{value}'")
    return float(value) if not isinstance(value, bool) else value


def text(value: Value) -> Value:
    """A Series as text, whole numbers without decimals; missing stays missing."""
    if not isinstance(value, pd.Series):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if pd.api.types.is_numeric_dtype(value):
        values = value.to_numpy(dtype=float, na_value=np.nan)
        shown = [None if np.isnan(v) else (str(int(v)) if float(v).is_integer() else repr(float(v))) for v in values]
        return pd.Series(shown, index=value.index, dtype="str")
    return value.astype("str").where(value.notna())


def shift(context: Context, value: Value, years: int) -> pd.Series:
    """The firm's value `years` calendar years earlier (later when negative); missing without that row."""
    _check_keys(context, "lags need")
    column = series(context, value)
    firm, _ = pd.factorize(context.frame[context.firm])
    calendar = Calendar(firm, number(context.frame[context.year]).to_numpy())
    if calendar.repeated:
        raise TypeError("lags need one row per firm and year")
    found = pd.api.extensions.take(column.array, calendar.before(years), allow_fill=True)
    return pd.Series(found, index=context.frame.index)


def _check_keys(context: Context, who: str) -> None:
    for key in (context.firm, context.year):
        if key not in context.frame.columns:
            raise TypeError(f"{who} the column '{key}'")


def initial(context: Context, value: Value) -> pd.Series:
    """The firm's first value that is known, in that year and the later ones; missing before it."""
    _check_keys(context, "initial() needs")
    column, year = series(context, value), number(context.frame[context.year])
    firm = context.frame[context.firm]
    if pd.DataFrame({"firm": firm, "year": year}).duplicated().any():
        raise TypeError("initial() needs one row per firm and year")
    first = year.where(column.notna()).groupby(firm, sort=False).transform("min")
    value_then = column.where(year == first).groupby(firm, sort=False).transform("first")
    return pd.Series(value_then.where(year >= first), index=context.frame.index)


def series(context: Context, value: Value) -> pd.Series:
    """A value as a column of the panel."""
    return value if isinstance(value, pd.Series) else pd.Series(value, index=context.frame.index)


def growth(context: Context, value: Value) -> pd.Series:
    """Growth of a column from the calendar year before, as `growth_rate` has it."""
    now = number(series(context, value)).to_numpy()
    before = number(shift(context, value, 1)).to_numpy()
    return pd.Series(growth_rate(now, before), index=context.frame.index)


def _by_year(context: Context, value: Value, years: Value, sign: int) -> pd.Series:
    if float(years) != int(years) or abs(years) > 200:
        raise TypeError(f"a lag is a whole number of years, found {years}")
    return shift(context, value, sign * int(years))


def _elementwise(function: Callable[[Any], Any]) -> Callable[..., Value]:
    def call(_: Context, value: Value) -> Value:
        values = number(value)
        with np.errstate(all="ignore"):
            result = function(np.asarray(values, dtype=float))
        result = np.where(np.isfinite(result), result, np.nan)
        return pd.Series(result, index=values.index) if isinstance(values, pd.Series) else float(result)

    return call


def _grouped(name: str) -> Callable[..., Value]:
    def call(context: Context, value: Value, *keys: Value) -> pd.Series:
        column = number(series(context, value))
        grouped = column.groupby([series(context, key) for key in keys], sort=False)
        if name == "rank":
            return pd.Series(grouped.rank(method="average", pct=True), index=column.index)
        if name == "demean":
            return pd.Series(column - grouped.transform("mean"), index=column.index)
        options = {"min_count": 1} if name == "sum" else {}
        return pd.Series(grouped.transform(name, **options), index=column.index)

    return call


def _demean(context: Context, value: Value, *keys: Value) -> pd.Series:
    column = number(series(context, value))
    if not keys:
        return pd.Series(column - column.mean(), index=column.index)
    return pd.Series(_grouped("demean")(context, value, *keys), index=column.index)


def _zscore(context: Context, value: Value, *keys: Value) -> pd.Series:
    column = number(series(context, value))
    if keys:
        grouped = column.groupby([series(context, key) for key in keys], sort=False)
        mean, deviation = grouped.transform("mean"), grouped.transform("std", ddof=1)
    else:
        mean, deviation = column.mean(), column.std(ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.asarray((column - mean) / deviation, dtype=float)
    return pd.Series(np.where(np.isfinite(scores), scores, np.nan), index=column.index)


def _winsor(context: Context, value: Value, low: Value, high: Value, *keys: Value) -> pd.Series:
    if not 0 <= low < high <= 1:
        raise TypeError(f"the limits of winsor() are quantiles such as 0.01, 0.99; found {low}, {high}")
    column = number(series(context, value))
    if keys:
        grouped = column.groupby([series(context, key) for key in keys], sort=False)
        return pd.Series(
            column.clip(grouped.transform("quantile", low), grouped.transform("quantile", high)), index=column.index
        )
    return pd.Series(column.clip(column.quantile(low), column.quantile(high)), index=column.index)


def _where(context: Context, condition: Value, yes: Value, no: Value) -> pd.Series:
    chosen = truth(series(context, condition)).to_numpy()
    return series(context, yes).where(chosen, series(context, no))


def truth(value: Value) -> Value:
    """A condition: missing counts as not holding."""
    if isinstance(value, pd.Series):
        if pd.api.types.is_bool_dtype(value):
            return value.fillna(False).astype(bool)
        return number(value).fillna(0) != 0
    return bool(value)


def _isna(context: Context, value: Value) -> pd.Series:
    return series(context, value).isna()


def _fill(context: Context, value: Value, other: Value) -> pd.Series:
    column = series(context, value)
    return column.where(column.notna(), other)


def _clip(context: Context, value: Value, low: Value, high: Value) -> pd.Series:
    return pd.Series(number(series(context, value)).clip(low, high), index=context.frame.index)


def _extreme(function: Callable[..., Any]) -> Callable[..., Value]:
    def call(context: Context, *values: Value) -> pd.Series:
        columns = [number(series(context, value)).to_numpy(dtype=float) for value in values]
        return pd.Series(function.reduce(columns), index=context.frame.index)  # type: ignore[attr-defined]

    return call


def _date_part(part: str) -> Callable[..., Value]:
    def call(context: Context, value: Value) -> pd.Series:
        return date_part(series(context, value), part)

    return call


def date_part(column: pd.Series, part: str) -> pd.Series:
    """Year or month of dates, of text such as 2015-12-31 or 2015/12/31, of numbers such as 20151231 or 2015."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(getattr(column.dt, part).to_numpy(dtype=float), index=column.index)
    shown = text(column).str.strip()
    pattern = r"^(?P<year>\d{4})(?:[-/.年]?(?P<month>\d{1,2}))?(?:[-/.月]?\d{1,2}日?)?(?:[ T].*)?$"
    found = shown.str.extract(pattern)[part]
    values = pd.Series(pd.to_numeric(found), dtype=float)
    bad = shown.notna() & (shown != "") & (found.isna() | ((part == "month") & ~values.between(1, 12)))
    if bad.any():
        raise UnreadableError(f"{part}() cannot read the date '{shown[bad].iloc[0]}'", shown[bad])
    return values


def _starts_with(context: Context, value: Value, prefix: Value) -> pd.Series:
    found = text(series(context, value)).str.startswith(str(prefix))
    return pd.Series(found.fillna(False), dtype=bool)


def _pad(context: Context, value: Value, width: Value) -> pd.Series:
    if not (1 <= width <= 40 and width == int(width)):
        raise TypeError(f"the width of pad() is a whole number between 1 and 40, found {width}")
    return pd.Series(text(series(context, value)).str.zfill(int(width)))


MANY = 10
FUNCTIONS: dict[str, Function] = {
    "log": Function(1, 1, _elementwise(np.log)),
    "log1p": Function(1, 1, _elementwise(np.log1p)),
    "exp": Function(1, 1, _elementwise(np.exp)),
    "sqrt": Function(1, 1, _elementwise(np.sqrt)),
    "abs": Function(1, 1, _elementwise(np.abs)),
    "lag": Function(1, 2, lambda c, x, k=1: _by_year(c, x, k, 1), (1,)),
    "lead": Function(1, 2, lambda c, x, k=1: _by_year(c, x, k, -1), (1,)),
    "diff": Function(1, 2, lambda c, x, k=1: number(series(c, x)) - number(_by_year(c, x, k, 1)), (1,)),
    "growth": Function(1, 1, growth),
    "initial": Function(1, 1, initial),
    "mean_by": Function(2, MANY, _grouped("mean")),
    "sum_by": Function(2, MANY, _grouped("sum")),
    "rank_by": Function(2, MANY, _grouped("rank")),
    "zscore": Function(1, MANY, _zscore),
    "winsor": Function(3, MANY, _winsor, (1, 2)),
    "demean": Function(1, MANY, _demean),
    "where": Function(3, 3, _where),
    "isna": Function(1, 1, _isna),
    "fill": Function(2, 2, _fill, (1,)),
    "clip": Function(3, 3, _clip, (1, 2)),
    "min": Function(2, MANY, _extreme(np.fmin)),
    "max": Function(2, MANY, _extreme(np.fmax)),
    "year": Function(1, 1, _date_part("year")),
    "month": Function(1, 1, _date_part("month")),
    "starts_with": Function(2, 2, _starts_with, (1,)),
    "pad": Function(2, 2, _pad, (1,)),
}
